"""The database file: opened, checked, brought up to date, copied."""

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from bot.store import StoreError
from bot.store._faults import BROKEN, FILE, told, translated

BUSY_S = 5.0
"""Seconds to wait for somebody else's lock."""
LEFT_OUT = ("lock", "zhiyin.sock", "backups")
"""What a backup does not copy; nor the database file, which is copied in its own way."""

GIVE_BACK = """update entry set state = 'received', turn = ''
    where turn in (select turn from conversation where turn <> '') and state = 'claimed'"""


SCHEMAS = ("schema.sql", "schema2.sql", "schema3.sql")
"""Each takes a database one version further."""


def migrations() -> Sequence[str]:
    """The SQL that takes a database from each version to the next."""
    return [(Path(__file__).parent / name).read_text(encoding="utf-8") for name in SCHEMAS]


def connect(path: Path, synchronous: str) -> sqlite3.Connection:
    """A connection as the store needs it. Raises sqlite3.Error."""
    with ExitStack() as undo:
        db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        undo.callback(db.close)
        db.execute("pragma journal_mode = wal")
        db.execute(f"pragma synchronous = {synchronous}")
        db.execute("pragma secure_delete = on")  # what a user deletes is gone from the file too
        db.execute("pragma temp_store = memory")  # nor does any of it go to a temporary file
        undo.pop_all()
    return db


def opened(path: Path, synchronous: str, steps: Sequence[str]) -> sqlite3.Connection:
    """The sound, current database, made when there is none; claims of a process before are void.

    Raises StoreError, sqlite3.Error and OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
    with ExitStack() as undo:
        db = connect(path, synchronous)
        undo.callback(db.close)
        _check(db, path)
        _migrate(db, path, steps)
        db.execute("pragma foreign_keys = on")
        _release(db)
        undo.pop_all()
    return db


def _check(db: sqlite3.Connection, path: Path) -> None:
    """Corruption shows only on read: look for it before anything relies on the file."""
    (word,) = db.execute("pragma quick_check(1)").fetchone()
    if word != "ok":
        raise StoreError(told(path, BROKEN, word))


def _migrate(db: sqlite3.Connection, path: Path, steps: Sequence[str]) -> None:
    (version,) = db.execute("pragma user_version").fetchone()
    if version > len(steps):
        raise StoreError(
            f"{path} 的版本是 {version}，这个程序只认到 {len(steps)}：请更新程序（git pull），或换一个 data.dir。\n"
            f"{path} has version {version}, this program knows {len(steps)}: update it (git pull), or set another data.dir."
        )
    saved = path.with_name(f"{FILE}.v{version}")
    if 0 < version < len(steps) and not saved.exists():
        _copy(db, saved)
    for number, step in enumerate(steps[version:], version + 1):
        db.executescript(f"begin immediate;\n{step}\n;\npragma user_version = {number};\ncommit;")


def _release(db: sqlite3.Connection) -> None:
    """The data folder is this process's alone: who held a claim is dead."""
    db.execute("begin immediate")
    db.execute(GIVE_BACK)
    db.execute("update conversation set turn = '' where turn <> ''")
    db.execute("commit")


def _copy(db: sqlite3.Connection, target: Path) -> None:
    """A consistent copy that is there whole or not at all."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        with closing(sqlite3.connect(draft)) as copy:
            db.backup(copy)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def backup(data_dir: Path, target: Path) -> None:
    """Copy the data folder, while she runs or not; what is at the target is replaced. Raises StoreError and OSError."""
    path = data_dir / FILE
    if not path.is_file():
        raise StoreError(f"{data_dir} 里还没有数据，没有可备份的。\nThere is nothing in {data_dir} yet to back up.")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in ("-wal", "-shm"):  # of a database that was here before: it must not be taken for the copy's
        (target / f"{FILE}{left}").unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)) as db:
            _copy(db, target / FILE)
    except sqlite3.Error as error:
        raise translated(error, path) from error
    # The files come after the rows, so that none of a row's is missing but what was deleted meanwhile.
    skipped = data_dir.resolve(), target.resolve()

    def left_out(folder: str, names: list[str]) -> set[str]:
        here = Path(folder).resolve()
        top = (
            {name for name in names if name.startswith(FILE) or name in LEFT_OUT} if here == skipped[0] else set[str]()
        )
        return top | {name for name in names if name.startswith(".") or here / name == skipped[1]}

    shutil.copytree(data_dir, target, ignore=left_out, copy_function=_copy_file, dirs_exist_ok=True)


def _copy_file(source: str, target: str) -> None:
    with suppress(FileNotFoundError):
        shutil.copy2(source, target)
