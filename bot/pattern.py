"""Regular expressions that strangers wrote, in JavaScript's spelling: whether they are found, in linear time.

Python's ``re`` goes back and tries again, so that ``(a+)+$`` hangs on a line of a's. No check of a pattern's text
finds all of these without refusing good ones, and a process that can be killed is dear for every message. So the
pattern becomes an automaton that reads each character once and is in several states at the same time; steps it took
are remembered, and all it does is counted in fuel. Only whether there is a match is asked, so that groups and laziness
mean nothing; what an automaton cannot do (back references, looking further than one character) is refused.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.pattern_syntax import At, BadPattern, Belongs, Check, Either, Node, One, Row, Signature, Times, parsed

__all__ = ["BadPattern", "Fuel", "Pattern", "compiled", "slashed"]

MOST_STATES, MOST_KEPT = 2000, 4000
"""Of a pattern; steps that are remembered."""
SLASHED = re.compile(r"/(.+)/([a-z]*)", re.DOTALL)
FOUND = -1


def compiled(source: str, flags: str = "") -> "Pattern":
    """A pattern ready to be looked for. Raises BadPattern."""
    return Pattern(*parsed(source, flags))


@dataclass(slots=True)
class Fuel:
    """What may still be done; a unit is about a character."""

    left: int

    def burn(self, units: int) -> bool:
        """Take some; whether there was enough."""
        self.left -= units
        return self.left >= 0


def slashed(text: str) -> tuple[str, str] | None:
    """Pattern and flags where a text is written as ``/pattern/flags``."""
    found = SLASHED.fullmatch(text)
    return (found[1], found[2]) if found and set(found[2]) <= set("dgimsuvy") else None


@dataclass(slots=True)
class _State:
    """Where it goes from here: on a character of a set, where a check holds, or (with neither) by itself."""

    out: list[int] = field(default_factory=list[int])
    set: int | None = None
    check: Check | None = None


class Pattern:
    """What is looked for; it does not change, so that threads may share it."""

    def __init__(self, node: Node, sets: list[Belongs]) -> None:
        self.sets, self.states = sets, list[_State]()
        self._work = 0
        self.last = self._state()
        self.first = self._build(node, self.last)

    def found(self, text: str, fuel: Fuel) -> bool:
        """Whether the text has a match; False when the fuel is used up before one is found."""
        return _Search(self, fuel).through(text)

    def _state(self, out: Iterable[int] = (), set: int | None = None, check: Check | None = None) -> int:
        if len(self.states) == MOST_STATES:
            raise BadPattern("too large")
        self.states.append(_State(list(out), set, check))
        return len(self.states) - 1

    def _build(self, node: Node, then: int) -> int:
        """States for a part that goes on to ``then``; the first of them."""
        self._work += 1
        if self._work > 10 * MOST_STATES:  # nothing, many times over, makes no state
            raise BadPattern("too large")
        match node:
            case One(number):
                return self._state([then], set=number)
            case At(check):
                return self._state([then], check=check)
            case Either(nodes):
                return self._state(self._build(each, then) for each in nodes)
            case Row(nodes):
                for each in reversed(nodes):
                    then = self._build(each, then)
                return then
            case Times():
                return self._times(node, then)

    def _times(self, node: Times, then: int) -> int:
        if node.most is None:
            loop = self._state([then])
            self.states[loop].out.append(self._build(node.node, loop))
            then = loop
        else:
            after = then
            for _ in range(node.most - node.least):
                then = self._state([after, self._build(node.node, then)])
        for _ in range(node.least):
            then = self._build(node.node, then)
        return then


Core = frozenset[int]
"""States it is in before it goes on by itself."""


class _Search:
    """One walk through a text; it remembers its steps by the kinds of characters, not by characters."""

    def __init__(self, pattern: Pattern, fuel: Fuel) -> None:
        self.pattern, self.fuel = pattern, fuel
        self.kinds: dict[str, int] = {}
        self.signatures: list[Signature | None] = [None]
        self.numbers: dict[Signature, int] = {}
        self.steps: dict[tuple[int, int], int] = {}
        self.places: list[tuple[Core, int]] = []
        self.known: dict[tuple[Core, int], int] = {}

    def through(self, text: str) -> bool:
        """Whether there is a match anywhere."""
        place = self._place(frozenset(), 0)
        for character in text:
            place = self._step(place, self._kind(character))
            if place == FOUND:
                return True
            if self.fuel.left < 0:
                return False
        return self._step(place, 0) == FOUND

    def _kind(self, character: str) -> int:
        """Characters in the same sets are of one kind; 0 is the text's edge."""
        if (kind := self.kinds.get(character)) is None:
            self.fuel.burn(len(self.pattern.sets))
            signature = tuple(bool(belongs(character)) for belongs in self.pattern.sets)
            kind = self.numbers.setdefault(signature, len(self.signatures))
            if kind == len(self.signatures):
                self.signatures.append(signature)
            self.kinds[character] = kind
        return kind

    def _place(self, core: Core, before: int) -> int:
        number = self.known.setdefault((core, before), len(self.places))
        if number == len(self.places):
            self.places.append((core, before))
        return number

    def _step(self, place: int, after: int) -> int:
        """Where it is after a character; FOUND where the pattern ended before it."""
        self.fuel.burn(1)
        if (to := self.steps.get((place, after))) is not None:
            return to
        core, before = self.places[place]
        if len(self.steps) >= MOST_KEPT:
            self.steps, self.places, self.known = {}, [], {}
            place = self._place(core, before)
        reached = self._reached(core, before, after)
        signature, states = self.signatures[after], self.pattern.states
        if self.pattern.last in reached:
            to = FOUND
        else:
            on = frozenset(
                state.out[0]
                for state in (states[number] for number in reached)
                if signature and state.set is not None and signature[state.set]
            )
            to = self._place(on, after)
        self.steps[place, after] = to
        return to

    def _reached(self, core: Core, before: int, after: int) -> set[int]:
        """All states it can be in without reading on; a match may begin anywhere."""
        states, reached = self.pattern.states, set[int]()
        left = [self.pattern.first, *core]
        sides = self.signatures[before], self.signatures[after]
        while left:
            number = left.pop()
            if number in reached:
                continue
            reached.add(number)
            state = states[number]
            if state.set is None and (state.check is None or state.check(*sides)):
                left += state.out
        self.fuel.burn(len(reached))
        return reached
