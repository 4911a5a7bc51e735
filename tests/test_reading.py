"""Documents are read in processes of their own, and nothing that is in them reaches further."""

import asyncio
import os
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import pytest

from bot.chunks import Chunk
from bot.folder import Unreadable
from bot.reader import ENDINGS
from bot.reading import ROOT, read
from tests.fakes import soon
from tests.reader.papers import archive, excel, pdf, raw_pdf, saved, scan, word


def children() -> set[int]:
    """The processes this one started and that are still there."""
    found: set[int] = set()
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):  # it ended meanwhile
            if f"\nPPid:\t{os.getpid()}\n" in status.read_text():
                found.add(int(status.parent.name))
    return found


async def refused(name: str, data: bytes, seconds: float = 60.0) -> str:
    """Why a document is not read, in Chinese; nothing of its reader is left."""
    before = children()
    with pytest.raises(Unreadable) as caught:
        await read(Path(name), data, seconds=seconds)
    assert children() <= before
    zh, en = caught.value.args
    assert en
    return zh


async def test_documents_become_passages_with_their_sources() -> None:
    document = word()
    document.add_heading("退款", 1)
    document.add_paragraph("三天内退。")
    assert (await read(Path("a.docx"), saved(document))).chunks == (Chunk(("退款",), "三天内退。"),)
    assert (await read(Path("A.PDF"), pdf("第一章 退款\n退款须在入住前三天内提出，逾期只退一半。"))).chunks == (
        Chunk(("第一章 退款",), "退款须在入住前三天内提出，逾期只退一半。", 1),
    )
    assert (await read(Path("a.yml"), "- q: 能退吗\n  a: 能".encode())).chunks == (Chunk((), "能", 0, ("能退吗",)),)


async def test_what_was_left_out_is_told() -> None:
    found = await read(Path("a.xlsx"), excel(问答=[["问题", "答案"], ["几点", "两点"], ["半条"]]))
    assert [each.zh for each in found.notices] == ["“问答”第 3 行缺问题或答案，没有读：请补上"]


@pytest.mark.parametrize("ending", ENDINGS)
async def test_garbage_is_refused(ending: str) -> None:
    assert await refused(f"a{ending}", bytes(range(256)) * 40)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.exe", b"MZ", ".docx"),
        ("a", b"x", ".docx"),
        ("a.txt", b"", "空的"),
        ("a.txt", "\u200b\u2060".encode(), "没有找到文字"),
        ("a.docx", saved(word()), "没有找到文字"),
        ("a.pdf", scan(), "扫描件"),
        ("a.docx", archive({"word/document.xml": b"<x/>", "bomb": bytes(40_000_000)}), "太大"),
        ("a.csv", ("甲,乙\n" + "1,2\n" * 800_000).encode(), "太多"),
        ("a.md", "".join(f"# {n}\n字\n" for n in range(30_000)).encode(), "太多"),
        ("a.yaml", b"- &a [x]\n" + b"- [*a, *a, *a]\n" * 9, "锚点"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_cannot_be_read_says_why(name: str, data: bytes, said: str) -> None:
    assert said in await refused(name, data)


async def test_a_reader_that_takes_too_long_is_ended() -> None:
    slow = raw_pdf([zlib.compress(b"BT " + b"(a) Tj " * 8_000_000 + b"ET")])
    assert "还没读完" in await refused("a.pdf", slow, seconds=2.0)
    assert "还没读完" in await refused("a.txt", b"x", seconds=0.001)


async def test_a_reader_that_takes_too_much_memory_is_ended() -> None:
    said = await refused("a.html", b"<p>x</p>" * 4_000_000)
    assert "内存" in said or "太大" in said


async def test_a_reader_ends_with_the_one_who_waits() -> None:
    slow = raw_pdf([zlib.compress(b"BT " + b"(a) Tj " * 8_000_000 + b"ET")])
    before = children()
    waiting = asyncio.create_task(read(Path("a.pdf"), slow))
    async with asyncio.timeout(30):
        while not children() - before:
            await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await soon(waiting)
    assert children() <= before


async def test_the_loop_goes_on_meanwhile() -> None:
    turns = 0
    reading = asyncio.create_task(read(Path("a.txt"), "好。".encode() * 100_000))
    while not reading.done():
        turns += 1
        await asyncio.sleep(0.001)
    assert (await reading).chunks
    assert turns > 10


def test_a_reader_has_no_keys_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import reading

    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    monkeypatch.setenv("ZHIYIN_WEB__PASSWORD", "canary")
    assert "canary" not in reading.environment().values()
    assert "PATH" in reading.environment()


def test_limits_hold_where_nobody_waits() -> None:
    code = (
        "import resource, bot.reader.__main__ as m; m.limit(3); m.limit(3);"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_CPU)[0]);"
        "bytearray(1 << 31)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    memory, seconds = map(int, ran.stdout.split())
    assert memory <= 1 << 30
    assert seconds <= 3
    assert "MemoryError" in ran.stderr
