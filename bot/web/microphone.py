"""A page's open microphone: who speaks makes her fall silent, what was said becomes a message."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from bot import phrases, vad
from bot.ear import Ear, EarError
from bot.endpoint import LEAST_S, START, WINDOW_S, Endpointer, Sign
from bot.pcm import Samples, resampled
from bot.settings import EarSettings
from bot.vad import WINDOW, Vad
from bot.web.wire import Json

log = logging.getLogger(__name__)

HOLD_AGAIN_S = 1.0
"""A hold expires by itself, so that it is said again while somebody speaks."""
ATTENTIVE_S = 30.0
"""After an exchange she needs no wake word for so long."""
FASTER, AHEAD_S = 1.5, 5.0
"""Sound may come this much faster than it sounds, and so much in advance; the rest is dropped."""
ECHO_LETTERS = 4
"""So many letters in a row that she just said are herself."""


class Room(Protocol):
    """Where the microphone stands."""

    tell: Callable[[Json], Awaitable[None]]
    """Shows the page how the hearing goes."""

    def hold(self, on: bool) -> None:
        """Let her begin no further line while somebody speaks; or go on."""
        ...

    async def take(self, samples: Samples, text: str) -> str:
        """Take what was said (at our rate) as a message; a notice where it was refused."""
        ...

    def lately(self) -> str:
        """What she said lately."""
        ...


@dataclass(slots=True)
class Microphone:
    """Listens while it is open."""

    room: Room
    ear: Ear
    vad: Vad
    settings: EarSettings
    group: asyncio.TaskGroup
    """Where transcriptions run."""
    clock: Callable[[], float]
    push: bool = False
    """The user says by a button when they speak."""
    endpoint: Endpointer = field(init=False)
    _rest: Samples = field(default_factory=lambda: np.empty(0, np.int16))
    _pushed: list[Samples] = field(default_factory=list[Samples])
    _voiced: int = 0
    _early: asyncio.Task[str | EarError] | None = None
    """A transcription begun in a pause that may be the end."""
    _holding: asyncio.Task[None] | None = None
    _finishing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _fed: int = 0
    _began: float = 0.0
    _met: float = float("-inf")
    """When the last exchange was."""

    def __post_init__(self) -> None:
        """A button needs no pauses."""
        self.endpoint = Endpointer(self.settings.pause_s)
        self._began = self.clock()
        if self.push:
            self._hold()

    async def hear(self, pcm: bytes, played: float) -> None:
        """Take the next sound: signed 16-bit little-endian mono at ``bot.vad.RATE``; ``played`` as of ``Endpointer.feed``."""
        if self._fed / vad.RATE > (self.clock() - self._began) * FASTER + AHEAD_S:
            return
        samples = np.frombuffer(pcm, "<i2")
        self._fed += len(samples)
        waiting = np.concatenate((self._rest, samples))
        whole = len(waiting) // WINDOW * WINDOW
        self._rest = waiting[whole:]
        for window in waiting[:whole].reshape(-1, WINDOW):
            likelihood = self.vad.likelihood(window)
            if self.push:
                self._pushed.append(window)
                self._voiced += likelihood > START
            elif sign := self.endpoint.feed(window, likelihood, played):
                await self._heed(sign)

    async def close(self, *, drop: bool = False) -> None:
        """The microphone is closed: what was said up to now counts, unless it is dropped."""
        if self.push and not drop and self._voiced * WINDOW_S >= LEAST_S:
            self._finish(np.concatenate(self._pushed))
        elif not self.push and not drop and self.endpoint.speaking:
            self._finish(self.endpoint.taken())
        elif self._holding:
            await self._nothing()
        self._pushed = []

    async def _heed(self, sign: Sign) -> None:
        match sign:
            case Sign.VOICE:
                self._hold()
                await self.room.tell(hearing("speech"))
            case Sign.PAUSE:
                self._early = self.group.create_task(self._written(self.endpoint.taken()))
            case Sign.ON:
                self._forget_early()
            case Sign.END:
                self._finish(self.endpoint.taken())
            case Sign.FALSE:
                await self._nothing()

    def _finish(self, said: Samples) -> None:
        early, self._early = self._early, None
        self.group.create_task(self._finished(said, early or self.group.create_task(self._written(said))))

    async def _finished(self, said: Samples, writing: asyncio.Task[str | EarError]) -> None:
        """See an utterance become a message, each after the one before."""
        async with self._finishing:
            await self.room.tell(hearing("writing"))
            text = await writing
            if isinstance(text, EarError):
                log.warning("the ear %s: %s", self.ear.name, text)
                await self._nothing("deaf", f"{phrases.DEAF.zh} {phrases.DEAF.en}")
            elif not text or self._echoes(text) or not self._meant(text):
                await self._nothing()
            else:
                await self._said(said, text)

    async def _said(self, said: Samples, text: str) -> None:
        self._let_go()
        self._met = self.clock()
        await self.room.tell(hearing("said", text=text))
        samples = await asyncio.to_thread(resampled, said, vad.RATE)
        if notice := await self.room.take(samples, text):
            await self.room.tell(hearing("deaf", notice=notice))

    async def _written(self, said: Samples) -> str | EarError:
        """What the ear makes of it."""
        try:
            return (await self.ear.hear(await asyncio.to_thread(resampled, said, vad.RATE))).text.strip()
        except EarError as error:
            return error

    def _echoes(self, text: str) -> bool:
        """Whether it is only she herself, out of the loudspeaker."""
        letters = _letters(text)
        return len(letters) >= ECHO_LETTERS and self.endpoint.echo.heard > 0 and letters in _letters(self.room.lately())

    def _meant(self, text: str) -> bool:
        """Whether she is spoken to: by a wake word where one is wanted, or soon after an exchange."""
        wake = self.settings.wake
        if self.push or not wake or self.clock() - self._met < ATTENTIVE_S:
            return True
        return any(_letters(word) in _letters(text) for word in wake)

    async def _nothing(self, state: str = "nothing", notice: str = "") -> None:
        """It was nothing: she goes on where she was."""
        self._forget_early()
        self._let_go()
        self.room.hold(False)
        await self.room.tell(hearing(state, notice=notice))

    def _forget_early(self) -> None:
        if self._early:
            self._early.cancel()
        self._early = None

    def _hold(self) -> None:
        self._let_go()
        self._holding = self.group.create_task(self._keep_holding())

    def _let_go(self) -> None:
        if self._holding:
            self._holding.cancel()
        self._holding = None

    async def _keep_holding(self) -> None:
        while True:
            self.room.hold(True)
            await asyncio.sleep(HOLD_AGAIN_S)


def hearing(state: str, *, text: str = "", notice: str = "") -> Json:
    """A frame that tells how the hearing goes."""
    return {"type": "hearing", "state": state, "text": text, "notice": notice}


def _letters(text: str) -> str:
    """The letters and digits of a text alone."""
    return "".join(filter(str.isalnum, text)).casefold()
