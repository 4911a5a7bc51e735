"""Clues to a moment as words give them, and the calendar under them: days, months, wall clocks. Pure."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

HOUR, DAY = 60, 24 * 60
"""Minutes."""
MORNING, NIGHT = 7 * HOUR, 23 * HOUR
"""Between these minutes of a day people are awake."""


class Nonsense(Exception):
    """The words name what no calendar has, or a rhythm that nothing here can keep."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day, in minutes from midnight; a night ends on the next day."""

    start: int
    usual: int
    """What is taken where no hour is said."""
    end: int


DAWN = Part(0, 5 * HOUR, 7 * HOUR)
EARLY = Part(4 * HOUR, 6 * HOUR, 9 * HOUR)
FORENOON = Part(4 * HOUR, 8 * HOUR, 12 * HOUR)
LATE_MORNING = Part(4 * HOUR, 10 * HOUR, 12 * HOUR)
NOON = Part(11 * HOUR, 12 * HOUR, 15 * HOUR)
AFTERNOON = Part(12 * HOUR, 15 * HOUR, 20 * HOUR)
DUSK = Part(16 * HOUR, 18 * HOUR, 21 * HOUR)
EVENING = Part(17 * HOUR, 20 * HOUR, 29 * HOUR)
LATE = Part(20 * HOUR, 22 * HOUR, 30 * HOUR)
MIDNIGHT = Part(22 * HOUR, 24 * HOUR, 30 * HOUR)
WHOLE = Part(0, 9 * HOUR, 24 * HOUR)
"""Of a day of which nothing more is said."""


@dataclass(frozen=True, slots=True)
class Clue:
    """Some words of a text, from ``start`` to ``end`` in characters."""

    start: int
    end: int

    def gap(self, other: "Clue") -> int:
        """Characters between the two; nothing where they touch."""
        return max(0, self.start - other.end, other.start - self.end)


@dataclass(frozen=True, slots=True)
class Lapse(Clue):
    """So long from now, to the second."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class Days(Clue):
    """The days that may be meant, the likeliest first."""

    dates: tuple[date, ...]
    counted: bool = False
    """Counted from now, as in three days: the hour stays what it is."""


@dataclass(frozen=True, slots=True)
class Clock(Clue):
    """A time of the day."""

    readings: tuple[int, ...]
    """What it may mean, in minutes from the day's midnight; 24 hours and more are the night after it."""
    part: Part | None = None
    """Set where no hour was said."""


@dataclass(frozen=True, slots=True)
class Repeat(Clue):
    """It comes again."""

    kind: str
    """``daily``, ``weekdays``, ``weekly``, ``monthly`` or ``yearly``."""
    dates: tuple[date, ...] = ()
    """The days it may begin; empty: not said."""
    day: int = 0
    """Wanted day of the month, where months matter."""


@dataclass(slots=True)
class Clues:
    """All that a text tells of moments."""

    lapses: list[Lapse]
    days: list[Days]
    clocks: list[Clock]
    repeat: Repeat | None = None
    lead: Lapse | None = None
    """To be told so long before the moment."""


def clock(hour: int, minute: int, part: Part | None = None, sure: bool = False) -> tuple[int, ...]:
    """The readings of an hour. ``sure``: as on a 24-hour clock. Raises Nonsense for 25:00 and 10:60."""
    if not (0 <= hour < 24 and 0 <= minute < 60) and (hour, minute) != (24, 0):
        raise Nonsense
    plain = hour * HOUR + minute
    if part:
        turns = (hour % 12 * HOUR + minute + half * 12 * HOUR for half in range(5)) if hour <= 12 else ()
        return (next((each for each in turns if part.start <= each < part.end), plain),)
    if sure or hour == 0 or hour > 12:
        return (plain,)
    return (plain, plain + 12 * HOUR)


def wall(day: date, minutes: int, zone: tzinfo | None) -> datetime:
    """So many minutes by the clock on the wall after the day's midnight; an hour that a spring skips moves forward."""
    day += timedelta(days=minutes // DAY)
    local = datetime(day.year, day.month, day.day, minutes % DAY // HOUR, minutes % HOUR, tzinfo=zone)
    return local.astimezone(UTC).astimezone(zone)


def before(one: datetime, other: datetime) -> bool:
    """Whether it comes first; Python compares the walls' clocks where the zones are the same."""
    return one.astimezone(UTC) < other.astimezone(UTC)


def clamped(year: int, month: int, day: int) -> date:
    """That day, or the month's last; months beyond December are the next years'."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def weekday(today: date, day: int, weeks: int) -> date:
    """The weekday (Monday is 0) of the week so many weeks from this one; weeks begin on Monday."""
    return today + timedelta(days=day - today.weekday() + 7 * weeks)


def coming(today: date, day: int) -> tuple[date, date]:
    """The weekday that comes, today included, and the one after."""
    first = today + timedelta(days=(day - today.weekday()) % 7)
    return first, first + timedelta(days=7)


def monthly(today: date, day: int, clamp: bool = False) -> tuple[date, ...]:
    """That day of this month and those that follow, the soonest first. Raises Nonsense."""
    if not 1 <= day <= 31:
        raise Nonsense
    months = [clamped(today.year, today.month + more, day) for more in range(4)]
    return tuple(each for each in months if each >= today and (clamp or each.day == day))


def yearly(today: date, month: int, day: int, clamp: bool = False) -> tuple[date, ...]:
    """That date of this year and those that follow, the soonest first. Raises Nonsense."""
    if not (1 <= month <= 12 and 1 <= day <= monthrange(2000, month)[1]):
        raise Nonsense
    years = [clamped(today.year + more, month, day) for more in range(9)]
    return tuple(each for each in years if each >= today and (clamp or each.day == day))[:2]


def exact(year: int, month: int, day: int) -> date:
    """That date. Raises Nonsense."""
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Nonsense from error


def later(today: date, days: int = 0, months: int = 0) -> date:
    """Months first, then days."""
    return clamped(today.year, today.month + months, today.day) + timedelta(days=days)
