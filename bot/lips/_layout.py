"""Where mouth shapes stand in time: pure functions, from shapes and spans to tracks that keep their promises."""

from collections.abc import Iterable, Sequence

from bot.message import Viseme
from bot.phonetics import Sounding
from bot.visemes import Shape, shapes
from bot.voice import Phoneme

CLOSED_S = 0.05
"""Lips that must meet meet for at least so long."""
SHORTEST_S = 0.012
"""A shape shorter than this is not seen."""
HOLD_S = 0.04
"""Over a shorter gap the mouth keeps its shape; over a longer one it closes."""

Span = tuple[float, float]
"""From, to, in seconds."""


def shapes_of(sounding: Sounding) -> list[Shape]:
    """The mouth shapes of a word or syllable."""
    return [shape for phone in sounding.phones for shape in shapes(phone.ipa)]


def natural(several: Iterable[Shape]) -> float:
    """Seconds the shapes last at a calm pace."""
    return sum(shape.ms for shape in several) / 1000


def exact(phoneme: Phoneme) -> list[Viseme]:
    """The shapes of a phoneme whose time is known; closed in a pause."""
    several = shapes(phoneme.ipa)
    if not several:
        return [Viseme("sil", phoneme.start, phoneme.duration)] if not phoneme.ipa else []
    return spread(several, phoneme.start, phoneme.start + phoneme.duration)


def spread(several: Sequence[Shape], start: float, end: float) -> list[Viseme]:
    """Shapes over a span: consonants give way less than vowels."""
    factor = _factor(several, max(0.0, end - start))
    found: list[Viseme] = []
    at = start
    for shape in several:
        length = shape.ms / 1000 * factor**shape.stretch
        found.append(Viseme(shape.name, at, length, shape.weight))
        at += length
    return found


def settle(visemes: Iterable[Viseme], start: float, end: float) -> tuple[Viseme, ...]:
    """A track from start to end: in order, without overlap or hole, lips that meet long enough, closed where nothing is said."""
    found: list[Viseme] = []
    at = start
    for viseme in sorted(visemes, key=lambda viseme: viseme.start):
        begin, stop = max(at, viseme.start), min(end, viseme.start + viseme.duration)
        if stop - begin < SHORTEST_S and not (viseme.name == "PP" and stop > begin):
            continue
        if begin - at > HOLD_S or not found:
            _add(found, Viseme("sil", at, begin - at))
        else:
            found[-1] = _placed(found[-1], found[-1].start, begin - found[-1].start)
        _add(found, _placed(viseme, begin, stop - begin))
        at = stop
    _add(found, Viseme("sil", at, end - at))
    return tuple(_close(found))


def unfold(visemes: Iterable[Viseme], stretches: Sequence[Span]) -> list[Viseme]:
    """Visemes on a clock that only runs while there is speech, on the clock of the sound."""
    found: list[Viseme] = []
    edges: list[tuple[float, float, float]] = []
    at = 0.0
    for begin, stop in stretches:
        edges.append((at, at + stop - begin, begin - at))
        at += stop - begin
    index = 0
    for viseme in visemes:
        begin, stop = viseme.start, viseme.start + viseme.duration
        while index + 1 < len(edges) and begin >= edges[index][1]:
            index += 1
        for low, high, shift in edges[index : index + 2]:
            first, last = max(begin, low), min(stop, high)
            if last > first:
                found.append(_placed(viseme, first + shift, last - first))
    return found


def _factor(several: Sequence[Shape], seconds: float) -> float:
    """By what to change the pace so that the shapes fill so many seconds."""
    whole = sum(shape.ms / 1000 for shape in several if shape.stretch == 1)
    root = sum(shape.ms / 1000 for shape in several if shape.stretch != 1)
    if not whole:
        return (seconds / root) ** 2 if root else 1.0
    # whole·x² + root·x = seconds, x the root of the factor
    return ((-root + (root * root + 4 * whole * seconds) ** 0.5) / (2 * whole)) ** 2


def _placed(viseme: Viseme, start: float, duration: float) -> Viseme:
    """The same shape at another time; dataclasses.replace would take four times as long."""
    return Viseme(viseme.name, start, duration, viseme.weight)


def _add(found: list[Viseme], viseme: Viseme) -> None:
    """Append what has a length; the same shape again goes on."""
    if viseme.duration <= 1e-9:
        return
    if found and found[-1].name == viseme.name:
        last = found[-1]
        length = viseme.start + viseme.duration - last.start
        found[-1] = Viseme(last.name, last.start, length, max(last.weight, viseme.weight))
    else:
        found.append(viseme)


def _close(found: list[Viseme]) -> list[Viseme]:
    """Lips that meet too shortly take from their neighbours, at most half of each."""
    for index, viseme in enumerate(found):
        missing = CLOSED_S - viseme.duration
        if viseme.name != "PP" or missing <= 0:
            continue
        for other in (index - 1, index + 1):
            if 0 <= other < len(found):
                missing = CLOSED_S - found[index].duration
                share = min(max(0.0, missing), found[other].duration / 2)
                found[index], found[other] = _take(found[index], found[other], share, before=other < index)
    return found


def _take(closed: Viseme, other: Viseme, share: float, *, before: bool) -> tuple[Viseme, Viseme]:
    """The border between two neighbours moves by a share of seconds."""
    start = closed.start - share if before else closed.start
    kept = _placed(other, other.start if before else other.start + share, other.duration - share)
    return _placed(closed, start, closed.duration + share), kept
