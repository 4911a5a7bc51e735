"""Reminders as tools: set, list, cancel. What a model understood is held against the user's own words."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot import phrases
from bot.moments import Found, moment
from bot.recurrence import KINDS
from bot.reminders import MOST, REMINDER, Reminders
from bot.reminding import cancels
from bot.store import Record
from bot.tool import Occasion, Result, Tool, ToolError

LONGEST = 200
"""Characters of what is to be remembered."""
AGREE = timedelta(minutes=1)
"""As far as two readings of the same words may differ."""
YEAR = timedelta(days=366)
SET = Tool(
    "set_reminder",
    "Remind this user later, at a moment they named. Call it only when the user asks to be reminded or woken. Give the"
    " moment as you understand the user's words (now and the weekday stand in <context>); it is checked against those words.",
    {
        "type": "object",
        "properties": {
            "when": {"type": "string", "format": "date-time", "description": "ISO 8601, such as 2026-11-24T15:00:00+08:00; of something repeated the first time."},
            "repeat": {"type": "string", "enum": ["", *KINDS], "description": "How it is repeated; empty: once."},
            "text": {"type": "string", "maxLength": LONGEST, "description": "What to remind of, short, in the user's language."},
        },
        "additionalProperties": False,
    },
    writes=True,
    doing=("正在记提醒…", "Setting a reminder…"),
)  # fmt: skip
LIST = Tool(
    "list_reminders",
    "List this user's reminders with their numbers.",
    {"type": "object", "properties": {}, "additionalProperties": False},
)
CANCEL = Tool(
    "cancel_reminder",
    "Cancel one of this user's reminders by its number in the list, or all of them.",
    {
        "type": "object",
        "properties": {
            "number": {"type": "integer", "minimum": 1, "description": "The number in the list."},
            "all": {"type": "boolean", "description": "All of them."},
        },
        "additionalProperties": False,
    },
    writes=True,
)


def open(reminders: Reminders, window: Callable[[str], float]) -> "ReminderToolbox":
    """The tools; ``window`` tells how many seconds after a user's last message a door can still write to them, 0: always."""
    return ReminderToolbox(reminders, window)


class ReminderToolbox:
    """Sets, lists and cancels."""

    def __init__(self, reminders: Reminders, window: Callable[[str], float]) -> None:
        self.reminders, self.window = reminders, window

    @property
    def tools(self) -> Sequence[Tool]:
        """Setting, listing, cancelling."""
        return SET, LIST, CANCEL

    async def call(self, name: str, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """Do it for the user who asks. Raises ToolError."""
        if name == SET.name:
            return await self._set(arguments, occasion)
        if name == LIST.name:
            return await self._list(occasion)
        if name == CANCEL.name:
            return await self._cancel(arguments, occasion)
        raise ToolError(f"There is no tool {name!r} here.")

    async def tend(self) -> None:
        """Nothing to keep up: reminders are said by a loop of the house."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def _set(self, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        language, now = occasion.language, occasion.now
        if occasion.group or not occasion.person:
            return _no(phrases.IN_PRIVATE.text(language))
        meant, own = _meant(arguments, now), moment(occasion.words, now)
        found = meant or own
        if found is None:
            return _no(phrases.REMIND_WHEN.text(language))
        if meant and own and not own.vague and _differ(meant, own):
            said = {"one": self._when(own, now, language), "other": self._when(meant, now, language)}
            return _no(phrases.REMIND_WHICH.text(language).format(**said))
        if found.past or found.at <= now:
            return _no(phrases.REMIND_PAST.text(language).format(at=self._when(found, now, language)))
        if found.at - now > YEAR:
            return _no(phrases.REMIND_FAR.text(language))
        if len(await self.reminders.of(occasion.person, occasion.persona)) >= MOST:
            return _no(phrases.REMIND_MANY.text(language).format(most=MOST))
        text = " ".join(str(arguments.get("text") or (own.rest if own else "")).split())[:LONGEST]
        return await self._kept(found, text or phrases.REMIND_NOTHING.text(language), occasion)

    async def _kept(self, found: Found, text: str, occasion: Occasion) -> Result:
        language = occasion.language
        value = {
            "persona": occasion.persona, "conversation": occasion.conversation, "door": occasion.door,
            "sender": occasion.sender, "text": text, "words": occasion.words[:500], "repeat": found.repeat,
            "first": found.at.timestamp(), "day": found.day, "language": language,
        }  # fmt: skip
        await self.reminders.put(Record(REMINDER, occasion.key, occasion.person, found.at.timestamp(), value))
        told = phrases.REMIND_SET.text(language).format(at=self._when(found, occasion.now, language), text=text)
        if found.vague:
            told += phrases.REMIND_VAGUE.text(language)
        window = self.window(occasion.door)
        if window and (found.repeat or (found.at - occasion.now).total_seconds() > window):
            told += phrases.REMIND_WINDOW.text(language).format(hours=f"{window / 3600:g}")
        return Result(f"Done. Tell the user exactly this moment: {told}", told)

    def _when(self, found: Found, now: datetime, language: str) -> str:
        at = found.at.astimezone(now.tzinfo)
        record = Record(REMINDER, "", at=at.timestamp(), value={"repeat": found.repeat, "day": found.day})
        return self.reminders.shown(record, language)

    async def _list(self, occasion: Occasion) -> Result:
        if occasion.group:
            return _no(phrases.IN_PRIVATE.text(occasion.language))
        listed = await self._listed(occasion)
        if not listed:
            said = phrases.REMIND_NONE.text(occasion.language)
            return Result(said, said)
        said = phrases.REMIND_LIST.text(occasion.language).format(list="\n".join(listed))
        return Result(said, said)

    async def _listed(self, occasion: Occasion) -> list[str]:
        records = await self.reminders.of(occasion.person, occasion.persona)
        shown = ((self.reminders.shown(record, occasion.language), record.value["text"]) for record in records)
        return [f"{number}. {at} {text}" for number, (at, text) in enumerate(shown, 1)]

    async def _cancel(self, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        records = await self.reminders.of(occasion.person, occasion.persona)
        named = cancels(occasion.words)
        number = arguments.get("number") or (named if isinstance(named, int) else 0)
        if arguments.get("all") or named == "all":
            chosen = records
        elif 1 <= number <= len(records):
            chosen = [records[number - 1]]
        elif len(records) == 1 and not number:
            chosen = records
        else:
            return await self._list(occasion) if records else _no(phrases.REMIND_NONE.text(occasion.language))
        await self.reminders.drop(*(record.id for record in chosen))
        texts = "；".join(str(record.value["text"]) for record in chosen)
        said = phrases.REMIND_GONE if chosen else phrases.REMIND_NONE
        told = said.text(occasion.language).format(text=texts)
        return Result(told, told)


def _meant(arguments: Mapping[str, Any], now: datetime) -> Found | None:
    """The moment a model named. Raises ToolError."""
    if not (when := arguments.get("when")):
        return None
    try:
        at = datetime.fromisoformat(str(when))
        at = at.replace(tzinfo=now.tzinfo) if at.tzinfo is None else at.astimezone(now.tzinfo)
    except (ValueError, OverflowError) as error:  # the latter: within a day of the calendar's ends
        raise ToolError(f"when is no moment: {error}") from None
    repeat = str(arguments.get("repeat") or "")
    return Found(at, repeat, "", day=at.day if repeat in ("monthly", "yearly") else 0)


def _differ(meant: Found, own: Found) -> bool:
    return abs(meant.at - own.at) > AGREE or meant.repeat != own.repeat


def _no(words: str) -> Result:
    return Result(f"Not set. {words}", words, failed=True)
