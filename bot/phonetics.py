"""What is said and how: phonemes of a text and the offline voice, from a worker process of its own."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from types import TracebackType
from typing import Self

from bot.clauses import Clause, clauses
from bot.phonetics_worker.process import PhoneticsError, Worker
from bot.phonetics_worker.wire import Head

__all__ = ["Phone", "Phonetics", "PhoneticsError", "Said", "Sounding", "Timbre", "Tuning"]

PATIENCE = 3
"""So many workers in a row may die without an answer before new ones have to wait."""
REST_S, LONGEST_REST_S = 1.0, 60.0
AT_ONCE = 64
"""Clauses of one text asked for at once."""
KANA, LETTERS = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]"), re.compile(r"[^\W\d_]")
KANA_SHARE = 0.2
"""So much of a Japanese text's letters are kana at least: の stands on Chinese shop signs, too."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phoneme in time."""

    ipa: str
    """With ``ˈ`` or ``ˌ`` before a stressed vowel."""
    start: float
    """Seconds."""
    duration: float


@dataclass(frozen=True, slots=True)
class Sounding:
    """A word or syllable and how it sounds."""

    text: str
    at: int
    """Its place in the given text, in characters."""
    phones: tuple[Phone, ...]
    pause: float = 0.0
    """Seconds of silence a speaker leaves after it."""

    @property
    def start(self) -> float:
        """When it begins, in seconds."""
        return self.phones[0].start

    @property
    def duration(self) -> float:
        """Seconds to the end of its last phoneme."""
        return self.phones[-1].start + self.phones[-1].duration - self.start


@dataclass(frozen=True, slots=True)
class Tuning:
    """How one language is spoken, in espeak-ng's terms."""

    rate: int = 175
    """Nominal words a minute, 80 to 450."""
    pitch: int = 50
    """0 to 99."""
    range: int = 50
    """0 to 99."""


@dataclass(frozen=True, slots=True)
class Timbre:
    """Who speaks."""

    variant: str = ""
    """One of espeak-ng's variants, such as ``f3``."""
    mandarin: Tuning = Tuning()
    english: Tuning = Tuning()


@dataclass(frozen=True, slots=True)
class Said:
    """A clause as it was spoken."""

    soundings: tuple[Sounding, ...]
    """Words in order; times count from the clause's first sample."""
    pcm: bytes
    """Signed 16-bit mono samples."""
    rate: int
    """Samples a second."""


class Phonetics:
    """Speaks to the worker, which starts when it is first needed and again after it died.

    Use it as an async context; entering costs nothing.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._worker: Worker | None = None
        self._starting = asyncio.Lock()
        self._closed = False
        self._deaths = 0
        self._rests_until = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        if self._worker:
            await self._worker.close()

    @property
    def process(self) -> int | None:
        """The running worker's process id."""
        return self._worker.process if self._worker and self._worker.alive else None

    async def warm(self) -> None:
        """Start the worker and load what the first line would wait for; a failure shows at the first use instead."""
        try:
            await self.read("你好", "zh")
        except PhoneticsError:
            return

    async def read(self, text: str, language: str) -> tuple[Sounding, ...]:
        """Syllables of Mandarin and words of English with their phonemes, as a calm voice would say them.

        A Japanese text is read in words, whatever the language given, where the optional part ``ja`` is installed.
        Times count from the first phoneme, pauses included. Raises PhoneticsError.
        """
        found: list[Sounding] = []
        at = 0.0
        parts = clauses(text)
        language = "ja" if _japanese(text) else language
        for first in range(0, len(parts), AT_ONCE):
            batch = parts[first : first + AT_ONCE]
            answers = await asyncio.gather(*(self._clause(part, language, Timbre(), 0, sound=False) for part in batch))
            for part, (head, _) in zip(batch, answers, strict=True):
                found += _soundings(part, head, at)
                at += head["seconds"] + part.pause
        return tuple(found)

    async def say(self, clause: Clause, language: str, timbre: Timbre, *, first: bool = False) -> Said:
        """A clause as sound with its words; ``first`` goes before what nobody waits for yet. Raises PhoneticsError."""
        head, pcm = await self._clause(clause, language, timbre, 0 if first else 1, sound=True)
        return Said(tuple(_soundings(clause, head, 0.0)), pcm, head["rate"])

    async def _clause(
        self, clause: Clause, language: str, timbre: Timbre, urgency: int, *, sound: bool
    ) -> tuple[Head, bytes]:
        """What the worker makes of a clause."""
        request = {
            "text": clause.text,
            "end": clause.end,
            "language": language,
            "variant": timbre.variant,
            "mandarin": [timbre.mandarin.rate, timbre.mandarin.pitch, timbre.mandarin.range],
            "english": [timbre.english.rate, timbre.english.pitch, timbre.english.range],
            "apart": not sound,
            "sound": sound,
            "urgency": urgency,
        }
        worker = await self._ready()
        return await worker.ask(request)

    async def _ready(self) -> Worker:
        """The running worker, started if need be."""
        if self._worker and self._worker.alive:
            return self._worker
        async with self._starting:
            if self._worker and self._worker.alive:
                return self._worker
            if self._closed:
                raise PhoneticsError("closed")
            if self._worker:
                self._mourn(self._worker)
            if self._clock() < self._rests_until:
                raise PhoneticsError("the worker died too often; it rests")
            self._worker = await Worker.start()
            return self._worker

    def _mourn(self, worker: Worker) -> None:
        """Remember a death, and let the next worker wait if it was one of several in a row."""
        self._deaths = 0 if worker.answered else self._deaths + 1
        self._worker = None
        if self._deaths >= PATIENCE:
            rest = min(LONGEST_REST_S, REST_S * 2 ** (self._deaths - PATIENCE))
            self._rests_until = self._clock() + rest


def _japanese(text: str) -> bool:
    """Whether a text is Japanese, and can be read."""
    letters = len(LETTERS.findall(text))
    return 0 < letters * KANA_SHARE <= len(KANA.findall(text)) and find_spec("fugashi") is not None


def _soundings(clause: Clause, head: Head, after: float) -> list[Sounding]:
    """A clause's words with their places in the whole text, later by some seconds."""
    found = [
        Sounding(
            clause.text[at : at + length],
            clause.at + at,
            tuple(Phone(ipa, after + start, duration) for ipa, start, duration in phonemes),
        )
        for at, length, phonemes in head["units"]
    ]
    if found:
        last = found[-1]
        found[-1] = Sounding(last.text, last.at, last.phones, clause.pause)
    return found
