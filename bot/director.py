"""The director: a brain's tokens become words to show, lines to say, stage directions and citations."""

from collections.abc import Collection, Iterable

from bot.cutting import Cutter
from bot.lifting import Lifter, Pause, Run
from bot.message import Cite, Cue, Line, Words
from bot.spoken import language, spoken

Directed = Words | Line | Cue | Cite


class Director:
    """Takes an attempt's text bit by bit; what comes out is the same for every way of cutting it.

    Words come in order, as soon as it is certain that they are words. A direction or citation comes before the words
    at its place; it waits for the character after it. A line comes right after the character that decided its end,
    which may already belong to the next line.
    """

    def __init__(self, cues: Collection[str]) -> None:
        self._lifter, self._cutter = Lifter(cues), Cutter()
        self._lines = 0
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
        return [*self._directed(self._lifter.close()), *(self._line(text) for text in self._cutter.close())]

    def _directed(self, pieces: Iterable[Run | Cue | Cite | Pause]) -> list[Directed]:
        found: list[Directed] = []
        for piece in pieces:
            match piece:
                case Run():
                    shown = 0
                    for known, line in self._cutter.feed(piece.text, piece.kind):
                        _add(found, piece.text[shown:known])
                        found.append(self._line(line))
                        shown = known
                    _add(found, piece.text[shown:])
                case Pause():
                    if line := self._cutter.pause():
                        found.append(self._line(line))
                case Cue() | Cite():
                    found.append(piece)
        return found

    def _line(self, text: str) -> Line:
        self._language = language(text, self._language)
        said, places = spoken(text, self._language)
        line = Line(self._lines, text, said, places, self._start, self._language)
        self._lines += 1
        self._start += len(text)
        return line


def _add(found: list[Directed], text: str) -> None:
    """Add words, to those before them if there are any."""
    if text and found and isinstance(found[-1], Words):
        found[-1] = Words(found[-1].text + text)
    elif text:
        found.append(Words(text))
