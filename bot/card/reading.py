"""A file becomes a card: JSON, PNG or CHARX, judged by its bytes."""

import base64
import binascii
import re
from pathlib import PurePosixPath

from bot import jsonfile
from bot.card import LARGEST, SPECS, V1, BadCard, Card, Form, charx, png
from bot.jsonfile import BadJson, Json

KEYWORDS = ("ccv3", "chara")
"""Of a PNG's notes; the first that is good counts."""
BASE64 = re.compile(rb"\s+")
NEWEST = {2: 2.0, 3: 3.0}


def read(data: bytes, name: str) -> Card:
    """The card in a file; ``name`` is what the file is called. Raises BadCard."""
    stem = PurePosixPath(name.replace("\\", "/")).stem
    if len(data) > LARGEST:
        raise BadCard(f"文件太大：最多 {LARGEST // 1_000_000} MB。", f"Too large: at most {LARGEST // 1_000_000} MB.")
    if data.startswith(png.SIGNATURE):
        return _png(data, stem)
    if charx.is_zip(data):
        text = charx.member(data, charx.CARD, jsonfile.LARGEST)
        if text is None:
            zh, en = "这个 zip 里没有 card.json，不是 CHARX。", "There is no card.json in this zip: it is no CHARX."
            raise BadCard(zh, en)
        return _card(_json(text, "card.json"), "charx", data, stem)
    if data.startswith((b"\xff\xd8", b"GIF8", b"RIFF", b"BM")):
        zh = "这种图片里放不了角色卡：请要 PNG 原图（网站转过的 JPEG、WebP 里已经没有卡了）。"
        raise BadCard(zh, "Such a picture holds no card: ask for the PNG as it was made.")
    return _card(_json(data, "JSON"), "json", b"", stem)


def _png(data: bytes, stem: str) -> Card:
    found = png.chunks(data)
    notes = png.notes(found)
    first: BadCard | None = None
    for keyword in KEYWORDS:
        if keyword not in notes:
            continue
        try:
            card = _card(_json(_unpacked(notes[keyword], keyword), keyword), "png", data, stem)
        except BadCard as bad:
            first = first or bad
            continue
        if first:
            notice = f"图片里的 ccv3 读不了，用了 chara。 The ccv3 note cannot be read, chara was taken ({first.en})"
            return Card(card.original, "png", data, (notice, *card.notices), stem)
        return card
    if first:
        raise first
    if any(each.kind in png.COMPRESSED and each.keyword in KEYWORDS for each in found):
        zh, en = (
            "图片里的卡写在压缩块里，这不合规范：请用别的工具重新导出。",
            "The card stands in a compressed note, which no specification knows: export it anew.",
        )
        raise BadCard(zh, en)
    zh = "这张 PNG 里没有角色卡（没有 ccv3 或 chara）。也许它被网站压缩过：请下载原图。"
    raise BadCard(zh, "There is no card in this PNG (no ccv3, no chara). A site may have shrunk it: get the original.")


def _unpacked(text: bytes, keyword: str) -> bytes:
    text = BASE64.sub(b"", text).rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        zh, en = (
            f"图片里的 {keyword} 不是 base64，卡坏了。",
            f"What stands under {keyword} is no base64: the card is damaged.",
        )
        raise BadCard(zh, en) from None


def _json(text: bytes, where: str) -> Json:
    try:
        return jsonfile.parsed(text)
    except BadJson as bad:
        zh, en = map(str, bad.args)
        raise BadCard(f"{where}：{zh}。", f"{where}: {en}.") from None


def _card(found: Json, form: Form, raw: bytes, stem: str) -> Card:
    """The card an object is. Raises BadCard."""
    if not isinstance(found, dict):
        raise BadCard("这不是角色卡：最外面要是一个 {…}。", "This is no card: it must be an object.")
    spec = found.get("spec")
    if spec == "lorebook_v3" or ("entries" in found and "data" not in found):
        zh = "这是世界书，不是角色卡：改名为 lorebook.json 放进人设文件夹就行。"
        raise BadCard(zh, "This is a lorebook, no card: put it into a persona's folder as lorebook.json.")
    if spec is not None and not isinstance(found.get("data"), dict):
        raise BadCard("卡里没有 data，坏了。", "The card has no data: it is damaged.")
    if spec is None and not _old(found):
        zh, en = "这不是角色卡：没有 spec，也没有名字和描述。", "This is no card: no spec, no name with a description."
        raise BadCard(zh, en)
    bare = Card(found, form, raw, (), stem)
    return Card(found, form, raw, tuple(_notices(bare)), stem)


def _old(found: dict[str, Json]) -> bool:
    """Whether it has the shape of version 1."""
    return isinstance(found.get("name"), str) and any(isinstance(found.get(field), str) for field in V1[1:])


def _notices(card: Card) -> list[str]:
    told: list[str] = []
    spec, written = card.original.get("spec"), card.original.get("spec_version")
    if spec is not None and spec not in SPECS:
        told.append("不认识的卡片规范，按第三版读。 An unknown specification, read as version 3.")
    elif card.version > 1:
        try:
            newer = float(str(written)) > NEWEST[card.version]
        except ValueError:
            told.append(
                "spec_version 不是数字，按现有版本读。 spec_version is no number: read as the version known here."
            )
        else:
            if newer:
                zh, en = (
                    "这张卡的规范比这里的新：新的内容会保留，但用不上。",
                    "The card is newer than what is known here: what is new is kept, not used.",
                )
                told.append(f"{zh} {en}")
    told += [
        f"{field} 不是文字，当作空的。 {field} is no text, taken as empty."
        for field in (*V1, "system_prompt", "post_history_instructions")
        if not isinstance(card.data.get(field, ""), str)
    ]
    if not card.text("name").strip():
        told.append("卡里没有名字，用文件名。 The card has no name: the file's is taken.")
    icons = [each for each in card.assets if each.type == "icon"]
    if icons and [each.name for each in icons].count("main") != 1:
        told.append(
            "头像里没有（恰好一个）叫 main 的，用第一个。 Not exactly one icon is called main: the first is taken."
        )
    return told
