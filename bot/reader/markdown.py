"""Markdown and plain text (.md, .markdown, .txt): headings and tables as they are marked, the rest as it stands."""

import re
from collections.abc import Iterator, Sequence

from bot.plaintext import plain
from bot.reader import Notice, Section
from bot.reader import _grid as grid
from bot.reader._outline import Outline
from bot.reader._text import text

HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
UNDERLINE = re.compile(r"=+|-{3,}")
UNTITLED = re.compile(r"[。！？!?；;，,：:|]$|^[-*+>|]|^\d+[.)、]")
"""What a title that is underlined does not look like."""
FENCE = re.compile(r"\s*(`{3,}|~{3,})")
RULE = re.compile(r"\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?)?")
CELL = re.compile(r"(?<!\\)\|")
FRONT = re.compile(r"[\w-]+:|[ \t#-]|$")
"""A line of what other programs keep at a file's head, between two lines of three dashes."""
LONGEST_HEAD = 60
"""Lines of it."""
LONGEST_MARK = 500
"""Characters of a line that may be a heading."""


def read(data: bytes) -> Iterator[Section | Notice]:
    """The parts between headings. Raises Unreadable."""
    lines = _uncommented(text(data)).strip("\n").split("\n")
    lines = lines[_front(lines) :]
    outline, fence, at = Outline(), "", 0
    while at < len(lines):
        fence = _fence(lines[at], fence)
        heading = None if fence else _heading(lines, at)
        rows = 0 if fence or heading else _rows(lines, at)
        if heading:
            level, title, taken = heading
            yield from outline.head(level, title)
            at += taken
        elif rows:
            yield from outline.out()
            yield from _table(lines[at : at + rows], outline.headings)
            at += rows
        else:
            outline.say(lines[at])
            at += 1
    yield from outline.out()


def _uncommented(text: str) -> str:
    first, *rest = text.split("<!--")
    return first + "".join(part.partition("-->")[2] if "-->" in part else f"<!--{part}" for part in rest)


def _front(lines: Sequence[str]) -> int:
    """How many lines the file's head takes."""
    if lines[0].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:LONGEST_HEAD], 1):
        if line.rstrip() == "---":
            return number + 1
        if not FRONT.match(line):
            return 0
    return 0


def _fence(line: str, fence: str) -> str:
    """The fence of the block of code that a line stands in; empty: none."""
    mark = FENCE.match(line)
    if not mark:
        return fence
    if not fence:
        return mark[1]
    return "" if mark[1].startswith(fence) else fence


def _heading(lines: Sequence[str], at: int) -> tuple[int, str, int] | None:
    """The heading at a line: level, title, lines it takes."""
    line = lines[at]
    if len(line) > LONGEST_MARK:
        return None
    if found := HEADING.fullmatch(line):
        return len(found[1]), plain(found[2]), 1
    below = lines[at + 1].strip() if at + 1 < len(lines) else ""
    above = lines[at - 1].strip() if at else ""
    title = line.strip()
    if UNDERLINE.fullmatch(below) and not above and 0 < len(title) <= 40 and not UNTITLED.search(title):
        return 1 if below[0] == "=" else 2, plain(title), 2
    return None


def _rows(lines: Sequence[str], at: int) -> int:
    """How many lines the table takes that begins at a line; 0: none begins."""
    if "|" not in lines[at] or at + 1 >= len(lines) or not RULE.fullmatch(lines[at + 1].strip()):
        return 0
    end = at + 2
    while end < len(lines) and "|" in lines[end]:
        end += 1
    return end - at


def _table(rows: Sequence[str], headings: tuple[str, ...]) -> Iterator[Section | Notice]:
    bare = [row.strip().removeprefix("|").removesuffix("|") for row in rows]
    cells = [[cell.replace("\\|", "｜").strip() for cell in CELL.split(row)] for row in (bare[0], *bare[2:])]
    if grid.columns(cells[0]):
        yield from grid.sections(cells, headings)
    else:
        yield Section(headings, "\n".join(f"| {row.strip()} |" for row in bare), table=True)
