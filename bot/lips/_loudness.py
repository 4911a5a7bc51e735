"""How loud the sound of an utterance is, in steps of 10 ms, and where in it someone speaks."""

import numpy as np
from numpy.typing import NDArray

from bot.lips._layout import Span
from bot.message import Viseme

RATE = 24000
STEP = RATE // 100
STEP_S = STEP / RATE
QUIET = 0.08
"""Of the loud parts' level: less is silence."""
FLOOR = 0.002
"""Root mean square below which nothing is speech."""
PAUSE_S = 0.12
"""A shorter silence belongs to the speech around it: the closure of a stop."""
FLAP_S = 0.08
"""How long one opening of a mouth moved by loudness alone lasts."""


class Loudness:
    """Grows with the sound."""

    def __init__(self) -> None:
        self._rest = b""
        self._levels: list[NDArray[np.float32]] = []
        self._bytes = 0

    @property
    def seconds(self) -> float:
        """How much sound there is."""
        return self._bytes / 2 / RATE

    @property
    def measured(self) -> float:
        """How much of it has been measured: whole steps."""
        return self._bytes // 2 // STEP * STEP_S

    def feed(self, pcm: bytes) -> None:
        """Take the next samples."""
        self._bytes += len(pcm)
        data = self._rest + pcm
        whole = len(data) // (2 * STEP) * 2 * STEP
        self._rest = data[whole:]
        if whole:
            samples = np.frombuffer(data[:whole], "<i2").astype(np.float32).reshape(-1, STEP) / 32768
            self._levels.append(np.sqrt(np.mean(samples**2, axis=1)))

    def levels(self) -> NDArray[np.float32]:
        """Root mean square of every whole step so far."""
        return np.concatenate(self._levels) if self._levels else np.zeros(0, np.float32)

    def stretches(self) -> list[Span]:
        """Where someone speaks, longer silences left out."""
        levels = self.levels()
        if not len(levels):
            return []
        loud = np.flatnonzero(levels > max(FLOOR, QUIET * _loud(levels)))
        if not len(loud):
            return []
        breaks = np.flatnonzero(np.diff(loud) * STEP_S > PAUSE_S)
        starts, ends = loud[np.r_[0, breaks + 1]], loud[np.r_[breaks, len(loud) - 1]] + 1
        return [(float(start) * STEP_S, float(end) * STEP_S) for start, end in zip(starts, ends, strict=True)]

    def relative(self) -> NDArray[np.float32]:
        """0 to 1 for every step: silent to loud for this voice, smoothed over 50 ms."""
        levels = self.levels()
        if not len(levels):
            return levels
        top = max(FLOOR, _loud(levels))
        smooth = np.convolve(np.clip(levels / top, 0, 1), np.ones(5, np.float32) / 5, "same")
        return smooth.astype(np.float32)


def _loud(levels: NDArray[np.float32]) -> float:
    """The level that a tenth of the steps exceeds; numpy's own percentile takes ten times as long for so few."""
    return float(np.sort(levels)[len(levels) * 9 // 10])


def flap(loudness: Loudness, start: float) -> list[Viseme]:
    """A mouth that knows nothing but how loud it is, from a moment on."""
    relative = loudness.relative()
    speaks = np.zeros(len(relative), bool)
    for begin, stop in loudness.stretches():
        speaks[round(begin / STEP_S) : round(stop / STEP_S)] = True
    width = round(FLAP_S / STEP_S)
    found: list[Viseme] = []
    for first in range(round(start / STEP_S), len(relative), width):
        level = float(relative[first : first + width].mean())
        if not speaks[first : first + width].any():
            continue
        name = "aa" if level > 0.6 else "E" if level > 0.3 else "I"
        seconds = min(width, len(relative) - first) * STEP_S
        found.append(Viseme(name, first * STEP_S, seconds, min(1.0, 0.5 + level / 2)))
    return found
