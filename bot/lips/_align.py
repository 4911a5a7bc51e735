"""Where sounds begin in a stretch of sound: semi-Markov Viterbis over likelihoods and expected lengths."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bot.lips._cepstra import HOP_S, Frames

WEIGHT = 0.12
"""What a frame's likelihood weighs against lengths: neighbouring frames say the same again and again."""
SIGMA = 0.45
"""Spread of a length's logarithm."""
LONGEST = round(0.24 / HOP_S)
"""Frames a part of a sound lasts at most where nothing but the sound is known."""
PAUSE, PAUSE_SIGMA, PAUSE_PRICE = 20.0, 1.2, 1.0
"""A pause between words: usual frames, spread of their logarithm, and what having one costs."""
LONGEST_PAUSE = round(1.2 / HOP_S)


def borders(likelihoods: Frames, lengths: Sequence[float]) -> list[int]:
    """The first frame of each state, (states, frames) of log-likelihoods and each state's expected frames given."""
    states, count = likelihoods.shape
    if count < states:
        return [at * count // states for at in range(states)]
    sums = _sums(likelihoods)
    costs = _costs(count, lengths)
    best: NDArray[np.float32] = np.full(count + 1, -np.inf, np.float32)
    best[0] = 0
    back: list[NDArray[np.intp]] = []
    at = np.arange(count + 1)
    for state in range(states):
        scores = (best - sums[state])[:, None] + costs[state]
        came = scores.argmax(0)
        back.append(came)
        best = scores[came, at] + sums[state]
    end, found = count, list[int]()
    for came in reversed(back):
        end = int(came[end])
        found.append(end)
    return found[::-1]


def through(likelihoods: Frames, lengths: Sequence[float], pauses: Sequence[bool]) -> list[tuple[int, int]]:
    """From and to of each state in the whole of a sound; a state that is a pause may be left out (from = to)."""
    states, count = likelihoods.shape
    sums = _sums(likelihoods)
    best: NDArray[np.float32] = np.full(count + 1, -np.inf, np.float32)
    best[0] = 0
    back: list[NDArray[np.intp]] = []
    for state in range(states):
        lasting = _lasting(lengths[state], pause=pauses[state])
        width = len(lasting)
        before = np.concatenate((np.full(width, -np.inf, np.float32), best - sums[state]))
        scores = np.lib.stride_tricks.sliding_window_view(before, width)[: count + 1] + lasting
        came = scores.argmax(1)
        arrived = scores[np.arange(count + 1), came] + sums[state]
        took = width - came
        if pauses[state]:
            without = best > arrived
            arrived, took = np.where(without, best, arrived), np.where(without, 0, took)
        back.append(took)
        best = arrived
    end, found = count, list[tuple[int, int]]()
    for took in reversed(back):
        found.append((end - int(took[end]), end))
        end = found[-1][0]
    return found[::-1]


def _sums(likelihoods: Frames) -> NDArray[np.float32]:
    """Weighed likelihoods summed up to each frame, (states, frames + 1)."""
    states, count = likelihoods.shape
    sums = np.zeros((states, count + 1), np.float32)
    np.cumsum(likelihoods * WEIGHT, 1, out=sums[:, 1:])
    return sums


def _lasting(length: float, *, pause: bool) -> NDArray[np.float32]:
    """Log-likelihood of lasting so many frames, the longest first, one frame last."""
    frames = np.arange(LONGEST_PAUSE if pause else LONGEST, 0, -1)
    if pause:
        return (-0.5 * (np.log(np.maximum(frames, 4) / PAUSE) / PAUSE_SIGMA) ** 2 - PAUSE_PRICE).astype(np.float32)
    return (-0.5 * (np.log(frames / max(length, 0.5)) / SIGMA) ** 2).astype(np.float32)


def _costs(count: int, lengths: Sequence[float]) -> NDArray[np.float32]:
    """Log-likelihood of lasting from one frame to another, (states, from, to)."""
    at = np.arange(count + 1)
    lasts = at[None] - at[:, None]
    logs = np.log(np.maximum(lasts, 1)).astype(np.float32)
    costs = np.stack([-0.5 * ((logs - np.float32(np.log(max(length, 0.5)))) / SIGMA) ** 2 for length in lengths])
    costs[:, lasts < 1] = -np.inf
    return costs
