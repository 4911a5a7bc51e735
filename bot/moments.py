"""Moments in a user's words, Chinese and English: when to remind, how often, and of what. Pure.

How words are read that say less than they mean:

- An hour from 1 to 12 without a part of the day (3点, at 3, 8:30) may be before or after noon. The first reading yet to
  come is taken that lies within three hours or in waking hours (07:00 to 22:59): 3点 said at 16:00 is 15:00 tomorrow,
  5点 said at 16:40 is 17:00. Getting up takes the morning, going to bed the evening. 08:30 and 15:30 are taken as written.
- A night belongs to the evening before it: 今晚1点 is 01:00 tomorrow, 今晚12点 is midnight. 凌晨 belongs to the date it names.
- Weeks begin on Monday. 周五 is the one to come, 这周五 this week's even if it is over, 下周五 (next Friday) next week's.
- A date without a year, a day without a month and a weekday are the next to come; a part of the day without an hour, or a
  date alone, gets its usual hour, or, where that hour is over and the part is not, the next full hour.
- Hours the wall clock skips in spring move forward; an hour it has twice is the first. ``in 20 minutes`` is absolute.
- What needs a lunar calendar, and rhythms not listed under ``Found.repeat`` (every two days), are not found at all.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from bot import dates, moments_en, moments_zh
from bot.dates import Clock, Clue, Clues, Days, Nonsense, before, wall
from bot.recurrence import again
from bot.reminding import asked, errand

WINDOW = 250
"""Characters looked at on either side of the asking word; without one the first 500."""
SOON = timedelta(hours=3)
SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
RISING = re.compile(r"起床|叫醒|喊醒|早餐|早饭|wake|get up|breakfast", re.IGNORECASE)
RESTING = re.compile(r"睡觉|上床|熄灯|晚饭|晚餐|go to bed|to sleep|dinner", re.IGNORECASE)
TO = re.compile(r"\s*(?:到|至|-|~|—|–|to|until|till)\s*")
BREAK = re.compile(r"[，,].*\w|\w.*[，,]", re.DOTALL)
C = TypeVar("C", bound=Clue)


@dataclass(frozen=True, slots=True)
class Found:
    """A moment that words name."""

    at: datetime
    """In the zone of the now it was read with; of something repeated: the first time."""
    repeat: str
    """``""``, ``daily``, ``weekdays``, ``weekly``, ``monthly`` or ``yearly``."""
    rest: str
    """What is to be remembered, without the moment and the asking; may be empty."""
    vague: bool = False
    """No hour was said: one that makes sense was taken."""
    past: bool = False
    """It is over."""
    day: int = 0
    """Of what is repeated monthly or yearly: the wanted day of the month; 31 is every month's last."""


def moment(text: str, now: datetime) -> Found | None:
    """The moment nearest to the word that asks for a reminder; None: there is none, or no calendar has it."""
    try:
        stretches = list(_stretches(text))
        for number, (words, anchor) in enumerate(stretches):
            found = _found(words, anchor, now)
            if found and number and asked(text) and (rest := errand(stretches[0][0])):
                return Found(found.at, found.repeat, rest, found.vague, found.past, found.day)
            if found:
                return found
    except (Nonsense, ValueError, OverflowError):  # the latter two: beyond the years a calendar here has
        return None
    return None


def _stretches(text: str) -> Iterator[tuple[str, Clue]]:
    """Sentences with the place to look near, the one that asks first, then those before it, then those after."""
    word = asked(text)
    start = max(0, word.start - WINDOW) if word else 0
    window = text[start : word.end + WINDOW if word else 2 * WINDOW]
    sentences = list(SENTENCE.finditer(window))
    if not word:
        yield from ((sentence[0], Clue(0, 0)) for sentence in sentences)
        return
    at = next((n for n, each in enumerate(sentences) if each.end() > word.start - start), 0)
    for sentence in (sentences[at], *reversed(sentences[:at]), *sentences[at + 1 :]):
        place = sentence.start() + start
        near = Clue(word.start - place, word.end - place)
        yield sentence[0], near


def _found(words: str, anchor: Clue, now: datetime) -> Found | None:
    chinese = moments_zh.clues(words, now)
    masked = words
    for clue in _all(chinese):
        masked = masked[: clue.start] + "\0" * (clue.end - clue.start) + masked[clue.end :]
    clues = _both(chinese, moments_en.clues(masked, now))
    used: list[Clue] = []
    clock, ends = _clock(clues, words, anchor)
    lapse = _nearest(clues.lapses, anchor)
    if lapse and (not clock or lapse.gap(anchor) <= clock.gap(anchor)):
        at = (now.astimezone(UTC) + lapse.length).astimezone(now.tzinfo)
        return Found(at, "", _rest(words, [lapse]), past=not before(now, at))
    days = _days(clues, words, clock or anchor, now.date())
    repeat = clues.repeat
    if not (clock or days or repeat):
        return None
    used = [clue for clue in (clock, days, repeat, clues.lead, *ends) if clue]
    at = _at(clues, clock, days, words, now)
    if clues.lead:
        at = (at.astimezone(UTC) - clues.lead.length).astimezone(now.tzinfo)
    kind = repeat.kind if repeat else ""
    day = 0
    if repeat and kind in ("monthly", "yearly"):  # a night may have led to the next day
        wanted = repeat.day or at.day
        day = wanted if dates.clamped(at.year, at.month, wanted).day == at.day else at.day
    if kind and not before(now, at):
        at = again(at, kind, now, day)
    vague = clock.part is not None if clock else True
    return Found(at, kind, _rest(words, used), vague, not before(now, at), day)


def _all(clues: Clues) -> list[Clue]:
    """All clues, of whatever kind."""
    return [*clues.lapses, *clues.days, *clues.clocks, *(each for each in (clues.repeat, clues.lead) if each)]


def _both(one: Clues, other: Clues) -> Clues:
    return Clues(
        one.lapses + other.lapses, one.days + other.days, one.clocks + other.clocks,
        one.repeat or other.repeat, one.lead or other.lead,
    )  # fmt: skip


def _nearest(clues: Sequence[C], anchor: Clue) -> C | None:
    return min(clues, key=lambda clue: (clue.gap(anchor), clue.start), default=None)


def _clock(clues: Clues, words: str, anchor: Clue) -> tuple[Clock | None, list[Clue]]:
    """The time of the day that counts, and words that go with it: the end of a span of time, a part of the day."""
    ends: list[Clue] = []
    kept: list[Clock] = []
    for clock in sorted(clues.clocks, key=lambda clock: clock.start):
        if kept and TO.fullmatch(words[kept[-1].end : clock.start]):
            ends.append(Clue(kept[-1].end, clock.end))
        else:
            kept.append(clock)
    hours = [clock for clock in kept if not clock.part]
    nearest = _nearest(kept, anchor)
    part = _nearest([clock for clock in kept if clock.part], nearest or anchor)
    hour = nearest if nearest and not nearest.part else _nearest(hours, part or anchor)
    if not (hour and part and part.part) or _parted(hour, part, clues.days):
        return nearest, [end for end in ends if nearest and end.start == nearest.end]
    span = part.part
    fitting = tuple(each for each in hour.readings if span.start <= each < span.end) or hour.readings
    ends = [end for end in ends if end.start == hour.end]
    return Clock(hour.start, hour.end, fitting), [*ends, part]


def _parted(one: Clue, other: Clue, days: Sequence[Days]) -> bool:
    """Whether the two are far from one another, or a day stands between them."""
    low, high = sorted((one, other), key=lambda clue: clue.start)
    return one.gap(other) > 12 or any(low.end <= day.start < high.start for day in days)


def _days(clues: Clues, words: str, near: Clue, today: date) -> Days | None:
    """The day that counts; what is told of today or yesterday in another clause is a story."""

    def counts(days: Days) -> bool:
        low, high = sorted((days, near), key=lambda clue: clue.start)
        return days.dates[-1] > today or not BREAK.search(words[low.end : high.start])

    found = _nearest([days for days in clues.days if counts(days)], near)
    counted = _nearest([days for days in clues.days if days.counted], found or near)
    if found and counted and found is not counted and counted.gap(found) < 3:  # 两周后的周三
        day = dates.weekday(counted.dates[0], found.dates[0].weekday(), 0)
        return Days(min(found.start, counted.start), max(found.end, counted.end), (day,))
    return found


def _at(clues: Clues, clock: Clock | None, days: Days | None, words: str, now: datetime) -> datetime:
    """The first moment of the likeliest that is yet to come, or the one that is over."""
    today, repeat = now.date(), clues.repeat
    part = clock.part if clock else dates.WHOLE
    readings = _readings(clock, days, words, now)
    choices = days.dates if days else tuple(today + timedelta(days=more) for more in (-1, 0, 1))
    if repeat:
        readings = (next((each for each in readings if _awake(each)), readings[0]),)
        choices, part = _beginnings(clues, days, today), None
    elif days and days.dates[0] == today and now.hour < 5 and readings[0] >= dates.DAY:
        choices = (today - timedelta(days=1), *choices)  # it is still last night
    if not clock and days and choices[1:] == (choices[0] + timedelta(days=7),):
        part = None  # a Monday said on a Monday is the next
    first: datetime | None = None
    for day in choices:
        for at in _candidates(day, readings, part, now):
            first = first or at
            if len(readings) == 1 or _awake(at.hour * dates.HOUR) or at - now <= SOON:
                return at
    over = next((each for each in readings if _awake(each)), readings[0])
    return first or wall(choices[0 if days else 1], over, now.tzinfo)


def _candidates(day: date, readings: Sequence[int], part: dates.Part | None, now: datetime) -> Iterator[datetime]:
    """What of the day's readings is yet to come; of a part of the day that has begun, its next full hour."""
    for reading in readings:
        at = wall(day, reading, now.tzinfo)
        if before(now, at):
            yield at
        elif part and before(now, wall(day, part.end, now.tzinfo)):
            hour = now.astimezone(UTC) + timedelta(hours=1)
            yield hour.astimezone(now.tzinfo).replace(minute=0, second=0, microsecond=0)


def _beginnings(clues: Clues, days: Days | None, today: date) -> tuple[date, ...]:
    """The days on which something repeated may begin."""
    repeat = clues.repeat
    if not repeat or repeat.dates:
        return repeat.dates if repeat else ()
    if days:
        return days.dates
    if repeat.kind == "weekdays":
        return tuple(day for more in range(5) if (day := today + timedelta(days=more)).weekday() < 5)
    steps = {"daily": dates.later(today, 1), "weekly": dates.later(today, 7), "monthly": dates.later(today, months=1)}
    return today, steps.get(repeat.kind, dates.later(today, months=12))


def _readings(clock: Clock | None, days: Days | None, words: str, now: datetime) -> tuple[int, ...]:
    if not clock:
        same = now.hour * dates.HOUR + now.minute
        return (same if days and days.counted and _awake(same) else dates.WHOLE.usual,)
    if len(clock.readings) == 2:
        morning, evening = clock.readings
        if RISING.search(words) and 4 * dates.HOUR <= morning < 12 * dates.HOUR:
            return (morning,)
        if RESTING.search(words) and morning >= 8 * dates.HOUR:
            return (evening,)
    return clock.readings


def _awake(minutes: int) -> bool:
    return dates.MORNING <= minutes % dates.DAY < dates.NIGHT


def _rest(words: str, used: Sequence[Clue]) -> str:
    """The words without those that name the moment."""
    end = len(words)
    for clue in sorted(used, key=lambda clue: (-clue.end, clue.start)):
        if clue.start >= end or clue.start == clue.end:
            continue
        head, tail = words[: clue.start], words[min(end, clue.end) :]
        end = clue.start
        head = re.sub(r"(?:等到|[在于到]|\b(?:at|on|by))\s?$", "", head)
        tail = re.sub(r"^(?:钟|整)?\s?(?:的?时候|左右|以前|之前|前后|前|的(?!士|确))?", "", tail)
        words = f"{head} {tail}"
    return errand(words)


WEEKDAYS = "一二三四五六日"
ENGLISH_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def told(at: datetime, now: datetime, repeat: str, language: str, day: int = 0) -> str:
    """The moment in words, in now's zone: 11月24日（周二）15:00, or Tue 24 Nov, 15:00; ``day`` as in Found."""
    at = at.astimezone(now.tzinfo)
    time, day = f"{at:%H:%M}", day or at.day
    if language == "en":
        name, month = ENGLISH_WEEKDAYS[at.weekday()], MONTHS[at.month - 1]
        year = f" {at.year}" if at.year != now.year else ""
        on = "the last day" if day == 31 else f"the {day}{_ending(day)}"
        rhythms = {
            "daily": "every day", "weekdays": "every weekday", "weekly": f"every {name}",
            "monthly": f"{on} of every month", "yearly": f"every year on {day} {month}",
        }  # fmt: skip
        return f"{rhythms.get(repeat, f'{name[:3]} {at.day} {month}{year}')}, {time}"
    year = f"{at.year}年" if at.year != now.year else ""
    rhythms = {
        "daily": "每天 ", "weekdays": "每个工作日 ", "weekly": f"每周{WEEKDAYS[at.weekday()]} ",
        "monthly": "每月最后一天 " if day == 31 else f"每月{day}日 ", "yearly": f"每年{at.month}月{day}日 ",
    }  # fmt: skip
    return rhythms.get(repeat, f"{year}{at.month}月{at.day}日（周{WEEKDAYS[at.weekday()]}）") + time


def _ending(day: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
