"""Sections of documents as passages that stand for themselves: along headings, questions, rows and sentences."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, count, groupby, pairwise

from bot.characters import cleaned
from bot.reader import Section

TARGET, HARD = 350, 600
"""Characters of a passage: what is aimed at, and what none exceeds."""
SHORT = 60
"""A stub below this is rather joined to its neighbour, even beyond the target."""
LONGEST_HEADING, LONGEST_QUESTION = 80, 200
MOST_HEADINGS, MOST_QUESTIONS, MOST_ASKED = 8, 50, 8
"""Of a passage; and lines that a question and its other wordings may take in plain text."""
LISTED = 5
"""From this level on a heading's form is also that of a list's items."""

_N = r"[零〇一二两三四五六七八九十百\d]{1,5}"
_TENS = "[一二三四五六七八九十]{1,3}"
_UNITS = "米|元|块|度|折|倍|升|克|斤|吨|万|亿|公|厘|毫|平|小时|分钟|天|晚|年|月|日|号|层|人"
HEADINGS = (
    (1, re.compile(rf"第{_N}(?:[编篇部]|部分)(?:[\s:：]|$)|Part\s+(?:\d+|[IVXLC]+)\b", re.IGNORECASE)),
    (2, re.compile(rf"第{_N}章|Chapter\s+(?:\d+|[IVXLC]+)\b", re.IGNORECASE)),
    (3, re.compile(rf"第{_N}节|Section\s+(?:\d+|[IVXLC]+)\b", re.IGNORECASE)),
    (4, re.compile(rf"第{_N}条(?:[\s:：]|$)|Article\s+(?:\d+|[IVXLC]+)\b", re.IGNORECASE)),
    (5, re.compile(rf"{_TENS}[、.．]\s*\S")),
    (6, re.compile(rf"[（(]{_TENS}[)）]\s*\S")),
    # A number followed by a unit is a quantity: 1.2 米以下免票
    (7, re.compile(rf"\d{{1,2}}[.．]\d{{1,2}}[.、]?(?:\s+|(?=[\u4e00-\u9fff]))(?!{_UNITS})[^\W\d]")),
    (8, re.compile(rf"\d{{1,2}}(?:[.．]\d{{1,2}}){{2,3}}[.、]?(?:\s+|(?=[\u4e00-\u9fff]))(?!{_UNITS})[^\W\d]")),
)
"""Level → how a heading in plain text begins."""
UNHEADED = re.compile(r"[。！？!?|]|[；;，,…]$")
"""What no heading has."""
_OPEN = r"(?:[-*·]\s+)?(?:\*\*|__)?[【\[（(]?"
_MARK = r"\s*(?:\d{0,3}\s*(?:[】\])）]\s*[:：]?|[:：])|\d{1,3}\s*[.、．])(?:\*\*|__)?\s*"
QUESTION = re.compile(rf"{_OPEN}(?:问题|提问|问|Question|[QＱ]){_MARK}(\S.*)", re.IGNORECASE)
ANSWER = re.compile(rf"{_OPEN}(?:回答|答案|答复|答|Answer|[AＡ]){_MARK}(.*)", re.IGNORECASE)
INLINE = re.compile(r"(?<=[？?。！!\s])(?:答|Answer|[AＡ])[:：]")
"""An answer on its question's line."""
SENTENCES = re.compile(r"(?<=[。！？!?；;])(?![。！？!?；;”’」』）)])|(?<=[。！？!?；;][”’」』）)])|(?<=\.)(?=\s)")

Line = tuple[str, int]
"""A paragraph, and the page where it begins."""
Pair = tuple[tuple[str, ...], list[Line], int]
"""Wordings, answer, and the line after it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage that can be found, read and cited."""

    headings: tuple[str, ...]
    """What leads to it, the outermost first."""
    text: str
    """At most HARD characters, never empty; a table's part begins with the table's header."""
    page: int = 0
    """Where it begins, counted from 1; 0: the document has no pages."""
    questions: tuple[str, ...] = ()
    """What ``text`` answers, the main wording first."""


def chunks(sections: Iterable[Section], target: int = TARGET, hard: int = HARD) -> Iterator[Chunk]:
    """The sections as passages, in order; no word is lost but the ends of overlong headings and questions."""
    cutter, alone = _Cutter(target, hard), count()

    def kind(section: Section) -> tuple[tuple[str, ...], int]:
        """Prose below the same headings is read as one: it may run over pages."""
        return section.headings, next(alone) if section.table or section.questions else -1

    groups = (list(group) for _, group in groupby(filter(_filled, map(_cleaned, sections)), kind))
    for group, after in pairwise(chain(groups, [[]])):
        more = bool(after) and after[0].headings == group[0].headings
        yield from cutter.cut(group, more)


def _cleaned(section: Section) -> Section:
    heads = [" ".join(cleaned(each).split())[:LONGEST_HEADING] for each in section.headings]
    asked = [" ".join(cleaned(each).split())[:LONGEST_QUESTION] for each in section.questions]
    headings = tuple(filter(None, heads))[:MOST_HEADINGS]
    questions = tuple(dict.fromkeys(filter(None, asked)))[:MOST_QUESTIONS]
    return replace(section, headings=headings, questions=questions, text=cleaned(section.text).strip("\n"))


def _filled(section: Section) -> bool:
    return bool(section.text.strip())


@dataclass(slots=True)
class _Cutter:
    """Cuts one document; remembers below which headings it is."""

    target: int
    hard: int
    outer: tuple[str, ...] = ()
    inner: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    """Headings found in plain text, with their levels."""

    def cut(self, group: Sequence[Section], more: bool) -> Iterator[Chunk]:
        """The passages of sections below the same headings; ``more`` of these follow."""
        first = group[0]
        if first.headings != self.outer:
            self.outer, self.inner = first.headings, []
        if first.table:
            yield from self._table(first)
        elif first.questions:
            yield from self._chunks(_lines(first), first.questions)
        else:
            yield from self._prose([line for section in group for line in _lines(section)], more)

    def _prose(self, lines: Sequence[Line], more: bool) -> Iterator[Chunk]:
        levels = _levels([text for text, _ in lines], more)
        waiting: list[Line] = []
        at = 0
        while at < len(lines):
            pair = _pair(lines, levels, at)
            if pair or levels[at]:
                yield from self._chunks(waiting)
                waiting = []
            if pair:
                questions, answer, at = pair
                yield from self._chunks(answer, questions)
                continue
            if levels[at]:
                above = [each for each in self.inner if each[0] < levels[at]]
                self.inner = [*above, (levels[at], lines[at][0].strip())]
            else:
                waiting.append(lines[at])
            at += 1
        yield from self._chunks(waiting)

    def _chunks(self, lines: Iterable[Line], questions: tuple[str, ...] = ()) -> Iterator[Chunk]:
        headings = (*self.outer, *(title for _, title in self.inner))[:MOST_HEADINGS]
        for text, page in self._packed(self._pieces(lines)):
            yield Chunk(headings, text, page, questions)

    def _pieces(self, lines: Iterable[Line]) -> Iterator[tuple[str, str, int]]:
        """What is never cut further: (what parts it from the piece before, text, page)."""
        glue = ""
        for text, page in lines:
            if not text.strip():
                glue = "\n\n"
                continue
            for part in [text] if len(text) <= self.hard else _sentences(text, self.hard):
                yield glue, part, page
                glue = ""
            glue = "\n"

    def _packed(self, pieces: Iterable[tuple[str, str, int]]) -> Iterator[Line]:
        """Pieces joined up to the target; a stub goes to its neighbour where that has room."""
        ready: list[tuple[str, str, int]] = []
        for glue, part, page in pieces:
            if ready and self._fits(len(ready[-1][1]), len(glue) + len(part)):
                before, text, begun = ready[-1]
                ready[-1] = before, text + glue + part, begun
            else:
                ready.append((glue, part.lstrip(), page))
        if len(ready) > 1 and len(ready[-1][1]) < SHORT:
            (before, text, begun), (glue, stub, _) = ready[-2:]
            if len(text) + len(glue) + len(stub) <= self.hard:
                ready[-2:] = [(before, text + glue + stub, begun)]
        yield from ((text.rstrip(), page) for _, text, page in ready)

    def _fits(self, so_far: int, more: int) -> bool:
        return so_far + more <= (self.hard if so_far < SHORT else self.target)

    def _table(self, section: Section) -> Iterator[Chunk]:
        """A table by rows, each part with the header; whole where it is small."""
        lines = section.text.split("\n")
        head, rows = "\n".join(lines[:2]), lines[2:]
        if len(section.text) <= self.hard:
            yield from self._chunks([(section.text, section.page)])
            return
        if len(head) > self.hard // 2:  # to repeat it would leave no room for rows
            yield from self._chunks(_lines(section))
            return
        room, part = max(self.target, 2 * len(head)), head
        for row in rows:
            if part != head and len(part) + 1 + len(row) > room:
                yield from self._chunks([(part, section.page)])
                part = head
            if len(head) + 1 + len(row) > self.hard:
                yield from self._chunks([(told, section.page) for told in _told(lines[0], row)])
            else:
                part = f"{part}\n{row}"
        if part != head:
            yield from self._chunks([(part, section.page)])


def _lines(section: Section) -> list[Line]:
    return [(line, section.page) for line in section.text.split("\n")]


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _told(header: str, row: str) -> list[str]:
    """A row that is too long for a table, a line a cell."""
    names = _cells(header)
    cells = _cells(row)
    return [
        f"{name}：{cell}" if name else cell
        for name, cell in zip([*names, *[""] * len(cells)], cells, strict=False)
        if cell
    ]


def _sentences(line: str, hard: int) -> Iterator[str]:
    """A long line's sentences; what is still too long is cut at a comma, a space, or anywhere."""
    for sentence in SENTENCES.split(line):
        start = 0
        while len(sentence) - start > hard:
            window = sentence[start : start + hard]
            border = max(window.rfind(mark) for mark in "，,、：: ") + 1
            end = start + (border if border > hard // 2 else hard)
            yield sentence[start:end]
            start = end
        if sentence[start:].strip():
            yield sentence[start:]


def _level(line: str) -> int:
    """How deep a heading this line would be; 0: it has no heading's form."""
    bare = line.strip()
    if not 1 < len(bare) <= 40 or UNHEADED.search(bare):
        return 0
    return next((level for level, form in HEADINGS if form.match(bare)), 0)


def _levels(lines: Sequence[str], more: bool) -> list[int]:
    """How deep a heading each line is; 0: none. What has a heading's form and nothing below it is a list's item."""
    forms = [_level(line) for line in lines]
    levels = list(forms)
    filled = [number for number, line in enumerate(lines) if line.strip()]
    for number, after in pairwise([*filled, None]):
        if number is None or not forms[number]:
            continue
        empty = not more if after is None else 0 < forms[after] <= forms[number]
        above = number - 1
        item = above >= 0 and forms[above] == forms[number] and not levels[above]
        if empty or item:
            levels[number] = 0
    return levels


def _pair(lines: Sequence[Line], levels: Sequence[int], at: int) -> Pair | None:
    """The question with its answer that begins at a line."""
    asked: list[str] = []
    for here in range(at, min(at + MOST_ASKED, len(lines))):
        text, page = lines[here][0].strip(), lines[here][1]
        if found := QUESTION.match(text):
            question, answer = _split(found[1])
            asked.append(question)
            if answer:
                return _answered(asked, [(answer, page)], lines, levels, here)
        elif not asked:
            return None
        elif found := ANSWER.match(text):
            return _answered(asked, [(found[1], page)] if found[1] else [], lines, levels, here)
        elif levels[here]:
            return None
        elif text:
            asked[-1] += text
        elif not any(ANSWER.match(line.strip()) for line, _ in lines[here + 1 : here + 2]):
            return None
    return None


def _split(question: str) -> tuple[str, str]:
    """A question and the answer on the same line, if there is one."""
    mark = INLINE.search(question)
    if not mark:
        return question.strip("*_ "), ""
    return question[: mark.start()].strip("*_ "), question[mark.end() :].strip()


def _answered(
    asked: Sequence[str], answer: list[Line], lines: Sequence[Line], levels: Sequence[int], at: int
) -> Pair | None:
    """The pair, once the answer is read on to a blank line, a heading or the next question."""
    here = at + 1
    while here < len(lines):
        text = lines[here][0].strip()
        if 0 < levels[here] < LISTED or QUESTION.match(text) or (not text and answer):
            break
        if text:
            answer.append((text, lines[here][1]))
        here += 1
    questions = tuple(filter(None, asked))
    short = all(len(each) <= LONGEST_QUESTION for each in questions)  # what is longer is a story, and stays text
    return (questions, answer, here) if answer and questions and short else None
