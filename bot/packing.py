"""A reply becomes what a channel can carry: plain where it must be, cut at natural borders, labelled, each piece one message."""

import re
from collections.abc import Iterator

from bot.channel import Capabilities
from bot.plaintext import ADDRESS, plain

BORDERS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[。！？!?…]+[”’」』）)\"']*|\.[”’)\"']*(?=\s)"),
    re.compile(r"[，；、：,;:]+(?=\s|[^\x00-\x7f])|\s"),
)
"""Where a text may be cut, the best first."""
SHORTEST = 0.4
"""A better border counts only if the piece is at least this full."""
JOINS = re.compile("[\u0300-\u036f\u200d\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""Characters that belong to the one before them."""


def packed(text: str, capabilities: Capabilities, label: str = "") -> list[str]:
    """The messages that bring a reply home, in order; each ends with the label, if there is one."""
    text = text.strip() if capabilities.markdown else plain(text)
    tail = f"\n\n{label}" if capabilities.markdown and label else f"\n{label}" if label else ""
    limit = capabilities.text_limit
    if not limit:
        return [text + tail] if text else []
    room = limit - measure(tail, capabilities.text_unit)
    return [piece + tail for piece in split(text, room, capabilities.text_unit)]


def measure(text: str, unit: str) -> int:
    """How long a text is."""
    return len(text.encode(errors="replace")) if unit == "bytes" else len(text)


def split(text: str, limit: int, unit: str = "characters") -> Iterator[str]:
    """Pieces of at most ``limit``, cut at the best borders there are; addresses stay whole where they fit at all."""
    text = text.strip()
    while measure(text, unit) > limit:
        cut = _cut(text, _longest(text, limit, unit))
        if piece := text[:cut].rstrip():
            yield piece
        text = text[cut:].lstrip()
    if text:
        yield text


def _longest(text: str, limit: int, unit: str) -> int:
    """Characters from the start that fit; at least one."""
    if unit == "characters":
        return max(1, limit)
    return max(1, len(text.encode(errors="replace")[:limit].decode(errors="ignore")))


def _cut(text: str, room: int) -> int:
    """Where to cut a text of which ``room`` characters fit."""
    addresses = [match.span() for match in ADDRESS.finditer(text) if match.start() < room]
    for border in BORDERS:
        ends = [match.end() for match in border.finditer(text, 0, room)]
        good = [end for end in ends if not any(start < end < stop for start, stop in addresses)]
        if good and good[-1] >= SHORTEST * room:
            return good[-1]
    for start, stop in addresses:
        if 0 < start < room < stop:
            return start
    cut = room
    while cut and (JOINS.match(text[cut]) or text[cut - 1] == "\u200d"):
        cut -= 1
    return cut or room
