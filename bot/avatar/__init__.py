"""Her body, drawn by code: `ensure` gives the folder of a look's VRM and manifest, made when it is missing."""

import os
import shutil
from pathlib import Path

from .look import LOOKS, PARAMETERS, Look, LookError, chosen, describe, fingerprint

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
