"""Rows of cells as sections: a sheet of questions where its header says so, else a Markdown table."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from bot.reader import Notice, Section

KINDS: Mapping[str, tuple[str, ...]] = {
    "q": ("问题", "标准问题", "标准问", "主问题", "问", "提问", "question", "questions", "q"),
    "a": ("答案", "回答", "答复", "标准答案", "答", "回复", "answer", "answers", "a"),
    "also": ("相似问", "相似问题", "相似问法", "别的问法", "其他问法", "扩展问", "同义问", "also", "similar"),
    "group": ("分类", "类别", "类目", "一级分类", "category", "topic"),
}
"""What the columns of a sheet of questions are called; a number may follow, or something in brackets."""
WORDINGS = re.compile(r"[\n;；|｜]")
"""What parts the wordings in a cell."""
WIDEST, LONGEST = 64, 200
"""Columns of a table, and rows of one section."""
TITLES = 10
"""Rows above a table that may be its title."""
MOST_NAMED = 5
"""Rows that a notice names."""

Row = Sequence[str]


def sections(rows: Iterable[Row], headings: tuple[str, ...] = ()) -> Iterator[Section | Notice]:
    """The sections of one sheet, which may be endless; nothing for an empty one."""
    filled = ((number, list(row)) for number, row in enumerate(rows, 1) if any(cell.strip() for cell in row))
    above: list[Row] = []
    for _, header in islice(filled, TITLES):
        if sum(1 for cell in header if cell.strip()) > 1:
            break
        above.append(header)
    else:
        header = None
    if above:
        yield Section(headings, "\n".join(_said(row) for row in above))
    if header is None:  # one column is a list
        for _, row in filled:
            yield Section(headings, _said(row))
    elif named := columns(header):
        yield from _questions(filled, named, headings)
    else:
        yield from _table(header, (row for _, row in filled), headings)


def _said(row: Row) -> str:
    return " ".join(cell.strip() for cell in row if cell.strip())


def columns(header: Row) -> dict[int, str] | None:
    """Column → what it holds, where the header is that of a sheet of questions."""
    found: dict[int, str] = {}
    for number, cell in enumerate(header):
        name = re.sub(r"[（(].*|[\s:：*_\d]", "", cell).lower()
        if kind := next((kind for kind, names in KINDS.items() if name in names), ""):
            found[number] = kind
    return found if {"q", "a"} <= set(found.values()) else None


def _questions(
    rows: Iterable[tuple[int, Row]], named: Mapping[int, str], headings: tuple[str, ...]
) -> Iterator[Section | Notice]:
    half: list[int] = []
    group = ""
    for number, row in rows:
        cells = {kind: [cell.strip() for at, cell in enumerate(row) if named.get(at) == kind] for kind in KINDS}
        wordings = [*(each for cell in cells["q"] for each in cell.split("\n"))]
        wordings += (each for cell in cells["also"] for each in WORDINGS.split(cell))
        questions = tuple(filter(None, map(str.strip, wordings)))
        answer = "\n".join(filter(None, cells["a"]))
        group = next(filter(None, cells["group"]), group)  # merged cells say it once
        if questions and answer:
            yield Section((*headings, group) if group else headings, answer, questions=questions)
        elif questions or answer:
            half.append(number)
    if half:
        yield _incomplete(half, f"“{headings[0]}”" if headings else "")


def _incomplete(rows: Sequence[int], sheet: str) -> Notice:
    named = "、".join(map(str, rows[:MOST_NAMED])) + (" …" if len(rows) > MOST_NAMED else "")
    return Notice(
        f"{sheet}第 {named} 行缺问题或答案，没有读：请补上",
        f"{sheet} row {named} lacks its question or its answer and is left out: fill it in".strip(),
    )


def _table(header: Row, rows: Iterable[Row], headings: tuple[str, ...]) -> Iterator[Section]:
    width = max((number for number, cell in enumerate(header, 1) if cell.strip()), default=1)
    rows = iter(rows)
    part = list(islice(rows, LONGEST))
    while True:
        widest = min(max([width, *map(len, part)]), WIDEST)
        lines = [line(header, widest), "|" + " --- |" * widest, *(line(row, widest) for row in part)]
        yield Section(headings, "\n".join(lines), table=True)
        if not (part := list(islice(rows, LONGEST))):
            return


def line(row: Row, width: int) -> str:
    """A row of a Markdown table; cells beyond the width join the last."""
    cells = [" ".join(cell.replace("|", "｜").split()) for cell in row]
    cells[width - 1 :] = [" ".join(filter(None, cells[width - 1 :]))]
    return "| " + " | ".join([*cells, *[""] * (width - len(cells))]) + " |"
