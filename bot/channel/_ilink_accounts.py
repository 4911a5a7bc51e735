"""iLink accounts: one per WeChat user who scanned, each a file that nobody else may read."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.channel import ChannelError


@dataclass(frozen=True, slots=True)
class Account:
    """A bot that a WeChat user bound by a scan."""

    id: str
    """``<hex>@im.bot``."""
    token: str = field(repr=False)
    base_url: str
    user: str
    """Who scanned: ``…@im.wechat``."""

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.id.replace('@', '-').replace('.', '-').replace('/', '-')}.json"


def read(folder: Path) -> Iterator[Account]:
    """The accounts in a folder, the newest first; a file that is none is left out."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files:
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            yield Account(str(kept["id"]), str(kept["token"]), str(kept["base_url"]), str(kept["user"]))
        except (OSError, ValueError, LookupError, TypeError):
            continue


def save(folder: Path, account: Account) -> None:
    """Keep an account; older ones of the same user are gone, since the service has made them void. Raises ChannelError."""
    kept = {"id": account.id, "token": account.token, "base_url": account.base_url, "user": account.user}
    draft = folder / f".{account.file}.{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(kept), encoding="utf-8")
        draft.replace(folder / account.file)
        for old in read(folder):
            if old.user == account.user and old.id != account.id:
                (folder / old.file).unlink(missing_ok=True)
    except OSError as error:
        raise ChannelError(f"{folder} 写不进去：{error.strerror}。 It cannot be written.", again=False) from error
