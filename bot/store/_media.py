"""What becomes of media and spoken lines within one transaction, as functions of an open connection."""

import sqlite3
import time
from collections.abc import Iterable

from bot.store import Full

NO_ROOM = "媒体已到 data.max_gb 的上限。\nThe media have reached data.max_gb."


def known(db: sqlite3.Connection, conversation: str) -> bool:
    """Whether the conversation is there: a turn may outlive that of a user who was forgotten."""
    return db.execute("select 1 from conversation where id = ?", (conversation,)).fetchone() is not None


def use(db: sqlite3.Connection, conversation: str, hash: str) -> None:
    """Note that media that is there belongs to a conversation, and was wanted now."""
    if touch(db, hash, time.time()):
        db.execute("insert or ignore into media_use (conversation, hash) values (?, ?)", (conversation, hash))


def touch(db: sqlite3.Connection, hash: str, at: float) -> bool:
    """Note when media was wanted; whether it is there."""
    return db.execute("update media set used = max(used, ?) where hash = ?", (at, hash)).rowcount > 0


def keep(db: sqlite3.Connection, conversation: str, hash: str, type: str, size: int, cap: float) -> list[str]:
    """Write media down; hashes of the sounds that made room for it. Raises Full."""
    gone: list[str] = []
    if not db.execute("select 1 from media where hash = ?", (hash,)).fetchone():
        gone = room(db, size, cap)
        values = hash, type, size, time.time()
        db.execute("insert into media (hash, type, size, used) values (?, ?, ?, ?)", values)
    use(db, conversation, hash)
    return gone


def room(db: sqlite3.Connection, size: int, cap: float) -> list[str]:
    """Drop the sounds unused for longest, but for those still to be sent, until so much fits. Raises Full."""
    oldest = """select hash, size from media where type like 'audio/%'
        and hash not in (select media from delivery where delivered = 0) order by used limit 1"""
    (over,) = db.execute("select bytes + ? - ? from media_total", (size, cap)).fetchone()
    gone: list[str] = []
    while over > 0:
        found = db.execute(oldest).fetchone()
        if found is None:
            raise Full(NO_ROOM)
        drop(db, found[0])
        gone.append(found[0])
        over -= found[1]
    return gone


def orphans(db: sqlite3.Connection, touched: Iterable[str]) -> list[str]:
    """Drop those of the media that belong to no conversation any more; their hashes."""
    still = "select 1 from media_use where hash = ?"
    gone = [hash for hash in dict.fromkeys(touched) if not db.execute(still, (hash,)).fetchone()]
    for hash in gone:
        drop(db, hash)
    return gone


def drop(db: sqlite3.Connection, hash: str) -> None:
    """Delete media, and the lines made of it."""
    for table in ("line", "media_use", "media"):
        db.execute(f"delete from {table} where hash = ?", (hash,))
