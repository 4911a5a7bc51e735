"""The words in braces that character cards carry, such as ``{{char}}``: expanded once, and never what was put in."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

LONGEST = 200_000
"""Characters of what comes out; the rest is cut."""
MACRO = re.compile(r"\{\{([^{}]{1,4000})\}\}|<(bot|char|user)>", re.IGNORECASE)
COMMA = re.compile(r"(?<!\\),")
DICE = re.compile(r"(?:(\d{0,2})d)?(\d{1,6})", re.IGNORECASE)


def expanded(text: str, *, char: str, user: str, original: str = "", rng: random.Random) -> str:
    """The text with its macros replaced, at most LONGEST characters; what nobody knows stays as it is.

    ``original`` is what ``{{original}}`` stands for. ``{{pick:…}}`` is the same for the same text, ``{{random:…}}``
    and ``{{roll:…}}`` ask ``rng``.
    """
    values = _Values(char, user, original, rng)
    pieces: list[str] = []
    left = LONGEST
    for piece in _pieces(text, values):
        pieces.append(piece[:left])
        if (left := left - len(piece)) <= 0:
            break
    return "".join(pieces)


@dataclass(frozen=True, slots=True)
class _Values:
    """What macros stand for."""

    char: str
    user: str
    original: str
    rng: random.Random

    def value(self, macro: str, seed: str) -> str | None:
        """What a macro's inside becomes; None: unknown."""
        if macro.startswith("//"):
            return ""
        name, colon, rest = macro.partition(":")
        name = name.strip().lower()
        if not colon:
            return {"char": self.char, "bot": self.char, "user": self.user, "original": self.original}.get(name)
        match name:
            case "comment" | "hidden_key":
                return ""
            case "reverse":
                return rest.removeprefix(":")[::-1]
            case "random":
                return self.rng.choice(_choices(rest))
            case "pick":
                listed = _choices(rest)
                return listed[crc32(f"{self.char}\0{seed}\0{rest}".encode("utf-8", "replace")) % len(listed)]
            case "roll":
                return self._rolled(rest.removeprefix(":").strip())
            case _:
                return None

    def _rolled(self, dice: str) -> str | None:
        """``6``, ``d6`` or ``2d6``."""
        if not (found := DICE.fullmatch(dice)) or not int(found[2]):
            return None
        return str(sum(self.rng.randint(1, int(found[2])) for _ in range(int(found[1] or 1))))


def _pieces(text: str, values: _Values) -> Iterator[str]:
    at = 0
    for number, found in enumerate(MACRO.finditer(text)):
        yield text[at : found.start()]
        value = values.value(found[1] if found[1] is not None else found[2], str(number))
        yield found[0] if value is None else value
        at = found.end()
    yield text[at:]


def _choices(rest: str) -> list[str]:
    """``a,b`` (``\\,`` is a comma) or, as SillyTavern writes it, ``:a::b``."""
    if rest.startswith(":") and "::" in rest[1:]:
        return [each.strip() for each in rest[1:].split("::")]
    return [each.replace("\\,", ",").strip() for each in COMMA.split(rest.removeprefix(":"))]
