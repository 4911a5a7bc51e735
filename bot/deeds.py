"""What was done on the way to an answer: calls and what came of them, as the brain is told of it. Pure."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.brain import Finish, Prompt, Said, ToolCall
from bot.tool import Result


@dataclass(frozen=True, slots=True)
class Deed:
    """A call, and what came of it."""

    call: ToolCall
    result: Result
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Round:
    """One of the brain's answers that wanted something done, and what came of it."""

    deeds: tuple[Deed, ...]
    text: str
    """What was said before, cues and citations included."""
    finish: Finish


def continued(prompt: Prompt, rounds: Sequence[Round], *, enough: bool = False) -> Prompt:
    """The prompt after rounds of calls; ``enough``: there is to be no further one."""
    said = [each for round in rounds for each in _told(round)]
    return replace(prompt, said=(*prompt.said, *said), enough=enough)


def _told(round: Round) -> tuple[Said, ...]:
    called = Said("assistant", round.text, calls=tuple(deed.call for deed in round.deeds))
    results = (
        Said("tool", _fenced(deed.result), call=deed.call.id, say=deed.result.say or deed.result.text)
        for deed in round.deeds
    )
    return called, *results


def _fenced(result: Result) -> str:
    """A result as the brain reads it: data, whatever it says."""
    return f"<result>\n{html.escape(result.text, quote=False)}\n</result>"
