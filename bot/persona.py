"""Who she is: a folder under persona/ as one frozen record, or the list of its faults."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.voice import Manner


class Record(BaseModel):
    """A part of a persona: frozen, and a typing slip in a key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Bilingual(Record):
    """A text in both languages of the product."""

    zh: str
    en: str = ""

    def text(self, language: str) -> str:
        """The text in the language; Chinese where English is missing."""
        return self.en if language == "en" and self.en else self.zh


class Example(Record):
    """How she would answer: the strongest way to show a style."""

    user: str
    her: str


class Style(Record):
    """How she speaks."""

    rules: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()


class PersonaVoice(Record):
    """How she sounds, per voice."""

    edge: str = "zh-CN-XiaoxiaoNeural"
    edge_en: str = "en-US-AvaMultilingualNeural"
    espeak: str = "f3"
    openai: str = "alloy"
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
    """A look's name, or its parameters."""
    vrm: str = ""
    """A VRM file in the folder, instead of the generated body."""
    only: tuple[str, ...] = ()
    """The expressions and gestures she uses; empty: all the body can do."""


class PersonaKnowledge(Record):
    """How strictly she keeps to what she was given."""

    strictness: Literal["strict", "first", "free"] = "first"
    """strict: facts only from knowledge; first: knowledge before her own; free."""


class PersonaTools(Record):
    """What she may do."""

    allow: tuple[str, ...] = ()


class Faq(Record):
    """A question with its answer."""

    id: str
    q: str
    also: tuple[str, ...] = ()
    """Further wordings."""
    a: str


class Persona(Record):
    """Who she is."""

    id: str
    """The folder's name."""
    name: Bilingual
    identity: str
    """Who she is in a few sentences."""
    background: str = ""
    style: Style = Style()
    languages: tuple[str, ...] = ("zh", "en")
    greeting: Bilingual = Bilingual(zh="你好！", en="Hi!")
    never: tuple[str, ...] = ()
    """What she never does."""
    voice: PersonaVoice = PersonaVoice()
    avatar: PersonaAvatar = PersonaAvatar()
    knowledge: PersonaKnowledge = PersonaKnowledge()
    tools: PersonaTools = PersonaTools()
    extensions: Mapping[str, Any] = Field(default_factory=dict)
    """Whatever other programs keep here."""
    # What the folder holds besides persona.yaml:
    faq: tuple[Faq, ...] = ()
    documents: Mapping[str, str] = Field(default_factory=dict)
    """Text of the files under knowledge/ by path."""
    version: str = ""
    """Hash of the folder's files."""
    folder: Path = Path()
