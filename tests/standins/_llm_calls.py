"""Function calling as chat services do it: what they refuse, how they stream calls, and what of a prompt they had cached."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

MANNERS = (
    "openai", "interleaved", "no-index", "no-id", "same-index", "same-id", "fresh-ids", "null-arguments", "whole",
)  # fmt: skip
"""Ways to stream calls: as OpenAI does, several at once in turns, without index (Gemini), without id, all at index 0
(Ollama), all with one id, each piece with an id of its own (vLLM), no arguments as null, arguments as an object."""
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
CHOICES = ("none", "auto", "required")
LEAST, STEP = 1024, 128
"""Tokens: what is worth caching, and the size of what is cached."""
KEPT = 64
"""Requests whose beginning is still cached."""

Call = tuple[str, object]
"""A tool's name, and its arguments: an object, or a string that goes as it is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model does: thinks, says something, calls."""

    text: str = ""
    calls: Sequence[Call] = ()
    thinks: str = ""
    fault: str = ""
    """How it goes wrong, as after ``fault-``."""


Plan = Callable[[dict[str, Any]], str | Sequence[Call] | Answer]
"""What the model does about a request's body."""


def planned(plan: Plan, body: dict[str, Any]) -> Answer:
    """The plan's answer."""
    found = plan(body)
    return found if isinstance(found, Answer) else Answer(found) if isinstance(found, str) else Answer(calls=found)


# What is refused


def malformed(body: Mapping[str, Any]) -> str:
    """What OpenAI says of a request that is wrong; empty: nothing is."""
    return next(_faults(body), "")


def _faults(body: Mapping[str, Any]) -> Iterator[str]:
    tools, choice = body.get("tools"), body.get("tool_choice")
    if tools == []:
        yield "[] is too short - 'tools'"
    if choice is not None and not tools:
        yield "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
    if isinstance(choice, str) and choice not in CHOICES:
        yield f"Invalid value: '{choice}'. Supported values are: 'none', 'auto', and 'required'."
    names = [each["function"]["name"] for each in tools or ()]
    for number, name in enumerate(names):
        if not NAME.fullmatch(name):
            yield _pattern(f"tools[{number}].function.name")
        if names.index(name) < number:
            yield "Tool names must be unique."
    yield from _order(body["messages"])


def _order(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    open_calls: list[str] = []
    for number, each in enumerate(messages):
        if each["role"] == "tool":
            if each.get("tool_call_id") not in open_calls:
                yield "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
            if not isinstance(each.get("content"), str | list):
                yield f"Invalid value for 'content': expected a string, got null. (messages[{number}])"
            open_calls = [id for id in open_calls if id != each.get("tool_call_id")]
            continue
        if open_calls:
            yield _unanswered(open_calls)
        called = each.get("tool_calls") or ()
        if each.get("content") is None and not called:
            yield f"Invalid value for 'content': expected a string, got null. (messages[{number}])"
        for at, call in enumerate(called):
            yield from _called(f"messages[{number}].tool_calls[{at}]", call)
        open_calls = [call["id"] for call in called]
        if len(set(open_calls)) < len(open_calls):
            yield f"Duplicate value for 'tool_call_id' of messages[{number}]."
    if open_calls:
        yield _unanswered(open_calls)


def _called(place: str, call: Mapping[str, Any]) -> Iterator[str]:
    function = call["function"]
    if not NAME.fullmatch(function["name"]):
        yield _pattern(f"{place}.function.name")
    try:
        arguments = json.loads(function["arguments"])
    except (ValueError, TypeError):
        arguments = None
    if not isinstance(arguments, dict):  # OpenAI takes any string; vLLM, Ollama and llama.cpp read it
        yield f"Invalid '{place}.function.arguments': not a JSON object."


def _unanswered(ids: Sequence[str]) -> str:
    return (
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."
        f" The following tool_call_ids did not have response messages: {', '.join(ids)}"
    )


def _pattern(place: str) -> str:
    return f"Invalid '{place}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."


# How calls are streamed

numbers = count(1)


def deltas(calls: Sequence[Call], manner: str) -> list[dict[str, Any]]:
    """The ``tool_calls`` items that stream these calls, one a chunk."""
    streams = [_pieces(number, name, given, manner) for number, (name, given) in enumerate(calls)]
    if manner == "interleaved":
        longest = max(map(len, streams), default=0)
        return [stream[at] for at in range(longest) for stream in streams if at < len(stream)]
    return [piece for stream in streams for piece in stream]


def _pieces(number: int, name: str, given: object, manner: str) -> list[dict[str, Any]]:
    """One call in pieces."""
    id = "call_same" if manner == "same-id" else f"call_{next(numbers):05d}"
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    if manner == "null-arguments" and given == {}:
        return [_piece(number, id, name, None, manner)]
    if manner == "whole":
        return [_piece(number, id, name, given, manner)]
    half = len(text) // 2
    parts = (
        [text[:half], text[half:]]
        if manner in ("no-index", "no-id")
        else [text[at : at + 5] for at in range(0, len(text), 5)]
    )
    first = "" if manner not in ("no-index", "no-id") else parts.pop(0)
    rest = [_piece(number, "", "", part, manner) for part in parts]
    return [_piece(number, id, name, first, manner), *rest]


def _piece(number: int, id: str, name: str, arguments: object, manner: str) -> dict[str, Any]:
    piece: dict[str, Any] = {"function": {"arguments": arguments}}
    if manner != "no-index":
        piece["index"] = 0 if manner == "same-index" else number
    if manner == "fresh-ids":
        id = f"call_{next(numbers):05d}"
    if id and manner != "no-id":
        piece["id"] = id
    if name:
        piece["function"]["name"], piece["type"] = name, "function"
    return piece


# What was cached


@dataclass(slots=True)
class Cache:
    """The beginnings of the latest requests."""

    seen: deque[str] = field(default_factory=lambda: deque[str](maxlen=KEPT))

    def usage(self, body: Mapping[str, Any], output: int) -> dict[str, Any]:
        """The tokens of a request and its answer, and how many of them were found in the cache."""
        text = written(body)
        same = max((shared(text, other) for other in self.seen), default=0)
        self.seen.append(text)
        cached = tokens(text[:same])
        return {
            "prompt_tokens": tokens(text),
            "completion_tokens": output,
            "prompt_tokens_details": {"cached_tokens": cached // STEP * STEP if cached >= LEAST else 0},
        }


def shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def written(body: Mapping[str, Any]) -> str:
    """A request in the order it is cached in: tools first."""
    parts = [body.get("tools") or [], *body["messages"]]
    return "\n".join(json.dumps(part, ensure_ascii=False) for part in parts)


def tokens(text: str) -> int:
    """About how many there are: two thirds of one for a Hanzi, a quarter for any other character."""
    wide = sum(ord(character) > 0x2E7F for character in text)
    return round(wide * 2 / 3 + (len(text) - wide) / 4)
