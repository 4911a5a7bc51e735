"""Channels: the ways to reach her."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.message import Delivery, Entry, Message, Receipt


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry."""

    live: bool = False
    """Shows a reply while it grows, so nothing need be delivered afterwards."""
    text_bytes: int = 0
    """Most bytes of a text message; 0: no limit."""
    voice: str = ""
    """Format of voice notes it sends; empty: none."""
    pictures: bool = False
    groups: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of a message a channel brought."""

    entry: Entry | None
    """The message as written down; None: refused, nothing is kept."""
    fresh: bool = True
    """False: the same message was accepted before."""
    refusal: str = ""
    """Why it was refused: ``blank``, ``long``, ``busy``, ``pace``, ``budget``, ``full``, ``closing``."""
    notice: str = ""
    """What to tell the user about the refusal, in her words."""


Accept = Callable[[Message], Awaitable[Admission]]
"""Writes a message down; a channel acknowledges to its service only after this has returned."""


class Channel(Protocol):
    """One configured way to reach her."""

    name: str
    capabilities: Capabilities

    async def listen(self, accept: Accept) -> None:
        """Bring what users say, for as long as the channel lives. Raises ChannelError when the connection is lost."""
        ...

    async def send(self, delivery: Delivery) -> Receipt:
        """Bring one delivery home. Raises ChannelError when the service cannot be reached."""
        ...


class ChannelError(Exception):
    """The channel's service is out of reach or refuses."""
