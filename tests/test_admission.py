"""The gate: blank, long, too fast, too much, too full."""

from dataclasses import replace

import pytest

from bot.admission import Gate
from bot.message import Message, Picture, State, Text
from bot.settings import Data, Limits
from bot.store import Accepted, Full, Store, memory
from tests.fakes import message


@pytest.fixture
async def store() -> Store:
    return await memory.open(Data())


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


async def test_blank_messages_are_ignored(store: Store) -> None:
    gate = Gate(store, Limits())
    for text in ("", "  \n", "\x00\x1b", "\u200b"[:0]):
        admission = await gate.admit(message(text))
        assert (admission.entry, admission.refusal, admission.notice) == (None, "blank", "")
    assert await store.waiting() == []


async def test_control_characters_are_stripped_and_direction_marks_stay(store: Store) -> None:
    admission = await Gate(store, Limits()).admit(message("你\x00好\x1b[31m \u202eabc\r\n嗯\ud800"))
    assert admission.entry
    assert admission.entry.text == "你好[31m \u202eabc\n嗯"


async def test_a_picture_alone_is_no_blank_message(store: Store) -> None:
    picture = replace(message(""), parts=(Text(" "), Picture("ab", "image/jpeg")))
    admission = await Gate(store, Limits()).admit(picture)
    assert admission.entry
    assert admission.entry.parts == (Picture("ab", "image/jpeg"),)


async def test_a_message_too_long_is_told_the_limit(store: Store) -> None:
    admission = await Gate(store, Limits(text=10)).admit(message("长" * 11))
    assert admission.refusal == "long"
    assert "10" in admission.notice
    assert await store.waiting() == []


async def test_a_flood_hears_one_notice_a_minute(store: Store) -> None:
    clock = Clock()
    gate = Gate(store, Limits(per_minute=3, waiting=1000), clock)
    admissions = [await gate.admit(message(f"{n}", f"{n}")) for n in range(100)]
    assert sum(admission.entry is not None for admission in admissions) == 3
    assert [admission.refusal for admission in admissions[3:]] == ["pace"] * 97
    assert sum(bool(admission.notice) for admission in admissions) == 1
    clock.now += 61
    assert (await gate.admit(message("慢慢说", "later"))).entry


async def test_the_same_message_again_is_not_counted(store: Store) -> None:
    gate = Gate(store, Limits(per_minute=1))
    assert (await gate.admit(message("早", "a"))).fresh
    again = await gate.admit(message("早", "a"))
    assert again.entry is not None
    assert not again.fresh


async def test_a_day_has_its_budget_also_after_a_restart(store: Store) -> None:
    clock = Clock()
    limits = Limits(per_day=2, per_minute=0)
    gate = Gate(store, limits, clock)
    sent = [replace(message(f"{n}", f"{n}"), at=clock.now) for n in range(4)]
    assert (await gate.admit(sent[0])).entry
    assert (await gate.admit(sent[1])).entry
    assert (await gate.admit(sent[2])).refusal == "budget"
    restarted = Gate(store, limits, clock)
    assert (await restarted.admit(sent[3])).refusal == "budget"
    clock.now += 86400
    assert (await restarted.admit(replace(sent[3], at=clock.now))).entry


async def test_all_users_together_have_a_budget(store: Store) -> None:
    gate = Gate(store, Limits(all_per_day=1))
    assert (await gate.admit(message("一", "1", sender="a"))).entry
    assert (await gate.admit(message("二", "2", sender="b"))).refusal == "budget"


async def test_unanswered_messages_are_bounded(store: Store) -> None:
    gate = Gate(store, Limits(waiting=2, per_minute=0))
    for n in range(2):
        assert (await gate.admit(message(f"{n}", f"{n}"))).entry
    busy = await gate.admit(message("三", "3"))
    assert busy.refusal == "busy"
    assert busy.notice
    gate.answered("page:room", 2)
    assert (await gate.admit(message("四", "4"))).entry


async def test_a_group_line_that_needs_no_answer_is_history(store: Store) -> None:
    admission = await Gate(store, Limits()).admit(replace(message("路过"), addressed=False, group=True))
    assert admission.entry
    assert admission.entry.state is State.UNADDRESSED
    assert await store.waiting() == []


async def test_a_full_disk_is_told_and_nothing_is_kept() -> None:
    class FullStore(memory.MemoryStore):
        async def accept(self, message: Message, state: State = State.RECEIVED) -> Accepted:
            raise Full("no room")

    gate = Gate(FullStore(), Limits())
    admission = await gate.admit(message("hello there"))
    assert (admission.entry, admission.refusal) == (None, "full")
    assert "notebook" in admission.notice


async def test_while_closing_nobody_is_let_in(store: Store) -> None:
    gate = Gate(store, Limits())
    gate.closing = True
    assert (await gate.admit(message("在吗"))).refusal == "closing"
