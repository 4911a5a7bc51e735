"""Tool calls as services stream them: in pieces, told apart by id, by index, or by nothing but their order. Pure.

Four ways were seen (facts/mind.md): id and index as OpenAI sends them; ids without index (Gemini's compatible door, old
Ollama); all at index 0 with ids that differ; arguments whole, null, or an object.
"""

import json
from dataclasses import dataclass
from typing import Any

from bot.brain import BrainError, ToolCall

MOST = 32
"""Calls of one answer."""
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
        call = self._owner(str(piece.get("id") or ""), piece.get("index"), str(function.get("name") or ""))
        arguments = function.get("arguments")
        call.arguments += arguments if isinstance(arguments, str) else _written(arguments)
        if len(call.arguments) > LARGEST:
            raise BrainError("broken", "a call without end")

    def all(self) -> list[ToolCall]:
        """All calls, each with an id of its own."""
        ids: set[str] = set()
        calls: list[ToolCall] = []
        for number, call in enumerate(self._found, 1):
            id = call.id if call.id and call.id not in ids else f"call_{number}"
            ids.add(id)
            calls.append(ToolCall(id, call.name, call.arguments or "{}"))
        return calls

    def _owner(self, id: str, index: int | None, name: str) -> Pieces:
        """The call a piece belongs to: by its id, else by its index, else the last one."""
        if id:
            found = next((call for call in self._found if call.id == id), None)
        elif index is not None:
            found = next((call for call in reversed(self._found) if call.index == index), None)
        else:
            found = self._found[-1] if self._found and not name else None
        if found is None:
            if len(self._found) == MOST:
                raise BrainError("broken", "calls without end")
            found = Pieces(id, index)
            self._found.append(found)
        found.name = found.name or name
        return found


def _written(arguments: object) -> str:
    return "" if arguments is None else json.dumps(arguments, ensure_ascii=False)
