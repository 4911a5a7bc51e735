"""Stores: what must not be forgotten — what was said, what waits for an answer, what waits to be sent."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.message import Delivery, Entry, Message, Part, Receipt, State


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a message that a channel brought."""

    entry: Entry
    fresh: bool
    """False: the same message was accepted before; nothing changed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer some messages of one conversation."""

    conversation: str
    turn: str
    """A fresh turn id, unguessable and unique."""
    fence: int
    """Grows with every claim of the conversation; ``finish`` refuses a stale one."""
    entries: tuple[Entry, ...]
    """Consecutive addressed messages of one sender and door, in order."""


@dataclass(frozen=True, slots=True)
class Reply:
    """How a turn ended, to be written down in one transaction."""

    state: State
    """ANSWERED, STOPPED or FAILED: of the reply and of the messages it answers."""
    parts: tuple[Part, ...]
    """Empty: nothing to keep of her, the messages count as answered with nothing."""
    at: float
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    heard: int | None = None
    deliveries: Sequence[Part] = ()
    """What the channel shall send, in order; each becomes a Delivery ``<turn>/<n>`` at the messages' door."""
    media: Sequence[str] = ()
    """Hashes of kept media that belong to this conversation from now on."""


@dataclass(frozen=True, slots=True)
class Record:
    """Something kept by kind and id, such as a fact about a person or a reminder."""

    kind: str
    id: str
    """Unique within its kind."""
    owner: str = ""
    """The person it is forgotten with; empty: nobody."""
    at: float = 0.0
    """Unix seconds: when it is due, or was made."""
    value: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """JSON."""


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A line's sound with what is known of it."""

    mp3: bytes
    detail: Mapping[str, Any]
    """JSON: whatever is needed to speak it again without the voice."""


class Store(Protocol):
    """Keeps entries, users, deliveries and media. Every method is atomic and durable when it returns; all may raise StoreError."""

    async def accept(self, message: Message, state: State = State.RECEIVED) -> Accepted:
        """Write a message down, once per (channel, id); makes its user, person and conversation on first contact.

        An unaddressed message gets UNADDRESSED whatever ``state`` says. Raises Full when the disk is.
        """
        ...

    async def note(self, conversation: str, door: str, text: str, *, turn: str, at: float, deliver: bool) -> Entry:
        """Write down a line of the system (author SYSTEM, state ANSWERED), with a delivery where asked."""
        ...

    async def waiting(self) -> list[str]:
        """Conversations with messages to answer and no claim on them."""
        ...

    async def claim(self, conversation: str, *, merge: bool = True) -> Claim | None:
        """Claim the oldest unanswered addressed messages (all consecutive ones of one sender and door, or just one).

        None: nothing waits, or a claim stands. Each claim counts an attempt on its entries.
        """
        ...

    async def extend(self, claim: Claim) -> Claim:
        """The claim with the messages of the same sender and door that have come since. Raises Stale."""
        ...

    async def release(self, claim: Claim) -> None:
        """Give the messages back to be claimed again; a stale claim is left alone."""
        ...

    async def finish(self, claim: Claim, reply: Reply) -> Entry | None:
        """Write the reply, the states and the deliveries in one transaction; the reply's entry, None without parts. Raises Stale."""
        ...

    async def history(self, conversation: str, *, before: int | None = None, limit: int = 50) -> list[Entry]:
        """The newest entries (before the number), oldest first."""
        ...

    async def entry(self, conversation: str, number: int) -> Entry | None:
        """One entry of the conversation."""
        ...

    async def unpack(self, conversation: str, number: int, parts: Sequence[Part]) -> Entry | None:
        """Put in an entry's parts what became of its attachments; the entry as it is now."""
        ...

    async def heard(self, conversation: str, turn: str, characters: int) -> None:
        """Amend how much of a reply was heard or seen; never lowers an amendment made before."""
        ...

    async def amend(
        self, conversation: str, turn: str, *, detail: Mapping[str, Any] | None = None, state: State | None = None
    ) -> Entry | None:
        """Add to what is known of a finished reply (``detail`` keys replace those of the same name); the reply, if there is one."""
        ...

    async def rate(self, conversation: str, number: int, rating: int) -> bool:
        """Like (1), dislike (-1) or neither (0) a reply; False: no such reply."""
        ...

    async def said_since(self, channel: str, sender: str, since: float) -> int:
        """How many messages a user sent since (Unix seconds)."""
        ...

    async def own(self, conversation: str, channel: str, sender: str) -> bool:
        """Whether the conversation is this user's, or a link led them in; claims one of that channel that does not exist yet."""
        ...

    async def conversations(self, channel: str, sender: str) -> list[str]:
        """The user's conversations, newest first; those a link led into come first."""
        ...

    async def undelivered(self) -> list[str]:
        """Conversations with deliveries to be sent, the longest waiting first."""
        ...

    async def deliveries(self, conversation: str, *, limit: int = 100) -> list[Delivery]:
        """Unsent deliveries of a conversation, in order."""
        ...

    async def receipt(self, receipt: Receipt) -> None:
        """Write down what became of a delivery: one delivered or hopeless is never listed again, one refused counts an attempt."""
        ...

    async def instead(self, key: str, parts: Sequence[Part]) -> None:
        """Plan deliveries ``<key>.0``, ``<key>.1`` … in place of an unsent one, at its place in the order."""
        ...

    async def keep(self, conversation: str, data: bytes, type: str) -> str:
        """Keep bytes by their hash for the conversation; the hash.

        Beyond the cap the sounds (audio/…) unused for longest make room. Raises Full when that does not help, or the disk is full.
        """
        ...

    async def media(self, conversation: str, hash: str) -> tuple[str, bytes] | None:
        """(MIME type, bytes), None unless they belong to the conversation."""
        ...

    async def line(self, conversation: str, key: str) -> SpokenLine | None:
        """A line spoken before, whoever heard it; its sound belongs to this conversation too from now on."""
        ...

    async def keep_line(self, conversation: str, key: str, line: SpokenLine) -> str:
        """Keep a spoken line to be found by its key, its sound by its hash for the conversation; the hash. Raises Full as ``keep``."""
        ...

    async def forget(self, channel: str, sender: str) -> None:
        """Delete a person: this user and those linked with it, all conversations that are theirs alone, their entries, media, what channels remember of them, and the lines nobody else heard."""
        ...

    # Second doors

    async def invite(self, code: str, conversation: str, until: float) -> None:
        """Write down that whoever brings the code until then (Unix seconds) may come in, once; earlier codes are void."""
        ...

    async def redeem(self, code: str, channel: str, sender: str, now: float) -> str | None:
        """The conversation a user may come into by a code, as one person with its owner; None: void."""
        ...

    async def revoke(self, conversation: str) -> int:
        """Make all codes void and show out who came in by one; how many."""
        ...

    # What channels remember

    async def recall(self, channel: str, key: str) -> str:
        """What a channel remembered; empty: nothing."""
        ...

    async def remember(self, channel: str, key: str, value: str) -> None:
        """Remember for a channel; an empty value forgets."""
        ...

    async def recollect(self, channel: str, prefix: str) -> dict[str, str]:
        """All a channel remembered under keys that begin so."""
        ...

    # Records, and who is who

    async def put(self, *records: Record, fresh: bool = False) -> bool:
        """Keep records in place of those of the same kind and id, all or none; ``fresh``: only where none of them is there. Whether they were kept: of a person who was forgotten nothing is."""
        ...

    async def record(self, kind: str, id: str) -> Record | None:
        """One record."""
        ...

    async def records(
        self, kind: str, *, owner: str | None = None, before: float | None = None, limit: int = 10_000
    ) -> list[Record]:
        """Records of a kind (of an owner; of a time up to ``before``), the earliest first."""
        ...

    async def drop(self, kind: str, *ids: str) -> int:
        """Forget records; how many there were."""
        ...

    async def person(self, channel: str, sender: str) -> str:
        """Who a user is, across the channels they linked; empty: nobody known."""
        ...

    async def users(self, person: str) -> list[tuple[str, str]]:
        """The users that are one person, (channel, sender) each."""
        ...

    async def join(self, channel: str, sender: str, person: str) -> None:
        """Make a user one person with others; the records that were theirs alone go with them."""
        ...

    async def part(self, channel: str, sender: str) -> str:
        """Make a user a person of their own; records stay with the others. Their person, a new one unless they are alone."""
        ...

    def arrivals(self) -> AsyncIterator[str]:
        """Conversations as messages for an answer arrive in them, from now on; may repeat."""
        ...

    def departures(self) -> AsyncIterator[str]:
        """Conversations as deliveries are planned in them, from now on; may repeat."""
        ...

    async def close(self) -> None:
        """Finish what was begun and let go."""
        ...


class StoreError(Exception):
    """The store is broken: the process cannot go on."""


class Full(StoreError):
    """No room: new messages are refused until there is some; everything else goes on."""


class Stale(StoreError):
    """Somebody else claimed the conversation since: this turn's result is void."""
