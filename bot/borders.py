"""Where a sentence or a clause ends, told from the characters around a mark."""

import re
from dataclasses import dataclass
from enum import IntEnum

from bot.symbols import JOINER, PICTURE

BLOCK = "\0"
"""Stands for each character of a block that must not be cut."""
HIDDEN = "x"
"""Stands for each character of inline code."""

ENDS = "。．！？!?…."
SOFT = "，；：,;:—~～"
CANDIDATE = re.compile(rf"[{re.escape(ENDS + SOFT)}、\n{BLOCK}]")
"""Where a border may be."""
_WIDE_CLOSERS = "”’』」）】》〉〕｝"
_CLOSERS = re.escape(_WIDE_CLOSERS + ")]}'")
_EMOJI = PICTURE + JOINER + "\U0001f3fb-\U0001f3ff"
_RUNS = {
    still: re.compile(rf"[{re.escape(ENDS + SOFT)}{_CLOSERS}{_EMOJI}{still}]{{0,64}}") for still in ("", '"', "*", '"*')
}
"""What belongs to the sentence before it, by the straight marks still open."""
_TAIL = re.compile(rf"[ \t]{{0,8}}[{_EMOJI}]{{0,16}}\s{{0,64}}")
ENDED = re.compile(rf"[。！？!?…][{_CLOSERS}\"]*\Z")
"""A text that ends in the mark of a sentence."""
_BLANKS = re.compile(r"[ \t]{0,8}")
_CLOSER = re.compile(rf"[{_CLOSERS}\"]")

_BRACKETS = re.compile(r"(?<![:;=])([(（\[【《〈{])|[)）\]】》〉}]")
_STARS = re.compile(r"\*+(?!\s)|(?<=\S)\*+")
"""Emphasis, but no bullet."""
_QUOTES = re.compile(r"([“「『])|[”」』]")
NESTED = 80
"""A bracket open for longer than this holds nothing together any more."""
_WORD = re.compile(r"[!-~]{1,256}\Z")
_URL = re.compile(r"://|^www\.|@[\w.-]+$")
_NUMBERED = re.compile(r"(?:^|\n)[ \t>]*(?:[0-9]{1,3}|[A-Za-z])\Z")
_TITLE = re.compile(
    r"\b(?:Dr|Mr|Mrs|Ms|Mx|Prof|St|Mt|Gen|Sen|Rep|Gov|Capt|Lt|Col|Sgt|Rev|Hon"
    r"|e\.g|i\.e|eg|vs|cf|viz|approx|[A-Z](?:\.[A-Z])*)\Z"
)
"""No sentence ends here."""
_COUNTED = re.compile(r"\b(?:No|Nos|Fig|Figs|Vol|pp|Sec|Ch|Art|Eq|Ex|Nr)\Z", re.IGNORECASE)
"""No sentence ends here before a number."""
_SHORT = re.compile(
    r"\b(?:[a-z](?:\.[a-z])+|[AP]\.M|Ph\.D|etc|Inc|Ltd|Co|Corp|Jr|Sr|Bros|Ave|Blvd|Rd|Dept|Est|al"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)\Z"
)
"""A sentence ends here only where the next word begins like one."""


class Strength(IntEnum):
    """How much of an end it is."""

    NONE = 0
    WEAK = 1
    """An enumeration or a dash."""
    CLAUSE = 2
    SENTENCE = 3


@dataclass(frozen=True, slots=True)
class Border:
    """A mark that was looked at."""

    strength: Strength
    end: int
    """Where the text after it begins: closing marks, and white space unless ``hasty``, belong to what it ends."""
    needed: int
    """So many characters had to be known for this."""


def still_open(text: str, at: int, before: str) -> str:
    """Which of the marks " and * are open at a place, when ``before`` were open at the beginning; a line ends them."""
    start = text.rfind("\n", 0, at) + 1
    line, before = text[start:at], "" if start else before
    counts = (('"', line.count('"')), ("*", len(_STARS.findall(line))))
    return "".join(mark for mark, count in counts if (count + (mark in before)) % 2)


def border(text: str, at: int, *, hasty: bool, before: str, closed: bool) -> Border | None:
    """What the mark at a place is; None where more text must be known.

    ``hasty`` decides with as few characters as can be, for the line somebody waits for. ``before`` are the
    straight marks open where the text begins; ``closed`` says that no more comes.
    """
    mark, known = text[at], len(text)
    if hasty and mark in "，；：,;" and text[at - 1 : at].isalpha() and not _held(text, at, before):
        return Border(Strength.CLAUSE, at + 1, at + 1)
    strength, needed = (Strength.SENTENCE, at + 1) if mark == "\n" else _strength(text, at)
    if needed > known and not closed:
        return None
    if hasty and mark == "\n":
        return Border(strength, at + 1, at + 1)
    if strength is Strength.NONE or (mark != "\n" and _bracketed(text, at)):
        return Border(Strength.NONE, at + 1, needed)
    run = at + 1 if mark == "\n" else _end(_RUNS[still_open(text, at, before)], text, at + 1)
    end = run if hasty else _end(_TAIL, text, run)
    if end >= known and not closed:
        return None
    needed = max(needed, min(known, end + 1))
    if hasty:
        return Border(strength, run + text[run : run + 1].isspace(), needed)
    if strength is Strength.SENTENCE and "a" <= text[end : end + 1] <= "z" and _goes_on(text[at:run]):
        strength = Strength.CLAUSE
    return Border(strength, end, needed)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _goes_on(run: str) -> bool:
    """Whether a sentence may go on in small letters after such marks: “Stop!” he said."""
    return run[0] in ".…" or bool(_CLOSER.search(run))


def _held(text: str, at: int, before: str) -> bool:
    """Whether a clause mark has to wait for what follows: in a quote, a bracket, an address."""
    if still_open(text, at, before) or _depth(_QUOTES, text[:at]) or _bracketed(text, at):
        return True
    return text[at] in ",;" and bool(_URL.search(_word(text, at)))


def _bracketed(text: str, at: int) -> bool:
    start = max(text.rfind("\n", 0, at) + 1, at - NESTED)
    return _depth(_BRACKETS, text[start:at]) > 0


def _depth(pattern: re.Pattern[str], text: str) -> int:
    depth = 0
    for match in pattern.finditer(text):
        depth = depth + 1 if match[1] else max(0, depth - 1)
    return depth


def _word(text: str, at: int) -> str:
    match = _WORD.search(text, max(0, at - 256), at)
    return match[0] if match else ""


def _strength(text: str, at: int) -> tuple[Strength, int]:
    """What a mark is by the characters next to it, and how many characters that needed."""
    mark, after, seen = text[at], text[at + 1 : at + 2], at + 2
    if mark == "、":
        return Strength.WEAK, at + 1
    if mark in "。．！？…":
        return Strength.SENTENCE, at + 1
    if mark in "，；：":
        return Strength.CLAUSE, at + 1
    glued = bool(after) and after.isascii() and not after.isspace() and after not in "\"')]}*" + ENDS + SOFT
    if mark in "—~～":
        number = text[at - 1 : at].isdigit() and after.isdigit()
        return (Strength.NONE if number else Strength.WEAK if mark == "—" else Strength.CLAUSE), seen
    if glued and _URL.search(_word(text, at)):
        return Strength.NONE, seen
    if mark in "!?":
        return (Strength.NONE if glued and re.search(r"[./@]", _word(text, at)) else Strength.SENTENCE), seen
    if mark in ",;:":
        face = mark != "," and after in tuple(")(DP")
        return (Strength.NONE if glued or face else Strength.CLAUSE), seen
    return (Strength.NONE, seen) if glued else _point(text, at)


def _point(text: str, at: int) -> tuple[Strength, int]:
    """What a full stop is that no letter or digit follows."""
    before, after, seen = text[max(0, at - 24) : at], text[at + 1 : at + 2], at + 2
    if after in tuple(",;:"):
        return Strength.NONE, seen
    if after in tuple(ENDS + _WIDE_CLOSERS + "\"')]}*\n") or not after:
        return Strength.SENTENCE, seen
    if _TITLE.search(before) or (_NUMBERED.search(before) and after.isspace()):
        return Strength.NONE, seen
    short, counted = _SHORT.search(before), _COUNTED.search(before)
    if short or counted:
        solid = _end(_BLANKS, text, at + 1)
        first = text[solid : solid + 1]
        goes_on = first.isdigit() or (short is not None and "a" <= first <= "z")
        return (Strength.NONE if goes_on else Strength.SENTENCE), solid + 1
    return Strength.SENTENCE, seen
