"""Her neck, and what is below the waist: skirt, legs, shoes."""

import numpy as np

from . import atlas
from .mesh import Array, Part, rigid
from .shape import ball, grid, monotone, smooth, soft_normals, tube
from .skeleton import SIDES
from .torso import DEPTH, skin_of, weights


def neck() -> list[Part]:
    """The neck with the throat that shows in the collar."""
    y = np.linspace(-0.72, -1.72, 14)
    path = np.stack([0 * y, y, monotone((-1.72, -0.72), (-0.165, -0.09))(y)], axis=1)
    wide = monotone((-1.72, -1.58, -1.45, -1.2, -0.72), (0.42, 0.285, 0.248, 0.228, 0.25))(y)
    points, normals, uv = tube(path, wide, wide, (0, 0, 1), 24)
    share = smooth(np.repeat(y, 25), -1.15, -0.85)
    low = 1 - smooth(np.repeat(y, 25), -1.72, -1.5)
    bones = {"head": share, "neck": (1 - share) * (1 - low), "chest": low * (1 - share)}
    return [Part(points, normals, atlas.place("neck", uv), grid(14, 25), bones)]


_SKIRTS = {"short": (-8.75, 0.62), "long": (-12.6, 0.74)}
"""Cut → where the skirt ends, and how much wider it is there."""


def skirt(cut: str) -> Part:
    """A pleated skirt, to above the knee or to the calf."""
    rows, pleats = 11, 22
    # Each pleat has its own last column, so that the picture starts anew.
    phase = np.tile([0.0, 0.2, 0.4, 0.6, 0.82, 1.0], pleats)
    columns = len(phase)
    turn = (np.repeat(np.arange(pleats), 6) + phase) / pleats * 2 * np.pi
    hem, flare = _SKIRTS[cut]
    y = np.linspace(-4.75, hem, rows)
    rings: list[Array] = []
    for height in y:
        t = (y[0] - height) / (y[0] - y[-1])
        base = skin_of(turn, np.full(columns, max(height, -5.5)), 0.02)
        wide = 1 + flare * float(smooth(t, 0.08, 1.15)) ** 0.9
        # A pleat rises slowly and falls back at once.
        fold = np.where(phase < 0.82, phase / 0.82, (1 - phase) / 0.18) - 0.5
        pleat = 1 + 0.085 * float(smooth(t, 0.10, 0.6)) * fold
        ring = (base - [0, 0, DEPTH]) * np.stack([wide * pleat, 0 * turn, wide * pleat], axis=1) + [0, height, DEPTH]
        rings.append(ring)
    points = np.concatenate(rings)
    faces = grid(rows, columns)
    normals = soft_normals(points, faces, np.repeat([[0, 0, DEPTH]], len(points), axis=0) + points * [0, 1, 0])
    smoothed = np.stack([points[:, 0], 0.2 + 0 * points[:, 0], points[:, 2] - DEPTH], axis=1)
    normals = normals * 0.35 + smoothed / np.linalg.norm(smoothed, axis=1, keepdims=True)
    place = np.stack([np.tile(phase, rows), np.repeat(np.linspace(0, 1, rows), columns)], 1)
    return Part(points, normals, atlas.place("skirt", place), faces, _skirt_weights(points))


def _skirt_weights(points: Array) -> dict[str, Array]:
    """Hips above; further down the legs take a share, each on its side."""
    low = 0.45 * smooth(-points[:, 1], 6.0, 8.4)
    left = smooth(points[:, 0], -0.7, 0.7)
    upper = weights(points[:, 1])
    body = {bone: share * (1 - low) for bone, share in upper.items()}
    return body | {"leftUpperLeg": low * left, "rightUpperLeg": low * (1 - left)}


def legs() -> list[Part]:
    """Legs in tights, and shoes."""
    parts: list[Part] = []
    marks = (-14.3, -13.7, -12.6, -11.4, -10.5, -9.9, -9.2, -7.5, -6.0, -5.6)
    radius = monotone(marks, (0.20, 0.185, 0.235, 0.335, 0.315, 0.30, 0.335, 0.44, 0.50, 0.42))
    for side, name in SIDES:
        y = np.linspace(-5.6, -14.3, 22)
        bow = 0.05 * np.sin(np.clip((-9.9 - y) / 4.0, 0, 1) * np.pi)
        path = np.stack([np.full(22, side * 0.45), y, -0.1 - bow], axis=1)
        points, normals, _ = tube(path, radius(y), radius(y), (0, 0, 1), 14)
        at = np.repeat(y, 15)
        upper, thigh = smooth(at, -5.9, -5.5), smooth(at, -10.2, -9.6)
        foot = 1 - smooth(at, -14.1, -13.7)
        bones = {
            "hips": upper, f"{name}UpperLeg": thigh - upper,
            f"{name}LowerLeg": 1 - thigh - foot, f"{name}Foot": foot,
        }  # fmt: skip
        parts.append(Part(points, normals, atlas.spot("tights", len(points)), grid(22, 15), bones))
        parts.append(_shoe(side, name))
    return parts


def _shoe(side: int, name: str) -> Part:
    """One shoe, flat below."""
    points, normals = ball((side * 0.47, -14.38, 0.22), (0.34, 0.34, 0.78), 12, 18)
    # The ball's first axis is across; heel and toe lie along z, the sole is level.
    points[:, 1] = np.maximum(points[:, 1], -14.55)
    toe = smooth(points[:, 2], 0.1, 0.9)
    points[:, 1] -= toe * 0.12 * (points[:, 1] > -14.5)
    toes = smooth(points[:, 2], 0.62, 0.88)
    return Part(
        points, normals, atlas.spot("shoe", len(points)), grid(12, 18, closed=True),
        {f"{name}Foot": 1 - toes, f"{name}Toes": toes},
    )  # fmt: skip


def pin() -> list[Part]:
    """A hair pin of two crossed bars on her left."""
    parts: list[Part] = []
    middle = np.array([0.76, 0.42, 0.815])
    for tilt in (0.5, -0.75):
        way = np.array([np.cos(tilt) * 0.74, np.sin(tilt), -np.cos(tilt) * 0.67])
        path = middle + np.linspace(-0.115, 0.115, 8)[:, None] * way
        thick = 0.022 * np.sqrt(np.clip(1 - np.linspace(-1, 1, 8) ** 4, 0.02, 1))
        points, normals, _ = tube(path, thick, thick, (0.67, 0, 0.74), 8)
        parts.append(Part(points, normals, atlas.spot("pin", len(points)), grid(8, 9), rigid("head", len(points))))
    return parts
