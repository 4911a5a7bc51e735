"""A real browser on a real service: what a test opens, and what every visit must not do."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Page, WebSocket, async_playwright

from bot.avatar.look import Look, fingerprint
from bot.brain import Brain
from bot.channel import Accept
from bot.ear import Ear
from bot.lips import Lips
from bot.persona import Persona
from bot.settings import Settings, Web
from bot.voice import Voice
from bot.web import wire
from bot.web.access import Access
from bot.web.door import Foyer
from bot.web.server import Server
from bot.web.wardrobe import Wardrobe
from tests.fakes import PERSONA, EchoBrain
from tests.stage import Stage, stage

ROOT = Path(__file__).parents[2]
DIST = ROOT / "bot" / "web" / "page" / "dist"
AVATARS = ROOT / "build" / "avatar"
OFF = os.environ.get("ZHIYIN_TEST_BROWSER") == "off"
NAMES = "chromium", "chromium-browser", "google-chrome"
# Drawing pages by the processor: WebGL stays, but the rest is quicker without a pretended graphics card.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",
]
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@asynccontextmanager
async def browser(*more: str) -> AsyncGenerator[Browser]:
    """A browser that asks nothing of any network."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    assert path, "no browser: run `bash tests/browser.sh`"
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *more])
        try:
            yield running
        finally:
            await running.close()


@dataclass
class Home:
    """A running service with the built page."""

    port: int
    stage: Stage
    server: Server


@asynccontextmanager
async def home(
    brain: Brain | None = None,
    voice: Voice | None = None,
    *,
    take: Callable[[Accept], Accept] = lambda accept: accept,
    web: Web | None = None,
    ear: Ear | None = None,
    wardrobe: Callable[[Access], Wardrobe] | None = None,
    lips: Lips | None = None,
    persona: Persona = PERSONA,
) -> AsyncGenerator[Home]:
    """The whole service behind a real socket, with her page and her body; ``take`` may stand before the admission."""
    assert (DIST / "index.html").is_file(), "the page is not built: `make setup`"
    body = AVATARS / fingerprint(Look())
    assert (body / "manifest.json").is_file(), "her body is not drawn: `make setup`"
    async with stage(brain or EchoBrain(), voice=voice, lips=lips, listen=False) as running:
        settings = Settings(web=web or Web(port=0))
        manifest = f"/avatar/{body.name}/manifest.json"
        accept = take(running.page.take)
        foyer = Foyer("page", running.store, running.bus, settings, accept, lambda: persona, lambda: manifest, ear)
        access = Access(settings.web)
        server = Server(foyer, access, DIST, AVATARS, wardrobe=wardrobe(access) if wardrobe else None)
        async with server.serve("127.0.0.1", 0) as port:
            server.ready = True
            yield Home(port, running, server)


class Line:
    """A connection that can be cut: a forwarder before the server."""

    def __init__(self, target: int) -> None:
        self.target, self.port, self.up = target, 0, True
        self.writers: set[asyncio.StreamWriter] = set()

    async def cut(self) -> None:
        """Break every connection, and refuse new ones until ``mend``."""
        self.up = False
        for writer in list(self.writers):
            writer.transport.abort()

    def mend(self) -> None:
        """Let connections through again."""
        self.up = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection both ways until either side ends."""
        if not self.up:
            writer.transport.abort()
            return
        far, out = await asyncio.open_connection("127.0.0.1", self.target)
        self.writers |= {writer, out}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, out))
                group.create_task(_pump(far, writer))
        finally:
            self.writers -= {writer, out}
            for each in (writer, out):
                each.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def line(target: int) -> AsyncGenerator[Line]:
    """A forwarder to a port of this machine."""
    forwarder = Line(target)
    server = await asyncio.start_server(forwarder.serve, "127.0.0.1", 0)
    forwarder.port = server.sockets[0].getsockname()[1]
    try:
        yield forwarder
    finally:
        await forwarder.cut()
        server.close()


@dataclass
class Seen:
    """A visit in a browser of its own, and what it asked for and complained of."""

    page: Page
    frames: list[wire.Json] = field(default_factory=list[wire.Json])
    """Headers of what the server sent on the socket."""
    sent: list[wire.Json] = field(default_factory=list[wire.Json])
    addresses: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])

    async def say(self, text: str) -> None:
        """Write into the box and send by the Enter key."""
        await self.page.get_by_role("textbox").fill(text)
        await self.page.keyboard.press("Enter")

    async def until(self, truth: str) -> None:
        """Wait until a JavaScript expression is true (Playwright's own waiting needs eval, which the policy forbids)."""
        async with asyncio.timeout(15):
            while not await self.page.evaluate(f"Boolean({truth})"):
                await asyncio.sleep(0.02)

    async def of(self, expression: str) -> Any:  # noqa: ANN401 — whatever the page says
        """The value of a JavaScript expression."""
        return await self.page.evaluate(expression)

    def of_type(self, type: str) -> list[wire.Json]:
        """Frames of the server of one type."""
        return [frame for frame in self.frames if frame["type"] == type]


@asynccontextmanager
async def visit(
    browser: Browser,
    port: int,
    query: str = "?body=canvas",
    *,
    script: str = "",
    expected: Sequence[str] = (),
    ready: str = "window.zhiyin?.chat.link.value === 'open' && window.zhiyin.stage",
    **options: Any,  # noqa: ANN401 — as the browser's context takes them
) -> AsyncGenerator[Seen]:
    """A fresh visitor on the page; at the end: no complaint but the expected ones, no breach of the policy, no other host."""
    options = {"viewport": {"width": 1000, "height": 640}, "locale": "zh-CN", **options}
    context = await browser.new_context(**options)
    await context.add_init_script(WATCH + script)
    page = await context.new_page()
    page.set_default_timeout(15_000)
    seen = Seen(page)
    page.on("request", lambda request: seen.addresses.append(request.url))
    page.on("websocket", lambda socket: _follow(seen, socket))
    page.on("console", lambda message: _note(seen, message))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    await page.goto(f"http://127.0.0.1:{port}/{query}")
    await seen.until(ready)
    try:
        yield seen
        violations = await seen.of("violations")
        assert not violations, violations
    finally:
        await context.close()
    complaints = [each for each in seen.complaints if not any(part in each for part in expected)]
    assert not complaints, complaints
    here = f"http://127.0.0.1:{port}/", f"ws://127.0.0.1:{port}/", f"blob:http://127.0.0.1:{port}/", "data:"
    foreign = [each for each in seen.addresses if not each.startswith(here)]
    assert not foreign, foreign


def _note(seen: Seen, message: ConsoleMessage) -> None:
    if message.type == "error":
        seen.complaints.append(message.text)


def _follow(seen: Seen, socket: WebSocket) -> None:
    seen.addresses.append(socket.url)
    socket.on("framereceived", lambda frame: seen.frames.append(_header(frame)))
    socket.on("framesent", lambda frame: seen.sent.append(_header(frame)))


def _header(frame: str | bytes) -> wire.Json:
    return wire.parsed(frame)[0] if isinstance(frame, bytes) else json.loads(frame)
