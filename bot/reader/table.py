"""Tables as text (.csv, .tsv): a sheet of questions, or rows below their header."""

import csv
import io
from collections.abc import Iterator

from bot.folder import Unreadable
from bot.reader import Notice, Section
from bot.reader import _grid as grid
from bot.reader._text import text


def read(data: bytes) -> Iterator[Section | Notice]:
    """The rows. Raises Unreadable."""
    found = text(data)
    first, _, rest = found.lstrip().partition("\n")
    if first.lower().startswith("sep=") and len(first) == 5:  # Excel's own way to tell
        comma, found = first[4], rest
    else:
        comma = max(",\t;", key=first.count)
    try:
        yield from grid.sections(csv.reader(io.StringIO(found, newline=""), delimiter=comma))
    except csv.Error:
        raise Unreadable(
            "读不成表格，多半是引号没有合上：请用表格软件重新存成 CSV",
            "It is no table, perhaps a quote is never closed: save it as CSV anew from a spreadsheet",
        ) from None
