"""A WeChat that stands in: Tencent's iLink by its fact sheet (facts/ilink.md, §10), with the phones of its users.

Run as ``python -m tests.standins.ilink``; ``/control/…`` and ``/stats`` then play the users. What the service would refuse
is refused, and what breaks its protocol is counted in ``broken``.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import secrets
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Json = dict[str, Any]
FIRST_ID = 7_393_211_234_567_890_123
"""Beyond 2^53, as the service's are."""
BUDGET, BURST = 10, 2


@dataclass(slots=True)
class Bot:
    """An account as the service knows it."""

    id: str
    token: str
    user: str
    messages: list[Json] = field(default_factory=list[Json])
    more: asyncio.Event = field(default_factory=asyncio.Event)
    polled: int = 0
    started: int = 0
    stopped: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What reached a user's phone."""

    user: str
    kind: str
    text: str
    client_id: str
    at: float
    """Monotonic seconds."""
    data: bytes = b""
    name: str = ""


@dataclass(slots=True)
class Media:
    """Bytes on the CDN."""

    data: bytes
    key: str = ""


def cipher(key: bytes) -> Cipher[modes.ECB]:
    return Cipher(algorithms.AES(key), modes.ECB())


def sealed(data: bytes, key: bytes) -> bytes:
    missing = 16 - len(data) % 16
    sealing = cipher(key).encryptor()
    return sealing.update(data + bytes([missing]) * missing) + sealing.finalize()


def opened(data: bytes, key: bytes) -> bytes:
    opening = cipher(key).decryptor()
    plain = opening.update(data) + opening.finalize()
    assert plain[-plain[-1] :] == bytes([plain[-1]]) * plain[-1], "padding"
    return plain[: -plain[-1]]


class IlinkStandIn:
    """The service on one port."""

    def __init__(self) -> None:
        self.url = ""
        self.hold_s = 35.0
        self.empty = "nothing"
        """What an empty cursor brings: ``nothing`` but what comes from now on, or ``all``."""
        self.budget, self.burst = BUDGET, BURST
        self.bots: dict[str, Bot] = {}
        self.numbers = 0
        self.shown: list[Shown] = []
        self.phones: defaultdict[str, asyncio.Queue[Shown]] = defaultdict(asyncio.Queue)
        self.asked: list[tuple[str, Json, dict[str, str]]] = []
        """(path, body, headers) of every request but the polls."""
        self.keep_asked = True
        self.broken: list[str] = []
        self.down = False
        self.refuse: dict[str, Json] = {}
        """Path → the next answer to it."""
        self.used: defaultdict[str, int] = defaultdict(int)
        self.recent: defaultdict[str, list[float]] = defaultdict(list)
        self.clients: dict[str, str] = {}
        """client_id → text."""
        self.resent = 0
        self.typing: list[tuple[str, int]] = []
        self.media: dict[str, Media] = {}
        self.uploads: dict[str, Json] = {}
        self.cdn_status: list[int] = []
        """Statuses of the next uploads."""
        self.qr: list[Json] = []
        """What the next looks at the QR code bring."""
        self.codes = 0
        self.tokens_seen: list[list[str]] = []

    def app(self) -> web.Application:
        """The service."""
        app = web.Application(client_max_size=2**27, middlewares=[self._edge])
        for path, handler in {
            "getupdates": self._updates, "sendmessage": self._send, "getconfig": self._config, "sendtyping": self._type,
            "getuploadurl": self._place, "msg/notifystart": self._start, "msg/notifystop": self._stop,
        }.items():  # fmt: skip
            app.router.add_post(f"/ilink/bot/{path}", handler)
        app.router.add_post("/ilink/bot/get_bot_qrcode", self._qrcode)
        app.router.add_get("/ilink/bot/get_qrcode_status", self._scan)
        app.router.add_post("/c2c/upload", self._upload)
        app.router.add_get("/c2c/download", self._download)
        app.router.add_post("/control/accounts", self._make)
        app.router.add_post("/control/say", self._told)
        app.router.add_post("/control/set", self._set)
        app.router.add_get("/stats", self._stats)
        return app

    # The users

    def bind(self, user: str, token: str = "") -> Bot:
        """A user binds a bot; one they had before is void."""
        self.bots = {token: bot for token, bot in self.bots.items() if bot.user != user}
        bot = Bot(f"{secrets.token_hex(8)}@im.bot", token or secrets.token_hex(16), user)
        self.bots[bot.token] = bot
        return bot

    def say(self, bot: Bot, *items: Json, user: str = "", id: int = 0, own: bool = False) -> int:
        """A user writes to their bot; the message's id."""
        self.numbers += 1
        id = id or FIRST_ID + self.numbers
        context = f"CTX-{secrets.token_hex(6)}"
        bot.messages.append({
            "seq": self.numbers, "message_id": id, "from_user_id": user or bot.user, "to_user_id": bot.id,
            "client_id": secrets.token_hex(4), "create_time_ms": int(time.time() * 1000), "session_id": "s",
            "message_type": 2 if own else 1, "message_state": 2, "item_list": list(items), "context_token": context,
        })  # fmt: skip
        bot.more.set()
        return id

    def store(self, data: bytes, *, raw: bool = False) -> Json:
        """Put a user's attachment on the CDN; its media field."""
        key, param = secrets.token_bytes(16), secrets.token_hex(8)
        self.media[param] = Media(sealed(data, key), key.hex())
        encoded = base64.b64encode(key if raw else key.hex().encode()).decode()
        return {"encrypt_query_param": param, "aes_key": encoded, "encrypt_type": 1}

    # The service

    @web.middleware
    async def _edge(self, request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401
        if self.down and not request.path.startswith("/control") and request.transport:
            request.transport.abort()
        path = request.path.removeprefix("/ilink/bot/")
        if path in self.refuse:
            return web.json_response(self.refuse.pop(path))
        return await handler(request)

    async def _body(self, request: web.Request, *, authorized: bool = True) -> tuple[Json, Bot | None]:
        body = await request.json()
        path = request.path.removeprefix("/ilink/bot/")
        headers = dict(request.headers)
        if path != "getupdates" and self.keep_asked:
            self.asked.append((path, body, headers))
        for name, value in {
            "AuthorizationType": "ilink_bot_token", "iLink-App-Id": "bot", "iLink-App-ClientVersion": "132105",
            "Content-Type": "application/json",
        }.items():  # fmt: skip
            if headers.get(name) != value:
                self.broken.append(f"{path}: {name} = {headers.get(name)!r}")
        if not base64.b64decode(headers.get("X-WECHAT-UIN", "")).isdigit():
            self.broken.append(f"{path}: X-WECHAT-UIN")
        if authorized and not (body.get("base_info") or {}).get("channel_version"):
            self.broken.append(f"{path}: no base_info")
        return body, self.bots.get(headers.get("Authorization", "").removeprefix("Bearer "))

    async def _updates(self, request: web.Request) -> web.Response:
        body, bot = await self._body(request)
        if bot is None:
            return web.json_response({"ret": -14, "errmsg": "session timeout"})
        bot.polled += 1
        given = body["get_updates_buf"]
        place = int(base64.b64decode(given)) if given else (0 if self.empty == "all" else len(bot.messages))
        deadline = time.monotonic() + self.hold_s
        while len(bot.messages) <= place and not self.down:
            bot.more.clear()
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    await bot.more.wait()
            except TimeoutError:
                break
            if bot.token not in self.bots:
                return web.json_response({"ret": 0, "errcode": -14, "errmsg": "session timeout"})
        if self.down and request.transport:
            request.transport.abort()
        found = bot.messages[place:]
        cursor = base64.b64encode(str(place + len(found)).encode()).decode()
        wait = int(self.hold_s * 1000)
        return web.json_response({"ret": 0, "msgs": found, "get_updates_buf": cursor, "longpolling_timeout_ms": wait})

    async def _send(self, request: web.Request) -> web.Response:
        body, bot = await self._body(request)
        if bot is None:
            return web.json_response({"ret": -14, "errmsg": "session timeout"})
        said = body["msg"]
        user, client, items = said["to_user_id"], said["client_id"], said["item_list"]
        if len(items) != 1 or said["from_user_id"] or (said["message_type"], said["message_state"]) != (2, 2):
            self.broken.append("sendmessage: one finished item, from nobody")
        now, context = time.monotonic(), said.get("context_token", "")
        self.recent[user] = [at for at in self.recent[user] if at > now - 1.0]
        if len(self.recent[user]) >= self.burst:
            return web.json_response({"ret": -2, "errmsg": "prepare failed"})
        if self.used[context] >= self.budget:
            return web.json_response({"ret": -2})
        self.recent[user].append(now)
        self.used[context] += 1
        shown = self._seen(user, client, items[0], now)
        if client in self.clients:
            if self.clients[client] != shown.text:
                self.broken.append("sendmessage: a client_id for two texts")
            self.resent += 1  # the phone knows it already
        else:
            self.clients[client] = shown.text
            self.shown.append(shown)
            self.phones[user].put_nowait(shown)
        return web.json_response({})

    def _seen(self, user: str, client: str, item: Json, at: float) -> Shown:
        match item["type"]:
            case 1:
                return Shown(user, "text", item["text_item"]["text"], client, at)
            case 2:
                return Shown(user, "image", "", client, at, self._sent(item["image_item"]["media"]))
            case 3:
                return Shown(user, "not shown", "", client, at)
            case 4:
                file = item["file_item"]
                data = self._sent(file["media"])
                if file["len"] != str(len(data)):
                    self.broken.append("file_item: len")
                return Shown(user, "file", "", client, at, data, file["file_name"])
            case kind:
                self.broken.append(f"item {kind}")
                return Shown(user, "?", "", client, at)

    def _sent(self, place: Json) -> bytes:
        """The bytes of something the bot put on the CDN, opened with the key it tells."""
        key = bytes.fromhex(base64.b64decode(place["aes_key"]).decode())
        return opened(self.media[place["encrypt_query_param"]].data, key)

    async def _config(self, request: web.Request) -> web.Response:
        body, bot = await self._body(request)
        return web.json_response({"ret": 0 if bot else -14, "typing_ticket": f"ticket {body['ilink_user_id']}"})

    async def _type(self, request: web.Request) -> web.Response:
        body, _ = await self._body(request)
        if body["typing_ticket"] != f"ticket {body['ilink_user_id']}":
            self.broken.append("sendtyping: ticket")
        self.typing.append((body["ilink_user_id"], body["status"]))
        return web.json_response({"ret": 0})

    async def _start(self, request: web.Request) -> web.Response:
        _, bot = await self._body(request)
        if bot:
            bot.started += 1
        return web.json_response({"ret": 0, "errmsg": ""} if bot else {"ret": -14})

    async def _stop(self, request: web.Request) -> web.Response:
        _, bot = await self._body(request)
        if bot:
            bot.stopped += 1
        return web.json_response({"ret": 0, "errmsg": ""})

    # The CDN

    async def _place(self, request: web.Request) -> web.Response:
        body, bot = await self._body(request)
        if bot is None:
            return web.json_response({"ret": -14, "errmsg": "session timeout"})
        param = f"UP/{secrets.token_hex(6)}+="
        self.uploads[param] = body
        return web.json_response({"upload_param": param, "thumb_upload_param": ""})

    async def _upload(self, request: web.Request) -> web.Response:
        asked = self.uploads[request.query["encrypted_query_param"]]
        data = await request.read()
        if self.cdn_status and (status := self.cdn_status.pop(0)) != 200:
            return web.Response(status=status, headers={"x-error-message": "no"})
        plain = opened(data, bytes.fromhex(asked["aeskey"]))
        if (len(data), len(plain), hashlib.md5(plain).hexdigest(), request.query["filekey"]) != (
            asked["filesize"], asked["rawsize"], asked["rawfilemd5"], asked["filekey"],
        ):  # fmt: skip
            return web.Response(status=400, headers={"x-error-message": "bad size or md5"})
        param = secrets.token_hex(8)
        self.media[param] = Media(data)
        return web.Response(headers={"x-encrypted-param": param})

    async def _download(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            self.broken.append("download: a token for the CDN")
        found = self.media.get(request.query["encrypted_query_param"])
        return web.Response(body=found.data) if found else web.Response(status=404)

    # Logging in

    async def _qrcode(self, request: web.Request) -> web.Response:
        body, _ = await self._body(request, authorized=False)
        if request.query.get("bot_type") != "3":
            self.broken.append("get_bot_qrcode: bot_type")
        self.tokens_seen.append(body["local_token_list"])
        self.codes += 1
        return web.json_response(
            {"qrcode": f"qr {self.codes}", "qrcode_img_content": f"https://liteapp.example/q/{self.codes}"}
        )

    async def _scan(self, request: web.Request) -> web.Response:
        answer = dict(self.qr.pop(0)) if self.qr else {"status": "wait"}
        wanted = answer.pop("want_code", None)
        if wanted and request.query.get("verify_code") != wanted:
            self.qr.insert(0, {**answer, "want_code": wanted})
            answer = {"status": "need_verifycode"}
        return web.json_response(answer)

    # Control, for a stand-in that is a process of its own

    async def _make(self, request: web.Request) -> web.Response:
        body = await request.json()
        bots = [self.bind(f"user{number}@im.wechat") for number in range(body["count"])]
        return web.json_response(
            [{"id": bot.id, "token": bot.token, "base_url": self.url, "user": bot.user} for bot in bots]
        )

    async def _told(self, request: web.Request) -> web.Response:
        by_user = {bot.user: bot for bot in self.bots.values()}
        only = next(iter(self.bots.values()))
        said: Sequence[Json] = await request.json()
        ids: list[str] = []
        for each in said:
            bot = only if each.get("one") else by_user[each["user"]]
            ids.append(str(self.say(bot, text(each["text"]), user=each["user"])))
        return web.json_response({"at": time.monotonic(), "ids": ids})

    async def _set(self, request: web.Request) -> web.Response:
        for name, value in (await request.json()).items():
            setattr(self, name, value)
        return web.json_response({})

    async def _stats(self, _: web.Request) -> web.Response:
        shown = [{key: value for key, value in asdict(each).items() if key != "data"} for each in self.shown]
        polling = sum(bot.polled > 0 for bot in self.bots.values())
        return web.json_response({"shown": shown, "resent": self.resent, "broken": self.broken, "polling": polling})


def text(words: str) -> Json:
    """A text item."""
    return {"type": 1, "msg_id": FIRST_ID, "text_item": {"text": words}}


async def serve(standin: IlinkStandIn, port: int = 0) -> web.AppRunner:
    """The stand-in on a port of this machine."""
    runner = web.AppRunner(standin.app(), access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    standin.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return runner


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    standin = IlinkStandIn()
    standin.keep_asked = False
    await serve(standin, parser.parse_args().port)
    print("READY", json.dumps({"url": standin.url}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
