"""How soon she sounds, how smoothly, and how soon she stops."""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Any

from tests.bench.figures import Figures, median, p95
from tests.processes import Scene
from tests.visitor import Visitor, first_sound, stall, visit

TOKENS = re.compile(r"[a-zA-Z]+|\s|.", re.DOTALL)
"""The stand-in's tokens (facts of the definition: a run of letters, a white-space character, or any one other)."""
QUESTIONS = {"en": "Hello, who are you?", "zh": "你好，请用中文回答"}
RUNS = 5


@dataclass(slots=True)
class Talk:
    """One answered message."""

    first_s: float
    """Send to first non-silent sample."""
    floor_s: float
    stall_s: float


async def ask(page: Visitor, text: str) -> tuple[float, float]:
    """Say something and wait for the end; (when it was sent, when it ended)."""
    page.sounds.clear()
    page.frames.clear()
    sent = time.monotonic()
    await page.say(text)
    end = await page.until("end")
    return sent, end["_at"]


async def talk(page: Visitor, scene: Scene, text: str) -> Talk:
    """Say something and measure how she sounds."""
    sent, _ = await ask(page, text)
    first = first_sound(page.sounds)
    if first is None:
        raise RuntimeError("no sound came")
    line = next(frame for frame in page.frames if frame["type"] == "line")
    return Talk(first - sent, await floor(scene, line["text"], sent), stall(page.sounds))


async def floor(scene: Scene, line: str, sent: float) -> float:
    """What LLM and voice alone needed, from their own clocks."""
    tokens = len(TOKENS.findall(line))
    thought: dict[str, Any] = (await scene.llm.stats())["requests"][-1]
    spoken = next(
        request for request in (await scene.speech.stats())["requests"] if request["received"] > thought["tokens"][0]
    )
    return thought["tokens"][tokens - 1] - sent + spoken["first_byte"] - spoken["received"]


async def one_page(scene: Scene, figures: Figures) -> None:
    """First sound, floor and stall of one page."""
    stalls: list[float] = []
    for language, question in QUESTIONS.items():
        talks: list[Talk] = []
        async with visit(scene.bot.url) as page:
            await page.hello()
            await talk(page, scene, question)  # warms connections, as a second message finds them
            for _ in range(RUNS):
                talks.append(await talk(page, scene, question))
        stalls += [each.stall_s for each in talks]
        aim = "<= 0.61" if language == "en" else "<= 0.65"
        figures.add(f"first_sound_{language}_s", median([each.first_s for each in talks]), "s", aim)
        over = [(each.first_s - each.floor_s) * 1000 for each in talks]
        figures.add(f"first_sound_{language}_over_floor_ms", median(over), "ms", "<= 20", f"worst {max(over):.1f}")
    figures.add("stall_1_s", median(stalls), "s", "0", f"worst {max(stalls):.3f}")


async def warmed(scene: Scene) -> None:
    """One turn beforehand: the service has been running, as it has when fifty people come."""
    async with visit(scene.bot.url) as page:
        await page.hello()
        await ask(page, QUESTIONS["en"])


async def many_pages(scene: Scene, figures: Figures, pages: int = 50) -> None:
    """Fifty pages that all speak at the same instant."""
    firsts: list[float] = []
    stalls: list[float] = []
    together = asyncio.Barrier(pages)
    await warmed(scene)

    async def one() -> None:
        async with visit(scene.bot.url) as page:
            await page.hello()
            await together.wait()
            sent, _ = await ask(page, QUESTIONS["en"])
            firsts.append((first_sound(page.sounds) or float("inf")) - sent)
            stalls.append(stall(page.sounds))

    async with asyncio.TaskGroup() as group:
        for _ in range(pages):
            group.create_task(one())
    figures.add("talkers50_first_sound_p50_s", median(firsts), "s")
    figures.add("talkers50_first_sound_p95_s", p95(firsts), "s", "< 0.8", "after one turn")
    figures.add("talkers50_stall_s", p95(stalls), "s", "0", f"p95 over talkers, worst {max(stalls):.3f}")


async def barge_in(scene: Scene, figures: Figures, times: int = 20) -> None:
    """Stop frame sent to both stand-ins' connections closed."""
    took: list[float] = []
    async with visit(scene.bot.url) as page:
        await page.hello()
        for _ in range(times):
            page.sounds.clear()
            await page.say(QUESTIONS["en"])
            begin = await page.until("begin")
            while not page.sounds:
                await page.next()
            sent = time.monotonic()
            await page.send({"type": "stop", "turn": begin["turn"], "heard": 3})
            await page.until("end")
            took.append((await _closed(scene) - sent) * 1000)
    figures.add("barge_in_ms", p95(took), "ms", "<= 50", f"p95 of {times}, median {median(took):.1f}")


async def _closed(scene: Scene) -> float:
    """When the last of both stand-ins' requests was closed."""
    async with asyncio.timeout(10):
        while True:
            requests = (await scene.llm.stats())["requests"] + (await scene.speech.stats())["requests"]
            if all(request["closed"] for request in requests):
                return max(request["closed"] for request in requests)
            await asyncio.sleep(0.01)


async def wire(scene: Scene, figures: Figures) -> None:
    """Bytes a second of speech costs a page that asked for MP3."""
    async with visit(scene.bot.url) as page:
        await page.hello(audio="mp3")
        await ask(page, QUESTIONS["en"])
        seconds = sum(len(chunk.samples) for chunk in page.sounds) / 24000
        figures.add("wire_kb_per_s", page.sound_bytes / 1000 / seconds, "kB/s", "", f"{seconds:.1f} s of speech")


async def writers(scene: Scene, figures: Figures, pages: int = 200) -> None:
    """Two hundred pages that write at the same instant, text only."""
    took: list[float] = []
    together = asyncio.Barrier(pages)
    began = [0.0]
    await warmed(scene)

    async def one() -> None:
        async with visit(scene.bot.url) as page:
            await page.hello(voiced=False)
            await together.wait()
            began[0] = began[0] or time.monotonic()
            sent, ended = await ask(page, QUESTIONS["en"])
            if page.frames[-1]["state"] == "answered":
                took.append(ended - sent)

    async with asyncio.TaskGroup() as group:
        for _ in range(pages):
            group.create_task(one())
    whole = time.monotonic() - began[0]
    figures.add("writers200_p95_s", p95(took), "s", "<= 1.3", f"median {median(took):.3f}, after one turn")
    figures.add("writers200_answered", len(took), "", f"{pages}")
    figures.add("writers200_per_s", len(took) / whole, "1/s")
