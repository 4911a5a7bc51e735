"""What a turn is to answer: a prompt for the brain, or a reply that is settled already."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.brain import Prompt, ToolCall
from bot.deeds import Deed
from bot.draft import Find, nothing
from bot.tool import Result

Do = Callable[[ToolCall], Awaitable[Result]]
"""Does what the brain wants done; never fails."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a turn is to answer."""

    prompt: Prompt | None
    """None: the reply is settled already."""
    opening: str = ""
    """What the reply begins with, whoever gives it."""
    reply: str = ""
    """The settled reply."""
    find: Find = nothing
    """What may be cited, by id."""
    settled: tuple[Deed, ...] = ()
    """What was done before the brain is asked, since the user agreed to it."""
    rounds: int = 5
    """Rounds of calls an answer may take."""
    patience_s: float = 120.0
    """Seconds after which it takes no further ones."""
    do: Do | None = None
    mannered: bool = True
    """Whether words that ask for a stage direction get one."""
