"""Ears: what was said in a recording."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words heard in a recording."""

    text: str
    language: str = ""


class Ear(Protocol):
    """Writes down recordings."""

    name: str

    async def hear(self, sound: bytes, type: str) -> Transcript:
        """Write down a recording of the MIME type. Raises EarError."""
        ...


class EarError(Exception):
    """The recording cannot be written down."""
