"""Markdown and plain text (.md, .markdown, .txt): headings and tables as they are marked, the rest as it stands."""

import re
from collections.abc import Iterator, Sequence

from bot.plaintext import plain
from bot.reader import Section
from bot.reader._text import text

HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
UNDERLINE = re.compile(r"=+|-{3,}")
UNTITLED = re.compile(r"[。！？!?；;，,：:|]$|^[-*+>|]|^\d+[.)、]")
"""What a title that is underlined does not look like."""
FENCE = re.compile(r"\s*(`{3,}|~{3,})")
RULE = re.compile(r"\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?)?\s*")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
FRONT = re.compile(r"\s*---\n(?:[\w-]+:.*\n|[ \t-].*\n|\n)*?---\n")
"""What other programs keep at a file's head."""


def read(data: bytes) -> Iterator[Section]:
    """The parts between headings. Raises Unreadable."""
    found = FRONT.sub("", text(data), count=1) if text(data).lstrip().startswith("---") else text(data)
    lines = COMMENT.sub("", found).split("\n")
    path: list[tuple[int, str]] = []
    waiting: list[str] = []
    fence = ""
    at = 0
    while at < len(lines):
        fence = _fence(lines[at], fence)
        heading = None if fence else _heading(lines, at)
        rows = 0 if fence or heading else _rows(lines, at)
        if (heading or rows) and any(map(str.strip, waiting)):
            yield Section(_titles(path), "\n".join(waiting))
        if heading or rows:
            waiting = []
        if heading:
            level, title, taken = heading
            path = [*(each for each in path if each[0] < level), (level, title)]
            at += taken
        elif rows:
            yield Section(_titles(path), "\n".join(map(_bordered, lines[at : at + rows])), table=True)
            at += rows
        else:
            waiting.append(lines[at])
            at += 1
    if any(map(str.strip, waiting)):
        yield Section(_titles(path), "\n".join(waiting))


def _titles(path: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(title for _, title in path if title)


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
    if "|" not in lines[at] or at + 1 >= len(lines) or not RULE.fullmatch(lines[at + 1]):
        return 0
    end = at + 2
    while end < len(lines) and "|" in lines[end]:
        end += 1
    return end - at


def _bordered(row: str) -> str:
    row = row.strip()
    return f"{'' if row.startswith('|') else '| '}{row}{'' if row.endswith('|') else ' |'}"
