"""A clock: what time it is, where the conversation is or anywhere else."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.arguments import checked
from bot.tool import Occasion, Result, Tool, ToolError

TELL = Tool(
    "what_time_is_it",
    "Tells date, weekday and time now, here or in another time zone.",
    {
        "type": "object",
        "properties": {
            "zone": {
                "type": "string",
                "description": "IANA time zone such as Asia/Tokyo or Europe/Berlin; leave it out for the user's own.",
                "maxLength": 64,
            }
        },
        "additionalProperties": False,
    },
)
WEEKDAYS = "一二三四五六日"
ENGLISH_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Clock:
    """The toolbox with the clock alone."""

    tools: Sequence[Tool] = (TELL,)

    async def call(self, name: str, arguments: Mapping[str, Any], occasion: Occasion) -> Result:
        """The occasion's now, in its own zone or the one asked for. Raises ToolError."""
        if name != TELL.name:
            raise ToolError(f"没有这个工具 / no such tool: {name[:64]}")
        asked: str = checked(arguments, TELL.arguments).get("zone", "")
        now = occasion.now.astimezone(zone(asked, occasion.language)) if asked else occasion.now
        place = asked or str(now.tzinfo or "")
        weekday = ENGLISH_WEEKDAYS[now.weekday()]
        return Result(f"{now.isoformat(timespec='seconds')} {weekday} ({place})", _said(now, asked, occasion.language))

    async def tend(self) -> None:
        """Nothing to keep up."""

    async def close(self) -> None:
        """Nothing to let go of."""


def zone(name: str, language: str) -> ZoneInfo:
    """The IANA time zone of that name. Raises ToolError, in ``zh`` or ``en``."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: a folder of zones, such as Asia
        zh = f"没有“{name}”这个时区，请用 Asia/Shanghai 这样的名字。"
        en = f"There is no time zone “{name}”; use a name such as Asia/Shanghai."
        raise ToolError(en if language == "en" else zh) from error


def _said(now: datetime, place: str, language: str) -> str:
    """The time in a sentence."""
    if language == "en":
        where = f" in {place}" if place else ""
        date = f"{ENGLISH_WEEKDAYS[now.weekday()]}, {now.day} {MONTHS[now.month - 1]} {now.year}"
        return f"It is {now:%H:%M}{where}, {date}."
    date = f"{now.year}年{now.month}月{now.day}日，星期{WEEKDAYS[now.weekday()]}"
    where = f"{place} 的时间是" if place else "现在是"
    return f"{where}{date}，{now.hour}点{now.minute:02}分。"


def open() -> Clock:
    """A clock; it needs nothing."""
    return Clock()
