"""A VRM file in a persona's folder becomes her body: both versions, with less than everything, and broken in every way."""

import struct
from pathlib import Path

import pytest

from bot import avatar
from bot.avatar import author, dropped, manifest
from bot.avatar.look import Look
from bot.bodies import Bodies
from bot.faults import Faults
from bot.persona import load
from tests.bodies import Json, glb, nodes, vrm1
from tests.fakes import PERSONA


def vrm0(groups: list[Json], eyes: float = 1.45) -> Json:
    bones = [{"bone": "hips", "node": 0}, {"bone": "head", "node": 1}, {"bone": "leftEye", "node": 2}]
    vrm = {
        "humanoid": {"humanBones": bones},
        "meta": {"title": "Old", "author": "a", "licenseName": "CC_BY", "allowedUserName": "Everyone"},
        "blendShapeMaster": {"blendShapeGroups": groups},
    }
    return {"asset": {"version": "2.0"}, "nodes": nodes(eyes), "extensions": {"VRM": vrm}}


def bound(*names: str) -> Json:
    """Expressions that move something."""
    return {name: {"morphTargetBinds": [{"node": 0, "index": 0, "weight": 1}]} for name in names}


def test_our_own_body_is_read_as_any_other() -> None:
    content = dropped.content(author.vrm(Look()))
    assert set(content["expressions"]) == set(manifest.CONTENT["expressions"])
    assert content["camera"]["height"] == pytest.approx(manifest.CONTENT["camera"]["height"], abs=0.03)
    assert content["visemes"]["aa"] == {"aa": 1, "ih": 0, "ou": 0, "ee": 0, "oh": 0}


def test_what_is_missing_has_substitutes_and_what_has_none_is_left_out() -> None:
    content = dropped.content(glb(vrm1({"preset": {**bound("happy", "aa"), "sad": {"morphTargetBinds": []}}})))
    assert content["expressions"]["smile"]["vrm"] == {"happy": 0.5}
    assert "sad" not in content["expressions"]
    assert "angry" not in content["expressions"]
    assert content["visemes"]["O"] == {"aa": 0.5}
    assert content["visemes"]["aa"]["aa"] == 1


def test_the_names_of_version_0_are_those_of_1() -> None:
    groups = [
        {"presetName": "joy", "binds": [{}]},
        {"presetName": "unknown", "name": "Surprised", "binds": [{}]},
        {"presetName": "a", "binds": [{}]},
        {"presetName": "sorrow", "binds": []},
    ]
    content = dropped.content(glb(vrm0(groups)))
    assert content["expressions"]["happy"]["vrm"] == {"happy": 1}
    assert "sad" not in content["expressions"]
    assert content["credits"] == {"title": "Old", "authors": ["a"], "licence": "CC_BY, Everyone", "url": ""}


@pytest.mark.parametrize("eyes", [0.7, 1.45, 2.1])
def test_the_camera_looks_at_her_eyes(eyes: float) -> None:
    camera = dropped.content(glb(vrm1(eyes=eyes)))["camera"]
    assert camera["height"] == pytest.approx(eyes, abs=0.01)
    bust = camera["bust"]
    assert bust["centre"] - bust["span"] / 2 < eyes < bust["centre"] + bust["span"] / 2


def test_shapes_of_oculus_and_arkit_are_driven_themselves() -> None:
    oculus: Json = {"meshes": [{"extras": {"targetNames": ["viseme_aa", "viseme_PP"]}, "primitives": [{}]}]}
    assert dropped.content(glb({**vrm1(), **oculus}))["morphs"] == {"aa": {"viseme_aa": 1.0}, "PP": {"viseme_PP": 1.0}}
    arkit: Json = {"meshes": [{"primitives": [{"extras": {"targetNames": ["jawOpen", "mouthPucker"]}}]}]}
    morphs = dropped.content(glb({**vrm1(), **arkit}))["morphs"]
    assert morphs["U"] == {"mouthPucker": 0.7, "jawOpen": 0.1}
    assert dropped.content(glb(vrm1()))["morphs"] == {}


@pytest.mark.parametrize(
    "data",
    [
        b"", b"glTF", b"not a file at all, but long enough", glb({})[:-3], glb({"nodes": []}), glb({"extensions": 3}),
        glb({"extensions": {"VRMC_vrm": {}}}), glb({"extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {}}}}}),
        glb({"extensions": {"VRMC_vrm": {"humanoid": {"humanBones": {"head": {"node": 7}}}}}, "nodes": [{}]}),
        glb({**vrm1(), "nodes": [{"children": [0]}]}), glb({**vrm1(), "nodes": "no"}),
        glb({**vrm1(), "nodes": [{} for _ in range(20_001)]}),
        struct.pack("<4sIIII", b"glTF", 2, 4_000_000_000, 4_000_000_000, 0x4E4F534A),
    ],
)  # fmt: skip
def test_what_is_no_body_says_so_in_two_languages(data: bytes) -> None:
    with pytest.raises(dropped.BadBody) as told:
        dropped.content(data)
    zh, en = told.value.args
    assert any("一" <= letter <= "鿿" for letter in zh)
    assert en.isascii() or "’" in en


def test_a_licence_cannot_bring_a_script() -> None:
    file = vrm1()
    file["extensions"]["VRMC_vrm"]["meta"]["licenseUrl"] = "javascript:alert(1)"
    assert dropped.content(glb(file))["credits"]["url"] == ""


# In a persona's folder


def folder(tmp_path: Path, data: bytes) -> Path:
    home = tmp_path / "zhu"
    home.mkdir()
    (home / "own.vrm").write_bytes(data)
    (home / "persona.yaml").write_text(
        "id: zhu\nname: {zh: 小竹, en: Zhu}\nidentity: 你是小竹。\ngreeting: {zh: 你好, en: Hi}\navatar: {vrm: own.vrm}\n"
    )
    return home


def test_a_dropped_file_is_her_body_and_a_changed_one_a_new_body(tmp_path: Path) -> None:
    home = folder(tmp_path, glb(vrm1({"preset": bound("happy")})))
    bodies = Bodies(tmp_path / "build")
    bodies.make(load(home))
    first = bodies.made["zhu"]
    assert first.manifest.licence.startswith("小竹; somebody; everyone, corporation")
    assert "smile" in bodies.cues(load(home))
    assert "sad" not in bodies.cues(load(home))
    (home / "own.vrm").write_bytes(glb(vrm1({"preset": bound("happy", "sad")})))
    bodies.make(load(home))
    assert bodies.made["zhu"].name != first.name
    assert "sad" in bodies.cues(load(home))


def test_a_broken_file_is_a_fault_of_the_persona(tmp_path: Path) -> None:
    with pytest.raises(Faults, match=r"own\.vrm") as told:
        load(folder(tmp_path, b"broken"))
    assert "重新导出" in str(told.value)


def test_adopting_twice_writes_once(tmp_path: Path) -> None:
    data = glb(vrm1())
    first = avatar.adopt(data, tmp_path)
    (first / "mark").touch()
    assert avatar.adopt(data, tmp_path) == first
    assert (first / "mark").exists()
    assert PERSONA.avatar.vrm == ""
