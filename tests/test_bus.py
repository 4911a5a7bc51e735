"""The bus: order, late doors, slow doors, controls."""

from bot.bus import memory
from bot.bus.memory import ROOM
from bot.message import Begin, Control, End, Piece, State, Words
from tests.fakes import soon


def piece(number: int, shown: Begin | Words | End, turn: str = "t") -> Piece:
    return Piece("page:a", turn, 1, number, shown)


async def test_a_late_door_gets_the_running_turn_from_its_start() -> None:
    bus = memory.open()
    bus.publish(piece(0, Begin((1,))))
    bus.publish(piece(1, Words("你好")))
    async with bus.listen("page:a", sound=True) as door:
        bus.publish(piece(2, Words("呀")))
        stream = aiter(door)
        assert [(await soon(anext(stream))).number for _ in range(3)] == [0, 1, 2]


async def test_nothing_is_kept_after_the_end() -> None:
    bus = memory.open()
    bus.publish(piece(0, Begin((1,))))
    bus.publish(piece(1, End(State.ANSWERED, None)))
    assert bus.topics == {}
    async with bus.listen("page:a", sound=True) as door:
        bus.publish(piece(0, Begin((2,)), "next"))
        assert (await soon(anext(aiter(door)))).turn == "next"


async def test_a_door_too_slow_loses_its_place_and_others_do_not() -> None:
    bus = memory.open()
    async with bus.listen("page:a", sound=True) as slow, bus.listen("page:a", sound=True) as quick:
        reader = aiter(quick)
        for number in range(ROOM + 1):
            bus.publish(piece(number, Words("x")))
            assert (await soon(anext(reader))).number == number
        assert bus.listeners("page:a") == 1
        numbers = [each.number async for each in slow]
        assert numbers == list(range(1, ROOM))


async def test_ears_are_doors_with_sound() -> None:
    bus = memory.open()
    async with bus.listen("page:a", sound=True) as one, bus.listen("page:a", sound=False):
        assert (bus.listeners("page:a"), bus.ears("page:a")) == (2, 1)
        one.sound = False
        assert bus.ears("page:a") == 0
    assert bus.listeners("page:a") == 0


async def test_controls_reach_the_turn_of_their_conversation_only() -> None:
    bus = memory.open()
    bus.control(Control("page:a", "stop"))  # nobody runs: forgotten
    async with bus.controls("page:a") as controls:
        bus.control(Control("page:b", "stop"))
        bus.control(Control("page:a", "hold"))
        assert (await soon(anext(aiter(controls)))).kind == "hold"
    assert bus.topics == {}
