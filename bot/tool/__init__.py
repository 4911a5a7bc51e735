"""Tools: what she can do besides talking, offered to the brain by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bot.message import Part

NAME = r"[A-Za-z0-9_-]{1,64}"
"""What chat services take for a tool's name."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing that can be done."""

    name: str
    """``[A-Za-z0-9_-]``, at most 64 characters; of an MCP server ``<server>__<tool>``."""
    about: str
    """What it does and when to use it, in words for the model."""
    arguments: Mapping[str, Any]
    """JSON schema of an object."""
    writes: bool = False
    """It changes something: done at most once for the same messages and arguments."""
    confirm: bool = False
    """The user is asked before it is done."""
    doing: tuple[str, str] = ("", "")
    """What she is doing meanwhile, as the page shows it (zh, en); empty: nothing is shown."""
    patience_s: float = 0.0
    """Seconds a call may take; 0: as long as the house's tools may."""
    anew: bool = False
    """Of one that writes: cut off in the middle it left nothing behind, so the same call may begin anew."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who asks for a call, and when. Tools that act for a user take the user from here, never from arguments."""

    conversation: str
    door: str
    sender: str
    """The user's id within the door's channel."""
    person: str
    """Who the user is across the channels they linked."""
    persona: str
    """The persona's id."""
    words: str
    """The user's own words."""
    language: str
    """``zh`` or ``en``: what a result's ``say`` is written in."""
    now: datetime
    """With its zone."""
    key: str
    """The same for a repeated attempt of the same call."""
    group: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call."""

    text: str
    """For the model; data, never orders."""
    say: str = ""
    """The same in words she can say as they are, for brains without a model."""
    failed: bool = False
    ask: str = ""
    """What the user must be asked, at the end of the reply."""
    parts: tuple[Part, ...] = ()
    """What goes with the reply, such as a picture."""


class Toolbox(Protocol):
    """Some tools from one place."""

    @property
    def tools(self) -> Sequence[Tool]:
        """What can be done now, in an order that stays."""
        ...

    async def call(self, name: str, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """Do it. Raises ToolError; whatever else it raises is told as a failure."""
        ...

    async def tend(self) -> None:
        """Keep up what the tools stand on, until cancelled; returns at once where there is nothing."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...


class ToolError(Exception):
    """It could not be done; the words are for the model and may be told to the user."""
