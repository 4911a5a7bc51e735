"""Her body, drawn by code: `ensure` gives the folder of a look's VRM and manifest, made when it is missing."""

import hashlib
import json
import os
import shutil
from pathlib import Path

from . import dropped
from .look import LOOKS, PARAMETERS, Look, LookError, chosen, describe, fingerprint

BODY = "avatar.vrm"

__all__ = ["LOOKS", "PARAMETERS", "Look", "LookError", "chosen", "describe", "ensure"]


def ensure(look: Look, folder: Path) -> Path:
    """The folder `<folder>/<hash>` with avatar.vrm and manifest.json; drawn now (seconds of CPU) if it is missing."""
    home = folder / fingerprint(look)
    if (home / "manifest.json").exists():
        return home
    # Numpy and Pillow are heavy; a start that draws nothing doesn't load them.
    from .author import write

    draft = folder / f".{home.name}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        write(look, draft)
        if not home.exists():
            draft.rename(home)
    except OSError:
        # Another process may have been quicker; its files are the same.
        if not (home / "manifest.json").exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return home


def adopt(data: bytes, folder: Path) -> Path:
    """The folder `<folder>/<hash>` with a dropped VRM file and its manifest. Raises dropped.BadBody and OSError."""
    home = folder / adopted(data)
    if (home / "manifest.json").exists():
        return home
    content = {**dropped.content(data), "body": BODY}
    draft = folder / f".{home.name}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        (draft / BODY).write_bytes(data)
        (draft / "manifest.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if not home.exists():
            draft.rename(home)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return home


def adopted(data: bytes) -> str:
    """The name of a dropped file's folder: it changes with the file and with how it is read."""
    reader = Path(dropped.__file__).read_bytes()
    return hashlib.sha256(hashlib.sha256(data).digest() + reader).hexdigest()[:16]
