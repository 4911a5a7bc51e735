"""What is one person's reaches nobody else, and what was forgotten does not come back."""

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import phrases
from bot.brain import ToolCall
from bot.extraction import found
from bot.memory import FACT
from bot.message import Text
from bot.reminders import NUDGE, REMINDER
from bot.settings import Data, Limits
from bot.store import Full, Record, sqlite
from bot.store.memory import MemoryStore
from bot.tool.reminders import LIST
from bot.web import wire
from tests.fakes import PERSONA, ScriptBrain, message, soon
from tests.test_mind import BARE, DAY, Life, life


def learning(text: str, quote: str, subject: str = "") -> Any:  # noqa: ANN401 — a plan
    """A model that finds a fact whenever the words are there to be read."""

    def plan(body: dict[str, Any]) -> str:
        asked = str(body["messages"][-1]["content"])
        if "<own>" not in asked:
            return "好的。"
        hit = re.search(r'\{"n": (\d+), "text": "[^"]*' + quote, asked.partition("<own>")[2])
        fact = {"n": int(hit[1]), "kind": "profile", "subject": subject, "text": text, "quote": quote} if hit else None
        return json.dumps({"facts": [fact] if fact else []}, ensure_ascii="\ud83d" in text)

    return plan


async def reflected(here: Life, conversation: str = "wx:lee") -> None:
    await here.stage.mind.reflect(PERSONA, conversation, here.stage.service.house.cast("wx").brain)


async def remembered(here: Life, sender: str = "lee", at: str = "wx") -> list[str]:
    person = await here.stage.store.person(at, sender)
    return await here.stage.mind.memory.everything(person)


# Groups


async def test_reminders_are_not_read_out_where_others_listen() -> None:
    async with life() as here:
        await here.say("早")
        await here.say("我有哪些提醒", group="g")
        mind, store = here.stage.mind, here.stage.store
        value = {"persona": PERSONA.id, "text": "看精神科", "repeat": "", "day": 0}
        await store.put(Record(REMINDER, "a", await store.person("wx", "lee"), here.clock() + DAY, value))
        said = {group: (await store.history(f"wx:{group}"))[:1] for group in ("lee", "g")}
        told: list[str] = []
        for entries in said.values():
            occasion = await mind.occasion(PERSONA, entries, here.clock(), "zh")
            offered = mind.tools.offered(PERSONA, group=occasion.group)
            told.append(str(await mind.do(ToolCall("1", LIST.name, "{}"), occasion, offered)))
        assert "看精神科" in told[0]
        assert "看精神科" not in told[1]


async def test_a_group_is_not_summarised() -> None:
    settings = BARE.model_copy(update={"limits": Limits(history=2)})
    async with life(lambda body: "聊了离婚。" if "<lines>" in str(body) else "好。", settings=settings) as here:
        for number in range(10):
            await here.say(f"我要离婚了，第 {number} 件", group="g")
        await reflected(here, "wx:g")
        assert "离婚" not in str(await here.stage.store.records("window"))


# What was forgotten


async def test_what_was_forgotten_is_not_learned_again_from_the_same_words() -> None:
    async with life(learning("家里养了一只鹦鹉", "养着鹦鹉")) as here:
        await here.say("家里现在养着鹦鹉呢")
        assert await here.say("全部忘掉") == phrases.FORGOTTEN_ALL.zh
        await reflected(here)
        assert await remembered(here) == []
        await here.say("家里现在养着鹦鹉呢，又说一遍")
        await reflected(here)
        assert await remembered(here) == ["家里养了一只鹦鹉"]
        await here.say("你记得我什么")
        await here.say("忘掉第1条")
        await here.say("早")
        await reflected(here)
        assert await remembered(here) == []


async def test_what_was_said_off_the_record_stays_so() -> None:
    async with life(learning("家里养了一只鹦鹉", "养着鹦鹉")) as here:
        assert await here.say("别记我") == phrases.NOT_REMEMBERING.zh
        await here.say("家里现在养着鹦鹉呢")
        assert await here.say("可以记我了") == phrases.REMEMBERING_AGAIN.zh
        await reflected(here)
        assert await remembered(here) == []


async def test_who_wants_nothing_kept_wants_it_under_another_name_too() -> None:
    async with life() as here:
        await here.say("早", "li-2", at="app")
        assert await here.say("别记我") == phrases.NOT_REMEMBERING.zh
        code = re.search(r"绑定 ([A-Z0-9]{8})", await here.say("绑定", "li-2", at="app"))
        assert code
        assert await here.say(f"绑定 {code[1]}") == phrases.LINKED.zh
        await here.say("我住在杭州")
        assert await remembered(here) == []
        assert await here.say("可以记我了", "li-2", at="app") == phrases.REMEMBERING_AGAIN.zh
        await here.say("我住在杭州")
        assert await remembered(here) == ["住在杭州"]


async def test_who_forgot_everything_is_not_learned_from_by_a_turn_that_still_runs() -> None:
    gate = asyncio.Event()
    answer = json.dumps({"facts": [{"n": 1, "kind": "profile", "text": "养了鹦鹉", "quote": "养着鹦鹉"}]})
    brain = ScriptBrain([[gate, answer]])
    async with life() as here:
        await here.say("家里现在养着鹦鹉呢")
        mind = here.stage.mind
        thinking = asyncio.create_task(mind.reflect(PERSONA, "wx:lee", brain))
        await soon(brain.asked.get())
        await here.say("全部忘掉", "lee")
        gate.set()
        await soon(thinking)
        assert await remembered(here) == []


async def test_two_conversations_of_one_person_know_one_home(tmp_path: Path) -> None:
    async with life(store=await sqlite.open(Data(dir=tmp_path))) as here:
        await here.say("早")
        store, memory = here.stage.store, here.stage.mind.memory
        person = await store.person("wx", "lee")
        said = [
            (await store.accept(message(text, id, channel="wx", chat=id))).entry
            for text, id in (("我住在杭州", "x"), ("我住在上海", "y"))
        ]
        await asyncio.gather(*(memory.note(PERSONA, person, [entry]) for entry in said))
        assert len(await memory.active(person, PERSONA.id)) == 1


async def test_nothing_is_noted_of_somebody_who_is_not_there_any_more() -> None:
    update = {"initiative": PERSONA.initiative.model_copy(update={"after_days": 3.0, "lines": ("在吗？",)})}
    async with life() as here:
        await here.say("能借轮椅吗")
        store, mind = here.stage.store, here.stage.mind
        (entry, reply) = await store.history("wx:lee")
        reply = replace(reply, detail={**reply.detail, "band": "unknown"})
        await store.forget("wx", "lee")
        await mind.note(PERSONA.model_copy(update=update), [entry], reply)
        assert [await store.records(kind) for kind in (FACT, NUDGE, "topic")] == [[], [], []]


# Codes


async def test_codes_cannot_be_guessed_at_will() -> None:
    async with life() as here:
        code = re.search(r"绑定 ([A-Z0-9]{8})", await here.say("绑定"))
        assert code
        for number in range(5):
            assert await here.say(f"绑定 AAAAAAA{2 + number}", "thief", at="app") == phrases.BAD_CODE.zh
        locked = phrases.TOO_MANY_CODES.zh.format(minutes=10)
        assert await here.say(f"绑定 {code[1]}", "thief", at="app") == locked
        assert await here.say(f"绑定 {code[1]}", "li-2", at="app") == phrases.LINKED.zh
        here.clock.at += 601
        assert await here.say("绑定 AAAAAAA2", "thief", at="app") == phrases.BAD_CODE.zh


async def test_many_who_guess_together_are_stopped_too() -> None:
    async with life() as here:
        for number in range(100):
            await here.say("绑定 AAAAAAA2", f"thief-{number}", at="app")
        said = await here.say("绑定 AAAAAAA2", "another", at="app")
        assert said == phrases.TOO_MANY_CODES.zh.format(minutes=10)


async def test_who_came_by_a_link_gets_no_code_that_would_last() -> None:
    async with life() as here:
        await here.say("我住在杭州")
        store, mind = here.stage.store, here.stage.mind
        await store.invite("c", "wx:lee", 1e12)
        assert await store.redeem("c", "page", "guest", 1.0) == "wx:lee"
        asked = message("绑定", "g1", chat="lee", channel="page", sender="guest")
        guest = (await store.accept(replace(asked, conversation="wx:lee", door="page"))).entry
        assert await mind.answer("绑定", PERSONA, guest, "zh") == phrases.LINK_AT_HOME.zh
        assert await store.records("link_code") == []


async def test_looking_at_a_prompt_writes_nothing() -> None:
    async with life() as here:
        for number in range(30):
            await here.stage.store.accept(message(f"第 {number} 件", f"q{number}", channel="wx", chat="lee"))
        await here.stage.mind.windows.of("wx:lee", 2, 1, keep=False)
        assert await here.stage.store.records("window") == []


# What goes wrong with noting ends nothing


async def test_a_message_from_the_end_of_time_ends_no_service() -> None:
    async with life() as here:
        said = replace(message("我住在杭州", "m", chat="lee", channel="wx"), at=1e18)
        here.channels["wx"].more.put_nowait(said)
        await soon(here.channels["wx"].sent.get())
        await here.stage.quiet()
        await reflected(here)
        assert await here.say("还在吗") == "好的。"


class StuckStore(MemoryStore):
    """Has no room to delete anything, at first."""

    stuck = 2

    async def forget(self, channel: str, sender: str) -> None:
        self.stuck -= 1
        if self.stuck >= 0:
            raise Full("no room")
        await super().forget(channel, sender)


async def test_a_full_disk_delays_deleting_and_ends_no_service() -> None:
    store = StuckStore()
    async with life(store=store) as here:
        await here.say("我住在杭州")
        assert await here.say("删除我的数据") == phrases.DELETE.zh
        assert await here.say("确认删除") == phrases.DELETED.zh
        while store.stuck >= 0:
            await asyncio.sleep(0)
        assert await store.records(FACT) == []
        assert await here.say("又是我") == "好的。"


# Several messages at once


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (("全部忘掉", "谢谢"), phrases.FORGOTTEN_ALL.zh),
        (("我住在上海", "全部忘掉"), phrases.FORGOTTEN_ALL.zh),
        (("别记我", "我住在上海"), phrases.NOT_REMEMBERING.zh),
    ],
)
async def test_a_wish_to_be_forgotten_holds_whatever_is_said_around_it(texts: tuple[str, str], told: str) -> None:
    async with life() as here:
        if texts[0] != "别记我":
            await here.say("我住在杭州")
        for number, text in enumerate(texts):
            said = replace(message(text, f"b{number}", chat="lee", channel="wx"), at=here.clock())
            await here.stage.store.accept(said)
        part = (await soon(here.channels["wx"].sent.get())).part
        await here.stage.quiet()
        assert part == Text(told)
        assert await remembered(here) == []


async def test_a_wish_that_is_looked_at_twice_forgets_once() -> None:
    async with life() as here:
        await here.say("我叫小李，住在杭州")
        (entry, _) = await here.stage.store.history("wx:lee")
        for _ in range(2):  # as where a turn is begun anew since the user said more
            await here.stage.mind.answer("忘掉第1条", PERSONA, entry, "zh")
        assert len(await remembered(here)) == 1


# Halves of characters, as models and strangers may send them


async def test_half_a_character_in_a_call_or_a_fact_does_not_get_into_what_is_kept() -> None:
    plan = learning("养了\ud83d鹦鹉", "养着鹦鹉")
    async with life(plan) as here:
        await here.say("家里现在养着鹦鹉呢")
        await reflected(here)
        mind, store = here.stage.mind, here.stage.store
        (entry, _) = await store.history("wx:lee")
        occasion = await mind.occasion(PERSONA, [entry], here.clock(), "zh")
        wanted = json.dumps({"when": "2026-11-24T15:00:00+08:00", "text": "喂\ud83d鹦鹉"})
        told = await mind.do(ToolCall("1", "set_reminder", wanted), occasion, mind.tools.offered(PERSONA))
        assert not told.failed
        [reminder] = await store.records(REMINDER)
        for text in (*await remembered(here), reminder.value["text"], told.text):
            assert "鹦鹉" in text
            assert text.encode()


@pytest.mark.parametrize("depth", [300, 600, 990, 100_000])
async def test_arguments_without_a_bottom_end_nothing(depth: int) -> None:
    async with life() as here:
        await here.say("早")
        mind = here.stage.mind
        (entry, _) = await here.stage.store.history("wx:lee")
        occasion = await mind.occasion(PERSONA, [entry], here.clock(), "zh")
        deep = f'{{"text": {"[" * depth}{"]" * depth}}}'
        call = ToolCall("1", "set_reminder", deep)
        assert (await mind.do(call, occasion, mind.tools.offered(PERSONA))).failed
        assert found(deep, [(1, "早")], [], "wx:lee", 1.0) == []


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_moment_beyond_the_calendar_is_told_to_the_model(when: str) -> None:
    async with life() as here:
        await here.say("早")
        mind = here.stage.mind
        (entry, _) = await here.stage.store.history("wx:lee")
        occasion = await mind.occasion(PERSONA, [entry], here.clock(), "zh")
        call = ToolCall("1", "set_reminder", json.dumps({"when": when, "text": "x"}))
        told = await mind.do(call, occasion, mind.tools.offered(PERSONA))
        assert "no moment" in told.text


def test_a_frame_with_half_a_character_can_be_sent() -> None:
    assert json.loads(wire.text({"text": "喂\ud83d"}).encode()) == {"text": "喂\ud83d"}
