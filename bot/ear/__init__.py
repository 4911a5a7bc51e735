"""Ears: what was said in a recording."""

from dataclasses import dataclass
from typing import Protocol

from bot.pcm import Samples


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words heard in a recording."""

    text: str
    """Empty: nobody says anything in it."""
    language: str = ""


class Ear(Protocol):
    """Writes down recordings."""

    name: str

    async def hear(self, samples: Samples) -> Transcript:
        """Write down mono samples at ``bot.pcm.RATE``. Raises EarError."""
        ...

    async def close(self) -> None:
        """Let go of sockets and models."""
        ...


class EarError(Exception):
    """The recording cannot be written down."""
