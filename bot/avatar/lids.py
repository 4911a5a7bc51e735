"""The lines of her eyelids, of each shape of eye, in every state."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .head import EYE, socket_ring
from .mesh import Array
from .shape import through

Lids = tuple[Array, Array]
"""Upper and lower lid line from the inner to the outer corner, (COUNT, 2) each."""
Line = tuple[tuple[float, float], ...]

COUNT = 28
SHAPES: Mapping[str, tuple[Line, Line]] = {
    "round": (
        ((0.185, -0.28), (0.225, -0.135), (0.315, -0.035), (0.435, -0.01), (0.56, -0.05), (0.655, -0.175)),
        ((0.195, -0.30), (0.245, -0.375), (0.335, -0.422), (0.44, -0.432), (0.555, -0.395), (0.645, -0.235)),
    ),
    "gentle": (
        ((0.185, -0.27), (0.225, -0.145), (0.315, -0.065), (0.435, -0.045), (0.56, -0.095), (0.660, -0.235)),
        ((0.195, -0.29), (0.245, -0.365), (0.335, -0.415), (0.44, -0.430), (0.560, -0.405), (0.655, -0.285)),
    ),
    "sharp": (
        ((0.180, -0.315), (0.225, -0.190), (0.315, -0.090), (0.435, -0.050), (0.56, -0.055), (0.670, -0.125)),
        ((0.190, -0.33), (0.245, -0.375), (0.335, -0.405), (0.44, -0.405), (0.555, -0.345), (0.660, -0.185)),
    ),
}
"""Shape → points of the upper and the lower line of her left eye."""
_CLOSED = (-0.30, -0.33, -0.35, -0.37, -0.345, -0.225)
"""Where the lids of a round eye meet."""
_SMILING = (-0.305, -0.210, -0.082, -0.032, -0.103, -0.255)
"""Where they meet in a broad smile."""
_LINES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "happy": ((0.0, -0.01, 0.0, 0.0, 0.0, 0.01), (0.01, 0.045, 0.07, 0.075, 0.055, 0.01)),
    "surprised": ((0.0, 0.035, 0.05, 0.055, 0.045, 0.015), (0.0, -0.015, -0.025, -0.03, -0.02, 0.0)),
    "angry": ((-0.01, -0.075, -0.06, -0.02, 0.0, 0.02), (0.0, 0.02, 0.025, 0.02, 0.01, 0.01)),
    "sad": ((0.01, 0.0, -0.025, -0.05, -0.07, -0.05), (0.01, 0.015, 0.01, 0.0, -0.01, -0.02)),
    "relaxed": ((0.0, -0.055, -0.085, -0.085, -0.065, -0.015), (0.0, 0.01, 0.015, 0.015, 0.01, 0.0)),
    "shy": ((0.0, -0.035, -0.06, -0.075, -0.07, -0.03), (0.0, 0.02, 0.035, 0.035, 0.025, 0.0)),
    "thinking": ((0.0, -0.02, -0.03, -0.03, -0.02, 0.0), (0.0, 0.02, 0.03, 0.03, 0.02, 0.0)),
}
"""State → how far each point of the two lines moves up. Where both a state and a blink are on, the lids
still meet as long as the upper line rises no more than the lower one."""
STATES = ("blink", "joy", *_LINES)


@dataclass(frozen=True)
class Eye:
    """One eye."""

    side: int
    """1 is her left, -1 her right."""
    shape: str = "round"

    def lids(self, state: str = "") -> Lids:
        """The two lid lines in a state ("" at rest)."""
        upper, lower = map(np.array, SHAPES[self.shape])
        if state in _LINES:
            upper[:, 1] += _LINES[state][0]
            lower[:, 1] += _LINES[state][1]
        elif state:
            upper[:, 1] = lower[:, 1] = self._meeting(_CLOSED if state == "blink" else _SMILING)
        # Both lines meet in the corners.
        lower[[0, -1]] = upper[[0, -1]]
        return through(upper.tolist(), COUNT) * [self.side, 1], through(lower.tolist(), COUNT) * [self.side, 1]

    def rim(self) -> Array:
        """The border between the lids' skin and the head's, (2 × COUNT, 2)."""
        upper, lower = self.lids()
        loop = np.concatenate([upper, lower[::-1]])
        return socket_ring(len(loop), loop - np.array([self.side * EYE[0], EYE[1] + 0.005]), self.side)

    def _meeting(self, heights: tuple[float, ...]) -> Array:
        """A round eye's line of closed lids, moved with the corners of this shape."""
        usual, own = np.array(SHAPES["round"][0])[[0, -1], 1], np.array(SHAPES[self.shape][0])[[0, -1], 1]
        return np.array(heights) + np.linspace(own[0] - usual[0], own[1] - usual[1], len(heights))
