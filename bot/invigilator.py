"""What ``python -m bot exam`` does: she sits her exam, the operator reads how it went."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot import exam as exams
from bot import logs, persona, settings, transcript
from bot.apart import leaves
from bot.composition import senses
from bot.examination import OFFLINE, Result, examined, house
from bot.faults import Faults
from bot.jury import Verdict, voted
from bot.knowledge import Knowledge
from bot.outcome import BROKEN_STORE, GOOD, complain
from bot.persona import Persona
from bot.personas import Personas
from bot.settings import Settings
from bot.store import StoreError

FAILED = 1


async def exam(root: Path, folder: Path, brain: str, repeat: int, judge: bool) -> int:
    """Have a persona sit its exam and say how it went; the exit code."""
    try:
        chosen = settings.load(root, os.environ)
        her = persona.load(folder)
        cases = exams.load(her)
    except Faults as faults:
        return complain(faults)
    logs.start(logs.secrets(chosen, os.environ), logging.CRITICAL)
    thinks = chosen.brain if brain == "settings" else OFFLINE
    broken: list[BaseException] = []
    try:
        async with house(her, root, thinks) as examiner:
            results = await examiner.sit(cases, repeat, tell=_later if judge else _told)
            name = examiner.here.brain.name
        if judge:
            await _judged(chosen, her, results)
        _reported(chosen.data.dir / "exams" / f"{her.id}.json", her, name, results)
        return GOOD if all(result.passed for result in results) else FAILED
    except* (StoreError, OSError) as group:
        broken = leaves(group)
    print(*broken, sep="\n", file=sys.stderr)
    return BROKEN_STORE


def _told(result: Result, verdict: Verdict | None = None) -> None:
    print("\n".join(transcript.lines(result, verdict)), flush=True)


def _later(_: Result) -> None:
    """Told later, with the votes."""


async def _judged(chosen: Settings, her: Persona, results: Sequence[Result]) -> None:
    """Tell the results with the votes of the brain that the settings name."""
    quiet = examined(her, chosen.data.dir, chosen.brain)
    async with senses(quiet, Knowledge(Personas(her.folder.parent, chosen.data.dir / "persona").get)) as (brain, _, _):
        await brain.warm()
        there = brain.name != "offline"
        for result in results:
            asked = result.case.judge if there else ""
            _told(result, await voted(brain, her, asked, result.sittings[-1]) if asked else None)
    if not there:
        print("没有评审：--judge 要在设置里配好大模型。 / No judge: --judge needs a service in the settings.")


def _reported(file: Path, her: Persona, brain: str, results: Sequence[Result]) -> None:
    """Sum up, compare with the last run, and keep this one."""
    print(f"\n{transcript.summary(her, brain, results)}")
    print("\n".join(transcript.compared(results, transcript.last(file, her.id, brain))))
    try:
        transcript.keep(file, her, brain, results)
    except OSError as error:
        complain(f"这次的结果没存下来：{error}\nThis run could not be kept.")
