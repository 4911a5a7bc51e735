"""Pictures that are sent: whatever they are, what is kept is small, upright and tells nothing of who took them."""

import base64
import io
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from bot.pictures import KINDS, LONG_SIDE, BadPicture, cleaned
from tests.standins.images import SVG, bomb

NOISE = np.random.default_rng(1)


def noise(width: int, height: int, format: str) -> bytes:
    """What packs worst."""
    out = io.BytesIO()
    Image.fromarray(NOISE.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(out, format)
    return out.getvalue()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize(("width", "height"), [(3000, 2000), (1536, 1536), (20, 3000)])
async def test_it_fits_into_a_megabyte_as_data(format: str, width: int, height: int) -> None:
    data, *size = await cleaned(noise(width, height, format))
    assert len(f"data:image/jpeg;base64,{base64.b64encode(data).decode()}") <= 2**20
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "JPEG"
        assert list(picture.size) == size
        assert max(size) <= LONG_SIDE


async def test_a_photo_keeps_its_size_as_far_as_it_may() -> None:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((4000, 3000)).save(out, "JPEG")
    assert (await cleaned(out.getvalue()))[1:] == (1536, 1152)


async def test_where_it_was_taken_is_gone_and_it_stands_upright() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # on its side
    exif[0x010E] = "at home"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("RGB", (60, 40)).save(out, "JPEG", exif=exif, comment=b"at home", xmp=b"<at home>")
    data, *size = await cleaned(out.getvalue())
    assert size == [40, 60]
    assert b"at home" not in data
    with Image.open(io.BytesIO(data)) as picture:
        assert not picture.getexif()


async def test_what_cannot_be_seen_through_is_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (30, 30), (0, 0, 0, 0)).save(out, "PNG")
    data, _, _ = await cleaned(out.getvalue())
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.getpixel((9, 9)) == (255, 255, 255)


@pytest.mark.parametrize("data", [b"", b"GIF89a", SVG, bomb(), b"%PDF-1.7", b"\xff\xd8\xff"], ids=["none", "gif", "svg", "bomb", "pdf", "jpeg"])  # fmt: skip
async def test_what_is_no_picture_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(BadPicture):
        await cleaned(data)


async def test_torn_files_raise_nothing_else() -> None:
    rolls = np.random.default_rng(2)
    whole = [noise(24, 18, kind) for kind in KINDS]
    kept = 0
    for number in range(400):
        data = bytearray(whole[number % len(whole)])
        for place in rolls.integers(0, len(data), 4):
            data[place] = rolls.integers(0, 256)
        with suppress(BadPicture):
            kept += len((await cleaned(bytes(data)))[0]) > 0
    assert 0 < kept < 400
