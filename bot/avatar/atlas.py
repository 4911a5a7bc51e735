"""Where each painted part lies in the one texture."""

from collections.abc import Sequence

import numpy as np

from .mesh import Array

SIZE = 1024
"""Width and height of the texture, pixels."""
AREAS: dict[str, tuple[int, int, int, int]] = {
    "hair": (0, 0, 256, 512),
    "face": (256, 0, 512, 512),
    "iris": (768, 0, 256, 256),
    "white": (768, 256, 128, 128),
    "mouth": (896, 256, 128, 128),
    "cardigan": (0, 512, 512, 512),
    "sleeve": (512, 512, 256, 512),
    "skirt": (768, 512, 64, 256),
    "bow": (768, 768, 128, 128),
    "neck": (896, 768, 128, 128),
    "rib": (768, 896, 128, 128),
    "shirt": (896, 896, 128, 128),
}
"""Part → left, top, width, height in pixels."""
SWATCHES = ("ink", "line", "brow", "lip", "skin", "lidshade", "tights", "shoe", "button", "inside", "pin", "inner")
"""Parts of one colour, in cells of 32 pixels."""
for _number, _name in enumerate(SWATCHES):
    AREAS[_name] = (768 + _number % 8 * 32, 384 + _number // 8 * 32, 32, 32)


def place(area: str, uv: Array | Sequence[Sequence[float]]) -> Array:
    """Atlas coordinates of coordinates within an area (0..1, v down), kept off its border."""
    left, top, width, height = AREAS[area]
    inside = np.clip(np.asarray(uv, float), 0, 1)
    low, size = np.array([left + 5, top + 5]), np.array([width - 10, height - 10])
    return (low + inside * size) / SIZE


def spot(area: str, count: int) -> Array:
    """The middle of an area for `count` points, for parts of one colour."""
    return np.repeat(place(area, [[0.5, 0.5]]), count, axis=0)
