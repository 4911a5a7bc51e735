"""What the contract of channels needs of a kind: its adapter, connected to a stand-in of its service.

A kind is picked up by itself: ``tests/channel/rig_<kind>.py`` has a ``rig(folder)`` for each adapter of ``bot.channel``.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot.channel import Channel, Memo, Premises


@dataclass
class Notes:
    """A memo that outlives the channel, as the store's does."""

    kept: dict[str, str] = field(default_factory=dict[str, str])

    async def recall(self, key: str) -> str:
        """What was remembered."""
        return self.kept.get(key, "")

    async def remember(self, key: str, value: str) -> None:
        """Remember, or forget."""
        if value:
            self.kept[key] = value
        else:
            self.kept.pop(key, None)

    async def recollect(self, prefix: str) -> dict[str, str]:
        """All under a prefix."""
        return {key: value for key, value in self.kept.items() if key.startswith(prefix)}


@dataclass
class Told:
    """An operator who remembers what he was told."""

    words: list[str] = field(default_factory=list[str])

    async def __call__(self, text: str) -> None:
        """Hear it."""
        self.words.append(text)


def premises(folder: Path, memo: Memo | None = None, told: Told | None = None) -> Premises:
    """What a channel gets in tests; the folder is its own."""
    return Premises(memo or Notes(), folder / "credentials", lambda: "你好，我是小测。", told or Told())


class Rig(Protocol):
    """One service as its users and its channel see it. The user ``lee`` talks in a private chat unless said otherwise."""

    limit: int
    """Most of one text message, in the unit of the channel's capabilities."""

    def channel(self, memo: Memo) -> Channel:
        """A fresh adapter connected to the stand-in, as after a restart of the bot; its name is ``shop``."""
        ...

    async def say(self, text: str, id: str, sender: str = "lee") -> None:
        """A user sends a text; returns at once, the service brings it as its protocol has it."""
        ...

    async def again(self, id: str) -> None:
        """The service brings a message that it brought before once more."""
        ...

    async def echo(self, text: str) -> bool:
        """The service shows the bot what it said itself; False: this service never does."""
        ...

    async def received(self, sender: str = "lee") -> str:
        """The next text that a user got, as the phone shows it (decoded, without what the protocol adds)."""
        ...

    async def heard(self, sender: str = "lee") -> bytes:
        """The next thing that a user got, which is sound: its bytes as the phone has them."""
        ...

    def requests(self) -> int:
        """How many requests to show something to a user the service saw (also those it refused or lost)."""
        ...

    async def down(self) -> None:
        """The service is out of reach from now on: connections are cut, new ones refused or answered 5xx."""
        ...

    async def up(self) -> None:
        """It can be reached again, with everything it knew."""
        ...


Rigging = AbstractAsyncContextManager[Rig]
