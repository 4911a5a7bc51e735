"""Everybody can use the page: axe-core has no serious finding, in each place, language and size."""

from collections.abc import AsyncGenerator

import pytest
from playwright.async_api import Browser

from tests.fakes import EchoBrain, HumVoice
from tests.page.browser import OFF, ROOT, browser, home, visit
from tests.page.test_talk import ScriptEar

pytestmark = pytest.mark.skipif(OFF, reason="ZHIYIN_TEST_BROWSER=off")

AXE = ROOT / "bot" / "web" / "page" / "node_modules" / "axe-core" / "axe.min.js"
PLACES = {
    "chat": ("?body=canvas", "document.querySelector('textarea')"),
    "kiosk": ("?mode=kiosk&body=canvas&camera=0", "document.querySelector('.beckon')"),
    "obs": ("?mode=obs&body=canvas", "document.querySelector('.strip')"),
}
FINDINGS = """
Promise.allSettled(document.getAnimations().filter((each) => each.effect.getTiming().iterations < 9).map((each) => each.finished))
  .then(() => axe.run())
  .then(({ violations }) => violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`))
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


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("size", [(390, 844), (1280, 800)])
async def test_axe_finds_nothing_serious(chromium: Browser, place: str, size: tuple[int, int]) -> None:
    query, there = PLACES[place]
    width, height = size
    async with (
        home(EchoBrain(), HumVoice(), ear=ScriptEar("")) as here,
        visit(
            chromium, here.port, query, script=AXE.read_text(), viewport={"width": width, "height": height},
            ready=f"window.zhiyin?.chat.link.value === 'open' && {there}",
        ) as seen,
    ):  # fmt: skip
        assert await seen.of(FINDINGS) == []
        if place == "chat":
            await seen.say("你好")
            await seen.until("document.querySelector('article.hers:not(.greeting) .voice')")
            await seen.page.get_by_role("button", name="更多").click()
            await seen.until("document.querySelector('dialog, [role=menu]')")
            assert await seen.of(FINDINGS) == []
