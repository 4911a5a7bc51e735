"""How the sounds of a language sound in a voice: one Gaussian for each part of each, learned without labels as it talks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.lips._cepstra import CEPSTRA, Frames
from bot.visemes import Shape

WIDTH = 2 * CEPSTRA
PARTS = 3
"""A sound begins in another way than it lasts and ends."""
TRUST, SPREAD_TRUST = 14.0, 30.0
"""Frames that what was known of a sound counts for, against what was heard: for its middle and its spread."""
LEAST = 0.005
MOST = 4000.0
"""Frames of a sound that are remembered; older ones fade."""

Key = str


def keys(shape: Shape) -> list[tuple[Key, Key]]:
    """For each part of a shape's sound: its name, and that of its kind for a sound never heard."""
    return [(f"{shape.sound}{part}", f"={shape.name}{part}") for part in range(PARTS)]


@dataclass(slots=True)
class Tally:
    """What was heard of a sound."""

    count: float = 0.0
    sum: NDArray[np.float64] = field(default_factory=lambda: np.zeros(WIDTH))
    squares: NDArray[np.float64] = field(default_factory=lambda: np.zeros(WIDTH))

    def add(self, frames: Frames) -> None:
        """Hear more of it."""
        self.count += len(frames)
        self.sum = self.sum + frames.sum(0)
        self.squares = self.squares + np.square(frames, dtype=np.float64).sum(0)

    def join(self, other: Self) -> None:
        """Take in what was heard elsewhere."""
        self.count += other.count
        self.sum = self.sum + other.sum
        self.squares = self.squares + other.squares

    def fade(self) -> None:
        """A very long memory fades."""
        if self.count > MOST:
            keep = MOST / self.count
            self.count, self.sum, self.squares = MOST, self.sum * keep, self.squares * keep


@dataclass(slots=True)
class Sounds:
    """Gaussians by key; frames have the mean of their voice taken away."""

    means: dict[Key, Frames]
    spreads: dict[Key, Frames]
    """Variances."""

    @classmethod
    def of(cls, tallies: Mapping[Key, Tally], prior: "Sounds | None" = None) -> "Sounds":
        """Learned from what was heard, starting from what is known."""
        means: dict[Key, Frames] = dict(prior.means) if prior else {}
        spreads: dict[Key, Frames] = dict(prior.spreads) if prior else {}
        for key, tally in tallies.items():
            if key in means:
                before, wide = means[key].astype(np.float64), spreads[key].astype(np.float64)
            elif tally.count >= 10:
                before = tally.sum / tally.count
                wide = np.maximum(tally.squares / tally.count - before**2, 2 * LEAST)
            else:
                continue
            mean = (tally.sum + TRUST * before) / (tally.count + TRUST)
            around = tally.squares - 2 * mean * tally.sum + tally.count * mean**2
            spread = np.maximum((around + SPREAD_TRUST * wide) / (tally.count + SPREAD_TRUST), LEAST)
            means[key], spreads[key] = mean.astype(np.float32), spread.astype(np.float32)
        return cls(means, spreads)

    def knowing(self, tallies: Mapping[Key, Tally]) -> "Sounds":
        """These, and what was just heard."""
        return Sounds.of(tallies, self)

    def likelihoods(self, frames: Frames, shapes: Iterable[Shape]) -> Frames:
        """Log-likelihood of each frame under each part of each shape, (parts, frames)."""
        chosen = [key if key in self.means else kind for shape in shapes for key, kind in keys(shape)]
        known = [key in self.means for key in chosen]
        zero, one = np.zeros(WIDTH, np.float32), np.ones(WIDTH, np.float32)
        means = np.stack([self.means.get(key, zero) for key in chosen])
        spreads = np.stack([self.spreads.get(key, one) for key in chosen])
        # (x - m)² / v as three products instead of a cube of differences
        precision = 1 / spreads
        distance = np.square(frames) @ precision.T - 2 * frames @ (means * precision).T + (means**2 * precision).sum(1)
        found = -0.5 * (distance + np.log(spreads).sum(1))
        return np.ascontiguousarray((found * np.array(known, np.float32)).T)
