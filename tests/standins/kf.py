"""A WeCom that stands in for 微信客服: it calls the bot, lists messages by cursor, and takes answers (facts/wecom.md, §B, §D)."""

import asyncio
import json
import secrets
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.standins.official import AES_KEY, TOKEN, Shown, sealed, signature, xml

Json = dict[str, Any]
CORP, SECRET, KF = "ww0123456789", "kf-secret", "wk0123456789"
QUOTA = 5


@dataclass
class KfStandIn:
    """WeCom's two sides."""

    hook: str = ""
    url: str = ""
    page: int = 1000
    """Messages of a page at most."""
    messages: list[Json] = field(default_factory=list[Json])
    numbers: int = 0
    phones: defaultdict[str, asyncio.Queue[Shown]] = field(default_factory=lambda: defaultdict(asyncio.Queue))
    shown: list[Shown] = field(default_factory=list[Shown])
    welcomed: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    tokens: list[str] = field(default_factory=list[str])
    expired: set[str] = field(default_factory=set[str])
    call_tokens: dict[str, float] = field(default_factory=dict[str, float])
    stale: bool = False
    """Whether the calls' tokens are too old as they come."""
    quota: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    states: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    used: dict[str, str] = field(default_factory=dict[str, str])
    resent: int = 0
    refuse: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict[str, tuple[str, bytes]])
    down: bool = False
    synced: list[Json] = field(default_factory=list[Json])
    calls: set[asyncio.Task[int]] = field(default_factory=set[asyncio.Task[int]])

    # The users

    def item(self, user: str, kind: str, *, origin: int = 3, id: str = "", at: float = 0.0, **content: Any) -> Json:  # noqa: ANN401
        """A message in the list."""
        self.numbers += 1
        item = {
            "msgid": id or f"msg{self.numbers}", "open_kfid": KF, "external_userid": user, "origin": origin,
            "send_time": int(at or time.time()), "msgtype": kind, kind: content,
        }  # fmt: skip
        self.messages.append(item)
        if origin == 3:
            self.quota[user] = QUOTA
            if self.states[user] == 4:
                self.states[user] = 0
        return item

    def say(self, user: str, text: str, id: str = "") -> Json:
        """A user writes; WeCom calls in its own time."""
        item = self.item(user, "text", id=id, content=text)
        self.ring()
        return item

    def ring(self) -> None:
        """Call the bot, until it has heard it."""
        task = asyncio.ensure_future(self.call())
        self.calls.add(task)
        task.add_done_callback(self.calls.discard)

    async def call(self, attempts: int = 60) -> int:
        """Say that there is something; the answer's status."""
        status = 0
        for _ in range(attempts):
            token = secrets.token_hex(8)
            self.call_tokens[token] = time.time()
            fields = {
                "ToUserName": CORP, "CreateTime": str(int(time.time())), "MsgType": "event", "Event": "kf_msg_or_event",
                "Token": token, "OpenKfId": KF,
            }  # fmt: skip
            envelope = sealed(xml(fields), CORP, AES_KEY)
            status = await self.post(envelope)
            if status == 200:
                return status
            await asyncio.sleep(0.1)
        return status

    async def post(self, envelope: str, **more: str) -> int:
        """Post an envelope to the hook; the status."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
        query = {"msg_signature": signature(TOKEN, timestamp, nonce, envelope), "timestamp": timestamp, "nonce": nonce}
        try:
            body = xml({"ToUserName": CORP, "Encrypt": envelope})
            async with (
                aiohttp.ClientSession() as session,
                session.post(self.hook, params={**query, **more}, data=body) as response,
            ):
                return response.status
        except aiohttp.ClientError:
            return 0

    # The API

    def app(self) -> web.Application:
        """The service."""
        app = web.Application(client_max_size=2**25, middlewares=[self._edge])
        app.router.add_get("/cgi-bin/gettoken", self._token)
        for path, handler in {
            "kf/sync_msg": self._sync, "kf/send_msg": self._send, "kf/send_msg_on_event": self._welcome,
            "kf/service_state/get": self._state, "kf/service_state/trans": self._trans, "kf/account/list": self._accounts,
            "media/upload": self._upload,
        }.items():  # fmt: skip
            app.router.add_post(f"/cgi-bin/{path}", handler)
        app.router.add_get("/cgi-bin/media/get", self._get)
        return app

    @web.middleware
    async def _edge(self, request: web.Request, handler: Any) -> web.StreamResponse:  # noqa: ANN401
        if self.down and request.transport:
            request.transport.abort()
        path = request.path.removeprefix("/cgi-bin/")
        if self.refuse.get(path):
            return web.json_response({"errcode": self.refuse[path].pop(0), "errmsg": "no"})
        if path != "gettoken":
            token = request.query.get("access_token", "")
            if not self.tokens or token != self.tokens[-1] or token in self.expired:
                return web.json_response({"errcode": 42001, "errmsg": "access_token expired"})
        return await handler(request)

    async def _token(self, request: web.Request) -> web.Response:
        if (request.query["corpid"], request.query["corpsecret"]) != (CORP, SECRET):
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        self.tokens.append(secrets.token_hex(32))
        return web.json_response({"errcode": 0, "access_token": self.tokens[-1], "expires_in": 7200})

    async def _sync(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.synced.append(body)
        token = body.get("token", "")
        if token and (self.stale or time.time() - self.call_tokens.get(token, 0) > 600):
            return web.json_response({"errcode": 95007, "errmsg": "invalid msg token"})
        place = int(body["cursor"].removeprefix("cursor-") or 0) if body["cursor"] else 0
        found = self.messages[place : place + self.page]
        more = len(self.messages) > place + len(found)
        return web.json_response({
            "errcode": 0, "errmsg": "ok", "next_cursor": f"cursor-{place + len(found)}", "has_more": int(more), "msg_list": found,
        })  # fmt: skip

    async def _send(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        user, kind, id = body["touser"], body["msgtype"], body["msgid"]
        if not (0 < len(id) <= 32 and all(c.isalnum() or c in "_-" for c in id)):
            self.broken.append("msgid")
        if self.states[user] not in (0, 1):
            return web.json_response({"errcode": 95018, "errmsg": "send msg session status invalid"})
        if id in self.used:
            self.resent += 1
            return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": id})
        if self.quota[user] <= 0:
            return web.json_response({"errcode": 95001, "errmsg": "send msg count limit"})
        text = body[kind].get("content", "")
        if len(text.encode()) > 2048:
            return web.json_response({"errcode": 45002, "errmsg": "content size out of limit"})
        data = b""
        if kind != "text":
            type, data = self.media[body[kind]["media_id"]]
            if type != kind or (kind == "voice" and not data.startswith(b"#!AMR")):
                return web.json_response({"errcode": 40007, "errmsg": "invalid media_id"})
        self.quota[user] -= 1
        self.used[id] = text
        shown = Shown(user, kind, text, data=data)
        self.shown.append(shown)
        self.phones[user].put_nowait(shown)
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": id})

    async def _welcome(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.welcomed.append(body["text"]["content"])
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _state(self, request: web.Request) -> web.Response:
        body = await request.json()
        return web.json_response({"errcode": 0, "service_state": self.states[body["external_userid"]]})

    async def _trans(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.states[body["external_userid"]] = body["service_state"]
        return web.json_response({"errcode": 0})

    async def _accounts(self, _: web.Request) -> web.Response:
        return web.json_response({"errcode": 0, "account_list": [{"open_kfid": KF, "name": "客服小音"}]})

    async def _upload(self, request: web.Request) -> web.Response:
        part = (await request.post())["media"]
        assert isinstance(part, web.FileField)
        with part.file:
            data = part.file.read()
        id = secrets.token_hex(16)
        self.media[id] = request.query["type"], data
        return web.json_response({"errcode": 0, "type": request.query["type"], "media_id": id})

    async def _get(self, request: web.Request) -> web.Response:
        found = self.media.get(request.query["media_id"])
        if not found:
            return web.json_response({"errcode": 40007, "errmsg": "invalid media_id"})
        return web.Response(body=found[1], content_type="application/octet-stream")
