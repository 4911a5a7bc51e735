"""What English words tell of a moment: tomorrow at 3 pm, in half an hour, every Monday at 8. Pure."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from bot import dates
from bot.dates import Clock, Clues, Days, Lapse, Nonsense, Part, Repeat
from bot.english_numbers import COUNTS


def _pattern(text: str) -> re.Pattern[str]:
    """Words as a pattern; ASCII, so that an English word ends where Hanzi begin."""
    return re.compile(text, re.IGNORECASE | re.ASCII)


ONES = COUNTS[1:20]
NUMBERS: dict[str, float] = {
    **{word: number for number, word in enumerate(ONES, 1)},
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
    "a": 1, "an": 1, "a couple of": 2, "half a": 0.5, "half an": 0.5, "a quarter of an": 0.25,
}  # fmt: skip
_TENS = "(?:twenty|thirty|forty|fifty)[- ](?:one|two|three|four|five|six|seven|eight|nine)"
N = rf"(?:[0-9]{{1,5}}(?:\.[0-9])?|{_TENS}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
UNIT = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|[hms])"
AMOUNT = _pattern(rf"\b(?P<n>{N})(?P<half> and a half)?[ -]?(?P<unit>{UNIT})\b(?P<more> and a half)?")
_AMOUNT = re.sub(r"\?P<\w+>", "?:", AMOUNT.pattern)
AMOUNTS = rf"{_AMOUNT}(?:(?:,? and |,? ?){_AMOUNT}){{0,3}}"
LAPSE = _pattern(
    rf"\b(?:(?P<before>in|after|(?<=timer )for|(?<=alarm )for)(?: about)? )?(?P<all>{AMOUNTS})'?(?P<after> time\b| from now\b| later\b|(?= (?:timer|countdown)\b))?"
)
LEAD = _pattern(rf"(?P<all>{AMOUNTS}) (?:before(?:hand)?|ahead|early|earlier|in advance)\b(?: of)?")

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FULL = rf"(?P<weekday>{'|'.join(WEEKDAYS)})"
SHORT = r"(?P<abbr>mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\b\.?"
MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "tenth": 10, "fifteenth": 15, "last day": 31}
DATE = r"(?P<date>[0-9]{1,2})(?:st|nd|rd|th)?\b"
NTH = rf"(?P<date>[0-9]{{1,2}}(?:st|nd|rd|th)|{'|'.join(ORDINALS)})\b"
WAYS = {"next": 1, "this": 0, "last": -1}
"""Weeks from now."""


Start = tuple[str, tuple[date, ...], int]
"""Kind of a repeat, days it may begin, wanted day of the month."""


def _nth(text: str) -> int:
    """3rd → 3, first → 1."""
    return ORDINALS.get(text.lower()) or int(re.sub(r"\D", "", text))


def _weekday(found: re.Match[str]) -> int:
    name = found["weekday"] or found["abbr"]
    return next(number for number, each in enumerate(WEEKDAYS) if each.startswith(name[:3].lower()))


def _each_month(found: re.Match[str], today: date) -> Start:
    day = _nth(found["date"])
    return "monthly", dates.monthly(today, day, clamp=True), day


def _each_year(found: re.Match[str], today: date) -> Start:
    month, day = MONTHS.index(found["month"][:3].lower()) + 1, int(found["date"])
    return "yearly", dates.yearly(today, month, day, clamp=True), day


def _date(found: re.Match[str], today: date) -> tuple[date, ...]:
    month, day = MONTHS.index(found["month"][:3].lower()) + 1, int(found["date"])
    return (dates.exact(int(found["year"]), month, day),) if found["year"] else dates.yearly(today, month, day)


def _in_month(today: date, way: str, day: int) -> tuple[date, ...]:
    """A day of this month or the next; 31 is the last."""
    month = dates.later(today.replace(day=1), months=int(way.lower() == "next"))
    return (dates.clamped(month.year, month.month, day) if day == 31 else dates.exact(month.year, month.month, day),)


EVERY = r"\b(?:every|each)"
RHYTHM = _pattern(
    rf"{EVERY} (?:other|few|half|couple|second|third|weekend|hour|minute|quarter|{N} ?{UNIT})\b"
    r"|\b(?:hourly|bi-?weekly|fortnightly|quarterly)\b"
    rf"|(?:{EVERY} |\b)(?:{'|'.join(WEEKDAYS)})s?(?:, | and |, and | & )(?:every )?(?:{'|'.join(WEEKDAYS)})"
)
"""What nothing here can repeat."""
REPEATS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Start]], ...] = (
    (
        _pattern(
            rf"{EVERY} (?:weekday|work(?:ing )?day)\b|\b(?:on )?(?:weekdays|work(?:ing )?days)\b"
            rf"|(?:{EVERY} |\b)monday (?:to|through) friday\b"
        ),
        lambda _, today: ("weekdays", (), 0),
    ),
    (_pattern(rf"(?:\bon )?(?:\bthe )?\b{NTH} of {EVERY[2:]} month\b"), _each_month),
    (_pattern(rf"(?:{EVERY} month|\bmonthly),? (?:on )?(?:the )?{NTH}"), _each_month),
    (_pattern(rf"(?:{EVERY}(?: year)?|\byearly|\bannually),? (?:on )?(?:the )?(?:{MONTH} {DATE})"), _each_year),
    (_pattern(rf"(?:{EVERY}(?: year)?|\byearly|\bannually),? (?:on )?(?:the )?(?:{DATE} (?:of )?{MONTH})"), _each_year),
    (
        _pattern(
            rf"(?:{EVERY}(?: week on)?|\bweekly,? on) {FULL}s?\b|\b(?:on )?(?:{FULL.replace('weekday', 'abbr')})s\b"
        ),
        lambda found, today: ("weekly", dates.coming(today, _weekday(found)), 0),
    ),
    (
        _pattern(rf"{EVERY} ?day\b|\bdaily\b|{EVERY} (?=morning|afternoon|evening|night)|\bnightly\b"),
        lambda _, today: ("daily", (), 0),
    ),
    (_pattern(rf"{EVERY} week\b|\bweekly\b"), lambda _, today: ("weekly", (), 0)),
    (_pattern(rf"{EVERY} month\b|\bmonthly\b"), lambda _, today: ("monthly", (), 0)),
    (_pattern(rf"{EVERY} year\b|\b(?:yearly|annually)\b"), lambda _, today: ("yearly", (), 0)),
)
DAYS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], tuple[date, ...]]], ...] = (
    (_pattern(r"\b(?:the )?day after tomorrow\b"), lambda _, today: (dates.later(today, 2),)),
    (_pattern(r"\b(?:the )?day before yesterday\b"), lambda _, today: (dates.later(today, -2),)),
    (_pattern(r"\b(?:tomorrow|tomorow|tmrw?)\b"), lambda _, today: (dates.later(today, 1),)),
    (_pattern(r"\byesterday\b|\blast (?=night\b)"), lambda _, today: (dates.later(today, -1),)),
    (_pattern(r"\btoday\b|(?=\btonight\b)|\bthis (?=morning|afternoon|evening)"), lambda _, today: (today,)),
    (
        _pattern(rf"\b(?:on )?(?P<way>next|this|last) (?:{FULL}\b|{SHORT})"),
        lambda found, today: (dates.weekday(today, _weekday(found), WAYS[found["way"].lower()]),),
    ),
    (
        _pattern(rf"\b(?:on )?(?:coming )?{FULL}\b|\bon {SHORT}"),
        lambda found, today: dates.coming(today, _weekday(found)),
    ),
    (_pattern(rf"\b(?:on )?(?:the )?{DATE} (?:of )?{MONTH}(?:,? (?P<year>[0-9]{{4}})\b)?"), _date),
    (_pattern(rf"\b(?:on )?{MONTH} (?:the )?{DATE}(?:,? (?P<year>[0-9]{{4}})\b)?(?!:)"), _date),
    (
        _pattern(rf"\b(?P<way>next|this) month,? (?:on )?(?:the )?{NTH}"),
        lambda found, today: _in_month(today, found["way"], _nth(found["date"])),
    ),
    (
        _pattern(rf"\b(?:(?:on |by )?the )?{NTH} of (?P<way>next|this|the) month\b"),
        lambda found, today: _in_month(today, found["way"], _nth(found["date"])),
    ),
    (
        _pattern(r"\b(?:at |by )?(?:the )?end of (?P<way>the|this|next) month\b"),
        lambda found, today: _in_month(today, found["way"], 31),
    ),
    (
        _pattern(r"\b(?:at |by )?(?:the )?end of (?P<way>the|this|next) year\b"),
        lambda found, today: (date(today.year + (found["way"].lower() == "next"), 12, 31),),
    ),
    (_pattern(rf"\b(?:on|by) the {NTH}"), lambda found, today: dates.monthly(today, _nth(found["date"]))),
    (_pattern(r"\bnext week\b"), lambda _, today: (dates.weekday(today, 0, 1),)),
    (_pattern(r"\bnext month\b"), lambda _, today: (dates.later(today.replace(day=1), months=1),)),
    (_pattern(r"\bnext year\b"), lambda _, today: (date(today.year + 1, 1, 1),)),
    (_pattern(r"\bnext weekend\b"), lambda _, today: (dates.weekday(today, 5, 1),)),
    (_pattern(r"\b(?:on |at )?(?:the |this )weekend\b"), lambda _, today: dates.coming(today, 5)),
)
"""Patterns of days, the more telling before those they contain."""

PARTS: dict[str, Part] = {
    "morning": dates.FORENOON, "afternoon": dates.AFTERNOON, "evening": dates.EVENING, "tonight": dates.EVENING, "night": dates.LATE,
}  # fmt: skip
PART = r"(?:(?:in the |at )?(?P<part>morning|afternoon|evening|tonight|night)\b)"
HOUR = rf"(?P<hour>[0-9]{{1,2}}|{'|'.join(sorted(ONES[:12], key=len, reverse=True))})"
HALF = r" ?(?P<half>[ap])(?:\. ?m\.|m\b)"
OCLOCK = r" o['’]?clock\b"
THINGS = r"(?! ?(?:%|percent|degrees?|euros?|dollars?|km|miles?|people|minutes?|hours?|days?|st\b|[.,][0-9]|[0-9:/'-]))"
AT = r"(?<![\w.:])(?:(?:at|around|by|@) ?)?"
CLOCKS = tuple(
    _pattern(rf"(?:{PART.replace('<part>', '<first>')} )?{AT}{each}(?: {PART})?")
    for each in (
        rf"(?P<minute>half|quarter|[0-9]{{1,2}}|five|ten|twenty(?:[- ]five)?)(?: minutes)? (?P<side>past|to) {HOUR}\b(?!:)(?:{HALF}|{OCLOCK})?",
        rf"{HOUR}(?:[:.](?P<minute>[0-9]{{2}}))?(?: ?(?:-|–|to|until) ?[0-9]{{1,2}}(?:[:.][0-9]{{2}})?)?{HALF}",
        rf"{HOUR}{OCLOCK}",
        rf"{HOUR}:(?P<minute>[0-9]{{2}})(?::[0-9]{{2}})?(?![\w:])",
        rf"(?<=at ){HOUR}\b{THINGS}",
        rf"(?<=tonight ){HOUR}\b{THINGS}",
        rf"{HOUR}(?= (?:tonight|in the (?:morning|afternoon|evening))\b)",
        r"(?P<noon>noon|midday)\b",
        r"(?P<midnight>midnight)\b",
    )
)
"""Patterns of hours, the more telling before those they contain."""
ALONE = _pattern(rf"\b{PART}")


def clues(text: str, now: datetime) -> Clues:
    """All clues of a text of at most some hundred characters. Raises Nonsense."""
    text = text.replace("’", "'")
    if RHYTHM.search(text):
        raise Nonsense
    found = Clues([], [], [])
    today = now.date()
    if lead := LEAD.search(text):
        found.lead = Lapse(*lead.span(), _length(lead["all"])[0])
        text = _without(text, lead)
    for lapse in LAPSE.finditer(text):
        if lapse["before"] or lapse["after"]:
            _lapse(lapse, found, today)
            text = _without(text, lapse)
    for pattern, meaning in REPEATS:
        if not found.repeat and (repeat := pattern.search(text)):
            found.repeat = Repeat(*repeat.span(), *meaning(repeat, today))
            text = _without(text, repeat)
    for pattern, meaning in DAYS:
        for days in pattern.finditer(text):
            found.days.append(Days(*days.span(), meaning(days, today)))
            text = _without(text, days)
    found.clocks.extend(_clocks(text))
    return found


def _without(text: str, found: re.Match[str]) -> str:
    """The text with the words found blotted out, places unchanged."""
    return text[: found.start()] + "\0" * len(found[0]) + text[found.end() :]


def _lapse(found: re.Match[str], clues: Clues, today: date) -> None:
    length, months = _length(found["all"])
    units = {amount["unit"][:2].lower() for amount in AMOUNT.finditer(found["all"])}
    by_day = units <= {"da", "we", "mo", "ye"} and not length % timedelta(days=1)
    if months and not by_day:
        raise Nonsense
    if by_day:
        clues.days.append(Days(*found.span(), (dates.later(today, length.days, months),), counted=True))
    else:
        clues.lapses.append(Lapse(*found.span(), length))


def _length(text: str) -> tuple[timedelta, int]:
    """What amounts come to: a span of time, and months."""
    length, months = timedelta(), 0.0
    for amount in AMOUNT.finditer(text):
        count = _number(amount["n"]) + (0.5 if amount["half"] or amount["more"] else 0)
        unit = amount["unit"].lower()
        if unit[:2] in ("mo", "ye"):
            months += count * (12 if unit[0] == "y" else 1)
        else:
            seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[unit[0]]
            length += timedelta(seconds=count * seconds)
    return length, int(months)


def _number(text: str) -> float:
    text = text.lower()
    if text[0].isdigit():
        return float(text)
    tens, _, ones = text.replace("-", " ").partition(" ")
    return NUMBERS[text] if text in NUMBERS else NUMBERS[tens] + NUMBERS[ones]


def _clocks(text: str) -> Iterator[Clock]:
    for pattern in CLOCKS:
        for found in pattern.finditer(text):
            yield Clock(*found.span(), _readings(found))
            text = _without(text, found)
    for found in ALONE.finditer(text):
        part = PARTS[found["part"].lower()]
        yield Clock(*found.span(), (part.usual,), part)


def _readings(found: re.Match[str]) -> tuple[int, ...]:
    named = found.groupdict()
    if named.get("noon"):
        return (12 * dates.HOUR,)
    if named.get("midnight"):
        return (dates.DAY,)
    hour = int(_number(found["hour"]))
    part = PARTS.get((found["part"] or found["first"] or "").lower())
    minute = named.get("minute") or "0"
    minute = {"half": 30, "quarter": 15}.get(minute.lower()) or int(_number(minute))
    back = 2 * minute if (named.get("side") or "").lower() == "to" else 0
    if half := named.get("half"):
        if not 1 <= hour <= 12:
            raise Nonsense
        hour, part = hour % 12 + 12 * (half.lower() == "p"), None
    readings = dates.clock(hour, minute, part, sure=bool(half) or found["hour"][0] == "0")
    return tuple(each - back for each in readings)
