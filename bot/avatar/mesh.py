"""Triangles with morph states and bone weights, as every part of her body is made of them.

Lengths are head units (0.1 m) from the centre of the head: x to her left, y up, z to the front.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

UNIT = 0.1
"""Metres in a head unit."""
CENTRE = np.array([0.0, 1.47, 0.0])
"""Where the centre of the head stands, in metres."""


@dataclass(frozen=True)
class Part:
    """One surface of a mesh."""

    points: Array
    """(n, 3), at rest."""
    normals: Array
    """(n, 3), the ones to shade with; the winding of the faces is turned to agree with them."""
    uv: Array
    """(n, 2), in the atlas."""
    faces: Indices
    """(m, 3), indices of points."""
    weights: Mapping[str, Array]
    """Bone name → (n,) share."""
    morphs: Mapping[str, Array] = field(default_factory=dict[str, Array])
    """State → (n, 3), the points in that state."""


@dataclass
class Mesh:
    """Parts that share a material, and so a draw call."""

    name: str
    material: str
    parts: list[Part] = field(default_factory=list[Part])

    def add(self, part: Part) -> None:
        """Takes the part in, its faces wound to the side its normals point to."""
        faces = part.faces
        corners = part.points[faces]
        turned = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        if (turned * part.normals[faces].sum(axis=1)).sum() < 0:
            faces = faces[:, [0, 2, 1]]
        self.parts.append(Part(part.points, part.normals, part.uv, faces, part.weights, part.morphs))

    def points(self) -> Array:
        """All points in metres, (n, 3)."""
        return CENTRE + np.concatenate([part.points for part in self.parts]) * UNIT

    def normals(self) -> Array:
        """All normals at length one, (n, 3)."""
        rows = np.concatenate([part.normals for part in self.parts])
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)

    def uv(self) -> Array:
        """All places in the atlas, (n, 2)."""
        return np.concatenate([part.uv for part in self.parts])

    def faces(self) -> Indices:
        """All triangles, (m, 3)."""
        rows: list[Indices] = []
        base = 0
        for part in self.parts:
            rows.append(part.faces + base)
            base += len(part.points)
        return np.concatenate(rows)

    def joints(self, order: Mapping[str, int]) -> tuple[Indices, Array]:
        """The four strongest bones of each point and their shares, which sum to one; both (n, 4)."""
        tables: list[Array] = []
        for part in self.parts:
            table = np.zeros((len(part.points), len(order)))
            for bone, share in part.weights.items():
                table[:, order[bone]] += share
            tables.append(table)
        table = np.concatenate(tables)
        best = np.argsort(-table, axis=1, kind="stable")[:, :4]
        shares = np.take_along_axis(table, best, axis=1)
        best[shares <= 0] = 0
        return best, shares / shares.sum(axis=1, keepdims=True)

    def morphs(self) -> dict[str, Array]:
        """State → what it moves each point by, in metres, (n, 3); states sorted by name."""
        total = sum(len(part.points) for part in self.parts)
        moves: dict[str, Array] = {}
        base = 0
        for part in self.parts:
            for state, points in part.morphs.items():
                move = moves.setdefault(state, np.zeros((total, 3)))
                move[base : base + len(points)] = (points - part.points) * UNIT
            base += len(part.points)
        return dict(sorted(moves.items()))


def rigid(bone: str, count: int) -> dict[str, Array]:
    """Weights of points that follow one bone."""
    return {bone: np.ones(count)}
