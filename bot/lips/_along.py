"""A sentence without word times, laid along the stretches of its sound in which someone speaks."""

from collections.abc import Sequence

from bot.lips._layout import Span, natural, shapes_of, spread, unfold
from bot.message import Viseme
from bot.phonetics import Sounding
from bot.visemes import Shape

SKIP_BREATH, SKIP_SILENCE = 0.08, 0.04
"""Price of a clause end without a silence, and of a silence within a clause, in parts of the whole speech."""
MOST = 60
"""So many clause ends and silences are matched; a longer text is laid along the whole."""


def along(soundings: Sequence[Sounding], stretches: Sequence[Span]) -> list[Viseme]:
    """The shapes of a whole text over the speech found in its sound; clause ends fall into silences where they fit."""
    clauses = _clauses(soundings)
    if not clauses or not stretches:
        return []
    lengths = [max(0.01, natural(clause)) for clause in clauses]
    breaths = _parts(lengths)
    silences = _parts([stop - begin for begin, stop in stretches])
    found: list[Viseme] = []
    clause = stretch = 0
    for breath, silence in [*_matches(breaths, silences), (len(clauses), len(stretches))]:
        several = [shape for each in clauses[clause:breath] for shape in each]
        spans = stretches[stretch:silence]
        found += unfold(spread(several, 0.0, sum(stop - begin for begin, stop in spans)), spans)
        clause, stretch = breath, silence
    return found


def _clauses(soundings: Sequence[Sounding]) -> list[list[Shape]]:
    """The shapes of each clause."""
    found: list[list[Shape]] = [[]]
    for sounding in soundings:
        found[-1] += shapes_of(sounding)
        if sounding.pause:
            found.append([])
    return [clause for clause in found if clause]


def _parts(lengths: Sequence[float]) -> list[float]:
    """Where each but the last ends, in parts of the whole."""
    whole, at = sum(lengths), 0.0
    return [(at := at + length) / whole for length in lengths[:-1]]


def _matches(breaths: Sequence[float], silences: Sequence[float]) -> list[tuple[int, int]]:
    """Which clause end falls into which silence: pairs of counts of clauses and stretches before it."""
    if len(breaths) > MOST or len(silences) > MOST:
        return []
    costs = [[SKIP_SILENCE * column for column in range(len(silences) + 1)]]
    for row, breath in enumerate(breaths, 1):
        line = [SKIP_BREATH * row]
        for column, silence in enumerate(silences, 1):
            line.append(
                min(
                    costs[row - 1][column - 1] + abs(breath - silence),
                    costs[row - 1][column] + SKIP_BREATH,
                    line[column - 1] + SKIP_SILENCE,
                )
            )
        costs.append(line)
    pairs: list[tuple[int, int]] = []
    row, column = len(breaths), len(silences)
    while row and column:
        if costs[row][column] == costs[row - 1][column - 1] + abs(breaths[row - 1] - silences[column - 1]):
            pairs.append((row, column))
            row, column = row - 1, column - 1
        elif costs[row][column] == costs[row - 1][column] + SKIP_BREATH:
            row -= 1
        else:
            column -= 1
    return pairs[::-1]
