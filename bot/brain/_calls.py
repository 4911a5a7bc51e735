"""Tool calls as services stream them: in pieces, told apart by id, by index, or by nothing but their order.

Ways that were seen: id and index as OpenAI sends them; ids without index (Gemini's compatible door, old Ollama); all at
index 0 with ids that differ; one id for all; an id of its own for every piece (vLLM); arguments whole, null, or an object.
"""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from bot.brain import BrainError, ToolCall

MOST = 32
"""Calls of one answer."""
NAME = 128
"""Characters of a name that are looked at; the longest one that services take has half of them."""
LARGEST = 200_000
"""Characters of a call's arguments."""


@dataclass(slots=True)
class Pieces:
    """A call while it comes in."""

    id: str
    index: int | None
    name: str = ""
    arguments: str = ""


class Calls:
    """The calls of one answer."""

    def __init__(self) -> None:
        self._found: list[Pieces] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def take(self, piece: dict[str, Any]) -> None:
        """The next piece of one of the calls. Raises BrainError when there is no end of them."""
        function: dict[str, Any] = piece.get("function") or {}
        name, arguments = str(function.get("name") or ""), _written(function.get("arguments"))
        call = self._owner(str(piece.get("id") or ""), piece.get("index"), name, arguments)
        call.name = call.name or name[:NAME]
        call.arguments += arguments
        if len(call.arguments) > LARGEST:
            raise BrainError("broken", "a call without end")

    def all(self) -> list[ToolCall]:
        """All calls, each with an id of its own; one that has to be made up is none that any other answer uses."""
        ids: set[str] = set()
        calls: list[ToolCall] = []
        for call in self._found:
            id = call.id if call.id and call.id not in ids else f"call_{secrets.token_hex(8)}"
            ids.add(id)
            calls.append(ToolCall(id, whole(call.name), whole(call.arguments) or "{}"))
        return calls

    def _owner(self, id: str, index: int | None, name: str, arguments: str) -> Pieces:
        """The call a piece belongs to: by its id, else by its index, else the last one; else it begins one."""
        found = self._by_id(id, index) or self._by_place(id, index, name)
        if found is None or _begins(found, id, name, arguments):
            if len(self._found) == MOST:
                raise BrainError("broken", "calls without end")
            found = Pieces(id, index)
            self._found.append(found)
        return found

    def _by_id(self, id: str, index: int | None) -> Pieces | None:
        """The call of an id; where an id is given to several calls, that of the index, too."""
        alike = (call for call in reversed(self._found) if id and call.id == id)
        return next((call for call in alike if None in (index, call.index) or call.index == index), None)

    def _by_place(self, id: str, index: int | None, name: str) -> Pieces | None:
        """The call at an index, else the last one; a piece with an id of its own and a name begins another."""
        if id and name:
            return None
        if index is None:
            return self._found[-1] if self._found else None
        return next((call for call in reversed(self._found) if call.index == index), None)


def _begins(call: Pieces, id: str, name: str, arguments: str) -> bool:
    """Whether a piece that seems to belong to a call is another one: it has another name, or all was said."""
    if not name or not call.name:
        return False
    fresh = arguments.lstrip().startswith("{") and not (id and id == call.id)
    return name[:NAME] != call.name or (fresh and _complete(call.arguments))


def _complete(arguments: str) -> bool:
    """Whether nothing can follow."""
    try:
        return isinstance(json.loads(arguments), dict)
    except (ValueError, RecursionError):
        return False


def whole(text: str) -> str:
    """The text with its halves of characters put together; a half alone becomes a mark: no request or file can hold it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _written(arguments: object) -> str:
    """Arguments as text, whatever they are sent as."""
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else json.dumps(arguments, ensure_ascii=False)
