"""VRM's expressions as weights of the meshes' morph targets, and which of them hold others back."""

from collections.abc import Mapping, Sequence
from typing import Any

PRESETS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("aa", "ih", "ou", "ee", "oh", "blinkLeft", "blinkRight", "blink"), ("none", "none")),
    **dict.fromkeys(("lookUp", "lookDown", "lookLeft", "lookRight", "neutral"), ("none", "none")),
    "happy": ("none", "none"), "angry": ("none", "none"), "sad": ("none", "none"), "relaxed": ("none", "none"),
    "surprised": ("blend", "none"),
}  # fmt: skip
"""Preset → (overrideBlink, overrideMouth). Mouth shapes add to every face, so none holds the mouth back;
wide eyes would not close under a blink, so surprise holds it back."""
CUSTOM: Mapping[str, tuple[str, str]] = {
    "smile": ("none", "none"), "joy": ("block", "none"), "shy": ("none", "none"), "thinking": ("none", "none"),
    "wink": ("block", "none"),
}  # fmt: skip
_PARTS: Mapping[str, Sequence[tuple[str, float]]] = {
    "wink": (("blinkLeft", 1.0), ("smile", 1.0)),
    "neutral": (),
}
"""Expressions made of other morph states; every other one is the state of its own name."""
_GAZING = ("thinking", "shy")
"""Expressions that turn the eyes themselves."""

Targets = Mapping[str, Sequence[tuple[int, int]]]
"""Morph state → (node, index of the target) of every mesh that has it."""


def written(targets: Targets) -> dict[str, Any]:
    """The expressions as VRM writes them."""
    return {
        "preset": {name: _expression(name, holds, targets) for name, holds in PRESETS.items()},
        "custom": {name: _expression(name, holds, targets) for name, holds in CUSTOM.items()},
    }


def _expression(name: str, holds: tuple[str, str], targets: Targets) -> dict[str, Any]:
    """One expression."""
    states = _PARTS.get(name, ((name, 1.0),))
    binds = [
        {"node": node, "index": index, "weight": weight}
        for state, weight in states
        for node, index in targets[state]
    ]  # fmt: skip
    return {
        "isBinary": False, "overrideBlink": holds[0], "overrideMouth": holds[1],
        "overrideLookAt": "block" if name in _GAZING else "none",
    } | ({"morphTargetBinds": binds} if binds else {})  # fmt: skip
