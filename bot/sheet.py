"""What a persona's files may say: persona.yaml and faq.yaml as records, with what each key means."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from bot import avatar
from bot.avatar import manifest
from bot.faults import choices, printed
from bot.validation import wrong
from bot.voice import Manner

NAME = r"^[a-z][a-z0-9_-]{0,39}$"
"""What a persona's folder may be called."""
EDGE = r"[a-z]{2,}-[A-Z]{2,}-[A-Za-z0-9-]+Neural"
"""What edge-tts takes for a voice."""


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
