"""What a persona knows, laid out for searching: passages with their grams in one SQLite file of its own.

The file is made from the persona's folder and can be made again; so it is no part of what must not be lost. The database
only fetches candidates (bot/retrieval.py ranks them). The full-text table holds no text: Debian's SQLite 3.40 deletes
from such a table only by being told the same words again, which are made from the passage once more.
"""

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.grams import grams
from bot.retrieval import READ, Candidate, Item, Weights

FORMAT = 2
"""Grows when grams or tables change: an older file is made again."""
FAQ = ""
"""The file that the FAQ's entries lie in."""
CANDIDATES = 60
"""Passages that are ranked for a question."""
DRIFT = 0.1
"""Share by which a corpus may grow until its passages' lengths are measured again."""
BATCH, MOST_KNOWN = 500, 200_000
"""Passages that are measured together, and grams of which it is kept in mind meanwhile how often they are seen."""
BUSY_S = 30.0
SCHEMA = """
create table passage (
    number integer primary key, id text not null unique, file text not null, heading text not null,
    wordings text not null, answer text not null, language text not null
);
create index passage_file on passage (file);
create table document (file text primary key, hash text not null, notice text not null, passages integer not null);
create table vector (number integer primary key, text text not null, model text not null, data blob not null);
create virtual table gram using fts5 (grams, content='', tokenize="unicode61 remove_diacritics 0");
create table seen (gram text primary key, passages integer not null) without rowid;
create table measure (number integer primary key, norm real not null, norms text not null, size integer not null);
"""


@dataclass(frozen=True, slots=True)
class Document:
    """A file as the index has it."""

    hash: str
    notice: str
    """What the operator should know of it; empty: all is well."""
    passages: int


class Index:
    """A persona's passages. Not for several threads at once but through its own lock."""

    def __init__(self, path: Path | None = None) -> None:
        """Open a file, made anew where it is of an older format or broken; None: in memory. Raises sqlite3.Error and OSError."""
        self.path = path
        self.lock = threading.Lock()
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.db = _opened(path)
        except sqlite3.DatabaseError:
            if path is None:
                raise
            for end in ("", "-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            self.db = _opened(path)

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            self.db.close()

    # Reading

    @property
    def size(self) -> int:
        """How many passages there are."""
        return self.db.execute("select coalesce(sum(passages), 0) from document").fetchone()[0]

    def seen(self, wanted: Sequence[str]) -> Mapping[str, int]:
        """How many passages have each gram."""
        sql = "select gram, passages from seen where gram in (select value from json_each(?))"
        return dict(self.db.execute(sql, (json.dumps([*dict.fromkeys(wanted)]),)).fetchall())

    def having(self, wanted: Sequence[str]) -> Sequence[Candidate]:
        """The likeliest passages that have any of the grams."""
        if not wanted:
            return []
        match = " OR ".join(f'"{gram}"' for gram in wanted)
        sql = f"""select {ITEM}, norm, norms from passage join measure using (number) where number in
            (select rowid from (select rowid, rank from gram where gram match ? limit {READ}) order by rank limit {CANDIDATES})"""
        return [
            Candidate(_item(row), row[6], tuple(json.loads(row[7])))
            for row in self.db.execute(sql, (match,)).fetchall()
        ]

    def find(self, ids: Sequence[str]) -> list[Item]:
        """The passages of these ids, as far as there are any."""
        sql = f"select {ITEM} from passage where id = ?"
        return [_item(row) for id in ids if (row := self.db.execute(sql, (id,)).fetchone())]

    def characters(self) -> int:
        """How long all passages are together."""
        return self.db.execute("select coalesce(sum(length(answer) + length(wordings)), 0) from passage").fetchone()[0]

    def of(self, file: str) -> list[Item]:
        """A file's passages, in the order they stand there."""
        sql = f"select {ITEM} from passage where file = ? order by number"
        return [_item(row) for row in self.db.execute(sql, (file,))]

    def everything(self) -> list[Item]:
        """All passages: the FAQ first, then file by file, in the order they stand there."""
        return [_item(row) for row in self.db.execute(f"select {ITEM} from passage order by file, number")]

    def documents(self) -> dict[str, Document]:
        """The files that were read, by path."""
        rows = self.db.execute("select file, hash, notice, passages from document order by file")
        return {file: Document(hash, notice, passages) for file, hash, notice, passages in rows}

    # Writing

    def replace(self, file: str, hash: str, items: Sequence[Item], notice: str = "") -> None:
        """Put a file's passages in the place of those it had, all at once. An id that another file has is given an end."""
        with self.lock, self.db:
            self.db.execute("begin immediate")
            self._count(self._drop(file))
            before = size = self.size
            for start in range(0, len(items), BATCH):
                batch = [self._add(item, file) for item in items[start : start + BATCH]]
                change: Counter[str] = Counter()
                for each in batch:
                    change.update(each.body.keys())
                self._count(change)
                size += len(batch)
                self._measure(batch, Weights(size, {}))
            self.db.execute("insert into document values (?, ?, ?, ?)", (file, hash, notice, len(items)))
            if size - min(size, before + BATCH) > size * DRIFT:
                self._measure_again(file)

    def remove(self, file: str) -> None:
        """Forget a file."""
        with self.lock, self.db:
            self.db.execute("begin immediate")
            self._count(self._drop(file))

    def settle(self) -> None:
        """Measure again what was measured in a corpus of quite another size."""
        with self.lock, self.db:
            self.db.execute("begin immediate")
            size = self.size
            sql = "select exists (select 1 from measure where abs(size - ?) > ?)"
            if self.db.execute(sql, (size, size * DRIFT)).fetchone()[0]:
                self._measure_again(None)

    def _drop(self, file: str) -> Counter[str]:
        """Take a file's passages out; how many fewer have each gram, below nought."""
        change: Counter[str] = Counter()
        for row in self.db.execute(f"select {ITEM}, number from passage where file = ?", (file,)):
            found, number = grams(_item(row).indexed), row[6]
            self.db.execute("insert into gram (gram, rowid, grams) values ('delete', ?, ?)", (number, " ".join(found)))
            self.db.execute("delete from vector where number = ?", (number,))
            self.db.execute("delete from measure where number = ?", (number,))
            change.subtract(set(found))
        self.db.execute("delete from passage where file = ?", (file,))
        self.db.execute("delete from document where file = ?", (file,))
        return change

    def _count(self, change: Counter[str]) -> None:
        """Write down that more or fewer passages have grams."""
        sql = "insert into seen values (?, ?) on conflict do update set passages = passages + excluded.passages"
        self.db.executemany(sql, sorted((gram, more) for gram, more in change.items() if more))
        gone = [(gram,) for gram, more in change.items() if more < 0]
        self.db.executemany("delete from seen where gram = ? and passages = 0", gone)

    def _add(self, item: Item, file: str) -> "Counted":
        """Put a passage in, without its measures."""
        sql = """insert or ignore into passage (id, file, heading, wordings, answer, language) values (?, ?, ?, ?, ?, ?)
            returning number"""
        wordings = json.dumps(item.wordings, ensure_ascii=False)
        values = (item.id, file, item.heading, wordings, item.answer, item.language)
        row = next(filter(None, (self.db.execute(sql, (id, *values[1:])).fetchone() for id in _free(item.id))))
        found = grams(item.indexed)
        self.db.execute("insert into gram (rowid, grams) values (?, ?)", (row[0], " ".join(found)))
        return Counted(row[0], item, Counter(found))

    def _measure(self, batch: Sequence["Counted"], weights: Weights) -> None:
        """Write down the lengths of passages' vectors; the weights learn what they do not know yet."""
        unknown = [gram for gram in set().union(*(each.body for each in batch)) if gram not in weights.seen]
        weights.seen.update({**dict.fromkeys(unknown, 0), **self.seen(unknown)})
        rows: list[tuple[int, float, str, int]] = []
        for each in batch:
            norms = [round(weights.norm(Counter(grams(wording))), 5) for wording in each.item.wordings]
            rows.append((each.number, weights.norm(each.body), json.dumps(norms), weights.size))
        self.db.executemany("insert or replace into measure values (?, ?, ?, ?)", rows)

    def _measure_again(self, file: str | None) -> None:
        """Measure a file's passages as the corpus is now; None: all of them."""
        weights = Weights(self.size, {})
        where, values = ("where file = ?", (file,)) if file is not None else ("", ())
        rows = self.db.execute(f"select {ITEM}, number from passage {where}", values)
        while batch := rows.fetchmany(BATCH):
            if len(weights.seen) > MOST_KNOWN:
                weights = Weights(weights.size, {})
            items = [(row[6], _item(row)) for row in batch]
            self._measure([Counted(number, item, Counter(grams(item.indexed))) for number, item in items], weights)


@dataclass(frozen=True, slots=True)
class Counted:
    """A passage in the index, and how often it has each of its grams."""

    number: int
    item: Item
    body: Counter[str]


ITEM = "id, wordings, answer, language, file, heading"


def _item(row: Sequence[str]) -> Item:
    id, wordings, answer, language, file, heading = row[:6]
    return Item(id, tuple(json.loads(wordings)), answer, language, file, heading)


def _free(id: str) -> Iterator[str]:
    yield id
    number = 2
    while True:
        yield f"{id}~{number}"
        number += 1


def _opened(path: Path | None) -> sqlite3.Connection:
    db = sqlite3.connect(path or ":memory:", timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        if path:
            db.execute("pragma journal_mode = wal")
            db.execute("pragma synchronous = normal")  # it can be made again
        (version,) = db.execute("pragma user_version").fetchone()
        if version not in (0, FORMAT):
            raise sqlite3.DatabaseError("another format")
        if not version:
            try:
                db.executescript(f"begin immediate;\n{SCHEMA}\npragma user_version = {FORMAT};\ncommit;")
            except sqlite3.OperationalError:  # somebody else was just making it; what was begun would keep them out
                db.rollback()
        db.execute("select count(*) from passage").fetchone()
    except sqlite3.Error:
        db.close()
        raise
    return db
