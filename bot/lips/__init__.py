"""Lips: when each mouth shape stands."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from bot.message import Viseme
from bot.voice import Phoneme, Word

VISEMES = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U")
"""The 15 Oculus mouth shapes, https://developers.meta.com/horizon/documentation/unity/audio-ovrlipsync-viseme-reference/."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Decoded sound as it comes: signed 16-bit mono samples at 24 kHz, after head silence was cut."""

    pcm: bytes


@dataclass(frozen=True, slots=True)
class Track:
    """Mouth shapes from ``start`` on; a later track replaces an earlier one from its start on."""

    start: float
    """Seconds from the utterance's first sample."""
    visemes: tuple[Viseme, ...]
    final: bool
    """Nothing better will follow for this utterance."""


Evidence = Heard | Word | Phoneme
"""What the lips may know of an utterance; word and phoneme times are against the same trimmed clock as the sound."""


class Lips(Protocol):
    """Finds the mouth shapes of an utterance."""

    def follow(self, text: str, language: str, engine: str, evidence: AsyncIterator[Evidence]) -> AsyncGenerator[Track]:
        """Stream tracks as the evidence comes; the last one is final and covers the whole sound.

        ``text`` is the spoken text, ``engine`` the voice's Format.engine. Never raises for odd text: an unreadable
        line gets a mouth from loudness.
        """
        ...

    async def close(self) -> None:
        """Let go of processes; keep what was learned."""
        ...
