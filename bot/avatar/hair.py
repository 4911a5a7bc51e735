"""Her hair: overlapping strands over an inner cap; the hanging ones swing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import atlas
from .mesh import Array, Mesh, Part, rigid
from .shape import grid, monotone
from .skeleton import Skeleton

_CROWN = np.array([0.0, 0.10, -0.03])
_SHELL = np.array([0.985, 1.03, 1.055])
_PROFILE = ((-1.0, -0.30), (-0.62, 0.50), (0.0, 1.0), (0.62, 0.50), (1.0, -0.30), (0.0, -0.50))
"""Section of a strand: across, outwards."""


@dataclass(frozen=True)
class Bang:
    """A strand over the forehead; angles in degrees, lengths in head units."""

    root: float
    """Azimuth where it leaves the parting."""
    tip: float
    """Azimuth of its tip."""
    end: float
    """Elevation of its tip, seen from the middle of the head."""
    width: float
    """Half its width."""
    hook: float = 0.0
    """How far the tip curls aside."""
    lift: float = 1.115
    """How far it stands off the head."""
    root_end: float = 83.0
    """Elevation of its root."""


_FRINGES: dict[str, tuple[Bang, ...]] = {
    "swept": (
        # under layer: wide and quiet, it closes the gaps between the locks above it
        Bang(-24, -57, 4, 0.19, -4, 1.075), Bang(-12, -33, 9, 0.22, -5, 1.075), Bang(0, -12, 13, 0.21, -4, 1.075),
        Bang(12, 11, 14, 0.20, 3, 1.075), Bang(20, 33, 9, 0.21, 5, 1.075), Bang(28, 56, 3, 0.19, 4, 1.075),
        # locks: each of its own width, length and turn, longer towards the temples
        Bang(-25, -66, -14, 0.150, 6, 1.12), Bang(-22, -50, -8, 0.190, -8, 1.13), Bang(-16, -38, 2.0, 0.130, -12, 1.115),
        Bang(-11, -25, -3.0, 0.215, -15, 1.14), Bang(-6, -15, 3.5, 0.110, -12, 1.12), Bang(-1, -3, -5.5, 0.190, -15, 1.135),
        Bang(5, 7, 4.5, 0.120, -6, 1.12), Bang(10, 15, 1.0, 0.180, 9, 1.13), Bang(15, 24, 5.5, 0.120, 10, 1.12),
        Bang(18, 33, -3.5, 0.205, 13, 1.14), Bang(24, 44, 1.0, 0.120, 12, 1.12), Bang(28, 54, -9.0, 0.180, 9, 1.135),
        Bang(33, 67, -16, 0.150, -5, 1.12),
        # wisps
        Bang(-13, -31, 0.5, 0.045, -18, 1.155), Bang(-3, -7, -3.0, 0.042, -20, 1.15), Bang(7, 10, -1.5, 0.045, 8, 1.15),
        Bang(21, 40, -1.5, 0.045, 17, 1.15), Bang(-19, -57, -10, 0.050, 8, 1.145), Bang(30, 60, -11, 0.045, 9, 1.15),
    ),
    "straight": (
        Bang(-24, -57, 3, 0.20, 0, 1.075), Bang(-12, -34, 6, 0.23, 0, 1.075), Bang(-3, -11, 7, 0.22, 0, 1.075),
        Bang(6, 12, 7, 0.22, 0, 1.075), Bang(14, 34, 6, 0.22, 0, 1.075), Bang(26, 57, 3, 0.20, 0, 1.075),
        Bang(-26, -66, -12, 0.150, 5, 1.12), Bang(-21, -48, -0.5, 0.190, 3, 1.125), Bang(-14, -33, 1.5, 0.215, -3, 1.13),
        Bang(-8, -19, 0.0, 0.160, 3, 1.135), Bang(-2, -5, 2.0, 0.225, -3, 1.13), Bang(5, 10, 0.5, 0.150, -3, 1.14),
        Bang(10, 22, 2.0, 0.205, 3, 1.13), Bang(17, 37, 0.0, 0.185, -3, 1.125), Bang(22, 50, -1.5, 0.180, 3, 1.13),
        Bang(28, 66, -13, 0.150, -5, 1.12),
        Bang(-6, -12, -2.5, 0.045, -6, 1.15), Bang(8, 17, -2.0, 0.050, 6, 1.15), Bang(20, 43, -4.0, 0.045, 7, 1.15),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Lock:
    """A hanging strand; it falls from the head's shell and swings."""

    root: float
    """Azimuth at the crown, degrees."""
    fall: float
    """Azimuth where it leaves the shell."""
    end: float
    """Height of its tip."""
    width: float
    """Half its width."""
    out: float = 0.0
    """How far it bows outwards on the way."""
    tuck: float = 0.1
    """How far its tip turns in."""
    thick: float = 0.075
    """Half its thickness."""
    lift: float = 1.115
    """How far it stands off the head."""


_SIDES: tuple[Lock, ...] = (
    Lock(34, 55, -1.42, 0.135, 0.05, 0.05, 0.055, 1.13),
    Lock(30, 50, -0.80, 0.070, 0.02, -0.06, 0.040, 1.135),
    Lock(43, 68, -1.24, 0.185, 0.09, 0.13, 0.065, 1.125),
    Lock(52, 82, -1.36, 0.220, 0.11, 0.20, 0.075, 1.12),
    Lock(48, 75, -1.50, 0.080, 0.10, 0.02, 0.045, 1.145),
    Lock(62, 96, -1.27, 0.230, 0.10, 0.22, 0.075, 1.115),
)
"""Hanging strands of her left side; the right has the same with small differences."""
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


def hair(fringe: str, bones: Skeleton) -> Mesh:
    """All the hair; its swinging chains are hung on the head."""
    mesh = Mesh("Hair", "hair")
    random = np.random.default_rng(7)
    for bang in _FRINGES[fringe]:
        mesh.add(_bang(bang, random.random()))
    for number, lock in enumerate(_SIDES):
        mesh.add(_lock(f"sideLeft{number}", lock, random.random(), bones))
        twin = Lock(
            -lock.root - 3, -lock.fall - (2 if number % 2 else -2), lock.end + (0.07 if number % 2 else -0.05),
            lock.width * (0.92 if number % 2 else 1.06), lock.out, lock.tuck, lock.thick, lock.lift,
        )  # fmt: skip
        mesh.add(_lock(f"sideRight{number}", twin, random.random(), bones))
    for number, lock in enumerate(_BACK):
        mesh.add(_lock(f"back{number}", lock, random.random(), bones))
    mesh.add(_cowlick(random.random()))
    return mesh


def _shell(azimuth: Array, elevation: Array, radius: Array) -> Array:
    """Points on the head's shell; degrees, and a factor on its radius."""
    a, e = np.radians(azimuth), np.radians(elevation)
    unit = np.stack([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)], axis=-1)
    return _CROWN + unit * _SHELL * radius[:, None]


def _steps(count: int) -> Array:
    """0 to 1 in `count` places, closer together towards the tip, where a strand bends most."""
    return 1 - (1 - np.linspace(0, 1, count)) ** 1.5


def _taper(t: Array, root: float, peak: float, power: float) -> Array:
    """Relative width along a strand: from `root` to 1 at `peak`, then to a point."""
    growing = root + (1 - root) * np.sin(np.minimum(t / peak, 1) * np.pi / 2)
    shrinking = np.clip(np.cos(np.clip((t - peak) / (1 - peak), 0, 1) * np.pi / 2), 0, 1) ** power
    return np.where(t < peak, growing, shrinking) + 0.004


def _strand(
    line: Array,
    width: Array,
    thick: Array,
    reach: tuple[float, float],
    shift: float,
    place: Array,
    chain: Sequence[str] = (),
) -> Part:
    """A lens-shaped strand along a line; `reach` is the part of the hair's picture it shows."""
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
    weights = _swing(place, chain)
    weights = {bone: np.repeat(share, len(a)) for bone, share in weights.items()}
    return Part(points.reshape(-1, 3), normals.reshape(-1, 3), uv, grid(count, len(a), closed=True), weights)


def _swing(along: Array, chain: Sequence[str]) -> dict[str, Array]:
    """Weights along a strand: its root on the head, then from bone to bone of its chain."""
    if not chain:
        return rigid("head", len(along))
    bones = ["head", *chain]
    place = np.clip((along - 0.30) / 0.70, 0, 1) * (len(bones) - 1)
    return {bone: np.clip(1 - np.abs(place - k), 0, 1) for k, bone in enumerate(bones)}


def _bang(bang: Bang, shift: float) -> Part:
    """One strand of the fringe."""
    t = _steps(18)
    azimuth = bang.root + (bang.tip - bang.root) * t**0.8 + bang.hook * t**3.5
    elevation = bang.root_end - (bang.root_end - bang.end) * t**0.95
    radius = 1.05 + (bang.lift - 1.05) * np.sin(t * np.pi / 2) - 0.02 * t**4
    line = _shell(azimuth, elevation, radius)
    wisp = bang.width < 0.06
    width = bang.width * _taper(t, 0.42, 0.45, 0.9)
    thick = (0.030 if wisp else 0.048) * _taper(t, 0.6, 0.5, 0.7)
    return _strand(line, width, thick, (0.02, 0.70), shift, t)


def _lock(name: str, lock: Lock, shift: float, bones: Skeleton) -> Part:
    """One hanging strand with its chain."""
    count, held = 24, 11
    top = _shell(
        np.linspace(lock.root, lock.fall, held), np.linspace(76, 2, held), np.linspace(1.05, lock.lift, held)
    )  # fmt: skip
    start = top[-1]
    t = _steps(count - held + 1)[1:]
    bow = 1 + lock.out * np.sin(t * np.pi * 0.75) - lock.tuck * t**3
    fall = np.stack([start[0] * bow, start[1] + (lock.end - start[1]) * t, start[2] * bow], axis=1)
    line = np.concatenate([top, fall])
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    whole = way / way[-1]
    marks = [int(np.argmin(np.abs(whole - share))) for share in (0.36, 0.58, 0.80, 1.0)]
    chain = bones.chain(name, "head", [line[mark] for mark in marks])
    width = lock.width * _taper(whole, 0.38, 0.50, 0.60)
    return _strand(line, width, lock.thick * _taper(whole, 0.5, 0.5, 0.6), (0.02, 1.0), shift, whole, chain[:3])


def _cowlick(shift: float) -> Part:
    """The lock that stands up at the crown."""
    t = _steps(14)
    line = np.stack(
        [0.02 + 0.25 * t - 0.05 * np.sin(t * 3), 1.10 + 0.27 * np.sin(t * 2.1), 0.05 + 0.2 * t**1.5], axis=1
    )
    return _strand(line, 0.042 * _taper(t, 0.7, 0.3, 0.8), 0.028 * _taper(t, 0.7, 0.3, 0.8), (0.05, 0.7), shift, t)


def cap() -> Part:
    """The hair beneath: it closes the head behind the strands."""
    rows, columns = 20, 56
    azimuth = np.linspace(-180, 180, columns, endpoint=False)
    hairline = monotone((0, 40, 60, 85, 110, 180), (38, 36, 12, -20, -42, -50))(np.abs(azimuth))
    rings: list[Array] = []
    for t in np.linspace(0, 1, rows):
        rings.append(_shell(azimuth, 90 * (1 - t) + hairline * t, np.full(columns, 1.045)))
    points = np.concatenate(rings)
    normals = (points - _CROWN) / np.linalg.norm(points - _CROWN, axis=1, keepdims=True)
    v = np.repeat(np.linspace(0.02, 0.55, rows), columns)
    uv = atlas.place("hair", np.stack([np.full(len(v), 0.5), v], axis=1))
    return Part(points, normals, uv, grid(rows, columns, closed=True), rigid("head", len(points)))
