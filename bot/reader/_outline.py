"""What is read piece by piece, gathered into sections below their headings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.reader import Notice, Section
from bot.reader import _grid as grid

LONGEST = 80
"""Characters of a heading; a longer one is a paragraph in a heading's clothes, and is read as both."""


@dataclass(slots=True)
class Outline:
    """The headings above, and the paragraphs that wait below them."""

    path: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """(level, title): a heading ends all of its own level and deeper ones."""
    waiting: list[str] = field(default_factory=list[str])

    @property
    def headings(self) -> tuple[str, ...]:
        """The titles, the outermost first."""
        return tuple(title for _, title in self.path)

    def say(self, text: str) -> None:
        """Another paragraph; an empty one parts those before from those after."""
        self.waiting.append(text)

    def head(self, level: int, title: str) -> Iterator[Section]:
        """A heading: what waited comes out, and what follows stands below it."""
        title = " ".join(title.split())
        yield from self.out()
        self.path = [each for each in self.path if each[0] < level]
        if title:
            self.path.append((level, title[:LONGEST]))
        if len(title) > LONGEST:
            self.say(title)

    def table(self, rows: Iterable[grid.Row]) -> Iterator[Section | Notice]:
        """A table between paragraphs."""
        yield from self.out()
        yield from grid.sections(rows, self.headings)

    def out(self) -> Iterator[Section]:
        """What waits, if there are words in it."""
        text = "\n".join(self.waiting).strip("\n")
        self.waiting = []
        if text.strip():
            yield Section(self.headings, text)
