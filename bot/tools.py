"""All that she can do behind one door: what is offered, that a call is sound, done once, confirmed, and done in time."""

import asyncio
import json
import logging
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any

from bot import arguments as sound
from bot import phrases
from bot.brain import ToolCall
from bot.jsonfile import whole
from bot.message import Picture
from bot.persona import Persona
from bot.settings import Tools as ToolsSettings
from bot.store import Full, Record, Store
from bot.tool import Occasion, Result, Tool, Toolbox, ToolError

log = logging.getLogger(__name__)

EFFECT, CONFIRM = "effect", "confirm"
"""Kinds of records: what was done, and what waits for the user's word."""
UNSURE = "Whether it was done is unknown; tell the user so."
LONGEST = 8000
"""Characters of a result that the brain reads."""
SHOWN = 200
"""Characters of arguments that a question shows."""
WAITS_S = 900.0
"""Seconds a question stands."""
KEPT_S = 7 * 86400.0
"""Seconds it is remembered what was done: no message is answered later than that."""
SWEPT_S = 86400.0
"""Seconds after which it is looked again for what may be forgotten."""
PLAIN = ("确认", "confirm")
"""Words that mean the question even when she said something else since."""
MARK = re.compile(r"\[(?=[a-z]|k:)")
"""What arguments in a question must not have: it would be taken for a stage direction and not be seen."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A call that waits for the user's word, or that these very messages gave it for."""

    call: ToolCall
    key: str
    """Of the messages that led to the question."""
    after: int
    """Number of the last of them."""
    ask: str
    """The question."""
    until: float
    """Unix seconds."""
    agreed: bool | None = None
    """What these messages answered when they were looked at before."""

    def word(self, text: str, hers: Sequence[tuple[int, str]]) -> bool | None:
        """Whether a message agrees; ``hers`` is what she said, (number, text), oldest first. None: it says neither.

        Yes is the answer to what she said last. Where that was something else, only a plain “confirm” is meant; and where
        the question never reached the user, nothing is.
        """
        if self.agreed is not None:
            return self.agreed
        line = self.ask.strip().splitlines()[-1]
        asked = [number for number, said in hers if number > self.after and line in said]
        if asked and asked[-1] == hers[-1][0]:
            return phrases.agreed(text)
        return True if asked and text.strip(" \t\n。.!！").casefold() in PLAIN else None


@dataclass(slots=True)
class Tools:
    """What she can do."""

    store: Store
    settings: ToolsSettings
    boxes: Sequence[Toolbox] = field(default_factory=tuple[Toolbox, ...])
    swept: float = 0.0
    """Unix seconds when what was done long ago was last forgotten."""

    def offered(self, persona: Persona, *, group: bool = False) -> tuple[Tool, ...]:
        """What a persona may do now, sorted by name; where others talk too, nothing that changes something."""
        if not self.settings.rounds:
            return ()
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
            return _failed(f"There is no tool {call.name[:64]!r}.", phrases.TOOL_GONE.text(occasion.language))
        try:
            arguments = sound.checked(_parsed(call.arguments), tool.arguments)
            return await (self._ask(tool, call, occasion) if tool.confirm else self.do(tool, arguments, occasion))
        except ToolError as error:
            return _failed(str(error), phrases.TOOL_BROKE.text(occasion.language))
        except Full:
            return _failed("Not done: there is no room to note it down.", phrases.NO_ROOM.text(occasion.language))

    async def do(self, tool: Tool, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """Do it, at most once for the same messages where it changes something. Raises Full where that cannot be noted."""
        box = next((box for box in self.boxes if any(each.name == tool.name for each in box.tools)), None)
        if box is None:
            return _failed(f"The tool {tool.name!r} is away now.", phrases.TOOL_GONE.text(occasion.language))
        if not (tool.writes or tool.confirm):
            return await self._done(box, tool, arguments, occasion)
        if abs(occasion.now.timestamp() - self.swept) > SWEPT_S:
            await self._sweep(occasion.now.timestamp())
        id = _key(tool.name, arguments, occasion)
        begun = Record(EFFECT, id, occasion.person, occasion.now.timestamp(), {"state": "begun"})
        if not await self.store.put(begun, fresh=True):
            return _before(await self.store.record(EFFECT, id), occasion.language)
        try:
            result = await self._done(box, tool, arguments, replace(occasion, key=id))
        except asyncio.CancelledError:
            if tool.anew:
                await self.store.drop(EFFECT, id)
            raise
        pictures = [asdict(part) for part in result.parts if isinstance(part, Picture)]
        told = {"state": "done", "text": result.text, "say": result.say, "failed": result.failed, "pictures": pictures}
        with suppress(Full):  # it is done, and told now; only if it had to be told again, its outcome would be unknown
            await self.store.put(replace(begun, value=told))
        return result

    # The user's word

    async def pending(self, occasion: Occasion) -> Pending | None:
        """The call that waits for this user's word, or got it by these very messages."""
        record = await self.store.record(CONFIRM, occasion.conversation)
        value = record.value if record else {}
        if record is None or value.get("sender") != occasion.sender or value["key"] == occasion.key:
            return None
        mine = value.get("by") == occasion.key
        if not mine and (value.get("by") != "" or record.at < occasion.now.timestamp()):
            return None
        call = ToolCall("confirmed", value["name"], value["arguments"])
        return Pending(call, value["key"], value["after"], value["ask"], record.at, value["agreed"] if mine else None)

    async def settle(self, pending: Pending, occasion: Occasion, offered: Sequence[Tool]) -> Result:
        """Do what was confirmed, once; looked at again, the same messages have the same result, and others none."""
        tool = next((tool for tool in offered if tool.name == pending.call.name), None)
        gone = phrases.TOOL_GONE.text(occasion.language)
        try:
            await self._answered(occasion, agreed=True)
            if tool is None:
                return _failed(f"The tool {pending.call.name!r} is not there any more.", gone)
            arguments = sound.checked(_parsed(pending.call.arguments), tool.arguments)
            return await self.do(tool, arguments, replace(occasion, key=pending.key))
        except ToolError as error:
            return _failed(str(error), gone)
        except Full:
            return _failed("Not done: there is no room to note it down.", phrases.NO_ROOM.text(occasion.language))

    async def decline(self, occasion: Occasion) -> None:
        """The user does not want it."""
        await self._answered(occasion, agreed=False)

    async def _answered(self, occasion: Occasion, *, agreed: bool) -> None:
        """Note whose word it was: after a restart the same messages mean the same, and later ones nothing."""
        record = await self.store.record(CONFIRM, occasion.conversation)
        if record and record.value["agreed"] is None:
            await self.store.put(replace(record, value={**record.value, "by": occasion.key, "agreed": agreed}))

    async def _ask(self, tool: Tool, call: ToolCall, occasion: Occasion) -> Result:
        ask = phrases.CONFIRM_TOOL.text(occasion.language).format(name=tool.name, arguments=_shown(call.arguments))
        value = {
            "name": call.name, "arguments": call.arguments, "sender": occasion.sender, "key": occasion.key,
            "after": _number(occasion.key), "ask": ask, "by": "", "agreed": None,
        }  # fmt: skip
        record = Record(CONFIRM, occasion.conversation, occasion.person, occasion.now.timestamp() + WAITS_S, value)
        if not await self.store.put(record, fresh=True):
            there = await self.store.record(CONFIRM, occasion.conversation)
            if there and (there.value["key"], there.at) == (occasion.key, record.at) and there.value != value:
                return _failed("Not done: the user confirms one thing at a time. Call this again afterwards.", " ")
            await self.store.put(record)
        return Result(
            "Not done yet: the user must confirm first. The question is put to them by the program at the end of your"
            " reply; say nothing about the outcome.",
            say=" ",
            ask=ask,
        )

    # Keeping up

    async def tend(self) -> None:
        """Keep up what the tools stand on, until cancelled."""
        await self._sweep(time.time())
        async with asyncio.TaskGroup() as group:
            for box in self.boxes:
                group.create_task(box.tend())

    async def _sweep(self, now: float) -> None:
        """Forget what was done long ago, and questions nobody answered; where there is no room even for that, later."""
        self.swept = now
        with suppress(Full):
            for kind in (EFFECT, CONFIRM):
                old = await self.store.records(kind, before=now - KEPT_S)
                await self.store.drop(kind, *(record.id for record in old))

    async def close(self) -> None:
        """Let go."""
        for box in self.boxes:
            await box.close()

    async def _done(self, box: Toolbox, tool: Tool, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """What comes of it, in time; the edge where whatever goes wrong with one tool is recorded."""
        unsure = f" {UNSURE}" if tool.writes else ""
        try:
            async with asyncio.timeout(tool.patience_s or self.settings.call_s):
                result = await box.call(tool.name, arguments, occasion)
        except ToolError as error:
            return _failed(str(error), str(error))
        except TimeoutError:
            return _failed(f"It took too long and was given up.{unsure}", phrases.TOOL_SLOW.text(occasion.language))
        except Exception as error:
            log.exception("tool %s broke", tool.name, exc_info=error)
            return _failed(f"The tool broke.{unsure}", phrases.TOOL_BROKE.text(occasion.language))
        return result if len(result.text) <= LONGEST else replace(result, text=f"{result.text[:LONGEST]} … (cut)")


def _parsed(arguments: str) -> dict[str, Any]:
    try:
        found = whole(json.loads(arguments or "{}"))
    except (ValueError, RecursionError) as error:
        raise ToolError(f"The arguments are no JSON ({error}); call again.") from None
    if isinstance(found, str):  # some models quote the whole object once more
        return _parsed(found) if found.strip().startswith("{") else {}
    if not isinstance(found, dict):
        raise ToolError("The arguments must be a JSON object; call again.")
    return found


def _number(key: str) -> int:
    """The number of the message that an occasion's key names."""
    number = key.rpartition("#")[2]
    return int(number) if number.isdecimal() else 0


def _key(name: str, arguments: Mapping[str, Any], occasion: Occasion) -> str:
    told = json.dumps(dict(arguments), sort_keys=True, ensure_ascii=False)
    return sha256(f"{occasion.key}\n{name}\n{told}".encode("utf-8", "replace")).hexdigest()


def _before(record: Record | None, language: str) -> Result:
    """What is known of a call that was made before."""
    value = record.value if record else {}
    if value.get("state") == "done":
        shown = tuple(Picture(**each) for each in value.get("pictures", ()))
        return Result(str(value["text"]), str(value["say"]), bool(value["failed"]), parts=shown)
    return _failed(f"This was begun before and is not done again. {UNSURE}", phrases.TOOL_UNSURE.text(language))


def _failed(text: str, say: str) -> Result:
    return Result(text, say, failed=True)


def _shown(arguments: str) -> str:
    text = MARK.sub("［", " ".join(arguments.split()))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
