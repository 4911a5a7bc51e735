"""Samples: what a voice sends, of any rate and however it is cut, becomes mono samples at our rate as it comes."""

from functools import lru_cache
from math import ceil, gcd

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
Smooth = npt.NDArray[np.float32]
RATE = 24000
REACH = 16
"""Neighbours on either side of a new sample that have a say in it."""
KEPT = 0.95
"""Share of the frequencies that may stay which do: the filter is not infinitely steep."""


class Intake:
    """Makes samples of bytes (signed 16-bit little-endian), which may be cut anywhere."""

    def __init__(self, rate: int = RATE, channels: int = 1) -> None:
        self._channels = channels
        self._odd = b""
        self._resampler = Resampler(rate) if rate != RATE else None

    def feed(self, data: bytes) -> Samples:
        """The samples that are complete."""
        data = self._odd + data
        whole = len(data) - len(data) % (2 * self._channels)
        self._odd = data[whole:]
        samples = mono(np.frombuffer(data[:whole], "<i2").reshape(-1, self._channels))
        return self._resampler.feed(samples) if self._resampler else samples

    def close(self) -> Samples:
        """The rest."""
        return self._resampler.close() if self._resampler else np.empty(0, np.int16)


class Resampler:
    """Brings samples to our rate without a seam between one run and the next, by windowed sincs."""

    def __init__(self, rate: int) -> None:
        common = gcd(RATE, rate)
        self._up, self._down = RATE // common, rate // common
        self._weights = _weights(self._up, self._down)
        self._reach = self._weights.shape[1] // 2
        self._held: Smooth = np.zeros(self._reach - 1, np.float32)
        self._place = 0
        """Where the next sample's neighbours begin in what is held, in parts of 1/up."""

    def feed(self, samples: Samples) -> Samples:
        """The samples that no later ones can change."""
        self._held = np.concatenate((self._held, samples.astype(np.float32)))
        room = (len(self._held) - 2 * self._reach + 1) * self._up
        count = max(0, ceil((room - self._place) / self._down))
        if not count:
            return np.empty(0, np.int16)
        places = self._place + self._down * np.arange(count)
        neighbours = np.lib.stride_tricks.sliding_window_view(self._held, 2 * self._reach)[places // self._up]
        fresh = np.einsum("ij,ij->i", neighbours, self._weights[places % self._up])  # no threads, unlike a product
        self._place += self._down * count
        done = min(self._place // self._up, len(self._held))
        self._place -= done * self._up
        self._held = self._held[done:]
        return np.clip(np.rint(fresh), -32768, 32767).astype(np.int16)

    def close(self) -> Samples:
        """The rest."""
        return self.feed(np.zeros(self._reach, np.int16))


def resampled(samples: Samples, rate: int) -> Samples:
    """The same sound at our rate."""
    if rate == RATE:
        return samples
    resampler = Resampler(rate)
    return np.concatenate((resampler.feed(samples), resampler.close()))


def mono(samples: Samples) -> Samples:
    """One channel of several (a column each), their mean."""
    return samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1).astype(np.int16)


@lru_cache(4)
def _weights(up: int, down: int) -> Smooth:
    """Of each place a new sample may have between two old ones (a row): what its neighbours weigh."""
    keep = KEPT * min(1.0, up / down)
    reach = ceil(REACH * max(1.0, down / up))
    away = np.arange(1 - reach, reach + 1)[None, :] - np.arange(up)[:, None] / up
    weights = np.sinc(keep * away) * np.where(np.abs(away) < reach, 0.5 + 0.5 * np.cos(np.pi * away / reach), 0)
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
