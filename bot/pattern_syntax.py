"""JavaScript's regular expressions as trees: what can be told by reading each character once, and nothing else."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

LONGEST, DEEPEST, MOST_TIMES = 1000, 40, 200
"""Characters of a pattern; groups within groups; of ``{n}``."""
Signature = tuple[bool, ...]
"""Of a character: which of the pattern's sets it is in."""
Check = Callable[[Signature | None, Signature | None], bool]
"""Whether a place will do, by the characters before and after it; None: the text's edge."""
Belongs = Callable[[str], bool]
SPACES = frozenset(
    "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
)
WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
BREAKS = frozenset("\n\r\u2028\u2029")
CONTROL = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
TIMES = re.compile(r"\{(\d{1,5})(,(\d{0,5}))?\}")
HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}")
PROPERTY = re.compile(r"[pP]\{(?:(?:Script|sc)=)?(L|Letter|N|Number|P|Punctuation|Han)\}")
LOOK = re.compile(r"\(\?(<?)([=!])")
GROUP = re.compile(r"\((?:\?:|\?<\w{1,50}>)?(?!\?)")


class BadPattern(ValueError):
    """It is no pattern, or not one that can be told in linear time."""


@dataclass(frozen=True, slots=True)
class One:
    """A character of a set, by the set's number."""

    set: int


@dataclass(frozen=True, slots=True)
class Row:
    """One after the other."""

    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """Any of them."""

    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Times:
    """The same several times; ``most`` None: without end."""

    node: "Node"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class At:
    """A place between two characters."""

    check: Check


Node = One | Row | Either | Times | At


def parsed(source: str, flags: str) -> tuple[Node, list[Belongs]]:
    """A pattern as a tree, and its sets. Raises BadPattern."""
    if len(source) > LONGEST:
        raise BadPattern("too long")
    parser = _Parser(source, flags)
    node = parser.either(0)
    if parser.at < len(source):
        raise BadPattern("a bracket too many")
    return node, parser.sets


class _Parser:
    """Reads a pattern from left to right."""

    def __init__(self, source: str, flags: str) -> None:
        self.source, self.at = source, 0
        self.folded, self.lines, self.all = "i" in flags, "m" in flags, "s" in flags
        self.sets: list[Belongs] = [WORD.__contains__, BREAKS.__contains__]
        self._numbers: dict[str, int] = {}

    def either(self, depth: int) -> Node:
        """Alternatives, up to a closing bracket or the end."""
        if depth > DEEPEST:
            raise BadPattern("too deep")
        rows = [self._row(depth)]
        while self._took("|"):
            rows.append(self._row(depth))
        return rows[0] if len(rows) == 1 else Either(tuple(rows))

    def _row(self, depth: int) -> Node:
        nodes: list[Node] = []
        while self.at < len(self.source) and self.source[self.at] not in "|)":
            node = self._atom(depth)
            nodes.append(node if isinstance(node, At) else self._repeated(node))
        return Row(tuple(nodes))

    def _took(self, mark: str) -> bool:
        if self.source.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def _found(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        if found := pattern.match(self.source, self.at):
            self.at = found.end()
        return found

    def _repeated(self, node: Node) -> Node:
        if self._took("*"):
            node = Times(node, 0, None)
        elif self._took("+"):
            node = Times(node, 1, None)
        elif self._took("?"):
            node = Times(node, 0, 1)
        elif found := self._found(TIMES):
            least = int(found[1])
            most = least if not found[2] else int(found[3]) if found[3] else None
            if max(least, most or 0) > MOST_TIMES or (most is not None and most < least):
                raise BadPattern("a number that is too large, or less than the one before")
            node = Times(node, least, most)
        else:
            return node
        self._took("?")  # lazy: the same answer
        return node

    def _atom(self, depth: int) -> Node:
        if found := self._found(LOOK):
            inside = self.either(depth + 1)
            self._close()
            return At(_looking(inside, behind=bool(found[1]), wanted=found[2] == "="))
        if self._found(GROUP):
            inside = self.either(depth + 1)
            self._close()
            return inside
        mark = self.source[self.at]
        self.at += 1
        match mark:
            case "^":
                return At(_start(self.lines))
            case "$":
                return At(_end(self.lines))
            case ".":
                return self._one(".", (lambda _: True) if self.all else (lambda c: c not in BREAKS))
            case "[":
                return self._class()
            case "\\":
                return self._escaped()
            case "*" | "+" | "?" | "(":
                raise BadPattern(f"{mark} where none can be")
            case _:
                return self._literal(mark)

    def _close(self) -> None:
        if not self._took(")"):
            raise BadPattern("a bracket is not closed")

    def _one(self, key: str, belongs: Belongs) -> One:
        """A set by its spelling; the same spelling is the same set."""
        if key not in self._numbers:
            self._numbers[key] = len(self.sets)
            self.sets.append(belongs)
        return One(self._numbers[key])

    def _folding(self, belongs: Belongs) -> Belongs:
        if not self.folded:
            return belongs
        return lambda c: belongs(c) or belongs(c.lower()) or belongs(c.upper())

    def _literal(self, mark: str) -> Node:
        return self._one(f"={mark}", self._folding(mark.__eq__))

    def _escaped(self) -> Node:
        start = self.at
        if self._took("b"):
            return At(lambda before, after: _word(before) != _word(after))
        if self._took("B"):
            return At(lambda before, after: _word(before) == _word(after))
        if re.match(r"[1-9]|k<", self.source[start:]):
            raise BadPattern("back references are not taken")
        what = self._escape()
        if isinstance(what, str):
            return self._literal(what)
        return self._one(f"\\{self.source[start : self.at]}", what)

    def _escape(self) -> str | Belongs:
        """What a backslash and what follows stand for: a character, or a set of them."""
        if found := self._found(HEX):
            code = int(found[1] or found[2] or found[3], 16)
            if code > 0x10FFFF:
                raise BadPattern("no such character")
            return chr(code)
        if found := self._found(PROPERTY):
            return _not(_property(found[1])) if found[0][0] == "P" else _property(found[1])
        mark = self.source[self.at : self.at + 1]
        if not mark:
            raise BadPattern("it ends with a backslash")
        self.at += 1
        kinds: dict[str, Belongs] = {"d": "0123456789".__contains__, "w": WORD.__contains__, "s": SPACES.__contains__}
        if mark in kinds:
            return kinds[mark]
        if mark.lower() in kinds:
            return _not(kinds[mark.lower()])
        if mark in CONTROL:
            return CONTROL[mark]
        if mark.isalnum():
            raise BadPattern(f"\\{mark} is not known")
        return mark

    def _class(self) -> Node:
        """A set in square brackets."""
        start, negative = self.at, self._took("^")
        ranges: list[tuple[str, str]] = []
        kinds: list[Belongs] = []
        while not self._took("]"):
            low = self._member()
            if not isinstance(low, str):
                kinds.append(low)
                continue
            high: str | Belongs = low
            if self.source.startswith("-", self.at) and not self.source.startswith("-]", self.at):
                self.at += 1
                high = self._member()
            if not isinstance(high, str) or high < low:
                raise BadPattern("a range the wrong way round")
            ranges.append((low, high))
        inside = self._folding(_members(ranges, kinds))
        return self._one(self.source[start - 1 : self.at], _not(inside) if negative else inside)

    def _member(self) -> str | Belongs:
        if self.at >= len(self.source):
            raise BadPattern("a square bracket is not closed")
        mark = self.source[self.at]
        self.at += 1
        if mark != "\\":
            return mark
        return "\b" if self._took("b") else self._escape()


def _not(belongs: Belongs) -> Belongs:
    return lambda c: not belongs(c)


def _members(ranges: list[tuple[str, str]], kinds: list[Belongs]) -> Belongs:
    return lambda c: any(low <= c <= high for low, high in ranges) or any(kind(c) for kind in kinds)


def _property(name: str) -> Belongs:
    if name == "Han":
        return lambda c: "\u3400" <= c <= "\u9fff" or "\U00020000" <= c <= "\U0003ffff" or c in "々〇〆"
    return lambda c: unicodedata.category(c)[0] == name[0]


def _word(side: Signature | None) -> bool:
    return side is not None and side[0]


def _start(lines: bool) -> Check:
    return lambda before, _: before is None or (lines and before[1])


def _end(lines: bool) -> Check:
    return lambda _, after: after is None or (lines and after[1])


def _looking(node: Node, *, behind: bool, wanted: bool) -> Check:
    """What stands beside a place, where it is one character of a set, or the edge."""
    match node:
        case One(number):

            def beside(before: Signature | None, after: Signature | None) -> bool:
                side = before if behind else after
                return (side is not None and side[number]) == wanted

            return beside
        case At(check):
            return lambda before, after: check(before, after) == wanted
        case Row((only,)):
            return _looking(only, behind=behind, wanted=wanted)
        case Either(nodes):
            checks = [_looking(each, behind=behind, wanted=True) for each in nodes]
            return lambda before, after: any(check(before, after) for check in checks) == wanted
        case _:
            raise BadPattern("looking ahead or back goes one character far")
