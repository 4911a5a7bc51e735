"""Drawing: what is asked of a service, what is made of its answer, how many a day, and what goes wrong."""

import asyncio

import pytest
from PIL import Image

from bot import phrases
from bot.message import Picture
from bot.settings import BrainSettings, Label
from bot.tool import ToolError
from bot.tool._stamp import PERCENT, stamped
from bot.tool.draw import DRAWN
from tests.fakes import soon
from tests.standins.images import COLOUR, ImagesStandIn
from tests.tool.rig_draw import KEY, NOW, occasion, refused, rig, seen

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


async def test_who_has_all_of_theirs_deleted_gets_no_more_by_it() -> None:
    async with rig(per_day=2) as here:
        for person in ("p1", "p2"):
            await here.draw(who=occasion(person=person))
            await here.store.drop(DRAWN, *(each.id for each in await here.store.records(DRAWN)))
        with pytest.raises(ToolError):
            await here.draw(who=occasion(person="p3"))
        await here.draw(who=occasion(person="p3", sender="han"))
        await here.draw(who=occasion(person="p3", now=NOW.replace(day=24)))


async def test_so_many_a_day_and_each_day_anew() -> None:
    async with rig(per_day=2) as here:
        await here.draw()
        await here.draw()
        assert await refused(here, "再来一张") == phrases.DRAWN_ENOUGH.zh.format(most=2)
        assert await refused(here, "one more", "en") == phrases.DRAWN_ENOUGH.en.format(most=2)
        assert len(here.service.requests) == 2
        await here.draw(who=occasion(person="p2", sender="han"))
        await here.draw(who=occasion(now=NOW.replace(day=24)))
        assert await here.counted() == 2  # yesterday's are forgotten


async def test_all_together_have_so_many_a_day() -> None:
    async with rig(per_day=2, all_per_day=3) as here:
        for sender in ("lee", "han", "mei"):
            await here.draw(who=occasion(person=sender, sender=sender))
        await here.store.drop(DRAWN, *(each.id for each in await here.store.records(DRAWN)))
        for language in ("zh", "en"):
            with pytest.raises(ToolError) as caught:
                await here.draw(who=occasion(language, person="new", sender="new"))
            assert str(caught.value) == phrases.DRAWN_ENOUGH_BY_ALL.text(language)
        assert len(here.service.requests) == 3
        await here.draw(who=occasion(person="new", sender="new", now=NOW.replace(day=24)))


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
