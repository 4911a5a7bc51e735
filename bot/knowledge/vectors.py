"""The vectors of an index's passages: which are missing, and those that are there in memory, to find the nearest."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.knowledge._passages import ITEM, digest, item
from bot.knowledge.index import Index

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

EMBEDDED = 2000
"""Characters of a passage that a vector stands for; one of a document has 600 at most."""
START = ("", 0)
GROWTH = 1.5
BLOCK = 4096
"""Vectors read at a time."""


@dataclass(frozen=True, slots=True)
class Due:
    """A passage whose vector is missing."""

    file: str
    number: int
    text: str
    """What is embedded."""
    digest: str


class Vectors:
    """One model's vectors in an index."""

    def __init__(self, index: Index, model: str) -> None:
        self.index, self.model = index, model
        self._lock = threading.Lock()
        self._state = -1
        self._ids: list[int] = []
        self._rows: Rows | None = None
        """Unit vectors, one a row; more rows than ids, so that it seldom has to grow."""

    # In the file

    def due(self, most: int, after: tuple[str, int] = START) -> list[Due]:
        """Passages without a vector of this model, at most so many; ``after``: file and number of the last one had."""
        columns = ITEM.replace("id", "passage.id", 1)
        sql = f"""select {columns}, passage.number from passage left join vector
            on vector.number = passage.number and vector.model = ?
            where vector.id is null and (file, passage.number) > (?, ?) order by file, passage.number limit ?"""
        with self.index.looking() as db:
            rows = db.execute(sql, (self.model, *after, most)).fetchall()
        passages = [(item(row), row[6]) for row in rows]
        return [
            Due(each.file, number, each.indexed[:EMBEDDED].strip() or "-", digest(each)) for each, number in passages
        ]

    def keep(self, made: Sequence[tuple[Due, bytes]]) -> None:
        """Put vectors down, but those of passages that are others by now. Raises sqlite3.Error."""
        sql = "insert or replace into vector (number, text, model, data) values (?, ?, ?, ?)"
        with self.index.changing() as db:
            for due, vector in made:
                row = db.execute(f"select {ITEM} from passage where number = ?", (due.number,)).fetchone()
                if row and digest(item(row)) == due.digest:
                    db.execute(sql, (due.number, due.digest, self.model, vector))

    def forget_others(self, dimension: int) -> int:
        """Do away with this model's vectors that have another dimension; how many there were. Raises sqlite3.Error."""
        others = "from vector where model = ? and length(data) != ?"
        values = self.model, 2 * dimension
        with self.index.looking() as db:
            if not db.execute(f"select 1 {others} limit 1", values).fetchone():
                return 0
        with self.index.changing() as db:
            return db.execute(f"delete {others}", values).rowcount

    def progress(self) -> tuple[int, int]:
        """How many passages have a vector, and how many there are."""
        with self.index.looking() as db:
            (have,) = db.execute("select count(*) from vector where model = ?", (self.model,)).fetchone()
        return have, self.index.size

    # In memory

    def any(self) -> bool:
        """Whether there are any; brings what is in memory up to date."""
        with self._lock:
            self._renew()
            return bool(self._ids)

    def nearest(self, vector: bytes, most: int) -> list[tuple[int, float]]:
        """Ids of the nearest vectors and their cosines, the nearest first; none where they have another dimension."""
        import numpy as np

        wanted = np.frombuffer(vector, "<f2").astype(np.float32)
        with self._lock:
            self._renew()
            if self._rows is None or self._rows.shape[1] != len(wanted):
                return []
            places, cosines = nearest(self._rows[: len(self._ids)], wanted, most)
            return [(self._ids[place], float(cosine)) for place, cosine in zip(places, cosines, strict=True)]

    def _renew(self) -> None:
        """Read what was added since, and let go of what is no more."""
        state = self.index.state()
        if state == self._state:
            return
        with self.index.looking() as db:
            there = {id for (id,) in db.execute("select id from vector where model = ?", (self.model,))}
            newest = "select length(data) from vector where model = ? order by id desc limit 1"
            size = next(iter(db.execute(newest, (self.model,)).fetchone() or ()), 0)
            if self._rows is not None and 2 * self._rows.shape[1] != size:
                self._ids, self._rows = [], None  # another dimension: nothing of the old ones can be compared
            self._prune(there)
            last = self._ids[-1] if self._ids else 0
            sql = "select id, data from vector where model = ? and id > ? and length(data) = ? order by id"
            found = db.execute(sql, (self.model, last, size))
            while rows := found.fetchmany(BLOCK):
                self._append([id for id, _ in rows], b"".join(data for _, data in rows), len(there))
        self._state = state

    def _prune(self, there: set[int]) -> None:
        kept = [place for place, id in enumerate(self._ids) if id in there]
        if self._rows is not None and len(kept) < len(self._ids):
            self._rows[: len(kept)] = self._rows[kept]
            self._ids = [self._ids[place] for place in kept]

    def _append(self, ids: list[int], data: bytes, expected: int) -> None:
        import numpy as np

        fresh = np.frombuffer(data, "<f2").reshape(len(ids), -1)
        start, end = len(self._ids), len(self._ids) + len(ids)
        if self._rows is None or len(self._rows) < end:
            room = np.empty((max(end, expected, int(start * GROWTH)), fresh.shape[1]), np.float32)
            if self._rows is not None:
                room[:start] = self._rows[:start]
            self._rows = room
        self._rows[start:end] = fresh
        self._ids += ids


def nearest(rows: "Rows", vector: "Rows", most: int) -> "tuple[NDArray[np.intp], Rows]":
    """Places and cosines of the ``most`` nearest of (n, d) unit vectors to one of (d,), the nearest first."""
    import numpy as np

    cosines = rows @ vector
    most = min(most, len(cosines))
    best = np.argpartition(-cosines, most - 1)[:most] if most else np.empty(0, np.intp)
    best = best[np.argsort(-cosines[best], kind="stable")]
    return best, cosines[best]
