"""Documents as passages that can be read out: paragraphs along their headings."""

import re
from collections.abc import Iterator, Mapping

from bot.phrases import language
from bot.retrieval import Item

LONGEST = 200
"""Characters of a passage."""
MOST = 5000
"""Passages of a persona; more would cost more memory than an answer without a brain is worth."""
HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*")
ENDS = re.compile(r"(?<=[。！？!?；;])|(?<=\.)(?=\s)|(?<=\n)")


def passages(documents: Mapping[str, str]) -> list[Item]:
    """All passages; an item's id is its document's path."""
    found = (passage for path, text in sorted(documents.items()) for passage in _document(path, text))
    return [passage for _, passage in zip(range(MOST), found, strict=False)]


def _document(path: str, text: str) -> Iterator[Item]:
    headings: tuple[str, ...] = ()
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        heading = HEADING.fullmatch(line.strip())
        if block and (heading or not line.strip()):
            for part in _parts(" ".join(block)):
                yield Item(path, headings, part, language(part))
            block = []
        if heading:
            headings = (heading[1],)
        elif line.strip():
            block.append(line.strip())


def _parts(paragraph: str) -> Iterator[str]:
    """A paragraph in parts of at most LONGEST characters, cut where sentences end."""
    paragraph = re.sub(r"(?<=[\u3000-\u9fff，。！？；：”]) (?=[\u3000-\u9fff“])", "", paragraph)
    part = ""
    for sentence in ENDS.split(paragraph):
        if part and len(part) + len(sentence) > LONGEST:
            yield part.strip()
            part = ""
        part += sentence
        while len(part) > LONGEST:
            yield part[: LONGEST - 1] + "…"
            part = part[LONGEST - 1 :]
    if part.strip():
        yield part.strip()
