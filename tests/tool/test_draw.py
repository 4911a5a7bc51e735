"""Drawing: what is asked of a service, what is made of its answer, how many a day, and what goes wrong."""

import asyncio
import io
import logging
from pathlib import Path

import pytest
from PIL import Image

from bot import phrases
from bot.message import Picture
from bot.persona import Bilingual
from bot.settings import BrainSettings, Label
from bot.tool import ToolError
from bot.tool._outside import Outside, public
from bot.tool._stamp import PERCENT, stamped
from tests.fakes import soon
from tests.standins.images import COLOUR, ImagesStandIn
from tests.tool.rig_draw import KEY, NOW, Rig, occasion, rig, secured


async def seen(rig: Rig, part: object) -> Image.Image:
    """A kept picture."""
    assert isinstance(part, Picture)
    kept = await rig.store.media("page:room", part.media)
    assert kept
    assert kept[0] == part.type == "image/jpeg"
    picture = Image.open(io.BytesIO(kept[1]))
    assert picture.format == "JPEG"
    assert picture.size == (part.width, part.height)
    return picture


async def refused(rig: Rig, prompt: str, language: str = "zh") -> str:
    """Why it cannot be drawn, as it is told."""
    with pytest.raises(ToolError) as caught:
        await rig.draw(prompt, occasion(language))
    return str(caught.value)


# What is asked, and what comes of it


@pytest.mark.parametrize(
    ("shape", "size"), [("square", (1024, 1024)), ("portrait", (1024, 1536)), ("landscape", (1536, 1024))]
)
async def test_a_picture_is_drawn_kept_and_goes_with_the_reply(shape: str, size: tuple[int, int]) -> None:
    async with rig() as here:
        result = await here.draw("一只戴帽子的猫", shape=shape)
        assert result.text.startswith("Done; the picture is shown under your reply.")
        assert (result.say, result.failed) == (phrases.DRAWN.zh, False)
        (part,) = result.parts
        assert (await seen(here, part)).size == size
        assert isinstance(part, Picture)
        assert part.about == "一只戴帽子的猫"
        (asked,) = here.service.requests
        width, height = size
        assert asked.body == {"model": "m", "prompt": "一只戴帽子的猫", "size": f"{width}x{height}", "response_format": "b64_json"}  # fmt: skip
        assert asked.key == f"Bearer {KEY}"


async def test_a_large_picture_is_made_smaller_and_what_its_file_tells_is_gone() -> None:
    async with rig(square="3000x1500") as here:
        picture = await seen(here, (await here.draw()).parts[0])
        assert picture.size == (1536, 768)
        assert not picture.getexif()


@pytest.mark.parametrize("kind", ["jpeg", "webp"])
async def test_other_kinds_become_jpeg(kind: str) -> None:
    async with rig() as here:
        picture = await seen(here, (await here.draw(f"fault-{kind}")).parts[0])
        colour = picture.convert("RGB").getpixel((5, 5))
        assert isinstance(colour, tuple)
        assert all(abs(here - there) < 8 for here, there in zip(colour, COLOUR, strict=True))


async def test_what_the_service_does_not_take_is_left_out_and_remembered() -> None:
    async with rig(model="fault-no-format") as here:
        await here.draw()
        await here.draw()
        assert ["response_format" in asked.body for asked in here.service.requests] == [True, False, False]
    async with rig(model="fault-no-size") as here:
        await here.draw()
        assert ["size" in asked.body for asked in here.service.requests] == [True, False]


async def test_without_a_size_none_is_asked_for() -> None:
    async with rig(square="") as here:
        await here.draw()
        assert "size" not in here.service.requests[0].body


@pytest.mark.parametrize(("model", "per_day"), [("", 5), ("m", 0)])
async def test_without_a_model_or_with_none_a_day_it_is_not_offered(model: str, per_day: int) -> None:
    async with rig(model=model, per_day=per_day) as here:
        assert here.box.tools == ()
        with pytest.raises(ToolError):
            await here.draw()


async def test_without_an_address_it_is_the_brains_service_with_the_brains_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-the-environment")
    service = ImagesStandIn()
    async with rig(service=service) as other:
        brain = BrainSettings.model_validate({"base_url": other.box.settings.base_url, "api_key": "key-of-the-brain"})
        async with rig(brain=brain, base_url="", api_key="") as here:
            await here.draw()
        assert service.requests[-1].key == "Bearer key-of-the-brain"
        async with rig(brain=brain, service=service, api_key="") as here:
            await here.draw()
        assert service.requests[-1].key == ""  # another service gets no key that is not its own


async def test_a_place_that_shows_no_pictures_gets_none() -> None:
    async with rig(shows=lambda door: door != "page") as here:
        assert await refused(here, "猫") == phrases.DRAW_NOT_HERE.zh
        assert here.service.requests == []
        assert await here.counted() == 0


@pytest.mark.parametrize("arguments", [{}, {"prompt": " "}, {"prompt": 7}, {"prompt": "x" * 2001}, {"prompt": "x", "shape": "round"}])  # fmt: skip
async def test_wrong_arguments_are_told(arguments: dict[str, object]) -> None:
    async with rig() as here:
        with pytest.raises(ToolError, match=r"prompt|shape"):
            await here.box.call("draw", arguments, occasion())
        assert here.service.requests == []


# The labels that the law asks for


def white(picture: Image.Image) -> tuple[int, int, int, int]:
    """Where there is something white."""
    box = picture.convert("L").point([0] * 128 + [255] * 128).getbbox()
    assert box
    return box


@pytest.mark.parametrize("size", [(1024, 1024), (1024, 1536), (1536, 600), (300, 200)])
def test_the_mark_stands_in_the_corner_and_is_high_enough(size: tuple[int, int]) -> None:
    marked = stamped(Image.new("RGB", size, "black"))
    assert marked.size == size
    left, top, right, bottom = white(marked)
    assert bottom - top >= min(size) * 0.05
    assert PERCENT >= 5
    assert left > size[0] / 2
    assert top > size[1] / 2
    assert right <= size[0]
    assert bottom <= size[1]


def test_the_mark_can_be_seen_on_white() -> None:
    marked = stamped(Image.new("RGB", (600, 600), "white")).convert("L")
    darkest, lightest = marked.crop((480, 540, 600, 600)).getextrema()
    assert isinstance(darkest, int)
    assert isinstance(lightest, int)
    assert darkest < 128
    assert lightest > 250


@pytest.mark.parametrize("size", [(1, 1), (2, 900), (900, 2), (40, 40)])
def test_no_picture_is_too_small_for_the_mark(size: tuple[int, int]) -> None:
    assert stamped(Image.new("RGB", size)).size == size


async def test_both_labels_are_in_what_is_kept_and_delivering_adds_none() -> None:
    async with rig() as here:
        result = await here.draw()
        picture = await seen(here, result.parts[0])
        assert b"TC260:AIGC" in picture.info["xmp"]
        corner = picture.convert("RGB").crop((picture.width - 30, picture.height - 30, picture.width, picture.height))
        assert corner.getcolors() != [(900, COLOUR)]
        assert isinstance(result.parts[0], Picture)
        kept = await here.store.media("page:room", result.parts[0].media)
        assert kept
        assert here.box.labels.labelled(kept[1], "image/jpeg") == kept[1]


async def test_outside_china_both_can_be_switched_off() -> None:
    async with rig(label=Label(text="off", metadata=False)) as here:
        picture = await seen(here, (await here.draw()).parts[0])
        assert "xmp" not in picture.info
        colours = picture.convert("RGB").getcolors(100)
        assert colours
        assert len(colours) == 1


# So many a day


async def test_so_many_a_day_and_each_day_anew() -> None:
    async with rig(per_day=2) as here:
        await here.draw()
        await here.draw()
        assert await refused(here, "再来一张") == phrases.DRAWN_ENOUGH.zh.format(most=2)
        assert await refused(here, "one more", "en") == phrases.DRAWN_ENOUGH.en.format(most=2)
        assert len(here.service.requests) == 2
        await here.draw(who=occasion(person="p2"))
        await here.draw(who=occasion(now=NOW.replace(day=24)))
        assert await here.counted() == 2  # yesterday's are forgotten


async def test_the_count_holds_over_a_restart() -> None:
    async with rig(per_day=1) as here:
        await here.draw()
        async with rig(per_day=1, store=here.store) as again:
            assert await refused(again, "猫") == phrases.DRAWN_ENOUGH.zh.format(most=1)


async def test_pictures_that_are_drawn_at_once_are_counted_each() -> None:
    async with rig(per_day=2) as here:

        async def one() -> bool:
            try:
                return bool((await here.draw()).parts)
            except ToolError:
                return False

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one()) for _ in range(5)]
        assert sorted(task.result() for task in tasks) == [False, False, False, True, True]


async def test_what_is_given_up_half_way_stays_counted_and_what_failed_does_not() -> None:
    async with rig() as here:
        await refused(here, "fault-500")
        assert await here.counted() == 0
        async with asyncio.TaskGroup() as group:
            task = group.create_task(here.draw("fault-stall"))
            here.service.begun.clear()
            await soon(here.service.begun.wait())
            task.cancel()
        assert await here.counted() == 1
    async with rig(whole_s=0.05) as here:
        assert await refused(here, "fault-stall") == phrases.DRAW_SLOW.zh
        assert await here.counted() == 1


# What goes wrong


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("policy", phrases.DRAW_NOT_THIS),
        ("policy-200", phrases.DRAW_NOT_THIS),
        ("moderation", phrases.DRAW_NOT_THIS),
        ("401", phrases.DRAW_OFF),
        ("404", phrases.DRAW_OFF),
        ("moved", phrases.DRAW_OFF),
        ("429", phrases.DRAW_BUSY),
        ("503", phrases.DRAW_BUSY),
        ("hangup", phrases.DRAW_BUSY),
        ("500", phrases.DRAW_FAILED),
        ("html", phrases.DRAW_FAILED),
        ("garbage", phrases.DRAW_FAILED),
        ("empty", phrases.DRAW_FAILED),
        ("base64", phrases.DRAW_FAILED),
        ("huge", phrases.DRAW_FAILED),
        ("bomb", phrases.DRAW_FAILED),
        ("svg", phrases.DRAW_FAILED),
        ("gif", phrases.DRAW_FAILED),
        ("torn", phrases.DRAW_FAILED),
    ],
)  # fmt: skip
async def test_what_goes_wrong_is_told_in_both_languages(
    fault: str, words: Bilingual, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with rig() as here:
        assert await refused(here, f"fault-{fault}") == words.zh
        assert await refused(here, f"fault-{fault}", "en") == words.en
        assert await here.counted() == 0
        assert len(here.service.requests) == 2
    assert "no picture" in caplog.text
    assert not any(secret in caplog.text for secret in (KEY, "sk-secret", f"fault-{fault} "))


async def test_a_service_that_is_not_there() -> None:
    for place, words in (("http://127.0.0.1:1/v1", phrases.DRAW_BUSY), ("nowhere", phrases.DRAW_OFF)):
        async with rig(base_url=place) as here:
            assert await refused(here, "猫") == words.zh


async def test_a_key_that_is_none() -> None:
    async with rig(api_key="key\r\nX-More: y") as here:
        assert await refused(here, "猫") == phrases.DRAW_OFF.zh


# Pictures that lie elsewhere


async def test_an_address_is_fetched_by_tls_without_the_key(tmp_path: Path) -> None:
    service = ImagesStandIn()
    async with secured(service, tmp_path, lambda host: True) as outside, rig(service=service, outside=outside) as here:
        assert (await seen(here, (await here.draw("fault-url")).parts[0])).size == (640, 480)
        assert (await seen(here, (await here.draw("fault-url-away")).parts[0])).size == (640, 480)
        assert len(service.fetched) == 2
        assert all("Authorization" not in headers for headers in service.fetched)


@pytest.mark.parametrize("name", ["heavy", "round"])
async def test_an_address_that_leads_to_too_much_or_nowhere(name: str, tmp_path: Path) -> None:
    service = ImagesStandIn()
    async with secured(service, tmp_path, lambda host: True) as outside, rig(service=service, outside=outside) as here:
        assert await refused(here, f"fault-url-{name}") == phrases.DRAW_FAILED.zh


async def test_an_address_of_this_machine_is_never_dialled(tmp_path: Path) -> None:
    service = ImagesStandIn()
    async with secured(service, tmp_path) as outside, rig(service=service, outside=outside) as here:
        assert await refused(here, "fault-url") == phrases.DRAW_FAILED.zh
        service.places["name"] = service.places["url"].replace("127.0.0.1", "localhost")
        assert await refused(here, "fault-url-name") == phrases.DRAW_FAILED.zh
        assert service.fetched == []


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:{port}/file/x", "file:///etc/passwd", "//127.0.0.1/x", "", "https://", "https://[::1", "data:text/plain,x", "ftp://x/y"],
)  # fmt: skip
async def test_only_tls_is_followed(address: str) -> None:
    service = ImagesStandIn()
    async with rig(service=service, outside=Outside(lambda host: True)) as here:
        port = here.box.settings.base_url.rpartition(":")[2].removesuffix("/v1")
        service.places["odd"] = address.format(port=port)
        assert await refused(here, "fault-url-odd") == phrases.DRAW_FAILED.zh
        assert service.fetched == []


async def test_a_redirect_out_of_tls_is_not_followed(tmp_path: Path) -> None:
    service = ImagesStandIn()
    async with secured(service, tmp_path, lambda host: True) as outside, rig(service=service, outside=outside) as here:
        service.places["again"] = here.box.settings.base_url.replace("/v1", "/file/x")
        assert await refused(here, "fault-url-round") == phrases.DRAW_FAILED.zh
        assert service.fetched == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "0.0.0.0", "::", "100.64.0.1", "10.1.2.3", "172.16.0.1",
        "192.168.1.1", "fe80::1", "fd00::1", "224.0.0.1", "ff02::1", "255.255.255.255", "2002:7f00:1::", "64:ff9b::7f00:1",
        "64:ff9b::a01:203", "not an address", "",
    ],
)  # fmt: skip
def test_addresses_of_the_house_are_told_from_others(host: str) -> None:
    assert not public(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_internet(host: str) -> None:
    assert public(host)
