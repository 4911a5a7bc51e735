"""The painting of her clothes: knitting, folds, pleats."""

import numpy as np

from .atlas import AREAS
from .brush import BLACK, WHITE, canvas, mix, rgb, spot, strokes
from .look import Look
from .mesh import Array


def cardigan(look: Look) -> Array:
    """The cardigan unrolled: its front at both borders, its back in the middle, the neck above."""
    base = rgb(look.cardigan)
    dark, light = mix(base, rgb("#3f7d8c"), 0.42), mix(base, WHITE, 0.5)
    picture, x, y = canvas(AREAS["cardigan"], base)
    picture = picture * (1 + 0.012 * np.sin(x * 2 * np.pi * 85))[..., None]
    picture = mix(picture, dark, 0.16 * np.clip((y - 0.55) / 0.45, 0, 1))
    folds = [([(0.235, 0.20), (0.20, 0.30), (0.155, 0.36)], 5), ([(0.245, 0.27), (0.215, 0.38), (0.18, 0.45)], 4),
             ([(0.25, 0.56), (0.20, 0.61), (0.13, 0.625)], 5), ([(0.26, 0.66), (0.215, 0.70), (0.16, 0.70)], 4),
             ([(0.24, 0.78), (0.225, 0.88), (0.22, 0.97)], 5), ([(0.06, 0.70), (0.085, 0.80), (0.09, 0.93)], 3.5),
             ([(0.36, 0.18), (0.40, 0.32), (0.45, 0.40)], 5), ([(0.34, 0.60), (0.40, 0.64), (0.47, 0.63)], 5),
             ([(0.32, 0.70), (0.36, 0.76), (0.44, 0.77)], 4)]  # fmt: skip
    folds += [([(1 - a, b) for a, b in points], width * 0.9) for points, width in folds]
    picture = mix(picture, dark, 0.62 * strokes(x.shape, folds, 3.0))
    lights = [([(a - 0.012, b - 0.018) for a, b in points], width * 0.5) for points, width in folds]
    picture = mix(picture, light, 0.40 * strokes(x.shape, lights, 2.5))
    # The collar's shadow, and that of the arms.
    picture = mix(picture, dark, 0.55 * np.clip(1 - y / 0.085, 0, 1))
    for middle in (0.25, 0.75):
        picture = mix(picture, dark, 0.42 * spot(x, y, (middle, 0.22), (0.07, 0.20), 0.8))
    for middle in (0.145, 0.855):
        slit = strokes(x.shape, [([(middle - 0.05, 0.775), (middle + 0.05, 0.775)], 9.0)], 0.8)
        picture = mix(picture, rgb(look.trim), 0.85 * slit)
        picture = mix(
            picture, dark, 0.75 * strokes(x.shape, [([(middle - 0.052, 0.793), (middle + 0.052, 0.793)], 1.6)], 0.7)
        )
    return picture


def sleeve(look: Look) -> Array:
    """A sleeve unrolled: the shoulder above, the cuff below; folds gather at the elbow."""
    base = rgb(look.cardigan)
    dark, light = mix(base, rgb("#3f7d8c"), 0.42), mix(base, WHITE, 0.5)
    picture, x, _ = canvas(AREAS["sleeve"], base)
    picture = picture * (1 + 0.012 * np.sin(x * 2 * np.pi * 36))[..., None]
    folds: list[tuple[list[tuple[float, float]], float]] = []
    random = np.random.default_rng(5)
    for height in (0.30, 0.40, 0.54, 0.60, 0.66, 0.72, 0.80, 0.90, 0.96):
        start, length = random.uniform(0.0, 0.6), random.uniform(0.22, 0.38)
        sag = random.uniform(-0.03, 0.03)
        points = [(start, height), (start + length / 2, height + sag), (start + length, height + sag * 0.3)]
        folds.append((points, random.uniform(2.0, 3.6)))
    picture = mix(picture, dark, 0.55 * strokes(x.shape, folds, 2.2))
    lights = [([(a, b - 0.014) for a, b in points], width * 0.5) for points, width in folds]
    return mix(picture, light, 0.35 * strokes(x.shape, lights, 1.8))


def rib(look: Look) -> Array:
    """Ribbed knitting for band, hem and cuffs: ribs across, a pale line near both borders."""
    base = rgb(look.trim)
    picture, x, y = canvas(AREAS["rib"], mix(base, rgb(look.cardigan), 0.35))
    picture = mix(picture, base * 0.82, 0.45 * (0.5 + 0.5 * np.cos(y * 2 * np.pi * 8)) ** 2)
    picture = mix(picture, WHITE, 0.75 * np.clip(1 - np.abs(x - 0.76) / 0.06, 0, 1) ** 0.5)
    return mix(picture, base * 0.75, np.clip(1 - np.minimum(x, 1 - x) / 0.05, 0, 1) * 0.7)


def skirt(look: Look) -> Array:
    """One pleat: its width across, waist above, hem below."""
    base = rgb(look.skirt)
    picture, x, y = canvas(AREAS["skirt"], base)
    picture = mix(picture * 1.08, base * 0.80, np.clip(1.1 - x * 1.6, 0, 1) ** 2 * 0.8)
    picture = mix(picture, base * 0.55, np.clip((x - 0.80) / 0.05, 0, 1) * 0.8)
    picture = mix(picture, base * 0.7, 0.5 * np.clip((0.20 - y) / 0.2, 0, 1))
    for middle, half, share in ((0.90, 0.014, 1.0), (0.935, 0.006, 0.8)):
        line = np.clip((half - np.abs(y - middle)) / 0.004, 0, 1)
        picture = mix(picture, rgb(look.trim) * (0.82 + 0.18 * x)[..., None], line * share)
    return picture


def bow(look: Look) -> Array:
    """The ribbon: the knot's end at the left, folds that run from it, a pale line along both borders."""
    base = rgb(look.bow)
    picture, x, y = canvas(AREAS["bow"], base)
    picture = mix(picture, mix(base, WHITE, 0.35), 0.75 * spot(x, y % 0.5, (0.66, 0.25), (0.30, 0.13), 0.8))
    folds = [([(0.0, c), (0.25, c + (c - 0.25) * 0.4), (0.52, c + (c - 0.25) * 0.9)], 2.4) for c in (0.18, 0.25, 0.33)]
    folds += [([(a, b + 0.5) for a, b in points], width) for points, width in folds]
    picture = mix(picture, mix(base, BLACK, 0.45), 0.75 * strokes(x.shape, folds, 1.0))
    return mix(picture, mix(base, BLACK, 0.35), 0.6 * np.clip(1 - x / 0.16, 0, 1))


def shirt() -> Array:
    """White cloth with a seam along the lower border and a buttoned front."""
    picture, x, y = canvas(AREAS["shirt"], rgb("#fffefc"))
    picture = mix(picture, rgb("#ccd3ea"), 0.55 * np.clip(1 - np.abs(y - 0.80) / 0.018, 0, 1))
    front = np.clip(1 - np.abs(np.abs(x - 0.5) - 0.035) / 0.006, 0, 1) * (y > 0.25)
    return mix(picture, rgb("#c3cbe4"), 0.5 * front)
