"""What is known of an utterance's mouth so far, and what of it has not been shown yet."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from bot.lips import Track
from bot.lips._along import along
from bot.lips._layout import Span, exact, natural, settle, shapes_of, spread
from bot.lips._loudness import FLAP_S, STEP_S, Loudness, flap
from bot.message import Viseme
from bot.phonetics import Sounding
from bot.voice import Phoneme, Word

HORIZON_S = 1.5
"""So far ahead of what is known goes a guess."""
LEAD_S = 0.5
"""A guess is continued when the sound comes so near to its end."""
BATCH = 24
"""So many exact shapes are shown even before the next sound."""
WINDOW = 16
"""So many characters after the last word the next one is looked for."""
PACES = (0.6, 1.7)
CROWDED = 4.0
"""Shapes that would have to go by so many times faster than at a calm pace are not what is heard."""


class Draft(Protocol):
    """One way to find a mouth."""

    def hear(self, evidence: Word | Phoneme) -> None:
        """Take what the voice tells."""
        ...

    def track(self, loudness: Loudness, *, heard: bool) -> Track | None:
        """What is new and worth showing; ``heard``: sound has just come."""
        ...

    def final(self, loudness: Loudness) -> list[Viseme]:
        """The shapes of the whole sound."""
        ...


class Exact:
    """The voice tells its phonemes' times."""

    def __init__(self) -> None:
        self._visemes: list[Viseme] = []
        self._shown = 0

    def hear(self, evidence: Word | Phoneme) -> None:
        """Place a phoneme."""
        if isinstance(evidence, Phoneme):
            self._visemes += exact(evidence)

    def track(self, loudness: Loudness, *, heard: bool) -> Track | None:
        """The phonemes since the last track, with the next sound or in larger heaps."""
        fresh = self._visemes[self._shown :]
        if not fresh or not (heard or len(fresh) >= BATCH):
            return None
        self._shown = len(self._visemes)
        return _track(fresh, fresh[0].start)

    def final(self, loudness: Loudness) -> list[Viseme]:
        """All phonemes where the voice put them."""
        return self._visemes


class Flapping:
    """Nothing is known but the sound."""

    def __init__(self) -> None:
        self._shown = 0.0

    def hear(self, evidence: Word | Phoneme) -> None:
        """Words nobody can read do not help."""

    def track(self, loudness: Loudness, *, heard: bool) -> Track | None:
        """A mouth for the newest sound."""
        start, end = self._shown, loudness.measured
        if not heard or end - start < FLAP_S:
            return None
        self._shown = end
        return Track(start, settle(flap(loudness, start), start, end), final=False)

    def final(self, loudness: Loudness) -> list[Viseme]:
        """A mouth for all sound."""
        return flap(loudness, 0.0)


class Reading:
    """The text's phonemes are known, and perhaps when its words are said."""

    def __init__(self, text: str, soundings: Sequence[Sounding]) -> None:
        self._text, self._soundings = text, soundings
        self._cursor = self._next = 0
        self._placed: list[Viseme] = []
        self._fresh: list[Viseme] = []
        self._strange: list[Span] = []
        self._end = 0.0
        self._said_s = self._calm_s = 0.0
        self._guessed = 0
        self._guess_end = 0.0

    def hear(self, evidence: Word | Phoneme) -> None:
        """Lay a word's phonemes into its time."""
        if not isinstance(evidence, Word):
            return
        start, stop = max(self._end, evidence.start), evidence.start + evidence.duration
        skipped, taken = self._take(evidence.text)
        missed = [shape for sounding in skipped for shape in shapes_of(sounding)]
        if missed and start - self._end > natural(missed) / 2:
            self._fresh += spread(missed, self._end, start)
        several = [shape for sounding in taken for shape in shapes_of(sounding)]
        if stop <= start:
            return
        if 0 < natural(several) < CROWDED * (stop - start):
            self._fresh += spread(several, start, stop)
            self._said_s, self._calm_s = self._said_s + stop - start, self._calm_s + natural(several)
        else:
            self._strange.append((start, stop))
        self._end = stop
        self._guessed, self._guess_end = self._next, stop

    def track(self, loudness: Loudness, *, heard: bool) -> Track | None:
        """The newest word and a guess of what follows; a guess alone while no word is known."""
        fresh, self._fresh = self._fresh, []
        self._placed += fresh
        near = heard and loudness.seconds + LEAD_S > self._guess_end
        if not fresh and not near:
            return None
        start = fresh[0].start if fresh else self._guess_end
        fresh += self._guess(max(self._end, loudness.seconds) + HORIZON_S)
        return _track(fresh, start) if fresh else None

    def final(self, loudness: Loudness) -> list[Viseme]:
        """The words in their times, or the whole text along the speech in the sound."""
        stretches = loudness.stretches()
        placed = self._placed + self._fresh
        if not placed and not self._strange:
            return self._along(loudness, stretches)
        tail = [shape for sounding in self._soundings[self._next :] for shape in shapes_of(sounding)]
        if tail and stretches and stretches[-1][1] - self._end > natural(tail) / 2:
            placed = placed + spread(tail, self._end, stretches[-1][1])
        strange = [
            viseme
            for viseme in (flap(loudness, 0.0) if self._strange else [])
            if any(begin <= viseme.start < stop for begin, stop in self._strange)
        ]
        return _weigh(_hush([*placed, *strange], stretches), loudness)

    def _along(self, loudness: Loudness, stretches: Sequence[Span]) -> list[Viseme]:
        """The whole text over the speech in the sound, unless it cannot be what is said there."""
        calm = sum(natural(shapes_of(sounding)) for sounding in self._soundings)
        if calm > CROWDED * sum(stop - begin for begin, stop in stretches):
            return flap(loudness, 0.0)
        return _weigh(along(self._soundings, stretches), loudness)

    def _take(self, word: str) -> tuple[Sequence[Sounding], Sequence[Sounding]]:
        """The soundings before a word that no word told of, and its own."""
        first = self._next
        at = self._text.find(word, self._cursor, self._cursor + len(word) + WINDOW) if word.strip() else -1
        if at >= 0:
            begin = self._passing(first, at)
            self._cursor, self._next = at + len(word), self._passing(begin, at + len(word))
            return self._soundings[first:begin], self._soundings[begin : self._next]
        missing = sum(map(str.isalnum, word))  # the voice writes it in another way: so many letters it is
        while missing > 0 and self._next < len(self._soundings):
            sounding = self._soundings[self._next]
            missing -= len(sounding.text)
            self._cursor, self._next = sounding.at + len(sounding.text), self._next + 1
        return [], self._soundings[first : self._next]

    def _passing(self, index: int, at: int) -> int:
        """The first sounding, from one on, that is not before a place in the text."""
        while index < len(self._soundings) and self._soundings[index].at < at:
            index += 1
        return index

    def _guess(self, until: float) -> list[Viseme]:
        """Shapes that probably follow, at the pace of what was said, up to a moment."""
        pace = min(max(self._said_s / self._calm_s, PACES[0]), PACES[1]) if self._calm_s else 1.0
        found: list[Viseme] = []
        while self._guessed < len(self._soundings) and self._guess_end < until:
            sounding = self._soundings[self._guessed]
            several = shapes_of(sounding)
            stop = self._guess_end + natural(several) * pace
            found += spread(several, self._guess_end, stop)
            self._guessed, self._guess_end = self._guessed + 1, stop + sounding.pause
        return found


def _track(visemes: Sequence[Viseme], start: float) -> Track:
    end = max(viseme.start + viseme.duration for viseme in visemes)
    return Track(start, settle(visemes, start, end), final=False)


def _hush(visemes: Iterable[Viseme], stretches: Sequence[Span]) -> list[Viseme]:
    """No shape while the sound is silent for longer than a stop takes."""
    if not stretches:
        return list(visemes)
    found: list[Viseme] = []
    for viseme in visemes:
        end = viseme.start + viseme.duration
        for begin, stop in stretches:
            first, last = max(begin, viseme.start), min(stop, end)
            if last > first:
                found.append(replace(viseme, start=first, duration=last - first))
    return found


def _weigh(visemes: Sequence[Viseme], loudness: Loudness) -> list[Viseme]:
    """Weights that follow the voice: softer where she speaks softly, lips that meet meet in full."""
    relative = loudness.relative()
    found: list[Viseme] = []
    for viseme in visemes:
        steps = relative[int(viseme.start / STEP_S) : int((viseme.start + viseme.duration) / STEP_S) + 1]
        level = float(steps.mean()) if len(steps) else 1.0
        weight = viseme.weight * (0.7 + 0.3 * level)
        found.append(viseme if viseme.name == "PP" else replace(viseme, weight=min(1.0, max(0.5, weight))))
    return found
