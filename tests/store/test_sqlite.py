"""SQLite alone: what survives a kill, a full disk, a broken file, and an update."""

import asyncio
import os
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from bot.message import State, Text
from bot.settings import Data
from bot.store import Full, Reply, SpokenLine, Stale, StoreError, sqlite
from bot.store.sqlite import FILE, SqliteStore
from tests.fakes import message

ROOM = "page:room"
WRITER = """
import asyncio, sys
from pathlib import Path
from bot.settings import Data
from bot.store import sqlite
from tests.fakes import message

async def main() -> None:
    store = await sqlite.open(Data(dir=Path(sys.argv[1])))
    number = 0
    while True:
        batch = [message("早", str(number + n), chat=str(n % 3)) for n in range(20)]
        for accepted in await asyncio.gather(*map(store.accept, batch)):
            print(accepted.entry.id, flush=True)
        number += 20

asyncio.run(main())
"""


async def opened(folder: Path, **more: object) -> SqliteStore:
    return await sqlite.open(Data(dir=folder, **more))  # pyright: ignore[reportArgumentType]


async def test_every_step_survives_reopening(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.accept(message("早"))
    await store.close()
    store = await opened(tmp_path)
    assert await store.waiting() == [ROOM]
    assert await store.claim(ROOM)
    await store.close()
    store = await opened(tmp_path)  # the claim died with its process
    assert await store.waiting() == [ROOM]
    claim = await store.claim(ROOM)
    assert claim
    assert claim.entries[0].attempts == 2
    await store.finish(claim, Reply(State.ANSWERED, (Text("早呀"),), 1.0, deliveries=(Text("早呀"),)))
    await store.close()
    store = await opened(tmp_path)
    assert await store.waiting() == []
    assert [e.state for e in await store.history(ROOM)] == [State.ANSWERED, State.ANSWERED]
    assert len(await store.deliveries("page")) == 1
    await store.close()


async def test_a_claim_of_the_process_before_is_stale(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.accept(message("早"))
    old = await store.claim(ROOM)
    await store.close()
    store = await opened(tmp_path)
    new = await store.claim(ROOM)
    assert old
    assert new
    assert new.fence > old.fence
    with pytest.raises(Stale):
        await store.finish(old, Reply(State.ANSWERED, (), 1.0))
    await store.close()


async def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(tmp_path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert child.stdout
    told = [await child.stdout.readline() for _ in range(200)]
    os.kill(child.pid, signal.SIGKILL)
    told += (await child.stdout.read()).splitlines(keepends=True)
    await child.wait()
    store = await opened(tmp_path)
    there = {e.id for chat in range(3) for e in await store.history(f"page:{chat}", limit=10**6)}
    assert {line.decode().strip() for line in told if line.endswith(b"\n")} <= there
    await store.close()


async def test_one_bad_piece_of_work_does_not_spoil_its_batch(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    calls = [store.accept(message("早", "1")), store.writer.do(lambda db: db.execute("nonsense")), store.accept(message("晚", "2"))]  # fmt: skip
    one, bad, two = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(bad, StoreError)
    assert not isinstance(bad, Full)
    assert not isinstance(one, BaseException)
    assert not isinstance(two, BaseException)
    assert len(await store.history(ROOM)) == 2
    await store.close()


async def test_a_full_disk_refuses_and_recovers_without_half_rows(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.accept(message("第一句", "first"))
    pages = await store.writer.do(lambda db: db.execute("pragma page_count").fetchone()[0])
    await store.writer.do(lambda db: db.execute(f"pragma max_page_count = {pages + 1}").fetchall())
    results = await asyncio.gather(
        *(store.accept(message("长" * 3000, f"{n}")) for n in range(20)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, BaseException)]
    assert refused
    assert all(isinstance(result, Full) for result in refused)
    assert len(await store.history(ROOM, limit=100)) == 1 + len(results) - len(refused)
    await store.writer.do(lambda db: db.execute("pragma max_page_count = 1000000").fetchall())
    assert (await store.accept(message("有地方了", "later"))).fresh
    await store.close()


async def test_somebody_elses_lock_is_no_end(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.writer.do(lambda db: db.execute("pragma busy_timeout = 50").fetchall())
    await store.accept(message("早", "1"))
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(Full):
        await store.accept(message("晚", "2"))
    assert len(await store.history(ROOM)) == 1
    other.execute("rollback")
    other.close()
    assert (await store.accept(message("晚", "2"))).fresh
    await store.close()


@pytest.mark.parametrize("damage", ["header", "page"])
async def test_a_corrupt_file_is_refused_with_the_mend(tmp_path: Path, damage: str) -> None:
    store = await opened(tmp_path)
    for number in range(200):
        await store.accept(message("早" * 200, f"{number}"))
    await store.close()
    with (tmp_path / FILE).open("r+b") as file:
        file.seek(0 if damage == "header" else 4096 * 20)
        file.write(b"\xa5" * 4096 * 3)
    with pytest.raises(StoreError, match="备份"):
        await opened(tmp_path)


async def test_what_cannot_be_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        await opened(tmp_path / "file")


async def test_an_older_database_is_copied_then_migrated(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.accept(message("早"))
    await store.close()
    steps = [*sqlite.migrations(), "alter table user add column nickname text not null default ''"]
    store = await sqlite.open(Data(dir=tmp_path), steps)
    assert len(await store.history(ROOM)) == 1
    assert await store.reader.do(lambda db: db.execute("select nickname from user").fetchone()) == ("",)
    await store.close()
    with sqlite3.connect(tmp_path / f"{FILE}.v1") as old:
        assert old.execute("pragma user_version").fetchone() == (1,)
        assert old.execute("select count(*) from entry").fetchone() == (1,)
    old.close()
    with pytest.raises(StoreError, match="git pull"):
        await opened(tmp_path)


async def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    with pytest.raises(StoreError):
        await sqlite.open(Data(dir=tmp_path), [*sqlite.migrations(), "create table half (x); nonsense"])
    store = await opened(tmp_path)
    assert await store.reader.do(lambda db: db.execute("select count(*) from sqlite_master where name = 'half'").fetchone()) == (0,)  # fmt: skip
    await store.close()


async def test_files_without_a_row_are_swept_at_the_start(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    hash = await store.keep(ROOM, b"kept", "image/jpeg")
    await store.close()
    (tmp_path / "media" / ("0" * 64)).write_bytes(b"left behind")
    store = await opened(tmp_path)
    assert [path.name for path in (tmp_path / "media").iterdir()] == [hash]
    await store.close()


async def test_what_was_forgotten_is_gone_from_the_files(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    secret = "只有我知道的秘密"
    await store.accept(message(secret))
    await store.keep_line(ROOM, "key", SpokenLine(b"my own voice", {"text": secret}))
    await store.forget("page", "lee")
    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert secret.encode() not in left
    assert b"my own voice" not in left
    await store.close()


async def test_a_backup_is_whole_while_she_writes(tmp_path: Path) -> None:
    store = await opened(tmp_path / "data")
    hash = await store.keep(ROOM, b"picture", "image/jpeg")
    await store.accept(message("早"))
    await asyncio.to_thread(sqlite.backup, tmp_path / "data", tmp_path / "copy")
    await store.accept(message("备份之后", "2"))
    await store.close()
    copy = await opened(tmp_path / "copy")
    assert [e.text for e in await copy.history(ROOM)] == ["早"]
    assert await copy.media(ROOM, hash)
    await copy.close()
    with pytest.raises(StoreError):
        sqlite.backup(tmp_path / "nothing", tmp_path / "copy2")


async def test_hot_queries_use_indexes(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    queries = [
        "select * from entry where conversation = 'x' and number < 9 order by number desc limit 5",
        "select * from entry where conversation = 'x' and state = 'received' order by number limit 100",
        "select * from entry where channel = 'x' and id = 'y' and author = 'user'",
        "select count(*) from entry where author = 'user' and channel = 'x' and sender = 'y' and at >= 1",
        "select * from entry where turn = 'x' and conversation = 'y' and author = 'persona'",
        "select * from delivery where channel = 'x' and delivered = 0 order by number limit 9",
        "select id from conversation where channel = 'x' and owner = 'y' order by number desc",
    ]
    for query in queries:
        plan = await store.reader.do(lambda db, q=query: [row[3] for row in db.execute(f"explain query plan {q}")])
        assert all("SEARCH" in step or "USE TEMP B-TREE" in step for step in plan), (query, plan)
    await store.close()
