"""A strand of hair: a tapered lens swept along a line over the head's shell."""

from collections.abc import Sequence

import numpy as np

from . import atlas
from .mesh import Array, Part, rigid
from .shape import grid

CROWN = np.array([0.0, 0.10, -0.03])
SHELL = np.array([0.985, 1.03, 1.055])
_PROFILE = ((-1.0, -0.30), (-0.62, 0.50), (0.0, 1.0), (0.62, 0.50), (1.0, -0.30), (0.0, -0.50))
"""Section of a strand: across, outwards."""


def shell(azimuth: Array, elevation: Array, radius: Array) -> Array:
    """Points on the head's shell; degrees, and a factor on its radius."""
    a, e = np.radians(azimuth), np.radians(elevation)
    unit = np.stack([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)], axis=-1)
    return CROWN + unit * SHELL * radius[:, None]


def steps(count: int) -> Array:
    """0 to 1 in `count` places, closer together towards the tip, where a strand bends most."""
    return 1 - (1 - np.linspace(0, 1, count)) ** 1.5


def taper(t: Array, root: float, peak: float, power: float) -> Array:
    """Relative width along a strand: from `root` to 1 at `peak`, then to a point."""
    growing = root + (1 - root) * np.sin(np.minimum(t / peak, 1) * np.pi / 2)
    shrinking = np.clip(np.cos(np.clip((t - peak) / (1 - peak), 0, 1) * np.pi / 2), 0, 1) ** power
    return np.where(t < peak, growing, shrinking) + 0.004


def strand(
    line: Array,
    width: Array,
    thick: Array,
    reach: tuple[float, float],
    shift: float,
    place: Array,
    chain: Sequence[str] = (),
    held: float = 0.30,
) -> Part:
    """A lens-shaped strand along a line; `reach` is the part of the hair's picture it shows,
    `held` the share of its length that does not swing."""
    count = len(line)
    run = np.gradient(line, axis=0)
    run /= np.linalg.norm(run, axis=1, keepdims=True)
    core = np.stack([np.zeros(count), np.clip(line[:, 1], -0.6, 0.1), np.full(count, -0.03)], axis=1)
    out = line - core
    out -= run * (out * run).sum(axis=1, keepdims=True)
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    side = np.cross(run, out)
    a, b = np.array(_PROFILE).T
    points = line[:, None] + side[:, None] * (a * width[:, None])[..., None]
    points = points + out[:, None] * (b * thick[:, None])[..., None]
    normals = out[:, None] * (b + 0.35)[None, :, None] + side[:, None] * (0.9 * a)[None, :, None]
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    v = np.repeat(reach[0] + (reach[1] - reach[0]) * place, len(a))
    u = np.tile((a + 1) / 2 * 0.22 + shift * 0.78, count)
    uv = atlas.place("hair", np.stack([u, v], axis=1))
    weights = _swing(place, chain, held)
    weights = {bone: np.repeat(share, len(a)) for bone, share in weights.items()}
    return Part(points.reshape(-1, 3), normals.reshape(-1, 3), uv, grid(count, len(a), closed=True), weights)


def _swing(along: Array, chain: Sequence[str], held: float) -> dict[str, Array]:
    """Weights along a strand: its root on the head, then from bone to bone of its chain."""
    if not chain:
        return rigid("head", len(along))
    bones = ["head", *chain]
    place = np.clip((along - held) / (1 - held), 0, 1) * (len(bones) - 1)
    return {bone: np.clip(1 - np.abs(place - k), 0, 1) for k, bone in enumerate(bones)}
