"""The one list of what a body can show: expressions, gestures, mouth shapes, where its eyes are.

The prompt offers its cues, the director knows them by it, the page plays them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

NAME = {"zh": "阿音", "en": "Ayin"}
VISEMES = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U")
"""The 15 mouth shapes of Oculus."""
_SHAPES = ("aa", "ih", "ou", "ee", "oh")
_WEIGHTS = {
    "sil": (0, 0, 0, 0, 0), "PP": (0, 0, 0, 0, 0), "FF": (0, 0.18, 0, 0.05, 0), "TH": (0.10, 0.28, 0, 0, 0),
    "DD": (0.08, 0.38, 0, 0.10, 0), "kk": (0.22, 0.22, 0, 0.12, 0), "CH": (0, 0.22, 0.48, 0, 0),
    "SS": (0, 0.38, 0, 0.20, 0), "nn": (0.10, 0.30, 0, 0.08, 0), "RR": (0, 0.12, 0.42, 0, 0.16),
    "aa": (1, 0, 0, 0, 0), "E": (0.12, 0, 0, 0.85, 0), "I": (0, 0.95, 0, 0, 0), "O": (0, 0, 0, 0, 1),
    "U": (0, 0, 1, 0, 0),
}  # fmt: skip
CONTENT: dict[str, Any] = {
    "version": 1,
    "body": "avatar.vrm",
    "name": NAME,
    "licence": "Apache-2.0; drawn by Zhiyin's own generator, free to use, change and pass on",
    "expressions": {
        "happy": {"zh": "高兴", "en": "happy", "cues": ["happy", "joy", "laugh"], "vrm": {"happy": 1.0}},
        "smile": {"zh": "微笑", "en": "smiling", "cues": ["smile"], "vrm": {"smile": 1.0}},
        "sad": {"zh": "难过", "en": "sad", "cues": ["sad"], "vrm": {"sad": 1.0}},
        "angry": {"zh": "生气", "en": "angry", "cues": ["angry"], "vrm": {"angry": 1.0}},
        "surprised": {"zh": "惊讶", "en": "surprised", "cues": ["surprised", "surprise"], "vrm": {"surprised": 1.0}},
        "relaxed": {"zh": "放松", "en": "relaxed", "cues": ["relaxed", "calm"], "vrm": {"relaxed": 1.0}},
        "shy": {"zh": "害羞", "en": "shy", "cues": ["shy", "blush"], "vrm": {"shy": 1.0}},
        "thinking": {"zh": "思索", "en": "thoughtful", "cues": ["thinking"], "vrm": {"thinking": 1.0}},
        "wink": {"zh": "眨眼", "en": "winking", "cues": ["wink"], "vrm": {"wink": 1.0}},
        "delighted": {"zh": "笑弯了眼", "en": "delighted", "cues": ["delighted"], "vrm": {"joy": 1.0}},
    },
    "gestures": {
        "wave": {"zh": "挥手", "en": "wave", "cues": ["wave"]},
        "nod": {"zh": "点头", "en": "nod", "cues": ["nod"]},
        "shake": {"zh": "摇头", "en": "shake the head", "cues": ["shake_head", "shake"]},
        "bow": {"zh": "鞠躬", "en": "bow", "cues": ["bow"]},
        "think": {"zh": "托腮想", "en": "think", "cues": ["think"]},
        "shrug": {"zh": "耸肩", "en": "shrug", "cues": ["shrug"]},
        "present_left": {"zh": "请看左边", "en": "present to the left", "cues": ["present_left", "left"]},
        "present_right": {"zh": "请看右边", "en": "present to the right", "cues": ["present_right", "right"]},
        "clap": {"zh": "鼓掌", "en": "clap", "cues": ["clap"]},
        "heart": {"zh": "比心", "en": "heart", "cues": ["heart"]},
        "point": {"zh": "指给你看", "en": "point", "cues": ["point"]},
    },
    "visemes": {name: dict(zip(_SHAPES, _WEIGHTS[name], strict=True)) for name in VISEMES},
    # Heights in metres: `centre` of the picture, `span` from its lower to its upper border.
    "camera": {
        "height": 1.45,
        "bust": {"centre": 1.405, "span": 0.56},
        "half": {"centre": 1.22, "span": 0.92},
        "full": {"centre": 0.80, "span": 1.74},
    },
}  # fmt: skip
"""What the generator writes for every look: they differ in colour, not in what they can do."""

Kind = Literal["expression", "gesture"]


class ManifestError(ValueError):
    """A manifest that can't be used; the text names file, field and fault."""


@dataclass(frozen=True)
class Frame:
    """A crop of the stage's picture, in metres."""

    centre: float
    """Height of its middle."""
    span: float
    """From its lower to its upper border."""


@dataclass(frozen=True)
class Manifest:
    """What a body can show."""

    body: str
    """File name of the body, beside the manifest."""
    name: Mapping[str, str]
    """Language → name of the body."""
    licence: str
    cues: Mapping[str, tuple[Kind, str]]
    """Cue as it is written in a text, such as joy → its kind and the name of what it shows."""
    expressions: Mapping[str, Mapping[str, float]]
    """Expression → VRM expression → weight."""
    gestures: tuple[str, ...]
    titles: Mapping[str, Mapping[str, str]]
    """Expression or gesture → language → what to call it."""
    visemes: Mapping[str, Mapping[str, float]]
    """Oculus viseme → VRM mouth shape → weight."""
    height: float
    """Metres from the ground to the eyes."""
    frames: Mapping[str, Frame]
    """Name of a crop (bust, half, full) → the crop."""


def load(folder: Path) -> Manifest:
    """The manifest in a body's folder; ManifestError where it is missing or broken."""
    file = folder / "manifest.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ManifestError(f"{file}: missing; run python -m bot.avatar") from None
    except ValueError as fault:
        raise ManifestError(f"{file}: not JSON ({fault}); delete its folder and run python -m bot.avatar") from None
    if not isinstance(content, dict) or content.get("version") != 1:
        raise ManifestError(f"{file}: version must be 1")
    try:
        return _read(content)
    except (KeyError, TypeError, AttributeError) as fault:
        raise ManifestError(f"{file}: field missing or of the wrong kind: {fault}") from None


def _read(content: Mapping[str, Any]) -> Manifest:
    """The record of a parsed manifest."""
    kinds: tuple[Kind, ...] = get_args(Kind)
    tables = dict(zip(kinds, (content["expressions"], content["gestures"]), strict=True))
    cues: dict[str, tuple[Kind, str]] = {}
    titles: dict[str, Mapping[str, str]] = {}
    for kind, table in tables.items():
        for name, entry in table.items():
            titles[name] = {"zh": str(entry["zh"]), "en": str(entry["en"])}
            for cue in entry["cues"]:
                cues[str(cue)] = (kind, str(name))
    camera = dict(content["camera"])
    return Manifest(
        body=str(content["body"]),
        name={str(key): str(text) for key, text in content["name"].items()},
        licence=str(content["licence"]),
        cues=cues,
        expressions={name: dict(entry["vrm"]) for name, entry in content["expressions"].items()},
        gestures=tuple(content["gestures"]),
        titles=titles,
        visemes={name: dict(content["visemes"][name]) for name in VISEMES},
        height=float(camera.pop("height")),
        frames={name: Frame(float(frame["centre"]), float(frame["span"])) for name, frame in camera.items()},
    )
