"""SQLite alone: what survives a kill, a full disk, a broken file, and an update."""

import asyncio
import os
import signal
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.message import Picture, Receipt, State, Text
from bot.settings import Data
from bot.store import Full, Reply, SpokenLine, Stale, StoreError, _database, sqlite
from bot.store._faults import FILE
from bot.store._files import hashed
from bot.store._writer import Job
from bot.store.sqlite import SqliteStore
from tests.fakes import message, soon

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


LIMITED = """
import asyncio, resource, sys
from pathlib import Path
from bot.message import Text
from bot.settings import Data
from bot.store import Full, sqlite
from tests.fakes import message

def limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

async def main() -> None:
    store = await sqlite.open(Data(dir=Path(sys.argv[1])))
    await store.accept(message("before", "before"))
    limit(300_000)
    for number in range(100):
        try:
            await store.accept(message("long " * 5000, str(number)))
        except Full:
            print("Full")
            break
    try:
        await store.keep("page:room", b"x" * 400_000, "image/png")
    except Full:
        print("Full")
    if len(await store.history("page:room", limit=1000)) == number + 1:
        print("history")
    limit(resource.RLIM_INFINITY)
    if (await store.accept(message("later", "later"))).fresh:
        print("recovered")
    hash = await store.keep("page:room", b"x" * 400_000, "image/png")
    if await store.media("page:room", hash):
        print("kept")
    await store.close()

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
    assert len(await store.deliveries(ROOM)) == 1
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


@contextmanager
def busy_writer(store: SqliteStore) -> Generator[None]:
    """Meanwhile the writer is busy, so that what is asked of it waits together; it must be asked before this ends."""
    began, free = threading.Event(), threading.Event()

    def dawdle(db: sqlite3.Connection) -> None:
        began.set()
        free.wait(30)

    store.writer.queue.put(Job(dawdle, None, None, asyncio.get_running_loop().create_future()))
    began.wait(30)
    try:
        yield
    finally:
        free.set()


async def traced(store: SqliteStore) -> list[str]:
    """The statements the store executes from now on, filled in."""
    told: list[str] = []
    for worker in (store.writer, store.reader):
        await worker.do(lambda db: db.set_trace_callback(told.append))
    return told


async def test_what_waits_together_is_committed_together(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    told = await traced(store)
    with busy_writer(store):
        calls = [asyncio.create_task(store.accept(message("早", f"{n}"))) for n in range(200)]
        await asyncio.sleep(0)
    assert sum(accepted.fresh for accepted in await asyncio.gather(*calls)) == 200
    assert [statement.lower() for statement in told].count(
        "commit"
    ) <= 3  # with tracing, and the work that kept it busy
    await store.close()


async def test_one_bad_piece_of_work_does_not_spoil_its_batch(tmp_path: Path) -> None:
    def half(db: sqlite3.Connection) -> None:
        db.execute("insert into person default values")
        db.execute("nonsense")

    def bug(db: sqlite3.Connection) -> None:
        db.execute("insert into person default values")
        raise ZeroDivisionError

    store = await opened(tmp_path)
    with busy_writer(store):
        works = [store.accept(message("早", "1")), store.writer.do(half), store.writer.do(bug), store.accept(message("晚", "2"))]  # fmt: skip
        calls = [asyncio.ensure_future(work) for work in works]
        await asyncio.sleep(0)
    one, broken, bad, two = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(broken, StoreError)
    assert not isinstance(broken, Full)
    assert isinstance(bad, ZeroDivisionError)
    assert not isinstance(one, BaseException)
    assert not isinstance(two, BaseException)
    assert len(await store.history(ROOM)) == 2
    assert await store.reader.do(lambda db: db.execute("select count(*) from person").fetchone()) == (1,)
    await store.close()


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.close()
    with pytest.raises(StoreError):
        await store.accept(message("早"))


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


async def test_a_limit_of_file_sizes_is_a_full_disk_too(tmp_path: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LIMITED, str(tmp_path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    said, _ = await soon(child.communicate(), 60)
    assert said.decode().split() == ["Full", "Full", "history", "recovered", "kept"]


async def test_somebody_elses_lock_is_no_end(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.writer.do(lambda db: db.execute("pragma busy_timeout = 500").fetchall())
    await store.accept(message("早", "1"))
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("begin immediate")
        calls = [store.accept(message("晚", f"x{n}")) for n in range(100)]
        refused = await soon(asyncio.gather(*calls, return_exceptions=True))  # not half a second for each of them
        assert {type(each) for each in refused} == {Full}
        assert "锁" in str(refused[0])
        assert len(await store.history(ROOM)) == 1
        assert await store.own(ROOM, "page", "lee")
        other.execute("rollback")
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


async def test_what_cannot_be_a_folder_or_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="file"):
        await opened(tmp_path / "file")
    (tmp_path / "folder" / FILE).mkdir(parents=True)
    with pytest.raises(StoreError, match="权限"):
        await opened(tmp_path / "folder")


async def test_a_letter_is_no_database(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("this is no database, it is a letter" * 100)
    with pytest.raises(StoreError, match="备份") as refused:
        await opened(tmp_path)
    assert str(tmp_path / FILE) in str(refused.value)
    assert (tmp_path / FILE).read_text().startswith("this")


@contextmanager
def nobody() -> Generator[None]:
    """Without the superuser's rights, whom no permission stops."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


async def test_a_folder_that_may_not_be_written_is_told() -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folder is shut to others
        folder = Path(name)
        await (await opened(folder)).close()
        (folder / FILE).chmod(0o444)
        folder.chmod(0o555)
        with nobody(), pytest.raises(StoreError, match="权限") as refused:
            await opened(folder)
        folder.chmod(0o755)
    assert not isinstance(refused.value, Full)


async def test_what_is_hers_is_not_for_others_to_read(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.accept(message("早"))
    await store.keep(ROOM, b"picture", "image/jpeg")
    open_to_others = [path.name for path in tmp_path.iterdir() if path.name != "lock" and path.stat().st_mode & 0o077]
    assert open_to_others == []
    await store.close()


async def test_an_older_database_is_copied_then_migrated(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.accept(message("早"))
    await store.close()
    steps = [*sqlite.migrations(), "alter table user add column nickname text not null default ''"]
    store = await sqlite.open(Data(dir=tmp_path), steps)
    assert len(await store.history(ROOM)) == 1
    assert await store.reader.do(lambda db: db.execute("select nickname from user").fetchone()) == ("",)
    await store.close()
    with sqlite3.connect(tmp_path / f"{FILE}.v{len(sqlite.migrations())}") as old:
        assert old.execute("pragma user_version").fetchone() == (len(sqlite.migrations()),)
        assert old.execute("select count(*) from entry").fetchone() == (1,)
    old.close()
    with pytest.raises(StoreError, match="git pull") as refused:
        await opened(tmp_path)
    assert str(len(steps)) in str(refused.value)
    assert str(len(steps) - 1) in str(refused.value)


async def test_the_first_copy_of_a_version_stays(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    (tmp_path / f"{FILE}.v2").write_text("the first copy")
    steps = [*sqlite.migrations(), "create table more (x)"]
    await (await sqlite.open(Data(dir=tmp_path), steps)).close()
    assert (tmp_path / f"{FILE}.v2").read_text() == "the first copy"


async def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    with pytest.raises(StoreError):
        await sqlite.open(Data(dir=tmp_path), [*sqlite.migrations(), "create table half (x); nonsense"])
    store = await opened(tmp_path)
    assert await store.reader.do(lambda db: db.execute("select count(*) from sqlite_master where name = 'half'").fetchone()) == (0,)  # fmt: skip
    await store.close()


async def test_files_without_a_row_are_swept_at_the_start(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.own(ROOM, "page", "lee")
    hash = await store.keep(ROOM, b"kept", "image/jpeg")
    await store.close()
    (tmp_path / "media" / ("0" * 64)).write_bytes(b"left behind")
    (tmp_path / "media" / ".draft").write_bytes(b"half wri")
    store = await opened(tmp_path)
    assert [path.name for path in (tmp_path / "media").iterdir()] == [hash]
    await store.close()


async def test_a_file_dropped_while_its_row_is_on_the_way_is_written_again(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await store.own(ROOM, "page", "lee")
    with busy_writer(store):
        keeping = asyncio.create_task(store.keep(ROOM, b"picture", "image/jpeg"))
        async with asyncio.timeout(10):
            while store.writer.queue.empty():
                await asyncio.sleep(0.001)
        store.files.drop(hashed(b"picture"))  # as another's forgetting might
    assert await store.media(ROOM, await keeping) == ("image/jpeg", b"picture")
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
    await store.accept(message("早"))
    hash = await store.keep(ROOM, b"picture", "image/jpeg")
    (tmp_path / "data" / "persona" / "mia").mkdir(parents=True)
    (tmp_path / "data" / "persona" / "mia" / "lock").write_text("kept, too")
    for left_out in ("lock", "zhiyin.db.v0"):
        (tmp_path / "data" / left_out).write_text("")
    await asyncio.to_thread(sqlite.backup, tmp_path / "data", tmp_path / "copy")
    assert {path.name for path in (tmp_path / "copy").iterdir()} == {FILE, "media", "persona"}
    assert (tmp_path / "copy" / "persona" / "mia" / "lock").read_text() == "kept, too"
    await store.accept(message("备份之后", "2"))
    copy = await opened(tmp_path / "copy")
    assert [e.text for e in await copy.history(ROOM)] == ["早"]
    assert await copy.media(ROOM, hash)
    await copy.close()
    (tmp_path / "copy" / f"{FILE}-wal").write_bytes(b"of the copy before")
    await asyncio.to_thread(sqlite.backup, tmp_path / "data", tmp_path / "copy")
    assert {path.name for path in (tmp_path / "copy").iterdir()} == {FILE, "media", "persona"}
    await store.close()
    copy = await opened(tmp_path / "copy")
    assert [e.text for e in await copy.history(ROOM)] == ["早", "备份之后"]
    await copy.close()


async def test_backups_within_the_data_folder_do_not_copy_themselves(tmp_path: Path) -> None:
    await (await opened(tmp_path)).close()
    for target in ("backups/one", "backups/two", "mine", "mine"):
        sqlite.backup(tmp_path, tmp_path / target)
        assert {path.name for path in (tmp_path / target).iterdir()} == {FILE}
    with pytest.raises(StoreError, match="没有数据"):
        sqlite.backup(tmp_path / "nothing", tmp_path / "copy")


SCANS = ("entry_waiting", "delivery_waiting", "conversation_claimed", "media_sound", "media_total", "CONSTANT ROW")
"""What may be read from end to end: it is small, or only its beginning is looked at."""


async def test_no_query_grows_with_the_history(tmp_path: Path) -> None:
    store = await opened(tmp_path, max_gb=1e-6)
    told = await traced(store)
    await store.own(ROOM, "page", "lee")
    await store.accept(message("早"))
    await store.waiting()
    claim = await store.claim(ROOM)
    assert claim
    await store.release(await store.extend(claim))
    claim = await store.claim(ROOM)
    assert claim
    entry = await store.finish(claim, Reply(State.ANSWERED, (Text("早呀"),), 1.0, deliveries=(Text("早呀"),)))
    assert entry
    await store.note(ROOM, "", "提醒", turn="t", at=1.0, deliver=True)
    await store.deliveries(ROOM)
    await store.receipt(Receipt(f"{claim.turn}/0", delivered=True))
    await store.undelivered()
    await store.instead("t/note4", [Text("一"), Text("二")])
    await store.unpack(ROOM, 1, [Text("早")])
    await store.remember("page", "cursor", "1")
    await store.remember("page", "cursor", "")
    await store.recall("page", "cursor")
    await store.recollect("page", "c")
    await store.invite("code", ROOM, 1.0)
    await store.redeem("code", "page", "guest", 0.0)
    await store.own(ROOM, "page", "guest")
    await store.own("wechat:x", "page", "guest")
    await store.revoke(ROOM)
    await store.history(ROOM, limit=5)
    await store.entry(ROOM, 1)
    await store.heard(ROOM, claim.turn, 1)
    await store.amend(ROOM, claim.turn, detail={})
    await store.rate(ROOM, entry.number, 1)
    await store.said_since("page", "lee", 0.0)
    await store.conversations("page", "lee")
    for number in range(3):
        await store.keep_line(ROOM, f"{number}", SpokenLine(f"{number}".encode() * 400, {}))
    hash = await store.keep(ROOM, b"picture", "image/jpeg")
    await store.media(ROOM, hash)
    await store.line(ROOM, "2")
    await store.accept(replace(message("看", "2", chat="group"), group=True, parts=(Picture(hash, "image/jpeg"),)))
    await store.forget("page", "lee")
    queries = {each for each in told if each.split()[0].lower() in ("select", "insert", "update", "delete")}
    assert len(queries) > 50
    for query in queries:
        plan = await store.reader.do(lambda db, q=query: [row[3] for row in db.execute(f"explain query plan {q}")])
        slow = [step for step in plan if step.startswith("SCAN") and not any(name in step for name in SCANS)]
        assert slow == [], query
    await store.close()


async def test_claims_are_given_back_without_reading_everything(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    plan = await store.reader.do(lambda db: [row[3] for row in db.execute(f"explain query plan {_database.GIVE_BACK}")])
    assert [step for step in plan if step.startswith("SCAN") and "conversation_claimed" not in step] == []
    await store.close()
