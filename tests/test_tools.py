"""What she can do, behind its one door: offered, sound, in time, done once, and done only when the user agrees."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import phrases
from bot.brain import ToolCall
from bot.persona import PersonaTools
from bot.settings import Data
from bot.settings import Tools as ToolsSettings
from bot.store import Full, Record, Store, memory, sqlite
from bot.store.memory import MemoryStore
from bot.tool import Occasion, Result, Tool, ToolError
from bot.tools import EFFECT, KEPT_S, LONGEST, WAITS_S, Pending, Tools
from tests.fakes import PERSONA, soon

ANY: Mapping[str, Any] = {"type": "object", "properties": {"x": {"type": "string"}}, "additionalProperties": False}
LOOK = Tool("look", "Looks something up.", ANY, doing=("正在看…", "Looking…"))
WRITE = Tool("write", "Writes something down.", ANY, writes=True)
ORDER = Tool("shop__order", "Orders something.", ANY, writes=True, confirm=True)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ROOM = "page:room"
Step = Result | Exception | asyncio.Event | Callable[[Occasion], Awaitable[Result]]
"""What a tool does: brings a result, raises, or waits first."""


@dataclass
class Box:
    """A toolbox that does what its script says, and remembers what was asked of it."""

    tools: Sequence[Tool] = (LOOK, WRITE, ORDER)
    script: Sequence[Step] = ()
    """For each call what it does, the last for ever; empty: it says how often it was called."""
    asked: list[tuple[str, Mapping[str, Any], Occasion]] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(self, name: str, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        self.asked.append((name, arguments, occasion))
        number = len(self.asked)
        self.begun.set()
        try:
            step = self.script[min(number, len(self.script)) - 1] if self.script else None
            if isinstance(step, Exception):
                raise step
            if isinstance(step, asyncio.Event):
                await step.wait()
            elif isinstance(step, Result):
                return step
            elif step:
                return await step(occasion)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return Result(f"done {number}", f"做好了 {number}")

    async def tend(self) -> None:
        """Nothing to keep up."""

    async def close(self) -> None:
        """Nothing to let go of."""


def occasion(key: str = f"{ROOM}#1", *, sender: str = "lee", later: float = 0.0, group: bool = False) -> Occasion:
    """A message that asks for something, so many seconds later."""
    now = NOW + timedelta(seconds=later)
    return Occasion(ROOM, "page", sender, f"p-{sender}", "test", "去做吧", "zh", now, key, group)


def call(name: str, arguments: object = None, id: str = "c1") -> ToolCall:
    return ToolCall(id, name, arguments if isinstance(arguments, str) else json.dumps(arguments or {}))


async def tools(box: Box | None = None, store: Store | None = None, **settings: float) -> Tools:
    return Tools(store or await memory.open(Data()), ToolsSettings.model_validate(settings), [box] if box else [])


# What is offered


@pytest.mark.parametrize(
    ("allow", "group", "names"),
    [
        ((), False, ["look", "shop__order", "write"]),
        ((), True, ["look"]),
        (("look",), False, ["look"]),
        (("shop__*",), False, ["shop__order"]),
        (("shop__*",), True, []),
        (("*o*",), False, ["look", "shop__order"]),
        (("Look", "shop"), False, []),
        (("write", "nothing"), False, ["write"]),
    ],
)
async def test_a_persona_may_do_what_its_patterns_allow_and_change_nothing_in_groups(
    allow: tuple[str, ...], group: bool, names: list[str]
) -> None:
    persona = PERSONA.model_copy(update={"tools": PersonaTools(allow=allow)})
    assert [tool.name for tool in (await tools(Box())).offered(persona, group=group)] == names


async def test_without_rounds_nothing_is_offered() -> None:
    assert (await tools(Box(), rounds=0)).offered(PERSONA) == ()


# What is wrong with a call is told to the brain


@pytest.mark.parametrize("name", ["nothing", "", "look ", "x" * 10_000])
async def test_a_tool_that_is_not_offered_is_not_called(name: str) -> None:
    box = Box()
    result = await (await tools(box)).call(call(name), occasion(), box.tools)
    assert result.failed
    assert "no tool" in result.text
    assert len(result.text) < 200
    assert result.say == phrases.TOOL_GONE.zh
    assert box.asked == []


async def test_what_was_not_offered_here_cannot_be_called_although_it_is_there() -> None:
    box = Box()
    group = occasion(group=True)
    hers = await tools(box)
    assert (await hers.call(call("write"), group, hers.offered(PERSONA, group=True))).failed
    assert box.asked == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("{broken", "no JSON"),
        ("[1]", "JSON object"),
        ("7", "JSON object"),
        ("[" * 200_000, "no JSON"),
        ("1" * 5000, "no JSON"),
        ('{"y": 1}', "y: 没有这个参数"),
        ('{"x": 1}', "x: 应是"),
        ('{"x": null}', "x: 应是"),
    ],
)
async def test_wrong_arguments_are_told_so_that_the_model_can_mend_them(arguments: str, words: str) -> None:
    box = Box()
    result = await (await tools(box)).call(call("look", arguments), occasion(), box.tools)
    assert result.failed
    assert words in result.text
    assert box.asked == []


@pytest.mark.parametrize(
    ("arguments", "understood"), [("", {}), ("{}", {}), ('""', {}), ('"{\\"x\\": \\"y\\"}"', {"x": "y"})]
)
async def test_arguments_that_can_be_understood_are(arguments: str, understood: dict[str, str]) -> None:
    box = Box()
    result = await (await tools(box)).call(ToolCall("1", "look", arguments), occasion(), box.tools)
    assert not result.failed
    assert box.asked[0][1] == understood


# What goes wrong while it is done


async def test_a_call_that_takes_too_long_is_given_up_and_cancelled() -> None:
    box = Box(script=[asyncio.Event()])
    hers = await tools(box, call_s=0.01)
    looked = await soon(hers.call(call("look"), occasion(), box.tools))
    assert (looked.failed, looked.say) == (True, phrases.TOOL_SLOW.zh)
    assert "unknown" not in looked.text
    assert box.cancelled.is_set()
    wrote = await soon(hers.call(call("write"), occasion(), box.tools))
    assert "Whether it was done is unknown" in wrote.text


@pytest.mark.parametrize(
    "error", [RuntimeError("secret"), KeyError("secret"), ExceptionGroup("x", [ValueError("secret")])]
)
async def test_a_broken_toolbox_is_a_result_that_gives_nothing_away(error: Exception) -> None:
    box = Box(script=[error])
    result = await (await tools(box)).call(call("look"), occasion(), box.tools)
    assert (result.failed, result.say) == (True, phrases.TOOL_BROKE.zh)
    assert "secret" not in result.text


async def test_a_tools_own_words_are_passed_on() -> None:
    box = Box(script=[ToolError("没有这个城市。")])
    result = await (await tools(box)).call(call("look"), occasion(), box.tools)
    assert (result.failed, result.text, result.say) == (True, "没有这个城市。", "没有这个城市。")


async def test_a_toolbox_that_went_away_since_it_was_offered_is_a_result() -> None:
    box = Box()
    hers, offered = await tools(box), box.tools
    box.tools = ()
    for name in ("look", "write"):
        result = await hers.call(call(name), occasion(), offered)
        assert (result.failed, result.say) == (True, phrases.TOOL_GONE.zh)
    box.tools = offered
    assert not (await hers.call(call("write"), occasion(), offered)).failed  # nothing was begun


async def test_a_long_result_is_cut() -> None:
    box = Box(script=[Result("长" * (LONGEST + 500), "短")])
    result = await (await tools(box)).call(call("look"), occasion(), box.tools)
    assert result.text == "长" * LONGEST + " … (cut)"
    assert result.say == "短"


# Effects


async def test_effects_come_once_for_the_same_messages_and_arguments() -> None:
    box = Box()
    hers = await tools(box)
    first = await hers.call(call("write", {"x": "a"}), occasion(), box.tools)
    again = await hers.call(call("write", '{ "x" : "a" }', "other-id"), occasion(), box.tools)
    assert again == first == Result("done 1", "做好了 1")
    assert (await hers.call(call("write", {"x": "b"}), occasion(), box.tools)).text == "done 2"
    assert (await hers.call(call("write", {"x": "a"}), occasion(f"{ROOM}#2"), box.tools)).text == "done 3"
    for number in (4, 5):
        assert (await hers.call(call("look", {"x": "a"}), occasion(), box.tools)).text == f"done {number}"


async def test_the_same_call_twice_at_once_is_one() -> None:
    gate = asyncio.Event()
    box = Box(script=[gate])
    hers = await tools(box)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(hers.call(call("write", id="1"), occasion(), box.tools))
        await soon(box.begun.wait())
        second = await hers.call(call("write", id="2"), occasion(), box.tools)
        gate.set()
    assert not first.result().failed
    assert second.failed
    assert len(box.asked) == 1


async def test_a_failure_is_remembered_as_one() -> None:
    box = Box(script=[ToolError("不行。"), Result("fine")])
    hers = await tools(box)
    for _ in range(2):
        assert await hers.call(call("write"), occasion(), box.tools) == Result("不行。", "不行。", failed=True)
    assert len(box.asked) == 1


async def test_a_tool_is_told_a_key_that_stays_the_same_for_the_same_call() -> None:
    box = Box()
    for arguments in ({"x": "a"}, {"x": "a"}, {"x": "b"}):
        await (await tools(box)).call(call("write", arguments), occasion(), box.tools)
    keys = [each[2].key for each in box.asked]
    assert keys[0] == keys[1] != keys[2]


@asynccontextmanager
async def house(folder: Path, box: Box) -> AsyncGenerator[Tools]:
    """One life of a house over the same file."""
    store = await sqlite.open(Data(dir=folder))
    try:
        yield await tools(box, store)
    finally:
        await store.close()


async def test_effects_come_once_across_a_restart(tmp_path: Path) -> None:
    box = Box()
    for _ in range(2):
        async with house(tmp_path, box) as hers:
            assert (await hers.call(call("write", {"x": "\ud800好"}), occasion(), box.tools)).text == "done 1"
    assert len(box.asked) == 1


async def test_what_was_begun_when_the_process_died_is_not_done_again_and_she_says_so(tmp_path: Path) -> None:
    box = Box(script=[asyncio.Event()])
    async with house(tmp_path, box) as hers:
        dying = asyncio.ensure_future(hers.call(call("write"), occasion(), box.tools))
        await soon(box.begun.wait())
        dying.cancel()
        await asyncio.wait([dying])
    async with house(tmp_path, box) as hers:
        result = await soon(hers.call(call("write"), occasion(), box.tools))
    assert result.failed
    assert "unknown" in result.text
    assert result.say == phrases.TOOL_UNSURE.zh
    assert len(box.asked) == 1


class FullStore(MemoryStore):
    """Has room for so many records."""

    def __init__(self, room: int = 0) -> None:
        super().__init__()
        self.room = room

    async def put(self, *records: Record, fresh: bool = False) -> bool:
        if fresh and await self.record(records[0].kind, records[0].id):
            return False
        if self.room < 1:
            raise Full("no room")
        self.room -= 1
        return await super().put(*records, fresh=fresh)


async def test_what_cannot_be_noted_is_not_done() -> None:
    box = Box()
    hers = await tools(box, FullStore())
    for name in ("write", "shop__order"):
        result = await hers.call(call(name), occasion(), box.tools)
        assert (result.failed, result.say) == (True, phrases.NO_ROOM.zh)
    assert box.asked == []
    assert not (await hers.call(call("look"), occasion(), box.tools)).failed


async def test_what_was_done_is_told_although_there_is_no_room_to_note_its_end() -> None:
    box = Box()
    hers = await tools(box, FullStore(room=1))
    assert (await hers.call(call("write"), occasion(), box.tools)).text == "done 1"
    assert "unknown" in (await hers.call(call("write"), occasion(), box.tools)).text


async def test_what_was_done_long_ago_is_forgotten() -> None:
    box = Box()
    hers = await tools(box)
    now = datetime.now(UTC)
    for key, at in (("a", now), ("b", now - timedelta(seconds=KEPT_S + 60))):
        await hers.call(call("write"), replace(occasion(key), now=at), box.tools)
    await soon(hers.tend())
    assert len(await hers.store.records(EFFECT)) == 1


async def test_what_was_done_long_ago_is_forgotten_by_a_house_that_never_sleeps() -> None:
    box = Box()
    hers = await tools(box)
    await soon(hers.tend())
    for day in range(20):
        await hers.call(call("write"), occasion(f"{ROOM}#{day}", later=day * 86400.0 + 1), box.tools)
    assert len(await hers.store.records(EFFECT)) <= KEPT_S / 86400 + 2


class StuckStore(MemoryStore):
    """Has no room, not even to forget anything."""

    async def drop(self, kind: str, *ids: str) -> int:
        raise Full("no room")


async def test_a_full_disk_keeps_nobody_from_starting() -> None:
    box, store = Box(), StuckStore()
    hers = await tools(box, store)
    await store.put(Record(EFFECT, "old", at=1.0))
    await soon(hers.tend())
    assert (await hers.call(call("write"), occasion(), box.tools)).text == "done 1"


# The user's word


async def asked(hers: Tools, box: Box, arguments: object = None, key: str = f"{ROOM}#1") -> str:
    """A call that must be confirmed; the question."""
    result = await hers.call(call("shop__order", arguments or {"x": "tea"}), occasion(key), box.tools)
    assert not result.failed
    assert "Not done yet" in result.text
    return result.ask


async def waiting(hers: Tools, when: Occasion) -> Pending:
    pending = await hers.pending(when)
    assert pending
    return pending


SAID = [(2, f"好的。\n{phrases.CONFIRM_TOOL.zh.format(name='shop__order', arguments='x')}")]
"""Her reply, with the question."""
YES = occasion(f"{ROOM}#3", later=60)


async def test_a_question_is_asked_and_nothing_done() -> None:
    box = Box()
    hers = await tools(box)
    ask = await asked(hers, box, {"x": "tea " * 200})
    assert ask.startswith("要我这样做吗？shop__order：")
    assert len(ask) < 300
    assert box.asked == []
    assert await hers.pending(occasion()) is None  # the messages that led to it are no answer to it


async def test_a_question_hides_nothing_as_a_stage_direction() -> None:
    box = Box()
    ask = await asked(await tools(box), box, {"x": "[smile] [k:a] [1]"})
    assert '{"x": "［smile] ［k:a] [1]"}' in ask


async def test_yes_does_it_once_with_what_was_asked() -> None:
    box = Box()
    hers = await tools(box)
    await asked(hers, box)
    pending = await waiting(hers, YES)
    assert pending.word("好的", SAID) is True
    for _ in range(2):  # a new attempt, a restart: the same messages again
        result = await hers.settle(await waiting(hers, YES), YES, box.tools)
        assert result == Result("done 1", "做好了 1")
    assert (await waiting(hers, YES)).word("whatever", []) is True
    assert [(name, arguments) for name, arguments, _ in box.asked] == [("shop__order", {"x": "tea"})]


async def test_a_second_yes_means_nothing() -> None:
    box = Box()
    hers = await tools(box)
    await asked(hers, box)
    await hers.settle(await waiting(hers, YES), YES, box.tools)
    assert await hers.pending(occasion(f"{ROOM}#5", later=61)) is None


async def test_no_drops_it() -> None:
    box = Box()
    hers = await tools(box)
    await asked(hers, box)
    assert (await waiting(hers, YES)).word("算了吧", SAID) is False
    await hers.decline(YES)
    assert (await waiting(hers, YES)).word("确认", SAID) is False  # the same messages after a restart
    assert await hers.pending(occasion(f"{ROOM}#5", later=61)) is None
    assert box.asked == []


async def test_anothers_yes_means_nothing() -> None:
    box = Box()
    hers = await tools(box)
    await asked(hers, box)
    assert await hers.pending(occasion(f"{ROOM}#3", sender="han", later=1)) is None
    assert await hers.pending(replace(YES, conversation="page:other")) is None
    assert await hers.pending(YES)


@pytest.mark.parametrize(("seconds", "waits"), [(WAITS_S - 1, True), (WAITS_S + 1, False)])
async def test_a_question_stands_for_a_while(seconds: float, waits: bool) -> None:
    box = Box()
    hers = await tools(box)
    await asked(hers, box)
    assert bool(await hers.pending(occasion(f"{ROOM}#3", later=seconds))) == waits


async def test_a_word_given_in_time_holds_when_it_is_looked_at_late() -> None:
    box = Box()
    hers = await tools(box)
    await asked(hers, box)
    await hers.settle(await waiting(hers, YES), YES, box.tools)
    late = replace(YES, now=YES.now + timedelta(days=1))
    assert (await hers.settle(await waiting(hers, late), late, box.tools)).text == "done 1"


async def test_a_question_survives_a_restart(tmp_path: Path) -> None:
    box = Box()
    async with house(tmp_path, box) as hers:
        await asked(hers, box)
    async with house(tmp_path, box) as hers:
        pending = await waiting(hers, YES)
        assert pending.word("确认", SAID)
        await hers.settle(pending, YES, box.tools)
    async with house(tmp_path, box) as hers:  # killed before the answer was written down
        assert (await hers.settle(await waiting(hers, YES), YES, box.tools)).text == "done 1"
        assert await hers.pending(occasion(f"{ROOM}#5")) is None
    assert len(box.asked) == 1


async def test_one_thing_is_confirmed_at_a_time() -> None:
    box = Box()
    hers = await tools(box)
    await asked(hers, box, {"x": "tea"})
    second = await hers.call(call("shop__order", {"x": "cake"}), occasion(), box.tools)
    assert (second.failed, second.ask) == (True, "")
    assert "one thing at a time" in second.text
    assert await asked(hers, box, {"x": "tea"})  # the same call once more is the same question
    await asked(hers, box, {"x": "cake"}, f"{ROOM}#3")  # a later message's takes its place
    assert (await waiting(hers, occasion(f"{ROOM}#5"))).call.arguments == '{"x": "cake"}'


async def test_a_tool_that_is_gone_or_changed_when_the_word_comes_is_a_result() -> None:
    box = Box()
    hers = await tools(box)
    await asked(hers, box)
    pending = await waiting(hers, YES)
    assert (await hers.settle(pending, YES, ())).say == phrases.TOOL_GONE.zh
    stricter = replace(ORDER, arguments={"type": "object", "properties": {}, "additionalProperties": False})
    assert (await hers.settle(pending, YES, (stricter,))).failed
    assert box.asked == []


LINE = SAID[0][1]


@pytest.mark.parametrize(
    ("text", "hers", "word"),
    [
        ("好的", [(2, LINE)], True),
        ("可以！", [(2, LINE)], True),
        ("yes", [(2, LINE)], True),
        ("不要", [(2, LINE)], False),
        ("cancel", [(2, LINE)], False),
        ("好的，不过等一下", [(2, LINE)], None),
        ("多少钱？", [(2, LINE)], None),
        # Yes is the answer to what she said last.
        ("好的", [(2, LINE), (4, "要我帮你查吗？")], None),
        ("不要", [(2, LINE), (4, "要我帮你查吗？")], None),
        ("确认", [(2, LINE), (4, "要我帮你查吗？")], True),
        ("Confirm.", [(2, LINE), (4, "⏰ 提醒你：吃药")], True),
        # It was never put to the user: she was stopped before.
        ("确认", [(2, "好的。")], None),
        ("确认", [], None),
        ("好的", [(1, LINE), (2, "我看一下。")], None),
        ("确认", [(1, LINE), (2, "我看一下。")], None),
    ],
)
def test_what_a_word_means(text: str, hers: Sequence[tuple[int, str]], word: bool | None) -> None:
    ask = phrases.CONFIRM_TOOL.zh.format(name="shop__order", arguments="x")
    assert Pending(call("shop__order"), f"{ROOM}#1", 1, ask, 0.0).word(text, hers) is word
