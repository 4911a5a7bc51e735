"""``python -m bot.reader .docx``: a document on stdin becomes passages as JSON on stdout. Started by bot.reading."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict

from bot import reader as port
from bot.adapters import adapter
from bot.chunks import Chunk, chunks
from bot.folder import Unreadable
from bot.reader import ENDINGS, Notice, Reader, Section

MEMORY = 1 << 30
"""Bytes of address space."""
CHARACTERS, MOST = 20_000_000, 20_000
"""Of all passages together, headings and questions included; and how many there may be."""
MOST_NOTICES = 20
NICE = 10
"""Reading must not disturb those who talk."""

Answer = dict[str, object]


def answer(data: bytes, ending: str) -> Answer:
    """``chunks`` and ``notices``, or ``unreadable``: why, in both languages. Raises nothing but MemoryError's kin."""
    reader: Reader = adapter(port, ENDINGS[ending])  # pyright: ignore[reportAssignmentType]  # a module is one
    notices: list[Notice] = []
    try:
        found = list(_limited(chunks(_sections(reader, data, notices))))
    except Unreadable as error:
        zh, en = map(str, error.args)
    except MemoryError:
        zh, en = "读它要用太多内存：请拆成几个文件", "Reading it takes too much memory: split it"
    except Exception as error:  # noqa: BLE001 — the edge: what libraries raise on broken files is beyond any list
        kind = type(error).__name__
        zh = f"读不了，文件可能坏了（{kind}）：请重新导出或另存一份"
        en = f"It cannot be read and may be broken ({kind}): export or save it anew"
    else:
        if found:
            told = [[notice.zh, notice.en] for notice in notices[:MOST_NOTICES]]
            return {"chunks": [asdict(chunk) for chunk in found], "notices": told}
        zh, en = "没有找到文字：可能是空的，或者只有图片", "No text was found: it is empty, or has only pictures"
    return {"unreadable": [zh, en]}


def _sections(reader: Reader, data: bytes, notices: list[Notice]) -> Iterator[Section]:
    """The sections; what the operator should know goes aside."""
    size = 0
    for each in reader.read(data):
        if isinstance(each, Notice):
            notices.append(each)
            continue
        size += len(each.text)
        _refuse(size > CHARACTERS)
        yield each


def _limited(found: Iterator[Chunk]) -> Iterator[Chunk]:
    size = 0
    for number, chunk in enumerate(found, 1):
        size += len(chunk.text) + sum(map(len, chunk.headings)) + sum(map(len, chunk.questions))
        _refuse(number > MOST or size > CHARACTERS)
        yield chunk


def _refuse(over: bool) -> None:
    if over:
        raise Unreadable(
            f"文字太多：一个文件最多 {MOST} 段，请拆开", f"Too much text: a file may have {MOST} passages; split it"
        )


def limit(seconds: int) -> None:
    """Keep this process within its memory and its time, also where nobody is left to end it."""
    os.nice(NICE)
    with suppress(ImportError):  # Windows has no such limits; there the parent's clock alone counts
        import resource

        for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
            hard = resource.getrlimit(kind)[1]
            with suppress(ValueError, OSError):  # a container may have stricter ones
                resource.setrlimit(kind, (most, most) if hard == resource.RLIM_INFINITY else (min(most, hard), hard))


def main(ending: str, seconds: str) -> None:
    """Read stdin within the limits and write the answer."""
    limit(int(seconds))
    out = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not fall into the answer
    found = answer(sys.stdin.buffer.read(), ending)
    with open(out, "wb") as file:
        file.write(json.dumps(found, ensure_ascii=False).encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
