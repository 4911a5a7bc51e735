"""A process that reads documents into an index: ``python -m bot.knowledge INDEX FOLDER``, the wanted files as JSON on stdin."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from bot import reading
from bot.chunks import Chunk
from bot.faults import shown
from bot.folder import LARGEST_DOCUMENT, Unreadable
from bot.folder import read as contents
from bot.knowledge.index import FAQ, Index
from bot.reading import Read
from bot.retrieval import Item, written


async def update(index: Index, folder: Path, wanted: Mapping[str, str]) -> None:
    """Bring the index to what is wanted (path → hash); a line of JSON on stdout for every file."""
    there = index.documents()
    for file in there:
        if file != FAQ and file not in wanted:
            index.remove(file)
    due = [file for file, hash in wanted.items() if file not in there or there[file].hash != hash]
    for number, file in enumerate(due, 1):
        print(json.dumps({"file": file, "number": number, "of": len(due)}), flush=True)
        await _renew(index, folder, file)
    if due:
        index.settle()


async def _renew(index: Index, folder: Path, file: str) -> None:
    """Read one file; what it had before stays until all of it is read."""
    hash, said = "", ""
    found = Read((), ())
    try:
        data = contents(folder, file, LARGEST_DOCUMENT)
        hash = sha256(data).hexdigest()
        found = await reading.read(folder / file, data)
    except Unreadable as error:
        said = "。 ".join(map(str, error.args)) + "."
    except OSError as error:
        said = f"读不了：{error.strerror}。 Cannot be read: {error.strerror}."
    told = [*([said] if said else []), *(f"{notice.zh}。 {notice.en}." for notice in found.notices)]
    notice = "\n".join(f"{shown(folder / file)}：{each}" for each in told)
    index.replace(file, hash, items(file, found), notice)


def items(file: str, found: Read) -> list[Item]:
    """A file's passages as items to be found."""
    name = "".join(" " if c in "[]\r\n" else c for c in file)[-80:].strip()
    return [_item(f"{name}#{number}", file, chunk) for number, chunk in enumerate(found.chunks, 1)]


def _item(id: str, file: str, chunk: Chunk) -> Item:
    page = f"第 {chunk.page} 页" if chunk.page else ""
    heading = " › ".join(filter(None, (*chunk.headings, page)))
    wordings = chunk.questions or chunk.headings[-1:]
    return Item(id, tuple(wordings), chunk.text, written(chunk.text), file, heading)


def main() -> None:
    """Do it, out of the way of those who talk."""
    os.nice(10)
    path, folder = map(Path, sys.argv[1:3])
    index = Index(path)
    asyncio.run(update(index, folder, json.load(sys.stdin)))
    index.close()


if __name__ == "__main__":
    main()
