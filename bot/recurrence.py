"""When something repeated comes again: the same hour by the clock on the wall, whatever summer time does. Pure."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from bot.dates import HOUR, before, clamped, wall

KINDS = ("daily", "weekdays", "weekly", "monthly", "yearly")


def again(at: datetime, repeat: str, after: datetime, day: int = 0) -> datetime:
    """The first time strictly after ``after`` and not before ``at``, the very first one; ``day`` as in moments.Found.

    Give the very first time, not the last one: a month's end or a skipped hour would move all later ones. Raises
    ValueError for something that is not repeated, OverflowError beyond the year 9999.
    """
    start = max(at.date(), after.astimezone(at.tzinfo).date() - timedelta(days=1))
    for each in _days(at.date(), repeat, start, day or at.day):
        found = wall(each, at.hour * HOUR + at.minute, at.tzinfo) + timedelta(
            seconds=at.second, microseconds=at.microsecond
        )
        if before(after, found) and not before(found, at):
            return found
    raise OverflowError


def _days(first: date, repeat: str, start: date, day: int) -> Iterator[date]:
    """The days it falls on, from ``start`` on."""
    if repeat in ("daily", "weekdays", "weekly"):
        step = 7 if repeat == "weekly" else 1
        each = start + timedelta(days=(first - start).days % step)
        while True:
            if repeat != "weekdays" or each.weekday() < 5:
                yield each
            each += timedelta(days=step)
    if repeat not in KINDS:
        raise ValueError(f"not repeated: {repeat!r}")
    step = 12 if repeat == "yearly" else 1
    month = first.month if repeat == "yearly" else start.month
    for more in range(0, 12 * 9, step):
        if (each := clamped(start.year, month + more, day)) >= start:
            yield each
