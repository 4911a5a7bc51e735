"""Curves and simple surfaces: interpolation, grids of triangles, tubes, ellipsoids."""

from collections.abc import Callable, Sequence

import numpy as np

from .mesh import Array, Indices

Curve = Callable[[Array], Array]


def monotone(xs: Sequence[float], ys: Sequence[float]) -> Curve:
    """A smooth curve through the points that never overshoots them (Fritsch and Carlson's cubic)."""
    x, y = np.asarray(xs, float), np.asarray(ys, float)
    step = np.diff(x)
    slope = np.diff(y) / step
    tangent = np.zeros(len(x))
    for i in range(1, len(x) - 1):
        if slope[i - 1] * slope[i] > 0:
            a, b = 2 * step[i] + step[i - 1], step[i] + 2 * step[i - 1]
            tangent[i] = (a + b) / (a / slope[i - 1] + b / slope[i])
    tangent[0], tangent[-1] = slope[0], slope[-1]

    def curve(at: Array) -> Array:
        at = np.clip(np.asarray(at, float), x[0], x[-1])
        i = np.clip(np.searchsorted(x, at) - 1, 0, len(x) - 2)
        t = (at - x[i]) / step[i]
        rise = (-2 * t**3 + 3 * t**2) * (y[i + 1] - y[i])
        return y[i] + rise + step[i] * ((t**3 - 2 * t**2 + t) * tangent[i] + (t**3 - t**2) * tangent[i + 1])

    return curve


def through(points: Sequence[Sequence[float]], count: int) -> Array:
    """A smooth line of `count` points through the given ones, in any dimension (Catmull and Rom's)."""
    p = np.asarray(points, float)
    p = np.concatenate([[2 * p[0] - p[1]], p, [2 * p[-1] - p[-2]]])
    at = np.linspace(0, len(p) - 3, count)
    i = np.minimum(at.astype(int), len(p) - 4)
    t = (at - i)[:, None]
    a, b, c, d = p[i], p[i + 1], p[i + 2], p[i + 3]
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def smooth(at: Array | float, low: float, high: float) -> Array:
    """0 below `low`, 1 above `high`, a soft step between."""
    t = np.clip((np.asarray(at, float) - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def grid(rows: int, columns: int, closed: bool = False) -> Indices:
    """Triangles of a grid of points in row order; `closed` joins the last column to the first."""
    i, j = np.meshgrid(np.arange(rows - 1), np.arange(columns if closed else columns - 1), indexing="ij")
    a, b = i * columns + j, i * columns + (j + 1) % columns
    c, d = a + columns, b + columns
    return np.stack([a, b, c, b, d, c], axis=-1).reshape(-1, 3)


def soft_normals(points: Array, faces: Indices, away: Array) -> Array:
    """Normals that average the faces around each point and point away from `away` ((3,) or (n, 3))."""
    corners = points[faces]
    turned = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sums = np.zeros_like(points)
    for k in range(3):
        np.add.at(sums, faces[:, k], turned)
    sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return sums if ((points - away) * sums).sum() >= 0 else -sums


def tube(path: Array, across: Array, along: Array, up: Sequence[float], sides: int) -> tuple[Array, Array, Array]:
    """Points, normals and (0..1) uv of a tube around a path: half-axes `across` and, towards `up`, `along`."""
    run = np.gradient(path, axis=0)
    run /= np.linalg.norm(run, axis=1, keepdims=True)
    side = np.cross(np.asarray(up, float), run)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    top = np.cross(run, side)
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.cos(angle)[None, :, None] * across[:, None, None] * side[:, None]
    points = path[:, None] + ring + np.sin(angle)[None, :, None] * along[:, None, None] * top[:, None]
    # The seam's points stand twice, so that a texture can end there.
    u, v = np.meshgrid(angle / (2 * np.pi), np.linspace(0, 1, len(path)))
    flat = points.reshape(-1, 3)
    normals = soft_normals(flat, grid(len(path), sides + 1), np.repeat(path, sides + 1, axis=0)).reshape(points.shape)
    normals[:, 0] = normals[:, -1] = normals[:, 0] + normals[:, -1]
    return flat, normals.reshape(-1, 3), np.stack([u, v], axis=-1).reshape(-1, 2)


def ball(centre: Sequence[float], axes: Sequence[float], rows: int = 10, sides: int = 14) -> tuple[Array, Array]:
    """Points and normals of an ellipsoid, `rows` × `sides` in row order."""
    lat, lon = np.meshgrid(np.linspace(0, np.pi, rows), np.linspace(0, 2 * np.pi, sides, endpoint=False), indexing="ij")
    unit = np.stack([np.cos(lat), np.sin(lat) * np.cos(lon), np.sin(lat) * np.sin(lon)], axis=-1).reshape(-1, 3)
    return np.asarray(centre) + unit * np.asarray(axes), unit / np.asarray(axes)
