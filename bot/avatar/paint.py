"""The one texture she wears, painted from her look, and its twin for surfaces in shadow."""

import numpy as np
from PIL import Image

from .atlas import AREAS, SIZE, SWATCHES
from .brush import BLACK, WHITE, canvas, disc, mix, rgb, spot, strokes
from .cloth import bow, cardigan, rib, shirt, skirt, sleeve
from .look import Look
from .mesh import Array

_SHADES = {
    "hair": "#8a80b4", "cardigan": "#a4bfd2", "sleeve": "#a4bfd2", "rib": "#a4bfd2", "skirt": "#8f95c0",
    "shirt": "#c4cbe6", "bow": "#8fa6b4", "pin": "#8fa6b4", "face": "#f2bfb4", "neck": "#f2bfb4", "skin": "#f2bfb4",
    "tights": "#8f8ab0", "shoe": "#8a80a0", "button": "#d8c3c8",
}  # fmt: skip
"""Area → what shadow multiplies its colour by; areas not named never fall into shadow."""


def lit(look: Look) -> Image.Image:
    """The texture in the light."""
    sheet = np.zeros((SIZE, SIZE, 3))
    painted = {
        "hair": _hair(look), "face": _face(look), "iris": _iris(look), "white": _white(), "mouth": _mouth(),
        "neck": _neck(look), "cardigan": cardigan(look), "sleeve": sleeve(look), "rib": rib(look),
        "skirt": skirt(look), "bow": bow(look), "shirt": shirt(),
    }  # fmt: skip
    painted |= {name: canvas(AREAS[name], colour)[0] for name, colour in _swatches(look).items()}
    for name, picture in painted.items():
        left, top, width, height = AREAS[name]
        sheet[top : top + height, left : left + width] = picture
    return Image.fromarray(np.clip(sheet.round(), 0, 255).astype(np.uint8))


def shaded(texture: Image.Image) -> Image.Image:
    """The same in shadow, at half the size."""
    tint = np.ones((SIZE, SIZE, 3))
    for name, colour in _SHADES.items():
        left, top, width, height = AREAS[name]
        tint[top : top + height, left : left + width] = rgb(colour) / 255
    dark = np.asarray(texture, float) * tint
    image = Image.fromarray(np.clip(dark.round(), 0, 255).astype(np.uint8))
    return image.resize((SIZE // 2, SIZE // 2), Image.Resampling.BOX)


def blush() -> Image.Image:
    """The shy blush, with transparency: a soft glow and three strokes."""
    _, x, y = canvas((0, 0, 64, 64), WHITE)
    lines = [([(0.36 + k * 0.14, 0.36), (0.28 + k * 0.14, 0.64)], 1.3) for k in range(3)]
    marks = strokes((64, 64), lines, 0.6)
    alpha = np.clip(spot(x, y, (0.5, 0.5), (0.5, 0.5), 1.3) * 0.75 + marks * 0.55, 0, 1)
    colour = mix(np.zeros((64, 64, 3)) + rgb("#ff8d92"), rgb("#e2525f"), marks)
    picture = np.concatenate([colour, alpha[..., None] * 255], axis=2)
    return Image.fromarray(np.clip(picture.round(), 0, 255).astype(np.uint8), "RGBA")


def _swatches(look: Look) -> dict[str, Array]:
    """Colours of the parts that have only one."""
    hair, skin = rgb(look.hair), rgb(look.skin)
    colours = {
        "ink": mix(hair, rgb("#1d1018"), 0.78), "line": mix(skin, rgb("#b0584e"), 0.62),
        "brow": mix(hair, rgb("#2a1a24"), 0.30), "lip": rgb("#b1545a"), "skin": skin,
        "lidshade": mix(skin, rgb("#d98a80"), 0.45), "tights": rgb(look.tights), "shoe": rgb("#5b3f3a"),
        "button": rgb("#fff4dc"), "inside": mix(rgb(look.cardigan), BLACK, 0.5), "pin": rgb(look.bow), "inner": hair * 0.6,
    }  # fmt: skip
    return {name: colours[name] for name in SWATCHES}


def _hair(look: Look) -> Array:
    """Roots at the top, tips below, with a jagged ring of light."""
    picture, x, y = canvas(AREAS["hair"], rgb(look.hair))
    random = np.random.default_rng(3)
    line = np.interp(x[0], np.linspace(0, 1, 36), random.random(36))
    fine = np.interp(x[0], np.linspace(0, 1, 110), random.random(110))
    picture = mix(picture * 0.90, rgb(look.hair) * 1.10, y)
    picture = picture * (1 + 0.10 * (line - 0.5) + 0.07 * (fine - 0.5))[None, :, None]
    ends = np.clip((y - 0.60 - 0.05 * (line - 0.5)) / 0.40, 0, 1) ** 1.35
    picture = mix(picture, rgb(look.tips) * (0.93 + 0.12 * fine)[None, :, None], ends)
    jag = 0.075 * (line - 0.5) + 0.03 * (fine - 0.5)
    top, low = y - 0.275 - jag, y - 0.275 - jag * 0.3
    band = (
        np.clip((top + 0.035) / 0.02, 0, 1) * np.clip((0.055 + 0.05 * fine - low) / 0.035, 0, 1) * (0.35 + 0.5 * line)
    )
    thin = np.exp(-(((y - 0.405 - jag * 1.4) / 0.012) ** 2)) * 0.45 * (line > 0.45)
    return mix(picture, rgb(look.shine), np.clip(band * 0.8 + thin, 0, 0.9))


def _face(look: Look) -> Array:
    """Skin with blush, warm lids, the nose, the shade under lip and fringe."""
    picture, u, v = canvas(AREAS["face"], rgb(look.skin))
    x, y = u * 2 - 1, 1.15 - v * 2.25
    shade = rgb(look.skin) * rgb("#f2bfb4") / 255
    picture = mix(picture, shade, 0.55 * np.clip((y - 0.10 - 0.10 * np.abs(x)) / 0.35, 0, 1))
    picture = mix(picture, shade, 0.35 * np.clip((np.abs(x) - 0.62) / 0.25, 0, 1) * np.clip((0.3 - y) / 0.3, 0, 1))
    warm = rgb("#ff9d96")
    for side in (1, -1):
        picture = mix(picture, warm, 0.55 * spot(x, y, (side * 0.50, -0.56), (0.25, 0.145), 1.2))
        picture = mix(picture, warm, 0.30 * spot(x, y, (side * 0.60, -0.12), (0.20, 0.26), 1.0))
        picture = mix(picture, WHITE, 0.55 * spot(x, y, (side * 0.455, -0.575), (0.03, 0.018), 0.6))
    picture = mix(picture, rgb("#f09a8c"), 0.75 * disc(x, y, (0.012, -0.478), (0.026, 0.013), 0.7))
    picture = mix(picture, warm, 0.28 * spot(x, y, (0.0, -0.43), (0.07, 0.07)))
    picture = mix(picture, WHITE, 0.75 * disc(x, y, (-0.012, -0.418), (0.012, 0.017), 0.8))
    picture = mix(picture, rgb("#e79a90"), 0.55 * disc(x, y, (0.0, -0.772), (0.052, 0.011), 0.8))
    return mix(picture, shade, 0.9 * np.clip((-0.93 - y) / 0.12, 0, 1))


def _neck(look: Look) -> Array:
    """The neck, with the chin's shadow at its front."""
    picture, u, v = canvas(AREAS["neck"], rgb(look.skin))
    shade = rgb(look.skin) * rgb("#f4c6bb") / 255
    ahead = np.cos((u - 0.25) * 2 * np.pi)
    edge = 0.50 + 0.10 * ahead
    return mix(picture, shade, np.clip((edge - v) / 0.04, 0, 1))


def _iris(look: Look) -> Array:
    """An iris: dark above, glowing below, with a pupil and three lights."""
    eye = rgb(look.eyes)
    dark, deep, glow = mix(eye, rgb("#0b1a33"), 0.70), mix(eye, rgb("#060d1c"), 0.86), mix(eye, rgb("#f4ffe8"), 0.62)
    picture, u, v = canvas(AREAS["iris"], eye)
    x, y = u * 2 - 1, v * 2 - 1
    far = np.hypot(x, y)
    picture = mix(dark + 0 * picture, eye, np.clip((y + 0.62) / 1.15, 0, 1))
    picture = mix(picture, glow, 0.95 * spot(x, y, (0.0, 0.62), (0.72, 0.50), 0.9))
    rays = 0.5 + 0.5 * np.sin(np.arctan2(y, x) * 30 + 2 * np.sin(np.arctan2(y, x) * 7))
    picture = mix(picture, glow, 0.26 * rays * np.clip((far - 0.34) / 0.3, 0, 1) * np.clip((0.88 - far) / 0.2, 0, 1))
    picture = mix(picture, deep, 0.72 * np.clip((-y - 0.18) / 0.5, 0, 1))
    picture = mix(picture, deep, 0.9 * np.clip((far - 0.83) / 0.09, 0, 1))
    picture = mix(picture, deep, disc(x, y, (0.0, -0.02), (0.30, 0.36), 0.16))
    picture = mix(picture, mix(eye, deep, 0.35), 0.55 * spot(x, y, (0.0, 0.22), (0.22, 0.16)))
    picture = mix(picture, WHITE, disc(x, y, (-0.30, -0.40), (0.245, 0.22), 0.12))
    picture = mix(picture, WHITE, 0.92 * disc(x, y, (0.34, 0.36), (0.115, 0.105), 0.2))
    return mix(picture, WHITE, 0.7 * disc(x, y, (0.10, -0.60), (0.10, 0.07), 0.3))


def _white() -> Array:
    """The white of the eye, in the lashes' shadow above."""
    picture, _, y = canvas(AREAS["white"], rgb("#fdfcff"))
    return mix(picture, rgb("#b3adcc"), 0.75 * np.clip((0.44 - y) / 0.22, 0, 1))


def _mouth() -> Array:
    """Inside of the mouth: dark above, teeth, tongue."""
    picture, x, y = canvas(AREAS["mouth"], rgb("#8c2f40"))
    picture = mix(rgb("#5e1a2c") + 0 * picture, picture, np.clip(y / 0.6, 0, 1))
    picture = mix(picture, rgb("#ee8488"), disc(x, y, (0.5, 1.05), (0.38, 0.50), 0.12))
    teeth = np.clip((0.23 - 0.32 * (x - 0.5) ** 2 - y) / 0.035, 0, 1) * np.clip((0.42 - np.abs(x - 0.5)) / 0.03, 0, 1)
    return mix(picture, rgb("#fffaf6"), teeth)
