"""Questions with answers as YAML (.yaml, .yml): a list of {id?, q, also?, a}."""

from collections.abc import Iterator

from bot import yamlfile
from bot.folder import Unreadable
from bot.reader import Section
from bot.reader._text import text
from bot.yamlfile import Document, Plain

KEYS = ("id", "q", "also", "a")


def read(data: bytes) -> Iterator[Section]:
    """A section a question. Raises Unreadable at the first thing that is wrong."""
    document = yamlfile.parse(text(data), "", list)
    for fault in document.faults:
        raise _wrong(fault.place.line, fault.field, fault.zh, fault.en)
    entries = document.data if isinstance(document.data, list) else []
    for number, entry in enumerate(entries):
        yield _section(document, number, entry)


def _section(document: Document, number: int, entry: Plain) -> Section:
    line = document.place((number,)).line
    if not isinstance(entry, dict):
        raise _wrong(line, f"[{number + 1}]", "每条要写 q（问题）和 a（答案）。", "Every entry needs q and a.")
    for key in entry:
        if key not in KEYS:
            line = document.place((number, key)).line
            raise _wrong(
                line, key, f"没有这个键，可以写：{'、'.join(KEYS)}。", f"No such key; known: {', '.join(KEYS)}."
            )
    question, answer, also = entry.get("q"), entry.get("a"), entry.get("also") or []
    for key, value in (("q", question), ("a", answer)):
        if not isinstance(value, str) or not value.strip():
            raise _wrong(line, key, "缺少这一项，请写一段文字。", "It is missing: write a text.")
    wordings = also if isinstance(also, list) else [also]
    if not all(isinstance(each, str) for each in wordings):
        raise _wrong(line, "also", "这里要写列表，每项一句话。", "Write a list of wordings.")
    return Section((), str(answer).strip(), questions=(str(question).strip(), *map(str, wordings)))


def _wrong(line: int, field: str, zh: str, en: str) -> Unreadable:
    what = f" {field}" if field else ""
    return Unreadable(f"第 {line} 行{what}：{zh.rstrip('。')}", f"Line {line}{what}: {en.rstrip('.')}")
