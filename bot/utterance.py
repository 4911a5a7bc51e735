"""A line becomes an utterance: sound in chunks from its first loud sample on, word times, a mouth, and an MP3 to keep."""

import asyncio
import logging
import unicodedata
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import numpy as np

from bot import mp3
from bot.lips import Evidence, Heard, Lips
from bot.message import Line, Shown, Sound, Spoken, Utterance, Viseme, Visemes, WordTime
from bot.pcm import RATE, Intake, Samples
from bot.silence import Trimmer
from bot.store import SpokenLine
from bot.voice import Bytes, Format, Manner, Phoneme, Spoke, Voice, VoiceError, Word

log = logging.getLogger(__name__)

CHUNK = round(0.1 * RATE)
"""Samples of a chunk of sound."""
SMALLEST = round(0.02 * RATE)
"""Samples of the first chunks: each may be as long as all before it, so that a player never runs dry for a full one."""
CLAUSE_PAUSE_S, SENTENCE_PAUSE_S = 0.1, 0.25
SENTENCE_ENDS = "。！？!?….\n"
AHEAD = 48
"""Characters of the text in which a word the voice tells is looked for."""


class Shelf(Protocol):
    """Where spoken lines are kept for a conversation."""

    async def find(self, key: str) -> SpokenLine | None:
        """A line spoken before."""
        ...

    async def encoded(self, samples: Samples) -> bytes:
        """A line's sound as the MP3 that is kept and sent."""
        ...

    async def keep(self, key: str, line: SpokenLine) -> str:
        """Keep a line, to be found by its key unless that is empty; the hash of its sound, empty when there is no room."""
        ...


async def utter(
    line: Line,
    voice: Voice,
    lips: Lips | None,
    manner: Manner,
    *,
    first: bool,
    whole: Callable[[], bool] = bool,
    shelf: Shelf | None,
    emit: Callable[[Shown], None],
) -> Utterance | None:
    """Say a line, showing its sound as it comes; None when no voice could say it.

    ``whole`` tells whether a door wants later lines as one MP3; else nothing waits for the encoder.
    """
    sought = key(voice.engine(line.language, manner), line, manner)
    if shelf and (kept := await shelf.find(sought)) and (found := await _read(kept)):
        return _again(line, found, emit)
    take = Take(line, emit)
    async with asyncio.TaskGroup() as group:
        if lips:
            group.create_task(take.follow(lips))
        await take.record(voice, manner, first)
    if not take.length:
        emit(Spoken(line.number, 0.0, failed=True))
        return None
    seconds = take.length / RATE
    wanted = line.number > 0 and whole()
    if not wanted:
        emit(Spoken(line.number, seconds))
    data = await (shelf.encoded if shelf else mp3.encoded)(take.samples)
    if wanted:
        emit(Spoken(line.number, seconds, mp3=data, samples=take.length))
    findable = take.complete and lips is not None  # whoever finds it wants its mouth too
    place = key(take.engine, line, manner) if findable else ""  # of the voice that spoke, which may be another
    media = await shelf.keep(place, SpokenLine(data, take.detail())) if shelf else ""
    return Utterance(line.text, line.start, media, round(seconds, 4), _spans(take.visemes))


def key(engine: str, line: Line, manner: Manner) -> str:
    """What a spoken line is found by: who says what, and how."""
    parts = engine, str(manner.rate), str(manner.pitch), line.language, line.spoken, _pause(line)
    return sha256("\0".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Kept:
    """A line that was spoken before."""

    mp3: bytes
    samples: Samples
    words: tuple[tuple[str, float, float, int], ...]
    """Word, start, duration, place in the spoken text."""
    visemes: tuple[Viseme, ...]


async def _read(kept: SpokenLine) -> Kept | None:
    """A kept line; None when it cannot be read, as one that another version kept."""
    try:
        samples = (await asyncio.to_thread(mp3.decoded, kept.mp3))[: kept.detail["samples"]]
        words = tuple((word, start, duration, place) for word, start, duration, place in kept.detail["words"])
        return Kept(kept.mp3, samples, words, tuple(Viseme(*each) for each in kept.detail["visemes"]))
    except (mp3.Mp3Error, LookupError, TypeError, ValueError) as error:
        log.warning("a kept line cannot be read: %r", error)
        return None


def _again(line: Line, kept: Kept, emit: Callable[[Shown], None]) -> Utterance:
    """A kept line, shown as when it was spoken."""
    for word, start, duration, place in kept.words:
        emit(WordTime(line.number, word, start, duration, line.start + line.places[place]))
    emit(Visemes(line.number, 0.0, kept.visemes, final=True))
    for start in range(0, len(kept.samples), CHUNK):
        emit(Sound(line.number, kept.samples[start : start + CHUNK].tobytes(), RATE, start / RATE))
    seconds, media = len(kept.samples) / RATE, sha256(kept.mp3).hexdigest()
    emit(Spoken(line.number, seconds, media, mp3=kept.mp3, samples=len(kept.samples)))
    return Utterance(line.text, line.start, media, round(seconds, 4), _spans(kept.visemes))


def _spans(visemes: tuple[Viseme, ...]) -> tuple[tuple[str, int, int, float], ...]:
    """Visemes as entries keep them: milliseconds."""
    return tuple((v.name, round(v.start * 1000), round(v.duration * 1000), round(v.weight, 3)) for v in visemes)


def _pause(line: Line) -> float:
    return SENTENCE_PAUSE_S if line.text.rstrip(" \t”’」』）】》)\"'*_")[-1:] in SENTENCE_ENDS else CLAUSE_PAUSE_S


class Take:
    """A line being spoken."""

    def __init__(self, line: Line, emit: Callable[[Shown], None]) -> None:
        self.line, self.emit = line, emit
        self.trimmer = Trimmer(_pause(line))
        self.engine = ""
        self.intake = Intake()
        self.decoder: mp3.Decoder | None = None
        """What reads the voice's bytes: the decoder where they are MP3."""
        self.complete = False
        self.ready = asyncio.Event()
        """The voice told what it is, or nothing came."""
        self.evidence: asyncio.Queue[Evidence | None] = asyncio.Queue()
        self.early: list[Word | Phoneme] = []
        """Times that wait for the first loud sample: before it their clock is not known."""
        self.delay = 0
        """Samples by which the decoded sound is later than the voice's times."""
        self.chunks: list[Samples] = []
        self.pending: list[Samples] = []
        """Sound that waits for its chunk to be full."""
        self.length = 0
        """Samples that sound, so far."""
        self.words: list[tuple[str, float, float, int]] = []
        self.cursor = 0
        """How far the voice's words have come in the spoken text."""
        self.visemes: tuple[Viseme, ...] = ()

    @property
    def samples(self) -> Samples:
        """The whole sound."""
        return np.concatenate(self.chunks)

    def detail(self) -> dict[str, Any]:
        """What must be kept to say the line again without the voice."""
        visemes = [[v.name, round(v.start, 4), round(v.duration, 4), round(v.weight, 3)] for v in self.visemes]
        words = [[text, round(start, 4), round(duration, 4), place] for text, start, duration, place in self.words]
        return {"samples": self.length, "engine": self.engine, "words": words, "visemes": visemes}

    # Sound

    async def record(self, voice: Voice, manner: Manner, first: bool) -> None:
        """Let the voice speak; what sounded before it failed stays."""
        line = self.line
        try:
            async with aclosing(voice.speak(line.spoken, line.language, manner, first=first)) as stream:
                async for item in stream:
                    await self._take(item)
            self.complete = True
        except VoiceError as error:
            log.warning("a line could not be spoken by %s: %s", voice.name, error)
        try:
            self._hear(await self.decoder.close() if self.decoder else self.intake.close())
        except mp3.Mp3Error as error:
            self.complete = False
            log.warning("a line of %s could not be decoded: %s", voice.name, error)
        for samples in self.trimmer.close():
            self._sound(samples)
        self._flush()
        self.evidence.put_nowait(None)
        self.ready.set()

    async def _take(self, item: Spoke) -> None:
        match item:
            case Format():
                self.engine = item.engine
                if item.codec == "mp3":
                    self.decoder, self.delay = mp3.Decoder(), mp3.DELAY
                else:
                    self.intake = Intake(item.rate, item.channels)
                self.ready.set()
            case Bytes() if self.decoder:
                self._hear(await self.decoder.feed(item.data))
            case Bytes():
                self._hear(self.intake.feed(item.data))
            case Word() | Phoneme():
                self._timed(item)

    def _hear(self, samples: Samples) -> None:
        """Take decoded sound."""
        for loud in self.trimmer.feed(samples):
            early, self.early = self.early, []
            for item in early:
                self._timed(item)
            self._sound(loud)

    def _sound(self, samples: Samples) -> None:
        """Show sound: the first at once, later ones in growing chunks."""
        if not len(samples):
            return
        self.evidence.put_nowait(Heard(samples.tobytes()))
        self.pending.append(samples)
        waiting = sum(map(len, self.pending))
        if self.length == 0 or waiting >= min(CHUNK, max(SMALLEST, self.length)):
            self._flush()

    def _flush(self) -> None:
        if not self.pending:
            return
        samples, self.pending = np.concatenate(self.pending), []
        for start in range(0, len(samples), CHUNK):
            chunk = samples[start : start + CHUNK]
            self.emit(Sound(self.line.number, chunk.tobytes(), RATE, self.length / RATE))
            self.chunks.append(chunk)
            self.length += len(chunk)

    # Times

    def _timed(self, item: Word | Phoneme) -> None:
        """Put a time on the trimmed clock."""
        if self.trimmer.head is None:
            self.early.append(item)
            return
        start = max(0.0, item.start + (self.delay - self.trimmer.head) / RATE)
        if isinstance(item, Phoneme):
            self.evidence.put_nowait(Phoneme(item.ipa, start, item.duration))
            return
        self.evidence.put_nowait(Word(item.text, start, item.duration))
        if (place := self._place(item.text)) is not None:
            self.words.append((item.text, start, item.duration, place))
            at = self.line.start + self.line.places[place]
            self.emit(WordTime(self.line.number, item.text, start, item.duration, at))

    def _place(self, word: str) -> int | None:
        """Where in the spoken text a word stands that the voice tells; None when it said something else."""
        near = _plain(self.line.spoken[self.cursor : self.cursor + AHEAD + len(word)])
        found = near.find(_plain(word)) if word else -1
        if found < 0:
            return None
        place = self.cursor + found
        self.cursor = place + len(word)
        return place if place < len(self.line.places) else None

    # Mouth

    async def follow(self, lips: Lips) -> None:
        """Show the mouth as the lips find it."""
        await self.ready.wait()
        line = self.line
        async with aclosing(lips.follow(line.spoken, line.language, self.engine, self._heard())) as tracks:
            async for track in tracks:
                if track.final and not self.length:  # a line that nobody could say
                    return
                before = tuple(v for v in self.visemes if v.start < track.start)
                self.visemes = before + track.visemes
                self.emit(Visemes(line.number, track.start, track.visemes, track.final))

    async def _heard(self) -> AsyncIterator[Evidence]:
        while (evidence := await self.evidence.get()) is not None:
            yield evidence


def _plain(text: str) -> str:
    """Text for comparing, character by character as long as it was."""
    return "".join(folded if len(folded := unicodedata.normalize("NFKC", c).casefold()) == 1 else c for c in text)
