"""What can be chosen about her looks: colours and fringe, as named looks or single parameters."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from pathlib import Path

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
FRINGES = ("swept", "straight")


class LookError(ValueError):
    """A look that can't be drawn; the text names the field, the fault and the mend."""


@dataclass(frozen=True)
class Look:
    """How she looks; colours are #rrggbb."""

    hair: str = "#4d3d5c"
    """Hair from the roots down."""
    tips: str = "#4fbfae"
    """Hair at its tips."""
    shine: str = "#b3a0d6"
    """The ring of light on the hair."""
    eyes: str = "#22a394"
    """Iris; its darks and lights follow from it."""
    skin: str = "#ffeadf"
    """Skin in the light."""
    cardigan: str = "#94e0cb"
    """Cardigan."""
    trim: str = "#5fbfa9"
    """Bands and cuffs of the cardigan, and the line on the skirt."""
    bow: str = "#1fae77"
    """Bow at the collar and the hair pin."""
    skirt: str = "#3f4766"
    """Skirt."""
    tights: str = "#453d54"
    """Tights."""
    fringe: str = "swept"
    """How the hair falls over the forehead: swept to one side, or straight."""

    def __post_init__(self) -> None:
        """Refuses what can't be drawn."""
        for name, value in asdict(self).items():
            if name == "fringe":
                if value not in FRINGES:
                    raise LookError(f"avatar look: fringe is {value!r}; choose one of {', '.join(FRINGES)}")
            elif not isinstance(value, str) or not COLOUR.fullmatch(value):
                raise LookError(f"avatar look: {name} is {value!r}; write a colour as #rrggbb, for example #4d3d5c")


LOOKS: Mapping[str, Look] = {
    "ayin": Look(),
    "cherry": Look(
        hair="#6b4038", tips="#d98a7e", shine="#e8b99c", eyes="#b8673a", cardigan="#f6c9cf", trim="#dd8f9d",
        bow="#c8425c", skirt="#5a4150", tights="#4d4048", fringe="straight",
    ),
    "night": Look(
        hair="#2b3350", tips="#6c8fd6", shine="#9db4e8", eyes="#4a6fd0", cardigan="#c9d3ee", trim="#8299d1",
        bow="#3f5fb5", skirt="#2f3448", tights="#33354a",
    ),
}  # fmt: skip
"""The looks that have a name."""


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
