"""The page in a hall: who comes is greeted, who goes leaves nothing behind, hands on the glass do no harm."""

import io
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.async_api import Browser, async_playwright, expect

from bot.settings import Web
from tests.fakes import HumVoice
from tests.page.browser import ARGUMENTS, NAMES, OFF, Seen, browser, home, visit

pytestmark = pytest.mark.skipif(OFF, reason="ZHIYIN_TEST_BROWSER=off")

KIOSK = "?mode=kiosk&body=canvas"
UPRIGHT, LYING, PHONE = (1080, 1920), (1280, 720), (390, 844)
SMALL = """
[...document.querySelectorAll('button, textarea')]
  .filter((each) => each.offsetParent)
  .map((each) => [each.className, each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 64 || box.height < 64)
  .map(([name, box]) => `${name} ${box.width} ${box.height}`)
"""
OUTSIDE = """
[...document.querySelectorAll('.kiosk button, .kiosk .subtitle span, .kiosk .strip')]
  .map((each) => [each.className || each.tagName, each.getBoundingClientRect()])
  .filter(([, box]) => box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight)
  .map(([name]) => name)
"""
LOCKS = """
window.locks = 0
Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => { window.locks++ } } })
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


@asynccontextmanager
async def watched(film: Path) -> AsyncGenerator[Browser]:
    """A browser whose camera shows a film, over and over."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    camera = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *camera])
        try:
            yield running
        finally:
            await running.close()


def film(path: Path, *, empty: int, full: int) -> Path:
    """A film of a hall, ten frames a second: frames without anybody, then frames with somebody."""
    y, x = np.mgrid[0:120, 0:160]
    noise = np.random.default_rng(1)
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W160 H120 F10:1 Ip A1:1 C420jpeg\n")
        for number in range(empty + full):
            room = 150.0 - y / 2
            if number >= empty:
                room[(abs(x - 80 - number % 3) < 26) & (y > 30)] = 45
            grey = (room + noise.uniform(-3, 3, room.shape)).clip(16, 235).astype(np.uint8)
            file.write(b"FRAME\n" + grey.tobytes() + bytes([128]) * (80 * 60 * 2))
    return path


async def forward(seen: Seen, seconds: int) -> None:
    """Let time pass on the page, not here."""
    await seen.page.clock.fast_forward(seconds * 1000)


async def test_who_comes_is_greeted_and_who_passes_by_is_let_go(tmp_path: Path) -> None:
    hall = film(tmp_path / "hall.y4m", empty=100, full=40)
    async with watched(hall) as chromium, home() as here, visit(chromium, here.port, KIOSK) as seen:
        await expect(seen.page.get_by_role("button", name="点这里，和我聊聊")).to_be_visible()
        await seen.until("zhiyin.scene === 'greeting'")
        await seen.until("zhiyin.stage.gesture === 'wave'")
        await expect(seen.page.locator(".subtitle")).to_have_text("你好！")
        await seen.until("zhiyin.scene === 'attract'")
        assert not [frame for frame in seen.sent if frame["type"] == "say"]


async def test_a_touch_begins_a_talk_and_silence_ends_it_with_a_stranger(chromium: Browser) -> None:
    async with home(voice=HumVoice()) as here, visit(chromium, here.port, KIOSK) as seen:
        await seen.page.clock.install()
        before = await seen.of("[zhiyin.link.visitor, zhiyin.link.conversation]")
        await seen.page.get_by_role("button", name="点这里，和我聊聊").click()
        await expect(seen.page.locator(".subtitle")).to_have_text("你好！")
        await seen.page.get_by_role("button", name="陪我聊聊天吧").click()
        await expect(seen.page.locator(".asked")).to_have_text("陪我聊聊天吧")
        await seen.until("zhiyin.scene === 'talking' && zhiyin.player.playing")
        await seen.until("!zhiyin.visit.busy.value")
        await expect(seen.page.locator(".subtitle")).to_have_text("你说：陪我聊聊天吧。")
        await forward(seen, 61)
        await seen.until("zhiyin.scene === 'goodbye'")
        await expect(seen.page.locator(".subtitle")).to_have_text("再见，下次再来聊！")
        await forward(seen, 7)
        await seen.until("zhiyin.scene === 'attract'")
        await forward(seen, 1)
        await seen.until("zhiyin.chat.link.value === 'open' && zhiyin.link.visitor")
        after = await seen.of("[zhiyin.link.visitor, zhiyin.link.conversation]")
        assert not set(before) & set(after)
        await seen.page.get_by_role("button", name="点这里，和我聊聊").click()
        await expect(seen.page.locator(".subtitle")).to_have_text("你好！")
        assert "陪我聊聊天吧。" not in await seen.page.content()
        assert await seen.of("zhiyin.chat.items.value.length") == 0
        assert await seen.of("localStorage.length") == 0


async def test_a_first_message_makes_her_greet_aloud(chromium: Browser) -> None:
    async with home(voice=HumVoice()) as here, visit(chromium, here.port, KIOSK + "&hello=有人来了") as seen:
        await seen.page.get_by_role("button", name="点这里，和我聊聊").click()
        await seen.until("zhiyin.player.playing")
        await expect(seen.page.locator(".subtitle")).to_contain_text("有人来了")
        await expect(seen.page.locator(".asked")).to_have_count(0)
        assert await seen.of("zhiyin.scene") == "greeting"


async def test_writing_opens_the_box_and_another_tongue_is_one_touch_away(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, KIOSK + "&camera=0") as seen:
        await seen.page.keyboard.press("Enter")
        await seen.page.get_by_role("button", name="English").click()
        await seen.page.get_by_role("button", name="Type").click()
        await expect(seen.page.get_by_role("textbox")).to_be_focused()
        await seen.say("hello")
        await expect(seen.page.locator(".subtitle")).to_contain_text("你说：hello")
        assert await seen.of("document.documentElement.lang") == "en"
        await expect(seen.page.get_by_role("log")).to_contain_text("hello")


@pytest.mark.parametrize("size", [UPRIGHT, LYING, PHONE])
async def test_everything_is_in_the_picture_and_large_enough_for_a_hand(
    chromium: Browser, size: tuple[int, int]
) -> None:
    view = {"width": size[0], "height": size[1]}
    async with home() as here, visit(chromium, here.port, KIOSK, viewport=view) as seen:
        for _ in range(2):
            assert await seen.of(SMALL) == []
            assert await seen.of(OUTSIDE) == []
            await expect(seen.page.get_by_text("数字人 · 内容由 AI 生成")).to_be_visible()
            await seen.page.mouse.click(30, size[1] / 2)
            await seen.until("zhiyin.scene !== 'attract'")


@pytest.mark.parametrize(("ground", "corner"), [("black", (0, 0, 0, 255)), ("transparent", (0, 0, 0, 0))])
async def test_a_see_through_screen_gets_its_ground(
    chromium: Browser, ground: str, corner: tuple[int, int, int, int]
) -> None:
    async with (
        home() as here,
        visit(chromium, here.port, f"{KIOSK}&ground={ground}", viewport={"width": 540, "height": 960}) as seen,
    ):
        picture = Image.open(io.BytesIO(await seen.page.screenshot(omit_background=True))).convert("RGBA")
        assert {picture.getpixel(at) for at in ((1, 1), (538, 1), (1, 958), (538, 958))} == {corner}


async def test_the_screen_stays_on_and_the_glass_is_only_glass(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, KIOSK, script=LOCKS) as seen:
        assert await seen.of("locks") == 1
        await seen.of("document.dispatchEvent(new Event('visibilitychange'))")
        assert await seen.of("locks") == 2
        assert (
            await seen.of("document.body.dispatchEvent(new Event('contextmenu', {bubbles: true, cancelable: true}))")
            is False
        )
        assert (
            await seen.of(
                "document.body.dispatchEvent(new WheelEvent('wheel', {ctrlKey: true, bubbles: true, cancelable: true}))"
            )
            is False
        )
        assert await seen.of("getComputedStyle(document.querySelector('.beckon')).userSelect") == "none"


async def test_by_link_only_a_kiosk_says_that_it_must_be_let_in(chromium: Browser) -> None:
    web = Web(port=0, visitors="link", public_url="https://her.example")
    ready = "window.zhiyin?.chat.link.value === 'denied'"
    async with home(web=web) as here, visit(chromium, here.port, KIOSK, ready=ready) as seen:
        await expect(seen.page.get_by_role("link", name="这个页面需要邀请链接或登录")).to_be_visible()
