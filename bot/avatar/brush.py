"""Means to paint with: colours, soft spots, soft strokes."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .mesh import Array

WHITE = np.array([255.0, 255.0, 255.0])
BLACK = np.array([0.0, 0.0, 0.0])


def rgb(colour: str) -> Array:
    """The three numbers (0..255) of #rrggbb."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], float)


def linear(colour: str) -> list[float]:
    """A colour as glTF wants factors: linear light, 0..1."""
    share = rgb(colour) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4).round(6).tolist()


def mix(one: Array, other: Array, share: Array | float) -> Array:
    """`one` turning into `other`; an (h, w) share is spread over the colours."""
    part = np.asarray(share, float)
    part = part[..., None] if part.ndim == 2 else part
    return one * (1 - part) + other * part


def canvas(area: tuple[int, int, int, int], colour: Array) -> tuple[Array, Array, Array]:
    """A picture of one colour, (h, w, 3), and its coordinates x and y (0..1), (h, w) each."""
    _, _, width, height = area
    x, y = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
    return np.zeros((height, width, 3)) + colour, x, y


def spot(x: Array, y: Array, middle: tuple[float, float], axes: tuple[float, float], power: float = 1.0) -> Array:
    """A soft elliptic spot: 1 in its middle, 0 at its border."""
    far = np.sqrt(((x - middle[0]) / axes[0]) ** 2 + ((y - middle[1]) / axes[1]) ** 2)
    return np.clip(1 - far, 0, 1) ** power


def disc(x: Array, y: Array, middle: tuple[float, float], axes: tuple[float, float], edge: float = 0.1) -> Array:
    """An ellipse with a narrow soft border of `edge` of its size."""
    far = np.sqrt(((x - middle[0]) / axes[0]) ** 2 + ((y - middle[1]) / axes[1]) ** 2)
    return np.clip((1 - far) / edge, 0, 1)


def strokes(shape: tuple[int, int], lines: Sequence[tuple[Sequence[tuple[float, float]], float]], blur: float) -> Array:
    """A mask (h, w) of tapered lines: points in 0..1 and a width in pixels each, then blurred by `blur` pixels."""
    height, width = shape
    image = Image.new("L", (width * 2, height * 2), 0)
    draw = ImageDraw.Draw(image)
    for points, thick in lines:
        dense = np.array(points, float)
        at = np.linspace(0, len(dense) - 1, 60)
        px = np.interp(at, np.arange(len(dense)), dense[:, 0]) * width * 2
        py = np.interp(at, np.arange(len(dense)), dense[:, 1]) * height * 2
        for k, (a, b) in enumerate(zip(px, py, strict=True)):
            radius = thick * (0.15 + np.sin(np.pi * k / 59))
            draw.ellipse((a - radius, b - radius, a + radius, b + radius), fill=255)
    image = image.filter(ImageFilter.GaussianBlur(blur * 2)).resize((width, height), Image.Resampling.BOX)
    return np.asarray(image, float) / 255
