"""Her bones: the VRM humanoid in T-pose, fingers included, and the chains that swing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .mesh import CENTRE, UNIT, Array

SIDES = ((1, "left"), (-1, "right"))
ARM_Y, ARM_Z = -2.0, -0.13
"""Height and depth of the arms in T-pose, head units."""
SHOULDER_X, ELBOW_X, WRIST_X = 1.0, 3.02, 5.0
FINGERS = {"Index": (0.135, 0.56), "Middle": (0.045, 0.63), "Ring": (-0.047, 0.58), "Little": (-0.132, 0.45)}
"""Finger → its place across the hand and its length, head units."""
KNUCKLE_X = 5.66
CURL = (14.0, 34.0, 50.0)
"""How far each phalanx of a hand at rest points down, degrees."""
PHALANGES = ("Proximal", "Intermediate", "Distal")
THUMB = ("Metacarpal", "Proximal", "Distal")
THUMB_ROOT = (5.06, -0.03, 0.10)
THUMB_WAY = (0.70, -0.28, 0.66)
THUMB_LENGTHS = (0.26, 0.21, 0.18)


@dataclass
class Skeleton:
    """Bones in the order of the skin's joints."""

    places: dict[str, Array] = field(default_factory=dict[str, Array])
    """Bone → where it stands, head units."""
    parents: dict[str, str] = field(default_factory=dict[str, str])
    """Bone → its parent; the root has none."""
    humanoid: list[str] = field(default_factory=list[str])
    """The bones VRM knows by these names."""
    chains: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Swinging chain → its bones from the root to the tip."""

    def add(self, name: str, parent: str, place: Sequence[float] | Array) -> None:
        """One more bone."""
        self.places[name] = np.asarray(place, float)
        if parent:
            self.parents[name] = parent

    def chain(self, name: str, parent: str, places: Sequence[Array]) -> list[str]:
        """A chain that swings, hung on a bone; its bones' names."""
        bones = [f"{name}_{k}" for k in range(len(places))]
        for bone, above, place in zip(bones, [parent, *bones], places, strict=False):
            self.add(bone, above, place)
        self.chains[name] = bones
        return bones

    def order(self) -> dict[str, int]:
        """Bone → its joint number."""
        return {name: i for i, name in enumerate(self.places)}

    def metres(self, bone: str) -> Array:
        """Where a bone stands in the world."""
        return CENTRE + self.places[bone] * UNIT


def finger(name: str, side: int) -> Array:
    """Joints of a finger from its knuckle to its tip, (4, 3)."""
    across, length = FINGERS[name]
    points = [np.array([KNUCKLE_X - abs(across - 0.03) * 0.35, ARM_Y - 0.002, ARM_Z + across])]
    for share, degrees in zip((0.44, 0.31, 0.25), CURL, strict=True):
        bend = np.radians(degrees)
        points.append(points[-1] + share * length * np.array([np.cos(bend), -np.sin(bend), 0]))
    return np.array(points) * [side, 1, 1]


def thumb(side: int) -> Array:
    """Joints of the thumb from its root to its tip, (4, 3)."""
    points = [np.add(THUMB_ROOT, (0, ARM_Y, ARM_Z))]
    for k, length in enumerate(THUMB_LENGTHS):
        way = np.add(THUMB_WAY, (0.28 * k, -0.05 * k, -0.22 * k))
        points.append(points[-1] + way / np.linalg.norm(way) * length)
    return np.array(points) * [side, 1, 1]


def humanoid() -> Skeleton:
    """The bones every VRM program expects."""
    bones = Skeleton()
    for name, parent, place in (
        ("hips", "", (0, -5.3, -0.1)), ("spine", "hips", (0, -4.4, -0.1)), ("chest", "spine", (0, -3.3, -0.14)),
        ("neck", "chest", (0, -1.62, -0.15)), ("head", "neck", (0, -0.92, -0.10)),
    ):  # fmt: skip
        bones.add(name, parent, place)
    for side, name in SIDES:
        _arm(bones, side, name)
        _leg(bones, side, name)
    bones.humanoid = list(bones.places)
    return bones


def _arm(bones: Skeleton, side: int, name: str) -> None:
    """Shoulder to fingertips of one side."""
    bones.add(f"{name}Shoulder", "chest", (side * 0.28, -1.86, ARM_Z))
    bones.add(f"{name}UpperArm", f"{name}Shoulder", (side * SHOULDER_X, ARM_Y, ARM_Z))
    bones.add(f"{name}LowerArm", f"{name}UpperArm", (side * ELBOW_X, ARM_Y, ARM_Z))
    bones.add(f"{name}Hand", f"{name}LowerArm", (side * WRIST_X, ARM_Y, ARM_Z))
    for digit in FINGERS:
        above = f"{name}Hand"
        for phalanx, place in zip(PHALANGES, finger(digit, side), strict=False):
            bones.add(f"{name}{digit}{phalanx}", above, place)
            above = f"{name}{digit}{phalanx}"
    above = f"{name}Hand"
    for phalanx, place in zip(THUMB, thumb(side), strict=False):
        bones.add(f"{name}Thumb{phalanx}", above, place)
        above = f"{name}Thumb{phalanx}"


def _leg(bones: Skeleton, side: int, name: str) -> None:
    """Hip to toes of one side."""
    bones.add(f"{name}UpperLeg", "hips", (side * 0.45, -6.0, -0.1))
    bones.add(f"{name}LowerLeg", f"{name}UpperLeg", (side * 0.45, -9.9, -0.07))
    bones.add(f"{name}Foot", f"{name}LowerLeg", (side * 0.45, -13.9, -0.14))
    bones.add(f"{name}Toes", f"{name}Foot", (side * 0.45, -14.4, 0.75))
