"""Faults the eye once found in her, held away by numbers."""

import numpy as np
import pytest

from bot.avatar import author, figure, head
from bot.avatar.lids import Eye
from bot.avatar.look import PARAMETERS, Look
from bot.avatar.mesh import Array, Mesh
from bot.avatar.skeleton import SIDES, humanoid

BLINKS = ("blink", "happy", "sad", "angry", "relaxed", "shy", "thinking")


@pytest.fixture(scope="module")
def meshes() -> dict[str, Mesh]:
    """Her meshes by name."""
    return {mesh.name: mesh for mesh in author.drawn(Look(), humanoid())}


SHAPES = tuple(PARAMETERS["eye_shape"].choices or ())


def _gap(states: tuple[str, ...], eye: Eye) -> Array:
    """Height of the eye's opening along its width, with several states added to each other."""
    upper, lower = eye.lids()
    total = upper - lower
    for state in states:
        above, below = eye.lids(state)
        total = total + (above - upper) - (below - lower)
    return total[:, 1]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("state", BLINKS)
def test_a_blink_closes_the_eye_in_every_face_that_allows_it(state: str, shape: str) -> None:
    states = ("blink",) if state == "blink" else ("blink", state)
    assert _gap(states, Eye(1, shape)).max() < 0.045


@pytest.mark.parametrize("shape", SHAPES)
def test_the_eye_is_open_at_rest_and_wide_in_surprise(shape: str) -> None:
    assert 0.25 < _gap((), Eye(1, shape)).max() < _gap(("surprised",), Eye(1, shape)).max()


def test_no_specks_on_the_cheek(meshes: dict[str, Mesh]) -> None:
    """The lids' skin ends exactly on the head's, and the head has none behind them to fight with."""
    points = meshes["Head"].parts[0].points
    for side, _ in SIDES:
        rim = head.project(Eye(side).rim())
        far = np.linalg.norm(points[None] - rim[:, None], axis=2).min(axis=1)
        assert far.max() < 1e-9
        middle = np.array([side * head.EYE[0], head.EYE[1]])
        used = points[np.unique(meshes["Head"].parts[0].faces)]
        inside = (((used[:, :2] - middle) / head.SOCKET) ** 2).sum(axis=1) < 0.98
        assert not (inside & (used[:, 2] > 0)).any()


def test_no_folded_triangles_in_the_face(meshes: dict[str, Mesh]) -> None:
    part = meshes["Head"].parts[0]
    corners = part.points[part.faces]
    turned = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    front = (corners[:, :, 2].min(axis=1) > 0.45) & (corners[:, :, 1].min(axis=1) > -0.9)
    assert front.sum() > 500
    assert (turned[front, 2] > -1e-9).all()


def test_the_fringe_is_not_a_row_of_teeth(meshes: dict[str, Mesh]) -> None:
    """Tips of the fringe lie at uneven heights and distances."""
    tips = np.array([part.points[-6:].mean(axis=0) for part in meshes["Hair"].parts if len(part.points) == 18 * 6])
    order = np.argsort(tips[:, 0])
    steps = np.diff(tips[order, 0])
    assert len(tips) >= 16
    assert tips[:, 1].std() > 0.05
    assert steps.std() > 0.3 * steps.mean()


def test_hands_have_separate_fingers(meshes: dict[str, Mesh]) -> None:
    bones = humanoid()
    for _, side in SIDES:
        for digit in ("Index", "Middle", "Ring", "Little", "Thumb"):
            tip = f"{side}{digit}Distal"
            own = [part for part in meshes["Head"].parts if tip in part.weights and part.weights[tip].max() == 1]
            assert len(own) == 1
            far = np.linalg.norm(own[0].points - bones.places[tip], axis=1)
            assert far.min() < 0.1


def test_elbows_and_shoulders_bend_over_several_rings(meshes: dict[str, Mesh]) -> None:
    for _, side in SIDES:
        sleeve = next(part for part in meshes["Clothes"].parts if f"{side}UpperArm" in part.weights)
        for bone in (f"{side}LowerArm", f"{side}UpperArm"):
            between = sleeve.weights[bone]
            soft = np.unique(np.abs(sleeve.points[(between > 0.02) & (between < 0.98), 0]).round(3))
            assert len(soft) >= 5


def test_she_does_not_end_at_the_hips() -> None:
    assert figure.skirt("short").points[:, 1].min() < -8
    assert figure.skirt("long").points[:, 1].min() < -12
    assert min(part.points[:, 1].min() for part in figure.legs()) < -14
