"""``python -m tests.bench``: the figures of the whole, over real sockets, one table and build/bench.json."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp

from bot.settings import Data
from bot.store import sqlite
from tests.bench import body, ears, hot, ilink, lips, mind, notes, talk
from tests.bench.figures import Figures, environment, median
from tests.fakes import message
from tests.processes import ROOT, Scene, children, rss_mb, scene
from tests.visitor import visit


async def ready(figures: Figures) -> None:
    """From exec to the first good /healthz."""
    took: list[float] = []
    for _ in range(talk.RUNS):
        async with scene() as here, aiohttp.ClientSession() as session:
            while True:
                async with session.get(f"{here.bot.url}/healthz") as response:
                    if response.status == 200:
                        break
            took.append(time.monotonic() - here.bot.began)
    figures.add("ready_s", median(took), "s", "<= 2")


async def memory(here: Scene, figures: Figures) -> None:
    """Resident memory, idle and after a hundred turns."""
    await asyncio.sleep(10)
    figures.add("idle_rss_mb", rss_mb(here.bot.pid), "MB", "<= 90", "main process, before the first turn")

    async def ten() -> None:
        async with visit(here.bot.url) as page:
            await page.hello()
            for _ in range(10):
                await talk.ask(page, talk.QUESTIONS["zh"])

    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(ten())
    figures.add("rss_after_100_turns_mb", rss_mb(here.bot.pid), "MB")
    workers = children(here.bot.pid)
    figures.add("worker_rss_mb", sum(map(rss_mb, workers)), "MB", "", f"{len(workers)} worker process")


async def inbox(figures: Figures, messages: int = 4000) -> None:
    """Messages written down a second, 200 at a time."""
    rates: dict[str, float] = {}
    for level in ("normal", "full"):
        with tempfile.TemporaryDirectory(prefix="zhiyin-bench-") as folder:
            store = await sqlite.open(Data(dir=Path(folder), synchronous=level))
            began = time.monotonic()
            for start in range(0, messages, 200):
                batch = [message("你好", f"{n}", chat=f"{n % 200}") for n in range(start, start + 200)]
                async with asyncio.TaskGroup() as group:
                    for each in batch:
                        group.create_task(store.accept(each))
            rates[level] = messages / (time.monotonic() - began)
            await store.close()
    default = Data().synchronous
    note = f"synchronous={default}; normal {rates['normal']:.0f}, full {rates['full']:.0f}"
    figures.add("inbox_per_s", rates[default], "1/s", "", note)


async def main() -> None:
    """Measure everything, print and save it."""
    figures = Figures()
    print(f"bench: {environment()}", flush=True)
    await ready(figures)
    await inbox(figures)
    async with scene() as here:
        await memory(here, figures)
    steps: list[Callable[[Scene, Figures], Awaitable[None]]] = [
        talk.one_page,
        talk.wire,
        talk.barge_in,
        talk.many_pages,
    ]
    for step in steps:
        async with scene() as here:
            await step(here, figures)
    async with scene("--first", "1.0", "--token", "0") as here:
        await talk.writers(here, figures)
    await ilink.crowd(figures)
    await ilink.kills(figures)
    await notes.formats(figures)
    await hot.hot(figures)
    await mind.measure(figures)
    await ears.measure(figures)
    await body.measure(figures)
    for name, value, unit, note in await lips.figures():
        figures.add(name, value, unit, lips.AIMS.get(name, ""), note)
    print(f"bench: {environment()}", flush=True)
    figures.save(ROOT / "build" / "bench.json")


if __name__ == "__main__":
    asyncio.run(main())
