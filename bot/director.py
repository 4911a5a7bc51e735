"""The director: a brain's tokens become words to show, lines to say, stage directions and citations."""

from collections.abc import Collection, Iterable

from bot.cutting import Cutter
from bot.lifting import Lifter, Pause, Run
from bot.manners import fitting
from bot.message import Cite, Cue, Line, Words
from bot.spoken import language, spoken

Directed = Words | Line | Cue | Cite


class Director:
    """Takes an attempt's text bit by bit; what comes out is the same for every way of cutting it.

    Words come in order, as soon as it is certain that they are words. A direction or citation comes before the words
    at its place; it waits for the character after it. Where a line has none, its own words may ask for one, which comes
    right before the line. A line comes right after the character that decided its end,
    which may already belong to the next line.
    """

    def __init__(self, cues: Collection[str], *, mannered: bool = True) -> None:
        """``mannered``: whether words that ask for a direction get one; set phrases, such as in a crisis, had better not."""
        self._lifter, self._cutter, self._cues = Lifter(cues), Cutter(), cues if mannered else ()
        self._lines = 0
        self._directed_to = -1
        """Place of the brain's last direction."""
        self._placed_to = 0
        """Place of the last direction or citation: places never go back."""
        self._start = 0
        self._language = "zh"

    @property
    def dropped(self) -> int:
        """How many directions were left out because nobody knows them."""
        return self._lifter.dropped

    def feed(self, text: str) -> list[Directed]:
        """What the next bit of text brings."""
        return self._directed(self._lifter.feed(text))

    def close(self) -> list[Directed]:
        """The rest, now that no more text comes."""
        found = self._directed(self._lifter.close())
        for text in self._cutter.close():
            found += self._line(text)
        return found

    def _directed(self, pieces: Iterable[Run | Cue | Cite | Pause]) -> list[Directed]:
        found: list[Directed] = []
        for piece in pieces:
            match piece:
                case Run():
                    shown = 0
                    for known, line in self._cutter.feed(piece.text, piece.kind):
                        _add(found, piece.text[shown:known])
                        found += self._line(line)
                        shown = known
                    _add(found, piece.text[shown:])
                case Pause():
                    if line := self._cutter.pause():
                        found += self._line(line)
                case Cue():
                    self._directed_to = self._placed_to = piece.at
                    found.append(piece)
                case Cite():
                    self._placed_to = piece.at
                    found.append(piece)
        return found

    def _line(self, text: str) -> list[Cue | Line]:
        """A line, and before it the direction its words ask for where the brain gave none."""
        self._language = language(text, self._language)
        said, places = spoken(text, self._language)
        line = Line(self._lines, text, said, places, self._start, self._language)
        cue = None
        if self._directed_to < self._start:
            cue = fitting(text, max(self._start, self._placed_to), self._cues)
        self._lines += 1
        self._start += len(text)
        return [cue, line] if cue else [line]


def _add(found: list[Directed], text: str) -> None:
    """Add words, to those before them if there are any."""
    if text and found and isinstance(found[-1], Words):
        found[-1] = Words(found[-1].text + text)
    elif text:
        found.append(Words(text))
