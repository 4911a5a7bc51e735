"""An answer against what is expected of it: everything it lacks, in words for the operator. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.exam import Expectation
from bot.phrases import language

SENTENCE = re.compile(r"[。！？!?…\n]+|\.+(?=\s|$)")
LETTER = re.compile(r"\w")
TELLING = ("", "offline")
"""Brains that tell their band; set phrases have no brain, and no band."""
LANGUAGES = {"zh": ("中文", "Chinese"), "en": ("英文", "English")}


@dataclass(frozen=True, slots=True)
class Answer:
    """What she answered, as far as it can be judged."""

    text: str
    """Display text."""
    brain: str = "offline"
    """Empty: a set phrase."""
    band: str = ""
    cites: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    fault: str = ""
    """Why there is no answer worth judging; empty: there is one."""


@dataclass(frozen=True, slots=True)
class Miss:
    """An expectation that was not met, in both languages."""

    zh: str
    en: str


def misses(expected: Expectation, answer: Answer, found: Mapping[str, bool | None]) -> list[Miss]:
    """What the answer lacks; ``found``: pattern → whether it is in the text, None where that took too long."""
    return [
        *_words(expected, answer.text.casefold()),
        *_patterns(expected, found),
        *_measures(expected, answer.text),
        *_evidence(expected, answer),
    ]


def sentences(text: str) -> int:
    """How many sentences a text has."""
    return sum(bool(LETTER.search(part)) for part in SENTENCE.split(text))


def _words(expected: Expectation, text: str) -> Iterator[Miss]:
    for word in expected.all:
        if word.casefold() not in text:
            yield Miss(f"少了“{word}”", f"“{word}” is missing")
    if expected.any and not any(word.casefold() in text for word in expected.any):
        yield Miss(f"一个也没有：{_list(expected.any)}", f"none of these: {_list(expected.any)}")
    for word in expected.none:
        if word.casefold() in text:
            yield Miss(f"不该有“{word}”", f"“{word}” must not be there")


def _patterns(expected: Expectation, found: Mapping[str, bool | None]) -> Iterator[Miss]:
    for pattern in (*expected.regex, *expected.not_regex):
        if found.get(pattern) is None:
            yield Miss(f"正则算得太久：{pattern}", f"the pattern took too long: {pattern}")
    for pattern in expected.regex:
        if found.get(pattern) is False:
            yield Miss(f"对不上正则 {pattern}", f"the pattern is not found: {pattern}")
    for pattern in expected.not_regex:
        if found.get(pattern):
            yield Miss(f"不该对上正则 {pattern}", f"the pattern must not be found: {pattern}")


def _measures(expected: Expectation, text: str) -> Iterator[Miss]:
    length, count = len(text), sentences(text)
    if expected.max_chars and length > expected.max_chars:
        yield Miss(
            f"{length} 个字，最多 {expected.max_chars}",
            f"{length} characters; at most {expected.max_chars} were wanted",
        )
    if expected.min_chars and length < expected.min_chars:
        yield Miss(
            f"{length} 个字，最少 {expected.min_chars}",
            f"{length} characters; at least {expected.min_chars} were wanted",
        )
    if expected.sentences_max and count > expected.sentences_max:
        yield Miss(
            f"{count} 句话，最多 {expected.sentences_max}",
            f"{count} sentences; at most {expected.sentences_max} were wanted",
        )
    if expected.language and language(text) != expected.language:
        zh, en = LANGUAGES[expected.language]
        yield Miss(f"该用{zh}答", f"it should be in {en}")


def _evidence(expected: Expectation, answer: Answer) -> Iterator[Miss]:
    """Sources, stage directions, and how sure she was."""
    named = _list(answer.cites) or "-"
    match expected.cites:
        case True if not answer.cites:
            yield Miss("没有出处", "no source is named")
        case False if answer.cites:
            yield Miss(f"不该有出处：{named}", f"a source is named: {named}")
        case tuple():
            for id in expected.cites:
                if not any(cited == id or cited.startswith(f"{id}#") for cited in answer.cites):
                    yield Miss(f"出处不是 {id}，是 {named}", f"the source is not {id} but {named}")
        case _:
            pass
    for cue in expected.cues:
        if cue not in answer.cues:
            shown = _list(answer.cues) or "-"
            yield Miss(f"没有动作 [{cue}]，有 {shown}", f"the cue [{cue}] is missing; there is {shown}")
    if expected.band and answer.brain in TELLING and answer.band not in expected.band:
        wanted, was = "/".join(expected.band), answer.band or "-"
        yield Miss(f"把握是 {was}，该是 {wanted}", f"the band is {was}; {wanted} was wanted")


def _list(words: Sequence[str]) -> str:
    return "、".join(words)
