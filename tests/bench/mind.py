"""What she finds in her notes: how often the right entry, how sure she may be of it, and what that costs as notes grow.

The shop, its entries and the questions are invented (tests/data). Nothing in bot/ may be fitted to questions of the set
``held``: they are there to show what fitting to the others is worth.
"""

import asyncio
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from bot.knowledge.index import FAQ, Index
from bot.phrases import HAN, language
from bot.retrieval import Hit, Item, ask, band
from bot.yamlfile import parse
from tests.bench.figures import Figures, median, p95
from tests.bench.hot import BEGINNINGS, ENDINGS
from tests.processes import ROOT, rss_mb

DATA = Path(__file__).parents[1] / "data"
SEED = 7
GARBLED = 4
"""Times that every wording is asked with something before, behind or missing."""
PASSAGE, FILE = 300, 500
"""Characters of a passage that is in the way, and passages of a file of such."""
SCALES = {"10k": (10_000, "<= 8", "<= 10", ""), "100k": (100_000, "<= 90", "<= 25", "<= 40")}
"""Passages in the way; aims for the seconds of laying out, the milliseconds of a search, the megabytes in memory."""
CAP_S = 240.0
"""Longest that laying out and searching may take together."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the shop."""

    id: str
    q: str
    also: list[str]
    a: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the entry that answers it; empty: none does."""

    q: str
    kind: str
    want: str = ""
    set: str = "dev"


def entries() -> list[Item]:
    """The shop's entries, as they lie in an index."""
    found = TypeAdapter(list[Entry]).validate_python(_read("faq.yaml"))
    return [Item(each.id, (each.q, *each.also), each.a, language(each.a)) for each in found]


def questions(set: str) -> list[Asked]:
    """The questions of a set."""
    found = TypeAdapter(list[Asked]).validate_python(_read("questions.yaml"))
    return [each for each in found if each.set == set]


def _read(name: str) -> object:
    return parse((DATA / name).read_text(encoding="utf-8"), name, list).data


def garbled(items: Sequence[Item]) -> Iterator[Asked]:
    """The entries' own wordings as people type them: fillers around, now and then a character lost."""
    chance = random.Random(SEED)
    for item in items:
        for wording in item.wordings * GARBLED:
            typed = wording
            if len(typed) > 4 and chance.random() < 0.4:
                gone = chance.randrange(len(typed))
                typed = typed[:gone] + typed[gone + 1 :]
            before = chance.choice(BEGINNINGS) if chance.random() < 0.5 else ""
            behind = chance.choice(ENDINGS) if chance.random() < 0.5 else ""
            yield Asked(before + typed + behind, "near-verbatim", item.id)


# Right or wrong


@dataclass(frozen=True, slots=True)
class Score:
    """How questions of a set went."""

    answerable: int
    first: int
    three: int
    right: int
    """Answered outright from the right entry."""
    wrong: int
    offered: int
    """Given a choice that has the right one in it."""
    none: int
    """Questions that nothing answers."""
    pretended: int
    """Of them, those answered outright."""


def score(index: Index, asked: Sequence[Asked]) -> Score:
    """Ask all of it."""
    counts = dict.fromkeys(("answerable", "first", "three", "right", "wrong", "offered", "none", "pretended"), 0)
    for each in asked:
        hits = _asked(index, each.q)
        answers, ids = band(hits) == "answer", [hit.item.id for hit in hits[:3]]
        right = each.want in ids[:1]
        if not each.want:
            counts["none"] += 1
            counts["pretended"] += answers
            continue
        counts["answerable"] += 1
        counts["first"] += right
        counts["three"] += each.want in ids
        counts["right"] += answers and right
        counts["wrong"] += answers and not right
        counts["offered"] += band(hits) == "suggest" and each.want in ids
    return Score(**counts)


def _asked(index: Index, question: str) -> list[Hit]:
    return ask(index, question, language(question))


def quality(figures: Figures, index: Index) -> None:
    """How well she finds sixty entries."""
    dev, held = (score(index, questions(set)) for set in ("dev", "held"))
    for name, each, aims in (("dev", dev, (">= 0.6", ">= 0.72")), ("held", held, (">= 0.2", ">= 0.4"))):
        note = f"{each.answerable} questions: {each.right} answered right, {each.wrong} wrong, {each.offered} offered"
        figures.add(f"retrieval_{name}_top1", each.first / each.answerable, "", aims[0], note)
        figures.add(f"retrieval_{name}_top3", each.three / each.answerable, "", aims[1])
    near = score(index, list(garbled(entries())))
    figures.add("retrieval_near_verbatim", near.right / near.answerable, "", ">= 0.98", f"{near.answerable} questions")
    right, wrong = dev.right + held.right, dev.wrong + dev.pretended + held.wrong + held.pretended
    note = f"{right + wrong} direct answers to the hard questions, dev {dev.right}, held {held.right} right"
    figures.add("direct_answer_precision", right / (right + wrong), "", ">= 0.75", note)
    note = f"of {dev.none}; held {held.pretended} of {held.none}"
    figures.add("unanswerable_answered", dev.pretended, "", "<= 3", note)


# How quick, how large


@dataclass(frozen=True, slots=True)
class Cost:
    """What an index took; seconds, milliseconds, megabytes."""

    build_s: float
    p50_ms: float
    p95_ms: float
    disk_mb: float
    memory_mb: float
    top1: float
    top3: float


def in_the_way(count: int) -> Iterator[Item]:
    """Passages that answer nothing, recombined from sentences of this repository; always the same."""
    chance = random.Random(SEED)
    papers = [ROOT / "README.zh-CN.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "persona").rglob("*.md")]
    papers += (ROOT / "persona").rglob("faq.yaml")
    text = "\n".join(paper.read_text(encoding="utf-8") for paper in sorted(papers))
    pieces = {each.strip() for each in re.split(r"(?<=[。！？\n])", text)}
    sentences = sorted(each for each in pieces if len(each) > 5 and len(HAN.findall(each)) > len(each) / 2)
    for number in range(count):
        chosen: list[str] = []
        while sum(map(len, chosen)) < PASSAGE:
            chosen.append(chance.choice(sentences))
        heading = chosen[0][:12]
        yield Item(f"{number}", (heading,), "".join(chosen), "zh", f"paper-{number // FILE}.md", heading)


def build(path: Path, count: int) -> float:
    """Lay out the shop and what is in its way, file by file; seconds without those for making it up."""
    took = 0.0
    index = Index(path)
    began = time.perf_counter()
    index.replace(FAQ, "", entries())
    took += time.perf_counter() - began
    passages = in_the_way(count)
    for start in range(0, count, FILE):
        batch = [each for each, _ in zip(passages, range(start, min(start + FILE, count)), strict=False)]
        began = time.perf_counter()
        index.replace(batch[0].file, "", batch)
        took += time.perf_counter() - began
    began = time.perf_counter()
    index.settle()
    index.close()
    return took + time.perf_counter() - began


def search(path: Path) -> Cost:
    """Ask an index that lies there, in a process that did nothing else yet."""
    before = rss_mb(os.getpid())
    index = Index(path)
    asked = questions("dev")
    random.Random(SEED).shuffle(asked)
    took: list[float] = []
    for each in asked:
        began = time.perf_counter()
        _asked(index, each.q)
        took.append((time.perf_counter() - began) * 1000)
    memory = rss_mb(os.getpid()) - before
    found = score(index, asked)
    index.close()
    disk = sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*")) / 1e6
    shares = found.first / found.answerable, found.three / found.answerable
    return Cost(0.0, median(took), p95(took), disk, memory, *shares)


async def cost(count: int) -> Cost:
    """Both, each in a process of its own. Raises TimeoutError beyond CAP_S."""
    with tempfile.TemporaryDirectory(prefix="zhiyin-bench-") as folder:
        path = Path(folder) / "index.db"
        async with asyncio.timeout(CAP_S):
            built = float(await _child("build", f"{path}", f"{count}"))
            return replace(Cost(**json.loads(await _child("search", f"{path}"))), build_s=built)


async def _child(*arguments: str) -> str:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.mind", *arguments, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    try:
        said, _ = await child.communicate()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise RuntimeError(f"tests.bench.mind {arguments[0]}: exit {child.returncode}")
    return said.decode()


async def scale(figures: Figures) -> None:
    """What sixty entries cost to search, alone and among many passages."""
    alone = await cost(0)
    figures.add("search_60_p95_ms", alone.p95_ms, "ms", "<= 5", f"p50 {alone.p50_ms:.2f} ms")
    for name, (count, build_aim, search_aim, memory_aim) in SCALES.items():
        try:
            found = await cost(count)
        except TimeoutError:
            figures.add(f"index_{name}_s", CAP_S, "s", build_aim, "stopped: it takes longer")
            continue
        note = f"p50 {found.p50_ms:.2f} ms; dev top-1 {found.top1:.2f}, top-3 {found.top3:.2f}"
        figures.add(f"search_{name}_p95_ms", found.p95_ms, "ms", search_aim, note)
        figures.add(f"index_{name}_s", found.build_s, "s", build_aim, f"{found.disk_mb:.0f} MB on disk")
        if memory_aim:
            figures.add("index_mb", found.memory_mb, "MB", memory_aim, f"in memory, searching {name} passages")
            figures.add("index_disk_mb", found.disk_mb, "MB", "", f"{name} passages")


async def measure(figures: Figures) -> None:
    """All of it."""
    index = Index()
    index.replace(FAQ, "", entries())
    await asyncio.to_thread(quality, figures, index)
    index.close()
    await scale(figures)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["build", path, count]:
            print(build(Path(path), int(count)))
        case ["search", path]:
            print(json.dumps(asdict(search(Path(path)))))
        case _:
            asyncio.run(measure(Figures()))
