"""“AI生成”, drawn into a picture's corner: GB 45438-2025 wants both words where it is seen, 5 % of the shorter side high.

Drawn by our own strokes: Pillow's font has no Chinese, a font that has weighs megabytes, and “AI” alone is no label (§5.2).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

Stroke = tuple[tuple[float, float], ...]
"""Points of a line, in heights of a glyph, from its upper left corner."""

GLYPHS: tuple[tuple[float, tuple[Stroke, ...]], ...] = (
    (0.72, (((0.0, 1.0), (0.36, 0.0), (0.72, 1.0)), ((0.14, 0.66), (0.58, 0.66)))),  # A
    (0.0, (((0.0, 0.0), (0.0, 1.0)),)),  # I
    (
        1.0,  # 生
        (
            ((0.30, 0.02), (0.22, 0.22), (0.08, 0.42)),
            ((0.22, 0.25), (0.92, 0.25)),
            ((0.18, 0.60), (0.86, 0.60)),
            ((0.54, 0.0), (0.54, 1.0)),
            ((0.02, 1.0), (1.0, 1.0)),
        ),
    ),
    (
        1.0,  # 成
        (
            ((0.15, 0.22), (0.96, 0.22)),
            ((0.15, 0.22), (0.15, 0.60), (0.11, 0.80), (0.0, 1.0)),
            ((0.15, 0.50), (0.45, 0.50), (0.44, 0.72), (0.42, 0.84), (0.28, 0.80)),
            ((0.56, 0.0), (0.58, 0.36), (0.64, 0.62), (0.74, 0.84), (0.90, 1.0), (0.98, 0.76)),
            ((0.90, 0.40), (0.80, 0.62), (0.66, 0.80), (0.48, 0.96)),
            ((0.74, 0.0), (0.86, 0.10)),
        ),
    ),
)
"""Width in heights, and strokes."""
PERCENT = 6
"""Height of a glyph, of the picture's shorter side."""
LEAST = 16
"""Pixels of a glyph that can still be read."""
GAP, EDGE, WIDTH = 0.24, 0.35, 0.10
"""Between glyphs, around them, and of a stroke; in heights."""
FINE = 4
"""Times as large as it is drawn, and made small again: smooth lines."""
PLATE = 150
"""How dark the ground is that makes it legible on anything, 0 to 255."""


def stamped(picture: "Image") -> "Image":
    """The picture (RGB) with the mark in its lower right corner. Takes time: not for the loop."""
    from PIL import Image

    mark = _mark(height(*picture.size))
    plate, strokes = (layer.resize(_small(layer.size), Image.Resampling.LANCZOS) for layer in mark)
    at = picture.width - plate.width, picture.height - plate.height
    marked = picture.copy()
    for colour, layer in ((0, plate), (255, strokes)):
        marked.paste((colour, colour, colour), at, layer)
    return marked


def height(width: int, height: int) -> int:
    """Of a glyph, in pixels, in a picture of this size."""
    shorter = min(width, height)
    return max(-(-shorter * PERCENT // 100), min(LEAST, round(width / (_width() + 2 * EDGE)), shorter // 2), 1)


def _width() -> float:
    return sum(width for width, _ in GLYPHS) + GAP * (len(GLYPHS) - 1)


def _small(size: tuple[int, int]) -> tuple[int, int]:
    return size[0] // FINE, size[1] // FINE


def _mark(height: int) -> "tuple[Image, Image]":
    """Ground and strokes, FINE times as large, as masks."""
    from PIL import Image, ImageDraw

    em = height * FINE
    size = tuple(-(-round((each + 2 * EDGE) * em) // FINE) * FINE for each in (_width(), 1.0))
    plate, strokes = (Image.new("L", (size[0], size[1])) for _ in range(2))
    ImageDraw.Draw(plate).rounded_rectangle(
        (0, 0, size[0], size[1]), EDGE * em, PLATE, corners=(True, False, False, False)
    )
    pen, left = ImageDraw.Draw(strokes), EDGE
    for width, lines in GLYPHS:
        for line in lines:
            _line(pen, [((left + x) * em, (EDGE + y) * em) for x, y in line], WIDTH * em)
        left += width + GAP
    return plate, strokes


def _line(pen: "ImageDraw", points: list[tuple[float, float]], width: float) -> None:
    """A line with round ends and corners."""
    pen.line(points, 255, round(width), joint="curve")
    for x, y in points:
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), 255)
