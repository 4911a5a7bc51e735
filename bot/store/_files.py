"""Bytes by their hash as files, written whole or not at all."""

import hashlib
import os
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from bot.store import Full


def hashed(data: bytes) -> str:
    """SHA-256 of the bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Files:
    """A folder of files named by the hash of their bytes."""

    folder: Path
    sync: bool
    """Whether a file must survive a power cut as soon as it is written."""

    def write(self, name: str, data: bytes) -> None:
        """Keep bytes by their hash, unless they are there. Raises Full."""
        path, draft = self.folder / name, self.folder / f".{uuid4().hex}"
        if path.exists():
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(data)
                if self.sync:
                    file.flush()
                    os.fsync(file.fileno())
            draft.replace(path)
            if self.sync:
                self._sync_names()
        except OSError as error:
            draft.unlink(missing_ok=True)
            why = error.strerror
            raise Full(f"{self.folder} 写不进去：{why}。\n{self.folder} cannot be written: {why}.") from error

    def read(self, name: str) -> bytes | None:
        """The bytes of a hash, if they are there."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return None

    def drop(self, name: str) -> None:
        """Delete the bytes of a hash."""
        (self.folder / name).unlink(missing_ok=True)

    def sweep(self, known: Container[str]) -> None:
        """Delete files nobody knows of: left between a file and its row by a killed process."""
        if self.folder.is_dir():
            with os.scandir(self.folder) as entries:
                lost = [entry.name for entry in entries if entry.name not in known and entry.is_file()]
            for name in lost:
                self.drop(name)

    def _sync_names(self) -> None:
        """The rename itself must survive, too."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
