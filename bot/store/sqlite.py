"""SQLite as the store: one file, one writer whose waiting work shares its commits, media as files by hash."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.message import Author, Delivery, Entry, Message, Part, Receipt, State, Text
from bot.settings import Data
from bot.store import Accepted, Claim, Full, Reply, SpokenLine, StoreError, _parts, _work
from bot.store._bell import Bell, Ear
from bot.store._media import Files
from bot.store._writer import Worker, translated

FILE = "zhiyin.db"
BUSY_S = 5.0
"""Seconds to wait for somebody else's lock."""
LEFT_OUT = ("zhiyin.db*", "lock", "zhiyin.sock", "backups")
"""What a backup does not copy as it is."""
MEND = "可以从备份恢复：把备份里的文件拷回数据目录。 / Restore it from a backup: copy the backup's files into the data folder."


def migrations() -> Sequence[str]:
    """The SQL that takes a database from each version to the next."""
    return [(Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")]


async def open(data: Data, steps: Sequence[str] | None = None) -> "SqliteStore":
    """The store in the data folder, made or migrated as needed. Raises StoreError with what to do."""
    return await asyncio.to_thread(_opened, data, migrations() if steps is None else steps)


def _opened(data: Data, steps: Sequence[str]) -> "SqliteStore":
    path = data.dir / FILE
    try:
        data.dir.mkdir(parents=True, exist_ok=True)
        db = _connect(path, data.synchronous)
        try:
            _check(db, path)
            _migrate(db, path, steps)
            db.execute("update entry set state = 'received' where state = 'claimed'")
            db.execute("update conversation set turn = '' where turn <> ''")
            files = Files(data.dir / "media", sync=data.synchronous == "full")
            files.sweep({hash for (hash,) in db.execute("select hash from media")})
            (size,) = db.execute("select coalesce(sum(size), 0) from media").fetchone()
        finally:
            db.close()
    except sqlite3.Error as error:
        raise StoreError(f"{path} 打不开 / cannot be opened: {error}。{MEND}") from error
    except OSError as error:
        raise StoreError(f"{path} 打不开 / cannot be opened: {error.strerror}") from error
    return SqliteStore(path, data, files, size)


def _connect(path: Path, synchronous: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    db.execute("pragma journal_mode = wal")
    db.execute(f"pragma synchronous = {synchronous}")
    db.execute("pragma secure_delete = on")  # what a user deletes is gone from the file too
    db.execute("pragma foreign_keys = on")
    return db


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Corruption shows only on read: look for it before anything relies on the file."""
    (word,) = db.execute("pragma quick_check(1)").fetchone()
    if word != "ok":
        raise StoreError(f"{path} 坏了 / is corrupt: {word}。{MEND}")


def _migrate(db: sqlite3.Connection, path: Path, steps: Sequence[str]) -> None:
    (version,) = db.execute("pragma user_version").fetchone()
    if version > len(steps):
        raise StoreError(
            f"{path} 的版本是 {version}，这个程序只认到 {len(steps)}：请更新程序（git pull），或换一个 data.dir。 / "
            f"{path} has version {version}, this program knows {len(steps)}: update it (git pull), or set another data.dir."
        )
    if 0 < version < len(steps):
        _copy(db, path.with_name(f"{FILE}.v{version}"))
    for number, step in enumerate(steps[version:], version + 1):
        db.executescript(f"begin immediate; {step}; pragma user_version = {number}; commit;")


def _copy(db: sqlite3.Connection, target: Path) -> None:
    """A consistent copy; one that is there already is the older and stays."""
    if not target.exists():
        copy = sqlite3.connect(target)
        db.backup(copy)
        copy.close()


def backup(data: Path, target: Path) -> None:
    """Copy the data folder, while she runs or not. Raises StoreError and OSError."""
    if not (data / FILE).exists():
        raise StoreError(f"{data} 里还没有数据 / there is nothing in it yet")
    shutil.copytree(data, target, ignore=shutil.ignore_patterns(*LEFT_OUT), dirs_exist_ok=True)
    try:
        db = sqlite3.connect(f"{(data / FILE).absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
        _copy(db, target / FILE)
        db.close()
    except sqlite3.Error as error:
        raise translated(error) from error


class SqliteStore:
    """Keeps everything in one database file and a folder of media."""

    def __init__(self, path: Path, data: Data, files: Files, size: int) -> None:
        def connect() -> sqlite3.Connection:
            return _connect(path, data.synchronous)

        self.files, self.cap, self.size = files, data.max_gb * 2**30, size
        self.writer = Worker(connect, "store-writer", writes=True)
        self.reader = Worker(connect, "store-reader", writes=False)
        self.messages, self.outgoing = Bell(), Bell()

    async def close(self) -> None:
        """Finish what was begun and let go."""
        await self.reader.close()
        await self.writer.close()

    def arrivals(self) -> Ear:
        """Conversations as messages for an answer arrive in them."""
        return self.messages.listen()

    def departures(self) -> Ear:
        """Channel names as deliveries for them arrive."""
        return self.outgoing.listen()

    # Messages

    async def accept(self, message: Message, state: State = State.RECEIVED) -> Accepted:
        """Write a message down, once per (channel, id)."""
        state = state if message.addressed else State.UNADDRESSED
        accepted = await self.writer.do(lambda db: _work.accept(db, message, state))
        if accepted.fresh and state is State.RECEIVED:
            self.messages.ring(message.conversation)
        return accepted

    async def note(self, conversation: str, door: str, text: str, *, turn: str, at: float, deliver: bool) -> Entry:
        """Write down a line of the system, with a delivery where asked."""

        def work(db: sqlite3.Connection) -> Entry:
            parts: tuple[Part, ...] = (Text(text),)
            entry = _work.add(db, conversation, door, Author.SYSTEM, State.ANSWERED, parts, at, turn=turn)
            if deliver:
                _work.deliver(db, conversation, entry.door, [(f"{turn}/note{entry.number}", parts[0])])
            return entry

        entry = await self.writer.do(work)
        if deliver:
            self.outgoing.ring(_work.channel_of(conversation, door))
        return entry

    async def waiting(self) -> list[str]:
        """Conversations with messages to answer and no claim on them."""
        sql = """select conversation.id from conversation where turn = '' and exists (
            select 1 from entry where entry.conversation = conversation.id and state = 'received')
            order by conversation.number"""
        return await self.reader.do(lambda db: [id for (id,) in db.execute(sql)])

    async def claim(self, conversation: str, *, merge: bool = True) -> Claim | None:
        """Claim the oldest unanswered messages."""
        return await self.writer.do(lambda db: _work.claim(db, conversation, merge))

    async def extend(self, claim: Claim) -> Claim:
        """The claim with what came since."""
        return await self.writer.do(lambda db: _work.extend(db, claim))

    async def release(self, claim: Claim) -> None:
        """Give the messages back."""

        def work(db: sqlite3.Connection) -> None:
            if _work.holds(db, claim):
                db.execute("update entry set state = 'received', turn = '' where turn = ? and state = 'claimed'", (claim.turn,))  # fmt: skip
                db.execute("update conversation set turn = '' where id = ?", (claim.conversation,))

        await self.writer.do(work)
        self.messages.ring(claim.conversation)

    async def finish(self, claim: Claim, reply: Reply) -> Entry | None:
        """Write the reply, the states and the deliveries in one transaction."""
        entry = await self.writer.do(lambda db: _work.finish(db, claim, reply))
        if reply.deliveries:
            self.outgoing.ring(_work.channel_of(claim.conversation, claim.entries[0].door))
        return entry

    async def history(self, conversation: str, *, before: int | None = None, limit: int = 50) -> list[Entry]:
        """The newest entries, oldest first."""
        sql = f"select {_work.ENTRY} from entry where conversation = ? and number < ? order by number desc limit ?"
        values = conversation, before or 2**62, limit
        return await self.reader.do(lambda db: [_work.as_entry(row) for row in db.execute(sql, values)][::-1])

    async def entry(self, conversation: str, number: int) -> Entry | None:
        """One entry of the conversation."""
        sql = f"select {_work.ENTRY} from entry where number = ? and conversation = ?"
        return await self.reader.do(lambda db: _work.first(db, sql, (number, conversation)))

    async def heard(self, conversation: str, turn: str, characters: int) -> None:
        """Amend how much of a reply was heard or seen."""
        sql = """update entry set heard = max(coalesce(heard, 0), ?)
            where turn = ? and conversation = ? and author = 'persona'"""
        await self.writer.do(lambda db: db.execute(sql, (characters, turn, conversation)) and None)

    async def amend(
        self, conversation: str, turn: str, *, detail: Mapping[str, Any] | None = None, state: State | None = None
    ) -> Entry | None:
        """Add to what is known of a finished reply."""

        def work(db: sqlite3.Connection) -> Entry | None:
            find = f"select {_work.ENTRY} from entry where turn = ? and conversation = ? and author = 'persona'"
            entry = _work.first(db, find, (turn, conversation))
            if entry:
                values = _work.as_json({**entry.detail, **(detail or {})}), (state or entry.state).value, entry.number
                db.execute("update entry set detail = ?, state = ? where number = ?", values)
                entry = _work.first(db, find, (turn, conversation))
            return entry

        return await self.writer.do(work)

    async def rate(self, conversation: str, number: int, rating: int) -> bool:
        """Like, dislike or neither a reply."""
        sql = "update entry set rating = ? where number = ? and conversation = ? and author = 'persona'"
        return await self.writer.do(lambda db: db.execute(sql, (rating, number, conversation)).rowcount > 0)

    # Users

    async def said_since(self, channel: str, sender: str, since: float) -> int:
        """How many messages a user sent since."""
        sql = "select count(*) from entry where author = 'user' and channel = ? and sender = ? and at >= ?"
        return await self.reader.do(lambda db: db.execute(sql, (channel, sender, since)).fetchone()[0])

    async def own(self, conversation: str, channel: str, sender: str) -> bool:
        """Whether the conversation is this user's; a new one of that channel becomes theirs."""

        def work(db: sqlite3.Connection) -> bool:
            row = db.execute("select owner from conversation where id = ?", (conversation,)).fetchone()
            if row is None and conversation.startswith(f"{channel}:"):
                _work.meet(db, channel, sender, conversation, owner=sender)
                return True
            return row is not None and row[0] == sender and conversation.startswith(f"{channel}:")

        return await self.writer.do(work)

    async def conversations(self, channel: str, sender: str) -> list[str]:
        """The user's conversations, newest first."""
        sql = "select id from conversation where channel = ? and owner = ? order by number desc"
        return await self.reader.do(lambda db: [id for (id,) in db.execute(sql, (channel, sender))])

    async def forget(self, channel: str, sender: str) -> None:
        """Delete a user with all that is theirs alone."""
        gone = await self.writer.do(lambda db: _work.forget(db, channel, sender))
        await asyncio.to_thread(lambda: [self.files.drop(hash) for hash, _ in gone])
        self.size -= sum(size for _, size in gone)
        await self.reader.do(lambda db: db.execute("pragma wal_checkpoint(truncate)").fetchall() and None)

    # Deliveries

    async def deliveries(self, channel: str, *, limit: int = 100) -> list[Delivery]:
        """Unsent deliveries of a channel, in order."""
        sql = """select key, conversation, door, part, attempts from delivery
            where channel = ? and delivered = 0 order by number limit ?"""

        def work(db: sqlite3.Connection) -> list[Delivery]:
            rows = db.execute(sql, (channel, limit))
            return [Delivery(key, conversation, door, _parts.loaded(part)[0], attempts) for key, conversation, door, part, attempts in rows]  # fmt: skip

        return await self.reader.do(work)

    async def receipt(self, receipt: Receipt) -> None:
        """Write down what became of a delivery."""
        sql = "update delivery set delivered = ?, detail = ?, attempts = attempts + 1 where key = ? and delivered = 0"
        values = int(receipt.delivered), receipt.detail, receipt.key
        await self.writer.do(lambda db: db.execute(sql, values) and None)

    # Media

    async def keep(self, conversation: str, data: bytes, type: str) -> str:
        """Keep bytes by their hash for the conversation."""
        hash = await self._room(data)
        await self._row(hash, data, lambda db: _work.kept(db, conversation, hash, type, len(data)))
        return hash

    async def media(self, conversation: str, hash: str) -> tuple[str, bytes] | None:
        """(MIME type, bytes), None unless they belong to the conversation."""
        sql = "select type from media join media_use using (hash) where conversation = ? and hash = ?"
        row = await self.reader.do(lambda db: db.execute(sql, (conversation, hash)).fetchone())
        data = await asyncio.to_thread(self.files.read, hash) if row else None
        return (row[0], data) if data is not None else None

    async def line(self, conversation: str, key: str) -> SpokenLine | None:
        """A line spoken before; its sound belongs to this conversation too from now on."""
        find = "select hash, detail from line where key = ?"
        row = await self.reader.do(lambda db: db.execute(find, (key,)).fetchone())
        data = await asyncio.to_thread(self.files.read, row[0]) if row else None
        if data is None:
            return None
        await self.writer.do(lambda db: _work.use(db, conversation, row[0]))
        return SpokenLine(data, json.loads(row[1]))

    async def keep_line(self, conversation: str, key: str, line: SpokenLine) -> str:
        """Keep a spoken line to be found by its key."""
        hash = await self._room(line.mp3)

        def work(db: sqlite3.Connection) -> int:
            size = _work.kept(db, conversation, hash, "audio/mpeg", len(line.mp3))
            db.execute("insert or replace into line (key, hash, detail) values (?, ?, ?)", (key, hash, _work.as_json(line.detail)))  # fmt: skip
            return size

        await self._row(hash, line.mp3, work)
        return hash

    async def _room(self, data: bytes) -> str:
        """Write a file, after old sounds made room for it."""
        over = self.size + len(data) - self.cap
        if over > 0:
            gone = await self.writer.do(lambda db: _work.evicted(db, over))
            await asyncio.to_thread(lambda: [self.files.drop(hash) for hash, _ in gone])
            self.size -= sum(size for _, size in gone)
            if self.size + len(data) > self.cap:
                raise Full("data.max_gb")
        return await asyncio.to_thread(self.files.write, data)

    async def _row(self, hash: str, data: bytes, work: Callable[[sqlite3.Connection], int]) -> None:
        """Write down a file; should it have been dropped meanwhile it is written again."""
        self.size += await self.writer.do(work)
        await asyncio.to_thread(self.files.write, data)
