"""The head: a closed-form surface, its skin with openings for the eyes, and the ears."""

import numpy as np

from . import atlas
from .mesh import Array, Indices, Mesh, Part, rigid
from .shape import ball, grid, monotone, smooth, soft_normals

_Y = (-1.05, -1.03, -0.95, -0.82, -0.60, -0.30, 0.0, 0.35, 0.70, 0.95, 1.07, 1.12)
_WIDTH = monotone(_Y, (0.02, 0.13, 0.30, 0.465, 0.655, 0.785, 0.845, 0.875, 0.77, 0.50, 0.23, 0.02))
_FRONT = monotone(_Y, (0.64, 0.72, 0.785, 0.815, 0.85, 0.89, 0.935, 0.97, 0.86, 0.56, 0.26, 0.02))
_MIDDLE = monotone(_Y, (0.60, 0.52, 0.38, 0.24, 0.10, 0.02, 0, 0, 0, 0, 0, 0))
_BACK = monotone(_Y, (0.58, 0.32, -0.02, -0.32, -0.70, -0.94, -1.03, -1.05, -0.90, -0.58, -0.27, -0.02))
_POWER = monotone((-1.05, -0.75, -0.2, 0.4, 1.12), (2.1, 2.3, 2.95, 2.6, 2.2))
ROWS, COLUMNS = 48, 68
EYE = (0.425, -0.205)
"""Centre of her left eye's opening."""
SOCKET = (0.335, 0.325)
"""Half-axes of the part of the skin that the eyelids move."""


def front(x: Array, y: Array) -> Array:
    """Depth of the face at (x, y)."""
    ratio = np.clip(np.abs(x) / np.maximum(_WIDTH(y), 1e-4), 0, 1)
    power = _POWER(y)
    bulge = np.clip(1 - ratio**power, 0, 1) ** (1 / power)
    depth = _MIDDLE(y) + (_FRONT(y) - _MIDDLE(y)) * bulge
    tall = np.where(y > -0.44, 0.15, 0.055)
    nose = 0.085 * np.exp(-((x / 0.07) ** 2 + ((y + 0.44) / tall) ** 2))
    return depth + nose


def project(flat: Array, height: float | Array = 0.0) -> Array:
    """Points (n, 2) drawn on the face, `height` above its skin: (n, 3)."""
    x, y = flat[:, 0], flat[:, 1]
    points = np.stack([x, y, front(x, y)], axis=-1)
    return points + face_normals(points) * np.broadcast_to(np.asarray(height, float), (len(points),))[:, None]


def face_normals(points: Array) -> Array:
    """Normals of a smooth egg: the face's own would draw ugly shadows."""
    x, y, z = points.T
    rows = np.stack([x * 0.75, (y - 0.05) * 0.45, np.maximum(z, 0) + 0.25], axis=-1)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def face_uv(points: Array) -> Array:
    """Where points of the head lie in the painted face."""
    return atlas.place("face", np.stack([(points[:, 0] + 1) / 2, (1.15 - points[:, 1]) / 2.25], axis=-1))


def socket_ring(count: int, directions: Array, side: int) -> Array:
    """The rim of an eye's socket, (count, 2), in the directions given from the eye's centre."""
    way = directions / np.linalg.norm(directions / SOCKET, axis=1, keepdims=True)
    return np.array([side * EYE[0], EYE[1]]) + way[:count]


def head(rims: dict[int, Array]) -> Mesh:
    """The skin of head and ears; `rims` are the borders of the two openings (side → (n, 2))."""
    mesh = Mesh("Head", "skin")
    points = _rows()
    faces = grid(ROWS, COLUMNS, closed=True)
    normals = soft_normals(points, faces, np.array([0, 0, 0]))
    share = np.clip((points[:, 2] + 0.1) / 0.5, 0, 1)[:, None]
    # Under the jaw the real normals stay, so that it falls into shadow.
    share = share * (1 - smooth(-normals[:, 1:2], 0.75, 0.95))
    for side, rim in rims.items():
        middle = np.array([side * EYE[0], EYE[1]])
        inside = (((points[:, :2] - middle) / SOCKET) ** 2).sum(axis=1) < 1.08
        inside &= points[:, 2] > 0.2
        gone = inside[faces].any(axis=1)
        border = _border(faces[~gone], faces[gone])
        faces = faces[~gone]
        start = len(points)
        points = np.concatenate([points, project(rim)])
        faces = np.concatenate([faces, _stitch(border, np.arange(start, start + len(rim)), points[:, :2], middle)])
    blend = np.concatenate([share, np.ones((len(points) - len(share), 1))])
    own = np.concatenate([normals, np.zeros((len(points) - len(normals), 3))])
    mesh.add(
        Part(
            points, own * (1 - blend) + face_normals(points) * blend, face_uv(points), faces, rigid("head", len(points))
        )
    )
    return mesh


def ears() -> list[Part]:
    """Both ears."""
    parts: list[Part] = []
    for side in (1, -1):
        points, normals = ball((side * 0.875, -0.22, -0.04), (0.07, 0.20, 0.12), 9, 14)
        faces = grid(9, 14, closed=True)
        parts.append(Part(points, normals, atlas.spot("skin", len(points)), faces, rigid("head", len(points))))
    return parts


def _rows() -> Array:
    """The head's points in rings from chin to crown."""
    low, high = _Y[0], _Y[-1]
    heights = low + (high - low) * (0.5 - 0.5 * np.cos(np.pi * np.linspace(0, 1, ROWS)))
    turn = np.linspace(0, 2 * np.pi, COLUMNS, endpoint=False)
    rings: list[Array] = []
    for height in heights:
        y = np.full(COLUMNS, height)
        power = _POWER(y)
        x = _WIDTH(y) * np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** (2 / power)
        behind = _MIDDLE(y) - (_MIDDLE(y) - _BACK(y)) * np.abs(np.cos(turn)) ** (2 / power)
        rings.append(np.stack([x, y, np.where(np.cos(turn) >= 0, front(x, y), behind)], axis=1))
    return np.concatenate(rings)


def _border(kept: Indices, removed: Indices) -> Indices:
    """The points round the opening that removed faces leave, in order."""
    inner = {(a, b) for face in removed.tolist() for a, b in zip(face, face[1:] + face[:1], strict=True)}
    edges = ((a, b) for face in kept.tolist() for a, b in zip(face, face[1:] + face[:1], strict=True))
    following = {a: b for a, b in edges if (b, a) in inner}
    loop = [min(following)]
    while following[loop[-1]] != loop[0]:
        loop.append(following[loop[-1]])
    return np.array(loop)


def _stitch(outer: Indices, inner: Indices, flat: Array, middle: Array) -> Indices:
    """Triangles that close the gap between two rings of points around `middle`."""
    rings: list[tuple[Indices, Array]] = []
    for ring in (outer, inner):
        away = flat[ring] - middle
        angle = np.unwrap(np.arctan2(away[:, 1], away[:, 0]))
        if angle[-1] < angle[0]:
            ring, angle = ring[::-1], angle[::-1]
        start = int(np.argmin(np.mod(angle, 2 * np.pi)))
        ring = np.roll(ring, -start)
        away = flat[ring] - middle
        angle = np.unwrap(np.arctan2(away[:, 1], away[:, 0]) % (2 * np.pi))
        rings.append((np.append(ring, ring[0]), np.append(angle, angle[0] + 2 * np.pi)))
    (far, a), (near, b) = rings
    faces: list[tuple[int, int, int]] = []
    i = j = 0
    while i < len(far) - 1 or j < len(near) - 1:
        if j == len(near) - 1 or (i < len(far) - 1 and a[i + 1] <= b[j + 1]):
            faces.append((far[i], far[i + 1], near[j]))
            i += 1
        else:
            faces.append((far[i], near[j + 1], near[j]))
            j += 1
    # Where the outer ring steps back, a triangle lies folded over its neighbours: they cover its place.
    ground = np.array(faces)
    one, two = flat[ground[:, 1]] - flat[ground[:, 0]], flat[ground[:, 2]] - flat[ground[:, 0]]
    return ground[one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0] > 0]
