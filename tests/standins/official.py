"""A WeChat that stands in for Official Accounts: it calls the bot as WeChat does, and answers its API (facts/official-account.md, §11).

What the API would refuse is refused; what breaks its protocol is counted in ``broken``.
"""

import asyncio
import base64
import hashlib
import json
import random
import secrets
import struct
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Json = dict[str, Any]
APP_ID, SECRET, TOKEN = "wx0123456789abcdef", "app-secret", "console0token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_0123456789ab"
QUOTA = 5
LARGEST_TEXT, LARGEST_VOICE = 2048, 2 * 2**20


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def sealed(text: str, receiver: str = APP_ID, aes_key: str = AES_KEY) -> str:
    """An envelope, as WeChat makes it."""
    key, data = base64.b64decode(aes_key + "="), text.encode()
    plain = secrets.token_bytes(16) + struct.pack(">I", len(data)) + data + receiver.encode()
    missing = 32 - len(plain) % 32
    sealing = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(sealing.update(plain + bytes([missing]) * missing) + sealing.finalize()).decode()


def opened(envelope: str, receiver: str = APP_ID, aes_key: str = AES_KEY) -> str:
    """What an envelope of the bot's holds."""
    key = base64.b64decode(aes_key + "=")
    opening = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = opening.update(base64.b64decode(envelope)) + opening.finalize()
    plain = plain[16 : -plain[-1]]
    (size,) = struct.unpack_from(">I", plain)
    assert plain[4 + size :].decode() == receiver
    return plain[4 : 4 + size].decode()


def xml(fields: Mapping[str, str]) -> str:
    cut = "]]]]><![CDATA[>"
    body = "".join(f"<{name}><![CDATA[{value.replace(']]>', cut)}]]></{name}>" for name, value in fields.items())
    return f"<xml>{body}</xml>"


def parsed(text: str) -> dict[str, str]:
    return {child.tag: child.text or "" for child in ElementTree.fromstring(text)}


@dataclass(frozen=True, slots=True)
class Shown:
    """What reached a user's phone."""

    user: str
    kind: str
    text: str
    labelled: bool = False
    data: bytes = b""


@dataclass
class OfficialStandIn:
    """WeChat's two sides."""

    mode: str = "safe"
    hook: str = ""
    """Address of the bot's hook."""
    patience_s: float = 5.0
    attempts: int = 3
    url: str = ""
    numbers: int = 0
    phones: defaultdict[str, asyncio.Queue[Shown]] = field(default_factory=lambda: defaultdict(asyncio.Queue))
    shown: list[Shown] = field(default_factory=list[Shown])
    broken: list[str] = field(default_factory=list[str])
    statuses: list[int] = field(default_factory=list[int])
    """Of the bot's answers."""
    made: int = 0
    """Calls in all."""
    tokens: list[str] = field(default_factory=list[str])
    """Access tokens given out; the last is good."""
    expired: set[str] = field(default_factory=set[str])
    quota: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    refuse: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Path → error codes of the next answers."""
    expire_after: str = ""
    """A path after whose next call the token is no good any more."""
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict[str, tuple[str, bytes]])
    typing: list[str] = field(default_factory=list[str])
    verified: bool = True
    down: bool = False
    calls: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    # WeChat's side: users write, the bot is called

    def fields(self, kind: str, user: str, **more: str) -> dict[str, str]:
        """A push of a kind."""
        self.numbers += 1
        base = {"ToUserName": ACCOUNT, "FromUserName": user, "CreateTime": str(int(time.time())), "MsgType": kind}
        id = {} if kind == "event" else {"MsgId": str(23_000_000_000_000_000 + self.numbers)}
        return {**base, **id, **more}

    def query(self, envelope: str = "", **more: str) -> dict[str, str]:
        """What WeChat signs a call with."""
        timestamp, nonce = str(int(time.time())), str(random.randrange(10**9))
        plain = {"signature": signature(TOKEN, timestamp, nonce), "timestamp": timestamp, "nonce": nonce, **more}
        if not envelope:
            return plain
        return {**plain, "encrypt_type": "aes", "msg_signature": signature(TOKEN, timestamp, nonce, envelope)}

    def call(self, fields: Mapping[str, str]) -> tuple[dict[str, str], str]:
        """Query and body of a call."""
        body = xml(fields)
        if self.mode == "plain":
            return self.query(), body
        envelope = sealed(body)
        outer = {"ToUserName": ACCOUNT, "Encrypt": envelope}
        return self.query(envelope), xml(outer if self.mode == "safe" else {**fields, **outer})

    async def push(self, fields: Mapping[str, str]) -> None:
        """Call until there is an answer, three times at most; what the user sees of it is shown."""
        for _ in range(self.attempts):
            self.made += 1
            query, body = self.call(fields)
            try:
                async with (
                    asyncio.timeout(self.patience_s),
                    aiohttp.ClientSession() as session,
                    session.post(self.hook, params=query, data=body.encode()) as response,
                ):
                    self.statuses.append(response.status)
                    if response.status == 200:
                        self._answered(fields["FromUserName"], await response.text())
                        return
                    await asyncio.sleep(self.patience_s / 5)
            except (TimeoutError, aiohttp.ClientError):
                continue

    def say(self, fields: Mapping[str, str]) -> None:
        """A user writes; WeChat calls in its own time."""
        self.quota[fields["FromUserName"]] = QUOTA if fields["MsgType"] != "event" else 3
        task = asyncio.ensure_future(self.push(fields))
        self.calls.add(task)
        task.add_done_callback(self.calls.discard)

    def _answered(self, user: str, text: str) -> None:
        if text in ("", "success"):
            return
        fields = parsed(text)
        if self.mode == "safe" and "Encrypt" not in fields:
            self.broken.append("an answer in clear")
        if "Encrypt" in fields:
            envelope = fields["Encrypt"]
            if fields["MsgSignature"] != signature(TOKEN, fields["TimeStamp"], fields["Nonce"], envelope):
                self.broken.append("MsgSignature")
            fields = parsed(opened(envelope))
        if (fields["ToUserName"], fields["FromUserName"], fields["MsgType"]) != (user, ACCOUNT, "text"):
            self.broken.append(f"an answer to somebody else: {fields}")
        if len(fields["Content"].encode()) > LARGEST_TEXT:
            self.broken.append("an answer too long")
        self._show(Shown(user, "text", fields["Content"]))

    def _show(self, shown: Shown) -> None:
        self.shown.append(shown)
        self.phones[shown.user].put_nowait(shown)

    # The API

    def app(self) -> web.Application:
        """The service."""
        app = web.Application(client_max_size=2**25, middlewares=[self._edge])
        app.router.add_post("/cgi-bin/stable_token", self._token)
        app.router.add_post("/cgi-bin/message/custom/send", self._send)
        app.router.add_post("/cgi-bin/message/custom/typing", self._typing)
        app.router.add_post("/cgi-bin/media/upload", self._upload)
        app.router.add_get("/cgi-bin/media/get", self._get)
        return app

    @web.middleware
    async def _edge(self, request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401
        if self.down and request.transport:
            request.transport.abort()
        path = request.path.removeprefix("/cgi-bin/")
        if self.refuse.get(path):
            return web.json_response({"errcode": self.refuse[path].pop(0), "errmsg": f"hint: token {request.query}"})
        if path != "stable_token":
            token = request.query.get("access_token", "")
            if not self.tokens or token != self.tokens[-1]:
                return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
            if token in self.expired:
                return web.json_response({"errcode": 42001, "errmsg": "access_token expired"})
        if self.expire_after == path:
            self.expire_after = ""
            self.expired.add(self.tokens[-1])
        return await handler(request)

    async def _token(self, request: web.Request) -> web.Response:
        body = await request.json()
        if (body["grant_type"], body["appid"]) != ("client_credential", APP_ID) or body["force_refresh"] is not False:
            self.broken.append("stable_token")
        if body["secret"] != SECRET:
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        self.tokens.append(secrets.token_hex(64))
        await asyncio.sleep(0.01)
        return web.json_response({"access_token": self.tokens[-1], "expires_in": 7200})

    async def _send(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if b"\\u" in raw:
            self.broken.append("the user would see \\uXXXX")
        body = json.loads(raw)
        user, kind = body["touser"], body["msgtype"]
        if not self.verified:
            return web.json_response({"errcode": 48001, "errmsg": "api unauthorized"})
        if self.quota[user] <= 0:
            return web.json_response({"errcode": 45047, "errmsg": "out of response count limit"})
        text = body[kind].get("content", "")
        if len(text.encode()) > LARGEST_TEXT:
            return web.json_response({"errcode": 45002, "errmsg": "content size out of limit"})
        data = b""
        if kind != "text":
            if body[kind]["media_id"] not in self.media:
                return web.json_response({"errcode": 40007, "errmsg": "invalid media_id"})
            data = self.media[body[kind]["media_id"]][1]
        self.quota[user] -= 1
        self._show(Shown(user, kind, text, body.get("aimsgcontext") == {"is_ai_msg": 1}, data))
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _typing(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.typing.append(body["command"])
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _upload(self, request: web.Request) -> web.Response:
        part = (await request.post())["media"]
        assert isinstance(part, web.FileField)
        with part.file:
            data = part.file.read()
        kind = request.query["type"]
        if kind == "voice" and len(data) > LARGEST_VOICE:
            return web.json_response({"errcode": 40006, "errmsg": "invalid media size"})
        if kind == "voice" and not part.filename.endswith((".mp3", ".amr")):
            return web.json_response({"errcode": 40004, "errmsg": "invalid media type"})
        id = secrets.token_hex(16)
        self.media[id] = kind, data
        return web.json_response({"type": kind, "media_id": id, "created_at": int(time.time())})

    async def _get(self, request: web.Request) -> web.Response:
        found = self.media.get(request.query["media_id"])
        if not found:
            return web.json_response({"errcode": 40007, "errmsg": "invalid media_id"})
        return web.Response(body=found[1], content_type="audio/amr" if found[0] == "voice" else "image/jpeg")


async def serve(app: web.Application) -> tuple[web.AppRunner, str]:
    """An application on a port of this machine."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=False)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"
