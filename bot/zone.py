"""The time zone she lives in: the operator's choice, else the machine's."""

import os
from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

LOCALTIME, TIMEZONE = Path("/etc/localtime"), Path("/etc/timezone")
FALLBACK = "Asia/Shanghai"
"""Where most who talk to her live; better than London where a machine tells nothing but UTC by a file without a name."""


def chosen(name: str) -> ZoneInfo:
    """The zone of an IANA name; of an empty one the machine's. Raises ValueError for a name nobody knows."""
    if name:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"no zone {name!r}") from error
    for each in _named():
        with suppress(KeyError, ValueError, OSError):
            return ZoneInfo(each)
    return ZoneInfo(FALLBACK)


def _named() -> list[str]:
    """What the machine calls its zone."""
    found = [os.environ.get("TZ", "").lstrip(":")]
    with suppress(OSError):
        found.append(str(LOCALTIME.resolve()).partition("zoneinfo/")[2])
    with suppress(OSError, UnicodeDecodeError):
        found.append(TIMEZONE.read_text(encoding="utf-8").strip())
    return [name for name in found if name]
