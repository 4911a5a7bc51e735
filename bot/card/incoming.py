"""A card becomes a persona's folder: all of it, or nothing."""

import io
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from bot import jsonfile, persona
from bot.card import BadCard, Card
from bot.card.draft import draft
from bot.faults import Faults
from bot.folder import LARGEST_LORE, LORE, SHEET
from bot.jsonfile import Json
from bot.lore import BadLore, lorebook

ORIGINAL, PICTURE, ARCHIVE = "card.json", "card.png", "card.charx"
"""What is kept as it was, for an export that loses nothing."""
HEAD = """\
# 从角色卡导入。原卡在 card.json，改这里就行：导出时会合并回去。说明见 docs/persona.md。
# Imported from a character card, which is kept as card.json: change this file, an export puts both together.
"""


def imported(card: Card, target: Path, id: str) -> list[str]:
    """Write ``target/id``, a persona's folder; what was done and what was not, for the operator.

    ``target`` is where personas lie, such as data/persona; it is made if need be. Raises BadCard, for an id that
    cannot be and a folder that is there already as well, and OSError; nothing is left behind then.
    """
    if not re.fullmatch(persona.NAME, id):
        raise BadCard(
            f"{id!r} 不能当文件夹名：要小写字母开头，只用小写字母、数字、- 和 _，最多 40 个。",
            f"{id!r} cannot be a folder's name: a to z first, then a-z, 0-9, - and _, at most 40.",
        )
    folder = target / id
    if folder.exists() or folder.is_symlink():
        raise BadCard(
            f"{folder} 已经有了，没有动它。换一个名字（--id），或先把它挪开。",
            f"{folder} is there already and was left alone: choose another name (--id), or move it away.",
        )
    files, notices = _files(card, id)
    target.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".import-", dir=target))
    try:
        (beside / id).mkdir()
        for name, data in files.items():
            (beside / id / name).write_bytes(data)
        _loaded(beside / id)
        (beside / id).rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return [*card.notices, *notices]


def _loaded(folder: Path) -> None:
    """Whether she can be read. Raises BadCard."""
    try:
        persona.load(folder)
    except Faults as faults:
        raise BadCard(f"这张卡变不成人设：\n{faults}", "This card makes no persona.") from None


def _files(card: Card, id: str) -> tuple[dict[str, bytes], list[str]]:
    """What the folder holds, by name, and the notices."""
    made, notices = draft(card)
    files = {
        SHEET: written({"id": id, **made}).encode(),
        ORIGINAL: json.dumps(card.original, ensure_ascii=False, indent=1).encode(),
    }
    if book := book_file(card.book, notices):
        files[LORE] = book
    if card.form == "png":
        _picture(files, card.raw, notices)
    elif card.form == "charx":
        files[ARCHIVE] = card.raw
        notices.append(
            "卡里的图片等文件原样放在 card.charx 里，还用不上。 The card's files are kept in card.charx, not used yet."
        )
    return files, notices


def _picture(files: dict[str, bytes], data: bytes, notices: list[str]) -> None:
    """Keep a picture as it was, if it is one. Its size was judged by its header when it was read."""
    from PIL import Image, UnidentifiedImageError  # 10 MB that only this needs

    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
            picture.verify()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        notices.append(f"图片坏了，没有留下：{error}。 The picture is damaged and was not kept.")
    else:
        files[PICTURE] = data
        notices.append(
            "图片原样留作 card.png；她的样子还是自带的身体。 The picture is kept as card.png; her body is ours."
        )


def book_file(book: Json, notices: list[str]) -> bytes:
    """lorebook.json; empty where there is none, or none that can be used."""
    if book is None or (isinstance(book, dict) and book.get("entries") == []):
        return b""
    data = json.dumps(book, ensure_ascii=False, indent=1).encode()
    try:
        read = lorebook(jsonfile.parsed(data, LARGEST_LORE))
    except (BadLore, jsonfile.BadJson) as bad:
        notices.append(
            f"世界书用不了，只留在 card.json 里：{_why(bad)}。 The lorebook cannot be used, card.json keeps it."
        )
        return b""
    entries = len(read.entries)
    notices.append(f"世界书 {entries} 条，写进 {LORE}。 Its lorebook ({entries}) is written to {LORE}.")
    notices += [f"{LORE}：{notice}" for notice in read.notices]
    return data


def _why(bad: BadLore | jsonfile.BadJson) -> str:
    if isinstance(bad, BadLore):
        return "；".join(f"{field} {zh}" for field, zh, _ in bad.faults[:3])
    return str(bad.args[0])


def written(sheet: Mapping[str, Json]) -> str:
    """persona.yaml as people like to read it: long texts as blocks."""
    yaml = YAML()
    yaml.width, yaml.allow_unicode, yaml.default_flow_style = 1_000_000, True, False
    out = io.StringIO()
    yaml.dump({key: _scalars(value, quoted=key == "extensions") for key, value in sheet.items()}, out)
    return HEAD + out.getvalue()


def _scalars(value: Json, *, quoted: bool) -> object:
    """Texts of several lines become blocks; in extensions, where types count, other texts are quoted."""
    match value:
        case str() if "\n" in value and "\t" not in value and all(line == line.strip() for line in value.split("\n")):
            return LiteralScalarString(value)
        case str() if quoted or "\n" in value:
            return DoubleQuotedScalarString(value)
        case list():
            return [_scalars(each, quoted=quoted) for each in value]
        case dict():
            return {key: _scalars(each, quoted=quoted) for key, each in value.items()}
        case _:
            return value


def proposed(card: Card, stem: str) -> str:
    """A folder's name for her: from her name, her name's pinyin, or the file's name."""
    for text in (card.char, card.name, _pinyin(card.char), stem):
        slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") if text.isascii() else ""
        slug = re.sub(r"^[^a-z]+", "", slug)[:40].rstrip("-")
        if re.fullmatch(persona.NAME, slug):
            return slug
    return "card"


def _pinyin(text: str) -> str:
    from pypinyin import lazy_pinyin  # heavy, and only names in Hanzi need it

    return "".join(lazy_pinyin(text[:20], errors="ignore"))
