"""Contact sheets of all she can show, for the docs: `python -m tests.sheet --out docs/`."""

import argparse
import asyncio
import base64
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from playwright.async_api import Browser

from bot.avatar.look import Look, fingerprint
from bot.avatar.manifest import VISEMES
from tests.page.browser import AVATARS, Seen, browser, home, visit

BODIES = {"3d": ("?quality=high", "vrm"), "2d": ("?body=canvas", "canvas")}
STAGE = {"width": 1000, "height": 640}
GESTURES = {
    "wave": ("挥手", "wave"), "nod": ("点头", "nod"), "shake": ("摇头", "shake the head"), "bow": ("鞠躬", "bow"),
    "think": ("托腮想", "think"), "shrug": ("耸肩", "shrug"), "present_left": ("请看左边", "present left"),
    "present_right": ("请看右边", "present right"), "clap": ("鼓掌", "clap"), "heart": ("比心", "heart"), "point": ("指一指", "point"),
}  # fmt: skip
MOMENTS = (0.3, 0.55)
LARGEST = 500_000
"""Bytes of a sheet."""
BARE = """for (const each of document.querySelectorAll('.place > :not(.figure)')) each.style.visibility = 'hidden'"""
STYLE = """
body { margin: 0; padding: 22px; width: 1400px; background: #f3effa; color: #33284a; font: 15px/1.35 sans-serif }
h1 { margin: 0 0 4px; font-size: 26px } h2 { margin: 18px 0 8px; font-size: 18px }
div { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 10px }
figure { margin: 0; background: linear-gradient(#e3f4f2, #ece4f8); border-radius: 12px; overflow: hidden; text-align: center }
img { display: block; width: 100%; object-fit: cover } figcaption { padding: 4px; background: #fff }
"""


async def main(out: Path, bodies: Sequence[str]) -> None:
    """Draw one sheet per body."""
    async with browser() as running, home() as here:
        for body in bodies:
            query, drawn = BODIES[body]
            async with visit(running, here.port, query, viewport=STAGE) as seen:
                await seen.until(f"zhiyin.stage.drawn === '{drawn}'")
                await seen.of(BARE)
                parts = await cells(seen)
            await sheet(running, body, parts, out / f"sheet-{body}.jpg")


async def cells(seen: Seen) -> dict[str, list[tuple[str, bytes]]]:
    """Title of a part → label and picture of each of its cells."""
    manifest = json.loads((AVATARS / fingerprint(Look()) / "manifest.json").read_text(encoding="utf-8"))
    faces = [
        (f"{entry['zh']} {entry['en']}", await shot(seen, "face", expression=name))
        for name, entry in manifest["expressions"].items()
    ]
    mouths = [(name, await shot(seen, "mouth", viseme=name)) for name in VISEMES]
    moves = [
        (f"{zh} {en}" if at == MOMENTS[0] else "", await shot(seen, "body", gesture=name, at=at))
        for name, (zh, en) in GESTURES.items()
        for at in MOMENTS
    ]
    return {"表情 Expressions": faces, "口型 Visemes": mouths, "动作 Gestures": moves}


async def shot(seen: Seen, crop: str, **still: str | float) -> bytes:
    """A picture of a pose."""
    await seen.of(f"zhiyin.stage.pose({json.dumps(still)})")
    box = await seen.page.locator(".figure").bounding_box()
    assert box
    x, y, width, height = box["x"], box["y"], box["width"], box["height"]
    middle = x + width / 2
    tall = {"face": 0.62, "mouth": 0.36, "body": 1.0}[crop] * height
    top = y + {"face": 0.04, "mouth": 0.15, "body": 0.0}[crop] * height
    wide = min(width, tall * {"face": 0.95, "mouth": 1.2, "body": 1.0}[crop])
    return await seen.page.screenshot(clip={"x": middle - wide / 2, "y": top, "width": wide, "height": tall})


async def sheet(running: Browser, body: str, parts: dict[str, list[tuple[str, bytes]]], file: Path) -> None:
    """Put the pictures on one page and photograph it, as fine as the size allows."""
    page = await running.new_page(viewport={"width": 1444, "height": 900})
    html = f"<style>{STYLE}</style><h1>阿音 Ayin · {'三维 3-D' if body == '3d' else '平面 2-D'}</h1>"
    for title, each in parts.items():
        figures = "".join(
            f'<figure><img src="data:image/png;base64,{base64.b64encode(picture).decode()}">'
            f"<figcaption>{escape(label) or '&nbsp;'}</figcaption></figure>"
            for label, picture in each
        )
        html += f"<h2>{title}</h2><div>{figures}</div>"
    await page.set_content(html)
    picture = b""
    for quality in range(88, 30, -6):
        picture = await page.screenshot(full_page=True, type="jpeg", quality=quality)
        if len(picture) <= LARGEST:
            break
    await asyncio.to_thread(file.write_bytes, picture)
    await page.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs"))
    parser.add_argument("--body", choices=[*BODIES], action="append")
    given = parser.parse_args()
    asyncio.run(main(given.out, given.body or [*BODIES]))
