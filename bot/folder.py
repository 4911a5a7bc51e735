"""A persona's folder as texts: only what belongs there, within limits, and nothing that a link smuggles in."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from bot.faults import Fault, Place, shown
from bot.reader import ENDINGS

SHEET, FAQ, LORE, KNOWLEDGE = "persona.yaml", "faq.yaml", "lorebook.json", "knowledge"
READ = tuple(sorted(ENDINGS))
"""Endings of the documents that can be read."""
LARGEST, LARGEST_DOCUMENT = 1_000_000, 50_000_000
"""Bytes of a file that says who she is, and of a document."""
LARGEST_LORE = 4_000_000
"""Bytes of lorebook.json: cards bring large ones."""
MOST_BYTES, MOST_FILES = 200_000_000, 2000
"""Of all documents together."""


@dataclass(slots=True)
class Contents:
    """What a folder holds."""

    sheet: str = ""
    faq: str = ""
    lore: str = ""
    documents: dict[str, str] = field(default_factory=dict[str, str])
    """Hash by path below knowledge/."""
    size: int = 0
    """Bytes read."""
    hashes: dict[str, str] = field(default_factory=dict[str, str])
    """Hash of every file that counts, by its path in the folder."""
    notices: list[str] = field(default_factory=list[str])
    """What was left aside."""
    faults: list[Fault] = field(default_factory=list[Fault])

    @property
    def version(self) -> str:
        """Changes with whatever she is made of."""
        return sha256("\n".join(f"{path} {hash}" for path, hash in sorted(self.hashes.items())).encode()).hexdigest()[
            :12
        ]


class Unreadable(Exception):
    """Why a file is not taken, in both languages."""


def contents(folder: Path) -> Contents:
    """All there is to read; what cannot be read is among the faults."""
    found = Contents()
    if (folder / SHEET).is_file():
        found.sheet = _take(found, folder, SHEET)
    else:
        zh, en = (
            "没有这个文件：请从 persona/ayin 复制一份来改",
            "There is no such file: copy persona/ayin and change it",
        )
        found.faults.append(_fault(folder / SHEET, zh, en))
    if os.path.lexists(folder / FAQ):
        found.faq = _take(found, folder, FAQ)
    if os.path.lexists(folder / LORE):
        found.lore = _take(found, folder, LORE, LARGEST_LORE)
    for path in _knowledge(found, folder):
        if len(found.documents) == MOST_FILES or found.size > MOST_BYTES:
            zh, en = f"资料太多：最多 {MOST_FILES} 个文件、共 {MOST_BYTES // 1_000_000} MB", "Too many documents"
            found.faults.append(_fault(folder / KNOWLEDGE, zh, en))
            break
        if _bytes(found, folder, path, LARGEST_DOCUMENT) is not None:
            found.documents[path.removeprefix(f"{KNOWLEDGE}/")] = found.hashes[path]
    return found


def names(roots: Iterable[Path]) -> list[str]:
    """The folders that lie in any of the roots."""
    found: set[str] = set()
    for root in roots:
        with suppress(OSError):  # one may be missing, or not ours to read
            found |= {path.name for path in root.iterdir() if path.is_dir()}
    return sorted(found)


def _knowledge(found: Contents, folder: Path) -> Iterator[str]:
    """Paths of the documents; README files and dot files are the operator's own."""
    for root, folders, files in os.walk(folder / KNOWLEDGE):
        for link in (each for each in (Path(root), *(Path(root) / name for name in folders)) if each.is_symlink()):
            zh, en = (
                "不跟随指向文件夹的链接：请把文件复制进来",
                "Links to folders are not followed: copy the files here",
            )
            found.faults.append(_fault(link, zh, en))
        if Path(root).is_symlink():
            return
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(root) / name
            if name.startswith(".") or name.upper().startswith("README"):
                continue
            if path.suffix.lower() in READ:
                yield path.relative_to(folder).as_posix()
            else:
                found.notices.append(
                    f"{shown(path)}：读不了这种文件，先放在一边；能读的有 {' '.join(READ)}。"
                    " This kind cannot be read and is left aside."
                )


def _take(found: Contents, folder: Path, path: str, largest: int = LARGEST) -> str:
    """A file's text, its hash written down; empty where there is a fault."""
    data = _bytes(found, folder, path, largest)
    try:
        return decoded(data or b"")
    except Unreadable as error:
        found.faults.append(_fault(folder / path, *map(str, error.args)))
        return ""


def _bytes(found: Contents, folder: Path, path: str, largest: int) -> bytes | None:
    """A file's bytes, its hash written down; None where there is a fault."""
    try:
        data = read(folder, path, largest)
    except OSError as error:
        found.faults.append(_fault(folder / path, f"读不了：{error.strerror}", f"Cannot be read: {error.strerror}"))
    except Unreadable as error:
        found.faults.append(_fault(folder / path, *map(str, error.args)))
    else:
        found.hashes[path], found.size = sha256(data).hexdigest(), found.size + len(data)
        return data
    return None


def _fault(path: Path, zh: str, en: str) -> Fault:
    return Fault(Place(shown(path)), "", f"{zh}。", f"{en}.")


def read(folder: Path, path: str, largest: int) -> bytes:
    """A file's bytes. Raises OSError; refuses what is too large, no plain file, or lies outside the folder."""
    file = folder / path
    if not file.resolve().is_relative_to(folder.resolve()):
        raise Unreadable("它在文件夹外面：请把文件复制进来", "It lies outside the folder: copy the file here")
    info = file.stat()
    if not stat.S_ISREG(info.st_mode):
        raise Unreadable("这不是普通文件", "This is no plain file")
    if info.st_size > largest:
        raise Unreadable(
            f"太大了：一个文件最多 {largest // 1_000_000} MB，请拆开",
            f"Too large: a file may have {largest // 1_000_000} MB; split it",
        )
    return file.read_bytes()


def decoded(data: bytes) -> str:
    """A text file's text, whatever a Chinese computer saved it as."""
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n")
    raise Unreadable("这不是文字文件：请存成 UTF-8", "This is no text: save it as UTF-8")
