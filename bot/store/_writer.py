"""One thread that owns a database connection: what waits together is committed together."""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.store import StoreError
from bot.store._faults import translated

log = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
BATCH = 256
"""Pieces of work that share a commit at most."""


@dataclass(slots=True)
class Job:
    """Work somebody waits for."""

    work: Work[Any]
    after: Callable[[sqlite3.Connection, Any], object] | None
    tell: Callable[[Any], object] | None
    done: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None

    def run(self, db: sqlite3.Connection) -> None:
        """Do the work, and remember what came of it."""
        self.result = self.error = None
        try:
            self.result = self.work(db)
        except sqlite3.Error as error:
            self.error = translated(error)
        except Exception as error:  # noqa: BLE001 — whatever it is, its caller shall hear it and the others go on
            self.error = error

    def follow(self, db: sqlite3.Connection) -> None:
        """Do what follows the commit."""
        if self.after and self.error is None:
            try:
                self.after(db, self.result)
            except (OSError, sqlite3.Error):
                log.exception("the store could not tidy up; the next start will")

    def end(self) -> None:
        """Tell the result, whether or not somebody waits for it still (in the loop's thread)."""
        if self.error is None and self.tell:
            self.tell(self.result)
        if self.done.cancelled():
            return
        if self.error:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self.result)


class Worker:
    """Runs work on its own thread; a writer groups it into transactions."""

    def __init__(self, db: sqlite3.Connection, name: str, *, writes: bool) -> None:
        self.db, self.writes, self.closed = db, writes, False
        self.queue: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    async def do(
        self,
        work: Work[T],
        *,
        after: Callable[[sqlite3.Connection, T], object] | None = None,
        tell: Callable[[T], object] | None = None,
    ) -> T:
        """The work's result, committed. Raises StoreError, and what the work raises.

        Once asked for it is done, whoever stops waiting: ``after`` follows the commit on the worker's thread, before any
        other work; ``tell`` hears the result on the loop's.
        """
        if self.closed:
            raise StoreError("the store is closed")
        job = Job(work, after, tell, asyncio.get_running_loop().create_future())
        self.queue.put(job)
        return await job.done

    async def close(self) -> None:
        """Finish what waits, and let go."""
        self.closed = True
        self.queue.put(None)
        await asyncio.to_thread(self.thread.join)

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._batch()
            if self.writes and batch:
                self._commit(batch)
            else:
                for job in batch:
                    job.run(self.db)
            for job in batch:
                job.follow(self.db)
            for loop in {job.done.get_loop() for job in batch}:
                mine = [job for job in batch if job.done.get_loop() is loop]
                with suppress(RuntimeError):  # the loop is gone: nobody waits any more
                    loop.call_soon_threadsafe(_end, mine)
        self.db.close()

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

    def _commit(self, batch: list[Job]) -> None:
        """All work in one transaction, each piece in a savepoint; if the whole breaks, each piece in its own."""
        try:
            self.db.execute("begin immediate")
        except sqlite3.Error as error:  # somebody else's lock, after the longest wait there is: not once more for each
            for job in batch:
                job.error = translated(error)
            return
        try:
            for job in batch:
                self.db.execute("savepoint job")
                job.run(self.db)
                if job.error:
                    self.db.execute("rollback to job")
                self.db.execute("release job")
            self.db.execute("commit")
        except sqlite3.Error as error:
            if self.db.in_transaction:
                self.db.execute("rollback")
            for job in batch:
                if len(batch) > 1:
                    self._commit([job])
                elif not job.error:
                    job.error = translated(error)


def _end(jobs: list[Job]) -> None:
    for job in jobs:
        job.end()
