"""The page in a stream: she alone on nothing, the strip, and a second door of what is said in the window beside it."""

import io
from collections.abc import AsyncGenerator

import pytest
from PIL import Image
from playwright.async_api import Browser, expect

from tests.fakes import HumVoice
from tests.page.browser import OFF, browser, home, visit

pytestmark = pytest.mark.skipif(OFF, reason="ZHIYIN_TEST_BROWSER=off")

OBS = "?mode=obs&body=canvas"
WIDE = {"width": 960, "height": 540}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the whole module, as one browser serves it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def chromium() -> AsyncGenerator[Browser]:
    """The browser all tests share; each has a context of its own."""
    async with browser() as running:
        yield running


def clear(picture: bytes) -> Image.Image:
    """A screenshot's alpha."""
    return Image.open(io.BytesIO(picture)).convert("RGBA").getchannel("A")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_there_is_nothing_but_her_and_the_strip(chromium: Browser, scheme: str) -> None:
    query = OBS + "&strip=0&label=0"
    async with home() as here, visit(chromium, here.port, query, viewport=WIDE, color_scheme=scheme) as seen:
        alpha = clear(await seen.page.screenshot(omit_background=True))
        assert [alpha.getpixel(at) for at in ((1, 1), (958, 1), (1, 538), (958, 538), (100, 400))] == [0] * 5
        assert alpha.getpixel((480, 270)) == 255
        strip = seen.page.get_by_text("数字人 · 内容由 AI 生成")
        await expect(strip).to_be_visible()
        box = await strip.bounding_box()
        assert box
        left, top = round(box["x"]), round(box["y"])
        assert alpha.crop((left + 12, top + 6, left + 40, top + 10)).getextrema()[0] == round(0.72 * 255)
        await expect(seen.page.get_by_role("textbox")).to_have_count(0)
        await expect(seen.page.get_by_role("heading")).to_have_count(0)


@pytest.mark.parametrize(("side", "clear_at", "her_at"), [("left", 760, 260), ("right", 200, 700)])
async def test_she_stands_where_the_address_says(chromium: Browser, side: str, clear_at: int, her_at: int) -> None:
    async with home() as here, visit(chromium, here.port, f"{OBS}&side={side}", viewport=WIDE) as seen:
        alpha = clear(await seen.page.screenshot(omit_background=True))
        assert (alpha.getpixel((clear_at, 300)), alpha.getpixel((her_at, 300))) == (0, 255)


async def test_what_is_said_in_the_muted_window_beside_sounds_in_the_stream_alone(chromium: Browser) -> None:
    async with home(voice=HumVoice()) as here, visit(chromium, here.port) as chat:
        await chat.page.get_by_role("button", name="静音").click()
        obs = await chat.page.context.new_page()
        await obs.goto(f"http://127.0.0.1:{here.port}/{OBS}")
        await obs.get_by_role("button", name="点一下，打开声音").click()
        await chat.say("在吗")
        await expect(obs.locator(".subtitle")).to_contain_text("在吗")
        assert await obs.evaluate("zhiyin.player.playing")
        await expect(chat.page.locator("article.hers:not(.greeting) .text")).to_contain_text("在吗")
        assert not chat.of_type("sound")
        assert await obs.evaluate("zhiyin.visit.preferences.muted.value") is False
        assert "visitor" not in obs.url


async def test_the_stream_goes_where_the_window_beside_goes(chromium: Browser) -> None:
    ready = "window.zhiyin?.chat.link.value === 'open'"
    async with home() as here, visit(chromium, here.port, OBS, ready=ready) as obs:
        chat = await obs.page.context.new_page()
        await chat.goto(f"http://127.0.0.1:{here.port}/?body=canvas")
        await chat.get_by_role("textbox").wait_for()
        first = await obs.of("zhiyin.link.conversation")
        await chat.get_by_role("button", name="更多").click()
        await chat.get_by_role("button", name="新的对话").click()
        await obs.until(f"zhiyin.chat.welcome.value.conversation !== '{first}'")
        second = await chat.evaluate("zhiyin.link.conversation")
        assert await obs.of("zhiyin.chat.welcome.value.conversation") == second
        await chat.get_by_role("textbox").fill("还在吗")
        await chat.keyboard.press("Enter")
        await obs.until("zhiyin.chat.items.value.length === 2")


async def test_subtitles_can_be_left_out(chromium: Browser) -> None:
    async with home(voice=HumVoice()) as here, visit(chromium, here.port, OBS + "&subtitles=0") as seen:
        await seen.of("zhiyin.visit.draft.value = '在吗'")
        await seen.of("zhiyin.visit.say()")
        await seen.until("zhiyin.player.playing")
        await expect(seen.page.locator(".subtitle")).to_have_count(0)
        await expect(seen.page.get_by_role("log")).to_contain_text("在吗")
