"""A persona's folder becomes a card: what it came with, with what the operator changed since."""

import base64
import copy
import io
import json
from collections.abc import Mapping
from pathlib import Path

from bot import folder as folders
from bot import jsonfile, persona
from bot.card import LARGEST, V1, BadCard, Card, Form, charx, png
from bot.card.draft import OURS, draft, fields
from bot.card.incoming import ARCHIVE, ORIGINAL, PICTURE, book_file
from bot.decorators import decorated
from bot.folder import LORE, Unreadable
from bot.jsonfile import BadJson, Json
from bot.persona import Persona

ICON = "assets/icon/images/main.png"
BACKFILLED = (
    "This is a version 3 character card, written as version 2 for programs that know no better.",
    "这是第三版的角色卡，为旧程序另写了一份第二版。",
)
ONLY_V3 = (
    "assets", "nickname", "creator_notes_multilingual", "source", "group_only_greetings", "creation_date",
    "modification_date",
)  # fmt: skip
TEXTS = ("description", "personality", "scenario", "first_mes", "mes_example", "creator_notes", "system_prompt",
         "post_history_instructions", "creator", "character_version")  # fmt: skip
SIDE = 400
"""Pixels of the picture that is drawn where there is none."""


def exported(folder: Path, format: Form) -> bytes:
    """The persona as a card of version 3; a PNG has version 2 as well. Raises Faults, BadCard, OSError.

    FAQ and knowledge/ do not go into a card: no card has a place for them.
    """
    her = persona.load(folder)
    card = merged(her)
    if format == "json":
        return _json(card, indent=2)
    if format == "charx":
        return _charx(her, card)
    picture = _kept(her.folder, PICTURE)
    found = png.chunks(picture if picture is not None else _drawn(her))
    notes = {"chara": _json(as_v2(card)), "ccv3": _json(card)}
    return png.noted(found, {keyword: base64.b64encode(text) for keyword, text in notes.items()})


def merged(her: Persona) -> dict[str, Json]:
    """The V3 object: card.json with what was changed since it came, or a fresh one. Raises BadCard."""
    original = _original(her.folder)
    card = Card(original, default_name=her.name.zh) if original is not None else None
    before: Mapping[str, Json] = draft(card)[0] if card else {}
    whole: dict[str, Json] = {"spec": "chara_card_v3", "spec_version": "3.0"}
    data: dict[str, Json] = {"name": her.name.zh}
    if card:
        data = copy.deepcopy(dict(card.data))
        whole = {**({} if card.version == 1 else copy.deepcopy(dict(card.original))), **whole}
        if card.version == 3:  # as new as it was
            whole["spec"], whole["spec_version"] = card.original["spec"], card.original.get("spec_version", "3.0")
    _Merge(her, data, before).all()
    _book(her, data)
    whole |= {field: data[field] for field in V1 if field in whole and field in data}  # SillyTavern reads these first
    for field in TEXTS:
        data.setdefault(field, "")
    for field in ("tags", "alternate_greetings", "group_only_greetings"):
        data.setdefault(field, [])
    data.setdefault("extensions", {})
    return {**whole, "data": data}


class _Merge:
    """Puts what differs from the card as it came into the card."""

    def __init__(self, her: Persona, data: dict[str, Json], before: Mapping[str, Json]) -> None:
        self.data, self.extensions = data, dict(her.extensions)
        whole = persona.Sheet.model_validate({"id": her.id, "name": {"zh": "?"}, "identity": "?", **before})
        self.fresh, self.now, self.was = not before, fields(her), fields(whole)
        found = data.get("extensions")
        self.more: dict[str, Json] = found if isinstance(found, dict) else {}
        ours = self.more.get(OURS)
        self.ours: dict[str, Json] = dict(ours) if isinstance(ours, dict) else {}

    def changed(self, *path: str) -> Json:
        """What stands at a path now, where that is new; else None."""
        now, was = self.now, self.was
        for step in path[:-1]:
            now, was = _below(now, step), _below(was, step)
        value = now.get(path[-1])
        return value if self.fresh or value != was.get(path[-1]) else None

    def all(self) -> None:
        """All fields."""
        self._texts()
        for key in ("background", "starters", "never", "languages", "voice", "knowledge"):
            if (value := self.changed(key)) is not None and (not self.fresh or value != _default(key)):
                self.ours[key] = value
        if (rules := self.changed("style", "rules")) is not None and (rules or not self.fresh):
            self.ours["rules"] = rules
        if (look := self.changed("avatar", "look")) is not None:
            self.ours["look"] = look
        for key in ("name", "greeting"):
            if english := self.changed(key, "en"):
                self.ours[f"{key}_en"] = english
        self._others()
        if self.ours:
            self.more = {**self.more, OURS: self.ours}
        if self.more or not isinstance(self.data.get("extensions"), dict):
            self.data["extensions"] = self.more

    def _texts(self) -> None:
        """What a card has fields for."""
        if name := self.changed("name", "zh"):
            self.data["name"] = name
            if self.data.get("nickname"):
                self.data["nickname"] = name
        if identity := self.changed("identity"):
            self.data |= {"description": identity, "personality": "", "scenario": ""}
        if greeting := self.changed("greeting", "zh"):
            self.data["first_mes"] = greeting
        if (examples := self.changed("style", "examples")) is not None:
            self.data["mes_example"] = _examples(examples)

    def _others(self) -> None:
        """What stands in extensions: the card's own fields, and other programs'."""
        kept, was = self.extensions.pop("card", {}), _below(_below(self.was, "extensions"), "card")
        for key in ("system_prompt", "post_history_instructions", "alternate_greetings"):
            now = kept.get(key) if isinstance(kept, dict) else None
            if now != was.get(key) and (now is None or isinstance(now, str | list)):
                self.data[key] = now if now is not None else [] if key == "alternate_greetings" else ""
        self.more = {**self.more, **json.loads(json.dumps(self.extensions, default=str))}


def _below(value: Mapping[str, Json], step: str) -> Mapping[str, Json]:
    inner = value.get(step)
    return inner if isinstance(inner, dict) else {}


def _default(key: str) -> Json:
    return fields(persona.Sheet.model_validate({"id": "x", "name": {"zh": "?"}, "identity": "?"}))[key]


def _examples(examples: Json) -> str:
    """Pairs as cards write them."""
    pairs = [each for each in examples if isinstance(each, dict)] if isinstance(examples, list) else []
    return "\n".join(f"<START>\n{{{{user}}}}: {each['user']}\n{{{{char}}}}: {each['her']}" for each in pairs)


def _book(her: Persona, data: dict[str, Json]) -> None:
    """lorebook.json as the card's book."""
    kept, came = _kept(her.folder, LORE), data.get("character_book")
    if kept is None:
        if book_file(came, []):  # it was there once: the operator took it away
            data.pop("character_book", None)
        return
    book = _parsed(kept, LORE)
    data["character_book"] = book.get("data") if isinstance(book, dict) and "spec" in book else book


def as_v2(card: Mapping[str, Json]) -> dict[str, Json]:
    """The same for programs that know version 2 only: without decorators, and with a word about it."""
    found = card["data"]
    data = (
        copy.deepcopy({key: value for key, value in found.items() if key not in ONLY_V3})
        if isinstance(found, dict)
        else {}
    )
    notes = data.get("creator_notes")
    data["creator_notes"] = "\n\n".join(filter(None, [notes if isinstance(notes, str) else "", " ".join(BACKFILLED)]))
    book = data.get("character_book")
    entries = book.get("entries") if isinstance(book, dict) else None
    for each in entries if isinstance(entries, list) else []:
        if isinstance(each, dict) and isinstance(content := each.get("content"), str):
            each["content"] = decorated(content).text
    return {"spec": "chara_card_v2", "spec_version": "2.0", "data": data}


def _charx(her: Persona, card: dict[str, Json]) -> bytes:
    """The card with its files, and its picture as the icon."""
    archive, picture = _kept(her.folder, ARCHIVE), _kept(her.folder, PICTURE)
    files = charx.members(archive) if archive is not None else {}
    data = card["data"]
    if picture is not None and ICON not in files and isinstance(data, dict):
        assets = Card(card).assets
        if any(each.uri == "ccdefault:" and each.type == "icon" for each in assets):
            files[ICON] = picture
            listed = [{"type": each.type, "uri": each.uri, "name": each.name, "ext": each.ext} for each in assets]
            data["assets"] = [
                {**each, "uri": f"embeded://{ICON}"}
                if each["type"] == "icon" and each["uri"] == "ccdefault:"
                else {**each}
                for each in listed
            ]
    return charx.packed({charx.CARD: _json(card, indent=2), **files})


def _drawn(her: Persona) -> bytes:
    """A plain picture: a colour of her own, and a head with shoulders."""
    from zlib import crc32

    from PIL import Image, ImageDraw

    hue = crc32(her.id.encode()) % 360
    picture = Image.new("RGB", (SIDE, SIDE), f"hsl({hue}, 40%, 55%)")
    draw = ImageDraw.Draw(picture)
    light = f"hsl({hue}, 45%, 85%)"
    draw.ellipse((SIDE * 0.32, SIDE * 0.2, SIDE * 0.68, SIDE * 0.56), fill=light)
    draw.ellipse((SIDE * 0.15, SIDE * 0.62, SIDE * 0.85, SIDE * 1.4), fill=light)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _original(folder: Path) -> dict[str, Json] | None:
    kept = _kept(folder, ORIGINAL)
    if kept is None:
        return None
    found = _parsed(kept, ORIGINAL)
    if not isinstance(found, dict):
        raise BadCard(f"{ORIGINAL} 不是角色卡。", f"{ORIGINAL} is no card.")
    return found


def _parsed(data: bytes, name: str) -> Json:
    try:
        return jsonfile.parsed(data, LARGEST)
    except BadJson as bad:
        zh, en = map(str, bad.args)
        raise BadCard(f"{name}：{zh}。", f"{name}: {en}.") from None


def _kept(folder: Path, name: str) -> bytes | None:
    """A file of the folder; None where there is none. Raises BadCard."""
    try:
        return folders.read(folder, name, LARGEST)
    except FileNotFoundError:
        return None
    except Unreadable as error:
        zh, en = map(str, error.args)
        raise BadCard(f"{name}：{zh}。", f"{name}: {en}.") from None


def _json(value: Mapping[str, Json], indent: int | None = None) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()
