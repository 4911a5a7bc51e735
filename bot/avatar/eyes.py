"""Her eyes: lids around an opening in the skin, lashes, creases, brows, the white and the iris behind."""

from collections.abc import Callable

import numpy as np

from . import atlas
from .head import EYE, face_normals, face_uv, project
from .lids import COUNT, STATES, Eye
from .mesh import Array, Part, rigid
from .shape import grid, smooth, through

_BROWS: dict[str, tuple[float, ...]] = {
    "": (0.20, 0.243, 0.255, 0.232, 0.165),
    "happy": (0.225, 0.30, 0.325, 0.29, 0.195),
    "joy": (0.225, 0.30, 0.325, 0.29, 0.195),
    "surprised": (0.285, 0.365, 0.385, 0.345, 0.245),
    "angry": (0.075, 0.165, 0.235, 0.265, 0.225),
    "sad": (0.295, 0.285, 0.25, 0.195, 0.105),
    "relaxed": (0.20, 0.25, 0.265, 0.23, 0.145),
    "shy": (0.265, 0.275, 0.26, 0.215, 0.125),
}
_GAZE = {"lookLeft": (0.07, 0.0), "lookRight": (-0.07, 0.0), "lookUp": (0.0, 0.065), "lookDown": (0.0, -0.06)}
_IRIS = (0.203, 0.238)
_WHITE = (0.29, 0.265)


def drawn(eye: Eye) -> list[Part]:
    """Everything of one eye."""
    return [_skin(eye), *_edges(eye), _white(eye.side), _iris(eye.side), *_lashes(eye), _crease(eye), _brow(eye)]


def _states(draw: Callable[[str], Array], states: list[str], side: int) -> dict[str, Array]:
    """The points of each state, and of a blink of this eye alone."""
    morphs = {state: draw(state) for state in states}
    if "blink" in morphs:
        morphs["blinkLeft" if side > 0 else "blinkRight"] = morphs["blink"]
    if "thinking" in morphs and side < 0:
        # A thinking eye is narrowed on one side only.
        del morphs["thinking"]
    return morphs


def _drawn(rows: int, columns: int, draw: Callable[[str], Array], area: str, side: int) -> Part:
    """A strip of one colour that follows the lids."""
    points = draw("")
    uv = atlas.spot(area, len(points))
    morphs = _states(draw, list(STATES), side)
    return Part(points, face_normals(points), uv, grid(rows, columns), rigid("head", len(points)), morphs)


def _skin(eye: Eye) -> Part:
    """The lids' skin: a ring between the opening and the head."""
    outer = eye.rim()

    def draw(state: str) -> Array:
        upper, lower = eye.lids(state)
        loop = np.concatenate([upper, lower[::-1]])
        rows = [(0.0, 0.010), (0.12, 0.012), (0.38, 0.010), (0.72, 0.004), (1.0, 0.0)]
        return np.concatenate([project(loop * (1 - t) + outer * t, height) for t, height in rows])

    points = draw("")
    faces = grid(5, len(outer), closed=True)
    morphs = _states(draw, list(STATES), eye.side)
    return Part(points, face_normals(points), face_uv(points), faces, rigid("head", len(points)), morphs)


def _edges(eye: Eye) -> list[Part]:
    """The thickness of both lids, which hides the gap between skin and eyeball."""

    def edge(which: int) -> Callable[[str], Array]:
        def draw(state: str) -> Array:
            line = eye.lids(state)[which]
            return np.concatenate([project(line, 0.010), project(line, 0.010) - [0, 0, 0.06]])

        return draw

    return [_drawn(2, COUNT, edge(0), "lidshade", eye.side), _drawn(2, COUNT, edge(1), "lidshade", eye.side)]


def _bowl(flat: Array, side: int) -> Array:
    """Depth of the eyeball's front under the skin: deepest in the middle, so that the lids cover its border."""
    far = (((flat - (side * EYE[0], EYE[1])) / _WHITE) ** 2).sum(axis=1)
    return -0.03 - 0.05 * np.clip(1 - far, 0, 1)


def _white(side: int) -> Part:
    """The white, a shallow bowl behind the opening."""
    turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    rows = np.concatenate([ring * t for t in (0.001, 0.4, 0.7, 1.0)])
    flat = rows * _WHITE + (side * EYE[0], EYE[1])
    points = project(flat, _bowl(flat, side))
    uv = atlas.place("white", rows * (0.5, -0.5) + 0.5)
    return Part(points, face_normals(points), uv, grid(4, 32, closed=True), rigid("head", len(points)))


def _iris(side: int) -> Part:
    """The iris; it slides behind the lids."""
    turn = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    rows = np.concatenate([ring * t for t in (0.001, 0.35, 0.7, 1.0)])
    middle = np.array([side * (EYE[0] - 0.012), EYE[1] - 0.012])

    def draw(move: tuple[float, float] = (0.0, 0.0), size: float = 1.0) -> Array:
        flat = middle + np.array(move) + rows * _IRIS * size
        return project(flat, _bowl(flat, side) + 0.014)

    points = draw()
    morphs = {state: draw(move) for state, move in _GAZE.items()} | {"surprised": draw(size=0.89)}
    morphs["thinking"] = draw((-0.05, 0.055))
    morphs["shy"] = draw((0.04, -0.045))
    # Both irises share one picture, so the light falls from the same side on both.
    uv = atlas.place("iris", rows * (0.49, -0.49) + 0.5)
    return Part(points, face_normals(points), uv, grid(4, 36, closed=True), rigid("head", len(points)), morphs)


def _lashes(eye: Eye) -> list[Part]:
    """Upper lashes with a wing, and a thin lower line at the outer half."""
    t = np.linspace(0, 1, COUNT)
    wing = smooth(t, 0.80, 1.0)[:, None]

    def upper(state: str) -> Array:
        line, _ = eye.lids(state)
        run = np.gradient(line, axis=0)
        across = np.stack([-run[:, 1], run[:, 0]], axis=1) * eye.side
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        closed = {"blink": 0.75, "joy": 0.75}.get(state, 1.0)
        thick = (0.007 + 0.050 * np.sin(np.pi * np.clip(t * 0.70 + 0.12, 0, 1)) ** 1.3 * smooth(t, -0.05, 0.35))[
            :, None
        ]
        thick = thick * closed
        flick = wing * np.array([eye.side * 0.085, 0.05 if closed == 1.0 else 0.0])
        inner, outer = line - across * 0.006 + flick * 0.72, line + across * thick * (1 - 0.88 * wing) + flick
        return np.concatenate([project(inner, 0.020), project((inner + outer) / 2, 0.026), project(outer, 0.022)])

    low = t[15:]

    def lower(state: str) -> Array:
        line = eye.lids(state)[1][15:]
        thick = (0.018 * np.sin(np.pi * (low - low[0]) / (1 - low[0]) * 0.8) ** 0.6)[:, None]
        thick = thick * (0.2 if state in ("blink", "joy") else 1.0)
        return np.concatenate([project(line - np.array([0, 1]) * thick, 0.022), project(line, 0.024)])

    def spike(start: int, way: tuple[float, float]) -> Callable[[str], Array]:
        def draw(state: str) -> Array:
            foot = upper(state)[2 * COUNT + start : 2 * COUNT + start + 2]
            rise = way[1] * (-0.3 if state in ("blink", "joy") else 1.0)
            tip = foot.mean(axis=0) + np.array([eye.side * way[0], rise, -0.03])
            return np.stack([foot[0], foot[1], tip, tip + np.array([eye.side * 0.004, 0.0, 0.0])])

        return draw

    spikes = [
        _drawn(2, 2, spike(start, way), "ink", eye.side) for start, way in ((18, (0.036, 0.034)), (22, (0.050, 0.028)))
    ]
    return [*spikes, _drawn(3, COUNT, upper, "ink", eye.side), _drawn(2, len(low), lower, "ink", eye.side)]


def _crease(eye: Eye) -> Part:
    """The fold above the lashes."""
    t = np.linspace(0, 1, 18)

    def draw(state: str) -> Array:
        line = eye.lids(state)[0][5:23] + np.array([0, 0.072 + (0.035 if state == "blink" else 0)])
        thick = (0.011 * np.sin(np.pi * t))[:, None] * np.array([0, 1])
        return np.concatenate([project(line, 0.012), project(line + thick, 0.012)])

    return _drawn(2, 18, draw, "line", eye.side)


def _brow(eye: Eye) -> Part:
    """The brow."""
    t = np.linspace(0.06, 1, 20)

    def draw(state: str) -> Array:
        heights = _BROWS.get(state, _BROWS[""])
        if state == "thinking":
            heights = _BROWS["surprised"] if eye.side > 0 else _BROWS["angry"]
        across = (0.165, 0.29, 0.42, 0.55, 0.675)
        line = through(list(zip(across, heights, strict=True)), 20) * [eye.side, 1]
        thick = (0.034 * np.sin(np.pi * t) ** 0.5 * (1.05 - 0.55 * t))[:, None] * np.array([0, 0.5])
        return np.concatenate([project(line - thick, 0.014), project(line + thick, 0.014)])

    points = draw("")
    morphs = {state: draw(state) for state in (*_BROWS, "thinking") if state}
    uv = atlas.spot("brow", len(points))
    return Part(points, face_normals(points), uv, grid(2, 20), rigid("head", len(points)), morphs)
