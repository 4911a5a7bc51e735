"""The page inside other people's pages: by one line of theirs, and only where the operator listed them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from bot.settings import Web
from tests.page.browser import DIST, OFF, browser, home

pytestmark = pytest.mark.skipif(OFF, reason="ZHIYIN_TEST_BROWSER=off")

OTHERS = """<!doctype html><html lang="zh-CN"><title>别人的网站</title><style>button, iframe {{ display: none }}</style>
<h1>山里的茶</h1><a href="#">买茶</a><script src="http://127.0.0.1:{port}/embed.js" async></script></html>"""
BLOCKED = """
Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError') } })
"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the whole module, as one browser serves it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def chromium() -> AsyncGenerator[Browser]:
    """The browser all tests share; each has a context of its own."""
    async with browser() as running:
        yield running


class Others:
    """Somebody else's website, which takes her in."""

    def __init__(self) -> None:
        self.port = self.hers = 0

    @property
    def origin(self) -> str:
        """Another site than hers for the browser: another name, another port."""
        return f"http://localhost:{self.port}"

    async def index(self, request: web.Request) -> web.Response:
        """Their page, with styles that would break a careless guest."""
        return web.Response(text=OTHERS.format(port=self.hers), content_type="text/html")


@asynccontextmanager
async def others() -> AsyncGenerator[Others]:
    """The other website, running."""
    site = Others()
    app = web.Application()
    app.router.add_get("/", site.index)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "localhost", 0).start()
        site.port = runner.addresses[0][1]
        yield site
    finally:
        await runner.cleanup()


async def page(chromium: Browser, site: Others, hers: int, *, script: str = "", **options: object) -> Page:
    """Their page in a fresh browser context."""
    site.hers = hers
    context = await chromium.new_context(locale="zh-CN", **options)  # type: ignore[arg-type]
    await context.add_init_script(script)
    opened = await context.new_page()
    opened.set_default_timeout(15_000)
    await opened.goto(site.origin)
    return opened


@pytest.mark.parametrize("script", ["", BLOCKED])
async def test_she_talks_on_a_listed_page_even_where_nothing_is_stored(chromium: Browser, script: str) -> None:
    async with others() as site, home(web=Web(port=0, embed=(site.origin,))) as here:
        theirs = await page(chromium, site, here.port, script=script)
        button = theirs.get_by_role("button", name="和数字人聊天")
        assert await button.get_attribute("aria-expanded") == "false"
        await button.click()
        assert await button.get_attribute("aria-expanded") == "true"
        hers = theirs.frame_locator("iframe")
        await expect(hers.get_by_text("数字人 · 内容由 AI 生成")).to_be_visible()
        await hers.get_by_role("textbox").fill("在吗")
        await hers.get_by_role("textbox").press("Enter")
        await expect(hers.locator("article.hers:not(.greeting) .text")).to_have_text("你说：在吗。")
        await theirs.context.close()


async def test_escape_closes_from_inside_and_outside_and_gives_the_focus_back(chromium: Browser) -> None:
    async with others() as site, home(web=Web(port=0, embed=(site.origin,))) as here:
        theirs = await page(chromium, site, here.port)
        button = theirs.get_by_role("button", name="和数字人聊天")
        await button.focus()
        for inside in (True, False):
            await theirs.keyboard.press("Enter")
            hers = theirs.frame_locator("iframe")
            box = hers.get_by_role("textbox")
            await box.wait_for()
            await (box if inside else theirs.get_by_role("link", name="买茶")).focus()
            await theirs.keyboard.press("Escape")
            await expect(theirs.locator("iframe")).to_be_hidden()
            await expect(button).to_be_focused()
            assert await button.get_attribute("aria-expanded") == "false"
        await theirs.context.close()


async def test_on_a_phone_she_takes_the_screen_and_gives_it_back(chromium: Browser) -> None:
    async with others() as site, home(web=Web(port=0, embed=(site.origin,))) as here:
        theirs = await page(chromium, site, here.port, viewport={"width": 390, "height": 844})
        await theirs.get_by_role("button", name="和数字人聊天").click()
        box = await theirs.locator("iframe").bounding_box()
        assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
        await theirs.frame_locator("iframe").get_by_role("button", name="收起聊天").click()
        await expect(theirs.locator("iframe")).to_be_hidden()
        await theirs.context.close()


async def test_a_page_that_is_not_listed_gets_a_closed_frame(chromium: Browser) -> None:
    async with others() as site, home(web=Web(port=0, embed=("https://friends.example",))) as here:
        theirs = await page(chromium, site, here.port)
        async with theirs.expect_event("console", lambda message: "frame-ancestors" in message.text):
            await theirs.get_by_role("button", name="和数字人聊天").click()
        await expect(theirs.frame_locator("iframe").get_by_role("textbox")).to_have_count(0)
        await theirs.context.close()


async def test_only_the_frame_may_be_framed_and_only_the_snippet_crosses_origins() -> None:
    origins = "https://www.example.com", "http://localhost:3000"
    async with home(web=Web(port=0, embed=origins)) as here, aiohttp.ClientSession() as session:
        policies, crossing = {}, {}
        for path in ("/", "/embed", "/embed.js", "/login", "/healthz"):
            async with session.get(f"http://127.0.0.1:{here.port}{path}") as response:
                policies[path] = response.headers["Content-Security-Policy"].partition("frame-ancestors ")[2]
                crossing[path] = response.headers.get("Cross-Origin-Resource-Policy")
        assert policies.pop("/embed") == " ".join(origins)
        assert set(policies.values()) == {"'none'"}
        assert crossing.pop("/embed.js") == "cross-origin"
        assert set(crossing.values()) == {None}


async def test_where_nobody_is_listed_there_is_nothing_to_take_in() -> None:
    async with home() as here, aiohttp.ClientSession() as session:
        for path in ("/embed", "/embed.js"):
            async with session.get(f"http://127.0.0.1:{here.port}{path}") as response:
                assert response.status == 404


async def test_an_embedding_page_may_not_use_the_socket_itself() -> None:
    async with home(web=Web(port=0, embed=("http://localhost:3000",))) as here, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"http://127.0.0.1:{here.port}/ws", headers={"Origin": "http://localhost:3000"})
        assert refused.value.status == 403


def test_the_snippet_is_small() -> None:
    assert 500 < (DIST / "embed.js").stat().st_size <= 4096
