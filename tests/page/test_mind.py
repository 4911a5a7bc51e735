"""What her mind gives the page: where she has it from, what she made, what people ask, and what the operator teaches her."""

import io
import json
from collections.abc import AsyncGenerator

import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, expect

from bot.web.wire import Json
from tests.page.browser import OFF, Seen, browser, home, visit
from tests.page.test_access import AXE, FINDINGS

pytestmark = pytest.mark.skipif(OFF, reason="ZHIYIN_TEST_BROWSER=off")

# The test is the server of these frames: the real one neither gets nor sends them.
STAGED = """
window.asked = []
window.WebSocket = class extends WebSocket {
  send(data) {
    const frame = typeof data === 'string' ? JSON.parse(data) : {}
    if (/^(hot|faq)/.test(frame.type)) window.asked.push(frame)
    else super.send(data)
  }
}
"""
TEXT = "停在**东门**最方便。\n\n- 首小时 10 元\n- 全天 40 元\n"
SOURCES: list[Json] = [
    {"id": "a", "at": 11, "number": 1, "file": "须知.docx", "heading": "二 › 停车", "text": "东门地下有车位。"},
    {"id": "b", "at": 35, "number": 2, "file": "faq", "heading": "怎么收费", "text": "<b>10 元</b>一小时"},
    {"id": "c", "at": 35, "number": 3, "file": "c.md", "heading": "", "text": "三"},
    {"id": "d", "at": 35, "number": 4, "file": "d.md", "heading": "", "text": "四"},
    {"id": "e", "at": 35, "number": 5, "file": "e.md", "heading": "", "text": "五"},
    {"id": "z", "at": 2, "number": 0, "file": "z.md", "heading": "", "text": "不给看的"},
]
HOT: Json = {
    "type": "hot",
    "items": [
        {"id": f"q{number}", "text": f"问题 {number} 怎么办", "count": 9 - number, "pinned": number == 0}
        for number in range(5)
    ],
    "operator": None,
}
UNANSWERED: Json = {"id": "u1", "text": "能借轮椅吗", "users": 2, "asked": 3}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the whole module, as one browser serves it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def chromium() -> AsyncGenerator[Browser]:
    """The browser all tests share; each has a context of its own."""
    async with browser() as running:
        yield running


async def give(seen: Seen, *frames: Json) -> None:
    """Let the page have frames as if the server had sent them."""
    taking = "for (const frame of {}) {{ zhiyin.chat.take(frame); zhiyin.visit.board.take(frame) }}"
    await seen.of(taking.format(json.dumps(frames)))


async def asked(seen: Seen, type: str) -> list[Json]:
    """What the page asked of the server, of one type."""
    frames: list[Json] = await seen.of("asked")
    return [frame for frame in frames if frame["type"] == type]


def entry(number: int, text: str, **more: object) -> Json:
    """A reply of hers as the server sends it."""
    parts = [{"type": "text", "text": text}]
    base = {"type": "entry", "entry": number, "author": "persona", "state": "answered", "at": 1.0, "id": "", "turn": ""}
    rest = {"rating": 0, "heard": None, "utterances": [], "cues": [], "cites": [], "label": "内容由AI生成"}
    return {**base, "parts": parts, **rest, **more}


def operated(**more: object) -> Json:
    """The board as the operator gets it."""
    return {**HOT, "operator": {"unanswered": [UNANSWERED], "hidden": [{"id": "h", "text": "藏起来的"}], **more}}


async def test_sources_are_numbered_in_the_text_and_can_be_read(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, script=STAGED) as seen:
        await give(seen, entry(7, TEXT, sources=SOURCES))
        page = seen.page
        numbers = page.locator(".number button")
        names = [await each.get_attribute("aria-label") for each in await numbers.all()]
        assert names == ["来源 1", "来源 2", "来源 3", "来源 4", "来源 5"]
        await expect(page.locator("p:has(strong) .number")).to_have_count(1)
        await expect(page.locator("li:last-child > .number")).to_have_count(4)
        copied = await seen.of(
            "(getSelection().selectAllChildren(document.querySelectorAll('.hers .text')[1]), String(getSelection()))"
        )
        assert [line for line in copied.split("\n") if line] == ["停在东门最方便。", "首小时 10 元", "全天 40 元"]
        cards = page.locator(".cards button")
        await expect(cards).to_have_text(["〔1〕须知.docx › 二 › 停车", "〔2〕常见问题 › 怎么收费", "〔3〕c.md", "+2"])
        await cards.last.click()
        await expect(cards).to_have_count(5)
        await numbers.nth(1).focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_contain_text("<b>10 元</b>一小时")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        await expect(numbers.nth(1)).to_be_focused()
        assert "不给看的" not in await page.content()


async def test_what_she_is_about_is_told_until_it_is_done(chromium: Browser) -> None:
    of = {"turn": "t", "attempt": 1}
    tool = {"type": "tool", **of, "name": "look", "zh": "正在查资料…", "en": "Looking it up…"}
    async with home() as here, visit(chromium, here.port, script=STAGED) as seen:
        await give(seen, {"type": "begin", **of, "piece": 0, "answers": [99], "voiced": False})
        await give(seen, {**tool, "piece": 1, "state": "running"}, {"type": "never heard of", **of, "piece": 2})
        await expect(seen.page.locator(".typing .doing")).to_have_text("正在查资料…")
        await expect(seen.page.get_by_role("status").get_by_text("正在查资料…")).to_have_count(1)
        await give(seen, {"type": "words", **of, "piece": 3, "text": "我看看，"})
        await expect(seen.page.locator(".growing .doing")).to_have_text("正在查资料…")
        await give(seen, {**tool, "piece": 4, "state": "failed"})
        await expect(seen.page.locator(".doing")).to_have_count(0)


async def test_a_picture_of_hers_says_so_and_can_be_saved(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, script=STAGED) as seen:
        page, png = seen.page, io.BytesIO()
        Image.new("RGB", (640, 480), "#4fbfae").save(png, "PNG")
        picture: FilePayload = {"name": "a.png", "mimeType": "image/png", "buffer": png.getvalue()}
        await page.locator("input[type=file]").set_input_files([picture])
        await expect(page.locator(".tray img")).to_have_count(1)
        await seen.say("看")
        part = "zhiyin.chat.entries.value.flatMap((each) => each.parts).find((each) => each.type === 'picture')"
        await seen.until(part)
        made = await seen.of(part)
        await give(seen, entry(99, "画好了", parts=[{"type": "text", "text": "画好了"}, made]))
        await expect(page.locator(".hers .photo .mark")).to_have_text("AI 生成")
        await expect(page.locator(".mine .photo .mark")).to_have_count(0)
        await page.get_by_role("button", name="AI 生成的图片").click()
        viewer = page.get_by_role("dialog", name="AI 生成")
        height = await viewer.locator(".mark").evaluate("mark => parseFloat(getComputedStyle(mark).fontSize) * 0.9")
        shown = await viewer.locator("img").bounding_box()
        assert shown
        assert height >= 0.05 * min(shown["width"], shown["height"])
        async with page.expect_download() as saving:
            await viewer.get_by_role("link", name="保存图片").click()
        assert (await saving.value).suggested_filename == f"ai-{made['media'][:12]}.jpg"


async def test_what_people_ask_is_asked_by_a_tap(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, script=STAGED) as seen:
        assert len(await asked(seen, "hot")) >= 1
        page = seen.page
        await expect(page.get_by_role("button", name="大家常问")).to_have_count(0)
        await give(seen, HOT)
        await expect(page.locator(".starters > button")).to_have_text([f"问题 {number} 怎么办" for number in range(4)])
        await page.get_by_role("textbox").fill("没写完的")
        await page.locator(".composer").get_by_role("button", name="大家常问").click()
        board = page.get_by_role("dialog", name="大家常问")
        await expect(board.locator(".questions li")).to_have_count(5)
        await expect(board.get_by_role("tab")).to_have_count(0)
        await board.get_by_role("button", name="问题 4").click()
        await expect(board).to_have_count(0)
        await expect(page.locator(".mine .text")).to_have_text("问题 4 怎么办")
        await expect(page.get_by_role("textbox")).to_have_value("没写完的")
        await page.get_by_role("button", name="更多").click()
        await page.get_by_role("button", name="她记得我什么").click()
        await expect(page.locator(".mine .text").last).to_have_text("你记得我什么")


async def test_the_operator_tidies_the_board(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, script=STAGED) as seen:
        page = seen.page
        await give(seen, operated())
        await page.locator(".composer").get_by_role("button", name="大家常问").click()
        await page.get_by_role("button", name="整理：问题 1 怎么办").click()
        await page.get_by_label("显示的问法").fill("一号问题")
        await page.get_by_role("button", name="保存").click()
        await page.get_by_role("button", name="整理：问题 1 怎么办").click()
        await page.get_by_label("并到另一个问题").select_option("q3")
        await page.get_by_role("button", name="合并").click()
        await page.get_by_role("button", name="置顶", exact=True).click()
        await page.get_by_role("button", name="不再显示").click()
        await page.get_by_text("不显示的（1）").click()
        await page.get_by_role("button", name="重新显示 藏起来的").click()
        assert await asked(seen, "hot_edit") == [
            {"type": "hot_edit", "id": "q1", "do": "word", "text": "一号问题"},
            {"type": "hot_edit", "id": "q1", "do": "merge", "into": "q3"},
            {"type": "hot_edit", "id": "q1", "do": "pin"},
            {"type": "hot_edit", "id": "q1", "do": "hide"},
            {"type": "hot_edit", "id": "h", "do": "show"},
        ]


async def test_the_operator_teaches_her_what_she_could_not_answer(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, script=STAGED) as seen:
        page = seen.page
        await give(seen, operated())
        await page.locator(".composer").get_by_role("button", name="大家常问").click()
        await page.get_by_role("tab", name="大家常问").focus()
        await page.keyboard.press("ArrowRight")
        await page.get_by_role("button", name="写成问答 能借轮椅吗").click()
        await page.get_by_role("button", name="帮我起草").click()
        assert await asked(seen, "faq_draft") == [{"type": "faq_draft", "id": "u1"}]
        draft = {"q": "可以借轮椅吗？", "also": ["有轮椅吗"], "a": "可以。"}
        await give(seen, {"type": "faq_draft", "id": "u1", **draft})
        await expect(page.get_by_label("别的问法")).to_have_value("有轮椅吗")
        await page.keyboard.press("Escape")
        await page.locator(".composer").get_by_role("button", name="大家常问").click()
        await page.get_by_label("回答").fill("可以，免费。")
        await page.get_by_role("button", name="存进问答").click()
        assert await asked(seen, "faq_save") == [{"type": "faq_save", "id": "u1", **draft, "a": "可以，免费。"}]
        saved = {"type": "faq_saved", "id": "u1", "ok": True, "notice": ""}
        await give(seen, saved, operated(unanswered=[]))
        await expect(page.get_by_text("已经存进问答")).to_be_visible()
        await expect(page.get_by_text("都答上来了")).to_be_visible()


@pytest.mark.parametrize("size", [(360, 740), (1280, 800)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_here_either(chromium: Browser, size: tuple[int, int], scheme: str) -> None:
    view = {"width": size[0], "height": size[1]}
    async with (
        home() as here,
        visit(chromium, here.port, script=STAGED + AXE.read_text(), viewport=view, color_scheme=scheme) as seen,
    ):
        page = seen.page
        await give(seen, operated(), entry(7, TEXT, sources=SOURCES))
        assert await seen.of(FINDINGS) == []
        await page.locator(".number button").first.click()
        assert await seen.of(FINDINGS) == []
        await page.keyboard.press("Escape")
        await page.locator(".composer").get_by_role("button", name="大家常问").click()
        await page.get_by_role("button", name="整理：问题 0 怎么办").click()
        assert await seen.of(FINDINGS) == []
        await page.get_by_role("tab", name="没答上来").click()
        assert await seen.of(FINDINGS) == []
        await page.get_by_role("button", name="写成问答").click()
        assert await seen.of(FINDINGS) == []


@pytest.mark.parametrize("size", [(1080, 1920), (1280, 720), (390, 844)])
async def test_in_a_hall_questions_are_asked_by_a_touch(chromium: Browser, size: tuple[int, int]) -> None:
    view = {"width": size[0], "height": size[1]}
    kiosk = "?mode=kiosk&body=canvas&camera=0"
    async with home() as here, visit(chromium, here.port, kiosk, script=STAGED, viewport=view) as seen:
        await give(seen, operated())
        chips = seen.page.locator(".often button")
        await expect(chips).to_have_count(4)
        for chip in await chips.all():
            box = await chip.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 64
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= size[0]
            assert box["y"] + box["height"] <= size[1]
        await chips.nth(2).click()
        await expect(seen.page.locator(".asked")).to_have_text("问题 2 怎么办")
        assert await seen.of("zhiyin.scene") == "talking"


async def test_in_a_stream_there_is_none_of_it(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, "?mode=obs&body=canvas", script=STAGED) as seen:
        assert await asked(seen, "hot") == []
        await give(seen, operated(), entry(7, TEXT, sources=SOURCES))
        await expect(seen.page.get_by_role("button", name="问题")).to_have_count(0)
        await expect(seen.page.locator(".number, .cards, .often")).to_have_count(0)
