"""One voice of two: which of them speaks, by what happened before."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest

from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, Spoke, Voice, VoiceError, Word, auto
from bot.voice.auto import PATIENCE, REST_S, AutoVoice
from tests.fakes import soon


@dataclass
class Throat:
    """A voice that may fail, before or after its first sound."""

    name: str
    fails: str = ""
    reason: str = ""
    gate: asyncio.Event | None = None
    said: list[str] = field(default_factory=list[str])
    closed: int = 0
    warmed: bool = False

    async def warm(self) -> None:
        self.warmed = True

    async def speak(self, text: str, language: str, manner: Manner, *, first: bool = False) -> AsyncGenerator[Spoke]:
        self.said.append(text)
        try:
            if self.gate:
                await self.gate.wait()
            yield Format("pcm", 24000, self.engine(language, manner))
            yield Word(text, 0.0, 0.1)
            if self.fails == "at once" or not text:
                raise VoiceError("hoarse")
            yield Bytes(b"\x00\x00")
            if self.fails == "later":
                raise VoiceError("lost")
            yield Bytes(b"\x01\x00")
        finally:
            self.closed += 1

    def engine(self, language: str, manner: Manner) -> str:
        return f"{self.name}-1"

    async def close(self) -> None:
        self.name = "closed"


@dataclass
class House:
    """The voice under test, what it is made of, and its clock."""

    online: Throat = field(default_factory=lambda: Throat("online"))
    offline: Throat = field(default_factory=lambda: Throat("offline"))
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.voice = AutoVoice(self.online, self.offline, lambda: self.now)

    async def who(self, text: str = "你好", *, first: bool = True) -> str:
        """Who says a line."""
        items = [item async for item in self.voice.speak(text, "zh", Manner(), first=first)]
        (format,) = (item for item in items if isinstance(item, Format))
        assert items[0] is format
        assert sum(isinstance(item, Word) for item in items) == 1
        return format.engine.removesuffix("-1")

    @property
    def next(self) -> str:
        return self.voice.engine("zh", Manner()).removesuffix("-1")

    async def tried(self) -> None:
        """Let a line that is said for nobody come as far as it can."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def lose(self) -> None:
        """The network goes, and is given up."""
        self.online.fails = "at once"
        for _ in range(PATIENCE):
            assert await self.who() == "offline"
        self.online.said.clear()


async def test_the_online_voice_speaks_while_it_can() -> None:
    house = House()
    assert (house.next, house.voice.reason) == ("online", "")
    assert await house.who() == "online"
    assert (house.next, house.voice.reason, house.offline.said) == ("online", "", [])


async def test_a_line_that_does_not_begin_is_said_offline_at_once_and_nothing_of_it_twice() -> None:
    house = House(Throat("online", fails="at once"))
    assert await house.who() == "offline"
    assert "连不上" in house.voice.reason
    assert "hoarse" in house.voice.reason


async def test_a_line_that_was_heard_is_never_switched() -> None:
    house = House(Throat("online", fails="later"))
    with pytest.raises(VoiceError, match="lost"):
        await house.who()
    assert house.offline.said == []


async def test_after_failures_in_a_row_the_offline_voice_speaks_without_trying() -> None:
    house = House()
    await house.lose()
    assert house.next == "offline"
    house.now += REST_S - 1
    assert [await house.who(first=first) for first in (True, False)] == ["offline", "offline"]
    assert house.online.said == []


async def test_lines_that_break_off_count_as_failures_too() -> None:
    house = House(Throat("online", fails="later"))
    for _ in range(PATIENCE):
        with pytest.raises(VoiceError):
            await house.who()
    assert house.voice.reason == ""
    assert await house.who() == "offline"
    assert "lost" in house.voice.reason


async def test_a_success_between_failures_forgives_them() -> None:
    house = House()
    for fails in ("at once", "", "at once"):
        house.online.fails = fails
        await house.who()
    house.online.fails = ""
    assert house.next == "online"
    assert await house.who() == "online"


async def test_after_the_rest_a_line_for_nobody_finds_the_network_again() -> None:
    house = House()
    await house.lose()
    house.now += REST_S
    house.online.fails = ""
    assert await house.who("一") == "offline"
    await house.tried()
    assert (house.online.said, house.next, house.voice.reason) == (["一"], "online", "")
    assert await house.who("二") == "online"


@pytest.mark.parametrize("first", [True, False])
async def test_no_line_waits_for_the_try(first: bool) -> None:
    house = House()
    await house.lose()
    house.now += REST_S
    house.online.gate = asyncio.Event()
    assert await soon(house.who(first=first)) == "offline"
    await house.tried()
    assert await soon(house.who(first=first)) == "offline"
    assert len(house.online.said) == 1
    await soon(house.voice.close())
    assert house.online.closed == PATIENCE + 1


async def test_a_try_in_vain_is_followed_by_another_rest() -> None:
    house = House()
    await house.lose()
    for _ in range(2):
        house.now += REST_S
        house.online.said.clear()
        for _ in range(2):
            assert await house.who() == "offline"
            await house.tried()
        assert len(house.online.said) == 1
        assert (house.next, "hoarse" in house.voice.reason) == ("offline", True)


async def test_what_neither_can_say_tells_nothing_about_the_network() -> None:
    house = House()
    for _ in range(2 * PATIENCE):
        with pytest.raises(VoiceError):
            await house.who("")
    assert (house.next, house.voice.reason) == ("online", "")


async def test_closing_the_stream_closes_the_voice_that_speaks() -> None:
    house = House()
    for fails, throat in (("", house.online), ("at once", house.offline)):
        house.online.fails = fails
        stream = house.voice.speak("你好", "zh", Manner())
        async for item in stream:
            if isinstance(item, Bytes):
                break
        before = throat.closed
        await stream.aclose()
        assert throat.closed == before + 1


async def test_a_change_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    house = House()
    with caplog.at_level(logging.INFO, "bot.voice.auto"):
        await house.lose()
        await house.who()
        house.now += REST_S
        house.online.fails = ""
        await house.who()
        await house.tried()
        await house.who()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_both_are_warmed_and_closed() -> None:
    house = House()
    await house.voice.warm()
    assert house.online.warmed
    assert house.offline.warmed
    await house.voice.close()
    assert (house.online.name, house.offline.name) == ("closed", "closed")


async def test_it_is_made_of_edge_and_espeak() -> None:
    async with Phonetics() as phonetics:
        voice: Voice = auto.open(VoiceSettings(endpoint="ws://127.0.0.1:9"), phonetics)
        assert voice.engine("zh", Manner()).startswith("edge-")
        engines = [
            [item async for item in voice.speak("你好", "zh", Manner(), first=True) if isinstance(item, Format)]
            for _ in range(PATIENCE)
        ]
        assert all(format.engine.startswith("espeak-") for (format,) in engines)
        assert voice.engine("zh", Manner()).startswith("espeak-")
        await voice.close()
