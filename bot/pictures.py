"""Pictures from outside: judged by their bytes, made small, and freed of what they tell about who made them."""

import asyncio
import io
import struct
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LONG_SIDE = 1536
"""Pixels; what vision models make use of."""
MEGABYTES = 8
"""Most a picture may weigh on its way in."""
HEAVIEST = 750_000
"""Bytes of a cleaned picture: a megabyte as a data URL, which is how models get to see it."""
PIXELS = 50_000_000
"""More than this is a bomb, not a photo."""
KINDS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
QUALITIES = (85, 75, 60)
"""Tried one after the other before a picture is made smaller."""
SMALLER = 0.75


class BadPicture(ValueError):
    """The bytes are no picture we take."""


async def cleaned(data: bytes) -> tuple[bytes, int, int]:
    """(JPEG bytes, width, height) without metadata: long side at most LONG_SIDE, at most HEAVIEST bytes. Raises BadPicture."""
    return await asyncio.to_thread(_cleaned, data)


def _cleaned(data: bytes) -> tuple[bytes, int, int]:
    picture = opened(data)
    packed = jpeg(picture)
    while len(packed) > HEAVIEST and max(picture.size) > 1:
        picture = picture.resize((max(1, round(picture.width * SMALLER)), max(1, round(picture.height * SMALLER))))
        packed = jpeg(picture)
    return packed, picture.width, picture.height


def opened(data: bytes, kinds: tuple[str, ...] = KINDS) -> "Image":
    """The picture upright, on white, long side at most LONG_SIDE. Raises BadPicture. Takes time: not for the loop."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # 10 MB that a house without pictures never needs

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=kinds) as raw:
                if raw.width * raw.height > PIXELS:
                    raise BadPicture("too many pixels")
                raw.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a JPEG need not be unpacked to its full size
                picture = ImageOps.exif_transpose(raw).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise BadPicture(str(error)) from error
    except (EOFError, IndexError, KeyError, OverflowError, TypeError, struct.error) as error:  # from torn files
        raise BadPicture(type(error).__name__) from error
    picture.thumbnail((LONG_SIDE, LONG_SIDE))
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def jpeg(picture: "Image", heaviest: int = HEAVIEST, qualities: Sequence[int] = QUALITIES) -> bytes:
    """As JPEG, in the first of the qualities that is not too heavy, else in the last."""
    packed = b""
    for quality in qualities:
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        packed = out.getvalue()
        if len(packed) <= heaviest:
            break
    return packed
