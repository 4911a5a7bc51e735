"""The web server: the page, its socket, media and the operator's door."""

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from bot.apart import leaves
from bot.channel import Hooked
from bot.codes import hashed
from bot.web import access, wire
from bot.web.access import Access, local
from bot.web.door import NOT_YOURS, Close, Door
from bot.web.foyer import Foyer
from bot.web.logins import Logins
from bot.web.office import Office
from bot.web.wardrobe import Wardrobe

log = logging.getLogger(__name__)

FRAME_BYTES = 9 * 2**20
"""A picture of 8 MB and its header."""
LONGEST_PATH = 107
"""Bytes of a socket file's path (Linux, unix(7))."""
DOORS, DOORS_EACH = 2000, 32
"""Open pages altogether, and of one address."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "connect-src 'self' blob:; worker-src 'self' blob:; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors "
)
HEADERS = {
    "Content-Security-Policy": f"{POLICY}'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
MEDIA_TYPES = {"image/jpeg", "image/png", "audio/mpeg", "audio/wav"}
NO_PAGE = "页面还没有构建，请用 make run 启动。 The page is not built yet: start with make run.\n"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Server:
    """Everything a browser talks to."""

    foyer: Foyer
    access: Access
    page: Path
    """The built page."""
    avatar: Path
    """Folder of the bodies: <hash>/manifest.json."""
    hooks: Mapping[str, Hooked] = field(default_factory=dict[str, Hooked])
    """Channels whose service calls us, by name."""
    logins: Logins = field(default_factory=lambda: Logins({}))
    wardrobe: Wardrobe | None = None
    """Where the operator changes her looks."""
    ready: bool = False
    doors: set[Door] = field(default_factory=set[Door])
    operators: set[web.WebSocketResponse] = field(default_factory=set[web.WebSocketResponse])
    """Open pages of whoever may change her."""

    def app(self) -> web.Application:
        """The application with its routes."""
        app = web.Application(middlewares=[self._guard], client_max_size=2**20)
        app.router.add_get("/", self._index)
        app.router.add_get("/embed", self._embed)
        app.router.add_get("/embed.js", self._snippet)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/ws", self._socket)
        app.router.add_get("/media/{conversation}/{hash}", self._media)
        app.router.add_get("/avatar/{path:.+}", self._avatar)
        app.router.add_get("/assets/{path:.+}", self._asset)
        app.router.add_post("/meet", self._meet)
        app.router.add_route("*", "/hook/{channel}", self._hook)
        kinds = {"page": "page"} | {name: each.kind for name, each in self.foyer.settings.channels.items()}
        app.router.add_routes(Office(self.access, kinds, self.logins).routes())
        if self.wardrobe:
            app.router.add_routes(self.wardrobe.routes())
        app.on_shutdown.append(self._close_doors)
        app[SOCKETS] = set()
        return app

    @asynccontextmanager
    async def serve(self, host: str | None, port: int = 0, path: Path | None = None) -> AsyncGenerator[int]:
        """Listen on the address (None: on none), and on a socket file for this machine's own commands; the port. Raises OSError."""
        runner = web.AppRunner(self.app(), access_log=None, handle_signals=False, shutdown_timeout=2.0)
        await runner.setup()
        try:
            if host is not None:
                await web.TCPSite(runner, host, port).start()
                port = runner.addresses[0][1]
            if path and len(bytes(path)) > LONGEST_PATH:
                log.warning("%s is too long for a socket: `chat` cannot attach to this server", path)
            elif path:
                path.unlink(missing_ok=True)
                await web.UnixSite(runner, path).start()
                path.chmod(0o600)
            yield port
        finally:
            await runner.cleanup()
            if path:
                path.unlink(missing_ok=True)

    # Requests

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse foreign hosts, add the headers; the edge where a request's fault is recorded."""
        called = request.path.startswith("/hook/")  # signed by its service, whatever name a proxy gives us
        if not called and not local(request) and not self.access.host(request.host):
            return web.Response(status=421, text="this server does not answer to that name\n")
        try:
            response = await handler(request)
        except web.HTTPException as error:
            error.headers.update(HEADERS)
            raise
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception as error:
            fault = uuid.uuid4().hex[:8]
            log.exception("%s %s broke, fault %s", request.method, request.path, fault, exc_info=error)
            response = web.Response(status=500, text=f"出错了 / something broke: {fault}\n")
        if not response.prepared:
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
        return response

    async def _index(self, request: web.Request) -> web.StreamResponse:
        index = self.page / "index.html"
        if not index.is_file():
            return web.Response(status=503, text=NO_PAGE)
        return web.FileResponse(index, headers={"Cache-Control": "no-cache"})

    async def _embed(self, request: web.Request) -> web.StreamResponse:
        """The page inside a page of the listed origins."""
        response = await self._index(request)
        response.headers["Content-Security-Policy"] = POLICY + " ".join(self._hosts())
        return response

    async def _snippet(self, request: web.Request) -> web.StreamResponse:
        """The script that brings her to other people's pages."""
        self._hosts()
        script = self.page / "embed.js"
        if not script.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(
            script, headers={"Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "cross-origin"}
        )

    def _hosts(self) -> tuple[str, ...]:
        """Origins whose pages may hold ours. Raises HTTPNotFound where there are none."""
        if not (origins := self.access.web.embed):
            raise web.HTTPNotFound
        return origins

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        return _file(self.page / "assets", request.match_info["path"])

    async def _avatar(self, request: web.Request) -> web.StreamResponse:
        return _file(self.avatar, request.match_info["path"])

    async def _healthz(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"ready": self.ready}, status=200 if self.ready else 503)

    async def _media(self, request: web.Request) -> web.StreamResponse:
        """Media, to the owner of its conversation only."""
        scheme, _, visitor = request.headers.get("Authorization", "").partition(" ")
        conversation, store, channel = request.match_info["conversation"], self.foyer.store, self.foyer.channel
        if scheme != "Bearer" or not visitor:
            raise web.HTTPUnauthorized
        if conversation not in await store.conversations(channel, access.sender(visitor)):
            raise web.HTTPNotFound
        found = await store.media(conversation, request.match_info["hash"])
        if not found:
            raise web.HTTPNotFound
        type = found[0] if found[0] in MEDIA_TYPES else "application/octet-stream"
        return web.Response(body=found[1], content_type=type, headers={"Cache-Control": "private, max-age=86400"})

    # Other ways in

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        """A call of a channel's service."""
        channel = self.hooks.get(request.match_info["channel"])
        if channel is None:
            raise web.HTTPNotFound
        return await channel.hook(request)

    async def _meet(self, request: web.Request) -> web.StreamResponse:
        """Bind a personal link to the page that was first tapped."""
        if not self.access.origin(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden
        try:
            body = await request.json()
            code, visitor = str(body["code"]), str(body.get("visitor") or "")
        except (ValueError, LookupError, TypeError, AttributeError):
            raise web.HTTPBadRequest from None
        store, channel = self.foyer.store, self.foyer.channel
        if not visitor or not await store.conversations(channel, access.sender(visitor)):
            visitor = access.new_visitor()
        conversation = None
        if self.access.visitors != "nobody":
            code, now = hashed(code), self.foyer.now()
            conversation = await store.redeem(code, channel, access.sender(visitor), now)
        if conversation is None:
            return web.json_response({"error": "void"}, status=410)
        return web.json_response({"visitor": visitor, "conversation": conversation})

    # The socket

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        near = local(request)
        if not near and not self.access.origin(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden(text="foreign origin\n")
        ws = web.WebSocketResponse(protocols=(wire.PROTOCOL,), max_msg_size=FRAME_BYTES, heartbeat=30, compress=False)
        await ws.prepare(request)
        peer, doors = request.remote or "local", self.foyer.open
        if sum(doors.values()) >= DOORS or (not near and doors.get(peer, 0) >= self._each(peer)):
            await ws.close(code=4429, message=b"too many pages")
            return ws
        doors[peer] = doors.get(peer, 0) + 1
        sockets = request.app[SOCKETS]
        sockets.add(ws)
        operator = near or self.access.operator(request.cookies, peer)
        if operator:
            self.operators.add(ws)
        trusted = operator or self.access.visitors == "anyone"
        door = Door(ws, self.foyer, trusted=trusted, operator=operator)
        self.doors.add(door)
        try:
            await _serve(door, ws)
        finally:
            self.doors.discard(door)
            sockets.discard(ws)
            self.operators.discard(ws)
            doors[peer] -= 1
            if not doors[peer]:
                del doors[peer]
        return ws

    def _each(self, peer: str) -> int:
        return DOORS if access.loopback(peer) else DOORS_EACH

    async def _close_doors(self, app: web.Application) -> None:
        for ws in list(app[SOCKETS]):
            await ws.close(code=1001, message=b"the server stops")

    async def show_out(self, conversation: str, *, forgotten: bool = False) -> None:
        """Close the pages of those who came into a conversation by a link; where it is forgotten, all of its pages."""
        for door in [each for each in self.doors if each.conversation == conversation]:
            if forgotten:
                await door.forgotten()
            elif door.guest:
                await door.socket.close(code=NOT_YOURS, message=b"the link was taken back")

    async def notice(self, code: str, text: str) -> None:
        """Tell the operator's open pages something; visitors need not know of it."""
        for ws in list(self.operators):
            with suppress(ConnectionError):  # a page that is just going need not know either
                if not ws.closed:
                    await ws.send_str(wire.text({"type": "notice", "code": code, "text": text}))


SOCKETS: web.AppKey[set[web.WebSocketResponse]] = web.AppKey("sockets")


async def _serve(door: Door, ws: web.WebSocketResponse) -> None:
    """Serve a door and close its socket with the right code."""
    try:
        await door.serve()
    except* Close as group:
        close = next(error for error in leaves(group) if isinstance(error, Close))
        await ws.close(code=close.code, message=str(close).encode())
    except* ConnectionError:
        log.debug("a page went away")


def _file(root: Path, name: str) -> web.StreamResponse:
    """A file below the root, cacheable for ever since its name carries its hash."""
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()) or not path.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})
