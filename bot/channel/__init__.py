"""Channels: the ways to reach her."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from aiohttp import web

from bot.message import Delivery, Entry, Message, Piece, Receipt
from bot.notice import Tell, nobody


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry."""

    live: bool = False
    """Shows a reply while it grows, so nothing need be delivered afterwards."""
    text_limit: int = 0
    """Most of a text message, counted in ``text_unit``; 0: no limit."""
    text_unit: Literal["bytes", "characters"] = "characters"
    """Bytes are those of UTF-8."""
    markdown: bool = False
    """Shows Markdown as it is meant; else texts come to it plain."""
    voice: Literal["", "mp3", "amr", "silk"] = ""
    """Format of the voice notes it sends; empty: none."""
    hears: str = ""
    """Format of the voice notes users send, where it is another."""
    voice_limit_s: float = 60.0
    """Longest voice note."""
    pictures: bool = False
    """Sends pictures."""
    files: bool = False
    """Sends files."""
    groups: bool = False
    labels: bool = False
    """Its service itself writes beside each text that an AI made it."""
    window_s: float = 0.0
    """Seconds after a user's last message in which something can still be sent to them; 0: at any time."""
    shows_growth: bool = False
    """What ``follow`` does shows the words themselves (not only that she is typing)."""


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
"""Writes a message down; a channel acknowledges to its service only after this has returned.

A refused message is acknowledged too, but for ``full`` and ``closing``: those shall come again. The notice of a refusal is
delivered by the house; a channel need not.
"""


class Memo(Protocol):
    """What a channel must remember over restarts: cursors, tokens of conversations, counts. Durable when it returns."""

    async def recall(self, key: str) -> str:
        """What was remembered; empty: nothing."""
        ...

    async def remember(self, key: str, value: str) -> None:
        """Remember; an empty value forgets. What belongs to a user has a key that ends in ``:<sender>`` and goes with them."""
        ...

    async def recollect(self, prefix: str) -> dict[str, str]:
        """All that was remembered under keys that begin so, by key."""
        ...


@dataclass(frozen=True, slots=True)
class Premises:
    """What the house lends a channel."""

    memo: Memo
    folder: Path
    """The channel's own folder for credentials; the channel makes it (0700) when it has something to keep (0600)."""
    greeting: Callable[[], str] = str
    """Her first words to somebody new, with the notice that she is an AI and the label."""
    tell: Tell = nobody
    """Tells the operator, on the page and in the log."""
    now: Callable[[], float] = field(default=lambda: asyncio.get_running_loop().time())
    """Seconds of a clock that never goes back."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A turn as a channel may follow it."""

    conversation: str
    turn: str
    """Its deliveries have keys that begin with ``<turn>/``."""
    sender: str
    ids: tuple[str, ...]
    """The channel's ids of the messages it answers."""


class Channel(Protocol):
    """One configured way to reach her."""

    name: str
    capabilities: Capabilities

    async def listen(self, accept: Accept) -> None:
        """Bring what users say, for as long as the channel lives. Raises ChannelError when the connection is lost."""
        ...

    async def send(self, waiting: Sequence[Delivery]) -> Sequence[Receipt]:
        """Bring the first of a conversation's deliveries home, and those after it that the same request can carry.

        Gives a receipt for each it dealt with. Deliveries of different conversations come at the same time, those of one
        in order. A key that comes twice must reach the user once where the service allows. Raises ChannelError when the
        service cannot be reached: all are sent again later.
        """
        ...

    async def close(self) -> None:
        """Let go of sockets and say goodbye to the service."""
        ...


@runtime_checkable
class Following(Protocol):
    """A channel that shows that she is at it: a typing sign, words as they grow."""

    async def follow(self, asked: Asked, pieces: AsyncIterator[Piece]) -> None:
        """Follow a turn to its ``End``; nothing of it is sent before this has returned.

        What it begins to show (a stream of words), ``send`` closes with the turn's first delivery. Whatever goes wrong
        here is logged by the house and hurts nobody.
        """
        ...


@runtime_checkable
class Fetching(Protocol):
    """A channel whose messages bring attachments."""

    async def fetch(self, ref: str) -> bytes:
        """An attachment's bytes, whatever they are. Raises ChannelError; ``again`` is False when it is gone for good."""
        ...


@runtime_checkable
class Hooked(Protocol):
    """A channel whose service calls us, at ``/hook/<channel>``."""

    async def hook(self, request: web.Request) -> web.StreamResponse:
        """Answer a call; a body beyond the server's limit raises HTTPRequestEntityTooLarge by itself."""
        ...


@runtime_checkable
class Probed(Protocol):
    """A channel that can be looked at without talking to anybody."""

    async def probe(self) -> str:
        """What is found, in Chinese and English, when all is well. Raises ChannelError with the mend."""
        ...


@dataclass(frozen=True, slots=True)
class Step:
    """How far a login has come."""

    kind: Literal["qr", "wait", "scanned", "code", "done", "failed"]
    """``qr``: scan ``text``; ``code``: the service wants the number on the phone."""
    text: str = ""
    """Of ``qr``: what the QR code says; else what to tell the operator."""


class ChannelError(Exception):
    """The channel's service is out of reach or refuses."""

    def __init__(self, message: str, *, again: bool = True) -> None:
        super().__init__(message)
        self.again = again
        """Whether trying again may help; False: the operator must do something."""
