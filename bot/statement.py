"""What a clause says of its speaker, by rules that are held against the whole clause. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.facts import Kind

ANIMALS = {
    "猫": "cat", "猫咪": "cat", "狗": "dog", "狗狗": "dog", "犬": "dog", "兔": "rabbit", "兔子": "rabbit", "鸟": "bird",
    "鹦鹉": "parrot", "鱼": "fish", "仓鼠": "hamster", "龟": "turtle", "蛇": "snake", "鸡": "chicken", "鸭": "duck",
    "龙猫": "chinchilla", "kitten": "cat", "puppy": "dog",
}  # fmt: skip
"""Animals by the ends of their names → what a subject calls them."""
DOING = re.compile(r"^[吃喝看听玩打]|^(?:eating|drinking|watching|reading|playing|to [a-z]+) ")
"""What goes before the thing itself: who likes to eat it likes it."""
DAYS = {"明天": 1, "明早": 1, "明晚": 1, "后天": 2, "大后天": 3, "tomorrow": 1, "the day after tomorrow": 2}
WEEKDAYS = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6}
EN_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Statement:
    """What a clause says of its speaker."""

    kind: Kind
    text: str
    subject: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A way to put something about oneself, and what is noted of it."""

    says: re.Pattern[str]
    """Fits the whole clause; its named groups fill in text and subject."""
    kind: Kind
    subject: str
    """Besides the groups: ``{topic}`` of a thing, ``{species}`` of an animal."""
    text: str
    """Besides the groups: ``{year}`` of the day it is said on; ``{when}`` becomes a date."""
    never: re.Pattern[str] | None = None
    """Found in one of the groups, it is no statement after all."""


def rule(says: str, kind: Kind, subject: str, text: str, never: re.Pattern[str] | None = None) -> Rule:
    """A rule, its pattern compiled."""
    return Rule(re.compile(says), kind, subject, text, never)


def stated(clause: str, day: date, rules: Iterable[Rule]) -> Statement | None:
    """What the first rule that fits makes of a clause said on a day; None: nothing that is certain."""
    for each in rules:
        if found := each.says.fullmatch(clause):
            return _noted(each, {name: (value or "").strip() for name, value in found.groupdict().items()}, day)
    return None


def _noted(rule: Rule, values: Mapping[str, str], day: date) -> Statement | None:
    if rule.never and any(rule.never.search(value) for value in values.values() if value):
        return None
    told = {**values, "year": str(day.year), "topic": _topic(values), "species": _species(values)}
    if "when" in values:
        told["when"] = dated(values["when"], day)
    return Statement(rule.kind, rule.text.format_map(told).strip(), rule.subject.format_map(told))


def _topic(values: Mapping[str, str]) -> str:
    thing = values.get("thing", "").casefold()
    return DOING.sub("", thing) or thing


def _species(values: Mapping[str, str]) -> str:
    """What kind of animal it is, in English where that is known."""
    animal = values.get("animal", "").casefold()
    ends = (animal[at:] for at in range(len(animal)))
    return next((ANIMALS[end] for end in ends if end in ANIMALS), animal)


def dated(when: str, day: date) -> str:
    """A day in the words of someone who speaks on ``day``, as a date: 明天 → 2026-11-25, 下个月 → 2026-12."""
    when = when.casefold()
    if when in DAYS:
        return str(day + timedelta(DAYS[when]))
    if "month" in when or "月" in when:
        return f"{day.year + day.month // 12}-{day.month % 12 + 1:02}"
    monday = day - timedelta(day.weekday())
    following = "下" in when or "next" in when
    wanted = WEEKDAYS.get(when[-1]) if not when.isascii() else _weekday(when)
    if "末" in when or "weekend" in when:
        wanted = 5
    if wanted is None:
        return f"{monday + timedelta(7)}" + (" 那周" if not when.isascii() else " (that week)")
    found = monday + timedelta(wanted + 7 * following)
    return str(found if found >= day else found + timedelta(7))


def _weekday(when: str) -> int | None:
    return next((number for number, name in enumerate(EN_WEEKDAYS) if name in when), None)
