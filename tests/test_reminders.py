"""Reminders from the first word to the last: asked for by a model or in plain words, and said once, whatever happens."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot import phrases
from bot.brain import Brain
from bot.brain.offline import OfflineBrain
from bot.faults import Fault, Faults, Place
from bot.knowledge import Knowledge
from bot.message import Author, State, Text
from bot.persona import Initiative, Persona
from bot.reminders import MOST, NUDGE, REMINDER, Reminders
from bot.settings import Data
from bot.store import Record, Store, memory, sqlite
from bot.tool import Occasion
from bot.tool import reminders as tool
from bot.tool.reminders import ReminderToolbox
from tests.fakes import PERSONA, ScriptChannel, message, soon
from tests.stage import Stage, stage
from tests.test_mind import BARE, ZONE, Body, Clock, life

HOUR, DAY = 3600.0, 86400.0
TOMORROW = "2026-11-25T15:00:00+08:00"


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> float:
    """A moment of 2026 in Shanghai."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE).timestamp()


# By a model


def setting(when: str, text: str = "开会", repeat: str = "") -> Any:  # noqa: ANN401 — a plan
    """A model that sets a reminder and says what it is told."""

    def plan(body: Body) -> Any:  # noqa: ANN401
        last = body["messages"][-1]
        if last["role"] == "tool":
            return re.sub(r"<[^>]*>|\n", "", last["content"])
        arguments = {"when": when, "text": text, **({"repeat": repeat} if repeat else {})}
        return [("set_reminder", arguments)]

    return plan


@pytest.mark.parametrize(
    ("words", "when", "told"),
    [
        ("明天下午三点提醒我开会", TOMORROW, "好，11月25日（周三）15:00 提醒你：开会。"),
        ("明天下午三点提醒我开会", "2026-11-25T07:00:00+00:00", "好，11月25日（周三）15:00 提醒你：开会。"),
        ("明天下午三点提醒我开会", "2026-11-25T15:00:30", "好，11月25日（周三）15:00 提醒你：开会。"),
        ("等那边开完会叫我", TOMORROW, "好，11月25日（周三）15:00 提醒你：开会。"),
        ("Remind me tomorrow at 3 pm of the meeting", TOMORROW, "I'll remind you on Wed 25 Nov, 15:00"),
    ],
)
async def test_a_model_sets_a_reminder_and_the_user_hears_the_moment(words: str, when: str, told: str) -> None:
    async with life(setting(when)) as here:
        assert told in await here.say(words)
        (record,) = await here.stage.store.records(REMINDER)
        assert int(record.at) // 60 * 60 == int(at(25, 15))
        assert record.value["words"] == words


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("2026-11-25T16:00:00+08:00", "我没听准时间：是 11月25日（周三）15:00，还是 11月25日（周三）16:00？"),
        ("2026-11-26T15:00:00+08:00", "是 11月25日（周三）15:00，还是 11月26日（周四）15:00？"),
        ("2025-11-25T15:00:00+08:00", "是 11月25日（周三）15:00，还是 2025年11月25日（周二）15:00？"),
        ("明天", "when: 应写成 must look like"),
    ],
)
async def test_what_a_model_understood_is_held_against_the_users_words(when: str, told: str) -> None:
    async with life(setting(when)) as here:
        assert told in await here.say("明天下午三点提醒我开会")
        assert await here.stage.store.records(REMINDER) == []


async def test_a_model_that_reads_another_rhythm_is_asked_about() -> None:
    async with life(setting(TOMORROW, repeat="daily")) as here:
        assert "我没听准时间" in await here.say("明天下午三点提醒我开会")
        assert await here.stage.store.records(REMINDER) == []


async def test_in_a_group_there_is_no_such_tool_and_the_box_refuses_by_itself() -> None:
    async with life(setting(TOMORROW)) as here:
        assert "There is no tool" in await here.say("明天下午三点提醒我开会", group="g")
        assert "set_reminder" not in [each["function"]["name"] for each in here.bodies[0]["tools"]]
        assert await here.stage.store.records(REMINDER) == []
        result = await box(here.stage.store).call("set_reminder", {"when": TOMORROW}, occasion(group=True))
        assert (result.failed, result.say) == (True, phrases.IN_PRIVATE.zh)


# The tools alone


def occasion(words: str = "", *, group: bool = False, key: str = "k1", now: float = at(24, 9)) -> Occasion:
    when = datetime.fromtimestamp(now, ZONE)
    return Occasion("wx:lee", "wx", "lee", "p1", "test", words, "zh", when, key, group)


def box(store: Store, window: float = 0.0, clock: Clock | None = None) -> ReminderToolbox:
    return tool.open(Reminders(store, ZONE, lambda _: PERSONA, clock or Clock()), lambda _: window)


@pytest.fixture
async def store() -> Store:
    return await memory.open(Data())


@pytest.mark.parametrize(
    ("words", "arguments", "told"),
    [
        ("今天早上八点提醒我开会", {}, "11月24日（周二）08:00 已经过了"),
        ("提醒我", {"when": "2026-11-24T08:59:00+08:00"}, "11月24日（周二）08:59 已经过了"),
        ("提醒我", {"when": "2028-01-01T00:00:00+08:00"}, phrases.REMIND_FAR.zh),
        ("提醒我开会", {}, phrases.REMIND_WHEN.zh),
    ],
)
async def test_what_cannot_be_set_is_told(store: Store, words: str, arguments: dict[str, str], told: str) -> None:
    result = await box(store).call("set_reminder", arguments, occasion(words))
    assert result.failed
    assert told in result.say
    assert await store.records(REMINDER) == []


async def test_there_are_so_many_and_no_more(store: Store) -> None:
    hers = box(store)
    for number in range(MOST):
        assert not (await hers.call("set_reminder", {}, occasion("明天下午三点提醒我开会", key=f"k{number}"))).failed
    result = await hers.call("set_reminder", {}, occasion("明天下午三点提醒我开会", key="more"))
    assert result.say == phrases.REMIND_MANY.zh.format(most=MOST)
    assert len(await store.records(REMINDER)) == MOST
    await hers.call("cancel_reminder", {"number": 1}, occasion("取消第1个提醒"))
    assert not (await hers.call("set_reminder", {}, occasion("明天下午三点提醒我开会", key="more"))).failed


async def test_where_a_channel_falls_silent_the_user_is_told(store: Store) -> None:
    hers = box(store, window=48 * HOUR)
    near = await hers.call("set_reminder", {}, occasion("明天下午三点提醒我开会"))
    far = await hers.call("set_reminder", {}, occasion("下周五下午三点提醒我开会", key="k2"))
    rhythm = await hers.call("set_reminder", {}, occasion("每天早上八点提醒我吃药", key="k3"))
    assert ["48 小时" in each.say for each in (near, far, rhythm)] == [False, True, True]


# In plain words, with the offline brain


@asynccontextmanager
async def home(
    store: Store, clock: Clock, channel: ScriptChannel, persona: Persona = PERSONA, brain: Brain | None = None
) -> AsyncGenerator[Stage]:
    """One life of a house whose brain is the offline one."""
    hers = brain or OfflineBrain(Knowledge(lambda _: persona))
    async with stage(
        hers, channels=[channel], settings=BARE, store=store, now=clock, persona=persona, listen=False
    ) as running:
        yield running


async def say(running: Stage, channel: ScriptChannel, clock: Clock, text: str, id: str) -> str:
    channel.more.put_nowait(replace(message(text, id, channel="wx", chat="lee"), at=clock()))
    heard_ = await heard(channel)
    await running.quiet()
    return heard_


async def heard(channel: ScriptChannel) -> str:
    part = (await soon(channel.sent.get())).part
    assert isinstance(part, Text)
    return part.text


async def test_set_list_and_cancel_in_plain_words(store: Store) -> None:
    clock, channel = Clock(), ScriptChannel(name="wx")
    async with home(store, clock, channel) as running:
        for id, words, told in (
            ("1", "明天下午三点提醒我开会", "好，11月25日（周三）15:00 提醒你：开会。"),
            ("2", "每天早上八点提醒我吃药", "好，每天 08:00 提醒你：吃药。"),
            ("3", "remind me to call mum on Friday at 10am", "I'll remind you on Fri 27 Nov, 10:00: call mum."),
            ("4", "我有哪些提醒", "1. 每天 08:00 吃药\n2. 11月25日（周三）15:00 开会\n3. "),
            ("5", "取消第2个提醒", "取消了：开会。"),
            ("6", "提醒我开会", phrases.REMIND_WHEN.zh),
            ("7", "取消所有提醒", "取消了：吃药；call mum。"),
            ("8", "我有哪些提醒", phrases.REMIND_NONE.zh),
        ):
            answer = await say(running, channel, clock, words, id)
            assert told in answer
    assert await store.records(REMINDER) == []


# Saying them


async def due(running: Stage) -> int:
    """Have said what is due now; how many things of her own were written down in the conversation so far."""
    await running.mind.reminders.due()
    return sum(entry.author is Author.SYSTEM for entry in await running.store.history("wx:lee", limit=1000))


async def test_a_reminder_that_was_due_while_the_process_was_down_comes_once(tmp_path: Path) -> None:
    clock, channel = Clock(), ScriptChannel(name="wx")
    data = await sqlite.open(Data(dir=tmp_path))
    async with home(data, clock, channel) as running:
        assert "15:00" in await say(running, channel, clock, "明天下午三点提醒我开会", "1")
    await data.close()
    clock.at = at(26, 9)
    late = phrases.REMIND_LATE.zh.format(text="开会", at="11月25日（周三）15:00")
    for number in range(2):
        data = await sqlite.open(Data(dir=tmp_path))
        async with home(data, clock, channel) as running:
            await running.mind.reminders.due()
            await running.mind.reminders.due()
            if number == 0:
                assert await heard(channel) == late
            await running.quiet()
            history = await data.history("wx:lee")
            assert [entry.text for entry in history].count(late) == 2  # what is due, and her saying it
            assert all(entry.state is State.ANSWERED for entry in history)
        await data.close()


async def test_a_kill_between_saying_and_forgetting_says_nothing_twice(store: Store) -> None:
    clock, channel = Clock(), ScriptChannel(name="wx")
    async with home(store, clock, channel) as running:
        await say(running, channel, clock, "十分钟后提醒我关火", "1")
        (record,) = await store.records(REMINDER)
        clock.at += 600
        await running.mind.reminders.due()
        assert await heard(channel) == "⏰ 提醒你：关火"
        await running.quiet()
        await store.put(record)  # as if the process had died before it was dropped
        assert await due(running) == 1
        assert await store.records(REMINDER) == []


@pytest.mark.parametrize("jump", [-HOUR, 60.0, 2 * HOUR, 400 * DAY])
async def test_a_clock_that_jumps_says_it_once_and_not_before(store: Store, jump: float) -> None:
    clock, channel = Clock(), ScriptChannel(name="wx")
    async with home(store, clock, channel) as running:
        await say(running, channel, clock, "一小时后提醒我关火", "1")
        clock.at += jump
        assert await due(running) == (jump >= HOUR)
        clock.at = max(clock.at, at(24, 10))
        assert await due(running) == 1
        assert (await heard(channel)).startswith("⏰ 提醒你：关火")
        clock.at = at(24, 9)  # set back: it is over nevertheless
        assert await due(running) == 1


async def test_what_is_repeated_comes_every_time_and_once_after_a_gap(store: Store) -> None:
    clock, channel = Clock(), ScriptChannel(name="wx")
    async with home(store, clock, channel) as running:
        await say(running, channel, clock, "每天早上八点提醒我吃药", "1")
        for times, day in enumerate((25, 26), 1):
            clock.at = at(day, 8)
            assert await due(running) == times
            assert await heard(channel) == "⏰ 提醒你：吃药"
        clock.at = at(30, 12)  # away for four days
        assert await due(running) == 3
        assert await heard(channel) == phrases.REMIND_LATE.zh.format(text="吃药", at="11月27日（周五）08:00")
        assert await due(running) == 3
        (record,) = await store.records(REMINDER)
        assert record.at == at(1, 8, month=12)


async def test_a_reminder_is_said_beside_what_the_user_asks_at_that_moment(store: Store) -> None:
    clock, channel = Clock(), ScriptChannel(name="wx")
    async with home(store, clock, channel) as running:
        await say(running, channel, clock, "十分钟后提醒我关火", "1")
        clock.at += 600
        await running.mind.reminders.due()
        channel.more.put_nowait(message("关于小测", "2", channel="wx", chat="lee"))
        said = [await heard(channel)]
        if "小测" not in said[0]:
            said.append(await heard(channel))
        assert "关火" in "\n".join(said)
        assert "小测什么都测" in "\n".join(said)


async def test_words_of_a_reminder_are_data(store: Store) -> None:
    clock, channel = Clock(), ScriptChannel(name="wx")
    async with home(store, clock, channel) as running:
        await say(running, channel, clock, "十分钟后提醒我{at}[smile]{x}看书", "1")
        clock.at += 600
        await running.mind.reminders.due()
        assert "{at}" in await heard(channel)


# Of her own accord


LIVELY = PERSONA.model_copy(update={"initiative": Initiative(after_days=3, lines=("好久不见，最近好吗？",))})


async def test_after_a_long_silence_she_writes_once_and_not_at_night(store: Store) -> None:
    clock, channel = Clock(at(24, 22, 30)), ScriptChannel(name="wx")
    async with home(store, clock, channel, LIVELY) as running:
        await say(running, channel, clock, "你好", "1")
        clock.at = at(26, 12)
        await say(running, channel, clock, "又是我", "2")  # the silence begins anew
        for day, hour in ((27, 22), (29, 22), (30, 3)):  # three days are over on the 29th, and it is night
            clock.at = at(day, hour, 30)
            assert await due(running) == 0
        (record,) = await store.records(NUDGE)
        assert record.at == at(30, 9)
        clock.at = at(30, 9)
        for _ in range(2):
            assert await due(running) == 1
        assert await heard(channel) == "好久不见，最近好吗？"
        clock.at = at(20, 12, month=12)  # nobody answered: she does not insist
        assert await due(running) == 1


async def test_nobody_is_written_to_in_a_group_or_by_one_who_never_writes_first(store: Store) -> None:
    clock, channel = Clock(), ScriptChannel(name="wx")
    async with home(store, clock, channel, LIVELY) as running:
        channel.more.put_nowait(replace(message("大家好", "1", channel="wx", chat="g"), at=clock(), group=True))
        await heard(channel)
        await running.quiet()
        assert await store.records(NUDGE) == []
    async with home(store, clock, channel, PERSONA) as running:
        await say(running, channel, clock, "你好", "2")
        assert await store.records(NUDGE) == []


async def test_a_persona_that_is_gone_keeps_silent_and_the_others_go_on(store: Store) -> None:
    def personas(id: str) -> Persona:
        raise Faults([Fault(Place(id), "", "没有", "gone")])

    clock = Clock()
    reminders = Reminders(store, ZONE, personas, clock)
    value = {"persona": "gone", "door": "wx", "sender": "lee", "number": 1}
    await store.put(Record(NUDGE, "wx:lee", "p1", clock.at - 1, value))
    await reminders.due()
    assert await store.records(NUDGE) == []
    assert await store.waiting() == []


async def test_who_is_deleted_is_not_reminded(store: Store) -> None:
    clock, channel = Clock(), ScriptChannel(name="wx")
    async with home(store, clock, channel, LIVELY) as running:
        await say(running, channel, clock, "明天下午三点提醒我开会", "1")
        await say(running, channel, clock, "删除我的数据", "2")
        assert await say(running, channel, clock, "确认删除", "3") == phrases.DELETED.zh
        clock.at = at(30, 12)
        assert await due(running) == 0
        assert [*await store.records(REMINDER), *await store.records(NUDGE)] == []


async def test_a_record_that_is_none_stops_no_other(store: Store) -> None:
    clock, channel = Clock(), ScriptChannel(name="wx")
    async with home(store, clock, channel, LIVELY) as running:
        await say(running, channel, clock, "明天下午三点提醒我开会", "1")
        await store.put(Record(REMINDER, "broken", at=clock.at, value={"persona": 7}))
        clock.at = at(30, 12)
        await running.mind.reminders.due()
        assert "开会" in await heard(channel)
        assert await store.record(REMINDER, "broken") is None
