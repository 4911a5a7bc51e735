"""Passages put into an index's tables and taken out of them: counted, measured, and with the vectors they had."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from bot.grams import grams
from bot.retrieval import Candidate, Item, Weights

BATCH, MOST_KNOWN = 500, 200_000
"""Passages that are measured together, and grams of which it is kept in mind meanwhile how often they are seen."""
ITEM = "id, wordings, answer, language, file, heading"


@dataclass(frozen=True, slots=True)
class Counted:
    """A passage in the index, and how often it has each of its grams."""

    number: int
    item: Item
    body: Counter[str]


def item(row: Sequence[str]) -> Item:
    """A passage out of its row, which begins with the columns of ITEM."""
    id, wordings, answer, language, file, heading = row[:6]
    return Item(id, tuple(json.loads(wordings)), answer, language, file, heading)


def candidate(row: Sequence[Any]) -> Candidate:
    """A passage with its measures out of a row: the columns of ITEM, norm, norms."""
    return Candidate(item(row), row[6], tuple(json.loads(row[7])))


def digest(item: Item) -> str:
    """A passage's text in short: as long as it is the same, its vector is."""
    return sha256(item.indexed.encode("utf-8", "surrogatepass")).hexdigest()


def size(db: sqlite3.Connection) -> int:
    """How many passages there are."""
    return db.execute("select coalesce(sum(passages), 0) from document").fetchone()[0]


def seen(db: sqlite3.Connection, wanted: Sequence[str]) -> dict[str, int]:
    """How many passages have each gram."""
    sql = "select gram, passages from seen where gram in (select value from json_each(?))"
    return dict(db.execute(sql, (json.dumps([*dict.fromkeys(wanted)]),)).fetchall())


def drop(db: sqlite3.Connection, file: str) -> Counter[str]:
    """Take a file's passages out; how many fewer have each gram, below nought."""
    change: Counter[str] = Counter()
    for row in db.execute(f"select {ITEM}, number from passage where file = ?", (file,)):
        found, number = grams(item(row).indexed), row[6]
        db.execute("insert into gram (gram, rowid, grams) values ('delete', ?, ?)", (number, " ".join(found)))
        db.execute("delete from vector where number = ?", (number,))
        db.execute("delete from measure where number = ?", (number,))
        change.subtract(set(found))
    db.execute("delete from passage where file = ?", (file,))
    db.execute("delete from document where file = ?", (file,))
    return change


def count(db: sqlite3.Connection, change: Counter[str]) -> None:
    """Write down that more or fewer passages have grams."""
    sql = "insert into seen values (?, ?) on conflict do update set passages = passages + excluded.passages"
    db.executemany(sql, sorted((gram, more) for gram, more in change.items() if more))
    gone = [(gram,) for gram, more in change.items() if more < 0]
    db.executemany("delete from seen where gram = ? and passages = 0", gone)


def add(db: sqlite3.Connection, item: Item, file: str) -> Counted:
    """Put a passage in, without its measures."""
    sql = """insert or ignore into passage (id, file, heading, wordings, answer, language) values (?, ?, ?, ?, ?, ?)
        returning number"""
    wordings = json.dumps(item.wordings, ensure_ascii=False)
    values = (item.id, file, item.heading, wordings, item.answer, item.language)
    row = next(filter(None, (db.execute(sql, (id, *values[1:])).fetchone() for id in _free(item.id))))
    found = grams(item.indexed)
    db.execute("insert into gram (rowid, grams) values (?, ?)", (row[0], " ".join(found)))
    return Counted(row[0], item, Counter(found))


def measure(db: sqlite3.Connection, batch: Sequence[Counted], weights: Weights) -> None:
    """Write down the lengths of passages' vectors of grams; the weights learn what they do not know yet."""
    unknown = [gram for gram in set().union(*(each.body for each in batch)) if gram not in weights.seen]
    weights.seen.update({**dict.fromkeys(unknown, 0), **seen(db, unknown)})
    rows: list[tuple[int, float, str, int]] = []
    for each in batch:
        norms = [round(weights.norm(Counter(grams(wording))), 5) for wording in each.item.wordings]
        rows.append((each.number, weights.norm(each.body), json.dumps(norms), weights.size))
    db.executemany("insert or replace into measure values (?, ?, ?, ?)", rows)


def measure_again(db: sqlite3.Connection, file: str | None) -> None:
    """Measure a file's passages as the corpus is now; None: all of them."""
    weights = Weights(size(db), {})
    where, values = ("where file = ?", (file,)) if file is not None else ("", ())
    rows = db.execute(f"select {ITEM}, number from passage {where}", values)
    while batch := rows.fetchmany(BATCH):
        if len(weights.seen) > MOST_KNOWN:
            weights = Weights(weights.size, {})
        items = [(row[6], item(row)) for row in batch]
        measure(db, [Counted(number, each, Counter(grams(each.indexed))) for number, each in items], weights)


def pictures(db: sqlite3.Connection, file: str) -> dict[str, tuple[str, bytes]]:
    """A file's vectors of meaning, with their models, by what their texts are in short."""
    sql = "select text, model, data from vector join passage using (number) where file = ?"
    return {text: (model, data) for text, model, data in db.execute(sql, (file,))}


def picture(db: sqlite3.Connection, batch: Sequence[Counted], pictures: Mapping[str, tuple[str, bytes]]) -> None:
    """Give passages the vectors that their texts had before."""
    texts = ((each.number, digest(each.item)) for each in batch)
    rows = [(number, text, *pictures[text]) for number, text in texts if text in pictures]
    db.executemany("insert into vector (number, text, model, data) values (?, ?, ?, ?)", rows)


def _free(id: str) -> Iterator[str]:
    yield id
    number = 2
    while True:
        yield f"{id}~{number}"
        number += 1
