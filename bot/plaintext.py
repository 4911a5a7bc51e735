"""Markdown becomes what a chat without markup shows well: nothing of its words is lost, addresses stay whole."""

import re
from collections.abc import Callable

from bot.markup import ANCHOR, ESCAPE, IMAGE

FENCE = re.compile(
    r"^[^\S\n]*(?P<ticks>`{3,}|~{3,})[^\n]*\n(?P<code>[\s\S]*?)(?:^[^\S\n]*(?P=ticks)[^\S\n]*$|\Z)", re.MULTILINE
)
RULE = re.compile(r"^[^\S\n]*([-*_])(?:[^\S\n]*\1){2,}[^\S\n]*$", re.MULTILINE)
HEADING = re.compile(r"^[^\S\n]*#{1,6}[^\S\n]+(.+?)(?:[^\S\n]+#+)?[^\S\n]*$", re.MULTILINE)
BULLET = re.compile(r"^([^\S\n]*)[-*+][^\S\n]+(?:\[[ xX]\][^\S\n]+)?", re.MULTILINE)
QUOTED = re.compile(r"^[^\S\n]*(?:>[^\S\n]?)+", re.MULTILINE)
SEPARATOR = re.compile(r"^[^\S\n]*\|?(?:[^\S\n]*:?-{2,}:?[^\S\n]*\|)+(?:[^\S\n]*:?-{2,}:?)?[^\S\n]*\n?", re.MULTILINE)
ROW = re.compile(r"^[^\S\n]*\|(.+)\|[^\S\n]*$", re.MULTILINE)
CODE = re.compile(r"(`+)([^`\n]+?)\1")
STRONG = re.compile(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1")
WEAK = re.compile(r"(?<![A-Za-z0-9*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![A-Za-z0-9*])")
ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>\"'（）《》「」，。！？；、]+", re.IGNORECASE)
MARKS = re.compile("[\ue000\ue001]")
KEPT = re.compile("\ue000([0-9]+)\ue001")
"""Stands for what is put aside until the marks are gone (private-use characters, which no reply needs)."""
DEEPEST = 4
GAPS = re.compile(r"\n{3,}")


def plain(text: str) -> str:
    """The text without Markdown's marks: headings stand alone, list items get a dot, links say where they go."""
    kept: list[str] = []

    def keep(part: str) -> str:
        kept.append(part)
        return f"\ue000{len(kept) - 1}\ue001"

    text = MARKS.sub("", text)
    text = FENCE.sub(lambda match: keep(match["code"].rstrip("\n")), text)
    text = CODE.sub(lambda match: keep(match[2]), text)
    text = ESCAPE.sub(lambda match: keep(match[1]), text)
    text = _linked(text, keep)
    text = ADDRESS.sub(lambda match: keep(match[0]), text)
    for pattern, new in ((SEPARATOR, ""), (RULE, ""), (HEADING, r"\1"), (BULLET, r"\1· "), (QUOTED, "")):
        text = pattern.sub(new, text)
    text = ROW.sub(lambda match: " ｜ ".join(cell.strip() for cell in match[1].split("|")), text)
    for pattern, new in ((STRONG, r"\2"), (STRONG, r"\2"), (WEAK, r"\1"), (GAPS, "\n\n")):
        text = pattern.sub(new, text)
    for _ in range(DEEPEST):  # what was kept may itself hold something kept
        text = KEPT.sub(lambda match: kept[int(match[1])], text)
    return text.strip()


def _linked(text: str, keep: Callable[[str], str]) -> str:
    def told(match: re.Match[str]) -> str:
        label, whole = match[1].strip(), match[0]
        address = whole[whole.index("](") + 2 : -1].split(" ")[0].strip("<>")
        return keep(address) if not label or label == address else f"{label}：{keep(address)}"

    return ANCHOR.sub(told, IMAGE.sub(told, text))
