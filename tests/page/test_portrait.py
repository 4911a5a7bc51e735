"""What the page shows of the persona that is there: her portrait, and what she proposes to say first."""

import base64
import io
from collections.abc import AsyncGenerator

import pytest
from PIL import Image
from playwright.async_api import Browser, expect

from bot.persona import Starters
from bot.settings import Web
from tests.fakes import PERSONA
from tests.page.browser import OFF, Seen, browser, home, visit

pytestmark = pytest.mark.skipif(OFF, reason="ZHIYIN_TEST_BROWSER=off")

HERS = PERSONA.model_copy(update={"starters": Starters(zh=("一号", "二号", "三号", "四号", "五号"), en=("One", "Two"))})
FRAMED = Web(port=0, embed=("https://friends.example",))
CHIPS = ".starters > button"
HELD = """
const given = window.fetch
const held = new Promise((release) => { window.release = release })
window.fetch = async (...asked) => {
  if (String(asked[0]).endsWith('manifest.json')) await held
  return given(...asked)
}
"""
PIXELS = """(async () => {
  const blob = await (await fetch(document.querySelector('img.portrait').src)).blob()
  const reader = new FileReader()
  await new Promise((done) => { reader.onload = done; reader.readAsDataURL(blob) })
  return reader.result
})()"""
CROWN, CHEEK, CORNER = (66, 28), (48, 92), (2, 2)
"""Places on the portrait."""
REVOKED = "net::ERR_FILE_NOT_FOUND"
"""What a browser says of a picture that was given back."""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the whole module, as one browser serves it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def chromium() -> AsyncGenerator[Browser]:
    """The browser all tests share; each has a context of its own."""
    async with browser() as running:
        yield running


async def pixel(seen: Seen, *places: tuple[int, int]) -> list[tuple[int, int, int]]:
    """Red, green and blue of the portrait, middled over a few pixels round each place."""
    address = await seen.of(PIXELS)
    picture = Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))).convert("RGB")
    assert picture.size == (132, 132)
    boxes = [
        picture.crop((max(0, x - 3), max(0, y - 3), x + 4, y + 4)).resize((1, 1), Image.Resampling.BOX)
        for x, y in places
    ]
    found = [box.getpixel((0, 0)) for box in boxes]
    return [(each[0], each[1], each[2]) for each in found if isinstance(each, tuple)]


def like(one: tuple[int, int, int], other: tuple[int, int, int], within: int) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= within


async def dress(seen: Seen, **changes: object) -> None:
    """Put on a body whose manifest differs from hers in a few keys, and wait for its portrait."""
    before = await seen.of("document.querySelector('img.portrait')?.src ?? ''")
    await seen.page.evaluate(
        """async (changes) => {
          const address = zhiyin.chat.welcome.value.avatar
          const hers = await (await fetch(address)).json()
          const body = new URL(hers.body, new URL(address, location.href)).href
          const manifest = new Blob([JSON.stringify({ ...hers, body, ...changes })], { type: 'application/json' })
          await zhiyin.stage.dress(URL.createObjectURL(manifest))
        }""",
        changes,
    )
    await seen.until(
        f"document.querySelector('img.portrait') && document.querySelector('img.portrait').src !== '{before}'"
    )


async def test_until_her_portrait_is_drawn_there_is_nobodys(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, script=HELD) as seen:
        page = seen.page
        await expect(page.locator(".heading svg.portrait")).to_be_visible()
        await expect(page.locator(".bubble svg.portrait")).to_be_visible()
        await expect(page.locator("img.portrait")).to_have_count(0)
        empty = await page.locator(".heading .portrait").bounding_box()
        await seen.of("release()")
        await expect(page.locator("img.portrait")).to_have_count(2)
        await expect(page.locator("svg.portrait")).to_have_count(0)
        assert await page.locator(".heading .portrait").bounding_box() == empty
        sources = await seen.of("[...document.querySelectorAll('img.portrait')].map((each) => each.src)")
        assert sources[0] == sources[1]
        assert sources[0].startswith("blob:")


async def test_the_drawn_portrait_wears_the_bodys_colours(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, expected=[REVOKED]) as seen:
        await seen.until("document.querySelector('img.portrait')")
        ayin = (await pixel(seen, CROWN))[0]
        assert like(ayin, (0x4D, 0x3D, 0x5C), 40)
        first = await seen.of("document.querySelector('img.portrait').src")
        await dress(seen, palette={"hair": "#c03020", "trim": "#2040ff"})
        crown, ground = await pixel(seen, CROWN, CORNER)
        assert crown[0] > 2 * max(crown[1:])
        assert like(ground, (0xC7, 0xCF, 0xFF), 3)
        assert await seen.of(f"fetch('{first}').then(() => true, () => false)") is False
        await dress(seen, palette={})
        assert like((await pixel(seen, CROWN))[0], ayin, 40)


async def test_a_solid_body_shows_its_own_head(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, "?body=vrm") as seen:
        await seen.until("zhiyin.stage.drawn === 'vrm'")
        await seen.until("document.querySelectorAll('img.portrait').length === 2")
        # Colours that the body does not have: what is there counts, not what is told of it.
        await dress(seen, palette={"hair": "#c03020"})
        crown, cheek, corner = await pixel(seen, CROWN, CHEEK, CORNER)
        assert like(crown, (0x4D, 0x3D, 0x5C), 48)
        assert like(cheek, (255, 215, 205), 32)
        assert like(corner, (0xD7, 0xEF, 0xEA), 3)


async def test_what_she_proposes_stands_instead_of_the_pages_own(chromium: Browser) -> None:
    async with home(persona=HERS) as here, visit(chromium, here.port) as seen:
        page = seen.page
        await expect(page.locator(CHIPS)).to_have_text(list(HERS.starters.zh))
        await page.get_by_role("button", name="EN").click()
        await expect(page.locator(CHIPS)).to_have_text(["One", "Two"])
        await page.locator(CHIPS).first.click()
        await expect(page.locator(".mine .text")).to_have_text("One")
        await expect(page.locator(CHIPS)).to_have_count(0)


async def test_what_people_ask_goes_before_what_she_proposes(chromium: Browser) -> None:
    async with home(persona=HERS) as here, visit(chromium, here.port) as seen:
        items = [
            {"id": id, "text": text, "count": 3, "pinned": False} for id, text in (("a", "几点开门"), ("b", "二号"))
        ]
        await seen.page.evaluate("items => zhiyin.visit.board.take({ type: 'hot', items, operator: null })", items)
        await expect(seen.page.locator(CHIPS)).to_have_text(["几点开门", "二号", "一号", "三号"])


async def test_a_frame_in_somebody_elses_page_proposes_hers_too(chromium: Browser) -> None:
    async with home(persona=HERS, web=FRAMED) as here, visit(chromium, here.port, "embed?body=canvas") as seen:
        await expect(seen.page.locator(CHIPS)).to_have_text(list(HERS.starters.zh))


async def test_a_hall_proposes_hers_too(chromium: Browser) -> None:
    async with home(persona=HERS) as here, visit(chromium, here.port, "?mode=kiosk&body=canvas") as seen:
        await seen.page.locator(".beckon").click()
        await expect(seen.page.locator(".desk .chips button")).to_have_text(list(HERS.starters.zh))


async def test_a_persona_that_proposes_nothing_gets_the_pages_own(chromium: Browser) -> None:
    async with home() as here, visit(chromium, here.port, "?lang=en&body=canvas") as seen:
        await expect(seen.page.locator(CHIPS).first).to_have_text("Hi, who are you?")
        await expect(seen.page.locator(CHIPS)).to_have_count(4)
