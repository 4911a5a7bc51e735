"""One thread that owns a database connection: what waits together is committed together."""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.store import Full, StoreError

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
BATCH = 256
"""Pieces of work that share a commit at most."""
PASSING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR)
"""Primary result codes of a disk that is full, out of quota or locked by somebody: it may be better in a moment."""


def translated(error: sqlite3.Error) -> StoreError:
    """A database error in the store's words."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return Full(str(error)) if code in PASSING else StoreError(f"zhiyin.db: {error}")


@dataclass(slots=True)
class Job:
    """Work somebody waits for."""

    work: Work[Any]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None

    def run(self, db: sqlite3.Connection) -> None:
        """Do the work, and remember what came of it."""
        self.result = self.error = None
        try:
            self.result = self.work(db)
        except StoreError as error:
            self.error = error
        except sqlite3.Error as error:
            self.error = translated(error)

    def tell(self) -> None:
        """Hand the result to whoever waits (in the loop's thread)."""
        if self.done.cancelled():
            return
        if self.error:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self.result)


class Worker:
    """Runs work on its own thread; a writer groups it into transactions."""

    def __init__(self, connect: Callable[[], sqlite3.Connection], name: str, *, writes: bool) -> None:
        self.connect, self.writes = connect, writes
        self.queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    async def do(self, work: Work[T]) -> T:
        """The work's result, committed. Raises StoreError. Once begun it is finished, whoever stops waiting."""
        loop = asyncio.get_running_loop()
        job = Job(work, loop, loop.create_future())
        self.queue.put(job)
        return await job.done

    async def close(self) -> None:
        """Finish what waits, and let go."""
        self.queue.put(None)
        await asyncio.to_thread(self.thread.join)

    def _run(self) -> None:
        db = self.connect()
        going = True
        while going:
            batch, going = self._batch()
            if self.writes and batch:
                self._commit(db, batch)
            else:
                for job in batch:
                    job.run(db)
            for loop in {job.loop for job in batch}:
                mine = [job for job in batch if job.loop is loop]
                with suppress(RuntimeError):  # the loop is gone: nobody waits any more
                    loop.call_soon_threadsafe(_tell, mine)
        db.close()

    def _batch(self) -> tuple[list[Job], bool]:
        """What waits, and whether there will be more."""
        job = self.queue.get()
        batch: list[Job] = []
        while job is not None:
            batch.append(job)
            if len(batch) == BATCH:
                return batch, True
            try:
                job = self.queue.get_nowait()
            except queue.Empty:
                return batch, True
        return batch, False

    def _commit(self, db: sqlite3.Connection, batch: list[Job]) -> None:
        """All work in one transaction, each piece in a savepoint; if the whole breaks, each piece in its own."""
        try:
            db.execute("begin immediate")
            for job in batch:
                db.execute("savepoint job")
                job.run(db)
                if job.error:
                    db.execute("rollback to job")
                db.execute("release job")
            db.execute("commit")
        except sqlite3.Error as error:
            if db.in_transaction:
                db.execute("rollback")
            for job in batch:
                if len(batch) > 1:
                    self._commit(db, [job])
                elif not job.error:
                    job.error = translated(error)


def _tell(jobs: list[Job]) -> None:
    for job in jobs:
        job.tell()
