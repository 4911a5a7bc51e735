"""The operator's plain pages: logging in with the password, and logging channels in."""

import asyncio
import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.web import access
from bot.web.access import Access, TooMany, local
from bot.web.logins import Logins

STYLE = Path(__file__).with_name("operator.css")
LOGIN = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/operator.css"><title>知音 · 登录 / Log in</title><main><h1>知音</h1><p role="status">{notice}</p>
<form method="post"><label>密码 / Password <input type="password" name="password" autofocus required></label>
<button>进入 / Enter</button></form></main></html>"""


@dataclass(slots=True)
class Office:
    """Everything that wants the operator."""

    access: Access
    kinds: Mapping[str, str]
    """Kinds of the channels, by name."""
    logins: Logins

    def routes(self) -> list[web.RouteDef]:
        """Where it is found."""
        return [
            web.get("/operator.css", self._style),
            web.get("/login", self._login_form),
            web.post("/login", self._login),
            web.get("/channels", self._channels),
            web.get("/channels/{channel}", self._channel),
            web.post("/channels/{channel}", self._log_in),
        ]

    async def _style(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(STYLE, headers={"Cache-Control": "no-cache"})

    # Logging in

    async def _login_form(self, request: web.Request) -> web.StreamResponse:
        return _login_page()

    async def _login(self, request: web.Request) -> web.StreamResponse:
        if not self.access.origin(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden
        try:
            token = self.access.login(str((await request.post()).get("password", "")), request.remote or "")
        except TooMany:
            return _login_page("试得太多了，请等一分钟。 Too many tries: wait a minute.", 429)
        if token is None:
            return _login_page("密码不对，或没有设置密码。 Wrong password, or none is set.", 403)
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(access.COOKIE, token, httponly=True, samesite="Strict", secure=request.secure, path="/")
        return response

    # Channels

    def _operator(self, request: web.Request) -> bool:
        return local(request) or self.access.operator(request.cookies, request.remote or "")

    async def _channels(self, request: web.Request) -> web.StreamResponse:
        if not self._operator(request):
            raise web.HTTPSeeOther("/login")
        return web.Response(text=self.logins.all(self.kinds), content_type="text/html")

    async def _channel(self, request: web.Request) -> web.StreamResponse:
        if not self._operator(request):
            raise web.HTTPSeeOther("/login")
        name = request.match_info["channel"]
        if name not in self.logins.offered:
            raise web.HTTPNotFound
        page = await asyncio.to_thread(self.logins.one, name)
        return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        """Begin a channel's login, or hand on the number on the phone."""
        if not self._operator(request) or not self.access.origin(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden
        name, form = request.match_info["channel"], await request.post()
        if name not in self.logins.offered:
            raise web.HTTPNotFound
        if code := str(form.get("code", ""))[:16].strip():
            self.logins.tell(name, code)
        else:
            self.logins.begin(name)
        raise web.HTTPSeeOther(request.path)


def _login_page(notice: str = "", status: int = 200) -> web.Response:
    return web.Response(text=LOGIN.format(notice=html.escape(notice)), content_type="text/html", status=status)
