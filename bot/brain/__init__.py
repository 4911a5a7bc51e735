"""Brains: what thinks of an answer."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.tool import Tool


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The brain wants something done before it goes on."""

    id: str
    """Unique within the answer; the result is told under it."""
    name: str
    arguments: str
    """JSON, as the brain wrote it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One chat message of a prompt."""

    role: str
    """``system``, ``user``, ``assistant``, or ``tool`` for what came of a call."""
    text: str
    pictures: tuple[tuple[str, bytes], ...] = ()
    """(MIME type, bytes), for brains that can see."""
    calls: tuple[ToolCall, ...] = ()
    """Of the assistant: what it wanted done."""
    call: str = ""
    """Of a tool: the id of the call it answers."""
    say: str = ""
    """Of a tool: the result in words that can be said as they are, for brains without a model."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """All a brain needs for one answer."""

    said: tuple[Said, ...]
    """System first (stable per persona version), then history, then the user's words with their context."""
    question: str
    """The user's own words alone, for brains that look things up."""
    persona: str = ""
    """The persona's id: brains that answer from its folder look it up."""
    max_tokens: int = 1024
    tools: tuple[Tool, ...] = ()
    """What may be called, sorted by name."""
    enough: bool = False
    """No further call: answer with what there is."""
    keeps: bool = False
    """What the user tells of themselves is remembered."""


@dataclass(frozen=True, slots=True)
class Token:
    """A bit of the answer's text, cues and citations included."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of an answer: without it the answer is cut."""

    reason: str
    """``stop``, ``length``, ``filter``, or ``tools`` where calls wait for their results."""
    model: str = ""
    usage: Mapping[str, int] = field(default_factory=dict[str, int])
    """``input`` and ``output`` tokens, ``cached`` where told."""
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the brain tells of its own, such as ``band`` and ``entry`` of the offline brain; ``seen``: how many pictures it saw."""


Thought = Token | ToolCall | Finish


class Brain(Protocol):
    """Answers a prompt."""

    @property
    def name(self) -> str:
        """What entries and ``doctor`` call it, such as ``openai`` or ``offline``."""
        ...

    @property
    def reason(self) -> str:
        """Where it thinks, or why it is this one; empty: nothing to say."""
        ...

    @property
    def last_resort(self) -> "Brain | None":
        """Who may answer when this one will not."""
        ...

    async def warm(self) -> None:
        """Load what the first answer would wait for; never fails."""
        ...

    def think(self, prompt: Prompt) -> AsyncGenerator[Thought]:
        """Stream the answer; the last item is a Finish. Raises BrainError. Closing the stream aborts the request."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class BrainError(Exception):
    """The answer cannot be had, or is cut."""

    def __init__(self, kind: str, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind
        """``refused`` (key or model), ``busy``, ``unreachable``, ``timeout``, ``broken``, ``cut``, ``empty``, ``filtered``."""
        self.retry_after = retry_after
        """Seconds the service asked to wait."""

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed soon."""
        return self.kind not in ("refused", "filtered")
