"""One entry of a lorebook: what it says, and what must be said for it to be put in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.decorators import Value, decorated
from bot.jsonfile import Json
from bot.pattern import BadPattern, Fuel, Pattern, compiled, slashed

LONGEST_KEY, MOST_KEYS, LONGEST = 500, 200, 50_000
"""Characters of a key; keys of an entry; characters of its content."""
LOOK = 4
"""Fuel that it costs to look whether a word stands alone."""
POSITIONS = {0: "before_char", 1: "after_char", 4: "depth", "before_char": "before_char", "after_char": "after_char"}
"""The cards' and SillyTavern's places in the prompt → ours."""
ROLES = {0: "system", 1: "user", 2: "assistant"}
SILENT = {7: "outlet"}
ABSENT = ("cooldown", "group", "vectorized", "automation_id", "triggers")
"""What SillyTavern's entries may ask for and this version does not do."""
WORDLY = re.compile(r"[^\W\u2e80-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
"""A character of a word in a script that parts its words."""


@dataclass(frozen=True, slots=True)
class Window:
    """A text that is looked through."""

    text: str
    folded: str

    @classmethod
    def of(cls, text: str) -> "Window":
        """A window on a text."""
        return cls(text, text.casefold())


@dataclass(frozen=True, slots=True)
class Key:
    """What must be said; a pattern where there is one, else words."""

    words: str
    cased: bool = False
    whole: bool = True
    """Latin words stand alone: ``art`` is not in ``party``."""
    pattern: Pattern | None = None

    def found(self, window: Window, fuel: Fuel) -> bool:
        """Whether it was said."""
        if self.pattern:
            return self.pattern.found(window.text, fuel)
        text = window.text if self.cased else window.folded
        if not fuel.burn(1 + len(text) // 200):
            return False
        at = text.find(self.words)
        while at >= 0 and self.whole and not self._alone(text, at):
            if not fuel.burn(LOOK):  # a line of a's has the word "a" in it as often as it has letters
                return False
            at = text.find(self.words, at + 1)
        return at >= 0

    def _alone(self, text: str, at: int) -> bool:
        end = at + len(self.words)
        before = at and WORDLY.match(text[at - 1]) and WORDLY.match(self.words[0])
        after = end < len(text) and WORDLY.match(text[end]) and WORDLY.match(self.words[-1])
        return not (before or after)


@dataclass(frozen=True, slots=True)
class Entry:
    """What she may be reminded of."""

    content: str
    """Without decorators."""
    name: str = ""
    keys: tuple[Key, ...] = ()
    secondary: tuple[Key, ...] = ()
    additional: tuple[Key, ...] = ()
    """One of these must be said as well."""
    excluded: tuple[Key, ...] = ()
    logic: int = 0
    """How secondary keys count: any said 0, not all said 1, none said 2, all said 3."""
    enabled: bool = True
    constant: bool = False
    order: float = 100.0
    priority: float = 0.0
    position: str = "after_char"
    """``before_char``, ``after_char``, ``personality``, ``scenario`` or ``depth``."""
    depth: int = 0
    """Messages from the newest, for the position ``depth``; below 0: counted from the oldest, -1 before the first."""
    role: str = "system"
    scan_depth: int | None = None
    probability: float = 100.0
    sticky: int = 0
    delay: int = 0
    unrecursed: bool = False
    """Other entries' contents do not bring it in."""
    recursed: bool = False
    """Only other entries' contents bring it in."""
    quiet: bool = False
    """Its own content brings nothing in."""
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])
    """What its decorators say."""

    def says(self, name: str) -> bool:
        """Whether a decorator without a value is there."""
        return self.values.get(name) is True

    def number(self, name: str, default: int) -> int:
        """A decorator's number."""
        value = self.values.get(name)
        return value if isinstance(value, int) else default


class BadEntry(ValueError):
    """What is wrong: (field, zh, en), whole sentences without the end mark."""


def entry(data: Mapping[str, Json], notices: set[tuple[str, str]]) -> Entry:
    """An entry of any version; what this version cannot do goes to the notices. Raises BadEntry."""
    more = data.get("extensions")
    more = more if isinstance(more, dict) else {}
    content = data.get("content") or ""
    if not isinstance(content, str) or len(content) > LONGEST:
        zh, en = f"要写一段文字，最多 {LONGEST} 字", f"A text of at most {LONGEST} characters"
        raise BadEntry("content", zh, en)
    found = decorated(content)
    notices |= {(f"@@{name}", "decorator") for name in found.unknown}
    notices |= {(name, "extension") for name in ABSENT if more.get(name)}
    reader = _Keys(data, more, notices)
    values, position = found.values, _position(data, more, notices)
    if "position" in values:
        position = str(values["position"])
    elif "depth" in values or "reverse_depth" in values:
        position = "depth"
    return Entry(
        content=found.text,
        name=_text(data.get("comment")) or _text(data.get("name")) or _text(data.get("id")),
        keys=reader.keys("keys", data.get("keys")),
        secondary=reader.keys("secondary_keys", data.get("secondary_keys")) if data.get("selective") else (),
        additional=reader.keys("additional_keys", _listed(values.get("additional_keys"))),
        excluded=reader.keys("exclude_keys", _listed(values.get("exclude_keys"))),
        logic=int(_number(more.get("selectiveLogic"), 0)) % 4,
        enabled=data.get("enabled", True) is not False and bool(position),
        constant=data.get("constant") is True,
        order=_number(data.get("insertion_order"), 100),
        priority=_number(data.get("priority"), 0),
        position=position,
        depth=_depth(values, more),
        role=str(values.get("role") or ROLES.get(int(_number(more.get("role"), 0)), "system")),
        scan_depth=_whole(values.get("scan_depth", more.get("scan_depth"))),
        probability=_number(more.get("probability"), 100) if more.get("useProbability") is not False else 100,
        sticky=_whole(more.get("sticky")) or 0,
        delay=_whole(more.get("delay")) or 0,
        unrecursed=more.get("exclude_recursion") is True,
        recursed=bool(more.get("delay_until_recursion")),
        quiet=more.get("prevent_recursion") is True,
        values=values,
    )


def _position(data: Mapping[str, Json], more: Mapping[str, Json], notices: set[tuple[str, str]]) -> str:
    """Where it goes; empty: nowhere."""
    place = more.get("position")
    if not isinstance(place, int) or isinstance(place, bool):
        place = data.get("position")
    if not isinstance(place, int | str) or place == "":
        return "after_char"
    if place in SILENT or place not in POSITIONS:
        notices.add((f"position {place}", "extension"))
    return "" if place in SILENT else POSITIONS.get(place, "after_char")


def _depth(values: Mapping[str, Value], more: Mapping[str, Json]) -> int:
    if isinstance(depth := values.get("depth"), int):
        return max(0, depth)
    if isinstance(depth := values.get("reverse_depth"), int):
        return -1 - max(0, depth)
    return 4 if (depth := _whole(more.get("depth"))) is None else depth


def _text(value: Json) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


def _number(value: Json, default: float) -> float:
    """A number, be it written as a text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(max(-1e9, min(1e9, value)))
    return float(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", value) else default


def _whole(value: object) -> int | None:
    """A number of messages."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(max(0, min(1000, value)))
    return None


def _listed(value: Value | None) -> list[Json]:
    return list(value) if isinstance(value, tuple) else []


@dataclass(frozen=True, slots=True)
class _Keys:
    """Reads an entry's keys."""

    data: Mapping[str, Json]
    more: Mapping[str, Json]
    notices: set[tuple[str, str]]

    def keys(self, name: str, value: Json) -> tuple[Key, ...]:
        """Keys under a name. Raises BadEntry."""
        listed: Json = [*value.split(",")] if isinstance(value, str) else [] if value is None else value
        if not isinstance(listed, list) or len(listed) > MOST_KEYS:
            zh, en = f"要写列表，最多 {MOST_KEYS} 个词", f"A list of at most {MOST_KEYS} words"
            raise BadEntry(name, zh, en)
        return tuple(self._keys(listed))

    def _keys(self, listed: list[Json]) -> Iterator[Key]:
        cased = (self.data if self.data.get("case_sensitive") is not None else self.more).get("case_sensitive") is True
        whole = self.more.get("match_whole_words") is not False
        regex, bare = self.data.get("use_regex"), "selectiveLogic" not in self.more
        for text in (_text(each).strip() for each in listed):
            if not text:
                continue
            written = slashed(text) if regex is not False else None
            if written is None and regex is True and bare:  # SillyTavern sets use_regex on plain words, too
                written = text, ""
            if written is None:
                yield Key((text if cased else text.casefold())[:LONGEST_KEY], cased, whole)
                continue
            try:
                source, flags = written
                folded = "" if cased or slashed(text) else "i"
                yield Key(text, cased, whole, compiled(source, flags + folded))
            except BadPattern:
                self.notices.add((text[:60], "pattern"))
