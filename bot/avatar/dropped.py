"""A VRM file that an operator dropped into a persona's folder: read, judged, and given a manifest like our own body's.

Both versions of the format: VRM 0.x (extension ``VRM``) and 1.0 (``VRMC_vrm``), as github.com/vrm-c/vrm-specification
has them. three-vrm calls the expressions of both by the names of 1.0, and so do we.
"""

import json
import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any, cast

from bot.avatar.manifest import CONTENT, VISEMES

Json = dict[str, Any]

JSON_BYTES = 16 * 2**20
MOST_NODES = 20_000
NAMES_OF_0 = {
    "joy": "happy", "angry": "angry", "sorrow": "sad", "fun": "relaxed", "a": "aa", "i": "ih", "u": "ou", "e": "ee",
    "o": "oh", "blink": "blink", "blink_l": "blinkLeft", "blink_r": "blinkRight", "neutral": "neutral",
}  # fmt: skip
"""Presets of VRM 0 → those of 1.0."""
INSTEAD: Mapping[str, Sequence[Mapping[str, float]]] = {
    "happy": ({"happy": 1}, {"joy": 1}, {"relaxed": 0.8}),
    "smile": ({"smile": 1}, {"relaxed": 0.7}, {"happy": 0.5}),
    "sad": ({"sad": 1}, {"sorrow": 1}),
    "angry": ({"angry": 1},),
    "surprised": ({"surprised": 1}, {"surprise": 1}),
    "relaxed": ({"relaxed": 1}, {"fun": 1}, {"happy": 0.4}),
    "shy": ({"shy": 1}, {"blush": 1}, {"happy": 0.4, "sad": 0.2}, {"relaxed": 0.6}),
    "thinking": ({"thinking": 1}, {"sad": 0.25}, {"angry": 0.15}),
    "wink": ({"wink": 1}, {"blinkLeft": 1, "happy": 0.5}, {"blinkLeft": 1}),
    "delighted": ({"delighted": 1}, {"happy": 1}),
}
"""Our expression → what of the file shows it, the first that is all there."""
ARKIT: Mapping[str, Mapping[str, float]] = {
    "PP": {"mouthClose": 0.4, "mouthPressLeft": 0.5, "mouthPressRight": 0.5}, "FF": {"mouthRollLower": 0.5, "jawOpen": 0.06},
    "TH": {"jawOpen": 0.16, "tongueOut": 0.2}, "DD": {"jawOpen": 0.16, "mouthStretchLeft": 0.15, "mouthStretchRight": 0.15},
    "kk": {"jawOpen": 0.22}, "CH": {"mouthFunnel": 0.5, "jawOpen": 0.12},
    "SS": {"mouthStretchLeft": 0.3, "mouthStretchRight": 0.3, "jawOpen": 0.05}, "nn": {"jawOpen": 0.14},
    "RR": {"mouthFunnel": 0.35, "jawOpen": 0.14}, "aa": {"jawOpen": 0.62},
    "E": {"jawOpen": 0.32, "mouthStretchLeft": 0.3, "mouthStretchRight": 0.3},
    "I": {"jawOpen": 0.14, "mouthSmileLeft": 0.3, "mouthSmileRight": 0.3}, "O": {"jawOpen": 0.36, "mouthFunnel": 0.55},
    "U": {"mouthPucker": 0.7, "jawOpen": 0.1},
}  # fmt: skip
"""Viseme → ARKit's shapes, for files that have them."""


class BadBody(ValueError):
    """A file that is no body; its two arguments say why and what to do, in Chinese and English."""


def content(data: bytes) -> Json:
    """The manifest of a VRM file, but for ``body``. Raises BadBody."""
    file = _parsed(data)
    found = file.get("extensions")
    extensions: Json = cast(Json, found) if isinstance(found, dict) else {}
    vrm = extensions.get("VRMC_vrm") or extensions.get("VRM")
    if not isinstance(vrm, dict):
        raise BadBody(
            "这是 glTF，但不是 VRM：请导出成 VRM 0 或 VRM 1", "This is glTF, but no VRM: export it as VRM 0 or VRM 1"
        )
    try:
        return _content(file, cast(Json, vrm), new="VRMC_vrm" in extensions)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        if isinstance(error, BadBody):
            raise
        raise BadBody(
            f"VRM 的内容坏了（{type(error).__name__}: {error}）：请重新导出",
            f"The VRM's content is broken ({error}): export it anew",
        ) from None


def _parsed(data: bytes) -> Json:
    """The JSON of a GLB."""
    broken = BadBody(
        "这不是完整的 VRM 文件：请重新导出或重新下载", "This is no whole VRM file: export or download it again"
    )
    if len(data) < 20:
        raise broken
    magic, version, size, length, kind = struct.unpack_from("<4sIIII", data)
    if magic != b"glTF" or version != 2 or kind != 0x4E4F534A or size > len(data) or length > len(data) - 20:
        raise broken
    if length > JSON_BYTES:
        raise BadBody("VRM 的描述部分太大", "The VRM's description is too large")
    try:
        file = json.loads(data[20 : 20 + length])
    except (ValueError, RecursionError):
        raise broken from None
    if not isinstance(file, dict):
        raise broken
    return cast(Json, file)


def _content(file: Json, vrm: Json, *, new: bool) -> Json:
    bones = _bones(vrm, new=new)
    places = _places(file)
    if "head" not in bones or bones["head"] not in places:
        raise BadBody("这个 VRM 没有头部骨骼", "This VRM has no head bone")
    expressions = _expressions(vrm, new=new)
    targets = _targets(file)
    credits = _credits(vrm.get("meta") or {}, new=new)
    shown: Json = {}
    for name, entry in CONTENT["expressions"].items():
        weights = next((each for each in INSTEAD[name] if all(part in expressions for part in each)), None)
        if weights:
            shown[name] = {**entry, "vrm": dict(weights)}
    head = places[bones["head"]]
    eyes = places[bones["leftEye"]] if "leftEye" in bones else head * 1.045
    return {
        "version": 1,
        "name": {"zh": credits["title"], "en": credits["title"]},
        "licence": "; ".join(filter(None, (credits["title"], ", ".join(credits["authors"]), credits["licence"]))),
        "credits": credits,
        "expressions": shown,
        "gestures": CONTENT["gestures"],
        "visemes": _visemes(expressions),
        "morphs": _morphs(targets),
        "camera": _camera(max(0.2, eyes)),
    }


def _bones(vrm: Json, *, new: bool) -> dict[str, int]:
    """Humanoid bone → node."""
    bones = vrm["humanoid"]["humanBones"]
    if new:
        return {str(name): int(each["node"]) for name, each in bones.items()}
    return {str(each["bone"]): int(each["node"]) for each in bones}


def _places(file: Json) -> dict[int, float]:
    """Height of each node, in metres."""
    nodes: list[Json] = file.get("nodes") or []
    if len(nodes) > MOST_NODES:
        raise BadBody("这个 VRM 的节点太多", "This VRM has too many nodes")
    children = {int(child) for node in nodes for child in node.get("children") or []}
    heights: dict[int, float] = {}
    waiting = [(at, 0.0, 1.0) for at in range(len(nodes)) if at not in children]
    while waiting:
        at, height, scale = waiting.pop()
        if at in heights:
            continue
        node = nodes[at]
        matrix = node.get("matrix")
        moved = float(matrix[13]) if matrix else float((node.get("translation") or (0, 0, 0))[1])
        heights[at] = height + moved * scale
        grown = scale if matrix else scale * float((node.get("scale") or (1, 1, 1))[1])
        waiting += [(int(child), heights[at], grown) for child in node.get("children") or []]
    return {at: height for at, height in heights.items() if math.isfinite(height)}


def _expressions(vrm: Json, *, new: bool) -> set[str]:
    """The expressions that move something."""
    if new:
        known = vrm.get("expressions") or {}
        each = {**(known.get("custom") or {}), **(known.get("preset") or {})}
        moves = ("morphTargetBinds", "materialColorBinds", "textureTransformBinds")
        return {str(name) for name, entry in each.items() if entry and any(entry.get(move) for move in moves)}
    groups = (vrm.get("blendShapeMaster") or {}).get("blendShapeGroups") or []
    found: set[str] = set()
    for group in groups:
        if group.get("binds") or group.get("materialValues"):
            preset = str(group.get("presetName") or "unknown").lower()
            found.add(NAMES_OF_0.get(preset) or str(group.get("name") or ""))
    return found


def _targets(file: Json) -> set[str]:
    """Names of the morph targets, where the file tells them."""
    found: set[str] = set()
    for mesh in file.get("meshes") or []:
        extras = mesh.get("extras") or {}
        found |= set(map(str, extras.get("targetNames") or []))
        for primitive in mesh.get("primitives") or []:
            found |= set(map(str, (primitive.get("extras") or {}).get("targetNames") or []))
    return found


def _visemes(expressions: set[str]) -> Json:
    """Our visemes by the mouth shapes that are there; a mouth with fewer opens with ``aa`` alone."""
    found: Json = {}
    for name, weights in CONTENT["visemes"].items():
        kept = {shape: weight for shape, weight in weights.items() if shape in expressions}
        lost = sum(weight for shape, weight in weights.items() if shape not in expressions)
        if lost and "aa" in expressions:
            kept["aa"] = min(1.0, kept.get("aa", 0.0) + 0.5 * lost)
        found[name] = kept
    return found


def _morphs(targets: set[str]) -> Json:
    """Viseme → morph target → weight, for a file with Oculus' or ARKit's shapes."""
    if "viseme_aa" in targets:
        return {name: {f"viseme_{name}": 1.0} for name in VISEMES if f"viseme_{name}" in targets}
    if "jawOpen" in targets:
        return {
            name: {shape: weight for shape, weight in ARKIT.get(name, {}).items() if shape in targets}
            for name in VISEMES
        }
    return {}


def _camera(eyes: float) -> Json:
    """Crops as for our own body, for one whose eyes are at another height."""
    ours = CONTENT["camera"]
    scale = eyes / ours["height"]
    crops = {name: ours[name] for name in ("bust", "half", "full")}
    return {
        "height": round(eyes, 4),
        **{name: {key: round(value * scale, 4) for key, value in crop.items()} for name, crop in crops.items()},
    }


def _credits(meta: Json, *, new: bool) -> Json:
    """Who made it and what is allowed, as the file says."""
    if new:
        allowed = (meta.get(key) for key in ("avatarPermission", "commercialUsage", "creditNotation", "modification"))
        return {
            "title": str(meta.get("name") or "VRM"),
            "authors": [str(each) for each in meta.get("authors") or []],
            "licence": ", ".join(str(each) for each in allowed if each),
            "url": _address(meta.get("otherLicenseUrl") or meta.get("licenseUrl")),
        }
    allowed = (meta.get(key) for key in ("licenseName", "allowedUserName", "commercialUssageName"))
    return {
        "title": str(meta.get("title") or "VRM"),
        "authors": [str(meta["author"])] if meta.get("author") else [],
        "licence": ", ".join(str(each) for each in allowed if each),
        "url": _address(meta.get("otherLicenseUrl") or meta.get("otherPermissionUrl")),
    }


def _address(value: object) -> str:
    """A web address, or nothing: it becomes a link."""
    text = str(value or "")
    return text if text.startswith(("https://", "http://")) else ""
