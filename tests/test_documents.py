"""A persona's documents: looked through by `check`, and told of to the operator while they are read for good."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from bot.documents import looked_through
from bot.faults import Faults
from bot.knowledge import Knowledge
from bot.knowledge.index import Index
from bot.persona import Persona, load
from bot.retrieval import Item
from tests.fakes import soon

PAPER = "# 退款\n七天内可以退。\n\n# 换货\n也可以。\n"


def persona(root: Path, **files: bytes | str) -> Persona:
    """A persona with documents; two underscores stand for a dot."""
    knowledge = root / "mia" / "knowledge"
    knowledge.mkdir(parents=True, exist_ok=True)
    (root / "mia" / "persona.yaml").write_text("id: mia\nname: {zh: 米娅}\nidentity: 店员\n", encoding="utf-8")
    for name, data in files.items():
        (knowledge / name.replace("__", ".")).write_bytes(data if isinstance(data, bytes) else data.encode())
    return load(root / "mia")


async def test_what_they_come_to_is_counted(tmp_path: Path) -> None:
    looked = await looked_through(persona(tmp_path, a__md=PAPER, b__txt="营业到六点。"))
    assert (looked.passages, looked.notices) == (3, ())
    assert (await looked_through(persona(tmp_path / "bare"))).passages == 0


async def test_all_that_cannot_be_read_is_named_at_once(tmp_path: Path) -> None:
    her = persona(tmp_path, a__md=PAPER, b__docx=b"PK", c__pdf=b"%PDF-1.7 nothing", d__txt="好。")
    (tmp_path / "mia" / "knowledge" / "d.txt").unlink()
    with pytest.raises(Faults) as faults:
        await looked_through(her)
    places = [Path(fault.place.file).name for fault in faults.value.faults]
    assert places == ["b.docx", "c.pdf", "d.txt"]
    assert all(fault.zh and fault.en for fault in faults.value.faults)


async def test_a_link_that_came_meanwhile_is_not_followed(tmp_path: Path) -> None:
    her = persona(tmp_path, a__md=PAPER)
    secret = tmp_path / "secret.md"
    secret.write_text("密码")
    (file := tmp_path / "mia" / "knowledge" / "a.md").unlink()
    os.symlink(secret, file)
    with pytest.raises(Faults, match="outside"):
        await looked_through(her)


async def test_how_far_the_reading_is_ends_with_how_it_ended(tmp_path: Path) -> None:
    told: list[str] = []

    async def tell(id: str, text: str) -> None:
        told.append(text)

    (tmp_path / "index").mkdir()
    knowledge = Knowledge(lambda id: load(tmp_path / "mia"), tmp_path / "index", tell)
    await knowledge.read(persona(tmp_path, a__md=PAPER, b__md=PAPER))
    assert [text[:6] for text in told] == ["正在读资料 ", "正在读资料 ", ""]
    assert knowledge.faults("mia") == ""
    told.clear()
    await knowledge.read(load(tmp_path / "mia"))
    assert told == []
    await knowledge.read(persona(tmp_path, c__docx=b"PK"))
    assert len(told) == 1
    assert "c.docx" in told[0]
    assert knowledge.faults("mia") == told[0]
    assert knowledge.faults("nobody") == ""
    await knowledge.close()


def test_all_who_make_an_index_at_once_can_write_into_it(tmp_path: Path) -> None:
    barrier = Barrier(4)

    def opened(path: Path) -> Index:
        barrier.wait()
        return Index(path)

    with ThreadPoolExecutor(4) as pool:
        for number in range(10):
            indexes = list(pool.map(opened, [tmp_path / f"{number}.db"] * 4))
            for index in indexes:
                index.replace("a.md", "hash", [Item("a.md#1", ("退款",), "七天内可以退。", "zh", "a.md", "")])
            assert [index.size for index in indexes] == [1] * 4
            for index in indexes:
                index.close()


async def test_those_who_ask_first_together_ask_one_index(tmp_path: Path) -> None:
    her, knowledge = persona(tmp_path), Knowledge(lambda id: load(tmp_path / "mia"), tmp_path / "index")
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(knowledge.documents(her)) for _ in range(8)]
    assert all(each.result() == asked[0].result() for each in asked)
    assert [each.index.path for each in knowledge.rooms.values()] == [tmp_path / "index" / "mia.db"]
    await knowledge.close()


async def test_an_index_that_cannot_be_written_is_told_and_does_not_stop_the_reading(tmp_path: Path) -> None:
    told = asyncio.Queue[tuple[str, str]]()

    async def tell(id: str, text: str) -> None:
        told.put_nowait((id, text))

    index = tmp_path / "index"
    index.write_text("a file where a folder should be")
    her = persona(tmp_path, a__docx=b"PK")
    knowledge = Knowledge(lambda id: her, index, tell)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(knowledge.run())
        knowledge.wanted.put_nowait("mia")
        id, text = await soon(told.get())
        assert (id, "File exists" in text or "Not a directory" in text) == ("mia", True)
        index.unlink()
        knowledge.wanted.put_nowait("mia")
        while "a.docx" not in (await soon(told.get(), 30))[1]:
            pass
        running.cancel()
    await knowledge.close()
