"""What is wrong with what an operator wrote: where, what, and how to mend it, in Chinese and then in English."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from bot.logs import MASK, SECRET_NAMES

Steps = tuple[str | int, ...]
"""The way to a value: keys and places in lists, from the top."""
KEYLIKE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.+/=-]{20,}")
"""What an API key looks like, wherever it was pasted."""
LONGEST = 60
"""Characters of a value that are printed."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something was written."""

    file: str
    """A path as the operator would type it, or the name of an environment variable."""
    line: int = 0
    """Counted from 1; 0: none."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    place: Place
    field: str
    """Such as ``web.port`` or ``faq[3].a`` (the third entry); empty: the file as a whole."""
    zh: str
    """What is wrong and how to mend it."""
    en: str
    """The same in English."""
    value: str = ""
    """What was written, as it may be printed."""

    def __str__(self) -> str:
        what = f"{self.field} = {self.value}" if self.value else self.field
        return f"{self.place}  {what}".rstrip() + f"\n    {self.zh}\n    {self.en}"


class Faults(Exception):
    """All that is wrong at once; its text is ready to be shown to the operator."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.place)
        count = len(self.faults)
        head = f"有 {count} 处要改 / {count} thing{'s' * (count > 1)} to mend:"
        super().__init__("\n\n".join([head, *map(str, self.faults)]))


def spelled(steps: Steps) -> str:
    """A path as operators read it: ``faq[3].a`` is the third entry's answer."""
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def shown(path: Path) -> str:
    """A path as short as it can be typed from here."""
    try:
        return str(path.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def secretive(name: str) -> bool:
    """Whether a key's name says that its value is nobody's business."""
    return any(word in name.upper() for word in SECRET_NAMES)


def printed(value: object, secret: bool = False) -> str:
    """A value as it may be printed: short, on one line, and masked where it is, or looks like, a secret."""
    match value:
        case None:
            return ""
        case dict():
            return "{…}"
        case list() | tuple():
            return "[…]"
        case _:
            text = str(value)
            if text and (secret or KEYLIKE.fullmatch(text.strip())):
                return MASK
            return json.dumps(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…", ensure_ascii=False)


def near(name: str, names: Iterable[str]) -> str:
    """The name that was probably meant; empty where none is close."""
    known = {each.lower(): each for each in names}
    close = get_close_matches(name.lower(), known, 1, 0.6)
    return known[close[0]] if close else ""


def choices(name: str, names: Iterable[str]) -> tuple[str, str]:
    """What to write instead of a wrong name, in both languages."""
    if not (listed := [each for each in names if each]):
        return "", ""
    close = near(name, listed)
    zh, en = (f"是不是 {close}？", f" Did you mean {close}?") if close else ("", "")
    return f"{zh}可以写：{'、'.join(listed)}。", f"{en} Known: {', '.join(listed)}."
