"""Text cut where a speaker takes breath: clauses with the pause after each."""

import re
from dataclasses import dataclass

LONGEST = 80
"""A clause without any mark is cut after so many characters."""
PAUSES = {
    "、": (",", 0.12),
    ",，": (",", 0.20),
    ";；:：—": (",", 0.28),
    ".。．": (".", 0.38),
    "!！": ("!", 0.38),
    "?？": ("?", 0.38),
    "…\n": (".", 0.42),
}
"""Marks: what the voice is told, and the seconds of silence after them."""
MARKS = {mark: meaning for marks, meaning in PAUSES.items() for mark in marks}
WIDE = "".join(mark for mark in MARKS if not mark.isascii())
BORDER = re.compile(
    rf"(?:[{WIDE}\n]|(?<![A-Z])(?<!Mr)(?<!Mrs)(?<!Ms)(?<!Dr)(?<!St)(?<!vs)(?<!\.\w)[.](?=[\s\"'”’)\]]|$)"
    rf"|[,;:!?](?![0-9A-Za-z]))(?:[{WIDE}\s.,;:!?\"'”’)\]」』）】])*"
)
"""Where a clause ends, with all that follows up to the next word. A point after an initial or an abbreviation is none."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of text said in one breath."""

    text: str
    at: int
    """Its place in the whole text, in characters."""
    end: str
    """``,``, ``.``, ``!`` or ``?``: how the voice goes at its end."""
    pause: float
    """Seconds of silence after it, if something follows."""


def clauses(text: str) -> list[Clause]:
    """The clauses of a text that have anything to pronounce, in order."""
    found: list[Clause] = []
    at = 0
    for match in BORDER.finditer(text):
        meanings = [MARKS[mark] for mark in match[0] if mark in MARKS]
        end = next((end for end, _ in meanings if end in "?!"), meanings[0][0] if meanings else ",")
        found += _pieces(text[at : match.start()], at, end, max((pause for _, pause in meanings), default=0.2))
        at = match.end()
    found += _pieces(text[at:], at, ".", 0.38)
    return found


def _pieces(text: str, at: int, end: str, pause: float) -> list[Clause]:
    """A clause, cut where it is too long for one breath; nothing if it has no letter or digit."""
    found: list[Clause] = []
    while len(text) > LONGEST:
        cut = text.rfind(" ", LONGEST // 2, LONGEST) + 1 or LONGEST
        found.append(Clause(text[:cut], at, ",", 0.0))
        text, at = text[cut:], at + cut
    found.append(Clause(text, at, end, pause))
    return [clause for clause in found if any(character.isalnum() for character in clause.text)]
