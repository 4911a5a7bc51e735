"""WeCom's AI bot wire: one WebSocket, requests that are answered by their ``req_id``, pings (facts/wecom.md, section A)."""

import asyncio
import json
import logging
import re
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.channel import ChannelError

log = logging.getLogger(__name__)

Json = dict[str, Any]
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Characters that the official client strips before it parses."""
ACK_S, CONNECT_S = 5.0, 15.0
MISSING = 2
"""So many pings without an answer: nobody is there any more."""
BAD_SECRET, RATE, BUSY = 853000, 45009, -1
GONE = frozenset({846605, 846608})
"""The ``req_id`` is not known (any more), or the stream is too old."""

KICKED = (
    "另一个程序用同一个机器人连上了企业微信，这边被挤下线，不会自己再连。一个机器人只能有一个连接：关掉另一个，再重启这里。"
    " Another instance uses this bot and took the connection over; this one stays away, or the two would fight."
    " Stop the other one, then restart here."
)
WRONG = (
    "企业微信不认这个 bot_id 和 secret（853000）。在管理后台打开 智能机器人 → API 模式 → 长连接，核对后改好再重启。"
    " WeCom refuses this bot_id and secret: compare them with the console (the secret of the long connection), then restart."
)


class Refused(Exception):
    """WeCom answered, and not with success."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"errcode {code} {message}".strip())
        self.code = code


class Link:
    """One connection, until it is lost."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, heard: Callable[["Link", str, Json], None], ack_s: float = ACK_S
    ) -> None:
        self.socket, self._heard, self._ack_s = socket, heard, ack_s
        self.lost: ChannelError | None = None
        """Why it is over."""
        self.more = asyncio.Event()
        """Something was heard, or the connection is lost."""
        self._asked: defaultdict[str, deque[asyncio.Future[Json]]] = defaultdict(deque)
        self._unanswered = 0

    async def subscribe(self, bot_id: str, secret: str) -> None:
        """Say who we are. Raises ChannelError and Refused."""
        try:
            await self.request("aibot_subscribe", {"bot_id": bot_id, "secret": secret})
        except Refused as error:
            if error.code == BAD_SECRET:
                raise ChannelError(WRONG, again=False) from None
            raise

    async def request(self, cmd: str, body: Json, req_id: str = "", seconds: float = 0.0) -> Json:
        """The answer's body. Raises Refused, and ChannelError when there is none in time."""
        req_id, seconds = req_id or request_id(cmd), seconds or self._ack_s
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._asked[req_id].append(answer)
        try:
            async with asyncio.timeout(seconds):
                await self._send({"cmd": cmd, "headers": {"req_id": req_id}, "body": body})
                frame = await answer
        except TimeoutError as error:
            raise ChannelError(f"no answer to {cmd} within {seconds:.0f} s") from error
        finally:
            self._asked[req_id].remove(answer)
            if not self._asked[req_id]:
                del self._asked[req_id]
        if code := number(frame.get("errcode")):
            raise Refused(code, str(frame.get("errmsg") or "")[:200])
        return record(frame, "body")

    async def read(self) -> None:
        """Take frames in until the connection is lost; never raises for that."""
        try:
            async for message in self.socket:
                if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                    self._take(message.data)
        finally:
            self.end(ChannelError(f"the connection was closed (code {self.socket.close_code})"))

    async def beat(self, seconds: float) -> None:
        """Ping as often; two pings without an answer end the connection."""
        while self.lost is None:
            await asyncio.sleep(seconds)
            if self._unanswered >= MISSING:
                self.end(ChannelError(f"{self._unanswered} pings were not answered"))
                await self.socket.close()
                return
            self._unanswered += 1
            try:
                await self._send({"cmd": "ping", "headers": {"req_id": request_id("ping")}})
            except ChannelError as error:
                self.end(error)

    def end(self, error: ChannelError) -> None:
        """It is over; the first reason counts. Whoever waits for an answer is told."""
        if self.lost is None:
            self.lost = error
        for answers in self._asked.values():
            for answer in answers:
                if not answer.done():
                    answer.set_exception(ChannelError("the connection is lost"))
        self.more.set()

    async def _send(self, frame: Json) -> None:
        if self.lost is not None:
            raise ChannelError("the connection is lost")
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        try:
            await self.socket.send_str(text.encode(errors="replace").decode())  # a lone surrogate has no UTF-8
        except (aiohttp.ClientError, OSError) as error:
            raise ChannelError(f"cannot send: {type(error).__name__}") from error

    def _take(self, data: str | bytes) -> None:
        frame = parsed(data)
        if frame is None:
            log.warning("a frame of %d characters cannot be read", len(data))
            return
        req_id, body = str(record(frame, "headers").get("req_id") or ""), record(frame, "body")
        if "errcode" in frame:
            self._answered(req_id, frame)
        elif frame.get("cmd") in ("aibot_msg_callback", "aibot_event_callback"):
            if record(body, "event").get("eventtype") == "disconnected_event":
                self.end(ChannelError(KICKED, again=False))
            else:
                self._heard(self, req_id, body)
                self.more.set()

    def _answered(self, req_id: str, frame: Json) -> None:
        if req_id.startswith("ping_"):
            self._unanswered = 0
        for answer in self._asked.get(req_id, ()):
            if not answer.done():
                answer.set_result(frame)
                return


async def connected(session: aiohttp.ClientSession, url: str) -> aiohttp.ClientWebSocketResponse:
    """A socket. Raises ChannelError."""
    timeout = aiohttp.ClientWSTimeout(ws_close=1.0)  # pyright: ignore[reportCallIssue]
    try:
        async with asyncio.timeout(CONNECT_S):
            return await session.ws_connect(url, timeout=timeout, max_msg_size=2**24)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ChannelError(f"连不上企业微信 / cannot reach WeCom: {type(error).__name__}") from error


async def reached(url: str) -> str:
    """The host and port of an address, which can be connected to. Raises ChannelError with the mend."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "wss" else 80)
    try:
        async with asyncio.timeout(CONNECT_S):
            _, writer = await asyncio.open_connection(host, port)
    except (TimeoutError, OSError) as error:
        raise ChannelError(
            f"连不上 {host}:{port}（{type(error).__name__}）：检查网络、DNS 和防火墙，只需要能出站。"
            " / cannot be reached: check network, DNS and firewall; only outgoing connections are needed."
        ) from error
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return f"{host}:{port}"


def request_id(cmd: str) -> str:
    """As the official client makes them: the service's answers are told apart by it."""
    return f"{cmd}_{time.time_ns() // 1_000_000}_{secrets.token_hex(4)}"


def parsed(data: str | bytes) -> Json | None:
    """A frame; None where it is none."""
    text = data.decode(errors="replace") if isinstance(data, bytes) else data
    try:
        frame: Any = json.loads(CONTROL.sub("", text), strict=False)
    except (ValueError, RecursionError):
        return None
    return frame if isinstance(frame, dict) else None


def record(fields: Json, name: str) -> Json:
    """A field that should be an object, whatever it is."""
    found = fields.get(name)
    return found if isinstance(found, dict) else {}


def number(value: object) -> int:
    """A field that should be a whole number, whatever it is."""
    try:
        return int(str(value or 0))
    except ValueError:
        return 0
