"""The line to a Wechaty gateway: gRPC with a deadline on every call, files of any size, and an end that is noticed.

The published Python transport has none of these (facts: wechaty). Of its packages only the messages of ``wechaty-grpc`` are
used here; those of up- and download, which it is too old to know, are written out.
"""

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import betterproto
from grpclib.client import Channel, StreamUnaryMethod, UnaryStreamMethod, UnaryUnaryMethod
from grpclib.config import Configuration
from grpclib.const import Status
from grpclib.exceptions import GRPCError, ProtocolError, StreamTerminatedError
from h2.exceptions import H2Error
from wechaty_grpc.wechaty import puppet

from bot.apart import apart
from bot.channel import ChannelError
from bot.channel._wechaty_refusal import Busy, Refused
from bot.logs import MASK

if TYPE_CHECKING:
    from collections.abc import Generator

    from bot.channel.wechaty import Keys

log = logging.getLogger(__name__)
logging.getLogger("hpack").setLevel(logging.INFO)  # at DEBUG it writes every header, the token's too

Reply = TypeVar("Reply", bound=betterproto.Message)
Heard = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Told an event's kind and what belongs to it."""

EVENTS = {
    1: "heartbeat", 2: "message", 3: "dong", 4: "post", 16: "error", 17: "friendship", 18: "room-invite",
    19: "room-join", 20: "room-leave", 21: "room-topic", 22: "scan", 23: "ready", 24: "reset", 25: "login",
    26: "logout", 27: "dirty",
}  # fmt: skip
CHUNK = 2**16
GLIMPSE_S = 1.0
"""A gateway tells at once who is logged in, if anybody is."""
LARGEST = 2**26
"""Bytes of a file that are taken in."""
LONGEST = 200
"""Characters of a gateway's complaint."""
LATE = "没有按时回答 / no answer in time"
AWAY = (Status.UNAVAILABLE, Status.CANCELLED)
"""What is not the gateway's answer to the call, but the state that it is in."""


@dataclass
class Chunk(betterproto.Message):
    """A piece of a file, up or down."""

    chunk: bytes = betterproto.bytes_field(1)


@dataclass
class Id(betterproto.Message):
    """What an uploaded file is found by."""

    id: str = betterproto.string_field(1)


class Gateway:
    """One gateway; connected when it is first asked something, and again after the line was lost."""

    def __init__(self, keys: "Keys") -> None:
        self.keys = keys
        self.host, _, self.port = keys.endpoint.rpartition(":")
        self.token = keys.token.get_secret_value()
        self.tls = _tls(keys)
        self._line: Channel | None = None
        self._met = False
        """Whether it ever answered."""

    def close(self) -> None:
        """Hang up. The account stays logged in: Stop, which would end that, is never called."""
        if self._line:
            self._line.close()
        self._line = None

    async def ask(self, call: str, request: betterproto.Message, reply: type[Reply], *, file: bool = False) -> Reply:
        """One call; with a file in it, it may take longer. Raises Refused and ChannelError."""
        return await apart(self._ask(call, request, reply, self._seconds(file)))

    async def _ask(self, call: str, request: betterproto.Message, reply: type[Reply], seconds: float) -> Reply:
        method = UnaryUnaryMethod(self._connected(), _path(call), type(request), reply)
        with self._told():
            async with method.open(timeout=seconds, metadata=self._pass) as stream:
                await stream.send_message(request, end=True)
                answer = await stream.recv_message()
        if answer is None:
            raise self._lost("an empty answer")
        return answer

    async def upload(self, data: bytes) -> str:
        """Bring a file to the gateway; gives what it is found by. Raises Refused and ChannelError."""
        return await apart(self._upload(data))

    async def _upload(self, data: bytes) -> str:
        method = StreamUnaryMethod(self._connected(), _path("Upload"), Chunk, Id)
        with self._told():
            async with method.open(timeout=self._seconds(True), metadata=self._pass) as stream:
                for start in range(0, len(data), CHUNK):
                    await stream.send_message(Chunk(data[start : start + CHUNK]))
                await stream.end()
                answer = await stream.recv_message()
        if answer is None:
            raise self._lost("an empty answer")
        return answer.id

    async def download(self, id: str) -> bytes:
        """A file that lies at the gateway. Raises Refused and ChannelError."""
        return await apart(self._download(id))

    async def _download(self, id: str) -> bytes:
        method, data = UnaryStreamMethod(self._connected(), _path("Download"), Id, Chunk), bytearray()
        with self._told():
            async with method.open(timeout=self._seconds(True), metadata=self._pass) as stream:
                await stream.send_message(Id(id), end=True)
                async for piece in stream:
                    data += piece.chunk
                    if len(data) > LARGEST:
                        raise Refused(f"the file has more than {LARGEST} bytes")
        return bytes(data)

    async def version(self) -> str:
        """The puppet's version: the shortest call there is. Raises ChannelError."""
        try:
            return (await self.ask("Version", puppet.VersionRequest(), puppet.VersionResponse)).version
        except Refused as error:
            raise self._lost(str(error)) from None

    async def listen(self, heard: Heard) -> None:
        """Bring events one after another until the line is lost. Raises ChannelError, and what ``heard`` raises."""
        await apart(self._listen(heard))

    async def _listen(self, heard: Heard) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._bring(heard))
                group.create_task(self._watch())
        except ExceptionGroup as faults:
            raise faults.exceptions[0] from None  # the others are its consequence
        finally:
            self.close()

    async def events(self) -> AsyncGenerator[tuple[str, Mapping[str, Any]]]:
        """What happens, for the one client at a time that a gateway tells it. Raises ChannelError."""
        method = UnaryStreamMethod(self._connected(), _path("Event"), puppet.EventRequest, puppet.EventResponse)
        try:
            with self._told():
                async with method.open(metadata=self._pass) as stream:
                    await stream.send_message(puppet.EventRequest(), end=True)
                    async for event in stream:
                        kind = EVENTS.get(int(event.type), "")
                        if payload := _payload(event.payload):
                            yield kind, payload
        except Refused as error:
            raise self._lost(str(error)) from None

    async def glimpse(self) -> str:
        """Who is logged in, from a short look at the events; empty: nobody. Raises Busy and ChannelError."""
        return await apart(self._glimpse())

    async def _glimpse(self) -> str:
        try:
            async with asyncio.timeout(GLIMPSE_S), aclosing(self.events()) as events:
                async for kind, payload in events:
                    if kind == "login":
                        return str(payload.get("contactId"))
        except TimeoutError:
            pass
        return ""

    async def _bring(self, heard: Heard) -> None:
        async with aclosing(self.events()) as events:
            async for kind, payload in events:
                await heard(kind, payload)
        raise self._lost("it ended the stream of events")

    async def _watch(self) -> None:
        """Start the puppet, which does nothing to one that runs, and ask for a sign of life from time to time."""
        try:
            await self.ask("Start", puppet.StartRequest(), puppet.StartResponse)
        except Refused as error:
            raise self._lost(str(error)) from None
        while True:
            await asyncio.sleep(self.keys.probe_s)
            await self.version()

    def _connected(self) -> Channel:
        """The line, which connects itself when it is used; a new one where there is none."""
        if not self._line:
            config = Configuration(ssl_target_name_override=self.keys.server_name or None)
            self._line = Channel(self.host.strip("[]"), int(self.port), ssl=self.tls, config=config)
        return self._line

    def _seconds(self, file: bool) -> float:
        return self.keys.file_s if file else self.keys.call_s

    @property
    def _pass(self) -> dict[str, str]:
        return {"authorization": f"Wechaty {self.token}"}

    @contextmanager
    def _told(self) -> "Generator[None]":
        """What the libraries raise, in the words of the port."""
        try:
            yield
            self._met = True
        except GRPCError as error:
            self._met = True
            raise self._verdict(error) from None  # its text may have the token in it
        except ssl.SSLCertVerificationError as error:
            raise ChannelError(
                f"{self._place}：证书不可信（{error.verify_message}），请检查 tls、ca 和 server_name。"
                f" / its certificate is not trusted: check tls, ca and server_name.",
                again=False,
            ) from error
        except TimeoutError:
            raise self._lost(LATE) from None
        except (OSError, StreamTerminatedError, ProtocolError, H2Error) as error:
            raise self._lost(f"{type(error).__name__} {error}".strip()) from error

    def _verdict(self, error: GRPCError) -> Exception:
        said = (error.message or "").partition("\n")[0][:LONGEST]  # a stack trace follows
        words = f"{error.status.name} {said}".strip().replace(self.token, MASK)
        if error.status is Status.UNAUTHENTICATED:
            return ChannelError(
                f"{self._place}：网关不认这个 token，请把 token 改成启动网关时用的那个。"
                " / The gateway does not know this token: set the one that the gateway was started with.",
                again=False,
            )
        if error.status is Status.ALREADY_EXISTS:
            return Busy(f"{self._place}：已有别的程序在收消息 / another client is listening already")
        if error.status is Status.DEADLINE_EXCEEDED:
            return self._lost(LATE)
        return self._lost(words) if error.status in AWAY else Refused(words)

    def _lost(self, why: str) -> ChannelError:
        hint = "" if self._met else "。请检查 endpoint 和 tls 的设置 / check endpoint and tls"
        return ChannelError(f"连不上 Wechaty 网关 / Wechaty gateway {self._place}：{why}{hint}")

    @property
    def _place(self) -> str:
        return self.keys.endpoint


def _path(call: str) -> str:
    return f"/wechaty.Puppet/{call}"


def _payload(text: str) -> Mapping[str, Any]:
    """What belongs to an event; empty where it cannot be read."""
    try:
        payload = json.loads(text)
    except ValueError:
        log.warning("an event of %d characters that is not JSON", len(text))
        return {}
    return payload if isinstance(payload, dict) else {}


def _tls(keys: "Keys") -> ssl.SSLContext | None:
    """Whom to trust. Raises ChannelError."""
    if keys.tls == "off":
        return None
    file = keys.ca or None
    try:
        context = ssl.create_default_context(cafile=file)
    except OSError as error:
        raise ChannelError(
            f"读不了 ca 文件 {file}：{error}。它应当是 PEM 格式。 / The file cannot be read as PEM.", again=False
        ) from error
    if keys.tls == "insecure":  # the stock certificate's key is published: checking it would prove nothing
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context
