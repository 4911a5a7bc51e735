"""Lorebooks: what a persona is reminded of when certain words are said, by rules that travel with character cards."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from bot.jsonfile import Json
from bot.lore_entry import BadEntry, Entry, Key, Window, entry
from bot.pattern import Fuel
from bot.tokens import tokens

MOST_ENTRIES, ROUNDS, SCAN_DEPTH = 2000, 3, 4
"""Of a book; of recursive scanning; messages that are looked through where nobody says how many."""
FUEL, LONGEST, REMEMBERED = 1_000_000, 20_000, 100
"""Work of one call (about half a second at most); characters looked through; messages that count as the past."""
UNSEEN = re.compile(r"\{\{(?://|comment:)[^{}]*\}\}", re.IGNORECASE)
"""Comments within a content: they bring nothing in."""
ABOUT = {
    "decorator": ("不认识这个修饰词，略过", "this decorator means nothing here and is passed over"),
    "extension": ("这一版不支持，略过", "not done in this version, passed over"),
    "pattern": ("这个正则用不了，当作没有这个词", "this pattern cannot be used and never matches"),
}


class BadLore(ValueError):
    """It is no lorebook; ``faults`` are (field, zh, en), sentences without the end mark."""

    def __init__(self, faults: Sequence[tuple[str, str, str]]) -> None:
        super().__init__("; ".join(f"{field}: {en}" for field, _, en in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Lorebook:
    """Entries, and how they are looked for."""

    entries: tuple[Entry, ...] = ()
    name: str = ""
    scan_depth: int | None = None
    budget: int | None = None
    """Tokens; None: whatever the caller allows."""
    recursive: bool = False
    notices: tuple[str, ...] = field(default=())
    """What of it this version does not do, in words for the operator."""


@dataclass(frozen=True, slots=True)
class Active:
    """An entry's text, to be put into the prompt."""

    text: str
    """Macros are still in it."""
    position: str
    """``before_char``, ``after_char``, ``personality``, ``scenario``, or ``depth``."""
    depth: int
    """Of the position ``depth``: how many messages come after it; 0 is after the newest."""
    role: str
    """``system``, ``user`` or ``assistant``."""
    order: float
    name: str = ""


def lorebook(data: Json) -> Lorebook:
    """A book from a card of version 2 or 3, or a file of its own (``lorebook_v3``). Raises BadLore."""
    if isinstance(data, dict) and data.get("spec") == "lorebook_v3":
        data = data.get("data")
    if not isinstance(data, dict) or not isinstance(listed := data.get("entries"), list):
        zh, en = "不是世界书：要有 entries 列表", "This is no lorebook: it needs a list, entries"
        raise BadLore([("entries", zh, en)])
    if len(listed) > MOST_ENTRIES:
        zh, en = f"太多了：最多 {MOST_ENTRIES} 条", f"Too many: at most {MOST_ENTRIES}"
        raise BadLore([("entries", zh, en)])
    entries: list[Entry] = []
    faults: list[tuple[str, str, str]] = []
    lacks: set[tuple[str, str]] = set()
    for number, each in enumerate(listed, 1):
        try:
            if not isinstance(each, dict):
                raise BadEntry("", "要写成 {键: 值}", "An entry is an object")
            entries.append(entry(each, lacks))
        except BadEntry as bad:
            where, zh, en = map(str, bad.args)
            faults.append((f"entries[{number}].{where}".rstrip("."), zh, en))
    if faults:
        raise BadLore(faults)
    name, recursive = data.get("name"), data.get("recursive_scanning") is True
    depth, budget = _count(data.get("scan_depth")), _count(data.get("token_budget"))
    notices = tuple(f"{what}：{ABOUT[why][0]}。 {what}: {ABOUT[why][1]}." for what, why in sorted(lacks))
    return Lorebook(tuple(entries), name if isinstance(name, str) else "", depth, budget, recursive, notices)


def _count(value: Json) -> int | None:
    return int(max(0, value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def active(
    book: Lorebook,
    texts: Sequence[str],
    *,
    turn: int,
    budget: int,
    rng: Random,
    greeting: int = 0,
    count: Callable[[str], int] = tokens,
) -> list[Active]:
    """What to put into the prompt now, sorted by insertion order.

    ``texts`` are the conversation's messages, hers included, newest last: the more of them are given, the more
    ``keep_activate_after_match`` and its like know of the past (the last REMEMBERED count). ``turn`` is how many
    messages she has written so far; ``budget`` is in tokens as ``count`` counts them, the book's own limit holds as
    well; ``rng`` decides entries with a probability: seed it by the turn, so that a repeated attempt gets the same.
    ``greeting``: which of her greetings began the conversation. Work is bounded (FUEL); with a large book it still
    takes tens of milliseconds: call it in a thread.
    """
    scan = _Scan(book, texts, turn, greeting)
    chosen, dropped, said = dict[int, Entry](), set[int](), ""
    for round in range(ROUNDS + 1):
        fresh: list[Entry] = []
        for number, each in enumerate(book.entries):
            if number in chosen or number in dropped or not scan.holds(each, said, round):
                continue
            if each.probability < 100 and rng.random() * 100 >= each.probability:
                dropped.add(number)
                continue
            chosen[number] = each
            fresh.append(each)
        told = [UNSEEN.sub("", each.content) for each in fresh if book.recursive and not each.quiet]
        if not told:
            break
        said = "\n".join((said, *told))[-LONGEST:]
    kept = _afforded(chosen, min(budget, budget if book.budget is None else book.budget), count)
    return [_put(each, len(texts)) for _, each in sorted(kept, key=lambda one: (one[1].order, one[0]))]


def _afforded(chosen: dict[int, Entry], budget: int, count: Callable[[str], int]) -> list[tuple[int, Entry]]:
    """What the budget has room for: the highest priority first, then the later place."""

    def rank(one: tuple[int, Entry]) -> tuple[bool, float, float, int]:
        return one[1].says("ignore_on_max_context"), -one[1].priority, -one[1].order, one[0]

    kept: list[tuple[int, Entry]] = []
    for number, each in sorted(chosen.items(), key=rank):
        if (cost := count(each.content)) <= budget:
            budget -= cost
            kept.append((number, each))
    return kept


def _put(each: Entry, messages: int) -> Active:
    depth = each.depth if each.depth >= 0 else max(0, messages + 1 + each.depth)
    depth = min(depth, messages) if each.position == "depth" else 0
    return Active(each.content, each.position, depth, each.role, each.order, each.name)


class _Scan:
    """One look at the conversation."""

    def __init__(self, book: Lorebook, texts: Sequence[str], turn: int, greeting: int) -> None:
        self.book, self.turn, self.greeting, self.messages = book, turn, greeting, len(texts)
        self.texts = [text[-LONGEST:] for text in texts[-REMEMBERED:]]
        self.fuel = Fuel(FUEL)
        self.windows: dict[tuple[int, int], Window] = {}
        self.told: tuple[str, Window] = "", Window.of("")

    def holds(self, each: Entry, said: str, round: int) -> bool:
        """Whether an entry belongs in now; ``said`` is what other entries brought in."""
        if not each.enabled or not each.content.strip():
            return False
        if each.says("activate"):
            return True
        if each.says("dont_activate"):
            return False
        once, keeps = each.says("dont_activate_after_match"), each.says("keep_activate_after_match")
        if (once or keeps) and self._before(each):
            return not once
        if not self._due(each) or (each.recursed and not round):
            return False
        if each.constant or (each.sticky and self._before(each, each.sticky)):
            return True
        return self._matches(each, len(self.texts), "" if each.unrecursed else said)

    def _due(self, each: Entry) -> bool:
        every = each.number("activate_only_every", 1)
        return (
            self.turn >= each.number("activate_only_after", 0)
            and (every < 1 or self.turn % every == 0)
            and each.number("is_greeting", self.greeting) == self.greeting
            and self.messages >= each.delay
        )

    def _before(self, each: Entry, last: int = REMEMBERED) -> bool:
        """Whether it matched before the newest message came."""
        ends = range(max(1, len(self.texts) - last), len(self.texts))
        return self.fuel.left > 0 and any(self._matches(each, end, "") for end in ends)

    def _matches(self, each: Entry, end: int, said: str) -> bool:
        depth = each.scan_depth if each.scan_depth is not None else self.book.scan_depth
        windows = [self._window(end, SCAN_DEPTH if depth is None else depth)]
        if said:
            windows.append(self._said(said))

        def any_of(keys: Iterable[Key]) -> bool:
            return any(key.found(window, self.fuel) for key in keys for window in windows)

        told = any_of(each.keys) and not any_of(each.excluded)
        told = told and (not each.additional or any_of(each.additional)) and self._besides(each, any_of)
        return told and self.fuel.left >= 0  # without fuel, "not said" means nothing

    def _besides(self, each: Entry, any_of: Callable[[Iterable[Key]], bool]) -> bool:
        """What the secondary keys say."""
        if not each.secondary:
            return True
        match each.logic:
            case 1:
                return not all(any_of([key]) for key in each.secondary)
            case 2:
                return not any_of(each.secondary)
            case 3:
                return all(any_of([key]) for key in each.secondary)
            case _:
                return any_of(each.secondary)

    def _window(self, end: int, depth: int) -> Window:
        """The messages before a place, as far back as is looked."""
        if (end, depth) not in self.windows:
            text = "\n".join(self.texts[max(0, end - depth) : end])[-LONGEST:]
            self.windows[end, depth] = Window.of(text)
        return self.windows[end, depth]

    def _said(self, said: str) -> Window:
        if self.told[0] != said:
            self.told = said, Window.of(said)
        return self.told[1]
