"""A Wechaty gateway stands in: its gRPC service as clients see it, with a WeChat account of its own.

Run as ``python -m tests.standins.wechaty``. It behaves like the real one (``tests/gateway``), which the same tests prove:
one client at a time is told of events, what happens meanwhile is lost, files above 20 kB lie aside for a download, messages
above 4 MiB are refused, and whatever the bot sends comes back as an event.
"""

import argparse
import asyncio
import base64
import itertools
import json
import ssl
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import betterproto
from grpclib.const import Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.server import Stream
from wechaty_grpc.wechaty import puppet

from tests.standins._wechaty_wire import EVENTS, TYPES, Chunk, Id, Line, Sent, handlers

INLINE = 20 * 1024
LARGEST = 4 * 2**20
CHUNK = 2**16
INDIVIDUAL, OFFICIAL = 1, 2

T = TypeVar("T")


@dataclass
class WechatyStandIn:
    """A gateway and the WeChat behind it."""

    token: str = "word"
    account: str = "bot"
    """Who is logged in; empty: nobody."""
    names: dict[str, str] = field(
        default_factory=lambda: {"bot": "小测", "lee": "小李", "kim": "Kim", "gh_news": "新闻"}
    )
    aliases: dict[tuple[str, str], str] = field(default_factory=lambda: {("tea@chatroom", "kim"): "老金"})
    """What people are called in rooms."""
    official: set[str] = field(default_factory=lambda: {"gh_news"})
    refusing: set[str] = field(default_factory=set[str])
    """Calls that are answered with an error."""
    hanging: set[str] = field(default_factory=set[str])
    """Calls that are never answered."""
    sent: list[Sent] = field(default_factory=list[Sent])
    calls: list[str] = field(default_factory=list[str])
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    port: int = 0
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self.messages: dict[str, puppet.MessagePayloadResponse] = {}
        self.boxes: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.ids = itertools.count(1)
        self.events: asyncio.Queue[tuple[str, dict[str, Any]] | None] | None = None
        self.line: Line | None = None

    # The process

    async def up(self) -> None:
        """Take calls."""
        self.line = Line([self])
        await self.line.start("127.0.0.1", self.port, ssl=self.tls)
        self.port = self.line._server.sockets[0].getsockname()[1]  # pyright: ignore

    async def down(self) -> None:
        """Vanish, as a killed process does."""
        assert self.line
        self.line.hang_up()
        await self.line.wait_closed()
        self.line = self.events = None

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait for something to be so."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(reached)

    async def listened(self) -> None:
        """Wait for a client that is told of events."""
        await self.until(lambda: self.events is not None)

    async def _changed(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    # What happens in WeChat

    def emit(self, event: str, **payload: str | int) -> None:
        """Tell the client, if one listens; else it is lost."""
        if self.events is not None:
            self.events.put_nowait((event, payload))

    def say(
        self,
        sender: str,
        text: str = "",
        *,
        id: str = "",
        room: str = "",
        to: str = "",
        kind: str = "text",
        name: str = "",
        data: bytes | None = None,
        mentions: Sequence[str] = (),
        at: int | None = None,
    ) -> str:
        """Somebody writes; gives the message's id."""
        id = id or f"m{next(self.ids)}"
        self.messages[id] = puppet.MessagePayloadResponse(
            id=id,
            filename=name,
            text=text,
            timestamp=int(time.time() * 1000) if at is None else at,
            type=TYPES[kind],  # pyright: ignore[reportArgumentType]
            from_id=sender,
            room_id=room,
            to_id="" if room else to or self.account,
            mention_ids=list(mentions),
        )
        if data is not None:
            self.boxes[id] = self._box(data, name)
        self.emit("message", messageId=id)
        return id

    def login(self, account: str) -> None:
        """Somebody scans the code."""
        self.account = account
        self.emit("login", contactId=account)

    def logout(self) -> None:
        """The phone ends it."""
        self.emit("logout", contactId=self.account, data="kicked")
        self.account = ""

    def _box(self, data: bytes, name: str) -> dict[str, Any]:
        box: dict[str, Any] = {"name": name, "metadata": {}, "size": len(data)}
        if len(data) <= INLINE:
            return box | {"type": 1, "boxType": 1, "base64": base64.b64encode(data).decode()}
        key = str(uuid.uuid4())
        self.files[key] = data
        return box | {"type": 7, "boxType": 7, "uuid": key}

    # Its service

    def __mapping__(self) -> dict[str, Handler]:
        """The calls there are."""
        unary = {
            "Start": self._start,
            "Stop": self._stop,
            "Version": self._version,
            "MessagePayload": self._message,
            "MessageFile": self._file,
            "MessageImage": self._image,
            "MessageSendText": self._send_text,
            "MessageSendFile": self._send_file,
            "ContactPayload": self._contact,
            "RoomPayload": self._room,
            "RoomMemberPayload": self._member,
        }
        streams = {"Event": self._tell, "Download": self._download, "Upload": self._upload}
        return handlers(unary, streams, self._admit)

    async def _admit(self, call: str, stream: Stream[Any, Any]) -> None:
        """Whether a call is served; a real gateway tells its stack when it is not."""
        self.calls.append(call)
        await self._changed()
        given = str((stream.metadata or {}).get("authorization", ""))
        if given != f"Wechaty {self.token}":
            told = given.removeprefix("Wechaty ")
            raise GRPCError(Status.UNAUTHENTICATED, f'Invalid Wechaty TOKEN "{told}"')
        if call in self.hanging:
            await asyncio.Event().wait()
        if call in self.refusing:
            raise GRPCError(Status.UNKNOWN, f"Error: {call} failed for {self.token}\n    at file:///gateway.js:1:1")

    async def _tell(self, stream: Stream[Any, Any]) -> None:
        await stream.recv_message()
        if self.events is not None:
            raise GRPCError(Status.ALREADY_EXISTS, "GrpcServerImpl.event() can not call twice.")
        self.events = mine = asyncio.Queue[tuple[str, dict[str, Any]] | None]()
        self.emit("heartbeat", data="Wechaty Puppet gRPC stream connect successfully")
        if self.account:
            self.emit("login", contactId=self.account)
            self.emit("ready", data="ready")
        try:
            await self._changed()
            while event := await mine.get():
                reply = puppet.EventResponse(EVENTS[event[0]], json.dumps(event[1]))  # pyright: ignore[reportArgumentType]
                await stream.send_message(reply)
        finally:
            if self.events is mine:
                self.events = None
                await self._changed()

    async def _start(self, _: betterproto.Message) -> betterproto.Message:
        return puppet.StartResponse()

    async def _stop(self, _: betterproto.Message) -> betterproto.Message:
        if self.events:
            self.events.put_nowait(None)
        return puppet.StopResponse()

    async def _version(self, _: betterproto.Message) -> betterproto.Message:
        return puppet.VersionResponse("stand-in")

    async def _message(self, asked: puppet.MessagePayloadRequest) -> betterproto.Message:
        return _found(self.messages, asked.id)

    async def _file(self, asked: puppet.MessageFileRequest) -> betterproto.Message:
        return puppet.MessageFileResponse(json.dumps(_found(self.boxes, asked.id)))

    async def _image(self, asked: puppet.MessageImageRequest) -> betterproto.Message:
        return puppet.MessageImageResponse(json.dumps(_found(self.boxes, asked.id)))

    async def _contact(self, asked: puppet.ContactPayloadRequest) -> betterproto.Message:
        kind: Any = OFFICIAL if asked.id in self.official else INDIVIDUAL
        return puppet.ContactPayloadResponse(id=asked.id, name=_found(self.names, asked.id), type=kind)

    async def _room(self, asked: puppet.RoomPayloadRequest) -> betterproto.Message:
        return puppet.RoomPayloadResponse(id=asked.id, topic="茶")

    async def _member(self, asked: puppet.RoomMemberPayloadRequest) -> betterproto.Message:
        alias = self.aliases.get((asked.id, asked.member_id), "")
        return puppet.RoomMemberPayloadResponse(id=asked.member_id, room_alias=alias)

    async def _send_text(self, asked: puppet.MessageSendTextRequest) -> betterproto.Message:
        id = await self._said(Sent(asked.conversation_id, asked.text), "text")
        return puppet.MessageSendTextResponse(id)

    async def _send_file(self, asked: puppet.MessageSendFileRequest) -> betterproto.Message:
        size = len(bytes(asked))
        if size > LARGEST:
            raise GRPCError(Status.RESOURCE_EXHAUSTED, f"Received message larger than max ({size} vs {LARGEST})")
        box = json.loads(asked.filebox)
        data = base64.b64decode(box["base64"]) if box["type"] == 1 else _found(self.files, box["uuid"])
        sent = Sent(asked.conversation_id, "", box["name"], data, box["mediaType"], box["metadata"])
        return puppet.MessageSendFileResponse(await self._said(sent, "attachment"))

    async def _said(self, sent: Sent, kind: str) -> str:
        """What was sent, shown to the bot as its own."""
        if not self.account:
            raise GRPCError(Status.UNKNOWN, "not logged in")
        self.sent.append(sent)
        room = sent.to if "@" in sent.to else ""
        id = self.say(self.account, sent.text, room=room, to=sent.to, kind=kind)
        await self._changed()
        return id

    async def _download(self, stream: Stream[Any, Any]) -> None:
        asked: Any = await stream.recv_message()
        data = _found(self.files, asked.id)
        for start in range(0, len(data), CHUNK):
            await stream.send_message(Chunk(data[start : start + CHUNK]))

    async def _upload(self, stream: Stream[Any, Any]) -> None:
        key = str(uuid.uuid4())
        self.files[key] = b"".join([piece.chunk async for piece in stream])
        await stream.send_message(Id(key))


def _found(things: dict[str, T], id: str) -> T:
    if id not in things:
        raise GRPCError(Status.UNKNOWN, f"no payload found for id {id}")
    return things[id]


@asynccontextmanager
async def serving(standin: WechatyStandIn) -> AsyncGenerator[str]:
    """The stand-in on the loopback; its endpoint."""
    await standin.up()
    try:
        yield f"127.0.0.1:{standin.port}"
    finally:
        if standin.line:
            await standin.down()


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    async with serving(WechatyStandIn(port=given.port)) as endpoint:
        print("READY", json.dumps({"url": endpoint}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
