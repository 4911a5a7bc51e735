"""Her hair: overlapping strands over an inner cap; the hanging ones swing."""

import numpy as np

from . import atlas, fringe
from .locks import Lock, Tail, hanging, swept, tail
from .look import Look
from .mesh import Array, Mesh, Part, rigid
from .shape import ball, grid, monotone
from .skeleton import SIDES, Skeleton
from .strand import CROWN, shell, steps, strand, taper

_SIDES: tuple[Lock, ...] = (
    Lock(34, 55, -1.42, 0.135, 0.05, 0.05, 0.055, 1.13),
    Lock(30, 50, -0.80, 0.070, 0.02, -0.06, 0.040, 1.135),
    Lock(43, 68, -1.24, 0.185, 0.09, 0.13, 0.065, 1.125),
    Lock(52, 82, -1.36, 0.220, 0.11, 0.20, 0.075, 1.12),
    Lock(48, 75, -1.50, 0.080, 0.10, 0.02, 0.045, 1.145),
    Lock(62, 96, -1.27, 0.230, 0.10, 0.22, 0.075, 1.115),
)
"""A bob's strands of her left side; the right has the same with small differences."""
_BACK: tuple[Lock, ...] = tuple(
    Lock(angle, angle, end, width, 0.10, tuck, 0.085, lift)
    for angle, end, width, tuck, lift in (
        (110, -1.38, 0.24, 0.25, 1.12), (127, -1.30, 0.28, 0.29, 1.10), (143, -1.42, 0.25, 0.27, 1.125),
        (160, -1.33, 0.29, 0.31, 1.105), (176, -1.41, 0.26, 0.28, 1.13), (193, -1.35, 0.29, 0.30, 1.105),
        (209, -1.44, 0.25, 0.27, 1.125), (226, -1.31, 0.28, 0.30, 1.105), (243, -1.40, 0.26, 0.25, 1.125),
        (257, -1.29, 0.22, 0.24, 1.11), (118, -1.50, 0.09, 0.14, 1.145), (168, -1.53, 0.10, 0.17, 1.15),
        (201, -1.51, 0.08, 0.13, 1.15), (238, -1.52, 0.09, 0.15, 1.145),
    )
)  # fmt: skip
_LONG_SIDES: tuple[Lock, ...] = (
    Lock(34, 55, -2.05, 0.150, 0.03, 0.00, 0.055, 1.13),
    Lock(30, 50, -1.10, 0.070, 0.02, -0.06, 0.040, 1.135),
    Lock(43, 66, -2.40, 0.150, 0.06, 0.02, 0.060, 1.125),
    Lock(52, 80, -3.10, 0.220, 0.04, 0.00, 0.070, 1.12, 1.0),
    Lock(62, 95, -3.55, 0.250, 0.05, 0.02, 0.075, 1.115, 1.0),
)
_LONG_BACK: tuple[Lock, ...] = tuple(
    Lock(angle, angle, end, width, 0.06, tuck, 0.09, lift, 1.0)
    for angle, end, width, tuck, lift in (
        (108, -3.75, 0.26, 0.08, 1.12), (124, -4.05, 0.29, 0.10, 1.10), (140, -3.85, 0.28, 0.06, 1.125),
        (157, -4.20, 0.30, 0.05, 1.105), (175, -4.00, 0.29, 0.04, 1.13), (193, -4.25, 0.30, 0.06, 1.105),
        (210, -3.90, 0.28, 0.06, 1.125), (227, -4.10, 0.29, 0.10, 1.105), (243, -3.80, 0.27, 0.08, 1.125),
        (257, -3.65, 0.25, 0.08, 1.11), (132, -4.30, 0.10, 0.10, 1.145), (184, -4.42, 0.10, 0.06, 1.15),
        (219, -4.35, 0.09, 0.08, 1.145),
    )
)  # fmt: skip
_TEMPLES: tuple[Lock, ...] = (
    Lock(34, 56, -1.30, 0.120, 0.03, 0.03, 0.050, 1.125),
    Lock(30, 51, -0.72, 0.065, 0.02, -0.05, 0.040, 1.13),
    Lock(40, 64, -0.98, 0.105, 0.05, 0.08, 0.050, 1.12),
)
"""What stays loose before the ears when the rest is tied."""
_PONYTAIL_TIE = np.array([0.0, 0.62, -1.10])
_PONYTAIL: tuple[Tail, ...] = (
    Tail(0.00, -0.42, (0.04, -3.10, -0.30), 0.24), Tail(0.14, -0.36, (0.22, -2.85, -0.22), 0.22),
    Tail(-0.14, -0.36, (-0.20, -2.95, -0.22), 0.22), Tail(0.24, -0.22, (0.36, -2.50, -0.10), 0.20),
    Tail(-0.24, -0.22, (-0.35, -2.60, -0.10), 0.20), Tail(0.10, -0.20, (0.10, -2.70, -0.02), 0.22),
    Tail(-0.10, -0.20, (-0.12, -2.65, -0.02), 0.22), Tail(0.05, -0.46, (-0.08, -3.30, -0.38), 0.10),
    Tail(-0.20, -0.34, (-0.38, -2.95, -0.28), 0.09),
)  # fmt: skip
_TWIN_TIE = np.array([0.98, 0.52, -0.38])
_TWIN_TAILS: tuple[Tail, ...] = (
    Tail(0.42, -0.04, (0.52, -3.05, -0.05), 0.22), Tail(0.36, 0.12, (0.42, -2.80, 0.18), 0.20),
    Tail(0.36, -0.20, (0.44, -2.90, -0.28), 0.20), Tail(0.24, 0.16, (0.22, -2.50, 0.16), 0.18),
    Tail(0.24, -0.22, (0.24, -2.60, -0.24), 0.18), Tail(0.20, -0.02, (0.18, -2.75, -0.04), 0.20),
    Tail(0.44, 0.06, (0.64, -3.15, 0.06), 0.09),
)  # fmt: skip
_HAIRLINE = monotone((0, 40, 60, 85, 110, 180), (38, 36, 12, -20, -42, -50))
"""Azimuth → elevation where the hair begins, degrees."""


def hair(look: Look, bones: Skeleton) -> Mesh:
    """All the hair; its swinging chains are hung on the head."""
    mesh = Mesh("Hair", "hair")
    random = np.random.default_rng(7)
    for bang in fringe.FRINGES[look.fringe]:
        mesh.add(fringe.drawn(bang, random.random()))
    sides, back = {"bob": (_SIDES, _BACK), "long": (_LONG_SIDES, _LONG_BACK)}.get(look.hair_cut, (_TEMPLES, ()))
    for number, lock in enumerate(sides):
        mesh.add(hanging(f"sideLeft{number}", lock, random.random(), bones))
        twin = Lock(
            -lock.root - 3, -lock.fall - (2 if number % 2 else -2), lock.end + (0.07 if number % 2 else -0.05),
            lock.width * (0.92 if number % 2 else 1.06), lock.out, lock.tuck, lock.thick, lock.lift, lock.behind,
        )  # fmt: skip
        mesh.add(hanging(f"sideRight{number}", twin, random.random(), bones))
    for number, lock in enumerate(back):
        mesh.add(hanging(f"back{number}", lock, random.random(), bones))
    for part in _tied(look.hair_cut, random, bones):
        mesh.add(part)
    if look.hair_cut == "bob":
        mesh.add(_cowlick(random.random()))
    return mesh


def ties(cut: str) -> list[Part]:
    """What holds tied hair together."""
    parts: list[Part] = []
    for tie, _ in _places(cut):
        away = (tie - CROWN) / np.linalg.norm(tie - CROWN)
        for turn in range(3):
            across = np.cross(away, [0, 1, 0.2]) * np.cos(turn * 2.1) + np.array([0, 1, 0.2]) * np.sin(turn * 2.1)
            points, normals = ball(tie + across * 0.075 + away * 0.02, (0.125, 0.125, 0.125), 9, 14)
            count = len(points)
            bow = atlas.spot("pin", count)
            parts.append(Part(points, normals, bow, grid(9, 14, closed=True), rigid("head", count)))
    return parts


def _places(cut: str) -> list[tuple[Array, int]]:
    """Where a cut is tied, and on which side (0: behind)."""
    if cut == "ponytail":
        return [(_PONYTAIL_TIE, 1)]
    return [(_TWIN_TIE * [side, 1, 1], side) for side, _ in SIDES] if cut == "twin_tails" else []


def _roots(side: int, behind: bool) -> list[tuple[float, float]]:
    """Azimuth and elevation where tied strands begin: at the hairline, and along the parting."""
    if behind:
        turns = [*range(-180, 180, 18)]
        return [(float(a), 58.0 if abs(a) < 62 else float(_HAIRLINE(np.array(abs(a))))) for a in turns] + [
            (a, 76.0) for a in (-60.0, -20.0, 20.0, 60.0)
        ]
    turns = [*range(64, 180, 14)]
    lower = [(side * a, float(_HAIRLINE(np.array(a)))) for a in turns]
    back = [(side * 176.0, float(e)) for e in (-38, -18, 2, 22, 42, 62, 80)]
    return lower + back + [(side * float(a), 70.0) for a in (10, 34, 58)]


def _tied(cut: str, random: np.random.Generator, bones: Skeleton) -> list[Part]:
    """Strands that run to the ties, and the tails that hang from them."""
    parts: list[Part] = []
    for tie, side in _places(cut):
        pony = cut == "ponytail"
        for azimuth, elevation in _roots(side, behind=pony):
            parts.append(swept((azimuth, elevation), tie, 0.25, random.random()))
        name = {1: "tailLeft", -1: "tailRight"}[side] if not pony else "tail"
        for number, lock in enumerate(_PONYTAIL if pony else _TWIN_TAILS):
            parts.append(tail(f"{name}{number}", lock, tie, side, random.random(), bones))
    return parts


def _cowlick(shift: float) -> Part:
    """The lock that stands up at the crown."""
    t = steps(14)
    line = np.stack(
        [0.02 + 0.25 * t - 0.05 * np.sin(t * 3), 1.10 + 0.27 * np.sin(t * 2.1), 0.05 + 0.2 * t**1.5], axis=1
    )
    return strand(line, 0.042 * taper(t, 0.7, 0.3, 0.8), 0.028 * taper(t, 0.7, 0.3, 0.8), (0.05, 0.7), shift, t)


def cap() -> Part:
    """The hair beneath: it closes the head behind the strands."""
    rows, columns = 17, 56
    azimuth = np.linspace(-180, 180, columns, endpoint=False)
    hairline = _HAIRLINE(np.abs(azimuth))
    rings: list[Array] = []
    for t in np.linspace(0, 1, rows):
        rings.append(shell(azimuth, 90 * (1 - t) + hairline * t, np.full(columns, 1.045)))
    points = np.concatenate(rings)
    normals = (points - CROWN) / np.linalg.norm(points - CROWN, axis=1, keepdims=True)
    v = np.repeat(np.linspace(0.02, 0.55, rows), columns)
    uv = atlas.place("hair", np.stack([np.full(len(v), 0.5), v], axis=1))
    return Part(points, normals, uv, grid(rows, columns, closed=True), rigid("head", len(points)))
