"""The data folder belongs to one process at a time: a lock that names its holder."""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO


class Locked(Exception):
    """Another process works with the data folder."""

    def __init__(self, folder: Path, pid: int, url: str) -> None:
        super().__init__(f"{folder}: {pid} {url}")
        self.pid, self.url = pid, url
        """The holder's process id and address; 0 and empty where it has not said."""


@dataclass(slots=True)
class Lock:
    """A lock that is held."""

    file: TextIO

    def tell(self, url: str) -> None:
        """Write down who holds it, for those who come later; on a full disk the lock stands without a name."""
        with suppress(OSError):
            self.file.seek(0)
            self.file.truncate()
            self.file.write(json.dumps({"pid": os.getpid(), "url": url}))
            self.file.flush()


@contextmanager
def locked(folder: Path) -> Generator[Lock]:
    """Hold the folder's lock; the system lets go of it whatever ends the process. Raises Locked, and OSError when it cannot be written."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(folder, *_holder(file)) from None
        lock = Lock(file)
        lock.tell("")
        yield lock


def _holder(file: TextIO) -> tuple[int, str]:
    file.seek(0)
    with suppress(ValueError, KeyError, TypeError):
        said = json.loads(file.read())
        return int(said["pid"]), str(said["url"])
    return 0, ""
