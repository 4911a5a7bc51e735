"""Who she is: a folder under persona/ as one frozen record, or the list of its faults."""

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from pydantic import Field, InstanceOf

from bot import jsonfile, yamlfile
from bot.avatar import dropped
from bot.faults import Fault, Faults, Place, shown
from bot.folder import FAQ, LARGEST_LORE, LORE, SHEET, Contents, Unreadable, contents, read
from bot.jsonfile import BadJson
from bot.lore import BadLore, Lorebook, lorebook
from bot.sheet import (
    NAME,
    Bilingual,
    Example,
    Faq,
    FaqFile,
    Initiative,
    PersonaAvatar,
    PersonaKnowledge,
    PersonaTools,
    PersonaVoice,
    Record,
    Sheet,
    Starters,
    Style,
)  # fmt: skip
from bot.validation import validated
from bot.yamlfile import Document

__all__ = (
    "NAME", "Bilingual", "Example", "Faq", "FaqFile", "Initiative", "Persona", "PersonaAvatar", "PersonaKnowledge",
    "PersonaTools", "PersonaVoice", "Record", "Sheet", "Starters", "Style", "load", "summary",
)  # fmt: skip

LARGEST_VRM = 100_000_000
"""Bytes."""


class Persona(Sheet):
    """Who she is, with all that her folder holds."""

    faq: tuple[Faq, ...] = ()
    documents: Mapping[str, str] = Field(default_factory=dict)
    """Hashes of the files under knowledge/, by path; bot/knowledge reads them."""
    lore: InstanceOf[Lorebook] | None = None
    """What she is reminded of when certain words are said: ``bot.lore.active`` tells what is due."""
    version: str = ""
    """Hash of the folder's files."""
    folder: Path = Path()
    notices: tuple[str, ...] = ()
    """Files that were left aside, in words for the operator."""


def load(folder: Path) -> Persona:
    """The persona in a folder. Raises Faults, all at once."""
    folder = Path(os.path.abspath(folder))
    found = contents(folder)
    sheet, faq, faults = None, None, found.faults
    if SHEET in found.hashes:
        document = yamlfile.parse(found.sheet, shown(folder / SHEET), typed="extensions")
        sheet, wrong_ones = validated(Sheet, document)
        faults = [*faults, *wrong_ones, *_further(document, folder, found)]
    if FAQ in found.hashes:
        document = _below("faq", yamlfile.parse(found.faq, shown(folder / FAQ), list))
        faq, wrong_ones = validated(FaqFile, document)
        faults = [*faults, *wrong_ones, *_twice(document)]
    lore, wrong_ones = _lore(found, folder)
    faults = [*faults, *wrong_ones]
    if faults or not sheet:
        raise Faults(faults)
    return Persona(
        **dict(sheet),
        faq=faq.faq if faq else (),
        documents=found.documents,
        lore=lore,
        version=found.version,
        folder=folder,
        notices=(*found.notices, *(f"{LORE}：{notice}" for notice in (lore.notices if lore else ()))),
    )


def summary(persona: Persona, passages: int | None = None) -> str:
    """What a good folder holds, in a line or a few; ``passages``: what its documents come to, once they were read."""
    faq, documents, lore = len(persona.faq), len(persona.documents), len(persona.lore.entries) if persona.lore else 0
    lore_zh, lore_en = (f"{lore} 条世界书，", f"{lore} lorebook entries, ") if lore else ("", "")
    read_zh, read_en = (
        (f"（共 {passages} 段）", f" of {passages} passages") if documents and passages is not None else ("", "")
    )
    return "\n".join([
        f"{persona.name.zh} {persona.name.en}（{persona.id}）：{faq} 条问答，{documents} 份资料{read_zh}，{lore_zh}版本 {persona.version}",
        f"All is well: {faq} FAQ entries, {documents} documents{read_en}, {lore_en}version {persona.version}",
        *persona.notices,
    ])  # fmt: skip


def _lore(found: Contents, folder: Path) -> tuple[Lorebook | None, list[Fault]]:
    """What lorebook.json says."""
    if LORE not in found.hashes:
        return None, []
    place = Place(shown(folder / LORE))
    try:
        return lorebook(jsonfile.parsed(found.lore, LARGEST_LORE)), []
    except BadJson as bad:
        zh, en = map(str, bad.args)
        return None, [Fault(place, "", f"{zh}。", f"{en}.")]
    except BadLore as bad:
        return None, [Fault(place, field, f"{zh}。", f"{en}.") for field, zh, en in bad.faults]


def _below(key: str, document: Document) -> Document:
    """A document as the value of a key, so that its paths read ``faq[3].a``."""
    places = {(key, *steps) if steps else (): place for steps, place in document.places.items()}
    return Document({key: document.data}, places, document.faults, broken=document.broken)


def _further(document: Document, folder: Path, found: Contents) -> Iterator[Fault]:
    """What only the folder can tell of persona.yaml."""
    data = document.data if isinstance(document.data, dict) else {}
    if (id := data.get("id")) and id != folder.name:
        zh = f"id 要和文件夹同名：写 id: {folder.name}，或给文件夹改名。"
        yield document.fault(("id",), zh, f"It must be the folder's name: write id: {folder.name}, or rename it.", id)
    looks = data.get("avatar")
    if not isinstance(looks, dict) or not isinstance(vrm := looks.get("vrm"), str) or not vrm:
        return
    try:
        if not vrm.lower().endswith(".vrm") or Path(vrm).is_absolute():
            raise Unreadable("这里写文件夹里一个 .vrm 文件的名字", "Name a .vrm file in the folder")
        data = read(folder, vrm, LARGEST_VRM)
        found.hashes[vrm] = sha256(data).hexdigest()
        dropped.content(data)
    except dropped.BadBody as error:
        zh, en = map(str, error.args)
        yield document.fault(("avatar", "vrm"), f"{zh}。", f"{en}.", vrm)
    except (OSError, ValueError):
        zh, en = "文件夹里没有这个文件。", "There is no such file in the folder."
        yield document.fault(("avatar", "vrm"), zh, en, vrm)
    except Unreadable as error:
        zh, en = map(str, error.args)
        yield document.fault(("avatar", "vrm"), f"{zh}。", f"{en}.", vrm)


def _twice(document: Document) -> Iterator[Fault]:
    """Ids that two entries share."""
    entries = document.data.get("faq") if isinstance(document.data, dict) else None
    seen: dict[str, Place] = {}
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        steps = ("faq", number, "id")
        if isinstance(entry, dict) and isinstance(id := entry.get("id"), str):
            if id in seen:
                zh = f"第 {seen[id].line} 行已经用了这个 id：换一个。"
                yield document.fault(steps, zh, f"Line {seen[id].line} has this id already: take another.", id)
            seen.setdefault(id, document.place(steps))
