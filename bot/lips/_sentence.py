"""The sound of one utterance as the aligner hears it: shapes find their places in it."""

from collections.abc import Sequence

import numpy as np

from bot.lips._align import borders, through
from bot.lips._cepstra import CEPSTRA, HOP_S, Cepstra, Frames, spoken
from bot.lips._layout import Span, natural, spread
from bot.lips._sounds import PARTS, Tally, keys
from bot.lips._voicing import ASKED, COLD, Voicing
from bot.message import Viseme
from bot.visemes import Shape

KNOWN = 50.0
"""Frames that a voice's known mean counts for."""
LONGEST_S = 20.0
"""A longer sound is not searched for a text without word times."""
SHIFTS = [round(step * 0.01, 2) for step in range(-4, 9)]
"""Seconds by which word times may be too early."""
FILLED = 0.6
"""Words that fill less of what is loud are not what is said there."""
LOOKED_AT = 10
"""Words of a sentence that are asked how late they are."""

Cut = tuple[Frames, int, list[int]]
"""The frames of a span, its first one, and where each part of each shape begins in it; none: too short."""
Placing = tuple[list[Shape], float, float]
"""Shapes and the span they fill, in seconds."""


class Sentence:
    """Grows with the sound; all but ``hear`` takes milliseconds and belongs on a thread."""

    def __init__(self, voicing: Voicing) -> None:
        self._voicing = voicing
        self._cepstra = Cepstra()
        self._waiting: list[bytes] = []
        self._known: tuple[int, Frames] = (-1, np.zeros((0, 2 * CEPSTRA), np.float32))
        self._found: dict[Span, Cut] = {}
        """What was found in each span, until there is more sound."""

    @property
    def shift(self) -> float:
        """Seconds to add to the voice's word times."""
        return self._voicing.shift

    def hear(self, pcm: bytes) -> None:
        """Take the next samples."""
        self._waiting.append(pcm)

    def placed(self, placing: Placing) -> list[Viseme]:
        """The shapes where they sound within their span; spread over it where it is too short or not heard yet."""
        shapes, start, stop = placing
        _, first, cuts = self._cut(placing)
        if not cuts:
            return spread(shapes, start, stop)
        edges = [start, *((first + cuts[at * PARTS]) * HOP_S for at in range(1, len(shapes))), stop]
        return [
            Viseme(shape.name, begin, end - begin, shape.weight)
            for shape, begin, end in zip(shapes, edges, edges[1:], strict=False)
            if end > begin
        ]

    def close(self) -> None:
        """No more sound comes."""
        self._feed()
        self._cepstra.close()

    def learned(self, placings: Sequence[Placing], *, timed: bool = True) -> None:
        """Learn the voice from where the shapes were found; a voice heard for the first time twice.

        ``timed``: the voice itself told the words' times.
        """
        if not placings:
            return
        cold = self._voicing.sentences < COLD
        if timed and len(self._voicing.lateness) < ASKED:
            self._voicing.lateness.append(self._lateness(placings) + self._voicing.shift)
        if cold:
            self._voicing.sounds = self._voicing.sounds.knowing(self._tallied(placings))
            self._found.clear()
        heard = self._tallied(placings)
        self._voicing.learn(heard, self._mean(self._cepstra.frames()))

    def searched(self, words: Sequence[Sequence[Shape]], stretches: Sequence[Span]) -> list[Placing]:
        """Where the words of a text without word times stand, pauses where there are some; empty: it is too long, or another."""
        shapes = [list(word) for word in words if word]
        frames = self._frames()
        if not shapes or not stretches or len(frames) * HOP_S > LONGEST_S:
            return []
        first, last = round(stretches[0][0] / HOP_S), min(len(frames), round(stretches[-1][1] / HOP_S))
        states = sum(len(word) for word in shapes) * PARTS
        if last - first < 2 * states:
            return []
        speaks = sum(stop - begin for begin, stop in stretches)
        pace = speaks / sum(natural(word) for word in shapes)
        silence = self._silence(frames)
        found = frames[first:last]
        rows, lengths, pauses = list[Frames](), list[float](), list[bool]()
        for word in shapes:
            rows.append(self._voicing.sounds.likelihoods(found, word))
            for shape in word:
                lengths += [shape.ms / 1000 * pace / HOP_S / PARTS] * PARTS
            pauses += [False] * (len(word) * PARTS)
            rows.append(silence[None, first:last])
            lengths.append(1.0)
            pauses.append(True)
        spans = through(np.concatenate(rows), lengths, pauses)
        placings: list[Placing] = []
        at = 0
        for word in shapes:
            end = at + len(word) * PARTS
            placings.append((word, (first + spans[at][0]) * HOP_S, (first + spans[end - 1][1]) * HOP_S))
            at = end + 1
        taken = sum(stop - start for _, start, stop in placings)
        return placings if taken > FILLED * speaks else []

    def _feed(self) -> None:
        for pcm in self._waiting:
            self._cepstra.feed(pcm)
        self._waiting.clear()

    def _frames(self) -> Frames:
        """All frames so far, the voice's mean taken away."""
        self._feed()
        if self._known[0] != self._cepstra.count:
            self._found.clear()
            frames = self._cepstra.frames().copy()
            frames[:, :CEPSTRA] -= self._mean(frames)
            self._known = (self._cepstra.count, frames)
        return self._known[1]

    def _mean(self, frames: Frames) -> Frames:
        loud = spoken(frames)[:, :CEPSTRA]
        known = self._voicing.mean
        if known is None:
            return loud.mean(0) if len(loud) else np.zeros(CEPSTRA, np.float32)
        return ((loud.sum(0) + KNOWN * known) / (len(loud) + KNOWN)).astype(np.float32)

    def _cut(self, placing: Placing, later: float = 0.0) -> Cut:
        """What is found in a span, were it later."""
        frames = self._frames()
        span = placing[1] + later, placing[2] + later
        if span not in self._found:
            self._found[span] = self._sought(frames, placing, later)
        return self._found[span]

    def _sought(self, frames: Frames, placing: Placing, later: float) -> Cut:
        shapes, start, stop = placing
        first, last = max(0, round((start + later) / HOP_S)), min(len(frames), round((stop + later) / HOP_S))
        if not shapes or last - first < len(shapes) * PARTS or last < round((stop + later) / HOP_S) - 2:
            return frames[:0], first, []
        found = frames[first:last]
        lengths = [part for each in spread(shapes, start, stop) for part in [each.duration / HOP_S / PARTS] * PARTS]
        return found, first, borders(self._voicing.sounds.likelihoods(found, shapes), lengths)

    def _tallied(self, placings: Sequence[Placing]) -> dict[str, Tally]:
        """What is heard of each sound, where it was found."""
        tallies: dict[str, Tally] = {}
        for placing in placings:
            found, _, cuts = self._cut(placing)
            names = [each for shape in placing[0] for each in keys(shape)]
            for (key, kind), begin, end in zip(names, cuts, [*cuts[1:], len(found)], strict=False):
                if end > begin:
                    tallies.setdefault(key, Tally()).add(found[begin:end])
                    tallies.setdefault(kind, Tally()).add(found[begin:end])
        return tallies

    def _lateness(self, placings: Sequence[Placing]) -> float:
        """By how much the words sound later than the voice says, judged by what fits best."""
        asked = placings[:LOOKED_AT]
        return max(SHIFTS, key=lambda later: (sum(self._fit(placing, later) for placing in asked), -abs(later)))

    def _fit(self, placing: Placing, later: float) -> float:
        """How well the shapes fit the sound of their span, were it later."""
        found, _, cuts = self._cut(placing, later)
        if not cuts:
            return -1e3
        likelihoods = self._voicing.sounds.likelihoods(found, placing[0])
        parts = np.repeat(np.arange(len(cuts)), np.diff([*cuts, len(found)]))
        return float(likelihoods[parts, np.arange(len(found))].mean())

    def _silence(self, frames: Frames) -> Frames:
        """Log-likelihood of each frame to be silence, learned from the softest ones here."""
        level = np.partition(frames[:, 0], len(frames) // 8)[len(frames) // 8]
        soft = frames[frames[:, 0] <= level]
        mean, spread_ = soft.mean(0), np.maximum(soft.var(0), 0.03)
        return -0.5 * (np.square(frames - mean) / spread_ + np.log(spread_)).sum(1)
