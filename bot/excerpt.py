"""What of a passage is said aloud: the sentences, list items or rows of a table that say what was asked, and no more."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile, zip_longest

from bot.grams import HAN, counted, grams, topical

LONGEST = 200
"""Characters that may be read out in one go."""
ENDS = re.compile(r"(?<=[。！？!?；;\n])|(?<=\.)(?=\s)")
GAP = re.compile(r"(?<=[\u3000-\u9fff，。！？；：”]) (?=[\u3000-\u9fff“])")
"""A blank that only a line's end left between Chinese characters."""
ROW = re.compile(r"[^\S\n]*\|(.*)\|[^\S\n]*")
BORDER = re.compile(r"(?<!\\)\|")
"""Between a row's cells."""
RULE = re.compile(r"[\s|:]*-[\s|:-]*")
"""The line below a table's header."""
BARE = re.compile(r"[\s|:-]+")
"""What a header that no row follows is said without."""
LISTED = re.compile(r"\s*(?:[-*+•·]|\d{1,2}(?:[、)）]|[.．](?!\d))|[（(]\d{1,2}[)）])\s*(?=[^\s\d])")
"""How a list's item begins."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, or a row of a table as a sentence."""

    text: str
    begins: bool = True
    """Whether one may begin here: not in the middle of a list's item."""
    cells: str = ""
    """Of a row: what stands in it, without the columns' names."""


def excerpt(text: str, question: str, longest: int = LONGEST) -> str:
    """The stretch of a passage that shares most with the question, from the first such on; all of it where it is short.

    Rows of a table are said, each with its columns' names, those that were asked about where any were.
    """
    pieces = list(_pieces(text))
    whole = _joined(pieces) or BARE.sub(" ", text).strip()
    wanted = {gram for gram in grams(question) if topical(gram)}
    told = any(counted(piece.cells, wanted) for piece in pieces)
    if not pieces or (len(whole) <= longest and not told):
        return whole[:longest]
    starts = (n for n, piece in enumerate(pieces) if piece.begins and (piece.cells or not told))
    best = max(starts, key=lambda start: _share(pieces, start, longest, wanted), default=0)
    found = _joined(_stretch(pieces, best, longest, wanted))
    return found if len(found) <= longest else f"{found[: longest - 1]}…"


def _share(pieces: Sequence[Piece], start: int, longest: int, wanted: set[str]) -> float:
    """How much of what was asked is in a stretch; what was asked about had better come first."""
    stretch = _stretch(pieces, start, longest, wanted)
    first = "".join(piece.text for piece in (stretch[0], *takewhile(lambda piece: not piece.begins, stretch[1:])))
    shared = counted("\n".join(piece.text for piece in stretch), wanted)
    return sum(map(len, shared)) + 0.5 * len(counted(first, wanted)) + len(counted(stretch[0].cells, wanted))


def _stretch(pieces: Sequence[Piece], start: int, longest: int, wanted: set[str]) -> list[Piece]:
    """As many pieces from a start on as there is room for, at least one; after a row only such as say nearly as much."""
    first = pieces[start]
    enough = len(counted(first.cells, wanted)) / 2
    stretch, length = [first], len(first.text)
    for piece in pieces[start + 1 :]:
        length += len(piece.text)
        if length > longest or (first.cells and len(counted(piece.cells, wanted)) < max(1, enough)):
            break
        stretch.append(piece)
    return stretch


def _joined(pieces: Sequence[Piece]) -> str:
    text = "".join(piece.text for piece in pieces).replace(" \n", "\n")
    return GAP.sub("", text).strip()


def _pieces(text: str) -> Iterator[Piece]:
    """The passage as what may be said of it; lines of prose are one, items and rows keep theirs."""
    lines = text.split("\n")
    header: list[str] = []
    for line, after in pairwise([*lines, ""]):
        if not (row := ROW.fullmatch(line)):
            header = []
            yield from _sentences(line)
        elif not RULE.fullmatch(line):
            cells = [cell.strip() for cell in BORDER.split(row[1])]
            if RULE.fullmatch(after) and ROW.fullmatch(after):
                header = cells
            else:
                yield _said(header, cells)


def _sentences(line: str) -> Iterator[Piece]:
    """A line's sentences."""
    item = LISTED.match(line)
    mark = line[: item.end()] if item else ""
    found = [sentence for sentence in ENDS.split(line[len(mark) :]) if sentence.strip()]
    for number, sentence in enumerate(found):
        start = f"\n{mark}" if item and not number else ""
        end = " " if number + 1 == len(found) else ""
        yield Piece(f"{start}{sentence}{end}", begins=not item or not number)


def _said(header: Sequence[str], cells: Sequence[str]) -> Piece:
    """A row as a sentence: each column's name with what stands there."""
    text = "".join((*header, *cells))
    colon, comma, stop = ("：", "，", "。") if HAN.search(text) else (": ", ", ", ".")
    named = zip_longest(header, cells[: len(header)] if header else cells, fillvalue="")
    said = comma.join(f"{name}{colon}{cell}" if name else cell for name, cell in named if cell)
    return Piece(f"\n{said}{stop}", cells=" ".join(cells))
