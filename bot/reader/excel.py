"""Excel (.xlsx): every sheet below its name, as questions or as a table, values as Excel shows them."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from zipfile import BadZipFile

from bot.reader import Notice, Section
from bot.reader import _grid as grid
from bot.reader._package import broken, checked

ENDING = ".xlsx"
LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""What of a number format is shown as it stands."""


def read(data: bytes) -> Iterator[Section | Notice]:
    """The rows of every sheet that is not hidden. Raises Unreadable."""
    file = checked(data, "xl/workbook.xml", ENDING)
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError):
        raise broken(ENDING) from None
    hidden: list[str] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        sheet.reset_dimensions()  # what a file says of its size may be wrong
        rows = (
            ["" if cell.data_type == "e" else shown(cell.value, cell.number_format) for cell in row]  # e: such as #N/A
            for row in sheet.iter_rows()
        )
        yield from grid.sections(rows, (sheet.title,))
    if hidden:
        named = "、".join(hidden[:5])
        yield Notice(f"隐藏的工作表没有读：{named}", f"Hidden sheets are left out: {named}")


def shown(value: object, style: str | None) -> str:
    """A cell's value as text, about as Excel shows it in its number format."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return _number(value, LITERAL.sub("", style or ""))
        case datetime():
            day = f"{value:%Y-%m-%d}"
            return day if value.time() == time() else f"{day} {_clock(value.time())}"
        case date():
            return value.isoformat()
        case time():
            return _clock(value)
        case _:
            return str(value)


def _clock(value: time) -> str:
    return value.strftime("%H:%M:%S" if value.second else "%H:%M")


def _number(value: float, style: str) -> str:
    if "%" in style:
        return f"{_plain(value * 100)}%"
    if re.fullmatch("0+", style) and float(value).is_integer():  # a room 0302
        return f"{int(value):0{len(style)}d}"
    return _plain(value)


def _plain(value: float) -> str:
    """Digits without the noise of binary fractions."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, int) else f"{value:.12g}"
