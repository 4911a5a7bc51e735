"""Decorators: the ``@@name value`` lines at the top of a lorebook entry that say when and where it is put in."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

LINE = re.compile(r"\s*(@@@?)([A-Za-z_]+)[^\S\n]*(.*?)\s*")
MOST = 100
"""Lines; what follows is text."""
NUMBER = re.compile(r"-?\d{1,6}")
POSITIONS = {
    "before_desc": "before_char",
    "after_desc": "after_char",
    "personality": "personality",
    "scenario": "scenario",
}


def _number(value: str) -> int | None:
    return int(value) if NUMBER.fullmatch(value) else None


def _flag(value: str) -> bool:
    return value.lower() != "false"


def _words(value: str) -> tuple[str, ...] | None:
    return tuple(filter(None, (each.strip() for each in value.split(",")))) or None


def _role(value: str) -> str | None:
    return value.lower() if value.lower() in ("assistant", "system", "user") else None


def _position(value: str) -> str | None:
    return POSITIONS.get(value.strip("\"'").lower())


Value = int | bool | str | tuple[str, ...]
READERS: dict[str, Callable[[str], Value | None]] = {
    **dict.fromkeys(("activate", "dont_activate", "ignore_on_max_context"), _flag),
    **dict.fromkeys(("keep_activate_after_match", "dont_activate_after_match"), _flag),
    **dict.fromkeys(("activate_only_after", "activate_only_every", "is_greeting"), _number),
    **dict.fromkeys(("depth", "reverse_depth", "scan_depth"), _number),
    **dict.fromkeys(("additional_keys", "exclude_keys"), _words),
    "role": _role,
    "position": _position,
}
"""What this version follows; None: the value is not valid, the decorator does not count."""


@dataclass(frozen=True, slots=True)
class Decorated:
    """An entry's text without its decorators, and what they say."""

    text: str
    values: Mapping[str, Value]
    unknown: tuple[str, ...]
    """Names that mean nothing here and had no fallback that does."""


def decorated(content: str) -> Decorated:
    """An entry's content, taken apart. Of a name that stands twice, the first counts."""
    lines = content.split("\n")
    top = 0
    while top < min(len(lines), MOST) and (LINE.fullmatch(lines[top]) or not lines[top].strip()):
        top += 1
    values: dict[str, Value] = {}
    unknown: list[str] = []
    for chain in _chains(lines[:top]):
        for name, value in chain:
            read = READERS.get(name)
            if read and (meant := read(value)) is not None:
                values.setdefault(name, meant)
                break
        else:
            unknown.append(chain[0][0])
    text = "\n".join(lines[top:]).strip("\n") if values or unknown else content
    return Decorated(text, values, tuple(dict.fromkeys(unknown)))


def _chains(lines: list[str]) -> Iterator[list[tuple[str, str]]]:
    """Decorators, each with its fallbacks."""
    chain: list[tuple[str, str]] = []
    for line in lines:
        if not (found := LINE.fullmatch(line)):
            continue
        if found[1] == "@@":
            if chain:
                yield chain
            chain = [(found[2].lower(), found[3])]
        elif chain:  # a fallback of nothing means nothing
            chain.append((found[2].lower(), found[3]))
    if chain:
        yield chain
