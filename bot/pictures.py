"""Pictures that users send: judged by their bytes, made small, and freed of what they tell about the sender."""

import asyncio
import io
import warnings

LONG_SIDE = 1536
"""Pixels; what vision models make use of."""
MEGABYTES = 8
"""Most a picture may weigh on its way in."""
PIXELS = 50_000_000
"""More than this is a bomb, not a photo."""
KINDS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


class BadPicture(ValueError):
    """The bytes are no picture we take."""


async def cleaned(data: bytes) -> tuple[bytes, int, int]:
    """(JPEG bytes, width, height) without metadata, long side at most LONG_SIDE. Raises BadPicture."""
    return await asyncio.to_thread(_cleaned, data)


def _cleaned(data: bytes) -> tuple[bytes, int, int]:
    from PIL import Image, ImageOps, UnidentifiedImageError  # 10 MB that a house without pictures never needs

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=KINDS) as raw:
                if raw.width * raw.height > PIXELS:
                    raise BadPicture("too many pixels")
                picture = ImageOps.exif_transpose(raw).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise BadPicture(str(error)) from error
    picture.thumbnail((LONG_SIDE, LONG_SIDE))
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=85)
    return out.getvalue(), picture.width, picture.height
