"""A WeCom that stands in: the AI bot's long connection by its fact sheet (facts/wecom.md, §A and §D), and its users' phones.

Run as ``python -m tests.standins.wecom``; ``/control/say`` and ``/stats`` then play the users. What the service would
refuse is refused, and what breaks its protocol is listed in ``broken``.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import re
import secrets
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

from aiohttp import WSMsgType, web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Json = dict[str, Any]
LIMIT, CHUNK = 20480, 512 * 1024
WELCOME_S, FILE_S, STREAM_S, WINDOW_S = 5.0, 300.0, 360.0, 86400.0
SIZES = {"image": 10 * 2**20, "voice": 2 * 2**20, "video": 10 * 2**20, "file": 20 * 2**20}
PUSHED = ("markdown", "template_card", "image", "voice", "video", "file")
OWN = ("aibot_subscribe", "ping", "aibot_send_msg", "aibot_upload_media_init", "aibot_upload_media_chunk", "aibot_upload_media_finish")  # fmt: skip
"""Requests that bring a ``req_id`` of their own."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A whole message on somebody's phone."""

    chat: str
    """User or group."""
    kind: str
    text: str = ""
    by: str = ""
    """The command that brought it."""
    data: bytes = b""
    name: str = ""


@dataclass(slots=True)
class Stream:
    """A message that grows."""

    chat: str
    opened: float
    contents: list[str] = field(default_factory=list[str])
    finished: bool = False


@dataclass(slots=True)
class Upload:
    """A file on its way up, then there."""

    about: Json
    chunks: dict[int, bytes] = field(default_factory=dict[int, bytes])

    @property
    def data(self) -> bytes:
        return b"".join(self.chunks[index] for index in sorted(self.chunks))


@dataclass(slots=True, eq=False)
class Wire:
    """One connection."""

    socket: web.WebSocketResponse
    bot: str = ""
    unanswered: Counter[str] = field(default_factory=Counter[str])


class Bad(Exception):
    """A request that is refused."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


class WecomStandIn:
    """The service on one port."""

    def __init__(self) -> None:
        self.url = ""
        self.secrets = {"bot": "long-connection-secret"}
        self.clock: Callable[[], float] = time.monotonic
        self.per_minute = 30
        self.down = False
        self.push_groups = True
        """Whether groups take what is no answer."""
        self.forgets = True
        """Whether a lost connection takes its callbacks along."""
        self.mute: set[str] = set()
        """Commands that are lost on their way."""
        self.refuse: defaultdict[str, list[int]] = defaultdict(list)
        """Command → codes of its next answers."""
        self.answering = asyncio.Event()
        self.answering.set()
        """Cleared: answers to replies wait."""
        self.wires: dict[str, Wire] = {}
        self.sockets: set[Wire] = set()
        self.changed = asyncio.Condition()
        self.subscriptions = 0
        self.kicked = 0
        self.frames: list[Json] = []
        self.callbacks: dict[str, tuple[str, str, float]] = {}
        """req_id → (chat, what, when)."""
        self.known: dict[str, int] = {}
        """Chats that wrote to the bot, and their kind."""
        self.streams: dict[str, Stream] = {}
        self.shown: list[Shown] = []
        self.rung = 0
        """How many of these reached the phones."""
        self.phones: defaultdict[str, asyncio.Queue[Shown]] = defaultdict(asyncio.Queue)
        self.sent: defaultdict[str, deque[float]] = defaultdict(deque)
        self.uploads: dict[str, Upload] = {}
        self.media: dict[str, Upload] = {}
        self.files: dict[str, tuple[bytes, str, float]] = {}
        self.broken: list[str] = []

    def app(self) -> web.Application:
        """The service."""
        app = web.Application(client_max_size=2**27)
        app.router.add_get("/", self._connect)
        app.router.add_get("/file/{id}", self._file)
        app.router.add_post("/control/say", self._told)
        app.router.add_get("/stats", self._stats)
        return app

    # The users

    async def until(self, what: Callable[[], object]) -> None:
        """Wait until something holds; looked at with every frame and every coming and going."""
        async with self.changed:
            await self.changed.wait_for(what)

    async def connected(self, bot: str = "bot") -> None:
        """Wait until the bot is there: what is said before is lost."""
        await self.until(lambda: bot in self.wires)

    async def push(self, body: Json, *, event: str = "", bot: str = "bot") -> str:
        """Bring a callback; its ``req_id``."""
        req_id, cmd = secrets.token_hex(12), "aibot_event_callback" if event else "aibot_msg_callback"
        user = body["from"]["userid"]
        chat = body.get("chatid") or user
        self.callbacks[req_id] = (chat, event or "message", self.clock())
        if not event:
            self.known[chat] = 2 if body.get("chatid") else 1
        filled = {"aibotid": bot, "chattype": "group" if body.get("chatid") else "single", **body}
        if event:
            filled |= {"msgtype": "event", "create_time": int(time.time()), "event": {"eventtype": event}}
        await self.raw(json.dumps({"cmd": cmd, "headers": {"req_id": req_id}, "body": filled}), bot)
        return req_id

    async def raw(self, text: str, bot: str = "bot") -> None:
        """Send whatever text."""
        await self.wires[bot].socket.send_str(text)

    async def say(self, text: str, *, user: str = "lee", id: str = "", group: str = "", **more: object) -> str:
        """A user writes a text."""
        body: Json = {
            "msgid": id or secrets.token_hex(8),
            "from": {"userid": user},
            "msgtype": "text",
            "text": {"content": text},
        }
        return await self.push(body | ({"chatid": group} if group else {}) | more)

    def store(self, data: bytes, name: str = "文件.bin") -> Json:
        """Something a user attaches: where it is and its key."""
        key, id = secrets.token_bytes(32), secrets.token_hex(8)
        missing = 32 - len(data) % 32
        sealing = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
        sealed = sealing.update(data + bytes([missing]) * missing) + sealing.finalize()
        self.files[id] = (sealed, name, self.clock())
        return {"url": f"{self.url}/file/{id}", "aeskey": base64.b64encode(key).decode()}

    async def cut(self) -> None:
        """All connections break."""
        for wire in list(self.sockets):
            self._gone(wire)
            await wire.socket.close(code=1001)

    # The connection

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            if request.transport:
                request.transport.abort()
            return web.Response(status=503)
        wire = Wire(web.WebSocketResponse(timeout=0.5, max_msg_size=2**23))
        await wire.socket.prepare(request)
        self.sockets.add(wire)
        try:
            async with asyncio.TaskGroup() as group:
                async for message in wire.socket:
                    if message.type is WSMsgType.TEXT:
                        await self._frame(wire, json.loads(message.data), group)
        finally:
            self._gone(wire)
            await self._tell()
        return wire.socket

    def _gone(self, wire: Wire) -> None:
        self.sockets.discard(wire)
        if self.wires.get(wire.bot) is wire:
            del self.wires[wire.bot]
            if self.forgets:
                self.callbacks.clear()

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def _frame(self, wire: Wire, frame: Json, group: asyncio.TaskGroup) -> None:
        cmd, req_id = frame["cmd"], frame["headers"]["req_id"]
        self.frames.append(frame)
        if cmd in OWN and not re.fullmatch(rf"{cmd}_\d{{13}}_[0-9a-f]{{8}}", req_id):
            self.broken.append(f"{cmd}: req_id {req_id}")
        if wire.unanswered[req_id]:
            self.broken.append(f"{cmd}: before the answer to the one before")
        if cmd in self.mute:
            await self._tell()
            return
        answer: Json = {"headers": {"req_id": req_id}, "errcode": 0, "errmsg": "ok"}
        try:
            if self.refuse[cmd]:
                raise Bad(self.refuse[cmd].pop(0), "refused")
            if not wire.bot and cmd != "aibot_subscribe":
                raise Bad(846609, "not subscribed")
            if body := await self._done(wire, cmd, req_id, frame.get("body") or {}):
                answer["body"] = body
        except Bad as error:
            answer |= {"errcode": error.code, "errmsg": error.message}
        wire.unanswered[req_id] += 1
        group.create_task(self._answer(wire, cmd, answer))
        await self._tell()

    async def _answer(self, wire: Wire, cmd: str, answer: Json) -> None:
        if cmd == "aibot_respond_msg":
            await self.answering.wait()
        wire.unanswered[answer["headers"]["req_id"]] -= 1
        with suppress(ConnectionError):
            await wire.socket.send_json(answer)
        self._deliver()

    async def _done(self, wire: Wire, cmd: str, req_id: str, body: Json) -> Json | None:
        match cmd:
            case "aibot_subscribe":
                await self._subscribe(wire, body)
            case "ping":
                pass
            case "aibot_respond_welcome_msg":
                chat = self._callback(req_id, "enter_chat", WELCOME_S)
                self._count(chat)
                self._show(Shown(chat, "text", body["text"]["content"], cmd))
            case "aibot_respond_msg":
                self._respond(req_id, body)
            case "aibot_send_msg":
                self._send(body)
            case "aibot_upload_media_init":
                return self._begin(body)
            case "aibot_upload_media_chunk":
                self._chunk(body)
            case "aibot_upload_media_finish":
                return self._finish(body)
            case _:
                raise Bad(40008, f"unknown cmd {cmd}")
        return None

    async def _subscribe(self, wire: Wire, body: Json) -> None:
        self.subscriptions += 1
        if self.secrets.get(body["bot_id"]) != body["secret"]:
            raise Bad(853000, "invalid bot_id or secret")
        if older := self.wires.pop(body["bot_id"], None):
            self.kicked += 1
            event = {"msgtype": "event", "create_time": int(time.time()), "event": {"eventtype": "disconnected_event"}}
            frame = {"cmd": "aibot_event_callback", "headers": {"req_id": secrets.token_hex(12)}, "body": event}
            with suppress(ConnectionError):
                await older.socket.send_json(frame)
            await older.socket.close()
        wire.bot = body["bot_id"]
        self.wires[wire.bot] = wire

    # Replies

    def _callback(self, req_id: str, what: str, within_s: float) -> str:
        chat, kind, at = self.callbacks.get(req_id, ("", "", 0.0))
        if kind != what or self.clock() - at > within_s:
            raise Bad(846605, "invalid req_id")
        return chat

    def _count(self, chat: str) -> None:
        """One more message in a chat, replies and all else together."""
        sent, now = self.sent[chat], self.clock()
        while sent and sent[0] <= now - 60.0:
            sent.popleft()
        if len(sent) >= self.per_minute:
            raise Bad(45009, "api freq out of limit")
        sent.append(now)

    def _respond(self, req_id: str, body: Json) -> None:
        chat = self._callback(req_id, "message", WINDOW_S)
        if body["msgtype"] != "stream":
            self._count(chat)
            self._show(self._message(chat, body, "aibot_respond_msg"))
            return
        about = body["stream"]
        content: str = about["content"]
        if len(content.encode()) > LIMIT:
            raise Bad(40058, "content is too long")
        stream = self.streams.get(about["id"])
        if stream is None:
            self._count(chat)
            stream = self.streams[about["id"]] = Stream(chat, self.clock())
        if stream.finished or self.clock() - stream.opened > STREAM_S:
            raise Bad(846608, "stream message update expired (>6 minutes)")
        stream.contents.append(content)
        stream.finished = about["finish"]
        if stream.finished:
            self._show(Shown(chat, "stream", content, "aibot_respond_msg"))

    def _send(self, body: Json) -> None:
        chat, kind = body["chatid"], body.get("chat_type")
        if kind not in (1, 2):
            self.broken.append(f"aibot_send_msg: chat_type {kind}")
        if self.known.get(chat) != kind:
            raise Bad(93006, "invalid chatid")
        if kind == 2 and not self.push_groups:
            raise Bad(93001, "group push not allowed")
        if body["msgtype"] not in PUSHED:
            raise Bad(40008, "invalid msgtype")
        self._count(chat)
        self._show(self._message(chat, body, "aibot_send_msg"))

    def _message(self, chat: str, body: Json, by: str) -> Shown:
        kind: str = body["msgtype"]
        if kind == "markdown":
            content: str = body["markdown"]["content"]
            if len(content.encode()) > LIMIT:
                raise Bad(40058, "content is too long")
            return Shown(chat, kind, content, by)
        upload = self.media.get(body[kind]["media_id"])
        if upload is None or upload.about["type"] != kind:
            raise Bad(40007, "invalid media_id")
        return Shown(chat, kind, "", by, upload.data, upload.about["filename"])

    def _show(self, shown: Shown) -> None:
        self.shown.append(shown)

    def _deliver(self) -> None:
        """Phones ring once the bot was answered, so that whoever waits for one knows that both have happened."""
        for shown in self.shown[self.rung :]:
            self.phones[shown.chat].put_nowait(shown)
        self.rung = len(self.shown)

    # Uploads and files

    def _begin(self, about: Json) -> Json:
        if not 5 < about["total_size"] <= SIZES[about["type"]] or not 1 <= about["total_chunks"] <= 100:
            raise Bad(40006, "invalid media size")
        id = secrets.token_hex(8)
        self.uploads[id] = Upload(about)
        return {"upload_id": id}

    def _chunk(self, body: Json) -> None:
        upload, data = self.uploads[body["upload_id"]], base64.b64decode(body["base64_data"], validate=True)
        if len(data) > CHUNK or not 0 <= body["chunk_index"] < upload.about["total_chunks"]:
            raise Bad(40006, "invalid chunk")
        upload.chunks[body["chunk_index"]] = data

    def _finish(self, body: Json) -> Json:
        upload = self.uploads.pop(body["upload_id"])
        told = (upload.about["total_size"], upload.about["total_chunks"], upload.about["md5"])
        if told != (len(upload.data), len(upload.chunks), hashlib.md5(upload.data).hexdigest()):
            raise Bad(40006, "size or md5 differ")
        if upload.about["type"] == "voice" and not upload.data.startswith(b"#!AMR\n"):
            raise Bad(40005, "voice must be amr")
        id = secrets.token_hex(8)
        self.media[id] = upload
        return {"type": upload.about["type"], "media_id": id, "created_at": int(time.time())}

    async def _file(self, request: web.Request) -> web.Response:
        data, name, at = self.files[request.match_info["id"]]
        if self.clock() - at > FILE_S:
            return web.Response(status=403)
        return web.Response(body=data, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"})

    # Control, for a stand-in that is a process of its own

    async def _told(self, request: web.Request) -> web.Response:
        said = await request.json()
        return web.json_response({"req_id": await self.say(said.pop("text"), **said)})

    async def _stats(self, _: web.Request) -> web.Response:
        shown = [asdict(each) | {"data": len(each.data)} for each in self.shown]
        counts = {"subscriptions": self.subscriptions, "kicked": self.kicked, "connected": list(self.wires)}
        return web.json_response(counts | {"shown": shown, "broken": self.broken})


@asynccontextmanager
async def serving(standin: WecomStandIn, port: int = 0) -> AsyncGenerator[WecomStandIn]:
    """The stand-in on the loopback."""
    runner = web.AppRunner(standin.app(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        standin.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield standin
    finally:
        await runner.cleanup()


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    async with serving(WecomStandIn(), given.port) as standin:
        url = standin.url.replace("http", "ws", 1)
        print("READY", json.dumps({"url": url, "bot_id": "bot", "secret": standin.secrets["bot"]}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
