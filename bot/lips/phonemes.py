"""Lips from phonemes: where the voice tells their times exactly, else from the text, laid into word times or the sound."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator

from bot.lips import Evidence, Heard, Lips, Track
from bot.lips._drafts import Draft, Exact, Flapping, Reading
from bot.lips._layout import settle
from bot.lips._loudness import Loudness
from bot.message import Viseme
from bot.phonetics import Phonetics, PhoneticsError
from bot.voice import Phoneme, Word

LONGEST = 2000
"""Characters of a line that are read; what comes after them moves with the loudness at most."""


def open(phonetics: Phonetics) -> Lips:
    """Lips that read with the phonetics worker."""
    return PhonemeLips(phonetics)


class PhonemeLips:
    """Finds mouth shapes from the best evidence there is."""

    def __init__(self, phonetics: Phonetics) -> None:
        self._phonetics = phonetics

    async def follow(
        self, text: str, language: str, engine: str, evidence: AsyncIterator[Evidence]
    ) -> AsyncGenerator[Track]:
        """Stream tracks: provisional ones with the evidence, a final one over the whole sound at its end."""
        loudness = Loudness()
        draft: Draft | None = None
        early: list[Word] = []
        end = 0.0
        async for each in evidence:
            if isinstance(each, Heard):
                loudness.feed(each.pcm)
            elif not _sane(each):
                continue
            elif draft is None and isinstance(each, Word) and not early:
                early.append(each)  # phonemes may follow at once: then nothing needs to be read
                end = each.start + each.duration
                continue
            else:
                end = max(end, each.start + each.duration)
            if draft is None:
                draft = Exact() if isinstance(each, Phoneme) else await self._read(text, language)
                for word in early:
                    draft.hear(word)
            if not isinstance(each, Heard):
                draft.hear(each)
            if track := draft.track(loudness, heard=isinstance(each, Heard)):
                yield track
        draft = draft or await self._read(text, language)
        seconds = loudness.seconds or end
        visemes = await asyncio.to_thread(_whole, draft, loudness, seconds)
        yield Track(0.0, visemes, final=True)

    async def close(self) -> None:
        """Nothing to let go of: the worker belongs to the house."""

    async def _read(self, text: str, language: str) -> Draft:
        """A draft from the text, or from loudness alone where nobody can read it."""
        try:
            soundings = await self._phonetics.read(text[:LONGEST], language)
        except PhoneticsError:
            return Flapping()
        return Reading(text, soundings) if soundings else Flapping()


def _whole(draft: Draft, loudness: Loudness, seconds: float) -> tuple[Viseme, ...]:
    """The final track's shapes."""
    return settle(draft.final(loudness), 0.0, seconds)


def _sane(evidence: Word | Phoneme) -> bool:
    """Whether its times are times."""
    return all(map(math.isfinite, (evidence.start, evidence.duration))) and evidence.duration >= 0 <= evidence.start
