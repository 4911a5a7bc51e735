"""Records within SQLite: whatever is kept as JSON by kind and id; and who is one person with whom."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from bot.store import Record, _links, _parts
from bot.store._writer import Worker

RECORD = "kind, id, owner, at, value"


class Records:
    """The part of a SQLite store that keeps records."""

    reader: Worker
    writer: Worker

    async def put(self, *records: Record, fresh: bool = False) -> bool:
        """Keep records, all or none."""
        return await self.writer.do(lambda db: put(db, records, fresh))

    async def record(self, kind: str, id: str) -> Record | None:
        """One record."""
        sql = f"select {RECORD} from record where kind = ? and id = ?"
        row = await self.reader.do(lambda db: db.execute(sql, (kind, id)).fetchone())
        return _record(row) if row else None

    async def records(
        self, kind: str, *, owner: str | None = None, before: float | None = None, limit: int = 10_000
    ) -> list[Record]:
        """Records of a kind, the earliest first."""
        where, values = "kind = ?", [kind]
        if owner is not None:
            where, values = f"{where} and owner = ?", [*values, owner]
        if before is not None:
            where, values = f"{where} and at <= ?", [*values, before]
        sql = f"select {RECORD} from record where {where} order by at, id limit ?"
        rows = await self.reader.do(lambda db: db.execute(sql, (*values, limit)).fetchall())
        return [_record(row) for row in rows]

    async def drop(self, kind: str, *ids: str) -> int:
        """Forget records."""
        sql = "delete from record where kind = ? and id = ?"
        return await self.writer.do(lambda db: sum(db.execute(sql, (kind, id)).rowcount for id in ids))

    async def person(self, channel: str, sender: str) -> str:
        """Who a user is, across channels."""
        sql = "select person from user where channel = ? and sender = ?"
        row = await self.reader.do(lambda db: db.execute(sql, (channel, sender)).fetchone())
        return str(row[0]) if row else ""

    async def users(self, person: str) -> list[tuple[str, str]]:
        """The users that are one person."""
        sql = "select channel, sender from user where person = ? order by channel, sender"
        return await self.reader.do(lambda db: db.execute(sql, (person,)).fetchall())

    async def join(self, channel: str, sender: str, person: str) -> None:
        """Make a user one person with others."""
        await self.writer.do(lambda db: _links.join(db, channel, sender, int(person)))

    async def part(self, channel: str, sender: str) -> str:
        """Make a user a person of their own."""
        return await self.writer.do(lambda db: _links.part(db, channel, sender))


def put(db: sqlite3.Connection, records: Sequence[Record], fresh: bool) -> bool:
    """Write records down, all or none; with ``fresh`` only where there is none of them; of the forgotten never."""
    there = "select 1 from record where kind = ? and id = ?"
    if any(each.owner and db.execute(there, (_links.GONE, each.owner)).fetchone() for each in records):
        return False
    if fresh and any(db.execute(there, (record.kind, record.id)).fetchone() for record in records):
        return False
    sql = f"insert or replace into record ({RECORD}) values (?, ?, ?, ?, ?)"
    for each in records:
        db.execute(sql, (each.kind, each.id, each.owner, each.at, _parts.as_json(each.value)))
    return True


def forget(db: sqlite3.Connection, person: str) -> None:
    """Delete what is kept of a person, and let nothing more be kept."""
    db.execute("delete from record where owner = ?", (person,))
    _links.bury(db, person)


def leave(db: sqlite3.Connection, mine: str, values: Sequence[str]) -> None:
    """Delete what belongs to conversations, whoever it was noted for: by its id, ``<persona>/<conversation>``, or its value."""
    told = "case when json_valid(value) then json_extract(value, '$.conversation') end"
    sql = f"""with mine (conversation) as {mine} delete from record where id in mine or {told} in mine
        or substr(id, instr(id, '/') + 1) in mine"""
    db.execute(sql, values)


def _record(row: Sequence[Any]) -> Record:
    kind, id, owner, at, value = row
    return Record(kind, id, owner, at, json.loads(value))
