"""The operator changes her look in the page: she is seen in it at once, and it goes into her folder."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from bot.persona import load
from bot.personas import Personas
from bot.web.wardrobe import Wardrobe
from tests.page.browser import AVATARS, OFF, browser, home, visit

pytestmark = pytest.mark.skipif(OFF, reason="ZHIYIN_TEST_BROWSER=off")

SHEET = "id: zhu\nname: {zh: 小竹, en: Zhu}\nidentity: 你是小竹。\ngreeting: {zh: 你好, en: Hi}\n"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the whole module, as one browser serves it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def chromium() -> AsyncGenerator[Browser]:
    """The browser all tests share; each has a context of its own."""
    async with browser() as running:
        yield running


async def test_a_look_is_chosen_seen_and_kept(chromium: Browser, tmp_path: Path) -> None:
    (tmp_path / "persona" / "zhu").mkdir(parents=True)
    (tmp_path / "persona" / "zhu" / "persona.yaml").write_text(SHEET)
    (tmp_path / "own").mkdir()
    personas = Personas(tmp_path / "persona", tmp_path / "own")
    async with (
        home(wardrobe=lambda access: Wardrobe(access, lambda: personas.get("zhu"), AVATARS, tmp_path / "own")) as here,
        visit(chromium, here.port) as seen,
    ):
        page = seen.page
        await page.get_by_role("button", name="更多").click()
        await page.get_by_role("button", name="换个样子").click()
        await page.get_by_role("button", name="墨", exact=True).click()
        await seen.until("zhiyin.stage.content.palette?.hair === '#2a2a33'")
        await page.get_by_label("眼睛").fill("#118844")
        await seen.until("zhiyin.stage.content.palette?.eyes === '#118844'")
        await page.get_by_label("发型").select_option("ponytail")
        await page.get_by_role("button", name="存下").click()
        await page.get_by_text("已经存进人设").wait_for()
        assert load(tmp_path / "own" / "zhu").avatar.look == {"base": "ink", "eyes": "#118844", "hair_cut": "ponytail"}
        await page.get_by_role("textbox").wait_for()


async def test_a_look_that_is_not_kept_is_taken_off(chromium: Browser, tmp_path: Path) -> None:
    (tmp_path / "persona" / "zhu").mkdir(parents=True)
    (tmp_path / "persona" / "zhu" / "persona.yaml").write_text(SHEET)
    personas = Personas(tmp_path / "persona", tmp_path)
    async with (
        home(wardrobe=lambda access: Wardrobe(access, lambda: personas.get("zhu"), AVATARS, tmp_path)) as here,
        visit(chromium, here.port) as seen,
    ):
        await seen.until("zhiyin.stage.content.palette?.hair")
        before = await seen.of("zhiyin.stage.content.palette.hair")
        await seen.page.get_by_role("button", name="更多").click()
        await seen.page.get_by_role("button", name="换个样子").click()
        await seen.page.get_by_role("button", name="樱桃", exact=True).click()
        await seen.until(f"zhiyin.stage.content.palette.hair !== '{before}'")
        await seen.page.get_by_role("button", name="不换了").click()
        await seen.until(f"zhiyin.stage.content.palette.hair === '{before}'")
