"""Lips from phonemes: where the voice tells their times exactly, else from the text, laid into word times or the sound."""

import asyncio
import math
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.lips import Evidence, Heard, Lips, Track
from bot.lips._drafts import Draft, Exact, Flapping, Reading
from bot.lips._layout import settle
from bot.lips._loudness import Loudness
from bot.lips._sentence import Sentence
from bot.lips._voicing import Voicing, voicing
from bot.message import Viseme
from bot.phonetics import Phonetics, PhoneticsError
from bot.voice import Phoneme, Word

VOICES = 16
"""Voices that are remembered at once."""
LONGEST = 2000
"""Characters of a line that are read; what comes after them moves with the loudness at most."""


def open(phonetics: Phonetics, folder: Path | None = None) -> Lips:
    """Lips that read with the phonetics worker and keep what they learn of voices in a folder."""
    return PhonemeLips(phonetics, folder)


class PhonemeLips:
    """Finds mouth shapes from the best evidence there is."""

    def __init__(self, phonetics: Phonetics, folder: Path | None = None) -> None:
        self._phonetics, self._folder = phonetics, folder
        self._voices: OrderedDict[str, Voicing] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, "lips")
        """One: what is learned of a voice is learned a sentence at a time."""

    async def follow(
        self, text: str, language: str, engine: str, evidence: AsyncIterator[Evidence]
    ) -> AsyncGenerator[Track]:
        """Stream tracks: provisional ones with the evidence, a final one over the whole sound at its end."""
        loop, loudness = asyncio.get_running_loop(), Loudness()
        draft: Draft | None = None
        early: list[Word] = []
        heard: list[bytes] = []
        end = 0.0
        async for each in evidence:
            if isinstance(each, Heard):
                loudness.feed(each.pcm)
                heard.append(each.pcm)
            elif not _sane(each):
                continue
            elif draft is None and isinstance(each, Word) and not early:
                early.append(each)  # phonemes may follow at once: then nothing needs to be read
                end = each.start + each.duration
                continue
            else:
                end = max(end, each.start + each.duration)
            if draft is None:
                draft = Exact() if isinstance(each, Phoneme) else await self._read(text, language, engine)
                for word in early:
                    draft.hear(word)
            if isinstance(draft, Reading):
                draft.take(heard)
            if not isinstance(each, Heard):
                draft.hear(each)
            if track := draft.track(loudness, heard=isinstance(each, Heard)):
                yield track
            if isinstance(draft, Reading) and draft.unheard(loudness.seconds):
                await loop.run_in_executor(self._thread, draft.listen, loudness.seconds)
                if track := draft.track(loudness, heard=False):
                    yield track
        draft = draft or await self._read(text, language, engine)
        if isinstance(draft, Reading):
            draft.take(heard)
        seconds = loudness.seconds or end
        visemes = await loop.run_in_executor(self._thread, _whole, draft, loudness, seconds)
        yield Track(0.0, visemes, final=True)

    async def close(self) -> None:
        """Keep what was learned; the worker belongs to the house."""
        for known in self._voices.values():
            await asyncio.get_running_loop().run_in_executor(self._thread, known.save)
        self._thread.shutdown()

    def known(self, engine: str) -> Voicing:
        """What is known of a voice that was followed. Raises KeyError."""
        return self._voices[engine]

    async def _voice(self, engine: str) -> Voicing:
        """What is known of a voice."""
        if engine not in self._voices:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, voicing, self._folder, engine)
            self._voices.setdefault(engine, found)
            if len(self._voices) > VOICES:
                _, forgotten = self._voices.popitem(last=False)
                await asyncio.get_running_loop().run_in_executor(self._thread, forgotten.save)
        return self._voices[engine]

    async def _read(self, text: str, language: str, engine: str) -> Draft:
        """A draft from the text, or from loudness alone where nobody can read it."""
        try:
            soundings = await self._phonetics.read(text[:LONGEST], language)
        except PhoneticsError:
            return Flapping()
        return Reading(text, soundings, Sentence(await self._voice(engine))) if soundings else Flapping()


def _whole(draft: Draft, loudness: Loudness, seconds: float) -> tuple[Viseme, ...]:
    """The final track's shapes."""
    return settle(draft.final(loudness), 0.0, seconds)


def _sane(evidence: Word | Phoneme) -> bool:
    """Whether its times are times."""
    return all(map(math.isfinite, (evidence.start, evidence.duration))) and evidence.duration >= 0 <= evidence.start
