"""Bytes by their hash as files, written whole or not at all."""

import hashlib
import os
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

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

    def write(self, data: bytes) -> str:
        """Keep bytes; their hash. Raises Full."""
        name = hashed(data)
        path, draft = self.folder / name, self.folder / f".{name}.{os.getpid()}"
        if path.exists():
            return name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                file.write(data)
                if self.sync:
                    file.flush()
                    os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise Full(f"{path}: {error.strerror}") from error
        return name

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
            for entry in list(os.scandir(self.folder)):
                if entry.name not in known:
                    os.unlink(entry.path)
