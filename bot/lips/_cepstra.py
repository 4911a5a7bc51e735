"""What the ear tells sounds apart by: 12 mel cepstra and their slopes, every 5 ms of an utterance."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float32]

RATE = 24000
HOP = RATE // 200
HOP_S = HOP / RATE
SIZE, SPECTRUM = 480, 512
BANDS, CEPSTRA = 22, 12
HIGH, LOW = 7600.0, 80.0
DEPTH = 13.0
"""What lies so far (natural logarithm) below the loudest is silence."""
QUIET = 0.3
"""This share of the frames, the softest ones, does not count for the mean of a voice."""
REACH = 2
"""Frames on either side that a slope is measured over."""


class Cepstra:
    """Grows with the sound."""

    def __init__(self) -> None:
        self._samples: Frames = np.zeros(SIZE // 2, np.float32)
        self._last = 0.0
        self._bands: list[Frames] = []
        self._count = 0
        self._whole: Frames | None = None

    @property
    def count(self) -> int:
        """How many frames there are."""
        return self._count

    def feed(self, pcm: bytes) -> None:
        """Take the next samples, signed 16-bit mono at ``RATE``."""
        fresh = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
        if not len(fresh):
            return
        before = np.concatenate((np.array([self._last], np.float32), fresh[:-1]))
        sharp = (fresh - np.float32(0.97) * before).astype(np.float32)
        self._last = float(fresh[-1])
        self._samples = np.concatenate((self._samples, sharp))
        more = (len(self._samples) - SIZE) // HOP + 1
        if more <= 0:
            return
        windows = np.lib.stride_tricks.sliding_window_view(self._samples, SIZE)[: more * HOP : HOP]
        power = np.abs(np.fft.rfft(windows * _window(), SPECTRUM)) ** 2
        self._bands.append(np.log(power.astype(np.float32) @ _bank().T + np.float32(1e-9)))
        self._samples = self._samples[more * HOP :]
        self._count += more
        self._whole = None

    def close(self) -> None:
        """No more sound comes: the last frames reach beyond it."""
        self.feed(bytes(2 * (SIZE // 2)))

    def frames(self) -> Frames:
        """Cepstra and slopes of all frames so far, (count, 24), as they are: no voice's mean taken away."""
        if self._whole is None:
            bands = np.concatenate(self._bands) if self._bands else np.zeros((0, BANDS - 2), np.float32)
            self._whole = _shaped(bands)
        return self._whole


def spoken(frames: Frames) -> Frames:
    """The frames that are not among the softest."""
    if len(frames) < 4:
        return frames
    level = np.partition(frames[:, 0], int(len(frames) * QUIET))[int(len(frames) * QUIET)]
    return frames[frames[:, 0] > level]


def _shaped(bands: Frames) -> Frames:
    if not len(bands):
        return np.zeros((0, 2 * CEPSTRA), np.float32)
    cepstra = np.maximum(bands, bands.max() - DEPTH) @ _cosines()
    slopes = np.zeros_like(cepstra)
    slopes[REACH:-REACH] = 1.5 * (cepstra[2 * REACH :] - cepstra[: -2 * REACH])
    return np.hstack((cepstra, slopes))


@lru_cache(1)
def _window() -> Frames:
    return np.hanning(SIZE).astype(np.float32)


@lru_cache(1)
def _bank() -> Frames:
    """Triangles on the mel scale, (bands - 2, spectrum)."""
    mel = np.linspace(2595 * np.log10(1 + LOW / 700), 2595 * np.log10(1 + HIGH / 700), BANDS)
    edges = 700 * (10 ** (mel / 2595) - 1)
    hertz = np.arange(SPECTRUM // 2 + 1) * RATE / SPECTRUM
    up = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    return np.clip(np.minimum(up, down), 0, None).astype(np.float32)


@lru_cache(1)
def _cosines() -> Frames:
    """From bands to cepstra, scaled so that each weighs about as much as another."""
    count = BANDS - 2
    turns = np.cos(np.pi / count * (np.arange(count) + 0.5)[:, None] * np.arange(CEPSTRA))
    return (turns / np.r_[count, np.full(CEPSTRA - 1, 8.0)]).astype(np.float32)
