"""YAML that people wrote, with the line of every key: plain data only, no anchors, nothing twice, nothing bottomless.

Values stay text until a model says what they should be, as in the environment: a password of digits needs no quotes.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from bot.faults import Fault, Place, Steps, printed, spelled

Plain = dict[str, "Plain"] | list["Plain"] | str | int | float | bool | None
"""What YAML can say."""
DEEPEST = 12
"""Levels of nesting; people write four."""
EMPTY = ("", "~", "null")
SYNTAX = (
    ("'\\t'", "这里有 Tab，YAML 只认空格：请换成空格。", "There is a tab here; YAML takes spaces only."),
    ("that cannot start", "以 @ ` % 开头的文字要放进引号里。", "Put a text that begins with @ ` or % in quotes."),
    ("unexpected end of stream", "引号没有合上。", "The quotes are never closed."),
    ("unknown escape", "双引号里的反斜杠要写两个，或改用单引号。", "Double the backslash, or use single quotes."),
    ("expected ':'", "这一行少了“: ”（英文冒号加空格）。", "A key needs a colon and a space after it."),
    ("expected ','", "括号没有合上；以 [ 或 { 开头的文字要放进引号里。", "A bracket is not closed; quote a text that begins with [ or {."),
    ("found '<scalar>'", "以 [ 或 { 开头的文字要放进引号里。", "Put a text that begins with [ or { in quotes."),
    ("mapping values", "缩进不对，或者文字里有“: ”：整段放进引号里。", "Wrong indentation, or a text with a colon in it: quote it."),
    ("block", "缩进没有对齐。", "The indentation is not even."),
)  # fmt: skip
"""A part of the parser's word → what it means to people."""


@dataclass(slots=True)
class Document:
    """What a file says, and where it says it."""

    data: Plain
    """Dicts, lists and texts; a key without a value is left out."""
    places: dict[Steps, Place]
    """Of every key and list item; the empty path stands for the file."""
    faults: list[Fault] = field(default_factory=list[Fault])
    hidden: set[Steps] = field(default_factory=set[Steps])
    """Values that must not be printed."""
    above: Steps = ()
    """Where it stands in a larger document."""
    broken: bool = False
    """It could not be read to its end: what is missing in it means nothing."""

    def place(self, steps: Steps) -> Place:
        """Where a value is written; where it is not, the next level above that is."""
        while steps and steps not in self.places:
            steps = steps[:-1]
        return self.places[steps]

    def fault(self, steps: Steps, zh: str, en: str, value: object = None) -> Fault:
        """A fault at a value's place."""
        return Fault(self.place(steps), spelled((*self.above, *steps)), zh, en, printed(value))

    def below(self, steps: Steps) -> "Document":
        """What is written below a key, as a document of its own whose faults still name the whole path."""
        data: Plain = self.data
        for step in steps:
            data = data[step] if isinstance(data, dict) else None  # pyright: ignore[reportArgumentType]
        depth = len(steps)
        places = {path[depth:]: place for path, place in self.places.items() if path[:depth] == steps}
        hidden = {path[depth:] for path in self.hidden if path[:depth] == steps}
        return Document(data, {(): self.place(steps), **places}, hidden=hidden, above=(*self.above, *steps))

    def over(self, other: "Document") -> "Document":
        """Both in one: where they differ, this one counts."""
        data = _merged(other.data, self.data)
        places = {**other.places, **self.places, (): other.places[()]}
        return Document(data, places, other.faults + self.faults, other.hidden | self.hidden)


def _merged(base: Plain, over: Plain) -> Plain:
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: _merged(base.get(key), value) for key, value in over.items()}}
    return over


def parse(text: str, file: str, top: type = dict, typed: str = "") -> Document:
    """What a YAML text says; ``top`` is what it must be, and values below the key ``typed`` get YAML's own types."""
    document = Document(top(), {(): Place(file)})
    reader = _Reader(document, file, typed)
    try:
        data = reader.read(_events(text))
    except _Refused as refused:
        document.faults, document.broken = [refused.fault], True
    except YAMLError as error:
        document.faults, document.broken = [_syntax(error, text, file)], True
    else:
        if isinstance(data, top):
            document.data = data
        elif data is not None:
            document.broken = True
            zh = "整个文件要写成“键: 值”。" if top is dict else "整个文件要写成列表，每条以“- ”开头。"
            en = "The file must be keys with values." if top is dict else "The file must be a list: - item."
            document.faults.append(_slip(text, file, 1) or Fault(Place(file, 1), "", zh, en))
    return document


def _events(text: str) -> Iterator[Event]:
    return YAML(typ="safe", pure=True).parse(io.StringIO(text))


class _Refused(Exception):
    """The file is not read any further."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(slots=True)
class _Level:
    """A mapping or list that is being read."""

    value: dict[str, Plain] | list[Plain]
    steps: Steps
    key: str | None = None
    """Of a mapping: the key whose value comes next."""


class _Reader:
    """Builds plain data from the parser's events, without recursion."""

    def __init__(self, document: Document, file: str, typed: str) -> None:
        self.document, self.file, self.typed = document, file, typed
        self.levels: list[_Level] = []
        self.result: Plain = None
        self.documents = 0

    def read(self, events: Iterator[Event]) -> Plain:
        """The data; None for an empty file."""
        for event in events:
            self._look(event)
            match event:
                case ScalarEvent():
                    self._scalar(event)
                case MappingStartEvent():
                    self._open(event, {})
                case SequenceStartEvent():
                    self._open(event, [])
                case CollectionEndEvent():
                    self.levels.pop()
                case _:
                    pass
        return self.result

    def _look(self, event: Event) -> None:
        """Refuse what plain data does not need."""
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise self._refused(event, "不支持 & 锚点和 * 引用：请把内容写出来；以 * 或 & 开头的文字要放进引号里。", "Anchors (&) and aliases (*) are not taken: write it out, or quote the text.")  # fmt: skip
        if getattr(event, "tag", None):
            raise self._refused(event, "不支持 ! 标签；以 ! 开头的文字要放进引号里。", "Tags (!) are not taken; quote a text that begins with !.")  # fmt: skip
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self._refused(event, "一个文件里只能有一份内容：去掉这行 ---。", "One document a file: remove this --- line.")  # fmt: skip

    def _refused(self, event: Event, zh: str, en: str) -> _Refused:
        here = self.levels[-1] if self.levels else _Level({}, ())
        field = spelled((*here.steps, here.key) if here.key is not None else here.steps)
        return _Refused(Fault(Place(self.file, event.start_mark.line + 1), field, zh, en))

    def _open(self, event: Event, value: dict[str, Plain] | list[Plain]) -> None:
        if len(self.levels) >= DEEPEST:
            raise self._refused(event, f"嵌套超过 {DEEPEST} 层。", f"Nested deeper than {DEEPEST} levels.")
        if self.levels and isinstance(self.levels[-1].value, dict) and self.levels[-1].key is None:
            raise self._refused(event, "键只能是一个词。", "A key must be a plain word.")
        self.levels.append(_Level(value, self._put(event, value)))

    def _scalar(self, event: ScalarEvent) -> None:
        here = self.levels[-1] if self.levels else None
        if here and isinstance(here.value, dict) and here.key is None:
            self._key(event, here, str(event.value))
        else:
            self._put(event, self._value(event))

    def _key(self, event: Event, here: _Level, key: str) -> None:
        steps, place = (*here.steps, key), Place(self.file, event.start_mark.line + 1)
        if steps in self.document.places:
            first = self.document.places[steps].line
            self.document.faults.append(Fault(place, spelled(steps), f"写了两次（第 {first} 行已有）：留下一个。", f"It stands twice (line {first} has it already): keep one."))  # fmt: skip
        self.document.places[steps] = place
        here.key = key

    def _value(self, event: ScalarEvent) -> Plain:
        text = str(event.value)
        if event.style:  # quoted, or a block
            return text
        if text in EMPTY:
            return None
        return _typed(text) if self.typed and self.levels and self._steps()[:1] == (self.typed,) else text

    def _steps(self) -> Steps:
        here = self.levels[-1]
        return (*here.steps, len(here.value) if isinstance(here.value, list) else here.key or "")

    def _put(self, event: Event, value: Plain) -> Steps:
        """Put a value where it belongs; its path."""
        if not self.levels:
            self.result = value
            return ()
        here, steps = self.levels[-1], self._steps()
        if isinstance(here.value, list):
            self.document.places[steps] = Place(self.file, event.start_mark.line + 1)
            here.value.append(value)
        elif here.key is not None:
            if value is not None:
                here.value[here.key] = value
            here.key = None
        return steps


def _typed(text: str) -> Plain:
    """A plain scalar as YAML 1.2 understands it."""
    readers: tuple[tuple[str, Callable[[str], Plain]], ...] = (
        (r"true|false", lambda text: text == "true"),
        (r"[-+]?\d+", int),
        (r"[-+]?(\d+\.\d*|\.\d+|\d+)([eE][-+]?\d+)?", float),
    )
    return next((read(text) for pattern, read in readers if re.fullmatch(pattern, text)), text)


def _syntax(error: YAMLError, text: str, file: str) -> Fault:
    """What a parser's complaint means to people."""
    if not isinstance(error, MarkedYAMLError):  # a character no text has
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        return Fault(
            Place(file, line), "", "有看不见的控制字符：请删掉。", "There is an invisible control character: delete it."
        )
    problem, context = str(error.problem), str(error.context)
    opened = context.startswith(("while scanning a q", "while scanning a simple", "while parsing a flow"))
    mark = (error.context_mark if opened else None) or error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    _, zh, en = next(
        (entry for entry in SYNTAX if entry[0] in problem), ("", "这不是合法的 YAML。", f"Not YAML: {problem}.")
    )
    return _slip(text, file, line) or Fault(Place(file, line), "", f"读不懂这里：{zh}", f"Cannot be read: {en}")


def _slip(text: str, file: str, line: int) -> Fault | None:
    """A full-width colon after a key on a line or the one before: the usual slip of a Chinese keyboard."""
    lines = text.splitlines()
    for number in (line - 1, line):
        if 0 < number <= len(lines) and re.match(r"\s*(- )?[\w-]+：", lines[number - 1]):
            zh, en = (
                "键后面要用英文冒号“: ”，不是“：”。",
                "Use the ASCII colon and a space after a key, not the full-width one.",
            )
            return Fault(Place(file, number), "", zh, en)
    return None
