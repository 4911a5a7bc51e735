"""The generated body is a sound VRM 1.0: bones, weights, indices, expressions, size."""

import json
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.avatar import LOOKS, author
from bot.avatar.look import Look
from bot.avatar.manifest import CONTENT

NUMBERS = {5121: np.dtype("u1"), 5123: np.dtype("<u2"), 5125: np.dtype("<u4"), 5126: np.dtype("<f4")}
WIDTH = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
REQUIRED = (
    "hips", "spine", "head", "leftUpperLeg", "leftLowerLeg", "leftFoot", "rightUpperLeg", "rightLowerLeg", "rightFoot",
    "leftUpperArm", "leftLowerArm", "leftHand", "rightUpperArm", "rightLowerArm", "rightHand",
)  # fmt: skip
"""VRM 1.0's required bones."""


class Body:
    """A VRM taken apart."""

    def __init__(self, content: bytes) -> None:
        """Reads both chunks of the GLB."""
        magic, version, size, length, kind = struct.unpack_from("<4sIIII", content)
        assert (magic, version, size, kind) == (b"glTF", 2, len(content), 0x4E4F534A)
        self.json: dict[str, Any] = json.loads(content[20 : 20 + length])
        after = 20 + length
        extent, kind = struct.unpack_from("<II", content, after)
        assert kind == 0x004E4942
        self.binary = content[after + 8 :]
        assert len(self.binary) == extent == self.json["buffers"][0]["byteLength"]

    def view(self, number: int, kind: int, count: int) -> NDArray[Any]:
        """`count` numbers of a buffer view, which must lie within the buffer."""
        view = self.json["bufferViews"][number]
        number_type = NUMBERS[kind]
        assert view["byteOffset"] + view["byteLength"] <= len(self.binary)
        assert count * number_type.itemsize <= view["byteLength"]
        assert view["byteOffset"] % number_type.itemsize == 0
        return np.frombuffer(self.binary, number_type, count, view["byteOffset"])

    def rows(self, number: int) -> NDArray[Any]:
        """An accessor's rows, sparse ones filled in."""
        entry = self.json["accessors"][number]
        width = WIDTH[entry["type"]]
        count = entry["count"]
        if "bufferView" in entry:
            return self.view(entry["bufferView"], entry["componentType"], count * width).reshape(count, width)
        rows = np.zeros((count, width), NUMBERS[entry["componentType"]])
        if sparse := entry.get("sparse"):
            indices = sparse["indices"]
            places = self.view(indices["bufferView"], indices["componentType"], sparse["count"])
            assert (np.diff(places.astype(int)) > 0).all()
            assert places.max() < count
            values = self.view(sparse["values"]["bufferView"], entry["componentType"], sparse["count"] * width)
            rows[places] = values.reshape(-1, width)
        return rows

    def mesh(self, name: str) -> dict[str, Any]:
        """The primitive of a mesh."""
        return next(mesh["primitives"][0] for mesh in self.json["meshes"] if mesh["name"] == name)

    def targets(self, name: str) -> list[str]:
        """Morph states of a mesh in order."""
        return next(mesh["extras"]["targetNames"] for mesh in self.json["meshes"] if mesh["name"] == name)

    @property
    def vrm(self) -> dict[str, Any]:
        """The VRM extension."""
        return self.json["extensions"]["VRMC_vrm"]

    def place(self, bone: str) -> NDArray[np.float64]:
        """Where a humanoid bone stands, in metres."""
        nodes = self.json["nodes"]
        parents = {child: number for number, node in enumerate(nodes) for child in node.get("children", [])}
        number: int | None = self.vrm["humanoid"]["humanBones"][bone]["node"]
        place = np.zeros(3)
        while number is not None:
            place += nodes[number]["translation"]
            number = parents.get(number)
        return place


@pytest.fixture(scope="module", params=sorted(LOOKS))
def body(request: pytest.FixtureRequest) -> Body:
    """The body of every named look."""
    return Body(author.vrm(LOOKS[request.param]))


def test_every_accessor_lies_in_the_buffer_and_is_finite(body: Body) -> None:
    for number in range(len(body.json["accessors"])):
        assert np.isfinite(body.rows(number)).all()


def test_indices_and_joints_are_in_range_and_weights_sum_to_one(body: Body) -> None:
    joints = len(body.json["skins"][0]["joints"])
    for mesh in body.json["meshes"]:
        for primitive in mesh["primitives"]:
            entries = primitive["attributes"]
            count = body.json["accessors"][entries["POSITION"]]["count"]
            assert all(body.json["accessors"][number]["count"] == count for number in entries.values())
            assert body.rows(primitive["indices"]).max() < count
            assert body.rows(entries["JOINTS_0"]).max() < joints
            np.testing.assert_allclose(body.rows(entries["WEIGHTS_0"]).sum(axis=1), 1, atol=1e-5)
            np.testing.assert_allclose(np.linalg.norm(body.rows(entries["NORMAL"]), axis=1), 1, atol=1e-3)
            uv = body.rows(entries["TEXCOORD_0"])
            assert uv.min() >= 0
            assert uv.max() <= 1


def test_it_is_light_enough_for_a_software_renderer(body: Body) -> None:
    primitives = [primitive for mesh in body.json["meshes"] for primitive in mesh["primitives"]]
    triangles = sum(body.json["accessors"][primitive["indices"]]["count"] for primitive in primitives) // 3
    assert triangles <= 45_000
    assert len(primitives) <= 8
    assert len(body.binary) <= 2_500_000


def test_the_humanoid_stands_in_t_pose(body: Body) -> None:
    bones = body.vrm["humanoid"]["humanBones"]
    assert set(REQUIRED) <= set(bones)
    digits = [
        f"{side}{digit}" for side in ("left", "right") for digit in ("Index", "Middle", "Ring", "Little", "Thumb")
    ]
    for digit in digits:
        assert f"{digit}Proximal" in bones
        assert f"{digit}Distal" in bones
    # Her left is +x, she looks to +z, arms level; no bone is turned.
    assert all("rotation" not in node and "scale" not in node for node in body.json["nodes"])
    shoulder, elbow, wrist = (body.place(f"left{bone}") for bone in ("UpperArm", "LowerArm", "Hand"))
    assert shoulder[0] < elbow[0] < wrist[0]
    np.testing.assert_allclose((elbow - shoulder)[1:], 0, atol=1e-6)
    np.testing.assert_allclose((wrist - elbow)[1:], 0, atol=1e-6)
    assert body.place("leftThumbProximal")[2] > body.place("leftLittleProximal")[2]
    for bone in REQUIRED:
        if bone.startswith("left"):
            mirrored = body.place(bone.replace("left", "right")) * [-1, 1, 1]
            np.testing.assert_allclose(body.place(bone), mirrored, atol=1e-6)


def test_every_expression_of_the_manifest_moves_something(body: Body) -> None:
    expressions = body.vrm["expressions"]
    known = {**expressions["preset"], **expressions["custom"]}
    wanted = {name for entry in CONTENT["expressions"].values() for name in entry["vrm"]}
    wanted |= {name for weights in CONTENT["visemes"].values() for name in weights}
    wanted |= {"blink", "blinkLeft", "blinkRight", "lookUp", "lookDown", "lookLeft", "lookRight"}
    for name in wanted:
        binds = known[name]["morphTargetBinds"]
        assert binds
        for bind in binds:
            mesh = body.json["meshes"][body.json["nodes"][bind["node"]]["mesh"]]
            moves = body.rows(mesh["primitives"][0]["targets"][bind["index"]]["POSITION"])
            assert np.abs(moves).max() > 5e-4, name
    assert "morphTargetBinds" not in known["neutral"]


def test_one_eye_of_a_wink_stays_still(body: Body) -> None:
    face = body.mesh("Face")
    points = body.rows(face["attributes"]["POSITION"])
    for name, side in (("blinkLeft", 1), ("blinkRight", -1)):
        moves = body.rows(face["targets"][body.targets("Face").index(name)]["POSITION"])
        moved = np.abs(moves).max(axis=1) > 0
        assert moved.any()
        assert (points[moved, 0] * side > 0).all()


@pytest.mark.parametrize(
    ("cut", "hangs"), [("bow", {"bowLeft", "bowRight"}), ("tie", {"bowTie"}), ("bare", set[str]())]
)
def test_what_she_wears_at_the_collar_hangs_there(cut: str, hangs: set[str]) -> None:
    dressed = Body(author.vrm(Look(neck=cut)))
    springs = dressed.json["extensions"]["VRMC_springBone"]["springs"]
    assert {spring["name"] for spring in springs if spring["name"].startswith("bow")} == hangs


def test_springs_are_chains_of_bones(body: Body) -> None:
    nodes = body.json["nodes"]
    springs = body.json["extensions"]["VRMC_springBone"]["springs"]
    assert sum(not spring["name"].startswith("bow") for spring in springs) >= 2  # of the hair
    for spring in springs:
        chain = [joint["node"] for joint in spring["joints"]]
        assert len(chain) >= 3
        for above, below in pairwise(chain):
            assert below in nodes[above]["children"]


def test_the_look_changes_the_picture_and_not_the_shape() -> None:
    one, other = Body(author.vrm(Look())), Body(author.vrm(Look(hair="#aa3355")))
    assert one.json["accessors"] == other.json["accessors"]
    images = [body.json["bufferViews"][body.json["images"][0]["bufferView"]] for body in (one, other)]
    pixels = [
        body.binary[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
        for body, view in zip((one, other), images, strict=True)
    ]
    assert pixels[0] != pixels[1]


def test_meta_allows_everyone_to_use_her(body: Body) -> None:
    meta = body.vrm["meta"]
    assert meta["avatarPermission"] == "everyone"
    assert meta["licenseUrl"] == "https://vrm.dev/licenses/1.0/"
    assert meta["allowRedistribution"] is True


def test_the_files_are_the_same_bytes_each_time(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        author.write(Look(), folder)
    for name in ("avatar.vrm", "manifest.json"):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
