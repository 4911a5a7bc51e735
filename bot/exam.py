"""What a persona must be able to do: exam.yaml as cases, or the list of its faults; and what an answer lacks. Pure."""

import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bot import folder, yamlfile
from bot.avatar import manifest
from bot.faults import Fault, Faults, Place, choices, near, shown
from bot.folder import LARGEST, Unreadable
from bot.persona import Persona, Record
from bot.validation import validated, wrong
from bot.yamlfile import Document

FILE = "exam.yaml"
"""Beside persona.yaml."""
LONGEST_PATTERN, LONGEST_TURN, LONGEST_RUBRIC = 200, 4000, 1000
"""Characters."""
MOST_CASES, MOST_TURNS, MOST_WORDS = 500, 20, 50


def _listed(value: object) -> object:
    """One text stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _cited(value: object) -> object:
    """``true`` and ``false`` as they are meant; files give texts."""
    return {"true": True, "false": False}.get(value.lower(), [value]) if isinstance(value, str) else value


def _within(most: int, zh: str, en: str) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """A check that there are not too many."""

    def check(given: tuple[str, ...]) -> tuple[str, ...]:
        if len(given) > most:
            raise wrong(f"最多 {most} {zh}，请减少。", f"At most {most} {en}.")
        return given

    return check


def _short(most: int) -> Callable[[str], str]:
    """A check that a text is not too long."""

    def check(text: str) -> str:
        if len(text) > most:
            raise wrong(f"最多 {most} 个字，请改短。", f"At most {most} characters: shorten it.")
        return text

    return check


def _compiles(pattern: str) -> str:
    """A regular expression that can be read."""
    if len(pattern) > LONGEST_PATTERN:
        raise wrong(f"正则最多 {LONGEST_PATTERN} 个字。", f"A pattern may have {LONGEST_PATTERN} characters.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise wrong(f"这个正则读不懂：{error}。", f"This pattern cannot be read: {error}.") from None
    return pattern


def _shown(cues: tuple[str, ...]) -> tuple[str, ...]:
    """Cues that a body knows."""
    known = sorted({
        cue for kind in ("expressions", "gestures") for each in manifest.CONTENT[kind].values() for cue in each["cues"]
    })  # fmt: skip
    for cue in cues:
        if cue not in known:
            zh, en = choices(cue, known)
            raise wrong(f"没有这个动作词。{zh}", f"There is no such cue.{en}")
    return cues


Word = Annotated[str, Field(min_length=1)]
Words = Annotated[
    tuple[Word, ...],
    BeforeValidator(_listed, json_schema_input_type=Word | tuple[Word, ...]),
    AfterValidator(_within(MOST_WORDS, "项", "items")),
]
Pattern = Annotated[str, Field(min_length=1), AfterValidator(_compiles)]
Patterns = Annotated[
    tuple[Pattern, ...],
    BeforeValidator(_listed, json_schema_input_type=Word | tuple[Word, ...]),
    AfterValidator(_within(MOST_WORDS, "项", "items")),
]
Turn = Annotated[str, Field(min_length=1), AfterValidator(_short(LONGEST_TURN))]
Turns = Annotated[
    tuple[Turn, ...],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=Word | tuple[Word, ...]),
    AfterValidator(_within(MOST_TURNS, "轮", "turns")),
]
Band = Literal["answer", "suggest", "unknown", "smalltalk"]
Bands = Annotated[tuple[Band, ...], BeforeValidator(_listed, json_schema_input_type=Band | tuple[Band, ...])]
Cites = Annotated[
    bool | tuple[Word, ...] | None,
    BeforeValidator(_cited, json_schema_input_type=bool | Word | tuple[Word, ...] | None),
]


class Expectation(Record):
    """What an answer must be like; what is not written is not looked at. Letters count alike in either case."""

    all: Words = ()
    """Each of these must occur."""
    any: Words = ()
    """At least one of these must occur."""
    none: Words = ()
    """None of these may occur."""
    regex: Patterns = ()
    """Regular expressions that must each be found."""
    not_regex: Patterns = ()
    """Regular expressions that must not be found."""
    max_chars: int | None = Field(default=None, ge=1)
    """Most characters, stage directions not counted."""
    min_chars: int | None = Field(default=None, ge=1)
    """Fewest characters."""
    sentences_max: int | None = Field(default=None, ge=1)
    """Most sentences."""
    cites: Cites = None
    """true: she names a source; false: she names none; ids: she names each of these (FAQ ids, paths below knowledge/)."""
    cues: Annotated[Words, AfterValidator(_shown)] = ()
    """Stage directions that must each occur."""
    band: Bands = ()
    """How sure the offline brain is: answer, suggest, unknown or smalltalk; other brains do not tell."""
    language: Literal["zh", "en"] | None = None
    """What she answers in."""

    @model_validator(mode="after")
    def _possible(self) -> "Expectation":
        if self.min_chars and self.max_chars and self.min_chars > self.max_chars:
            raise wrong("min_chars 比 max_chars 还大。", "min_chars is more than max_chars.")
        return self

    @property
    def empty(self) -> bool:
        """Whether anything would do."""
        return self == Expectation()


class Case(Record):
    """A conversation, and what is expected of it."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", examples=["opening-hours"])
    """Stable name: runs are compared by it."""
    say: Turns
    """What the user says: one text, or one a turn."""
    brain: Literal["any", "offline"] = "any"
    """offline: other brains are not asked, since it is about how the offline one goes on."""
    expect: Expectation = Expectation()
    """Of the last answer."""
    each: Expectation = Expectation()
    """Of every answer."""
    judge: Annotated[str, AfterValidator(_short(LONGEST_RUBRIC))] = ""
    """What a judging model is asked about the conversation; its votes are reported, and never decide."""

    @model_validator(mode="after")
    def _asks(self) -> "Case":
        if self.expect.empty and self.each.empty and not self.judge.strip():
            raise wrong(
                "没有写要求：至少写 expect、each 或 judge。", "Nothing is expected: write expect, each or judge."
            )
        return self


class Exam(Record):
    """exam.yaml: a list of cases."""

    cases: tuple[Case, ...] = Field(default=(), min_length=1)


def written(persona: Persona) -> bool:
    """Whether the persona's folder has an exam."""
    return (persona.folder / FILE).exists() or (persona.folder / FILE).is_symlink()


def load(persona: Persona) -> Exam:
    """The persona's exam. Raises Faults, all at once."""
    path = persona.folder / FILE
    document = _below("cases", yamlfile.parse(_text(persona.folder), shown(path), list))
    if not document.broken and not document.data["cases"]:  # pyright: ignore[reportArgumentType, reportCallIssue, reportOptionalSubscript, reportIndexIssue]
        raise _refused(path, "里面没有题目", "There is no case in it")
    exam, faults = validated(Exam, document)
    faults = [*faults, *_further(document, exam, persona)]
    if faults or not exam:
        raise Faults(faults)
    return exam


def _text(home: Path) -> str:
    """What the file says. Raises Faults."""
    try:
        return folder.decoded(folder.read(home, FILE, LARGEST))
    except FileNotFoundError:
        zh, en = "没有这个文件：写法见 persona/ayin/exam.yaml", "There is no such file: see persona/ayin/exam.yaml"
    except OSError as error:
        zh, en = f"读不了：{error.strerror}", f"Cannot be read: {error.strerror}"
    except Unreadable as error:
        zh, en = map(str, error.args)
    raise _refused(home / FILE, zh, en)


def _refused(path: Path, zh: str, en: str) -> Faults:
    return Faults([Fault(Place(shown(path)), "", f"{zh}。", f"{en}.")])


def _below(key: str, document: Document) -> Document:
    """A document as the value of a key, so that its paths read ``cases[3].say``."""
    places = {(key, *steps) if steps else (): place for steps, place in document.places.items()}
    return Document({key: document.data}, places, document.faults, broken=document.broken)


def _further(document: Document, exam: Exam | None, persona: Persona) -> Iterator[Fault]:
    """What is wrong although every value by itself is right: too many cases, ids twice, sources that are not there."""
    data = document.data if isinstance(document.data, dict) else {}
    entries = data.get("cases")
    cases = entries if isinstance(entries, list) else []
    if len(cases) > MOST_CASES:
        zh, en = f"题目最多 {MOST_CASES} 道。", f"An exam may have {MOST_CASES} cases."
        yield document.fault(("cases", MOST_CASES), zh, en)
    seen: dict[str, Place] = {}
    for number, case in enumerate(cases):
        steps = ("cases", number, "id")
        if isinstance(case, dict) and isinstance(id := case.get("id"), str):
            if id in seen:
                zh = f"第 {seen[id].line} 行已经用了这个 id：换一个。"
                yield document.fault(steps, zh, f"Line {seen[id].line} has this id already: take another.", id)
            seen.setdefault(id, document.place(steps))
    for number, case in enumerate(exam.cases if exam and len(exam.cases) == len(cases) else ()):
        for key, expected in (("expect", case.expect), ("each", case.each)):
            yield from _unknown(document, ("cases", number, key, "cites"), expected, persona)


def _unknown(
    document: Document, steps: tuple[str | int, ...], expected: Expectation, persona: Persona
) -> Iterator[Fault]:
    """Sources that the persona does not have."""
    known = {*(each.id for each in persona.faq), *persona.documents}
    for id in expected.cites if isinstance(expected.cites, tuple) else ():
        if id.partition("#")[0] not in known:
            close = near(id, known)
            zh, en = (f"是不是 {close}？", f" Did you mean {close}?") if close else ("", "")
            yield document.fault(
                steps, f"faq.yaml 和 knowledge 里没有这一条。{zh}", f"No FAQ entry or document has this id.{en}", id
            )
