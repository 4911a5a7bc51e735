"""How numbers, dates and addresses are written, in whatever language they are read: the patterns' common parts."""

import re
from collections.abc import Iterable

S = r"[^\S\n]*"
"""Blanks."""
N = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
"""A number, with or without thousands separators and a fraction."""
FREE = r"(?<![\d.,A-Za-z_])(?<![A-Za-z]-)"
"""Before a number that is not part of a name."""
TO = rf"{S}[-~～–—−]{S}"
"""Between the ends of a range."""
MAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,64}(?:\.[A-Za-z0-9-]{1,64})+")
DATE = re.compile(rf"{FREE}((?:19|20)\d\d)([-/.])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d|\2\d)")
"""Year, separator, month, day."""
GROUPS = re.compile(rf"{FREE}\d+(?:-\d+){{2,}}(?![-\d]|{S}=)")
"""The number of a book or an account."""
RANGE = re.compile(rf"(?<=[\d%°CF]){TO}(?=[-−]?\d)|(?<=\d(?:km|kg|cm|mm|GB|MB|ml|am|pm)){TO}(?=\d)")
HOURS = re.compile(rf"(?<=\d){TO}(?=[01]?\d[:：][0-5]\d)")
"""Between two times of the day."""
VERSION = re.compile(rf"{FREE}([vV]?)(\d+(?:\.\d+){{2,}})(?!\d)|(?<![A-Za-z0-9_])([vV])(\d+(?:\.\d+)*)(?![\dA-Za-z])")
MINUS = re.compile(r"(?<![\w)）\]])[-−](?=\d)")


def any_of(names: Iterable[str]) -> str:
    """A pattern for any of the names, the longest first."""
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))
