"""What can be chosen about her looks, colours and cuts, as named looks or single parameters."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class LookError(ValueError):
    """A look that can't be drawn; the text names the field, the fault and the mend."""


@dataclass(frozen=True)
class Parameter:
    """One thing that can be chosen."""

    kind: Literal["colour", "choice"]
    zh: str
    en: str
    choices: Mapping[str, tuple[str, str]] | None = None
    """Name of a choice → what to call it in Chinese and English."""


def _colour(zh: str, en: str) -> Parameter:
    return Parameter("colour", zh, en)


def _choice(zh: str, en: str, **choices: tuple[str, str]) -> Parameter:
    return Parameter("choice", zh, en, choices)


PARAMETERS: Mapping[str, Parameter] = {
    "hair": _colour("头发", "Hair"),
    "tips": _colour("发梢", "Hair tips"),
    "shine": _colour("头发的光", "Shine of the hair"),
    "eyes": _colour("眼睛", "Eyes"),
    "skin": _colour("皮肤", "Skin"),
    "cardigan": _colour("开衫", "Cardigan"),
    "trim": _colour("镶边", "Trim"),
    "bow": _colour("领饰和发饰", "Collar and hair ornament"),
    "skirt": _colour("裙子", "Skirt"),
    "tights": _colour("袜子", "Tights"),
    "fringe": _choice(
        "刘海", "Fringe",
        swept=("斜刘海", "Swept"), straight=("齐刘海", "Straight"), parted=("中分", "Parted"), side=("侧分", "Side part"),
    ),
    "hair_cut": _choice(
        "发型", "Hair cut",
        bob=("波波头", "Bob"), long=("长发", "Long"), ponytail=("马尾", "Ponytail"), twin_tails=("双马尾", "Twin tails"),
    ),
    "neck": _choice("领口", "Collar", bow=("蝴蝶结", "Bow"), tie=("领带", "Tie"), bare=("不戴", "Bare")),
    "skirt_cut": _choice("裙长", "Skirt length", short=("短裙", "Short"), long=("长裙", "Long")),
    "eye_shape": _choice(
        "眼形", "Eye shape", round=("圆眼", "Round"), gentle=("温柔", "Gentle"), sharp=("上挑", "Sharp"),
    ),
}  # fmt: skip
"""Name → parameter: what a look is checked by, and what an editor of looks shows."""


@dataclass(frozen=True)
class Look:
    """How she looks: the values of PARAMETERS; colours are #rrggbb."""

    hair: str = "#4d3d5c"
    tips: str = "#4fbfae"
    shine: str = "#b3a0d6"
    eyes: str = "#22a394"
    skin: str = "#ffeadf"
    cardigan: str = "#94e0cb"
    trim: str = "#5fbfa9"
    bow: str = "#1fae77"
    skirt: str = "#3f4766"
    tights: str = "#453d54"
    fringe: str = "swept"
    hair_cut: str = "bob"
    neck: str = "bow"
    skirt_cut: str = "short"
    eye_shape: str = "round"

    def __post_init__(self) -> None:
        """Refuses what can't be drawn."""
        for name, value in asdict(self).items():
            choices = PARAMETERS[name].choices
            if choices is not None:
                if value not in choices:
                    raise LookError(f"avatar look: {name} is {value!r}; choose one of {', '.join(choices)}")
            elif not isinstance(value, str) or not COLOUR.fullmatch(value):
                raise LookError(f"avatar look: {name} is {value!r}; write a colour as #rrggbb, for example #4d3d5c")


LOOKS: Mapping[str, Look] = {
    "ayin": Look(),
    "cherry": Look(
        hair="#8a5548", tips="#f0a3a0", shine="#f2cdb0", eyes="#c0633f", cardigan="#f7cdd3", trim="#e08d9e",
        bow="#d8445f", skirt="#6b4a5c", tights="#57454f", fringe="straight", hair_cut="twin_tails",
    ),
    "night": Look(
        hair="#2b3350", tips="#6c8fd6", shine="#9db4e8", eyes="#4a6fd0", cardigan="#4b5a86", trim="#3b4870",
        bow="#7a4fc0", skirt="#3d4870", tights="#33354a", fringe="side", eye_shape="sharp", neck="tie",
    ),
    "bamboo": Look(
        hair="#5a4234", tips="#93694a", shine="#d9b58c", eyes="#7a8f35", cardigan="#eaf2dc", trim="#5d9a5c",
        bow="#3f8a4e", skirt="#6da36a", tights="#e9dccb", fringe="side", hair_cut="ponytail", eye_shape="gentle", skirt_cut="long",
    ),
    "ink": Look(
        hair="#2a2a33", tips="#47414f", shine="#8d8aa0", eyes="#a03a46", cardigan="#3d4253", trim="#c9a45c",
        bow="#b8323f", skirt="#343848", tights="#2b2c36", fringe="parted", hair_cut="long", eye_shape="gentle", neck="tie",
        skirt_cut="long",
    ),
}  # fmt: skip
"""The looks that have a name."""
_TITLES = {
    "ayin": ("阿音", "Ayin"), "cherry": ("樱桃", "Cherry"), "night": ("夜", "Night"), "bamboo": ("竹", "Bamboo"),
    "ink": ("墨", "Ink"),
}  # fmt: skip


def describe() -> dict[str, Any]:
    """Parameters with their choices and defaults, and the named looks, ready for JSON."""
    plain = asdict(Look())
    return {
        "parameters": [
            {
                "name": name, "kind": each.kind, "zh": each.zh, "en": each.en, "default": plain[name],
                "choices": [{"name": key, "zh": zh, "en": en} for key, (zh, en) in (each.choices or {}).items()],
            }
            for name, each in PARAMETERS.items()
        ],
        "looks": {
            name: {"zh": _TITLES[name][0], "en": _TITLES[name][1], "values": asdict(look)} for name, look in LOOKS.items()
        },
    }  # fmt: skip


def chosen(look: str | Mapping[str, str]) -> Look:
    """The look of a name, or of parameters (a key `base` names the look they change)."""
    if isinstance(look, str):
        return _named(look)
    changes = dict(look)
    base = _named(changes.pop("base", "ayin"))
    known = [entry.name for entry in fields(Look)]
    for key in changes:
        if key not in known:
            near = get_close_matches(key, known, 1)
            mend = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise LookError(f"avatar look: {key} is not a parameter; {mend}")
    return replace(base, **changes)


def _named(name: str) -> Look:
    """The named look, or a fault that lists the names."""
    if name not in LOOKS:
        raise LookError(f"avatar look: {name!r} is not known; choose one of {', '.join(LOOKS)}")
    return LOOKS[name]


def fingerprint(look: Look) -> str:
    """16 hex digits that change with the look and with the generator's sources."""
    digest = hashlib.sha256(json.dumps(asdict(look), sort_keys=True).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
