"""What she wears above the waist: blouse, collar, bow or tie, cardigan with its band and buttons, sleeves."""

from collections.abc import Sequence

import numpy as np

from . import atlas
from .mesh import Array, Part, rigid
from .shape import ball, grid, monotone, smooth, soft_normals, through, tube
from .skeleton import ARM_Y, ARM_Z, ELBOW_X, SHOULDER_X, SIDES, Skeleton
from .torso import DEPTH, angle_of, skin_of, weights

_TOP, _HEM = -1.66, -5.12
_NECKLINE = monotone((-3.05, -2.5, -2.0, -1.66), (0.0, 0.17, 0.285, 0.335))
"""x of the cardigan's edge by height."""
_BUTTONS = (-3.3, -3.78, -4.26, -4.74)


def blouse() -> Part:
    """The front of the blouse, which shows in the cardigan's neckline."""
    rows, columns = 14, 25
    y, turn = np.meshgrid(np.linspace(-3.4, -1.56, rows), np.linspace(-1.25, 1.25, columns), indexing="ij")
    points = skin_of(turn.ravel(), y.ravel(), 0.0)
    faces = grid(rows, columns)
    normals = soft_normals(points, faces, np.array([0, -2.4, DEPTH]))
    uv = atlas.place("shirt", np.stack([turn.ravel() / 2.5 + 0.5, (-1.56 - y.ravel()) / 1.84], axis=1))
    return Part(points, normals, uv, faces, weights(points[:, 1]))


def cardigan() -> list[Part]:
    """The cardigan's trunk: open at the neckline, closed by a band with buttons below it."""
    rows, columns = 38, 49
    y = np.concatenate([np.linspace(_HEM, -2.1, 24), np.linspace(-2.05, _TOP, rows - 24)])
    edge = angle_of(_NECKLINE(y), y)
    share = np.linspace(0, 1, columns)
    turn = edge[:, None] + (2 * np.pi - 2 * edge[:, None]) * share
    above = 0.035 + 0.035 * (1 - smooth(y, _HEM, _HEM + 0.7)) - 0.02 * smooth(y, -2.0, _TOP)
    points = skin_of(turn, y[:, None] + 0 * turn, above[:, None]).reshape(-1, 3)
    faces = grid(rows, columns)
    normals = soft_normals(points, faces, np.array([0, -3.2, DEPTH]))
    place = np.stack([turn.ravel() / (2 * np.pi), np.repeat((_TOP - y) / (_TOP - _HEM), columns)], axis=1)
    parts = [Part(points, normals, atlas.place("cardigan", place), faces, weights(points[:, 1]))]
    parts += [_band(side) for side in (1, -1)]
    parts += [_hem(), *(_button(height) for height in _BUTTONS)]
    return parts


def _band(side: int) -> Part:
    """The knitted band along one edge; her left one lies over the right below the neckline."""
    y = np.linspace(_HEM - 0.01, _TOP + 0.02, 46)
    below = 1 - smooth(y, -3.2, -2.9)
    inner = _NECKLINE(y) - 0.045 - (0.05 * below if side > 0 else 0.0)
    rise = 0.065 + 0.035 * (1 - smooth(y, _HEM, _HEM + 0.7)) - 0.015 * smooth(y, -2.0, _TOP)
    section = ((0.0, -0.05), (0.006, 0.0), (0.03, 0.006), (0.11, 0.006), (0.128, 0.0), (0.134, -0.05))
    columns = [skin_of(angle_of(side * (inner + across), y), y, rise + lift) for across, lift in section]
    if side < 0:
        columns = [column - np.outer(below, [0, 0, 0.012]) for column in columns]
    points = np.stack(columns, axis=1).reshape(-1, 3)
    faces = grid(len(y), len(section))
    uv = np.stack([np.tile([0.0, 0.04, 0.2, 0.8, 0.96, 1.0], len(y)), np.repeat(np.linspace(1, 0, len(y)), 6)], axis=1)
    normals = soft_normals(points, faces, np.array([0, -3.2, DEPTH]))
    return Part(points, normals, atlas.place("rib", uv), faces, weights(points[:, 1]))


def _hem() -> Part:
    """The ribbed border at the lower end, which closes inwards."""
    turn = np.linspace(0, 2 * np.pi, 57)
    rows = ((_HEM + 0.02, 0.072), (_HEM - 0.03, 0.088), (_HEM - 0.20, 0.062), (_HEM - 0.235, 0.04), (_HEM - 0.2, -0.12))
    points = np.concatenate([skin_of(turn, np.full(57, y), above) for y, above in rows])
    faces = grid(len(rows), 57)
    u = np.tile(turn / (2 * np.pi) * 12 % 1.0001, len(rows))
    uv = atlas.place("rib", np.stack([np.repeat([0.05, 0.1, 0.9, 0.95, 1.0], 57), u * 0 + 0.5], axis=1))
    normals = soft_normals(points, faces, np.array([0, -5.0, DEPTH]))
    return Part(points, normals, uv, faces, weights(points[:, 1]))


def _button(height: float) -> Part:
    """A button on the band."""
    on = skin_of(np.array([0.0]), np.array([height]), 0.085 + 0.035 * float(1 - smooth(height, _HEM, _HEM + 0.7)))[0]
    points, normals = ball((on[0] + 0.012, on[1], on[2]), (0.052, 0.052, 0.026), 8, 12)
    return Part(points, normals, atlas.spot("button", len(points)), grid(8, 12, closed=True), rigid("spine", 96))


def sleeves() -> list[Part]:
    """Both sleeves, with cuffs."""
    parts: list[Part] = []
    radius = monotone(
        (0.55, 0.8, 1.0, 1.25, 1.7, 2.6, 3.02, 3.4, 4.0, 4.45, 4.60),
        (0.12, 0.150, 0.182, 0.212, 0.222, 0.208, 0.206, 0.212, 0.200, 0.182, 0.172),
    )
    x = np.concatenate([
        np.linspace(0.55, 1.6, 12), np.linspace(1.75, 2.6, 5), np.linspace(2.68, 3.36, 11), np.linspace(3.5, 4.6, 7)
    ])  # fmt: skip
    for side, name in SIDES:
        drop = -0.095 * (1 - smooth(x, 0.75, 1.35))
        path = np.stack([side * x, ARM_Y + drop, np.full(len(x), ARM_Z)], axis=1)
        points, normals, uv = tube(path, radius(x), radius(x) * 1.0, (0, 1, 0), 20)
        share = _arm_weights(np.repeat(x, 21), name)
        parts.append(Part(points, normals, atlas.place("sleeve", uv), grid(len(x), 21), share))
        marks = np.array([4.56, 4.585, 4.62, 4.76, 4.80, 4.81, 4.72])
        thick = np.array([0.165, 0.182, 0.186, 0.176, 0.165, 0.135, 0.09])
        path = np.stack([side * marks, np.full(7, ARM_Y), np.full(7, ARM_Z)], axis=1)
        points, normals, uv = tube(path, thick, thick, (0, 1, 0), 20)
        uv = atlas.place("rib", np.stack([uv[:, 1], uv[:, 0]], axis=1))
        parts.append(Part(points, normals, uv, grid(7, 21), rigid(f"{name}LowerArm", len(points))))
    return parts


def _arm_weights(x: Array, name: str) -> dict[str, Array]:
    """Shares along an arm: from the chest over a soft shoulder and a wide elbow."""
    upper = smooth(x, SHOULDER_X - 0.26, SHOULDER_X + 0.30)
    lower = smooth(x, ELBOW_X - 0.34, ELBOW_X + 0.34)
    shoulder = (1 - upper) * smooth(x, 0.3, 0.8) * 0.5
    return {
        "chest": 1 - upper - shoulder, f"{name}Shoulder": shoulder,
        f"{name}UpperArm": upper - lower, f"{name}LowerArm": lower,
    }  # fmt: skip


def collar() -> list[Part]:
    """The blouse's collar: a stand round the neck and a pointed leaf on each side."""
    parts: list[Part] = []
    turn = np.linspace(-np.pi, np.pi, 41)
    rows = ((-1.45, 0.268), (-1.385, 0.278), (-1.62, 0.33))
    stand = [np.stack([np.sin(turn) * r, np.full(41, y) - 0.04 * np.cos(turn), np.cos(turn) * r - 0.14], axis=1)
             for y, r in rows]  # fmt: skip
    points = np.concatenate(stand)
    normals = np.tile(np.stack([np.sin(turn), 0.3 + 0 * turn, np.cos(turn)], axis=1), (3, 1))
    parts.append(Part(points, normals, atlas.spot("shirt", len(points)), grid(3, 41), rigid("chest", len(points))))
    for side in (1, -1):
        parts.append(_leaf(side))
    return parts


def _leaf(side: int) -> Part:
    """One leaf of the collar, laid from the neck over the shoulder, with a point in front."""
    across, down = 24, 7
    a = np.linspace(0, 1, across) ** 1.7
    turn = side * np.radians(4 + 176 * a)
    neck = np.stack([np.sin(turn) * 0.282, -1.40 - 0.05 * np.cos(turn), np.cos(turn) * 0.282 - 0.14], axis=1)
    spread = side * np.radians(monotone((0, 0.05, 0.13, 0.30, 0.6, 1), (5, 12, 27, 66, 110, 180))(a))
    height = monotone((0, 0.05, 0.13, 0.30, 0.6, 1), (-1.66, -1.80, -1.985, -1.79, -1.70, -1.69))(a)
    border = skin_of(spread, height, 0.115)
    rows: list[Array] = []
    for t in np.linspace(0, 1, down):
        bulge = np.stack([np.sin(turn), 0.9 + 0 * turn, np.cos(turn)], axis=1) * 0.055 * np.sin(np.pi * t**0.7)
        rows.append(neck * (1 - t) + border * t + bulge)
    # The leaf's lower border turns in, so that it has a thickness.
    rows.append(skin_of(spread * 0.97, height + 0.03, 0.02))
    points = np.concatenate(rows)
    faces = grid(down + 1, across)
    normals = soft_normals(points, faces, np.array([0, -2.1, -0.14]))
    v = np.repeat([*np.linspace(0, 0.9, down), 1.0], across)
    uv = atlas.place("shirt", np.stack([np.tile(a, down + 1), v], axis=1))
    return Part(points, normals, uv, faces, rigid("chest", len(points)))


def throat(cut: str, bones: Skeleton) -> list[Part]:
    """What is worn at the collar."""
    match cut:
        case "bow":
            return _bow(bones)
        case "tie":
            return _tie(bones)
        case _:
            return []


def _tie(bones: Skeleton) -> list[Part]:
    """A knot, and a long end that swings a little."""
    middle, rows = np.array([0, -1.80, 0.46]), 18
    points, normals = ball((0, middle[1], middle[2] + 0.04), (0.085, 0.095, 0.062))
    knot = Part(points, normals, atlas.spot("bow", len(points)), grid(10, 14, closed=True), rigid("chest", len(points)))
    path = middle + through([(0, -0.05, 0.03), (0, -0.45, 0.17), (0, -0.95, 0.25), (0, -1.55, 0.26)], rows)
    chain = bones.chain("bowTie", "chest", [path[3], path[10], path[17]])
    t = np.linspace(0, 1, rows)
    wide = monotone((0, 0.12, 0.86, 1), (0.07, 0.075, 0.15, 0.012))(t)
    points, normals, uv = tube(path, wide, np.full(rows, 0.016), (0, 0.3, 1), 12)
    across = np.cos(uv[:, 0] * 2 * np.pi)
    uv = atlas.place("bow", np.stack([0.25 + 0.7 * uv[:, 1], across * 0.2 + 0.5], axis=1))
    return [knot, Part(points, normals, uv, grid(rows, 13), _hanging(np.repeat(t, 13), chain))]


def _bow(bones: Skeleton) -> list[Part]:
    """Two loops, a knot, and two tails that swing."""
    middle = np.array([0, -1.80, 0.46])
    parts: list[Part] = []
    points, normals = ball((0, middle[1], middle[2] + 0.05), (0.068, 0.080, 0.062))
    count = len(points)
    faces = grid(10, 14, closed=True)
    parts.append(Part(points, normals, atlas.spot("bow", count), faces, rigid("chest", count)))
    for side, name in SIDES:
        parts.append(_loop(side, middle))
        parts.append(_tail(side, name, middle, bones))
    return parts


def _loop(side: int, middle: Array) -> Part:
    """One loop: narrow at the knot, wide and a little hanging outside."""
    t = np.linspace(0, 1, 14)
    path = middle + np.stack(
        [side * (0.02 + 0.40 * t), -0.05 * t**2 + 0.03 * np.sin(np.pi * t), 0.03 - 0.05 * t**2], axis=1
    )
    tall = monotone((0, 0.35, 0.75, 0.93, 1), (0.045, 0.115, 0.165, 0.13, 0.03))(t)
    deep = monotone((0, 0.4, 0.8, 1), (0.04, 0.075, 0.07, 0.015))(t)
    points, normals, uv = tube(path, deep, tall, (0, 1, 0), 16)
    uv = atlas.place("bow", np.stack([uv[:, 1], uv[:, 0]], axis=1))
    return Part(points, normals, uv, grid(14, 17), rigid("chest", len(points)))


def _tail(side: int, name: str, middle: Array, bones: Skeleton) -> Part:
    """One hanging end."""
    rows = 14
    path = middle + through(
        [
            (side * 0.02, -0.03, 0.05),
            (side * 0.09, -0.20, 0.10),
            (side * 0.15, -0.40, 0.175),
            (side * 0.19, -0.60, 0.235),
        ],
        rows,
    )
    chain = bones.chain(f"bow{name.title()}", "chest", [path[2], path[8], path[13]])
    t = np.linspace(0, 1, rows)
    points, normals, uv = tube(path, 0.045 + 0.06 * t, np.full(rows, 0.014), (0, 0.3, 1), 12)
    across = np.cos(uv[:, 0] * 2 * np.pi)
    # Its end is cut on the slant.
    points[:, 1] += side * across * 0.09 * uv[:, 1] ** 6
    uv = atlas.place("bow", np.stack([0.25 + 0.7 * uv[:, 1], across * 0.2 + 0.5], axis=1))
    return Part(points, normals, uv, grid(rows, 13), _hanging(np.repeat(t, 13), chain))


def _hanging(along: Array, chain: Sequence[str]) -> dict[str, Array]:
    """Weights of what hangs from the collar: its beginning on the chest, then from bone to bone."""
    place = along * 2
    return {
        "chest": np.clip(1 - place * 2, 0, 1),
        chain[0]: np.clip(1 - np.abs(place - 0.75) / 0.75, 0, 1) + 1e-6,
        chain[1]: np.clip((place - 0.75) / 0.75, 0, 1),
    }
