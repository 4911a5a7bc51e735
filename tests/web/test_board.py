"""The board over the real socket: what people ask is shown when several did, and only the operator changes it and teaches her."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.brain import BrainError
from bot.message import End
from bot.persona import load
from bot.popular import TOPIC
from bot.settings import Web
from tests.fakes import ScriptBrain, soon
from tests.school import FAQ, School, operator, school
from tests.visitor import Visitor, visit
from tests.web.test_server import answered, examples

Json = dict[str, Any]
LESSON: Json = {"q": "能借轮椅吗", "also": ["有轮椅吗"], "a": "可以，服务台免费借。"}


async def hot(page: Visitor) -> Json:
    """The next board."""
    return await soon(page.until("hot"))


async def asked(page: Visitor) -> Json:
    """The board, asked for."""
    await page.send({"type": "hot"})
    return await hot(page)


def texts(board: Json) -> list[str]:
    """The questions of a board."""
    return [each["text"] for each in board["items"]]


async def quiet(page: Visitor) -> bool:
    """Whether nothing came before the answer to a ping."""
    await page.send({"type": "ping", "t": 1})
    return (await soon(page.next()))["type"] == "pong"


async def unanswered(here: School) -> Json:
    """What the operator is shown first of what she could not answer."""
    async with operator(here.url) as page:
        await soon(page.hello())
        return (await asked(page))["operator"]["unanswered"][0]


async def said(page: Visitor, text: str) -> str:
    """What she answers."""
    return (await answered(page, text))["entry"]["parts"][0]["text"]


# Looking


async def test_a_question_is_public_when_two_have_asked_it(tmp_path: Path) -> None:
    async with school(tmp_path) as here, visit(here.url) as first, visit(here.url) as second, visit(here.url) as third:
        for page in (first, second, third):
            await soon(page.hello())
        assert await asked(third) | {"_at": 0} == {"type": "hot", "items": [], "operator": None, "_at": 0}
        for text in ("请问几点开门呀", "啥时候开门？"):
            await said(first, text)
        here.time.pass_()
        assert await quiet(third)
        await said(second, "营业时间")
        here.time.pass_()
        [item] = (await hot(third))["items"]
        assert (item["text"], item["count"], item["pinned"]) == ("几点开门", 3, False)


async def test_nobody_is_shown_the_board_who_did_not_ask_for_it(tmp_path: Path) -> None:
    async with school(tmp_path) as here, visit(here.url) as page:
        await soon(page.hello())
        assert await quiet(page)
        await here.ask("能借轮椅吗", "ab")
        here.time.pass_()
        assert await quiet(page)
        await page.send({"type": "new"})
        await soon(page.until("welcome"))
        assert texts(await asked(page)) == ["能借轮椅吗"]


async def test_pushes_are_gathered(tmp_path: Path) -> None:
    async with school(tmp_path) as here, visit(here.url) as page:
        await soon(page.hello())
        await asked(page)
        for text in ("能借轮椅吗", "哪里能停车", "可以带宠物进来吗"):
            await here.ask(text, "ab")
            assert await quiet(page)
        here.time.pass_()
        assert len(texts(await hot(page))) == 3
        here.time.pass_()
        assert await quiet(page)


async def test_a_newcomer_is_shown_at_once_what_is_there_and_then_what_is_new(tmp_path: Path) -> None:
    async with school(tmp_path) as here, visit(here.url) as first, visit(here.url) as second:
        await soon(first.hello())
        await soon(second.hello())
        await here.ask("能借轮椅吗", "ab")
        assert texts(await asked(first)) == ["能借轮椅吗"]
        await here.ask("哪里能停车", "abc")
        assert texts(await asked(second)) == ["能借轮椅吗"]
        here.time.pass_()
        for page in (first, second):
            assert texts(await hot(page)) == ["哪里能停车", "能借轮椅吗"]


async def test_it_is_asked_again_after_a_new_conversation_and_goes_on(tmp_path: Path) -> None:
    async with school(tmp_path) as here, visit(here.url) as page:
        await soon(page.hello())
        await asked(page)
        await page.send({"type": "new"})
        await soon(page.until("welcome"))
        assert texts(await asked(page)) == []
        await here.ask("能借轮椅吗", "ab")
        here.time.pass_()
        assert texts(await hot(page)) == ["能借轮椅吗"]
    assert here.boards.open == set()


PRIVATE = [
    "我叫李小明，身份证 110101199001011234，能退房吗", "打 13800138000 找我，轮椅能借吗", "my email is a@b.example, can I park?",
    "<img src=x onerror=alert(1)> 哪里停车", "[点这里](javascript:alert(1)) 能退票吗", "加我微信 abcd1234 便宜卖门票吗", "\u202e吗票退能",
]  # fmt: skip


async def test_what_is_somebodys_own_or_hostile_is_never_shown(tmp_path: Path) -> None:
    async with school(tmp_path) as here, visit(here.url) as page, operator(here.url) as boss:
        await soon(page.hello())
        await soon(boss.hello())
        for text in PRIVATE:
            await here.ask(text, "abc")
        lone = "我跟我太太的结婚纪念日送什么好"
        for text in (lone, f"{lone}呢", lone):
            await said(page, text)
        shown = json.dumps(await asked(page), ensure_ascii=False)
        for piece in ("李小明", "1101", "138", "@", "<", "javascript", "abcd", "\u202e", "纪念日"):
            assert piece not in shown
        board = await asked(boss)
        assert "纪念日" not in json.dumps(board["items"], ensure_ascii=False)
        for piece in ("李小明", "1101", "138", "@", "<", "javascript", "abcd", "\u202e"):
            assert piece not in json.dumps(board, ensure_ascii=False)


async def test_deleting_ones_data_takes_ones_questions_along(tmp_path: Path) -> None:
    async with school(tmp_path) as here, visit(here.url) as first, visit(here.url) as second:
        await soon(first.hello())
        await soon(second.hello())
        for page in (first, second):
            await said(page, "能借轮椅吗")
        await said(first, "我太太喜欢什么花")
        assert texts(await asked(second)) == ["能借轮椅吗"]
        await first.send({"type": "forget"})
        await soon(first.until("forgotten"))
        here.time.pass_()
        assert texts(await hot(second)) == []
        assert "太太" not in str(await here.stage.store.records(TOPIC))
        await said(second, "我先生喜欢什么茶")
        await said(second, "删除我的数据")
        async with here.stage.bus.listen(second.welcome["conversation"], sound=False) as listener:
            await second.say("确认删除")
            ended = await soon(anext(piece.shown async for piece in listener if isinstance(piece.shown, End)))
        assert ended.entry is None
        [kept] = await here.stage.store.records(TOPIC)
        assert list(kept.value["wordings"]) == ["能借轮椅吗"]  # what two have used is nobody's own


# Tidying


async def test_the_operator_tidies_and_everybody_sees_it(tmp_path: Path) -> None:
    async with school(tmp_path) as here, visit(here.url) as page, operator(here.url) as boss:
        await soon(page.hello())
        await soon(boss.hello())
        await here.ask("能借轮椅吗", "ab")
        await here.ask("哪里能停车", "abc")
        await asked(page)
        park, chair = [each["id"] for each in (await asked(boss))["items"]]

        async def do(deed: str, id: str, **more: str) -> Json:
            await boss.send({"type": "hot_edit", "id": id, "do": deed, **more})
            board = await hot(boss)
            here.time.pass_()
            assert (await hot(page))["items"] == board["items"]
            return board

        assert [each["pinned"] for each in (await do("pin", chair))["items"]] == [True, False]
        assert texts(await do("unpin", chair)) == ["哪里能停车", "能借轮椅吗"]
        assert texts(await do("word", chair, text="轮椅\u202e<b>能</b>借吗\n" + "长" * 90))[1].startswith(
            "轮椅 <b>能</b>借吗 长"
        )
        hidden = await do("hide", park)
        assert len(hidden["items"]) == 1
        assert hidden["operator"]["hidden"] == [{"id": park, "text": "哪里能停车"}]
        assert (await do("show", park))["operator"]["hidden"] == []
        [merged] = (await do("merge", park, into=chair))["items"]
        assert (merged["id"], merged["count"]) == (chair, 5)


async def test_edits_that_make_no_sense_change_nothing(tmp_path: Path) -> None:
    async with school(tmp_path) as here, operator(here.url) as boss:
        await soon(boss.hello())
        await here.ask("能借轮椅吗", "ab")
        before = await asked(boss)
        id = before["items"][0]["id"]
        edits: list[Json] = [
            {}, {"id": id}, {"id": id, "do": "burn"}, {"id": id, "do": ["hide"]}, {"id": id, "do": {}}, {"id": [id], "do": "hide"},
            {"id": "none", "do": "hide"}, {"id": id, "do": "merge", "into": "none"}, {"id": id, "do": "merge", "into": id},
            {"id": "x" * 100_000, "do": "pin"}, {"id": "../../etc", "do": "pin"}, {"id": id, "do": "__class__"},
        ]  # fmt: skip
        for edit in edits:
            await boss.send({"type": "hot_edit", **edit})
        assert await quiet(boss)
        here.time.pass_()
        assert (await asked(boss)) | {"_at": 0} == before | {"_at": 0}


async def test_strangers_change_nothing(tmp_path: Path) -> None:
    async with school(tmp_path) as here, visit(here.url) as page:
        await soon(page.hello())
        await here.ask("能借轮椅吗", "ab")
        board = await asked(page)
        assert board["operator"] is None
        id = board["items"][0]["id"]
        for frame in (
            {"type": "hot_edit", "id": id, "do": "hide"},
            {"type": "hot_edit", "id": id, "do": "word", "text": "被改了"},
            {"type": "faq_draft", "id": id},
            {"type": "faq_save", "id": id, **LESSON},
        ):
            await page.send(frame)
        assert await quiet(page)
        here.time.pass_()
        assert texts(await asked(page)) == ["能借轮椅吗"]
        assert not here.own.exists()
        assert (here.shipped / "faq.yaml").read_text(encoding="utf-8") == FAQ


# Teaching


async def test_an_unanswered_question_becomes_an_entry_that_answers_the_next(tmp_path: Path) -> None:
    async with school(tmp_path, watched=True) as here, visit(here.url) as first, visit(here.url) as second:
        await soon(first.hello())
        await soon(second.hello())
        assert "服务台" not in await said(first, "请问能借轮椅吗")
        assert "服务台" not in await said(second, "能借轮椅吗？")
        async with operator(here.url) as boss:
            await soon(boss.hello())
            [open] = (await asked(boss))["operator"]["unanswered"]
            assert (open["text"], open["users"], open["asked"]) == ("能借轮椅吗", 2, 2)
            await boss.send({"type": "faq_save", "id": open["id"], **LESSON})
            saved = await soon(boss.until("faq_saved"))
            assert (saved["id"], saved["ok"]) == (open["id"], True)
            assert "faq.yaml" in saved["notice"]
            here.time.pass_()
            assert (await hot(boss))["operator"]["unanswered"] == []
            await here.until_known("能借轮椅吗")
            assert await said(second, "可以借轮椅么") == LESSON["a"]
            await boss.send({"type": "faq_save", "id": open["id"], "q": "能带狗吗", "also": [], "a": "可以。"})
            assert (await soon(boss.until("faq_saved")))["notice"] == ""
        assert load(here.own / "zhu").faq[-2].also == ("有轮椅吗",)


@pytest.mark.parametrize(
    ("lesson", "words"),
    [
        ({"q": "营业时间？"}, "hours"), ({"q": ""}, "empty"), ({"q": None}, "text"), ({"also": "x"}, "20"), ({"also": [7]}, "text"),
        ({"a": "好" * 2001}, "2000"), ({"a": "好\u0000"}, "control"), ({"also": [f"{n}" for n in range(21)]}, "20"), ({"a": {}}, "text"),
        ({"q": "\ud800"}, "control"),
    ],
)  # fmt: skip
async def test_what_cannot_be_an_entry_is_told(tmp_path: Path, lesson: Mapping[str, object], words: str) -> None:
    async with school(tmp_path) as here, operator(here.url) as boss:
        await soon(boss.hello())
        await here.ask("能借轮椅吗", "ab")
        await boss.ws.send_str(json.dumps({"type": "faq_save", "id": "x", **LESSON, **lesson}))
        saved = await soon(boss.until("faq_saved"))
        assert saved["ok"] is False
        assert words in saved["notice"]
        assert (await asked(boss))["operator"]["unanswered"]
        assert here.personas.get("zhu") == load(here.shipped)


async def test_faults_of_a_broken_folder_are_told(tmp_path: Path) -> None:
    async with school(tmp_path) as here, operator(here.url) as boss:
        await soon(boss.hello())
        await boss.send({"type": "faq_save", "id": "x", **LESSON})
        assert (await soon(boss.until("faq_saved")))["ok"] is True
        sheet = here.own / "zhu" / "persona.yaml"
        sheet.write_text(sheet.read_text(encoding="utf-8") + "idenity: x\n", encoding="utf-8")
        await boss.send({"type": "faq_save", "id": "x", **LESSON, "q": "能带狗吗", "also": []})
        saved = await soon(boss.until("faq_saved"))
        assert saved["ok"] is False
        assert "idenity" in saved["notice"]
        assert "能带狗吗" not in (here.own / "zhu" / "faq.yaml").read_text(encoding="utf-8")


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    async with school(tmp_path) as here, operator(here.url) as boss:
        here.own.write_text("a file where a folder should be")
        await soon(boss.hello())
        await boss.send({"type": "faq_save", "id": "x", **LESSON})
        saved = await soon(boss.until("faq_saved"))
        assert saved["ok"] is False
        assert "cannot be written" in saved["notice"]


async def test_her_brain_drafts_an_answer_while_the_page_goes_on(tmp_path: Path) -> None:
    gate = asyncio.Event()
    brain = ScriptBrain([["可以借的，", gate, "服务台就有。[k:hours]"]])
    async with school(tmp_path, brain=brain) as here, operator(here.url) as boss:
        await soon(boss.hello())
        await here.ask("能借轮椅吗", "ab")
        await here.ask("能借轮椅的吗", "c")
        id = (await asked(boss))["operator"]["unanswered"][0]["id"]
        await boss.send({"type": "faq_draft", "id": id})
        prompt = await soon(brain.asked.get())
        assert await quiet(boss)
        gate.set()
        draft = await soon(boss.until("faq_draft"))
        assert (draft["id"], draft["q"], draft["also"]) == (id, "能借轮椅吗", ["能借轮椅的吗"])
        assert draft["a"] == "可以借的，服务台就有。"
        assert "能借轮椅吗" in prompt.said[-1].text


async def test_where_there_is_nothing_to_draft_with_or_about_the_draft_is_empty(tmp_path: Path) -> None:
    async with school(tmp_path) as here:
        await here.ask("能借轮椅吗", "ab")
        id = (await unanswered(here))["id"]
        async with operator(here.url) as boss:
            await soon(boss.hello())
            for topic, q in ((id, "能借轮椅吗"), ("none", ""), ("", "")):
                await boss.ws.send_str(json.dumps({"type": "faq_draft", "id": f"{topic}\ud800"}))
                draft = await soon(boss.until("faq_draft"))
                assert (draft["id"], draft["q"], draft["a"]) == (topic, q, "")
    brain = ScriptBrain([[BrainError("refused")]])
    async with school(tmp_path / "two", brain=brain) as here, operator(here.url) as boss:
        await soon(boss.hello())
        await here.ask("能借轮椅吗", "ab")
        await boss.send({"type": "faq_draft", "id": (await asked(boss))["operator"]["unanswered"][0]["id"]})
        assert (await soon(boss.until("faq_draft")))["a"] == ""


async def test_a_page_that_goes_stops_its_draft(tmp_path: Path) -> None:
    brain = ScriptBrain([["可以", asyncio.Event()]])
    async with school(tmp_path, brain=brain) as here:
        await here.ask("能借轮椅吗", "ab")
        id = (await unanswered(here))["id"]
        async with operator(here.url) as boss:
            await soon(boss.hello())
            await boss.send({"type": "faq_draft", "id": id})
            await soon(brain.asked.get())
        await soon(brain.closed.wait())


# The paper


async def test_the_protocol_paper_shows_these_frames_too(tmp_path: Path) -> None:
    shown: dict[str, list[Json]] = {}
    for example in map(json.loads, examples()):
        shown.setdefault(example["type"], []).append(example)
    assert {"hot", "hot_edit", "faq_draft", "faq_save", "faq_saved"} <= set(shown)
    async with school(tmp_path, web=Web(port=0)) as here, visit(here.url) as boss:
        await soon(boss.hello())
        await here.ask("能借轮椅吗", "ab")
        sent = [next(each for each in shown[kind] if set(each) == fields) for kind, fields in FIELDS.items()]
        for frame in sent:
            await boss.send(frame)
        seen = [await soon(boss.until("faq_draft", "faq_saved", "hot")) for _ in range(3)]
    assert {frame["type"] for frame in seen} == {"hot", "faq_draft", "faq_saved"}
    for frame in seen:
        assert set(frame) - {"_at"} == set(shown[frame["type"]][-1])
        if frame["type"] == "hot":
            assert set(frame["items"][0]) == set(shown["hot"][-1]["items"][0])


FIELDS = {
    "hot": {"type"},
    "hot_edit": {"type", "id", "do", "text", "into"},
    "faq_draft": {"type", "id"},
    "faq_save": {"type", "id", "q", "also", "a"},
}
