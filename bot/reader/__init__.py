"""Readers: what takes a document apart into sections of text, one adapter a format."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

READS: Mapping[str, tuple[str, ...]] = {
    "excel": (".xlsx",),
    "faqyaml": (".yaml", ".yml"),
    "html": (".html", ".htm"),
    "markdown": (".md", ".markdown", ".txt"),
    "pdf": (".pdf",),
    "table": (".csv", ".tsv"),
    "word": (".docx",),
}
"""Adapter → endings of the files it reads."""
ENDINGS: Mapping[str, str] = {ending: name for name, endings in READS.items() for ending in endings}
"""Ending, in lower case → adapter."""


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a document below the same headings."""

    headings: tuple[str, ...]
    """The outermost first; empty: none."""
    text: str
    """Never empty. Of prose: a paragraph a line, a blank line where the document has one. Of a question: its answer."""
    page: int = 0
    """Counted from 1; 0: the format has no pages."""
    questions: tuple[str, ...] = ()
    """What ``text`` answers, the main wording first; empty: it is no answer."""
    table: bool = False
    """``text`` is a Markdown table: its header, a rule, its rows."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What the operator should know of a document that was read all the same."""

    zh: str
    """Without a full stop, as is ``en``."""
    en: str


class Reader(Protocol):
    """Reads one format. Every module of this folder is one."""

    def read(self, data: bytes) -> Iterator[Section | Notice]:
        """A file's sections in reading order. Raises bot.folder.Unreadable for what is no such file, is locked or empty.

        A hostile file may take long, much memory, or raise anything: only bot.reading, which reads in a process of its
        own, is safe.
        """
        ...
