"""What a persona knows, laid out for searching: passages with their grams in one SQLite file of its own.

The file is made from the persona's folder and can be made again; so it is no part of what must not be lost. The database
only fetches candidates (bot/retrieval.py ranks them). The full-text table holds no text: Debian's SQLite 3.40 deletes
from such a table only by being told the same words again, which are made from the passage once more.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge import _passages
from bot.knowledge._database import BUSY_S, Database
from bot.knowledge._passages import BATCH, ITEM
from bot.retrieval import READ, Candidate, Item, Weights

FORMAT = 3
"""Grows when grams or tables change: an older file is made again."""
FAQ = ""
"""The file that the FAQ's entries lie in."""
CANDIDATES = 60
"""Passages that are ranked for a question."""
DRIFT = 0.1
"""Share by which a corpus may grow until its passages' lengths are measured again."""
TABLES = {
    "passage": """create table passage (
        number integer primary key, id text not null unique, file text not null, heading text not null,
        wordings text not null, answer text not null, language text not null
    )""",
    "passage_file": "create index passage_file on passage (file)",
    "document": """create table document (
        file text primary key, hash text not null, notice text not null, passages integer not null
    )""",
    # A number may come back when its passage is gone; a vector's id never does.
    "vector": """create table vector (
        id integer primary key autoincrement, number integer not null unique, text text not null, model text not null,
        data blob not null
    )""",
    "vector_model": "create index vector_model on vector (model)",
    "gram": """create virtual table gram using fts5 (grams, content='', tokenize="unicode61 remove_diacritics 0")""",
    "seen": "create table seen (gram text primary key, passages integer not null) without rowid",
    "measure": """create table measure (
        number integer primary key, norm real not null, norms text not null, size integer not null
    )""",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A file as the index has it."""

    hash: str
    notice: str
    """What the operator should know of it; empty: all is well."""
    passages: int


class Index(Database):
    """A persona's passages. For several threads at once: changes wait for each other, questions for none of them."""

    def __init__(self, path: Path | None = None, busy_s: float = BUSY_S) -> None:
        """Open a file, made anew where it is of an older format or broken; None: in memory. Raises sqlite3.Error and OSError.

        A change waits ``busy_s`` for another process's.
        """
        super().__init__(path, TABLES, FORMAT, busy_s)

    # Reading

    @property
    def size(self) -> int:
        """How many passages there are."""
        with self.looking() as db:
            return _passages.size(db)

    def seen(self, wanted: Sequence[str]) -> Mapping[str, int]:
        """How many passages have each gram."""
        with self.looking() as db:
            return _passages.seen(db, wanted)

    def having(self, wanted: Sequence[str]) -> Sequence[Candidate]:
        """The likeliest passages that have any of the grams."""
        if not wanted:
            return []
        match = " OR ".join(f'"{gram}"' for gram in wanted)
        sql = f"""select {ITEM}, norm, norms from passage join measure using (number) where number in
            (select rowid from (select rowid, rank from gram where gram match ? limit {READ}) order by rank limit {CANDIDATES})"""
        with self.looking() as db:
            rows = db.execute(sql, (match,)).fetchall()
        return [_passages.candidate(row) for row in rows]

    def pictured(self, vectors: Iterable[int]) -> Mapping[int, Candidate]:
        """The passages of vectors, by the vectors' ids, as far as they are there."""
        sql = f"""select {ITEM}, norm, norms from passage join measure using (number)
            where number = (select number from vector where id = ?)"""
        with self.looking() as db:
            return {id: _passages.candidate(row) for id in vectors if (row := db.execute(sql, (id,)).fetchone())}

    def find(self, ids: Sequence[str]) -> list[Item]:
        """The passages of these ids, as far as there are any."""
        sql = f"select {ITEM} from passage where id = ?"
        with self.looking() as db:
            return [_passages.item(row) for id in ids if (row := db.execute(sql, (id,)).fetchone())]

    def characters(self) -> int:
        """How long all passages are together."""
        sql = "select coalesce(sum(length(answer) + length(wordings)), 0) from passage"
        with self.looking() as db:
            return db.execute(sql).fetchone()[0]

    def of(self, file: str) -> list[Item]:
        """A file's passages, in the order they stand there."""
        sql = f"select {ITEM} from passage where file = ? order by number"
        with self.looking() as db:
            return [_passages.item(row) for row in db.execute(sql, (file,))]

    def everything(self) -> list[Item]:
        """All passages: the FAQ first, then file by file, in the order they stand there."""
        with self.looking() as db:
            return [_passages.item(row) for row in db.execute(f"select {ITEM} from passage order by file, number")]

    def documents(self) -> dict[str, Document]:
        """The files that were read, by path."""
        with self.looking() as db:
            rows = db.execute("select file, hash, notice, passages from document order by file").fetchall()
        return {file: Document(hash, notice, passages) for file, hash, notice, passages in rows}

    # Writing

    def replace(self, file: str, hash: str, items: Sequence[Item], notice: str = "") -> None:
        """Put a file's passages in the place of those it had, all at once. An id that another file has is given an end.

        Texts that stay keep their vectors. Raises sqlite3.Error.
        """
        with self.changing() as db:
            pictures = _passages.pictures(db, file)
            _passages.count(db, _passages.drop(db, file))
            before = size = _passages.size(db)
            for start in range(0, len(items), BATCH):
                batch = [_passages.add(db, item, file) for item in items[start : start + BATCH]]
                change: Counter[str] = Counter()
                for each in batch:
                    change.update(each.body.keys())
                _passages.count(db, change)
                size += len(batch)
                _passages.measure(db, batch, Weights(size, {}))
                if pictures:
                    _passages.picture(db, batch, pictures)
            db.execute("insert into document values (?, ?, ?, ?)", (file, hash, notice, len(items)))
            if size - min(size, before + BATCH) > size * DRIFT:
                _passages.measure_again(db, file)

    def remove(self, file: str) -> None:
        """Forget a file. Raises sqlite3.Error."""
        with self.changing() as db:
            _passages.count(db, _passages.drop(db, file))

    def settle(self) -> None:
        """Measure again what was measured in a corpus of quite another size. Raises sqlite3.Error."""
        with self.changing() as db:
            size = _passages.size(db)
            sql = "select exists (select 1 from measure where abs(size - ?) > ?)"
            if db.execute(sql, (size, size * DRIFT)).fetchone()[0]:
                _passages.measure_again(db, None)
