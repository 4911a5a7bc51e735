"""Character cards: a persona as other programs write it, kept whole, with typed access to what is understood."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bot.jsonfile import Json

Form = Literal["json", "png", "charx"]
LARGEST = 64_000_000
"""Bytes of a card's file."""
SPECS = {"chara_card_v2": 2, "chara_card_v3": 3}
V1 = ("name", "description", "personality", "scenario", "first_mes", "mes_example")


class BadCard(Exception):
    """Why a file is not taken as a card, in both languages: sentences that end."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Asset:
    """A picture or another file of a card."""

    type: str
    """``icon``, ``background``, ``user_icon``, ``emotion`` or ``x_…``."""
    uri: str
    """An address, ``data:``, ``embeded://path`` (spelled so) or ``ccdefault:``."""
    name: str
    ext: str


@dataclass(frozen=True, slots=True)
class Card:
    """A card; what is not understood lives on in ``original``."""

    original: Mapping[str, Json]
    """The whole JSON object as it was."""
    form: Form = "json"
    raw: bytes = b""
    """A PNG's or CHARX's bytes as they were."""
    notices: tuple[str, ...] = ()
    """What is odd about it, in words for the operator."""
    default_name: str = ""
    """What it is called where the card itself does not say."""

    @property
    def version(self) -> int:
        """1, 2 or 3, by ``spec`` alone."""
        spec = self.original.get("spec")
        return 1 if spec is None else SPECS.get(str(spec), 3)

    @property
    def data(self) -> Mapping[str, Json]:
        """The object that has the fields."""
        data = self.original.get("data")
        return data if self.version > 1 and isinstance(data, dict) else self.original

    def text(self, field: str) -> str:
        """A field that is a text; empty where it is missing or something else."""
        value = self.data.get(field)
        return value if isinstance(value, str) else ""

    def texts(self, field: str) -> tuple[str, ...]:
        """A field that is a list of texts; what is none is left out."""
        value = self.data.get(field)
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()

    @property
    def name(self) -> str:
        """Her name."""
        return self.text("name").strip() or self.text("nickname").strip() or self.default_name

    @property
    def char(self) -> str:
        """What ``{{char}}`` stands for: the nickname where there is one."""
        return self.text("nickname").strip() or self.name

    @property
    def book(self) -> Json:
        """The lorebook as it is; None where there is none."""
        return self.data.get("character_book")

    @property
    def extensions(self) -> Mapping[str, Json]:
        """What other programs keep in it."""
        value = self.data.get("extensions")
        return value if isinstance(value, dict) else {}

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Its files; a card that lists none has its own picture as the main icon."""
        listed = self.data.get("assets")
        if not isinstance(listed, list):
            return (Asset("icon", "ccdefault:", "main", "png"),)
        return tuple(
            Asset(*(value if isinstance(value := each.get(key), str) else "" for key in ("type", "uri", "name", "ext")))
            for each in listed
            if isinstance(each, dict)
        )

    @property
    def icon(self) -> Asset | None:
        """The main icon; the first where none is called so."""
        icons = [each for each in self.assets if each.type == "icon"]
        return next((each for each in icons if each.name == "main"), icons[0] if icons else None)
