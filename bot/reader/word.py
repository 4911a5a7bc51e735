"""Word (.docx): paragraphs and tables in their order below their headings; what is deleted or hidden is not read."""

import re
from collections.abc import Iterator, Mapping
from zipfile import BadZipFile

from bot.reader import Notice, Section
from bot.reader._outline import Outline
from bot.reader._package import broken, checked
from bot.reader._xml import Element

ENDING = ".docx"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
"""The same once more, for old programs."""
HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
TITLE = re.compile(r"title|标题", re.IGNORECASE)
CONTENTS = re.compile(r"table of contents|目录", re.IGNORECASE)
SKIPPED = {FALLBACK, *(f"{W}{name}" for name in ("del", "moveFrom", "txbxContent", "pPr"))}
BREAKS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": " ", f"{W}noBreakHyphen": "-"}
AROUND = {f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo")}
"""What stands around paragraphs, rows and cells, and is none itself."""
WIDEST = 64
"""Columns that a merged cell may span."""
MOST_BASES = 8
"""Styles that a style may be built on, one on the other."""


def read(data: bytes) -> Iterator[Section | Notice]:
    """The stretches between headings. Raises Unreadable."""
    body, levels = _opened(data)
    outline = Outline()
    for block in _below(body, "p", "tbl"):
        rows = _rows(block) if block.tag == f"{W}tbl" else []
        if len(rows) > 1 and max(map(len, rows)) > 1:
            yield from outline.table(rows)
        elif rows:  # a frame around text
            for cell in (cell for row in rows for cell in row):
                outline.say(cell)
        elif (level := _level(block, levels)) and (title := _said(block)).strip():
            yield from outline.head(level, title)
        else:
            outline.say(_item(block) + _said(block))
        for box in _boxes(block):
            outline.say(box)
    yield from outline.out()


def _opened(data: bytes) -> tuple[Element, Mapping[str, int]]:
    """The body, and the heading's level of every style that makes one."""
    file = checked(data, "word/document.xml", ENDING)
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml.etree import LxmlError

    try:
        document = Document(file)
        body, levels = document.element.body, _levels(document.styles.element)
    except (OpcError, LxmlError, BadZipFile, KeyError, ValueError, AttributeError, TypeError):
        raise broken(ENDING) from None
    if body is None:
        raise broken(ENDING)
    return body, levels


def _below(element: Element, *names: str) -> Iterator[Element]:
    """The elements of these names right below, whatever stands around them; tables of contents are left out."""
    wanted = {f"{W}{name}" for name in names}
    stack = [element.iterchildren()]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag in wanted:
            yield child
        elif child.tag in AROUND and not CONTENTS.search(_value(child, "sdtPr", "docPartObj", "docPartGallery")):
            stack.append(child.iterchildren())


def _value(element: Element, *names: str) -> str:
    """The value of an element some levels below; empty: there is none."""
    found = element.find("/".join(f"{W}{name}" for name in names))
    return "" if found is None else found.get(f"{W}val") or ""


def _levels(styles: Element) -> dict[str, int]:
    """Style → level of the heading it makes, from its name, its outline or the style it is built on."""
    own: dict[str, int] = {}
    bases: dict[str, str] = {}
    for style in styles.iterchildren(f"{W}style"):
        id, name = style.get(f"{W}styleId") or "", _value(style, "name")
        bases[id] = _value(style, "basedOn")
        if found := HEADING.match(name):
            own[id] = int(found[1]) + 1
        elif TITLE.fullmatch(name):
            own[id] = 1
        elif level := _outlined(_value(style, "pPr", "outlineLvl")):
            own[id] = level
    levels: dict[str, int] = {}
    for id in bases:
        base = id
        for _ in range(MOST_BASES):
            if base in own or base not in bases:
                break
            base = bases[base]
        levels[id] = own.get(base, 0)
    return levels


def _outlined(value: str) -> int:
    """Word counts outline levels from 0, and 9 is body text; level 1 is the title's."""
    return int(value) + 2 if re.fullmatch("[0-8]", value) else 0


def _level(paragraph: Element, levels: Mapping[str, int]) -> int:
    outlined = _outlined(_value(paragraph, "pPr", "outlineLvl"))
    return outlined or levels.get(_value(paragraph, "pPr", "pStyle"), 0)


def _item(paragraph: Element) -> str:
    return "- " if paragraph.find(f"{W}pPr/{W}numPr") is not None else ""


def _said(paragraph: Element) -> str:
    """A paragraph's words."""
    from lxml.etree import iterwalk

    words: list[str] = []
    walk = iterwalk(paragraph, events=("start",))
    for _, node in walk:
        if node.tag in SKIPPED or (node.tag == f"{W}r" and node.find(f"{W}rPr/{W}vanish") is not None):
            walk.skip_subtree()
        elif node.tag == f"{W}t":
            words.append(node.text or "")
        else:
            words.append(BREAKS.get(node.tag, ""))
    return "".join(words)


def _boxes(block: Element) -> Iterator[str]:
    """The paragraphs in a block's text boxes."""
    for box in block.iter(f"{W}txbxContent"):
        if next(box.iterancestors(FALLBACK), None) is None:
            yield from map(_said, _below(box, "p"))


def _rows(table: Element) -> list[list[str]]:
    """A table's cells; a merged cell says its text in every row it covers, and once in its row."""
    rows: list[list[str]] = []
    for row in _below(table, "tr"):
        cells: list[str] = []
        for cell in _below(row, "tc"):
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            if merge is not None and merge.get(f"{W}val") != "restart":
                text = rows[-1][len(cells)] if rows and len(cells) < len(rows[-1]) else ""
            else:
                text = "\n".join(filter(str.strip, map(_said, cell.iter(f"{W}p"))))
            span = _value(cell, "tcPr", "gridSpan")
            wide = min(int(span), WIDEST) if re.fullmatch(r"[1-9]\d?", span) else 1
            cells += [text, *[""] * (wide - 1)]
        rows.append(cells)
    return rows
