"""Hanging locks: they fall from the head's shell or from a tie, and swing."""

from dataclasses import dataclass

import numpy as np

from .mesh import Array, Part
from .shape import smooth, through
from .skeleton import Skeleton
from .strand import CROWN, SHELL, shell, steps, strand, taper


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
    behind: float = 0.0
    """How far it is laid behind the shoulders, 0..1."""


@dataclass(frozen=True)
class Tail:
    """A lock of a tied tail; lengths in head units from the tie."""

    aside: float
    """How far it leaves to her left at first."""
    ahead: float
    """How far it leaves to the front at first."""
    end: tuple[float, float, float]
    """Where its tip hangs."""
    width: float
    """Half its width."""


def hanging(name: str, lock: Lock, shift: float, bones: Skeleton) -> Part:
    """One hanging strand with its chain."""
    count, held = 24, 11
    top = shell(
        np.linspace(lock.root, lock.fall, held), np.linspace(76, 2, held), np.linspace(1.05, lock.lift, held)
    )  # fmt: skip
    start = top[-1]
    t = steps(count - held + 1)[1:]
    bow = 1 + lock.out * np.sin(t * np.pi * 0.75) - lock.tuck * t**3
    fall = np.stack([start[0] * bow, start[1] + (lock.end - start[1]) * t, start[2] * bow], axis=1)
    back = lock.behind * smooth(-fall[:, 1], 0.1, 1.9)
    fall[:, 0] *= 1 - 0.22 * back
    fall[:, 2] += (np.minimum(fall[:, 2], -0.98) - fall[:, 2]) * back
    return _swinging(name, np.concatenate([top, fall]), lock.width, lock.thick, shift, bones)


def swept(start: tuple[float, float], tie: Array, width: float, shift: float) -> Part:
    """A strand laid over the head from the hairline (azimuth, elevation in degrees) to a tie."""
    count = 9
    t = np.linspace(0, 1, count)
    first = shell(np.array([start[0]]), np.array([start[1]]), np.array([1.0]))[0] - CROWN
    ends = np.array([first, tie - CROWN]) / SHELL
    far = np.linalg.norm(ends, axis=1)
    line = ends[:1] * (1 - t[:, None]) / far[0] + ends[1:] * t[:, None] / far[1]
    height = 1.05 + 0.035 * np.sin(np.pi * t) + (far[1] - 1.07) * smooth(t, 0.6, 1)
    line *= (height / np.linalg.norm(line, axis=1))[:, None] * SHELL
    shape = 0.62 + 0.38 * np.sin(np.pi * np.minimum(t * 1.1, 1)) - 0.55 * smooth(t, 0.65, 1)
    return strand(CROWN + line, width * shape, 0.055 * shape, (0.62, 0.06), shift, t)


def tail(name: str, lock: Tail, tie: Array, side: int, shift: float, bones: Skeleton) -> Part:
    """One lock of a tail, from the tie outwards in an arc and down."""
    tip = tie + np.multiply(lock.end, (side, 1, 1))
    leaving = tie + np.array([side * lock.aside, 0.10, lock.ahead])
    knee = leaving + (tip - leaving) * [0.45, 0.30, 0.45] + [side * lock.aside * 0.25, 0, lock.ahead * 0.25]
    low = leaving + (tip - leaving) * [0.85, 0.68, 0.85] + [side * lock.aside * 0.12, 0, lock.ahead * 0.12]
    line = through([tie.tolist(), leaving.tolist(), knee.tolist(), low.tolist(), tip.tolist()], 16)
    return _swinging(name, line, lock.width, 0.085, shift, bones, 0.10)


def _swinging(
    name: str, line: Array, width: float, thick: float, shift: float, bones: Skeleton, held: float = 0.30
) -> Part:
    """A strand along a line with a chain of bones below its share `held`."""
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    whole = way / way[-1]
    marks = [int(np.argmin(np.abs(whole - (held + 0.06 + (0.94 - held) * k / 3)))) for k in range(4)]
    chain = bones.chain(name, "head", [line[mark] for mark in marks])
    breadth = width * taper(whole, 0.38, 0.50, 0.60)
    return strand(line, breadth, thick * taper(whole, 0.5, 0.5, 0.6), (0.02, 1.0), shift, whole, chain[:3], held)
