"""All that she can do behind one door: what is offered, that a call is sound, done once, confirmed, and done in time."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any

from bot import arguments as sound
from bot import phrases
from bot.brain import ToolCall
from bot.persona import Persona
from bot.settings import Tools as ToolsSettings
from bot.store import Record, Store
from bot.tool import Occasion, Result, Tool, Toolbox, ToolError

log = logging.getLogger(__name__)

EFFECT, CONFIRM = "effect", "confirm"
"""Kinds of records: what was done, and what waits for the user's word."""
LONGEST = 8000
"""Characters of a result that the brain reads."""
SHOWN = 200
"""Characters of arguments that a question shows."""
WAITS_S = 900.0
"""Seconds a question stands."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A call that waits for the user's word."""

    call: ToolCall
    sender: str
    key: str
    until: float


@dataclass(slots=True)
class Tools:
    """What she can do."""

    store: Store
    settings: ToolsSettings
    boxes: Sequence[Toolbox] = field(default_factory=tuple[Toolbox, ...])

    def offered(self, persona: Persona, *, group: bool = False) -> tuple[Tool, ...]:
        """What a persona may do now, sorted by name; where others talk too, nothing that changes something."""
        allowed = persona.tools.allow
        found = {tool.name: tool for box in self.boxes for tool in box.tools}
        return tuple(
            tool
            for name, tool in sorted(found.items())
            if (not allowed or any(fnmatchcase(name, pattern) for pattern in allowed)) and not (group and tool.writes)
        )

    async def call(self, call: ToolCall, occasion: Occasion, offered: Sequence[Tool]) -> Result:
        """What comes of a call; whatever is wrong with it is a result, too, for the brain to read."""
        tool = next((tool for tool in offered if tool.name == call.name), None)
        if tool is None:
            return _failed(f"There is no tool {call.name[:64]!r}.", "")
        try:
            arguments = sound.checked(_parsed(call.arguments), tool.arguments)
        except ToolError as error:
            return _failed(str(error), "")
        if tool.confirm:
            return await self._ask(tool, call, occasion)
        return await self.do(tool, arguments, occasion)

    async def do(self, tool: Tool, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """Do it, at most once for the same messages where it changes something."""
        if not tool.writes:
            return await self._done(tool, arguments, occasion)
        id = _key(tool.name, arguments, occasion)
        begun = Record(EFFECT, id, occasion.person, occasion.now.timestamp(), {"state": "begun"})
        if not await self.store.put(begun, fresh=True):
            return _before(await self.store.record(EFFECT, id))
        result = await self._done(tool, arguments, replace(occasion, key=id))
        told = {"state": "done", "text": result.text, "say": result.say, "failed": result.failed}
        await self.store.put(replace(begun, value=told))
        return result

    # The user's word

    async def pending(self, conversation: str, sender: str, now: float) -> Pending | None:
        """The call that waits for this user's word."""
        record = await self.store.record(CONFIRM, conversation)
        if record is None or record.at < now or record.value["sender"] != sender:
            return None
        value = record.value
        return Pending(ToolCall("confirmed", value["name"], value["arguments"]), sender, value["key"], record.at)

    async def settle(self, pending: Pending, occasion: Occasion, offered: Sequence[Tool]) -> Result:
        """Do what was confirmed. A second word for the same question does nothing twice."""
        tool = next((tool for tool in offered if tool.name == pending.call.name), None)
        if tool is None:
            return _failed(
                f"The tool {pending.call.name!r} is not there any more.", phrases.TOOL_GONE.text(occasion.language)
            )
        try:
            arguments = sound.checked(_parsed(pending.call.arguments), tool.arguments)
        except ToolError as error:
            return _failed(str(error), "")
        return await self.do(tool, arguments, replace(occasion, key=pending.key))

    async def drop(self, conversation: str) -> None:
        """Forget what waits for a word."""
        await self.store.drop(CONFIRM, conversation)

    async def _ask(self, tool: Tool, call: ToolCall, occasion: Occasion) -> Result:
        until = occasion.now.timestamp() + WAITS_S
        value = {"name": call.name, "arguments": call.arguments, "sender": occasion.sender, "key": occasion.key}
        await self.store.put(Record(CONFIRM, occasion.conversation, occasion.person, until, value))
        ask = phrases.CONFIRM_TOOL.text(occasion.language).format(name=tool.name, arguments=_shown(call.arguments))
        return Result(
            "Not done yet: the user must confirm first. The question is put to them by the program at the end of your"
            " reply; say nothing about the outcome.",
            say=" ",
            ask=ask,
        )

    # Keeping up

    async def tend(self) -> None:
        """Keep up what the tools stand on, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for box in self.boxes:
                group.create_task(box.tend())

    async def close(self) -> None:
        """Let go."""
        for box in self.boxes:
            await box.close()

    async def _done(self, tool: Tool, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """What comes of it, in time; the edge where whatever goes wrong with one tool is recorded."""
        box = next(box for box in self.boxes if any(each.name == tool.name for each in box.tools))
        try:
            async with asyncio.timeout(self.settings.call_s):
                result = await box.call(tool.name, arguments, occasion)
        except ToolError as error:
            return _failed(str(error), str(error))
        except TimeoutError:
            return _failed("It took too long and was given up.", phrases.TOOL_SLOW.text(occasion.language))
        except Exception as error:
            log.exception("tool %s broke", tool.name, exc_info=error)
            return _failed("The tool broke.", phrases.TOOL_BROKE.text(occasion.language))
        return result if len(result.text) <= LONGEST else replace(result, text=f"{result.text[:LONGEST]} … (cut)")


def _parsed(arguments: str) -> dict[str, Any]:
    try:
        found = json.loads(arguments or "{}")
    except (ValueError, RecursionError) as error:
        raise ToolError(f"The arguments are no JSON ({error}); call again.") from None
    if isinstance(found, str):  # some models quote the whole object once more
        return _parsed(found) if found.strip().startswith("{") else {}
    if not isinstance(found, dict):
        raise ToolError("The arguments must be a JSON object; call again.")
    return found


def _key(name: str, arguments: Mapping[str, Any], occasion: Occasion) -> str:
    told = json.dumps(dict(arguments), sort_keys=True, ensure_ascii=False)
    return sha256(f"{occasion.key}\n{name}\n{told}".encode("utf-8", "replace")).hexdigest()


def _before(record: Record | None) -> Result:
    """What is known of a call that was made before."""
    value = record.value if record else {}
    if value.get("state") == "done":
        return Result(str(value["text"]), str(value["say"]), bool(value["failed"]))
    return _failed("This was begun before and its outcome is unknown; it is not done again. Tell the user so.", "")


def _failed(text: str, say: str) -> Result:
    return Result(text, say, failed=True)


def _shown(arguments: str) -> str:
    text = " ".join(arguments.split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
