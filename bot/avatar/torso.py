"""Her trunk as a closed-form surface, on which the clothes are laid."""

import numpy as np

from .mesh import Array
from .shape import monotone, smooth

_Y = (-5.6, -5.2, -4.7, -4.2, -3.75, -3.3, -2.85, -2.45, -2.15, -1.98, -1.88, -1.79, -1.71, -1.63, -1.55)
_WIDTH = monotone(_Y, (1.06, 1.01, 0.935, 0.845, 0.79, 0.825, 0.91, 0.97, 0.985, 0.955, 0.88, 0.72, 0.51, 0.36, 0.30))
_FRONT = monotone(_Y, (0.72, 0.70, 0.64, 0.56, 0.52, 0.58, 0.70, 0.735, 0.66, 0.58, 0.53, 0.47, 0.40, 0.345, 0.32))
_BACK = monotone(_Y, (0.74, 0.72, 0.62, 0.52, 0.46, 0.47, 0.52, 0.54, 0.53, 0.50, 0.47, 0.43, 0.38, 0.33, 0.30))
DEPTH = -0.14
"""z of her middle axis."""


def skin_of(turn: Array, y: Array, above: float | Array = 0.0) -> Array:
    """Points of the trunk at an angle (0 = front, to her left) and a height, `above` its surface."""
    deep = np.where(np.cos(turn) > 0, _FRONT(y), _BACK(y))
    across = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** 0.92
    ahead = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.92
    return np.stack([across * (_WIDTH(y) + above), y + 0 * turn, DEPTH + ahead * (deep + above)], axis=-1)


def angle_of(x: Array, y: Array) -> Array:
    """The angle at which the front of the trunk has the given x."""
    return np.arcsin(np.clip(np.abs(x) / _WIDTH(y), 0, 1) ** (1 / 0.92)) * np.sign(x)


def weights(y: Array) -> dict[str, Array]:
    """Shares of chest, spine and hips by height."""
    chest = smooth(y, -3.7, -2.9)
    hips = 1 - smooth(y, -4.9, -4.1)
    return {"chest": chest, "spine": 1 - chest - hips, "hips": hips}
