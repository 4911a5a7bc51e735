"""SQLite as the store: one file, one writer whose waiting work shares its commits, media as files by hash."""

import asyncio
import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from bot.message import Author, Delivery, Entry, Message, Part, Receipt, State, Text
from bot.settings import Data
from bot.store import Accepted, Claim, Full, Reply, SpokenLine, StoreError, _database, _links, _media, _parts, _work
from bot.store._bell import Bell, Ear
from bot.store._database import backup, migrations
from bot.store._faults import FILE, translated
from bot.store._files import Files, hashed
from bot.store._records import Records
from bot.store._writer import Worker

__all__ = ["SqliteStore", "backup", "look", "migrations", "open"]


async def open(data: Data, steps: Sequence[str] | None = None) -> "SqliteStore":
    """The store in the data folder, made or migrated as needed. Raises StoreError with what to do."""
    return await asyncio.to_thread(_opened, data, migrations() if steps is None else steps)


def _opened(data: Data, steps: Sequence[str]) -> "SqliteStore":
    path, files = data.dir / FILE, Files(data.dir / "media", sync=data.synchronous == "full")
    try:
        with ExitStack() as undo:
            db = _database.opened(path, data.synchronous, steps)
            undo.callback(db.close)
            files.sweep({hash for (hash,) in db.execute("select hash from media")})
            second = _database.connect(path, data.synchronous)
            undo.pop_all()
    except sqlite3.Error as error:
        raise translated(error, path) from error
    except OSError as error:
        why = f"{error.filename}: {error.strerror}"
        raise StoreError(f"数据目录用不了：{why}。\nThe data folder cannot be used: {why}.") from error
    return SqliteStore(db, second, files, data.max_gb * 1e9)


async def look(data: Data) -> "SqliteStore":
    """The store to be read only, while another process may serve from it. Raises StoreError."""
    path = data.dir / FILE

    def opened() -> "SqliteStore":
        uri = f"{path.absolute().as_uri()}?mode=ro"
        try:
            first, second = (
                sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False) for _ in range(2)
            )
            first.execute("select 1 from record limit 1").fetchone()
        except sqlite3.Error as error:
            raise translated(error, path) from error
        return SqliteStore(first, second, Files(data.dir / "media", sync=False), 0.0)

    if not path.is_file():
        raise StoreError(f"{data.dir} 里还没有数据。\nThere is nothing in {data.dir} yet.")
    return await asyncio.to_thread(opened)


class SqliteStore(Records):
    """Keeps everything in one database file and a folder of media."""

    def __init__(self, db: sqlite3.Connection, second: sqlite3.Connection, files: Files, cap: float) -> None:
        self.files, self.cap = files, cap
        self.writer = Worker(db, "store-writer", writes=True)
        self.reader = Worker(second, "store-reader", writes=False)
        self.messages, self.outgoing = Bell(), Bell()
        self.wanted: dict[str, float] = {}
        """When media was read since anything was kept (Unix seconds): not the next to make room."""

    async def close(self) -> None:
        """Finish what was begun and let go."""
        await self.reader.close()
        await self.writer.close()

    def arrivals(self) -> Ear:
        """Conversations as messages for an answer arrive in them."""
        return self.messages.listen()

    def departures(self) -> Ear:
        """Conversations as deliveries are planned in them."""
        return self.outgoing.listen()

    # Messages

    async def accept(self, message: Message, state: State = State.RECEIVED) -> Accepted:
        """Write a message down, once per (channel, id)."""
        state = state if message.addressed else State.UNADDRESSED

        def ring(accepted: Accepted) -> None:
            if accepted.fresh and state is State.RECEIVED:
                self.messages.ring(message.conversation)

        return await self.writer.do(lambda db: _work.accept(db, message, state), tell=ring)

    async def note(self, conversation: str, door: str, text: str, *, turn: str, at: float, deliver: bool) -> Entry:
        """Write down a line of the system, with a delivery where asked."""

        def work(db: sqlite3.Connection) -> Entry:
            parts: tuple[Part, ...] = (Text(text),)
            entry = _work.add(db, conversation, door, Author.SYSTEM, State.ANSWERED, parts, at, turn=turn)
            if deliver:
                _work.deliver(db, conversation, entry.door, [(f"{turn}/note{entry.number}", parts[0])])
            return entry

        def ring(entry: Entry) -> None:
            if deliver:
                self.outgoing.ring(conversation)

        return await self.writer.do(work, tell=ring)

    async def waiting(self) -> list[str]:
        """Conversations with messages to answer and no claim on them."""
        sql = """select entry.conversation from entry join conversation on conversation.id = entry.conversation
            where entry.state = 'received' and conversation.turn = ''
            group by entry.conversation order by min(entry.number)"""
        return await self.reader.do(lambda db: [id for (id,) in db.execute(sql)])

    async def claim(self, conversation: str, *, merge: bool = True) -> Claim | None:
        """Claim the oldest unanswered messages."""
        return await self.writer.do(lambda db: _work.claim(db, conversation, merge))

    async def extend(self, claim: Claim) -> Claim:
        """The claim with what came since."""
        return await self.writer.do(lambda db: _work.extend(db, claim))

    async def release(self, claim: Claim) -> None:
        """Give the messages back."""

        def ring(stood: bool) -> None:
            if stood:
                self.messages.ring(claim.conversation)

        await self.writer.do(lambda db: _work.release(db, claim), tell=ring)

    async def finish(self, claim: Claim, reply: Reply) -> Entry | None:
        """Write the reply, the states and the deliveries in one transaction."""

        def ring(entry: Entry | None) -> None:
            if reply.deliveries:
                self.outgoing.ring(claim.conversation)

        return await self.writer.do(lambda db: _work.finish(db, claim, reply), tell=ring)

    async def history(self, conversation: str, *, before: int | None = None, limit: int = 50) -> list[Entry]:
        """The newest entries, oldest first."""
        sql = f"select {_work.ENTRY} from entry where conversation = ? and number < ? order by number desc limit ?"
        values = conversation, 2**62 if before is None else before, limit
        return await self.reader.do(lambda db: [_work.as_entry(row) for row in db.execute(sql, values)][::-1])

    async def entry(self, conversation: str, number: int) -> Entry | None:
        """One entry of the conversation."""
        sql = f"select {_work.ENTRY} from entry where number = ? and conversation = ?"
        return await self.reader.do(lambda db: _work.first(db, sql, (number, conversation)))

    async def unpack(self, conversation: str, number: int, parts: Sequence[Part]) -> Entry | None:
        """Put in an entry's parts what became of its attachments."""
        return await self.writer.do(lambda db: _work.unpack(db, conversation, number, parts))

    async def heard(self, conversation: str, turn: str, characters: int) -> None:
        """Amend how much of a reply was heard or seen."""
        sql = """update entry set heard = max(coalesce(heard, 0), ?)
            where turn = ? and conversation = ? and author = 'persona'"""
        await self.writer.do(lambda db: db.execute(sql, (characters, turn, conversation)) and None)

    async def amend(
        self, conversation: str, turn: str, *, detail: Mapping[str, Any] | None = None, state: State | None = None
    ) -> Entry | None:
        """Add to what is known of a finished reply."""
        return await self.writer.do(lambda db: _work.amend(db, conversation, turn, detail or {}, state))

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
        """Whether the conversation is this user's, or a link led them in; a new one of that channel becomes theirs."""
        if not conversation.startswith(f"{channel}:"):
            return await self.reader.do(lambda db: _links.invited(db, conversation, channel, sender))
        sql = "select owner from conversation where id = ?"

        def work(db: sqlite3.Connection) -> str | None:
            _work.meet(db, channel, sender, conversation, owner=sender)
            return db.execute(sql, (conversation,)).fetchone()[0]

        known = await self.reader.do(lambda db: db.execute(sql, (conversation,)).fetchone())
        return (known[0] if known else await self.writer.do(work)) == sender

    async def conversations(self, channel: str, sender: str) -> list[str]:
        """The user's conversations, those a link led into first."""
        sql = """select conversation from guest where channel = ? and sender = ? union all
            select id from (select id from conversation where channel = ? and owner = ? order by number desc)"""
        values = channel, sender, channel, sender
        return await self.reader.do(lambda db: [id for (id,) in db.execute(sql, values)])

    async def forget(self, channel: str, sender: str) -> None:
        """Delete a user with all that is theirs alone."""
        await self.writer.do(lambda db: _work.forget(db, channel, sender), after=self._unlink)
        # Now nobody reads an older state: the log of writes is emptied, and with it the last copy of their words.
        await self.reader.do(lambda db: db.execute("pragma wal_checkpoint(truncate)").fetchall())

    # Second doors

    async def invite(self, code: str, conversation: str, until: float) -> None:
        """Write down that whoever brings the code may come in, once."""
        await self.writer.do(lambda db: _links.invite(db, code, conversation, until))

    async def redeem(self, code: str, channel: str, sender: str, now: float) -> str | None:
        """The conversation a user may come into by a code."""
        return await self.writer.do(lambda db: _links.redeem(db, code, channel, sender, now))

    async def revoke(self, conversation: str) -> int:
        """Make all codes void and show out who came in by one."""
        return await self.writer.do(lambda db: _links.revoke(db, conversation))

    # What channels remember

    async def recall(self, channel: str, key: str) -> str:
        """What a channel remembered."""
        sql = "select value from memo where channel = ? and key = ?"
        row = await self.reader.do(lambda db: db.execute(sql, (channel, key)).fetchone())
        return row[0] if row else ""

    async def remember(self, channel: str, key: str, value: str) -> None:
        """Remember for a channel, or forget."""
        sql = (
            "insert or replace into memo values (?, ?, ?)"
            if value
            else "delete from memo where channel = ? and key = ?"
        )
        values = (channel, key, value) if value else (channel, key)
        await self.writer.do(lambda db: db.execute(sql, values) and None)

    async def recollect(self, channel: str, prefix: str) -> dict[str, str]:
        """All a channel remembered under keys that begin so."""
        sql = "select key, value from memo where channel = ? and substr(key, 1, length(?)) = ? order by key"
        return await self.reader.do(lambda db: dict(db.execute(sql, (channel, prefix, prefix)).fetchall()))

    # Deliveries

    async def undelivered(self) -> list[str]:
        """Conversations with deliveries to be sent."""
        sql = "select conversation from delivery where delivered = 0 group by conversation order by min(number)"
        return await self.reader.do(lambda db: [id for (id,) in db.execute(sql)])

    async def deliveries(self, conversation: str, *, limit: int = 100) -> list[Delivery]:
        """Unsent deliveries of a conversation, in order."""
        sql = """select key, door, part, attempts from delivery
            where conversation = ? and delivered = 0 order by number limit ?"""

        def work(db: sqlite3.Connection) -> list[Delivery]:
            rows = db.execute(sql, (conversation, limit))
            return [Delivery(key, conversation, door, _parts.loaded(part)[0], attempts) for key, door, part, attempts in rows]  # fmt: skip

        return await self.reader.do(work)

    async def receipt(self, receipt: Receipt) -> None:
        """Write down what became of a delivery."""
        sql = "update delivery set delivered = ?, detail = ?, attempts = attempts + ? where key = ? and delivered = 0"
        values = (
            1 if receipt.delivered else 2 if receipt.hopeless else 0,
            receipt.detail,
            not receipt.waits,
            receipt.key,
        )
        await self.writer.do(lambda db: db.execute(sql, values) and None)

    async def instead(self, key: str, parts: Sequence[Part]) -> None:
        """Plan deliveries in place of an unsent one."""
        await self.writer.do(lambda db: _work.instead(db, key, parts))

    # Media

    async def keep(self, conversation: str, data: bytes, type: str) -> str:
        """Keep bytes by their hash for the conversation; for one that is not there nothing is kept."""
        return await self._keep(conversation, data, type)

    async def media(self, conversation: str, hash: str) -> tuple[str, bytes] | None:
        """(MIME type, bytes), None unless they belong to the conversation."""
        sql = "select type from media join media_use using (hash) where conversation = ? and hash = ?"
        row = await self.reader.do(lambda db: db.execute(sql, (conversation, hash)).fetchone())
        data = await asyncio.to_thread(self.files.read, hash) if row else None
        if data is None:
            return None
        self.wanted[hash] = time.time()
        return row[0], data

    async def line(self, conversation: str, key: str) -> SpokenLine | None:
        """A line spoken before; its sound belongs to this conversation too from now on."""
        find = """select hash, detail, exists (select 1 from media_use where conversation = ? and hash = line.hash)
            from line where key = ?"""
        row = await self.reader.do(lambda db: db.execute(find, (conversation, key)).fetchone())
        data = await asyncio.to_thread(self.files.read, row[0]) if row else None
        if data is None:
            return None
        hash, detail, used = row
        self.wanted[hash] = time.time()
        try:
            if not used:
                await self.writer.do(lambda db: _media.known(db, conversation) and _media.use(db, conversation, hash))
        except Full:  # a sound that cannot be theirs had better be made anew
            return None
        return SpokenLine(data, json.loads(detail))

    async def keep_line(self, conversation: str, key: str, line: SpokenLine) -> str:
        """Keep a spoken line to be found by its key."""
        return await self._keep(conversation, line.mp3, "audio/mpeg", (key, _parts.as_json(line.detail)))

    async def _keep(self, conversation: str, data: bytes, type: str, line: tuple[str, str] | None = None) -> str:
        """Write a file, then its rows: a file without a row is swept, a row without a file would be a lie."""
        hash = await asyncio.to_thread(hashed, data)
        await asyncio.to_thread(self.files.write, hash, data)
        wanted, self.wanted = self.wanted, {}

        def work(db: sqlite3.Connection) -> list[str]:
            for each, at in wanted.items():
                _media.touch(db, each, at)
            if not _media.known(db, conversation):
                return [hash]
            gone = _media.keep(db, conversation, hash, type, len(data), self.cap)
            if line:
                sql = "insert or replace into line (key, hash, detail) values (?, ?, ?)"
                db.execute(sql, (line[0], hash, line[1]))
            self.files.write(hash, data)  # unless somebody dropped it meanwhile, it is there
            return gone

        try:
            await self.writer.do(work, after=self._unlink)
        except Full:
            self.wanted = {**wanted, **self.wanted}
            await self.writer.do(lambda db: self._unlink(db, [hash]))
            raise
        return hash

    def _unlink(self, db: sqlite3.Connection, gone: Sequence[str]) -> None:
        """Delete the files of media that has no row; on the writer's thread, so that none comes meanwhile."""
        for hash in gone:
            if not db.execute("select 1 from media where hash = ?", (hash,)).fetchone():
                self.files.drop(hash)
