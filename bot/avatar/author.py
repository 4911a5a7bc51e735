"""From a look to the files of a body: all parts drawn, bound to the bones and written as VRM 1.0."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from . import clothes, expressions, eyes, figure, hands, head, manifest, material, mouth, paint
from .glb import Glb
from .hair import cap, hair, ties
from .lids import Eye
from .look import PARAMETERS, Look
from .mesh import UNIT, Mesh
from .skeleton import SIDES, Skeleton, humanoid

_META = {
    "name": manifest.NAME["zh"] + " " + manifest.NAME["en"], "version": "1", "authors": ["Zhiyin"],
    "licenseUrl": "https://vrm.dev/licenses/1.0/", "copyrightInformation": "Drawn by Zhiyin's own generator",
    "otherLicenseUrl": "https://www.apache.org/licenses/LICENSE-2.0", "avatarPermission": "everyone",
    "commercialUsage": "corporation", "creditNotation": "unnecessary", "allowRedistribution": True,
    "modification": "allowModificationRedistribution", "allowExcessivelyViolentUsage": False,
    "allowExcessivelySexualUsage": False, "allowPoliticalOrReligiousUsage": False, "allowAntisocialOrHateUsage": False,
}  # fmt: skip
_COLLIDERS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("head", {"sphere": {"offset": [0, 0.092, 0.012], "radius": 0.088}}),
    ("neck", {"capsule": {"offset": [0, -0.02, 0], "tail": [0, 0.06, 0], "radius": 0.034}}),
    ("chest", {"capsule": {"offset": [-0.07, 0.125, 0], "tail": [0.07, 0.125, 0], "radius": 0.042}}),
    ("chest", {"sphere": {"offset": [0, 0.075, 0.012], "radius": 0.072}}),
)
"""What hair and bow don't fall through: bone and shape in metres."""


def write(look: Look, folder: Path) -> None:
    """Writes avatar.vrm and manifest.json of the look into the folder; the same look gives the same bytes."""
    (folder / "avatar.vrm").write_bytes(vrm(look))
    colours = {name: value for name, value in asdict(look).items() if PARAMETERS[name].kind == "colour"}
    text = json.dumps({**manifest.CONTENT, "palette": colours}, ensure_ascii=False, indent=1, sort_keys=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")


def vrm(look: Look) -> bytes:
    """The body as a VRM 1.0 file."""
    bones = humanoid()
    meshes = drawn(look, bones)
    file = Glb()
    _materials(file, look, meshes)
    targets = _scene(file, bones, meshes)
    file.json["extensionsUsed"] = ["VRMC_vrm", "VRMC_springBone", "VRMC_materials_mtoon", "KHR_materials_unlit"]
    file.json["extensions"] = {"VRMC_vrm": _vrm(bones, targets), "VRMC_springBone": _springs(bones)}
    return file.written()


def drawn(look: Look, bones: Skeleton) -> list[Mesh]:
    """All meshes, one for each material."""
    skin = head.head({side: Eye(side, look.eye_shape).rim() for side, _ in SIDES})
    face = Mesh("Face", "face", [])
    cloth, white, plain = Mesh("Clothes", "cloth"), Mesh("Collar", "white"), Mesh("Plain", "plain")
    for side, name in SIDES:
        for part in (*eyes.drawn(Eye(side, look.eye_shape)), *mouth.mouth()[: 3 if side > 0 else 0]):
            face.add(part)
        for part in hands.hand(side, name):
            skin.add(part)
    for part in head.ears():
        face.add(part)
    for part in figure.neck():
        skin.add(part)
    for part in (
        *clothes.cardigan(),
        *clothes.sleeves(),
        *clothes.throat(look.neck, bones),
        figure.skirt(look.skirt_cut),
        *figure.legs(),
    ):
        cloth.add(part)
    for part in (clothes.blouse(), *clothes.collar()):
        white.add(part)
    for part in (cap(), *figure.pin(), *ties(look.hair_cut)):
        plain.add(part)
    return [skin, face, hair(look, bones), cloth, white, plain, mouth.blush()]


def _materials(file: Glb, look: Look, meshes: list[Mesh]) -> None:
    """Textures, and the materials in the order of the meshes."""
    texture = paint.lit(look)
    lit = file.texture(texture, "lit")
    shaded = file.texture(paint.shaded(texture), "shaded")
    blush = file.texture(paint.blush(), "blush")
    names = [mesh.material for mesh in meshes]
    file.json["samplers"] = [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}]
    file.json["materials"] = [
        material.written(name, *((blush, blush) if name == "blush" else (lit, shaded))) for name in names
    ]


def _scene(file: Glb, bones: Skeleton, meshes: list[Mesh]) -> dict[str, list[tuple[int, int]]]:
    """Nodes, skin and meshes; morph state → (node, target) of each mesh that has it."""
    order = bones.order()
    nodes: list[dict[str, Any]] = [{"name": name} for name in order]
    inverse = np.tile(np.eye(4, dtype="<f4").ravel(), (len(order), 1))
    for name, number in order.items():
        here = bones.metres(name)
        parent = bones.parents.get(name)
        nodes[number]["translation"] = (here - bones.metres(parent) if parent else here).round(7).tolist()
        if parent:
            nodes[order[parent]].setdefault("children", []).append(number)
        inverse[number, 12:15] = -here
    targets: dict[str, list[tuple[int, int]]] = {}
    roots = [order["hips"]]
    for number, mesh in enumerate(meshes):
        index, states = file.mesh(mesh, number, order)
        for target, state in enumerate(states):
            targets.setdefault(state, []).append((len(nodes), target))
        roots.append(len(nodes))
        nodes.append({"name": mesh.name, "mesh": index, "skin": 0})
    matrices = file.accessor(inverse, "MAT4")
    file.json |= {"scene": 0, "scenes": [{"nodes": roots}], "nodes": nodes}
    file.json["skins"] = [
        {"joints": list(range(len(order))), "inverseBindMatrices": matrices, "skeleton": order["hips"]}
    ]
    return targets


def _vrm(bones: Skeleton, targets: dict[str, list[tuple[int, int]]]) -> dict[str, Any]:
    """The VRM extension."""
    order = bones.order()
    eye = head.project(np.array([head.EYE])) - bones.places["head"]
    reach = {"inputMaxValue": 30.0, "outputScale": 1.0}
    return {
        "specVersion": "1.0", "meta": _META,
        "humanoid": {"humanBones": {name: {"node": order[name]} for name in bones.humanoid}},
        "lookAt": {
            "offsetFromHeadBone": [0, round(float(eye[0, 1]) * UNIT, 4), round(float(eye[0, 2]) * UNIT, 4)],
            "type": "expression", "rangeMapHorizontalInner": reach, "rangeMapHorizontalOuter": reach,
            "rangeMapVerticalDown": reach, "rangeMapVerticalUp": reach,
        },
        "expressions": expressions.written(targets),
    }  # fmt: skip


def _springs(bones: Skeleton) -> dict[str, Any]:
    """What swings: hair and the tails of the bow."""
    order = bones.order()
    springs: list[dict[str, Any]] = []
    for name, chain in bones.chains.items():
        stiff, drag = (1.0, 0.45) if not name.startswith("bow") else (0.7, 0.5)
        joint = {
            "hitRadius": 0.012,
            "stiffness": stiff,
            "gravityPower": 0.06,
            "gravityDir": [0, -1, 0],
            "dragForce": drag,
        }
        springs.append(
            {"name": name, "joints": [{"node": order[bone]} | joint for bone in chain], "colliderGroups": [0]}
        )
    colliders = [{"node": order[bone], "shape": shape} for bone, shape in _COLLIDERS]
    groups = [{"name": "body", "colliders": list(range(len(colliders)))}]
    return {"specVersion": "1.0", "colliders": colliders, "colliderGroups": groups, "springs": springs}
