"""The words every other module speaks: what comes in, what is remembered, what a reply is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Author(StrEnum):
    """Who said an entry."""

    USER = "user"
    PERSONA = "persona"
    OPERATOR = "operator"
    SYSTEM = "system"


class State(StrEnum):
    """How far an entry has come."""

    RECEIVED = "received"
    """Waits for an answer."""
    UNADDRESSED = "unaddressed"
    """History only: nobody expects an answer."""
    CLAIMED = "claimed"
    """A turn is answering it."""
    ANSWERED = "answered"
    """Has its answer; of a reply: complete."""
    STOPPED = "stopped"
    """Answered as far as the user let her speak; of a reply: cut by the user."""
    FAILED = "failed"
    """Answered with an apology; of a reply: the apology, or what was heard before it."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, by the hash of its bytes."""

    media: str
    """SHA-256 of the bytes, hexadecimal."""
    type: str
    """MIME type, found by looking at the bytes."""
    width: int = 0
    height: int = 0
    about: str = ""
    """What is to be seen in it, in a line: stands for it in later prompts."""


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """Recorded speech, by the hash of its bytes."""

    media: str
    type: str
    seconds: float
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """Any other file, by the hash of its bytes."""

    media: str
    type: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that came with a message and still lies at the channel's service; it is fetched when it is answered."""

    what: str
    """``voice``, ``picture``, ``file``, or the service's own word for a kind nobody here understands."""
    ref: str = ""
    """What its channel finds it by, in words of its own; empty: it cannot be fetched."""
    name: str = ""
    size: int = 0
    """Bytes, where the service tells."""
    seconds: float = 0.0
    transcript: str = ""
    """What the service itself heard in it."""


@dataclass(frozen=True, slots=True)
class Recital:
    """A reply still to be spoken: it becomes voice notes when it is sent."""

    text: str
    """The reply's display text."""


Part = Text | Picture | VoiceNote | File | Attachment | Recital


@dataclass(frozen=True, slots=True)
class Message:
    """What a user sent, as a channel took it in."""

    id: str
    """Unique within its channel; a repeated id is the same message again."""
    channel: str
    """Name of the channel instance, such as ``page``."""
    conversation: str
    """``<channel>:<chat id>``, the unit of order."""
    sender: str
    """The user's id within the channel."""
    parts: tuple[Part, ...]
    at: float = 0.0
    """Unix seconds."""
    door: str = ""
    """Where it came in and its answer goes; empty: the channel itself."""
    sender_name: str = ""
    group: bool = False
    addressed: bool = True
    """Whether she should answer; a group line may be history only."""
    author: Author = Author.USER
    """SYSTEM: what the house itself wants said to the user, such as a reminder that is due."""

    @property
    def text(self) -> str:
        """The words of all parts, a line each."""
        return spoken_words(self.parts)


def spoken_words(parts: tuple[Part, ...]) -> str:
    """The words of text and transcripts, a line each."""
    words = [
        part.text if isinstance(part, Text) else part.transcript if isinstance(part, VoiceNote | Attachment) else ""
        for part in parts
    ]
    return "\n".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line as it was spoken, for playing it again."""

    text: str
    """Display text of the line."""
    start: int
    """Where the line begins in the reply's display text, in characters."""
    media: str
    """SHA-256 of its MP3."""
    seconds: float
    visemes: tuple[tuple[str, int, int, float], ...] = ()
    """(viseme, start ms, duration ms, weight)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing said, in or out, as the store keeps it."""

    number: int
    """The store's sequence: later entries have higher numbers."""
    conversation: str
    door: str
    author: Author
    state: State
    parts: tuple[Part, ...]
    at: float
    """Unix seconds."""
    id: str = ""
    """Of a message: its id within the channel."""
    sender: str = ""
    """Of a message: the user's id within the channel."""
    sender_name: str = ""
    group: bool = False
    turn: str = ""
    """The turn that answered it, or that it is the reply of."""
    attempts: int = 0
    """How often a turn claimed it."""
    heard: int | None = None
    """Of a reply: display characters the user heard or saw; None: all of them."""
    rating: int = 0
    """Of a reply: 1 liked, -1 disliked."""
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Of a reply: persona, version, brain, model, voice, timings, usage, finish, cues, cites, utterances."""

    @property
    def text(self) -> str:
        """The words of all parts, a line each."""
        return spoken_words(self.parts)


@dataclass(frozen=True, slots=True)
class Cue:
    """A stage direction at its place in the text."""

    name: str
    intensity: float = 1.0
    """0 to 1."""
    at: int = 0
    """Place in the reply's display text, in characters."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something she knows from what she was given, as it can be cited."""

    id: str
    """What stands in ``[k:id]``."""
    file: str
    """Where it stands: a path below knowledge/, or ``faq``."""
    heading: str = ""
    """Headings that lead to it, parted by `` › ``; of a FAQ entry: its question."""
    text: str = ""
    """What it says, as far as a card shows it."""
    shown: bool = True
    """Whether a citation of it is shown, or only counted."""


@dataclass(frozen=True, slots=True)
class Cite:
    """A citation of something she knows at its place in the text."""

    id: str
    """As the brain wrote it, ``k:`` and the source's id."""
    at: int = 0
    """Place in the reply's display text, in characters."""
    number: int = 0
    """1, 2, 3 … within the reply, as it is shown; 0: it is not."""
    source: Source | None = None
    """What is cited; None: not looked up yet."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Something she does while she answers, as the page shows it."""

    name: str
    """The tool's."""
    state: str
    """``running``, ``done`` or ``failed``."""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """Display text as it grows."""

    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """The smallest piece of a reply worth saying aloud."""

    number: int
    """0, 1, 2 … within the attempt."""
    text: str
    """Display text, white space at its ends included: all lines joined are the reply's display text."""
    spoken: str
    """What the voice says; empty: nothing to pronounce."""
    places: tuple[int, ...]
    """Of each character of ``spoken``: its place in ``text``, in characters; never falls."""
    start: int
    """Where it begins in the reply's display text, in characters."""
    language: str
    """``zh`` or ``en``: the script most of its letters are in."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A chunk of an utterance's sound."""

    line: int
    pcm: bytes
    """Signed 16-bit little-endian mono samples; a whole number of samples."""
    rate: int = 24000
    """Samples a second."""
    start: float = 0.0
    """Seconds from the utterance's first sample."""


@dataclass(frozen=True, slots=True)
class WordTime:
    """When a word of an utterance is said."""

    line: int
    text: str
    start: float
    """Seconds from the utterance's first sample."""
    duration: float
    at: int
    """Where the word begins in the reply's display text, in characters."""


@dataclass(frozen=True, slots=True)
class Viseme:
    """One of the 15 Oculus mouth shapes in time."""

    name: str
    start: float
    """Seconds from the utterance's first sample."""
    duration: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Visemes:
    """The mouth of an utterance from ``start`` on; replaces what was sent for that stretch before."""

    line: int
    start: float
    visemes: tuple[Viseme, ...]
    final: bool
    """Nothing better will follow for this utterance."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """The end of an utterance: its sound is complete."""

    line: int
    seconds: float
    media: str = ""
    """SHA-256 of the utterance's MP3, when it was kept."""
    failed: bool = False
    """No voice could say it: the text stands alone."""
    mp3: bytes = b""
    """The whole utterance once more, where a door asked for it; it decodes to the sample, nothing need be skipped."""
    samples: int = 0
    """Samples of the decoded MP3 to play."""


@dataclass(frozen=True, slots=True)
class Begin:
    """A turn's attempt starts; a later attempt replaces what an earlier one showed."""

    answers: tuple[int, ...]
    """Numbers of the entries it answers."""
    persona: str = ""
    voiced: bool = False
    """Whether sound will follow."""


@dataclass(frozen=True, slots=True)
class End:
    """A turn is over and its reply written down."""

    state: State
    entry: Entry | None
    """The reply; None: there was nothing to keep, or the messages went into the next turn."""


@dataclass(frozen=True, slots=True)
class Held:
    """A hold began, or ended by itself: go on."""

    on: bool


Shown = Words | Line | Cue | Cite | Doing | Picture | Sound | WordTime | Visemes | Spoken | Begin | End | Held


@dataclass(frozen=True, slots=True)
class Piece:
    """What travels from a turn to the doors, in order."""

    conversation: str
    turn: str
    attempt: int
    number: int
    """0, 1, 2 … within the attempt."""
    shown: Shown


@dataclass(frozen=True, slots=True)
class Control:
    """What a door tells the running turn."""

    conversation: str
    kind: str
    """``stop``, ``hold``, ``resume`` or ``heard``."""
    turn: str = ""
    """Empty: whichever runs."""
    heard: int = 0
    """Display characters heard or shown so far."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request a channel will make to bring a reply home."""

    key: str
    """``<turn>/<part>``: the same key twice must reach the user once where the channel allows."""
    conversation: str
    door: str
    part: Part
    attempts: int = 0
    data: bytes = b""
    """Of a picture, a voice note or a file: its bytes."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the channel's service said of a delivery."""

    key: str
    delivered: bool
    detail: str = ""
    """Why it was not delivered."""
    waits: bool = False
    """Not delivered: the service takes no more until the user writes again; then it is sent."""
    hopeless: bool = False
    """Not delivered, and never will be: no further try."""
