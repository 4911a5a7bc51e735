"""Voices: what says a line aloud."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Format:
    """The first item of a spoken line: what its bytes are."""

    codec: str
    """``pcm`` (signed 16-bit little-endian) or ``mp3``."""
    rate: int
    """Samples a second."""
    engine: str
    """Which voice really speaks, its version included, such as ``edge-7.3.1/zh-CN-XiaoxiaoNeural``: the key of caches."""
    channels: int = 1


@dataclass(frozen=True, slots=True)
class Bytes:
    """A run of encoded sound, in order."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Word:
    """A word's time as the voice tells it, against the sound before any trimming."""

    text: str
    start: float
    """Seconds."""
    duration: float


@dataclass(frozen=True, slots=True)
class Phoneme:
    """A phoneme's exact time as the voice tells it, against the sound before any trimming."""

    ipa: str
    """Empty: a pause."""
    start: float
    """Seconds."""
    duration: float


Spoke = Format | Bytes | Word | Phoneme


@dataclass(frozen=True, slots=True)
class Manner:
    """How a persona's voice sounds: the persona's ``voice`` settings."""

    edge: str = "zh-CN-XiaoxiaoNeural"
    edge_en: str = "en-US-AvaMultilingualNeural"
    """For English lines; empty: the same voice as for Chinese."""
    espeak: str = "f3"
    """Variant of the offline voice."""
    openai: str = "alloy"
    rate: int = 0
    """Per cent faster or slower."""
    pitch: int = 0
    """Hertz higher or lower."""


class Voice(Protocol):
    """Says lines aloud."""

    @property
    def name(self) -> str:
        """``edge``, ``espeak``, ``openai`` or ``auto``."""
        ...

    @property
    def reason(self) -> str:
        """Why a fallback speaks; empty: nothing to say."""
        ...

    async def warm(self) -> None:
        """Load what the first line would wait for; never fails."""
        ...

    def speak(self, text: str, language: str, manner: Manner, *, first: bool = False) -> AsyncGenerator[Spoke]:
        """Stream a line's sound, a Format first.

        ``language`` is ``zh`` or ``en``; ``first`` marks the line somebody is waiting for. Raises VoiceError,
        also when the sound is cut short. Closing the stream aborts the request.
        """
        ...

    def engine(self, language: str, manner: Manner) -> str:
        """What ``Format.engine`` would be, were a line spoken now: so that a cached line can be found without speaking."""
        ...

    async def close(self) -> None:
        """Let go of connections and processes."""
        ...


class VoiceError(Exception):
    """The line cannot be spoken now; show it instead."""
