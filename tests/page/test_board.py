"""What people ask, in real browsers: two ask, a third taps; the operator teaches her, and the next visitor gets that answer."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from bot.avatar.look import Look, fingerprint
from bot.brain import Brain
from bot.settings import Web
from tests.fakes import ScriptBrain
from tests.page.browser import AVATARS, DIST, OFF, Seen, browser, visit
from tests.school import OPEN, PASSWORD, School, school

pytestmark = pytest.mark.skipif(OFF, reason="ZHIYIN_TEST_BROWSER=off")


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the whole module, as one browser serves it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def chromium() -> AsyncGenerator[Browser]:
    """The browser all tests share; each visit has a context of its own."""
    async with browser() as running:
        yield running


@asynccontextmanager
async def shown(
    root: Path, *, web: Web = OPEN, brain: Brain | None = None, watched: bool = False
) -> AsyncGenerator[School]:
    """A service with the built page."""
    manifest = f"/avatar/{fingerprint(Look())}/manifest.json"
    async with school(
        root, web=web, brain=brain, watched=watched, page=DIST, avatars=AVATARS, manifest=manifest
    ) as here:
        yield here


def port(here: School) -> int:
    """Where it listens."""
    return int(here.url.rpartition(":")[2])


@asynccontextmanager
async def operating(chromium: Browser, here: School) -> AsyncGenerator[Seen]:
    """The operator's page, after logging in."""
    async with visit(chromium, port(here)) as seen:
        origin = {"Origin": here.url}
        came = await seen.page.context.request.post(
            f"{here.url}/login", form={"password": PASSWORD}, headers=origin, max_redirects=0
        )
        assert came.status == 303
        await seen.page.reload()
        await seen.until("window.zhiyin?.visit.board.operator.value")
        yield seen


async def answered(seen: Seen, text: str) -> str:
    """What she says to a question."""
    count = await seen.page.locator(".hers .text").count()
    await seen.say(text)
    await seen.until(f"zhiyin.chat.entries.value.filter((each) => each.author === 'persona').length >= {count}")
    return await seen.page.locator(".hers .text").last.inner_text()


async def test_two_ask_and_a_third_taps(chromium: Browser, tmp_path: Path) -> None:
    async with shown(tmp_path) as here, visit(chromium, port(here)) as third:
        board = third.page.locator(".composer").get_by_role("button", name="大家常问")
        await expect(board).to_have_count(0)
        for text in ("请问几点开门呀", "营业时间？"):
            async with visit(chromium, port(here)) as seen:
                await seen.say(text)
                await expect(seen.page.locator(".hers .text").last).to_have_text("早上九点开门。")
        here.time.pass_()
        await expect(third.page.locator(".starters > button").first).to_have_text("几点开门")
        await board.click()
        sheet = third.page.get_by_role("dialog", name="大家常问")
        await expect(sheet.locator(".questions li")).to_have_count(1)
        await expect(sheet.get_by_role("tab")).to_have_count(0)
        await sheet.get_by_role("button", name="几点开门").click()
        await expect(third.page.locator(".mine .text")).to_have_text("几点开门")
        await expect(third.page.locator(".hers .text").last).to_have_text("早上九点开门。")


async def test_the_operator_teaches_her_and_the_next_visitor_gets_that_answer(
    chromium: Browser, tmp_path: Path
) -> None:
    async with shown(tmp_path, watched=True) as here:
        for text in ("能借轮椅吗", "请问能借轮椅吗？"):
            async with visit(chromium, port(here)) as seen:
                await seen.say(text)
                await expect(seen.page.locator(".hers .text").last).not_to_contain_text("服务台")
                await seen.until("zhiyin.chat.entries.value.length >= 2")
        async with operating(chromium, here) as boss:
            page = boss.page
            await page.locator(".composer").get_by_role("button", name="大家常问").click()
            await page.get_by_role("tab", name="没答上来").click()
            await page.get_by_role("button", name="写成问答 能借轮椅吗").click()
            await page.get_by_role("button", name="帮我起草").click()
            await expect(page.get_by_role("status").filter(has_text=re.compile("起草|写"))).to_be_visible()
            await page.get_by_label("别的问法").fill("有轮椅吗\n轮椅怎么借")
            await page.get_by_label("回答").fill("可以，服务台免费借。")
            await page.get_by_role("button", name="存进问答").click()
            await expect(page.get_by_text("faq.yaml")).to_be_visible()
            here.time.pass_()
            await expect(page.get_by_text("都答上来了")).to_be_visible()
        await here.until_known("能借轮椅吗")
        async with visit(chromium, port(here)) as seen:
            await seen.say("轮椅怎么借呀")
            await expect(seen.page.locator(".hers .text").last).to_have_text("可以，服务台免费借。")
    assert "轮椅怎么借" in (here.own / "zhu" / "faq.yaml").read_text(encoding="utf-8")


async def test_the_operator_gets_a_draft_and_is_told_of_an_entry_that_is_there(
    chromium: Browser, tmp_path: Path
) -> None:
    brain = ScriptBrain([["可以借的，服务台就有。"]])
    async with shown(tmp_path, brain=brain) as here:
        await here.ask("啥时候能进去参观", "ab")
        async with operating(chromium, here) as boss:
            page = boss.page
            await page.locator(".composer").get_by_role("button", name="大家常问").click()
            await page.get_by_role("tab", name="没答上来").click()
            await page.get_by_role("button", name="写成问答").click()
            await page.get_by_role("button", name="帮我起草").click()
            await expect(page.get_by_label("回答")).to_have_value("可以借的，服务台就有。")
            await page.get_by_label("问题").fill("营业时间？")
            await page.get_by_role("button", name="存进问答").click()
            await expect(page.get_by_role("status").filter(has_text="hours")).to_be_visible()
            await expect(page.get_by_label("回答")).to_have_value("可以借的，服务台就有。")


async def test_what_the_operator_hides_is_gone_from_everybodys_board(chromium: Browser, tmp_path: Path) -> None:
    async with shown(tmp_path) as here, visit(chromium, port(here)) as guest, operating(chromium, here) as boss:
        await here.ask("能借轮椅吗", "ab")
        await here.ask("哪里能停车", "abc")
        here.time.pass_()
        await expect(guest.page.locator(".starters > button").first).to_have_text("哪里能停车")
        await boss.page.locator(".composer").get_by_role("button", name="大家常问").click()
        await boss.page.get_by_role("button", name="整理：哪里能停车").click()
        await boss.page.get_by_role("button", name="不再显示").click()
        await expect(boss.page.get_by_text("不显示的（1）")).to_be_visible()
        here.time.pass_()
        await expect(guest.page.locator(".starters > button").first).to_have_text("能借轮椅吗")
        await expect(guest.page.get_by_text("哪里能停车")).to_have_count(0)
