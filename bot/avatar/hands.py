"""Her hands: a palm, four fingers and a thumb, slightly curled as a hand at rest is."""

import numpy as np

from . import atlas
from .mesh import Array, Part
from .shape import grid, monotone, smooth, through, tube
from .skeleton import ARM_Y, ARM_Z, FINGERS, PHALANGES, THUMB, WRIST_X, finger, thumb

SIDES = 9
_RADII = {"Index": 0.054, "Middle": 0.055, "Ring": 0.052, "Little": 0.045}


def hand(side: int, name: str) -> list[Part]:
    """One hand; `name` is left or right."""
    parts = [_palm(side, name)]
    for digit in FINGERS:
        bones = [f"{name}{digit}{phalanx}" for phalanx in PHALANGES]
        parts.append(_digit(finger(digit, side), _RADII[digit], bones, f"{name}Hand"))
    bones = [f"{name}Thumb{phalanx}" for phalanx in THUMB]
    parts.append(_digit(thumb(side), 0.064, bones, f"{name}Hand"))
    return parts


def _palm(side: int, name: str) -> Part:
    """Wrist and palm."""
    marks = (4.70, 5.0, 5.2, 5.4, 5.58, 5.70, 5.76)
    x = np.linspace(marks[0], marks[-1], 16)
    flat = monotone(marks, (0.098, 0.094, 0.092, 0.088, 0.078, 0.062, 0.012))(x)
    wide = monotone(marks, (0.112, 0.112, 0.142, 0.176, 0.190, 0.180, 0.12))(x)
    path = np.stack([side * x, np.full(len(x), ARM_Y - 0.005), np.full(len(x), ARM_Z)], axis=1)
    points, normals, _ = tube(path, wide, flat, (0, 1, 0), 16)
    share = np.repeat(smooth(x, WRIST_X - 0.12, WRIST_X + 0.12), 17)
    weights = {f"{name}LowerArm": 1 - share, f"{name}Hand": share}
    return Part(points, normals, atlas.spot("skin", len(points)), grid(len(x), 17), weights)


def _digit(joints: Array, radius: float, bones: list[str], palm: str) -> Part:
    """One finger over its joints (4, 3)."""
    rings = 13
    # The root lies inside the palm.
    lead = joints[0] - (joints[1] - joints[0]) * [0.4, 0, 0.4] - [0, 0.03, 0]
    path = through([lead.tolist(), *joints.tolist()], rings)
    place = np.linspace(-1, 3, rings)
    # The last rings close to a round tip.
    tip = np.sqrt(np.clip(1 - (np.clip(place - 2.45, 0, 1) / 0.56) ** 2, 0.01, 1))
    thick = radius * monotone((-1, 0, 1, 2, 3), (1.02, 1.0, 0.97, 0.90, 0.80))(place) * tip
    path[-1] = path[-2] + (path[-1] - path[-2]) * 0.75
    points, normals, _ = tube(path, thick, thick * 0.94, (0, 1, 0.001), SIDES)
    soft = smooth(place[:, None] - np.arange(3), -0.22, 0.22)
    weights = {palm: 1 - soft[:, 0], bones[0]: soft[:, 0] - soft[:, 1], bones[1]: soft[:, 1] - soft[:, 2]}
    weights[bones[2]] = soft[:, 2]
    spread = {bone: np.repeat(share, SIDES + 1) for bone, share in weights.items()}
    return Part(points, normals, atlas.spot("skin", len(points)), grid(rings, SIDES + 1), spread)
