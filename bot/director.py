"""The director cuts a brain's words into lines one can say, and lifts out the stage directions. Pure and incremental."""

import re
from collections.abc import Collection, Iterator

from bot.cutting import HAN, Cutter
from bot.message import Cite, Cue, Line, Words
from bot.spoken import spoken

Directed = Words | Line | Cue | Cite
TAG = re.compile(r"\[(?:(?P<cite>k:[^\[\]\s]{1,64})|(?P<cue>[a-z][a-z_]{0,31})(?: +(?P<force>\d*\.?\d+))?)\]")
BEGUN = re.compile(r"\[(?:k(?::[^\[\]\s]{0,64})?|[a-z][a-z_]{0,31}(?: +[\d.]{0,8})?)?")
"""What may still become a tag."""
FENCE = re.compile(r"(?:^|\n)[ \t]*$")
"""What stands before backticks that open a block of code."""
LATIN = re.compile(r"[A-Za-z]+")
SPECIAL, LINE_SPECIAL = re.compile(r"[`\[]"), re.compile(r"[`\[\n]")
LONGEST_RUN = 16
"""Backticks."""


def language(text: str, before: str) -> str:
    """``zh`` or ``en``: which of the two says more of the text, a Hanzi counting as much as a word."""
    han, latin = len(HAN.findall(text)), len(LATIN.findall(text))
    return before if han == latin == 0 else "zh" if han >= latin else "en"


class Director:
    """Turns tokens into display text, lines, cues and citations, the same for every way of cutting the tokens."""

    def __init__(self, cues: Collection[str]) -> None:
        self.cues = frozenset(cues)
        self.dropped = 0
        """Stage directions the body does not know."""
        self.cutter = Cutter()
        self.held = ""
        """What may still become a tag, or more backticks."""
        self.code = ""
        """The backticks that opened the code we are in."""
        self.shown = 0
        """Characters of display text handed on."""
        self.length = 0
        """Characters of display text."""
        self.tail = "\n"
        """Its last characters."""
        self.swallow = False
        """A tag stood where blanks would be doubled."""
        self.number = self.start = self.base = 0
        """Of the next line: its number and place; and the place of the cutter's first character."""
        self.spoke = "zh"

    def feed(self, text: str) -> list[Directed]:
        """What a bit of the brain's answer brings."""
        self.held += text
        pieces = list(self._read(end=False))
        self.base += self.cutter.trim()
        return pieces

    def close(self) -> list[Directed]:
        """The rest, now that nothing more comes."""
        return [*self._read(end=True), *self._words(self.length), *self._lines(end=True)]

    # Tags and code

    def _read(self, *, end: bool) -> Iterator[Directed]:
        """Take what is certain from the held text."""
        text, at = self.held, 0
        while found := (LINE_SPECIAL if self._inline else SPECIAL).search(text, at):
            yield from self._text(text[at : found.start()])
            at = found.start()
            taken = self._special(text, at, end)
            if taken is None:
                break
            pieces, at = taken
            yield from pieces
        else:
            yield from self._text(text[at:])
            at = len(text)
        self.held = text[at:]

    @property
    def _inline(self) -> bool:
        """Inside code that ends with its line at the latest."""
        return 0 < len(self.code) < 3

    def _special(self, text: str, at: int, end: bool) -> tuple[list[Directed], int] | None:
        """What a special character brings and where it ends; None when more must be known."""
        if text[at] == "`":
            return self._ticks(text, at, end)
        if text[at] == "\n":
            self.code = ""
            return list(self._text("\n")), at + 1
        if self.code:
            return list(self._text("[")), at + 1
        tag = TAG.match(text, at)
        if tag and (tag.end() < len(text) or end):
            if text[tag.end() : tag.end() + 1] == "(":
                return list(self._text(tag[0])), tag.end()
            return list(self._tag(tag)), tag.end()
        begun = BEGUN.match(text, at)
        if not end and begun and (tag or begun.end() == len(text)):
            return None
        return list(self._text("[")), at + 1

    def _ticks(self, text: str, at: int, end: bool) -> tuple[list[Directed], int] | None:
        """A run of backticks opens or closes code."""
        stop = at
        while stop < len(text) and text[stop] == "`" and stop - at < LONGEST_RUN:
            stop += 1
        if stop == len(text) and not end and stop - at < LONGEST_RUN:
            return None
        run = text[at:stop]
        fence = len(run) >= 3 and FENCE.search(self.tail)
        if not self.code and (len(run) < 3 or fence):
            self.code = run
            return list(self._text(run)), stop
        closes = len(run) >= len(self.code) and fence if len(self.code) >= 3 else run == self.code
        pieces = list(self._text(run))
        if closes:
            self.code = ""
        return pieces, stop

    def _tag(self, tag: re.Match[str]) -> Iterator[Directed]:
        self.swallow = self.tail[-1:].isspace()
        if tag["cite"]:
            yield Cite(tag["cite"], self.length)
        elif tag["cue"] in self.cues:
            yield Cue(tag["cue"], min(1.0, float(tag["force"] or 1)), self.length)
        else:
            self.dropped += 1

    # Words and lines

    def _text(self, text: str) -> Iterator[Directed]:
        """Display text, with the lines that it completes."""
        if self.swallow:
            text = text.lstrip(" \t")
            if not text:
                return
            self.swallow = False
        if not text:
            return
        self.length += len(text)
        self.tail = (self.tail + text)[-80:]
        self.cutter.feed(text, code=bool(self.code))
        yield from self._lines(end=False)
        yield from self._words(self.length)

    def _lines(self, *, end: bool) -> Iterator[Directed]:
        for text, seen in self.cutter.lines_so_far(end=end):
            yield from self._words(min(self.length, self.base + seen))
            self.spoke = language(text, self.spoke)
            words, places = spoken(text, self.spoke)
            yield Line(self.number, text, words, places, self.start, self.spoke)
            self.number += 1
            self.start += len(text)

    def _words(self, upto: int) -> Iterator[Directed]:
        """Display text up to a place that was not handed on yet."""
        if upto > self.shown:
            yield Words(self.cutter.text[self.shown - self.base : upto - self.base])
            self.shown = upto
