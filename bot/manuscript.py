"""A persona's folder as programs change it for its operator: a shipped one is copied first, and what would break her is taken back."""

import io
import os
import shutil
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot import persona
from bot.faults import Fault, Faults, Place, shown
from bot.folder import LARGEST, Unreadable, decoded, read
from bot.persona import Persona

Change = Callable[[Persona, str], str]
"""The persona as her folder is now, and a file's text (empty: there is none) → the text it shall have."""
_WRITING = threading.Lock()
"""Two who write at once would each lose what the other wrote."""


def amended(who: Persona, own: Path, file: str, change: Change) -> Persona:
    """Change a text file of a persona, in ``own`` (the operator's personas); she as she is then.

    Raises Faults and OSError, nothing changed then, and whatever ``change`` raises.
    """
    with _WRITING:
        folder = _copied(who, own)
        path, now = folder / file, persona.load(folder)
        there = os.path.lexists(path)
        before = _bytes(folder, file) if there else b""
        text = change(now, decoded(before))
        if b"\r\n" in before:
            text = text.replace("\n", "\r\n")
        _replace(path, text.encode())
        try:
            return persona.load(folder)
        except Faults:
            if there:
                _replace(path, before)
            else:
                path.unlink()
            raise


def rewritten(text: str, change: Callable[[Any], None], margin: int = 0) -> str:
    """A YAML text with its data changed; comments, order and quotes stay. ``margin``: blanks before its list items."""
    yaml = _yaml()
    if margin:
        yaml.indent(mapping=2, sequence=margin + 2, offset=margin)
    data = yaml.load(text)
    change(data)
    return _dumped(yaml, data)


def dumped(data: object) -> str:
    """Data as YAML."""
    return _dumped(_yaml(), data)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml


def _dumped(yaml: YAML, data: object) -> str:
    out = io.StringIO()
    yaml.dump(data, out)
    return out.getvalue()


def _copied(who: Persona, own: Path) -> Path:
    """The folder that may be changed."""
    if who.folder.resolve().is_relative_to(own.resolve()):
        return who.folder
    folder = own / who.id
    if not folder.exists():
        own.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{who.id}.", dir=own) as draft:
            shutil.copytree(who.folder, Path(draft) / who.id).rename(folder)
    return folder


def _bytes(folder: Path, file: str) -> bytes:
    try:
        return read(folder, file, LARGEST)
    except Unreadable as error:
        zh, en = map(str, error.args)
        raise Faults([Fault(Place(shown(folder / file)), "", f"{zh}。", f"{en}.")]) from None


def _replace(file: Path, data: bytes) -> None:
    """Write all of a file or nothing."""
    descriptor, draft = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with open(descriptor, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        if file.exists():
            shutil.copymode(file, draft)
        else:
            os.chmod(draft, 0o644)
        os.replace(draft, file)
    except OSError:
        with suppress(OSError):
            os.unlink(draft)
        raise
