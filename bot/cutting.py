"""Text is cut into lines: the first as soon as it can be said, the next so that her voice never waits for one."""

import re
import unicodedata

from bot.blocks import Kind
from bot.borders import BLOCK, CANDIDATE, ENDED, HIDDEN, Border, Strength, border, still_open

LONG_S = 5.0
"""A line that takes so long to say is cut at its next clause."""
LEAD_S = 0.7
"""With less sound than this ahead of her thoughts, the next line is a clause: a sentence might come too late."""
SHORT_S = 0.5
"""Clauses shorter than this are not worth a line of their own, the first excepted."""
LEAST_S = 0.3
"""No line takes less."""
LIMIT = 120
"""Characters of a line without any mark."""
ADDRESS = 2048
"""Characters of a line that ends in an address: no one can say half of it."""
WIDE = re.compile("[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]")
SAYABLE = re.compile(rf"[^\W_]|{BLOCK}")
URL = re.compile(r"(?:https?://|www\.)[!-~]*\Z")
REST = re.compile(r"[!-~]+")


def speaking_s(text: str) -> float:
    """Seconds it takes to say a text, about: 0.22 a Hanzi, 0.065 any other character."""
    wide = len(WIDE.findall(text))
    return wide * 0.22 + (len(text) - wide) * 0.065


def thinking_s(text: str) -> float:
    """Seconds it takes a brain to write a text, about; on the slow side."""
    wide = len(WIDE.findall(text))
    return wide * 0.04 + (len(text) - wide) * 0.016


class Cutter:
    """Takes display text as it grows; the cuts depend on its characters alone."""

    def __init__(self) -> None:
        self._text = ""
        """What is not cut yet, without what is put aside."""
        self._shadow = ""
        """The same with every character of code hidden, so that no mark is seen there."""
        self._aside: list[str] = []
        """Text before it: a line that ends in a block which still grows."""
        self._scanned = 0
        """Marks before this place were looked at."""
        self._needed = 0
        """So many characters had to be known for that."""
        self._open = ""
        """Straight marks open where the text begins."""
        self._lead: float | None = None
        """Estimated seconds of sound ahead of thought; None: no line yet."""

    def feed(self, text: str, kind: Kind) -> list[tuple[int, str]]:
        """Lines that became complete, each with how many characters of ``text`` had to be known for it."""
        before = len(self._text)
        self._text += text
        hidden = {Kind.BLOCK: BLOCK, Kind.CODE: HIDDEN}.get(kind)
        self._shadow += hidden * len(text) if hidden else text.replace(BLOCK, " ")
        lines: list[tuple[int, str]] = []
        while cut := self._next(closed=False):
            lines.append((cut.needed - before, self._cut(cut.end)))
            before -= cut.end
        return lines

    def pause(self) -> str | None:
        """The first line, if the text ends in the mark that ends it: what follows is known to be no mark or quote."""
        if self._lead is None and ENDED.search(self._shadow) and (cut := self._next(closed=True)):
            return self._cut(cut.end)
        return None

    def close(self) -> list[str]:
        """The lines that remain."""
        lines: list[str] = []
        while cut := self._next(closed=True):
            lines.append(self._cut(cut.end))
        if self._text or self._aside:
            lines.append(self._cut(len(self._text)))
        return lines

    def _next(self, *, closed: bool) -> Border | None:
        """Where the line ends; None as long as that is open."""
        if self._aside and self._shadow and self._shadow[0] != BLOCK:
            return self._border(Strength.SENTENCE, 0, 1)
        while True:
            match = CANDIDATE.search(self._shadow, self._scanned)
            at = match.start() if match else len(self._shadow)
            if at >= LIMIT and (limit := self._limit()) < len(self._shadow) and (at > limit or not match):
                return self._border(Strength.WEAK, self._anywhere(limit), limit + 1)
            if not match:
                return None
            if match[0] == BLOCK:
                return self._block(at)
            found = border(self._shadow, at, hasty=self._lead is None, before=self._open, closed=closed)
            if found is None:
                return None
            found = self._border(found.strength, found.end, found.needed)
            if self._wanted(found):
                return found
            self._scanned = found.end

    def _border(self, strength: Strength, end: int, needed: int) -> Border:
        """A border as it was reached, after all that was looked at before it."""
        self._needed = max(self._needed, needed)
        return Border(strength, end, self._needed)

    def _wanted(self, found: Border) -> bool:
        """Whether a line shall end here."""
        if found.strength is Strength.NONE or not SAYABLE.search(self._shadow, 0, found.end):
            return False
        if found.strength is Strength.SENTENCE:
            return True
        text = self._shadow[: found.end]
        takes = speaking_s(text)
        if takes >= LONG_S or found.strength is Strength.WEAK:
            return takes >= LONG_S
        return self._lead is None or (takes >= SHORT_S and self._lead - thinking_s(text) < LEAD_S)

    def _block(self, at: int) -> Border | None:
        """A line ends where its block ends; a block that still grows is put aside, so that it is looked at once."""
        end = at
        while end < len(self._shadow) and self._shadow[end] == BLOCK:
            end += 1
        if end < len(self._shadow):
            return self._border(Strength.SENTENCE, end, end + 1)
        self._aside.append(self._text)
        self._text = self._shadow = ""
        self._scanned = self._needed = 0
        return None

    def _limit(self) -> int:
        """How long the line may become."""
        if URL.search(self._shadow, 0, LIMIT) and (rest := REST.match(self._shadow, LIMIT, ADDRESS)):
            return rest.end()
        return LIMIT

    def _anywhere(self, limit: int) -> int:
        """The best place to cut text without marks: after a space, else between words, at least between characters."""
        text = self._text
        space = max(text.rfind(" ", LIMIT // 2, limit), text.rfind("\u3000", LIMIT // 2, limit))
        if space > 0 and limit == LIMIT:
            return space + 1
        whole = [at for at in range(limit, limit - LIMIT // 2, -1) if not joined(text[at - 1], text[at])]
        between = [at for at in whole if not (text[at - 1] + text[at]).isascii() or text[at].isspace()]
        return (between or whole or [limit])[0]

    def _cut(self, end: int) -> str:
        """Take a line off."""
        shadow = self._shadow[:end]
        line = "".join((*self._aside, self._text[:end]))
        block, said = BLOCK in shadow or bool(self._aside), shadow.replace(BLOCK, "")
        takes = (speaking_s(said) + block) if SAYABLE.search(shadow) or block else 0.0
        if self._lead is None:
            self._lead = max(LEAST_S, takes)
        else:
            self._lead = max(0.0, self._lead - thinking_s(line)) + takes
        self._open = "" if self._aside else still_open(shadow, end, self._open)
        self._aside.clear()
        self._text, self._shadow = self._text[end:], self._shadow[end:]
        self._scanned, self._needed = 0, max(0, self._needed - end)
        return line


def joined(left: str, right: str) -> bool:
    """Whether two characters must not be parted: a letter and its accent, parts of one picture, halves."""
    flags = "\U0001f1e6" <= left <= "\U0001f1ff" and "\U0001f1e6" <= right <= "\U0001f1ff"
    halves = "\ud800" <= left <= "\udbff" and "\udc00" <= right <= "\udfff"
    upon = (
        right in "\u200d\ufe0e\ufe0f\u20e3"
        or "\U0001f3fb" <= right <= "\U0001f3ff"
        or "\U000e0020" <= right <= "\U000e007f"
    )
    return flags or halves or upon or left == "\u200d" or unicodedata.category(right)[0] == "M"
