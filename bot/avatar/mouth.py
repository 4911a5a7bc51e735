"""Her mouth: one painted inside between two lip lines, so that every mouth shape fits; and a shy blush."""

import numpy as np

from . import atlas
from .head import face_normals, project
from .mesh import Array, Mesh, Part, rigid
from .shape import grid

HEIGHT = -0.695
"""Where the lips meet."""
COUNT = 23
SHAPES: dict[str, tuple[float, float, float, float]] = {
    "": (0.118, 0.026, -0.004, -0.013),
    "aa": (0.140, 0.016, 0.030, -0.178),
    "ih": (0.150, 0.022, 0.014, -0.056),
    "ou": (0.068, 0.004, 0.036, -0.058),
    "ee": (0.176, 0.034, 0.016, -0.088),
    "oh": (0.088, 0.002, 0.060, -0.118),
    "happy": (0.160, 0.055, 0.004, -0.075),
    "joy": (0.170, 0.055, 0.012, -0.125),
    "smile": (0.150, 0.048, -0.012, -0.020),
    "angry": (0.104, -0.026, 0.006, -0.014),
    "sad": (0.104, -0.026, 0.000, -0.013),
    "relaxed": (0.128, 0.034, -0.004, -0.013),
    "surprised": (0.096, 0.004, 0.036, -0.066),
    "shy": (0.100, 0.018, 0.000, -0.014),
    "thinking": (0.096, -0.008, -0.004, -0.013),
}
"""State ("" at rest) → half width, rise of the corners, rise of the upper line, fall of the lower one.
The lines are linear in these numbers, so shapes can be added: a happy mouth still speaks."""
_ACROSS = np.linspace(-1, 1, COUNT)


def _lines(state: str) -> tuple[Array, Array, Array]:
    """x, upper y and lower y of the lips in a state."""
    width, corner, upper, lower = SHAPES[state]
    arc = 1 - _ACROSS**2
    base = HEIGHT + corner * np.abs(_ACROSS) ** 1.7
    bow = 0.003 * np.exp(-((_ACROSS / 0.2) ** 2))
    return _ACROSS * width, base + upper * arc**0.52 - bow, base + lower * arc**0.58


def _inside(state: str) -> Array:
    """The surface between the lips."""
    x, upper, lower = _lines(state)
    rows = [np.stack([x, lower * (1 - t) + upper * t], axis=1) for t in np.linspace(0, 1, 8)]
    return np.concatenate([project(row, 0.008) for row in rows])


def _lip(state: str, top: bool) -> Array:
    """The line of one lip."""
    x, upper, lower = _lines(state)
    y = upper if top else lower
    thick = (0.0105 if top else 0.0065) * (1 - 0.85 * np.abs(_ACROSS) ** 3) + 0.0015
    pair = (np.stack([x * 1.02, y - thick * 0.5], axis=1), np.stack([x * 1.02, y + thick * 0.5], axis=1))
    return np.concatenate([project(line, 0.013) for line in pair])


def mouth() -> list[Part]:
    """Inside and lips."""
    states = [state for state in SHAPES if state]
    points = _inside("")
    u = np.tile((_ACROSS + 1) / 2, 8)
    v = np.repeat(np.linspace(1, 0, 8), COUNT)
    uv = atlas.place("mouth", np.stack([u, v], axis=1))
    morphs = {state: _inside(state) for state in states}
    parts = [Part(points, face_normals(points), uv, grid(8, COUNT), rigid("head", len(points)), morphs)]
    for top in (True, False):
        points = _lip("", top)
        morphs = {state: _lip(state, top) for state in states}
        uv = atlas.spot("lip", len(points))
        parts.append(Part(points, face_normals(points), uv, grid(2, COUNT), rigid("head", len(points)), morphs))
    return parts


def blush() -> Mesh:
    """A second, stronger blush that waits inside the head until she is shy."""
    mesh = Mesh("Blush", "blush")
    x, y = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9))
    flat = np.stack([x.ravel(), y.ravel()], axis=1)
    uv = flat * (0.5, -0.5) + 0.5
    for side in (1, -1):
        ground = flat * (0.215, 0.125) + (side * 0.50, -0.565)
        hidden, shown = project(ground, -0.12), project(ground, 0.007)
        morphs = {"shy": shown}
        mesh.add(Part(hidden, face_normals(shown), uv, grid(9, 9), rigid("head", len(hidden)), morphs))
    return mesh
