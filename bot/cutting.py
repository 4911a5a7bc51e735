"""Where a reply may be cut into lines that can be said: a function of its characters alone, never of clock or tokens."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

CODE = "\0"
NOT_CODE = re.compile(r"[^\0]")
OPENERS, CLOSERS = "“‘「『（【《(", "”’」』）】》)"
HARD = "。！？!?"
TRAIL = "。！？!?….~～" + CLOSERS
"""What stays with the sentence whose end it follows; emoji do too."""
MARK = re.compile(rf'[{HARD}…\n.，、；：—,;:"{OPENERS}{CLOSERS}]')
HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
TOKEN = re.compile(r"[A-Za-z]+|\s|.", re.DOTALL)
ADDRESS = re.compile(r"(?:https?://|www\.)\S*$", re.IGNORECASE)
NEVER_ENDS = re.compile(
    r"(?:^|[\s(“\"‘（])(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|Mt|vs|Fig|Vol|Inc|Ltd|e\.g|i\.e|cf|approx"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)$"
)
"""A full stop after these belongs to the word."""
MAY_END = re.compile(r"(?:^|[\s\d(])(?:[ap]\.m|etc|U\.S|U\.K|Ph\.D)$", re.IGNORECASE)
"""A full stop after these ends a sentence only before a capital."""
ITEM = re.compile(r"(?:^|\n)[ \t]*\d{1,3}$")
"""The number of a list item, up to its full stop."""

LONGEST = 120
"""Characters of a line that has no border."""
TOKEN_S, VOICE_S = 0.02, 0.25
"""How fast a brain writes and how soon a voice sounds, as facts of the bench's definition: the estimates below rest on them."""
HAN_S, OTHER_S = 0.22, 0.065
"""Speaking time of a character."""
SLACK_S = 1.5
"""A clause is cut off as long as less than this is left to play when its sound would come."""
LONG_S = 5.0
"""A line that takes this long may be cut at a clause border."""
SHORT_S = 0.6
"""A sentence shorter than this waits for the next one, when there is time."""


@dataclass(frozen=True, slots=True)
class Border:
    """A place where a line may end."""

    stop: int
    """Exclusive."""
    seen: int
    """How many characters had to be known."""
    hard: bool
    """The end of a sentence."""
    weak: bool = False
    """Between the items of an enumeration."""


def seconds(text: str) -> float:
    """Estimated speaking time."""
    han = len(HAN.findall(text))
    return han * HAN_S + (len(text) - han) * OTHER_S


class Cutter:
    """Takes display text as it grows and finds its lines."""

    def __init__(self) -> None:
        self.text = ""
        """What is not cut yet, and a little before it."""
        self.mask = ""
        """The same, with code blotted out."""
        self.begin = self.at = 0
        """Where the line begins, and how far it was looked at."""
        self.reach = 0
        """How far code carries the line beyond its greatest length."""
        self.lines = 0
        self.quotes, self.quoted = 0, False
        """Open quotes and brackets; inside a straight quote."""
        self.soft = 0
        """The last clause border that was not used."""
        self.written = self.plays_until = 0.0
        """Estimates in seconds: when the brain had written this far, and until when there is sound."""
        self.counted = 0

    def feed(self, text: str, *, code: bool = False) -> None:
        """Take more text; ask for its lines afterwards."""
        self.text += text
        self.mask += CODE * len(text) if code else text

    def lines_so_far(self, *, end: bool = False) -> Iterator[tuple[str, int]]:
        """(line, characters that had to be known for it): each decided line; with ``end`` the rest counts as known."""
        while border := self._next(end):
            line = self.text[self.begin : border.stop]
            self._count(border.stop)
            self.plays_until = max(self.plays_until, self.written + VOICE_S) + seconds(line)
            self.lines += 1
            self.begin, self.at, self.soft, self.reach = border.stop, max(border.stop, self.at), 0, 0
            yield line, border.seen
        if end and self.begin < len(self.text):
            yield self.text[self.begin :], len(self.text)
            self.begin = len(self.text)

    def trim(self) -> int:
        """Forget what was cut; how many characters that were."""
        gone = self.begin
        self.text, self.mask = self.text[gone:], self.mask[gone:]
        self.begin, self.at, self.counted = 0, self.at - gone, self.counted - gone
        self.soft, self.reach = max(0, self.soft - gone), max(0, self.reach - gone)
        return gone

    # Looking for the next border that is used

    def _next(self, end: bool) -> Border | None:
        while True:
            limit = self._limit()
            found = MARK.search(self.mask, self.at, limit)
            if not found:
                self.at = max(self.at, min(len(self.mask), limit))
                return self._forced(limit)
            border = self._border(found.start(), end)
            if border is None:  # more must be known
                self.at = found.start()
                return None
            self._quotes(found.start(), border.stop)
            self.at = max(border.stop, found.start() + 1)
            if border.stop > found.start() and self._used(border):
                return border

    def _limit(self) -> int:
        """How far the line may reach at most: code is not cut."""
        limit = max(self.reach, self.begin + LONGEST)
        if self.mask[limit - 1 : limit] == CODE:
            after = NOT_CODE.search(self.mask, limit)
            limit = self.reach = after.start() if after else len(self.mask)
        return limit

    def _forced(self, limit: int) -> Border | None:
        """A cut where nothing asked for one: text that is too long."""
        if len(self.text) <= limit:
            return None
        stop = self.soft or self.text.rfind(" ", limit - LONGEST // 2, limit) + 1 or limit
        if CODE in self.mask[self.begin : limit]:
            stop = limit
        while stop > self.begin + 1 and _joins(self.text[stop - 1], self.text[stop]):
            stop -= 1
        return Border(stop, limit + 1, hard=False)

    def _used(self, border: Border) -> bool:
        """Whether the line ends here."""
        line = self.text[self.begin : border.stop]
        if not any(map(str.isalnum, line)):
            return False
        self._count(border.stop)
        slack = self.plays_until - self.written - VOICE_S
        spoken = seconds(line.strip())
        if border.hard:
            return self.lines == 0 or spoken >= SHORT_S or slack < SLACK_S
        if border.weak and spoken < 2 * SHORT_S:
            return False
        if self.lines == 0 or slack < SLACK_S or spoken >= LONG_S:
            return True
        self.soft = border.stop
        return False

    def _count(self, stop: int) -> None:
        """Note how long the brain took to write this far."""
        if stop > self.counted:
            self.written += TOKEN_S * len(TOKEN.findall(self.text[self.counted : stop]))
            self.counted = stop

    # What a mark means

    def _border(self, i: int, end: bool) -> Border | None:
        """The border at a mark; None when more must be known; one that stops at the mark is none."""
        mark, none = self.mask[i], Border(i, i + 1, hard=False)
        if mark in OPENERS or mark in CLOSERS or mark == '"':
            return none
        if mark == "\n":
            return Border(i + 1, i + 1, hard=True)
        if mark == ".":
            return self._stop(i, end)
        if mark in HARD or mark == "…":
            if mark in "!?" and self._inside_address(i):
                return none if i + 1 < len(self.mask) or end else None
            if mark == "。" and self.lines == 0 and not self._open:
                return Border(i + 1, i + 1, hard=True)
            return self._run(i, end, hard=mark != "…")
        return self._clause(i, end)

    def _clause(self, i: int, end: bool) -> Border | None:
        mark, before = self.mask[i], self.mask[i - 1] if i else " "
        known = i + 1 < len(self.mask)
        if mark == "—":
            return self._run(i, end, hard=False, more="—")
        if mark in ",;:":
            if not (before.isalnum() or before in CLOSERS + '"*_'):
                return Border(i, i + 1, hard=False)
            if before.isdecimal() or mark == ":" or self._inside_address(i):
                if not known and not end:
                    return None
                if known and not (self.mask[i + 1].isspace() or HAN.match(self.mask[i + 1])):
                    return Border(i, i + 2, hard=False)
        if self._open:
            return self._run(i, end, hard=False)
        return Border(i + 1, i + 1, hard=False, weak=mark == "、")

    def _stop(self, i: int, end: bool) -> Border | None:
        """A full stop: the end of a sentence, or part of a number, an abbreviation, an address."""
        none = Border(i, i + 1, hard=False)
        if self.mask.startswith("..", i):
            return self._run(i, end, hard=False)
        border = self._run(i, end, hard=True)
        if border is None:
            return None
        after = self.mask[border.stop : border.stop + 1]
        if after and not after.isspace() and not HAN.match(after) and border.stop == i + 1:
            return none
        before = self.mask[max(self.begin, i - 24) : i]
        if NEVER_ENDS.search(before) or ITEM.search(before):
            return none
        if MAY_END.search(before):
            rest = self.mask[border.stop :].lstrip()
            if not rest:
                return border if end else None
            seen = len(self.mask) - len(rest) + 1
            return Border(border.stop, seen, hard=True) if rest[0].isupper() or HAN.match(rest[0]) else none
        return border

    def _run(self, i: int, end: bool, *, hard: bool, more: str = "") -> Border | None:
        """The border behind a run of marks, closing quotes and emoji."""
        j = i + 1
        while j < len(self.mask) and self._trails(j, more):
            hard = hard or self.mask[j] in HARD
            j += 1
        if j == len(self.mask) and not end and j - i < LONGEST:
            return None
        return Border(j, j + 1, hard=hard)

    def _trails(self, j: int, more: str) -> bool:
        """Whether a character behind the end of a sentence belongs to it."""
        mark = self.mask[j]
        if mark in "*_":  # closes what was made bold or slanted, else it opens the next
            return self.mask.count(mark, self.begin, j) % 4 > 0
        return mark in TRAIL + more or (mark == '"' and self.quoted) or _pictured(mark)

    def _inside_address(self, i: int) -> bool:
        """Whether a mark is part of a web address rather than behind it."""
        after = self.mask[i + 1 : i + 2]
        if self.mask[i] == ":" and self.mask[max(0, i - 5) : i].lower().endswith(("http", "https", "mailto")):
            return True
        return bool(ADDRESS.search(self.mask[max(self.begin, i - 200) : i])) and not (after.isspace() or after == "")

    @property
    def _open(self) -> bool:
        return self.quotes > 0 or self.quoted

    def _quotes(self, start: int, stop: int) -> None:
        """Keep count of open quotes over the marks that were passed."""
        for mark in self.mask[start : max(stop, start + 1)]:
            if mark in OPENERS:
                self.quotes += 1
            elif mark in CLOSERS:
                self.quotes = max(0, self.quotes - 1)
            elif mark == '"':
                self.quoted = not self.quoted
            elif mark == "\n":
                self.quotes, self.quoted = 0, False


def _pictured(character: str) -> bool:
    """Whether a character is an emoji, or belongs to one."""
    return unicodedata.category(character) in ("So", "Sk", "Cf", "Mn", "Me") and character not in "`^"


def _joins(before: str, after: str) -> bool:
    """Whether two characters make one sign."""
    return before == "\u200d" or unicodedata.category(after) in ("Mn", "Me", "Cf", "Sk") or after == "\u200d"
