"""What is known of an utterance's mouth so far, and what of it has not been shown yet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.lips import Track
from bot.lips._along import along
from bot.lips._layout import HOLD_S, SHORTEST_S, Span, exact, natural, settle, shapes_of, spread
from bot.lips._loudness import FLAP_S, STEP_S, Loudness, flap
from bot.lips._sentence import Placing, Sentence
from bot.message import Viseme
from bot.phonetics import Sounding
from bot.visemes import Shape
from bot.voice import Phoneme, Word

HORIZON_S = 1.5
"""So far ahead of what is known goes a guess."""
LEAD_S = 0.5
"""A guess is continued when the sound comes so near to its end."""
BATCH = 24
"""So many exact shapes are shown even before the next sound."""
EARLY_S = 0.0125
"""So much early edge-tts ends a word that another one follows."""
PRESS_S = 0.006
CLOSURE_S = 0.09
"""So long is a stop silent before it is heard."""
AFTER_S = 0.03
"""So much sound after a word is needed to find its sounds."""
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


@dataclass(slots=True)
class Spot:
    """Shapes and the time that is theirs."""

    shapes: list[Shape]
    """None: nobody knows what is said there."""
    start: float
    stop: float
    visemes: list[Viseme]
    heard: bool = False
    """Found in the sound, not only spread over the time."""


class Reading:
    """The text's phonemes are known, and perhaps when its words are said."""

    def __init__(self, text: str, soundings: Sequence[Sounding], sentence: Sentence) -> None:
        self._text, self._soundings, self._sentence = text, soundings, sentence
        self._cursor = self._next = 0
        self._spots: list[Spot] = []
        self._new = 0
        """The first spot that has not been shown as it is."""
        self._end = 0.0
        self._said_s = self._calm_s = 0.0
        self._guessed = 0
        self._guess_end = 0.0

    def hear(self, evidence: Word | Phoneme) -> None:
        """Lay a word's phonemes into its time."""
        if not isinstance(evidence, Word):
            return
        begin = evidence.start + self._sentence.shift
        start, stop = max(self._end, begin), begin + evidence.duration
        skipped, taken = self._take(evidence.text)
        missed = [shape for sounding in skipped for shape in shapes_of(sounding)]
        if missed and start - self._end > natural(missed) / 2:
            self._spots.append(Spot(missed, self._end, start, spread(missed, self._end, start)))
        several = [shape for sounding in taken for shape in shapes_of(sounding)]
        if stop <= start:
            return
        if 0 < natural(several) < CROWDED * (stop - start):
            self._spots.append(Spot(several, start, stop, spread(several, start, stop)))
            self._said_s, self._calm_s = self._said_s + stop - start, self._calm_s + natural(several)
        else:
            self._spots.append(Spot([], start, stop, []))
        self._end = stop
        self._guessed, self._guess_end = self._next, stop

    def take(self, heard: list[bytes]) -> None:
        """Hand the sound on."""
        for pcm in heard:
            self._sentence.hear(pcm)
        heard.clear()

    def listen(self, seconds: float) -> bool:
        """Find the words in so much of the sound; whether there is something new. Takes milliseconds: for a thread."""
        found = False
        for at, spot in enumerate(self._spots):
            if spot.shapes and not spot.heard and spot.stop + AFTER_S <= seconds:
                spot.visemes, spot.heard, found = self._sentence.placed(self._placing(at)), True, True
                self._new = min(self._new, at)
        return found

    def unheard(self, seconds: float) -> bool:
        """Whether ``listen`` would find something new."""
        return any(spot.shapes and not spot.heard and spot.stop + AFTER_S <= seconds for spot in self._spots[-WINDOW:])

    def track(self, loudness: Loudness, *, heard: bool) -> Track | None:
        """The newest words and a guess of what follows; a guess alone while no word is known."""
        fresh = [viseme for spot in self._spots[self._new :] for viseme in spot.visemes]
        self._new = len(self._spots)
        near = heard and loudness.seconds + LEAD_S > self._guess_end
        if not fresh and not near:
            return None
        start = fresh[0].start if fresh else self._guess_end
        if fresh:
            self._guessed, self._guess_end = self._next, self._end
        fresh += self._guess(max(self._end, loudness.seconds) + HORIZON_S)
        return _track(fresh, start) if fresh else None

    def final(self, loudness: Loudness) -> list[Viseme]:
        """The words in their times, or the whole text along the speech in the sound; the voice is learned from it."""
        stretches = loudness.stretches()
        self._sentence.close()
        if not self._spots:
            return self._along(loudness, stretches)
        tail = [shape for sounding in self._soundings[self._next :] for shape in shapes_of(sounding)]
        if tail and stretches and stretches[-1][1] - self._end > natural(tail) / 2:
            self._spots.append(Spot(tail, self._end, stretches[-1][1], []))
        told = [self._placing(at) for at, spot in enumerate(self._spots) if spot.shapes]
        self._sentence.learned(told)
        placed = [viseme for placing in told for viseme in self._sentence.placed(placing)]
        strange = [(spot.start, spot.stop) for spot in self._spots if not spot.shapes]
        flapping = [
            viseme
            for viseme in (flap(loudness, 0.0) if strange else [])
            if any(begin <= viseme.start < stop for begin, stop in strange)
        ]
        return _weigh(_hush([*_pressed(placed), *flapping], stretches), loudness)

    def _placing(self, at: int) -> Placing:
        """A spot with its true end: services end words a little early."""
        spot = self._spots[at]
        after = self._spots[at + 1].start if at + 1 < len(self._spots) else spot.stop + HOLD_S
        stop = after if after - spot.stop < HOLD_S else spot.stop + EARLY_S
        return spot.shapes, spot.start, stop

    def _along(self, loudness: Loudness, stretches: Sequence[Span]) -> list[Viseme]:
        """The whole text over the speech in the sound, unless it cannot be what is said there."""
        calm = sum(natural(shapes_of(sounding)) for sounding in self._soundings)
        if calm > CROWDED * sum(stop - begin for begin, stop in stretches):
            return flap(loudness, 0.0)
        if found := self._sentence.searched([shapes_of(sounding) for sounding in self._soundings], stretches):
            self._sentence.learned(found, timed=False)
            found = self._sentence.searched([shapes_of(sounding) for sounding in self._soundings], stretches)
            return _weigh(
                _pressed([viseme for placing in found for viseme in self._sentence.placed(placing)]), loudness
            )
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
    """No shape while the sound is silent for longer than a stop takes, which is silent before it sounds."""
    if not stretches:
        return list(visemes)
    stretches = [(begin - CLOSURE_S, stop + CLOSURE_S / 2) for begin, stop in stretches]
    found: list[Viseme] = []
    for viseme in visemes:
        end = viseme.start + viseme.duration
        for begin, stop in stretches:
            first, last = max(begin, viseme.start), min(stop, end)
            if last > first:
                found.append(replace(viseme, start=first, duration=last - first))
    return found


def _pressed(visemes: Sequence[Viseme]) -> list[Viseme]:
    """Lips meet a little sooner and part a little later than was found: an open mouth in a closure is seen at once."""
    found = list(visemes)
    for index, viseme in enumerate(found):
        if viseme.name != "PP":
            continue
        start, stop = viseme.start, viseme.start + viseme.duration
        if index and found[index - 1].name != "PP":
            before = found[index - 1]
            start -= _share(before)
            found[index - 1] = replace(before, duration=min(before.duration, start - before.start))
        if index + 1 < len(found):
            stop += _share(found[index + 1])
        found[index] = replace(viseme, start=start, duration=stop - start)
    return found


def _share(neighbour: Viseme) -> float:
    """What closed lips may take from a neighbour, so that it is still seen."""
    return max(0.0, min(PRESS_S, neighbour.duration / 2 - SHORTEST_S))


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
