"""Her body in a real browser, drawn by the processor: frames a second, and how far the mouth is from the sound."""

import asyncio

from bot.lips import phonemes
from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import espeak
from tests.bench.figures import Figures
from tests.fakes import EchoBrain, HumVoice
from tests.page.browser import OFF, browser, home, visit

SENTENCE = "爸爸妈妈不怕麻烦，明天我们一起去爬山，好不好？" * 3
SECONDS = 6.0
WARM, LONG = 40, 160
"""Turns before the heap is looked at for the first time, and from there to the second."""
FRAMES = """
new Promise((done) => {
  let count = 0, last = 0
  const began = performance.now()
  const next = () => {
    if (zhiyin.stage.last !== last) { last = zhiyin.stage.last; count++ }
    const passed = performance.now() - began
    passed < SECONDS * 1000 ? requestAnimationFrame(next) : done(count / passed * 1000)
  }
  next()
})
"""
OFFSETS = """
new Promise((done) => {
  const { stage, speech } = zhiyin
  const shapes = ['aa', 'ih', 'ou', 'ee', 'oh']
  const weights = (mix) => shapes.map((shape) => Object.entries(mix).reduce((sum, [name, amount]) => sum + amount * (stage.content.visemes[name]?.[shape] ?? 0), 0))
  const found = []
  const next = () => {
    const now = speech.sounding
    if (now && shapes.some((shape) => stage.weights[shape] > 0.05)) {
      const shown = shapes.map((shape) => stage.weights[shape])
      let best = 1e9, offset = 0
      for (let away = 0; away <= 150; away++) for (const at of [now.ms - away, now.ms + away]) {
        const far = weights(now.track.at(at)).reduce((sum, each, i) => sum + Math.abs(each - shown[i]), 0)
        if (far < best - 1e-4) { best = far; offset = away }
      }
      found.push(offset)
    }
    found.length < 400 && (zhiyin.player.playing || zhiyin.visit.busy.value) ? requestAnimationFrame(next) : done(found)
  }
  requestAnimationFrame(next)
})
"""


async def frames(figures: Figures) -> None:
    """Frames a second of both bodies."""
    sizes = {"fps_2d": ("?body=canvas", 720, 900, ">= 50"), "fps_vrm_low": ("?quality=low&mode=obs", 360, 450, ">= 15")}
    async with browser() as chromium, home(EchoBrain(), HumVoice()) as here:
        for name, (query, width, height, aim) in sizes.items():
            query = query if "mode" in query else f"{query}&mode=obs"
            drawn = "vrm" if "vrm" in name else "canvas"
            ready = f"window.zhiyin?.chat.link.value === 'open' && zhiyin.stage?.drawn === '{drawn}'"
            async with visit(
                chromium, here.port, query, ready=ready, viewport={"width": width, "height": height}
            ) as seen:
                await asyncio.sleep(1.0)
                rate = float(await seen.of(FRAMES.replace("SECONDS", str(SECONDS))))
            figures.add(name, rate, "1/s", aim, f"{width}×{height}, no graphics card")


async def mouth(figures: Figures) -> None:
    """How far what the mouth shows is from what the ear hears, after each frame is drawn."""
    async with (
        Phonetics() as phonetics,
        browser() as chromium,
        home(EchoBrain(), espeak.open(VoiceSettings(), phonetics), lips=phonemes.open(phonetics)) as here,
        visit(chromium, here.port, "?body=canvas") as seen,
    ):
        await seen.say(SENTENCE)
        await seen.until("zhiyin.player.playing")
        offsets = sorted(await seen.of(OFFSETS))
    note = f"{len(offsets)} frames, 2-D body"
    figures.add("mouth_offset_p95_ms", offsets[len(offsets) * 95 // 100], "ms", "<= 25", note)


async def growth(figures: Figures) -> None:
    """What a page keeps of turn after turn: its heap after collecting garbage, conversations begun anew as in a hall."""
    flags = "--js-flags=--expose-gc", "--enable-precise-memory-info"
    sizes: list[float] = []
    async with (
        browser(*flags) as chromium,
        home(EchoBrain(), HumVoice()) as here,
        visit(chromium, here.port, "?body=canvas") as seen,
    ):
        for number in range(WARM + LONG):
            await seen.of("zhiyin.visit.fresh()" if number % 10 == 9 else f"zhiyin.visit.draft.value = '第{number}句'")
            await seen.of("zhiyin.visit.say()")
            await asyncio.sleep(0.05 if number % 10 == 9 else 0)
            await seen.until("!zhiyin.visit.busy.value")
            if number in (WARM - 1, WARM + LONG - 1):
                seen.frames.clear()
                sizes.append(float(await seen.of("(gc(), performance.memory.usedJSHeapSize)")) / 2**20)
    note = f"{sizes[0]:.1f} MB after {WARM} turns, {sizes[1]:.1f} MB after {WARM + LONG}"
    figures.add("page_growth_mb_per_100_turns", (sizes[1] - sizes[0]) * 100 / LONG, "MB", "<= 1", note)


async def measure(figures: Figures) -> None:
    """Both, where there is a browser."""
    if not OFF:
        await frames(figures)
        await mouth(figures)
        await growth(figures)


if __name__ == "__main__":
    asyncio.run(measure(Figures()))
