"""The living personas: a save counts at once, a broken file keeps the last good version, an operator's own copy goes first."""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.faults import Faults
from bot.personas import Personas
from tests.fakes import soon

SHEET = "id: mia\nname: {{zh: 米娅}}\nidentity: {}\n"


def write(folder: Path, identity: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "persona.yaml").write_text(SHEET.format(identity), encoding="utf-8")


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    write(tmp_path / "persona" / "mia", "甲")
    return tmp_path / "persona"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "data" / "persona"


@dataclass
class Watched:
    """Personas under watch, and what was told of them."""

    personas: Personas
    told: asyncio.Queue[tuple[str, str]] = field(default_factory=asyncio.Queue[tuple[str, str]])

    async def until(self, identity: str) -> None:
        """Wait until she is somebody."""
        while self.personas.get("mia").identity != identity:
            await soon(self.told.get())

    async def fault(self) -> str:
        """The next fault told."""
        while not (fault := (await soon(self.told.get()))[1]):
            pass
        return fault


@asynccontextmanager
async def watched(shipped: Path, own: Path) -> AsyncGenerator[Watched]:
    """Personas that are watched; the watch is known to work when the test begins."""
    here = Watched(Personas(shipped, own))
    here.personas.get("mia")

    async def tell(id: str, fault: str) -> None:
        here.told.put_nowait((id, fault))

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(here.personas.watch(tell))
        number = 0
        async with asyncio.timeout(10):
            while here.told.empty():  # nobody says when a watch has begun: change something until it is seen
                write(shipped / "mia", f"第 {(number := number + 1)} 次")
                await asyncio.sleep(0.05)
        await here.until(f"第 {number} 次")
        yield here
        watching.cancel()


def test_personas_are_read_once(shipped: Path, own: Path) -> None:
    personas = Personas(shipped, own)
    first = personas.get("mia")
    write(shipped / "mia", "乙")
    assert personas.get("mia") is first


def test_an_own_copy_goes_before_the_shipped_one(shipped: Path, own: Path) -> None:
    write(own / "mia", "自己的")
    personas = Personas(shipped, own)
    assert personas.get("mia").identity == "自己的"
    assert personas.get("mia").folder == own / "mia"


@pytest.mark.parametrize("id", ["mai", "../persona/mia", ""])
def test_nobody_of_that_name(shipped: Path, own: Path, id: str) -> None:
    with pytest.raises(Faults, match="mia"):
        Personas(shipped, own).get(id)


def test_a_folder_that_was_never_good(shipped: Path, own: Path) -> None:
    (shipped / "mia" / "persona.yaml").write_text("id: mia\n")
    with pytest.raises(Faults, match="identity"):
        Personas(shipped, own).get("mia")


async def test_saving_takes_effect(shipped: Path, own: Path) -> None:
    async with watched(shipped, own) as here:
        write(shipped / "mia", "乙")
        await here.until("乙")
        (shipped / "mia" / "knowledge").mkdir()
        (shipped / "mia" / "knowledge" / "a.md").write_text("资料", encoding="utf-8")
        while not here.personas.get("mia").documents:
            assert await soon(here.told.get()) == ("mia", "")


async def test_an_editor_that_saves_by_renaming(shipped: Path, own: Path) -> None:
    async with watched(shipped, own) as here:
        draft = shipped / "mia" / "4913"
        draft.write_text(SHEET.format("丙"), encoding="utf-8")
        draft.rename(shipped / "mia" / "persona.yaml")
        await here.until("丙")


async def test_a_broken_file_keeps_the_last_good_version(shipped: Path, own: Path) -> None:
    async with watched(shipped, own) as here:
        good = here.personas.get("mia")
        write(shipped / "mia", "丁\nidenity: x")
        fault = await here.fault()
        assert "persona.yaml:4" in fault
        assert "identity" in fault
        assert here.personas.get("mia") is good
        assert here.personas.faults == {"mia": fault}
        write(shipped / "mia", good.identity)
        assert await soon(here.told.get()) == ("mia", "")
        assert here.personas.faults == {}
        assert here.personas.get("mia").version == good.version


async def test_a_folder_deleted_and_made_again(shipped: Path, own: Path) -> None:
    async with watched(shipped, own) as here:
        shutil.rmtree(shipped / "mia")
        assert "没有这个" in await here.fault()
        assert here.personas.get("mia").identity.startswith("第")
        write(shipped / "mia", "回来了")
        await here.until("回来了")
        assert here.personas.faults == {}
        write(shipped / "mia", "还在看着")
        await here.until("还在看着")


async def test_an_own_copy_made_and_removed_while_she_lives(shipped: Path, own: Path) -> None:
    async with watched(shipped, own) as here:
        before = here.personas.get("mia").identity
        write(own / "mia", "自己的")
        await here.until("自己的")
        shutil.rmtree(own / "mia")
        await here.until(before)


async def test_what_changes_elsewhere_is_nobodys_news(shipped: Path, own: Path) -> None:
    async with watched(shipped, own) as here:
        (shipped / "note.txt").write_text("x")
        write(shipped / "other", "x")
        (shipped / "mia" / "notes.txt").write_text("她不读这个")
        write(shipped / "mia", "最后")
        await here.until("最后")
        assert here.told.empty()
        assert here.personas.faults == {}


async def test_a_watch_that_cannot_be_had_is_no_catastrophe(shipped: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    personas = Personas(tmp_path / "file" / "persona", tmp_path / "file" / "own")

    async def tell(id: str, fault: str) -> None:
        raise AssertionError("nothing can have changed")

    await soon(personas.watch(tell))
