"""What can be wrong with the database file, in plain words."""

import sqlite3

from bot.store import Full, StoreError

FILE = "zhiyin.db"

BROKEN = (
    "坏了，读不下去",
    "先停掉知音，再把备份里的 zhiyin.db 和 media 拷回数据目录，并删掉 zhiyin.db-wal 和 zhiyin.db-shm",
    "is broken",
    "stop her, copy zhiyin.db and media from a backup into the data folder, delete zhiyin.db-wal and zhiyin.db-shm",
)
SHUT = (
    "打不开或不能写",
    "检查它和所在目录的权限（chmod u+w），或用 data.dir 换一个目录",
    "cannot be opened for writing",
    "check the permissions of the file and its folder (chmod u+w), or set data.dir",
)
NO_ROOM = ("写不进去，磁盘满了", "腾出一些空间", "cannot be written, the disk is full", "make some room")
LOCKED = ("正被别的程序锁着", "关掉那个程序", "is locked by another program", "close that program")

WORDS = {
    sqlite3.SQLITE_CORRUPT: BROKEN,
    sqlite3.SQLITE_NOTADB: BROKEN,
    sqlite3.SQLITE_READONLY: SHUT,
    sqlite3.SQLITE_CANTOPEN: SHUT,
    sqlite3.SQLITE_PERM: SHUT,
    sqlite3.SQLITE_FULL: NO_ROOM,
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
}
"""By primary result code: fault and mend, Chinese and English."""
WRITING = {
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMMAP,
}
"""How a disk, a quota or a limit of file sizes says that there is no room."""


def told(place: object, fault: tuple[str, str, str, str], why: object) -> str:
    """A fault with its place, reason and mend."""
    zh, mend_zh, en, mend_en = fault
    return f"{place} {zh}（{why}）：{mend_zh}。\n{place} {en} ({why}): {mend_en}."


def translated(error: sqlite3.Error, place: object = FILE) -> StoreError:
    """A database error in the store's words; Full for what may be better in a moment."""
    code = getattr(error, "sqlite_errorcode", 0)
    fault = NO_ROOM if code in WRITING else WORDS.get(code & 0xFF)
    if fault is None:
        return StoreError(f"{place} 出错了 / failed: {error}")
    return (Full if fault in (NO_ROOM, LOCKED) else StoreError)(told(place, fault, error))
