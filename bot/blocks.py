"""Where a growing Markdown text is prose, where code, and where a block that no one reads aloud."""

import re
from collections.abc import Iterator
from enum import Enum

TOKEN = re.compile(r"`+|\n|[ \t\r]+|[^`\n \t\r]+")
FENCE = 3
"""So many backticks open a block of code."""


class Kind(Enum):
    """What a stretch of text is."""

    PROSE = "prose"
    CODE = "code"
    """Inline code, its backticks included."""
    BLOCK = "block"
    """A fence or a table, its last newline included."""


class Blocks:
    """Follows a text as it grows; the same for every way of cutting it."""

    def __init__(self) -> None:
        self._fenced = self._inline = self._table = False
        self._run = 0
        """Backticks of a run that may still grow."""
        self._ticks = 0
        """Backticks that opened the code we are in."""
        self._start = True
        """Only blanks since the line began."""
        self._opening = self._closing = False
        """On the line that opened the fence; after what may close it."""

    @property
    def code(self) -> bool:
        """Whether what follows is code; only to be asked where no backtick follows."""
        self._settle()
        return self._fenced or self._inline

    def walk(self, text: str) -> Iterator[tuple[Kind, str]]:
        """The next bit of text as stretches of one kind."""
        stretch, last = "", Kind.PROSE
        for token in TOKEN.findall(text):
            kind = self._kind(token)
            if kind is not last and stretch:
                yield last, stretch
                stretch = ""
            stretch, last = stretch + token, kind
        if stretch:
            yield last, stretch

    def _kind(self, token: str) -> Kind:
        if token[0] == "`":
            self._leave_table()
            self._run += len(token)
            return Kind.BLOCK if self._fenced or self._table else Kind.CODE
        self._settle()
        if token == "\n":
            return self._newline()
        if not token.isspace():
            self._closing = False
            self._leave_table(token)
            self._table = self._table or (self._start and token[0] == "|" and not self._fenced)
            self._start = False
        return Kind.BLOCK if self._fenced or self._table else Kind.CODE if self._inline else Kind.PROSE

    def _leave_table(self, token: str = "") -> None:
        if self._start and not token.startswith("|"):
            self._table = False

    def _newline(self) -> Kind:
        block = self._fenced or (self._table and not self._start)
        self._table = self._table and not self._start
        if self._closing:
            self._fenced = False
        self._inline = self._opening = self._closing = False
        self._start = True
        return Kind.BLOCK if block else Kind.PROSE

    def _settle(self) -> None:
        """A run of backticks is complete: what does it open or close?"""
        count, self._run = self._run, 0
        if not count:
            return
        if self._opening:  # a second run on the fence's first line: it was inline code after all
            self._opening = self._fenced = False
            self._inline = count != self._ticks
        elif self._fenced:
            self._closing = self._start and count >= self._ticks
        elif self._inline:
            self._inline = count != self._ticks
        else:
            self._ticks = count
            self._fenced = self._opening = count >= FENCE and not self._table
            self._inline = not self._fenced
        self._start = False
