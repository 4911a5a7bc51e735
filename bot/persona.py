"""Who she is: a folder under persona/ as one frozen record, or the list of its faults."""

import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, StringConstraints, field_validator

from bot import avatar, jsonfile, yamlfile
from bot.avatar import dropped, manifest
from bot.faults import Fault, Faults, Place, choices, printed, shown
from bot.folder import FAQ, LARGEST_LORE, LORE, SHEET, Contents, Unreadable, contents, read
from bot.jsonfile import BadJson
from bot.lore import BadLore, Lorebook, lorebook
from bot.validation import validated, wrong
from bot.voice import Manner
from bot.yamlfile import Document

NAME = r"^[a-z][a-z0-9_-]{0,39}$"
"""What a persona's folder may be called."""
EDGE = r"[a-z]{2,}-[A-Z]{2,}-[A-Za-z0-9-]+Neural"
"""What edge-tts takes for a voice."""
LARGEST_VRM = 100_000_000
"""Bytes."""


class Record(BaseModel):
    """A part of a persona: frozen, and a typing slip in a key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(Record):
    """A text in both languages of the product."""

    zh: str = Field(min_length=1)
    en: str = ""

    def text(self, language: str) -> str:
        """The text in the language; Chinese where English is missing."""
        return self.en if language == "en" and self.en else self.zh


Starter = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
"""What somebody may say first, short enough for a button."""


class Starters(Record):
    """Ways to begin that the page proposes."""

    zh: tuple[Starter, ...] = Field(default=(), max_length=6)
    """In Chinese."""
    en: tuple[Starter, ...] = Field(default=(), max_length=6)
    """In English; without any, the page shows the Chinese ones."""


class Example(Record):
    """How she would answer: the strongest way to show a style."""

    user: str = Field(min_length=1)
    her: str = Field(min_length=1)
    """May carry cues, such as [smile]."""


class Style(Record):
    """How she speaks."""

    rules: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()


class PersonaVoice(Record):
    """How she sounds, per voice."""

    edge: str = Field(default="zh-CN-XiaoxiaoNeural", pattern=f"^{EDGE}$", examples=["zh-CN-XiaoyiNeural"])
    """edge-tts voice for Chinese lines."""
    edge_en: str = Field(
        default="en-US-AvaMultilingualNeural", pattern=f"^({EDGE})?$", examples=["en-US-AvaMultilingualNeural"]
    )
    """edge-tts voice for English lines; empty: the same as for Chinese."""
    espeak: str = Field(default="f3", pattern=r"^[A-Za-z0-9_-]*$", examples=["f3"])
    """Variant of the offline voice: f1 to f5, m1 to m8."""
    openai: str = Field(default="alloy", pattern=r"^[\w.:-]+$", examples=["alloy"])
    """Voice of an OpenAI-compatible service."""
    rate: int = Field(default=0, ge=-50, le=100)
    """Per cent faster or slower."""
    pitch: int = Field(default=0, ge=-50, le=50)
    """Hertz higher or lower."""

    @property
    def manner(self) -> Manner:
        """The same in the voice port's words."""
        return Manner(**self.model_dump())


class PersonaAvatar(Record):
    """How she looks."""

    look: str | dict[str, str] = "ayin"
    """A look's name, or its parameters (``base`` names the look they change)."""
    vrm: str = ""
    """A VRM file in the folder, instead of the generated body."""
    only: tuple[str, ...] = ()
    """The expressions and gestures she uses; empty: all the body can do."""

    @field_validator("look")
    @classmethod
    def _drawable(cls, look: str | dict[str, str]) -> str | dict[str, str]:
        try:
            avatar.chosen(look)
        except avatar.LookError as error:
            names = "、".join(avatar.LOOKS)
            raise wrong(f"画不出这个样子。可以写名字 {names}，或写参数，颜色写成 #rrggbb。", f"{error}.") from None
        return look

    @field_validator("only")
    @classmethod
    def _shown(cls, only: tuple[str, ...]) -> tuple[str, ...]:
        shows = [*manifest.CONTENT["expressions"].values(), *manifest.CONTENT["gestures"].values()]
        known = [
            *manifest.CONTENT["expressions"],
            *manifest.CONTENT["gestures"],
            *(cue for each in shows for cue in each["cues"]),
        ]
        for name in only:
            if name not in known:
                zh, en = choices(name, dict.fromkeys(known))
                raise wrong(f"她做不出 {printed(name)}。{zh}", f"The body cannot show {printed(name)}.{en}")
        return only


class PersonaKnowledge(Record):
    """How strictly she keeps to what she was given."""

    strictness: Literal["strict", "first", "free"] = "first"
    """strict: facts only from knowledge; first: knowledge before her own; free."""
    cite: Literal["all", "documents", "none"] = "documents"
    """Of what she names the source: documents and FAQ, documents alone (what the FAQ says are her own words), nothing."""


class PersonaTools(Record):
    """What she may do."""

    allow: tuple[str, ...] = ()


class Initiative(Record):
    """Whether she ever writes first."""

    after_days: float = Field(default=0.0, ge=0, le=365)
    """Days of silence after which she writes once; 0: never."""
    lines: tuple[str, ...] = ()
    """What she may say then, in her words; one of them is taken."""
    quiet_from: int = Field(default=21, ge=0, le=23)
    """Hour from which she writes to nobody."""
    quiet_to: int = Field(default=9, ge=0, le=23)
    """Hour until which she does not."""


class Faq(Record):
    """A question with its answer."""

    model_config = ConfigDict(str_strip_whitespace=True)

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", examples=["opening-hours"])
    """Stable name: citations and statistics use it."""
    q: str = Field(min_length=1)
    """The question as it is mostly asked."""
    also: tuple[str, ...] = ()
    """Further wordings."""
    a: str = Field(min_length=1)
    """Her answer, in words that can be said aloud."""
    hot: bool = True
    """Whether it may stand among the popular questions; false for greetings and thanks."""


class FaqFile(Record):
    """faq.yaml: a list of questions."""

    faq: tuple[Faq, ...] = ()


class Sheet(Record):
    """persona.yaml: who she is."""

    id: str = Field(pattern=NAME, examples=["mia"])
    """The folder's name."""
    name: Bilingual
    identity: str = Field(min_length=1)
    """Who she is in a few sentences."""
    background: str = ""
    """What she has lived through and likes: she draws on it, she does not recite it."""
    style: Style = Style()
    languages: tuple[Literal["zh", "en"], ...] = Field(default=("zh", "en"), min_length=1)
    """What she speaks; the first is her own."""
    greeting: Bilingual = Bilingual(zh="你好！", en="Hi!")
    """What stands on the page before anybody spoke."""
    starters: Starters = Starters()
    """What the page proposes to say first; empty: what it proposes for anybody."""
    never: tuple[str, ...] = ()
    """What she never does."""
    voice: PersonaVoice = PersonaVoice()
    avatar: PersonaAvatar = PersonaAvatar()
    knowledge: PersonaKnowledge = PersonaKnowledge()
    tools: PersonaTools = PersonaTools()
    initiative: Initiative = Initiative()
    extensions: Mapping[str, Any] = Field(default_factory=dict)
    """Whatever other programs keep here."""


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
