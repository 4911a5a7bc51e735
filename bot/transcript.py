"""An exam's result as operators read it, and as the next one is held against it."""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.examination import Exchange, Result
from bot.jury import VOTES, Verdict
from bot.persona import Persona

SHORT, KEPT = 60, 600
"""Characters of an answer that are shown on one line, and kept."""


class Mark(BaseModel):
    """What is kept of a case."""

    model_config = ConfigDict(frozen=True)

    passed: bool
    answer: str = ""
    """The last one, cut."""


class Run(BaseModel):
    """What is kept of an exam."""

    model_config = ConfigDict(frozen=True)

    version: str
    """Of the persona."""
    at: float
    """Unix seconds."""
    cases: Mapping[str, Mark]


class Runs(BaseModel):
    """The last exam of a persona with each brain: what two brains answer is not compared."""

    model_config = ConfigDict(frozen=True)

    persona: str
    brains: Mapping[str, Run] = {}


def lines(result: Result, verdict: Verdict | None = None) -> Iterator[str]:
    """A case in the report: a line when it passed, all that was said and lacked when it did not."""
    case, tries = result.case, len(result.sittings)
    tally = f" {result.passes}/{tries}" if tries > 1 else ""
    if result.passed:
        last = result.sittings[-1].exchanges[-1]
        yield f"✓ {case.id}{tally}  {_short(last.said)} → {_short(last.answer.text)}"
    else:
        yield f"✗ {case.id}{tally}"
        failed = next(sitting for sitting in result.sittings if not sitting.passed)
        for exchange in failed.exchanges:
            yield from _exchange(exchange)
    if verdict:
        mark = {True: "符合 PASS", False: "不符合 FAIL", None: "没有定论 undecided"}[verdict.passed]
        yield f"    评审 judge（{verdict.yes}:{verdict.no} / {VOTES}）{mark} {verdict.reason}".rstrip()


def _exchange(exchange: Exchange) -> Iterator[str]:
    yield f"    问 said    {' ⏎ '.join(exchange.said.splitlines())}"
    yield f"    答 answer  {' ⏎ '.join(exchange.answer.text.splitlines())}"
    for miss in exchange.misses:
        yield f"      · {miss.zh} / {miss.en}"


def summary(persona: Persona, brain: str, results: Sequence[Result]) -> str:
    """The result in a line for each language."""
    passed, cases = sum(result.passed for result in results), len(results)
    return (
        f"{persona.name.zh}（{persona.id}）：{cases} 道题，通过 {passed} 道，没过 {cases - passed} 道；大脑 {brain}，版本 {persona.version}\n"
        f"{persona.name.text('en')} ({persona.id}): {passed} of {cases} cases passed, {cases - passed} failed;"
        f" brain {brain}, version {persona.version}"
    )


def compared(results: Sequence[Result], before: Run | None) -> Iterator[str]:
    """What became of the cases since the last run."""
    if before is None:
        yield "第一次考，没有可以比的。 / The first run: nothing to compare with."
        return
    known = [(result, before.cases[result.case.id]) for result in results if result.case.id in before.cases]
    worse = [result.case.id for result, mark in known if mark.passed and not result.passed]
    better = [result.case.id for result, mark in known if result.passed and not mark.passed]
    other = [result.case.id for result, mark in known if _mark(result).answer != mark.answer]
    fresh = [result.case.id for result in results if result.case.id not in before.cases]
    gone = [id for id in before.cases if id not in {result.case.id for result in results}]
    yield f"和上次（{time.strftime('%Y-%m-%d %H:%M', time.localtime(before.at))}，版本 {before.version}）比 / compared with the last run:"
    for zh, en, ids in (
        ("退步", "regressions", worse), ("修好", "mends", better), ("回答变了", "answers changed", other),
        ("新题", "new", fresh), ("没有了", "gone", gone),
    ):  # fmt: skip
        if ids or ids is worse:
            yield f"  {zh} {en}: {'、'.join(ids) or '没有 none'}"


def last(file: Path, persona: str, brain: str) -> Run | None:
    """The last run with a brain; None where nothing can be read of it."""
    return _kept(file, persona).brains.get(brain)


def keep(file: Path, persona: Persona, brain: str, results: Sequence[Result]) -> None:
    """Write the run down for the next one. Raises OSError."""
    run = Run(version=persona.version, at=time.time(), cases={result.case.id: _mark(result) for result in results})
    runs = Runs(persona=persona.id, brains={**_kept(file, persona.id).brains, brain: run})
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(runs.model_dump(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _kept(file: Path, persona: str) -> Runs:
    try:
        return Runs.model_validate_json(file.read_bytes())
    except (OSError, ValidationError):  # none yet, or one that somebody spoilt: the next run makes it good
        return Runs(persona=persona)


def _mark(result: Result) -> Mark:
    answer = result.sittings[-1].exchanges[-1].answer.text
    return Mark(passed=result.passed, answer=answer[:KEPT])


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"
