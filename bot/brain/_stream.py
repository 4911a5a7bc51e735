"""What chat services stream, made plain: bytes that are cut anywhere → what is said, and how it ended. Pure."""

import json
from typing import Any

from bot.brain import BrainError, Finish, ToolCall
from bot.brain._calls import Calls, whole

LARGEST = 2**22
"""Bytes an event may have."""
REASONS = {"length": "length", "max_tokens": "length", "content_filter": "filter", "safety": "filter"}
"""Services' words for an end that is no plain stop."""
OPENS, CLOSES = "<think>", "</think>"


class Events:
    """Server-sent events. The data of a chat service's event is one line, so lines are all it takes."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[bytes]:
        """The data of all events that are complete now; comments and other fields are left out."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LARGEST:
            raise BrainError("broken", "an event without end")
        return [line[5:].strip() for line in lines if line.startswith(b"data:")]

    def rest(self) -> list[bytes]:
        """What stands there without its line's end."""
        return self.take(b"\n")


class Answer:
    """An answer while it comes in: the words to say, and what is told about it."""

    def __init__(self) -> None:
        self.reason = ""
        """Why it ended; empty: it has not."""
        self.model = ""
        self.usage: dict[str, int] = {}
        self.moves = 0
        """Events that brought words or thoughts; a sign of life that is neither is none."""
        self.said = False
        """Words were said."""
        self._calls = Calls()
        self._opening: str | None = ""
        """Its first characters, while they may still begin a block of thinking."""
        self._half = ""
        """Half of a character whose other half comes in the next event."""

    def read(self, event: bytes) -> str:
        """What may be said of an event. Raises BrainError when it is none, or tells of an error."""
        if event == b"[DONE]":
            return ""
        try:
            return self._chunk(json.loads(event))
        except (ValueError, TypeError, AttributeError) as error:  # no JSON, no UTF-8, or not the shape of a chunk
            raise BrainError("broken", f"the stream is none of chunks ({type(error).__name__})") from None

    def _chunk(self, chunk: dict[str, Any]) -> str:
        if error := chunk.get("error"):
            raise _told(error)
        self.model = chunk.get("model") or self.model
        if usage := chunk.get("usage"):
            self.usage = _usage(usage)
        return "".join(self._choice(choice) for choice in chunk.get("choices") or ())

    def rest(self) -> str:
        """Words that were held back until the end."""
        held, self._opening = (self._opening or "") + whole(self._half), None
        return "" if held.lstrip().startswith(OPENS) or not held.strip() else self._spoken(held)

    def finish(self) -> Finish:
        """Its end. Raises BrainError when there is none, or nothing was said."""
        if not self.reason:
            raise BrainError("cut" if self.said else "broken", "the stream ended without an end")
        if self.reason == "filter":
            raise BrainError("filtered")
        if not self.said and not self._calls:
            raise BrainError("empty")
        return Finish("tools" if self._calls else self.reason, self.model, self.usage)

    def calls(self) -> list[ToolCall]:
        """What is to be done before it goes on, now that all is said."""
        return self._calls.all()

    def _choice(self, choice: dict[str, Any]) -> str:
        delta = choice.get("delta") or choice.get("message") or {}
        if reason := choice.get("finish_reason"):
            self.reason = REASONS.get(str(reason).lower(), "stop")
        text = self._joined(_text(delta.get("content")))
        called = delta.get("tool_calls") or ()
        for call in called:
            self._calls.take(call)
        self.moves += bool(text or called or delta.get("reasoning_content") or delta.get("reasoning"))
        return self._opened(text) if text and self._opening is not None else self._spoken(text)

    def _joined(self, text: str) -> str:
        """Words whose characters are whole: some services cut an emoji in two, and no file or request can hold a half."""
        if text.isascii() and not self._half:
            return text
        text, self._half = self._half + text, ""
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return whole(text)

    def _opened(self, text: str) -> str:
        """What an answer begins with, without thinking that stands before it in the text."""
        opening = ((self._opening or "") + text).lstrip()
        if opening.startswith(OPENS) and CLOSES in opening:
            opening = opening.partition(CLOSES)[2].lstrip()
        if opening.startswith(OPENS) or OPENS.startswith(opening):
            self._opening = opening
            return ""
        self._opening = None
        return self._spoken(opening)

    def _spoken(self, text: str) -> str:
        self.said = self.said or bool(text.strip())
        return text


def _text(content: object) -> str:
    """A delta's words, told plainly or as a list of parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if part.get("type") == "text")
    return content if isinstance(content, str) else ""


def _told(error: object) -> BrainError:
    """An error that comes inside a stream that began well."""
    told = json.dumps(error).lower()
    kind = "busy" if any(word in told for word in ("overloaded", "rate_limit", "429", "503")) else "broken"
    return BrainError(kind, "an error in the stream")


def _usage(usage: dict[str, Any]) -> dict[str, int]:
    details = usage.get("prompt_tokens_details") or {}
    counted = {
        "input": usage.get("prompt_tokens"),
        "output": usage.get("completion_tokens"),
        "cached": details.get("cached_tokens", usage.get("prompt_cache_hit_tokens")),
    }
    return {name: value for name, value in counted.items() if isinstance(value, int)}
