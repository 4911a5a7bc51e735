"""Stage directions and citations are lifted out of the text; what remains is what the user reads."""

import re
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass, replace

from bot.blocks import Blocks, Kind
from bot.message import Cite, Cue

SLICE = 512
"""Characters looked at together: a huge token must not make the search for its lines slow."""
MARK = re.compile(
    r"\[(?:(?P<name>[a-z][a-z_]{0,31})(?: {1,2}(?P<intensity>\d{0,3}\.?\d{1,4}))?"
    r"|k:(?P<id>[^\[\]\s][^\[\]\n]{0,127}))\]"
)
"""A direction or a citation, complete."""
BEGUN = re.compile(r"\[(?:[a-z][a-z_]{0,31}(?: {1,2}(?:\d{0,3}\.?\d{0,4})?)?\]?|k:[^\[\]\n]{0,128}\]?)?")
"""What may still become one. Its bounds keep a lone bracket from being held back for ever."""
IDS = re.compile(r"[,，;；、]\s*(?=k:)")
"""Parts the ids of [k:one, k:two]."""
CLOSING = frozenset(".,!?;:)]}%。，、！？；：…～”’」』）】》")
"""No blank is left before these when what stood between was lifted."""


@dataclass(frozen=True, slots=True)
class Run:
    """Display text of one kind."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Pause:
    """A bracket follows: whatever it becomes, no mark or quote joins the text before it."""


class Lifter:
    """Raw text in, display text with what was lifted out of it, in order; the same for every way of cutting it.

    White space round what was lifted is one blank at most, and none at the beginning, before a newline or before a
    closing mark; a line that held nothing else goes with its newline.
    """

    def __init__(self, cues: Collection[str]) -> None:
        self.cues = frozenset(cues)
        self.dropped = 0
        """Directions nobody knows."""
        self._blocks = Blocks()
        self._held = ""
        """A bracket that may become something."""
        self._blank = ""
        """A blank after a word, or round what was lifted: shown with what follows it."""
        self._lifted: list[Cue | Cite] = []
        """Lifted, and waiting for the text after it, which decides on the blanks."""
        self._gap = False
        """Something was lifted (or dropped) and no text came since."""
        self._emptied = False
        """The newline of a line that became empty was left out."""
        self._last = ""
        """The last character shown."""
        self._length = 0

    def feed(self, text: str) -> Iterator[Run | Cue | Cite | Pause]:
        """What the next bit of text brings."""
        at = 0
        while at < len(text):
            if self._held:
                taken = yield from self._hold(text[at])
                at += taken
            elif text[at] == "[" and not self._blocks.code:
                self._held = "["
                at += 1
                if not self._blank:
                    yield Pause()
            else:
                end = text.find("[", at + 1, at + SLICE)
                end = min(at + SLICE, len(text)) if end < 0 else end
                yield from self._show(text[at:end])
                at = end

    def close(self) -> Iterator[Run | Cue | Cite | Pause]:
        """The rest, now that no more text comes."""
        if self._held:
            yield from self._hold("")
        if not self._gap:
            yield from self._out(self._blank)
        self._blank = ""
        yield from self._placed()

    def _hold(self, character: str) -> Generator[Run | Cue | Cite | Pause, None, bool]:
        """Decide on what is held back by one more character; returns whether that was taken too."""
        held = self._held
        if character and BEGUN.fullmatch(held + character):
            self._held += character
            return True
        self._held = ""
        if character != "(" and (match := MARK.fullmatch(held)):
            self._lift(match)
        else:
            yield from self._show(held)
        return False

    def _lift(self, match: re.Match[str]) -> None:
        self._gap = True
        if match["id"]:
            self._lifted += [Cite(id.strip()) for id in IDS.split(f"k:{match['id']}")]
        elif match["name"] in self.cues:
            self._lifted.append(Cue(match["name"], min(1.0, float(match["intensity"] or 1))))
        else:
            self.dropped += 1

    def _show(self, text: str) -> Iterator[Run | Cue | Cite | Pause]:
        if self._gap:
            text = self._after_gap(text)
            if not text:
                return
            yield from self._out(self._blank)
            self._blank = ""
            yield from self._placed()
        text, self._blank = self._blank + text, ""
        if text[-1] in " \t" and (text[-2:-1] or self._last).isalnum():
            text, self._blank = text[:-1], text[-1]
        yield from self._out(text)

    def _placed(self) -> Iterator[Cue | Cite]:
        """What was lifted, at the place where the text goes on."""
        for each in self._lifted:
            yield replace(each, at=self._length)
        self._lifted, self._gap, self._emptied = [], False, False

    def _after_gap(self, text: str) -> str:
        """The text from the first character that shows; decides on the blanks before it."""
        for at, character in enumerate(text):
            if character in " \t\r":
                if not self._blank and self._last and not self._last.isspace():
                    self._blank = character
            elif character == "\n" and (not self._last or (self._last == "\n" and not self._emptied)):
                self._emptied = True
            else:
                if character == "\n" or character in CLOSING:
                    self._blank = ""
                return text[at:]
        return ""

    def _out(self, text: str) -> Iterator[Run]:
        if text:
            self._last = text[-1]
            self._length += len(text)
            for kind, stretch in self._blocks.walk(text):
                yield Run(stretch, kind)
