"""Buses: how a turn's pieces reach the doors, and the doors' words reach the turn."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.message import Control, Piece


class Listener(Protocol):
    """A door that follows a conversation; iterate it for the pieces. It ends when the door was too slow."""

    sound: bool
    """Whether the door can be heard from; may change at any time."""
    whole: bool
    """Whether it wants later lines whole, as MP3."""
    seen: bool
    """Whether it shows words to somebody."""

    def close(self) -> None:
        """No more pieces come: iterating ends after those that are there."""
        ...

    def __aiter__(self) -> AsyncIterator[Piece]: ...


class Bus(Protocol):
    """Two topics per conversation: pieces to the doors, controls to the turn. Publishing never waits."""

    def publish(self, piece: Piece) -> None:
        """Hand a piece to every door that listens now; the running turn's pieces are kept for late ones."""
        ...

    def listen(
        self, conversation: str, *, sound: bool, whole: bool = False, seen: bool = True
    ) -> AbstractAsyncContextManager[Listener]:
        """Follow a conversation; the running turn's pieces so far come first."""
        ...

    def listeners(self, conversation: str) -> int:
        """How many doors show words."""
        ...

    def ears(self, conversation: str) -> int:
        """How many doors follow with sound."""
        ...

    def whole(self, conversation: str) -> bool:
        """Whether a door with sound wants later lines whole."""
        ...

    def control(self, control: Control) -> None:
        """Tell the conversation's turn something; forgotten when none runs."""
        ...

    def controls(self, conversation: str) -> AbstractAsyncContextManager[AsyncIterator[Control]]:
        """Follow what doors tell."""
        ...
