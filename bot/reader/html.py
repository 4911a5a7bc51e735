"""Saved web pages (.html, .htm): what is read on them, below its headings; scripts and menus are left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.folder import Unreadable
from bot.reader import Notice, Section
from bot.reader._outline import Outline
from bot.reader._text import text
from bot.reader._xml import Element

SKIPPED = frozenset(
    [
        "head",
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "math",
        "canvas",
        "iframe",
        "object",
        "embed",
        "audio",
        "video",
        "nav",
        "menu",
        "select",
        "datalist",
        "button",
        "textarea",
    ]
)
BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
HEADINGS = {**{f"h{level}": level for level in range(1, 7)}, "summary": 7}
"""Element → level; the page's title is level 0."""
ICONS = ("i", "span")
"""Elements that are ornaments where they are hidden from screen readers."""
DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]{1,20})", re.IGNORECASE)
CHARSETS = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "big5": "big5hkscs", "utf-8": "utf-8-sig",
    "shift_jis": "cp932", "euc-jp": "euc_jp", "euc-kr": "cp949", "iso-8859-1": "cp1252", "windows-1252": "cp1252",
}  # fmt: skip
"""What pages say → what browsers understand."""
HEAD = 4096
"""Bytes in which a page says its character set."""
BROKEN_LINE = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])[^\S\n]*\n\s*(?=[\u2e80-\u9fff\uff00-\uffef])")
"""A new line in the source between Hanzi: it is no space."""
WIDEST, TALLEST = 64, 1000
"""Columns and rows that a merged cell may span."""


def read(data: bytes) -> Iterator[Section | Notice]:
    """The stretches between headings. Raises Unreadable."""
    root = _root(_decoded(data))
    page = _Page()
    title = root.find(".//title")
    if title is not None and (name := " ".join((title.text or "").split())):
        page.title = name
        yield from page.outline.head(0, name)
    empty = True
    for found in page.sections(root):
        empty = False
        yield found
    if empty:
        raise Unreadable(
            "网页里没有文字，内容可能是打开时才加载的：请在浏览器里用“另存为”保存整个网页",
            "The page holds no text, perhaps it loads it later: save the whole page from a browser",
        )


def _decoded(data: bytes) -> str:
    """The page's text in the character set it declares, else whatever fits. Raises Unreadable."""
    declared = DECLARED.search(data[:HEAD])
    charset = CHARSETS.get(declared[1].decode("ascii", "ignore").lower()) if declared else None
    if charset and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return text(data.decode(charset).encode())
        except UnicodeDecodeError:
            pass  # it declares what it is not
    return text(data)


def _root(page: str) -> Element:
    from lxml.etree import HTMLParser, LxmlError, fromstring

    # Without huge_tree, all that stands deeper than 256 levels, and after it, would be lost
    parser = HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = fromstring(page.encode(), parser)
    except LxmlError:
        root = None
    if any(each.type_name == "ERR_NO_MEMORY" for each in parser.error_log):
        raise MemoryError
    if any("depth" in each.message for each in parser.error_log):
        raise Unreadable("网页嵌套得太深：请另存为文字", "The page is nested too deep: save it as text")
    if root is None:
        raise Unreadable("这不是网页：请重新保存", "This is no web page: save it anew")
    return root


@dataclass(slots=True)
class _Page:
    """Walks over a page."""

    outline: Outline = field(default_factory=Outline)
    title: str = ""
    line: list[str] = field(default_factory=list[str])
    """The words of the paragraph so far."""

    def sections(self, root: Element) -> Iterator[Section | Notice]:
        """What is read, in its order."""
        from lxml.etree import iterwalk

        walk = iterwalk(root, events=("start", "end"))
        for event, node in walk:
            if event == "start":
                if _skipped(node):
                    walk.skip_subtree()
                elif node.tag == "table" and (rows := _rows(node)):
                    self._end_line()
                    yield from self.outline.table(rows)
                    walk.skip_subtree()
                else:
                    self._start(node)
            else:
                yield from self._end(node)
        self._end_line()
        yield from self.outline.out()

    def _start(self, node: Element) -> None:
        if node.tag in BLOCKS:
            self._end_line()
        if node.tag == "li":
            self.line.append("- ")
        elif node.tag == "hr":
            self.outline.say("")
        self.line.append(node.text or "")

    def _end(self, node: Element) -> Iterator[Section]:
        if node.tag in HEADINGS:
            title, self.line = _joined(self.line), []
            if node.tag == "h1" and title and title in self.title:
                yield from self.outline.out()
                self.outline.path = []  # the title says the same and the site's name
            if title:
                yield from self.outline.head(HEADINGS[node.tag], title)
        elif node.tag in BLOCKS:
            self._end_line(kept=node.tag == "pre")
        if node.tag == "details":
            yield from self.outline.head(HEADINGS["summary"], "")
        self.line.append(node.tail or "")

    def _end_line(self, *, kept: bool = False) -> None:
        """The paragraph is over; ``kept``: its line breaks stand."""
        text = "".join(self.line).strip("\n") if kept else _joined(self.line)
        self.line = []
        if text.strip() not in ("", "-"):
            self.outline.say(text)


def _skipped(node: Element) -> bool:
    return (
        node.tag in SKIPPED
        or node.get("role") == "navigation"
        or (node.tag in ICONS and node.get("aria-hidden") == "true")
    )


def _joined(words: list[str]) -> str:
    return " ".join(BROKEN_LINE.sub("", "".join(words)).split())


def _rows(table: Element) -> list[list[str]]:
    """A table's cells, merged ones repeated downwards; nothing where the table only lays out the page."""
    if table.find(".//table") is not None:
        return []
    rows: list[list[str]] = []
    above: dict[int, tuple[int, str]] = {}
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in row.iterchildren("td", "th"):
            _fill(cells, above)
            text = _said(cell)
            for number in range(_span(cell, "colspan", WIDEST)):
                above[len(cells)] = (_span(cell, "rowspan", TALLEST) - 1, text if number == 0 else "")
                cells.append(text if number == 0 else "")
        _fill(cells, above)
        rows.append(cells)
    filled = [row for row in rows if any(row)]
    return filled if len(filled) > 1 and max(map(len, filled)) > 1 else []


def _fill(cells: list[str], above: dict[int, tuple[int, str]]) -> None:
    """Put in what cells of rows above reach down."""
    while (left := above.get(len(cells), (0, "")))[0] > 0:
        above[len(cells)] = (left[0] - 1, left[1])
        cells.append(left[1])


def _span(cell: Element, name: str, most: int) -> int:
    value = cell.get(name) or ""
    return min(int(value), most) if re.fullmatch(r"[1-9]\d{0,3}", value) else 1


def _said(cell: Element) -> str:
    """A cell's words, a line a paragraph."""
    from lxml.etree import iterwalk

    words: list[str] = []
    walk = iterwalk(cell, events=("start", "end"))
    for event, node in walk:
        if event == "start" and _skipped(node):
            walk.skip_subtree()
            continue
        if node.tag in BLOCKS:
            words.append("\0")
        words.append((node.text if event == "start" else node.tail if node is not cell else "") or "")
    return "\n".join(filter(None, (_joined([part]) for part in "".join(words).split("\0"))))
