"""An index's file: made where there is none, made anew where it is of another format or broken, and shared by threads."""

import sqlite3
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

BUSY_S = 30.0
"""Seconds a change waits for another process's, where nobody waits for it."""
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Unfit(Exception):
    """A file is a database, but not one of ours as it is made now."""


class Database:
    """A file, or memory, for several threads at once."""

    def __init__(self, path: Path | None, tables: Mapping[str, str], format: int, busy_s: float = BUSY_S) -> None:
        """``tables`` are their statements by name; a change waits ``busy_s`` for another process's. Raises sqlite3.Error and OSError."""
        self.path = path
        self._lock = threading.RLock()
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self.db = opened(path, tables, format)
        self.db.execute(f"pragma busy_timeout = {round(busy_s * 1000)}")
        self._eyes = threading.local()
        self._open: list[sqlite3.Connection] = [self.db]
        self._gate, self._lookers, self._closed = threading.Condition(), 0, False

    def close(self) -> None:
        """Let go of the file, once nobody reads or writes: a connection closed under a reader's hands ends the process."""
        with self._lock, self._gate:
            self._closed = True
            self._gate.wait_for(lambda: not self._lookers)
            for db in self._open:
                db.close()

    def discard(self) -> None:
        """Let go of the file and do away with it. Raises OSError."""
        self.close()
        if self.path:
            discard(self.path)

    @contextmanager
    def looking(self) -> Generator[sqlite3.Connection]:
        """What to read by: no half of a change is seen, and none waited for.

        Every thread has a connection of its own, for two that ask the same at once would get each other's rows. In memory
        there is but one connection, which is waited for.
        """
        if not self.path:
            with self._lock:
                yield self.db
            return
        with self._gate:
            if self._closed:
                raise sqlite3.ProgrammingError("the index is closed")
            if not hasattr(self._eyes, "db"):
                self._eyes.db = reading(self.path)
                self._open.append(self._eyes.db)
            self._lookers += 1
        try:
            yield self._eyes.db
        finally:
            with self._gate:
                self._lookers -= 1
                self._gate.notify_all()

    @contextmanager
    def changing(self) -> Generator[sqlite3.Connection]:
        """What to write by; all at once or not at all. Raises sqlite3.Error."""
        with self._lock, change(self.db) as db:
            yield db

    def state(self) -> int:
        """Another number after every change, whoever made it."""
        with self._lock:
            others = self.db.execute("pragma data_version").fetchone()[0]
            return (others << 40) + self.db.total_changes


def damaged(error: Exception) -> bool:
    """Whether an error says that the file itself is broken; a full disk or a lock does not."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED


def busy(error: Exception) -> bool:
    """Whether an error says that another process is just writing."""
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def opened(path: Path | None, tables: Mapping[str, str], format: int) -> sqlite3.Connection:
    """A connection for changes; ``tables`` are their statements by name; None: in memory. Raises sqlite3.Error."""
    try:
        return _opened(path, tables, format)
    except (sqlite3.Error, Unfit) as error:
        if path is None or not (isinstance(error, Unfit) or damaged(error)):
            raise
    discard(path)
    return _opened(path, tables, format)


def reading(path: Path) -> sqlite3.Connection:
    """A connection that only reads: it sees every change whole, and waits for none. Raises sqlite3.Error."""
    db = _connected(path)
    db.execute("pragma query_only = 1")
    return db


def discard(path: Path) -> None:
    """Do away with the file; all that is in it can be made again."""
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


@contextmanager
def change(db: sqlite3.Connection) -> Generator[sqlite3.Connection]:
    """A change that is made all at once, or not at all."""
    db.execute("begin immediate")
    try:
        yield db
        db.execute("commit")
    except BaseException:
        if db.in_transaction:  # a full disk has rolled it back already
            db.execute("rollback")
        raise


def _opened(path: Path | None, tables: Mapping[str, str], format: int) -> sqlite3.Connection:
    db = _connected(path)
    try:
        if path:
            if db.execute("pragma journal_mode").fetchone()[0] != "wal":
                with suppress(sqlite3.OperationalError):  # another process is just doing it, for all of us
                    db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = normal")  # it can be made again
        if _version(db) != format:
            with change(db):
                _make(db, tables, format)
        _check(db, tables)
    except BaseException:
        db.close()
        raise
    return db


def _make(db: sqlite3.Connection, tables: Mapping[str, str], format: int) -> None:
    """Make the tables, unless another process was quicker. Raises Unfit."""
    if _version(db) == format:
        return
    if _version(db) or db.execute("select 1 from sqlite_master limit 1").fetchone():
        raise Unfit
    for table in tables.values():
        db.execute(table)
    db.execute(f"pragma user_version = {format}")


def _check(db: sqlite3.Connection, tables: Mapping[str, str]) -> None:
    """See whether all of it is there. Raises Unfit and sqlite3.Error."""
    there = {name for (name,) in db.execute("select name from sqlite_master")}
    if not set(tables) <= there:
        raise Unfit


def _version(db: sqlite3.Connection) -> int:
    return db.execute("pragma user_version").fetchone()[0]


def _connected(path: Path | None) -> sqlite3.Connection:
    return sqlite3.connect(path or ":memory:", timeout=BUSY_S, isolation_level=None, check_same_thread=False)
