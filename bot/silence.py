"""Silence at the ends of a line: voices bake in up to a second of it, and gapless playback wants little."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from bot.pcm import RATE, Samples

FLOOR = 160
"""Samples of a lesser amplitude (of 32767) are silence."""
LEAD = round(0.012 * RATE)
"""Samples kept before the first loud one, for a soft onset."""


def _empty() -> Samples:
    return np.empty(0, np.int16)


@dataclass(slots=True)
class Trimmer:
    """Passes sound through from its first loud sample on, and holds silence back until sound follows."""

    pause: float
    """Seconds of silence left at the end."""
    head: int | None = None
    """Samples cut from the front; None: nothing was loud yet."""
    held: Samples = field(default_factory=_empty)

    def feed(self, samples: Samples) -> Iterator[Samples]:
        """What may sound now."""
        if not len(samples):
            return
        loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > FLOOR)
        waiting = np.concatenate((self.held, samples))
        if not len(loud):
            self.held = waiting
            return
        if self.head is None:
            self.head = max(0, len(self.held) + int(loud[0]) - LEAD)
            waiting = waiting[self.head :]
        cut = len(waiting) - (len(samples) - int(loud[-1]) - 1)
        self.held = waiting[cut:]
        yield waiting[:cut]

    def close(self) -> Iterator[Samples]:
        """The pause at the end."""
        if self.head is not None:
            rest = self.held[: round(self.pause * RATE)]
            silence = np.zeros(round(self.pause * RATE) - len(rest), np.int16)
            yield np.concatenate((rest, silence))
