"""A clause becomes runs of one voice each, written as espeak-ng reads them, with every piece's place in the clause."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.phonetics_worker import mandarin

HANZI = r"\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
LATIN = r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
PIECE = re.compile(
    rf"(?P<hanzi>[{HANZI}]+)|(?P<number>[0-9]+(?:[.,:][0-9]+)*%?)|(?P<latin>[{LATIN}](?:['’.&+-]?[{LATIN}])*\+*)"
)
FOREIGN_WORDS = 4
"""So many English words together in a Mandarin clause get the English voice for themselves."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or syllable as the voice reads it."""

    written: str
    at: int
    """Its place in the clause, in characters."""
    length: int


@dataclass(frozen=True, slots=True)
class Run:
    """What one voice says in one breath."""

    mandarin: bool
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """What the engine is given."""
        return " ".join(piece.written for piece in self.pieces)

    def starts(self) -> list[int]:
        """Where each piece begins in the text, in characters."""
        starts, at = list[int](), 0
        for piece in self.pieces:
            starts.append(at)
            at += len(piece.written) + 1
        return starts


def runs(clause: str, language: str, *, apart: bool) -> list[Run]:
    """A clause for the voices; with ``apart`` every syllable of Mandarin is a piece of its own."""
    found: list[tuple[str, list[Piece]]] = []
    for match in PIECE.finditer(_plain(clause)):
        kind, at = match.lastgroup or "", match.start()
        hanzi = kind == "hanzi"
        pieces = list(_hanzi(match[0], at, apart=apart)) if hanzi else [Piece(match[0], at, len(match[0]))]
        if found and found[-1][0] == kind:
            found[-1][1].extend(pieces)
        else:
            found.append((kind, pieces))
    kinds = {kind for kind, _ in found}
    home = "hanzi" in kinds or (language == "zh" and "latin" not in kinds)
    joined: list[Run] = []
    for kind, pieces in found:
        chinese = home and not _foreign(kind, len(pieces), language)
        if joined and joined[-1].mandarin == chinese:
            joined[-1] = Run(chinese, (*joined[-1].pieces, *pieces))
        else:
            joined.append(Run(chinese, tuple(pieces)))
    return [run for run in joined if run.pieces]


def _foreign(kind: str, count: int, language: str) -> bool:
    """Whether words beside Hanzi are better said by the English voice than within Mandarin."""
    return kind != "hanzi" if language == "en" else kind == "latin" and count >= FOREIGN_WORDS


def _plain(clause: str) -> str:
    """The same number of characters, without full-width forms and apostrophes of print."""
    return "".join(
        folded if len(folded := unicodedata.normalize("NFKC", character)) == 1 else character for character in clause
    ).replace("’", "'")


def _hanzi(hanzi: str, at: int, *, apart: bool) -> Iterator[Piece]:
    """The words, or the syllables, of a run of Hanzi."""
    words = mandarin.words(hanzi)
    whole = [None, *(syllable for word in words for syllable in word), None]
    place = 0
    for word in words:
        written = [mandarin.written(each, whole[place + n], whole[place + n + 2]) for n, each in enumerate(word)]
        for n, each in enumerate(written) if apart else [(0, "".join(written))]:
            if each:
                yield Piece(each, at + place + n, 1 if apart else len(word))
        place += len(word)
