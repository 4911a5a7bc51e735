"""The store's twin in memory: for tests, and the plain statement of what every store does."""

import time
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.message import Author, Delivery, Entry, Message, Part, Receipt, State, Text
from bot.settings import Data
from bot.store import Accepted, Claim, Record, Reply, SpokenLine, Stale, _parts
from bot.store._bell import Bell, Ear
from bot.store._files import hashed
from bot.store._shelf import Shelf


async def open(data: Data) -> "MemoryStore":
    """An empty store."""
    return MemoryStore(data)


User = tuple[str, str]
"""(channel, sender)."""


@dataclass(slots=True)
class Room:
    """One conversation."""

    channel: str
    owner: str | None
    fence: int = 0
    turn: str = ""


@dataclass(slots=True)
class Outgoing:
    """A delivery with its channel."""

    channel: str
    delivery: Delivery
    done: bool = False


class MemoryStore:
    """Keeps everything as long as the process lives."""

    def __init__(self, data: Data | None = None) -> None:
        self.shelf = Shelf((data or Data()).max_gb * 1e9)
        self.entries: dict[int, Entry] = {}
        self.said: dict[tuple[str, str], int] = {}
        """(channel, message id) → entry number."""
        self.rooms: dict[str, Room] = {}
        self.outbox: dict[str, Outgoing] = {}
        self.last = 0
        self.invitations: dict[str, tuple[str, float]] = {}
        """Code → (conversation, until)."""
        self.guests: set[tuple[str, User]] = set()
        """(conversation, user) of those a link led in."""
        self.people: dict[User, str] = {}
        """Which person a user is."""
        self.persons = 0
        self.gone: set[str] = set()
        """Persons who were forgotten."""
        self.kept: dict[tuple[str, str], Record] = {}
        """(kind, id) → record."""
        self.memos: dict[str, dict[str, str]] = defaultdict(dict)
        self.messages, self.outgoing = Bell(), Bell()

    async def close(self) -> None:
        """Nothing to let go of."""

    def arrivals(self) -> Ear:
        """Conversations as messages for an answer arrive in them."""
        return self.messages.listen()

    def departures(self) -> Ear:
        """Conversations as deliveries are planned in them."""
        return self.outgoing.listen()

    # Messages

    async def accept(self, message: Message, state: State = State.RECEIVED) -> Accepted:
        """Write a message down, once per (channel, id)."""
        state = state if message.addressed else State.UNADDRESSED
        if known := self.said.get((message.channel, message.id)):
            return Accepted(self.entries[known], fresh=False)
        self._meet(message.channel, message.sender)
        self._room(message.conversation, None if message.group else message.sender)
        name, at = _parts.writable(message.sender_name), message.at or time.time()
        entry = Entry(0, message.conversation, message.door, message.author, state, message.parts, at, message.id)
        entry = self._add(replace(entry, sender=message.sender, sender_name=name, group=message.group))
        self.said[message.channel, message.id] = entry.number
        for hash in _parts.media(message.parts):
            self.shelf.use(message.conversation, hash)
        if state is State.RECEIVED:
            self.messages.ring(message.conversation)
        return Accepted(entry, fresh=True)

    async def note(self, conversation: str, door: str, text: str, *, turn: str, at: float, deliver: bool) -> Entry:
        """Write down a line of the system, with a delivery where asked."""
        entry = self._add(Entry(0, conversation, door, Author.SYSTEM, State.ANSWERED, (Text(text),), at, turn=turn))
        if deliver:
            self._deliver(conversation, entry.door, f"{turn}/note{entry.number}", Text(text))
        return entry

    async def waiting(self) -> list[str]:
        """Conversations with messages to answer and no claim on them."""
        oldest_first = dict.fromkeys(e.conversation for e in self.entries.values() if e.state is State.RECEIVED)
        return [id for id in oldest_first if not self.rooms[id].turn]

    async def claim(self, conversation: str, *, merge: bool = True) -> Claim | None:
        """Claim the oldest unanswered messages."""
        room = self.rooms.get(conversation)
        if room is None or room.turn or not (found := self._together(conversation, merge)):
            return None
        room.turn, room.fence = uuid.uuid4().hex, room.fence + 1
        return Claim(conversation, room.turn, room.fence, tuple(self._taken(e, room.turn) for e in found))

    async def extend(self, claim: Claim) -> Claim:
        """The claim with what came since."""
        self._hold(claim)
        more = self._together(claim.conversation, True, claim.entries[-1])
        return replace(claim, entries=claim.entries + tuple(self._taken(entry, claim.turn) for entry in more))

    async def release(self, claim: Claim) -> None:
        """Give the messages back."""
        if self._holds(claim):
            for entry in self._claimed(claim):
                self.entries[entry.number] = replace(entry, state=State.RECEIVED, turn="")
            self.rooms[claim.conversation].turn = ""
            self.messages.ring(claim.conversation)

    async def finish(self, claim: Claim, reply: Reply) -> Entry | None:
        """Write the reply, the states and the deliveries."""
        self._hold(claim)
        detail = _parts.plain(reply.detail)  # before anything is changed: it may not be JSON
        for entry in self._claimed(claim):
            self.entries[entry.number] = replace(entry, state=reply.state)
        self.rooms[claim.conversation].turn = ""
        door = claim.entries[0].door
        for number, part in enumerate(reply.deliveries):
            self._deliver(claim.conversation, door, f"{claim.turn}/{number}", part)
        for hash in reply.media:
            self.shelf.use(claim.conversation, hash)
        if not reply.parts:
            return None
        entry = Entry(0, claim.conversation, door, Author.PERSONA, reply.state, reply.parts, reply.at)
        return self._add(replace(entry, turn=claim.turn, detail=detail, heard=reply.heard))

    async def history(self, conversation: str, *, before: int | None = None, limit: int = 50) -> list[Entry]:
        """The newest entries, oldest first."""
        end = self.last + 1 if before is None else before
        found = [e for e in self.entries.values() if e.conversation == conversation and e.number < end]
        return found[-limit:] if limit else []

    async def entry(self, conversation: str, number: int) -> Entry | None:
        """One entry of the conversation."""
        entry = self.entries.get(number)
        return entry if entry and entry.conversation == conversation else None

    async def unpack(self, conversation: str, number: int, parts: Sequence[Part]) -> Entry | None:
        """Put in an entry's parts what became of its attachments."""
        if entry := await self.entry(conversation, number):
            self.entries[number] = entry = replace(entry, parts=tuple(parts))
            for hash in _parts.media(parts):
                self.shelf.use(conversation, hash)
        return entry

    async def heard(self, conversation: str, turn: str, characters: int) -> None:
        """Amend how much of a reply was heard or seen."""
        if reply := self._reply(conversation, turn):
            self.entries[reply.number] = replace(reply, heard=max(reply.heard or 0, characters))

    async def amend(
        self, conversation: str, turn: str, *, detail: Mapping[str, Any] | None = None, state: State | None = None
    ) -> Entry | None:
        """Add to what is known of a finished reply."""
        if reply := self._reply(conversation, turn):
            reply = replace(reply, detail=_parts.plain({**reply.detail, **(detail or {})}), state=state or reply.state)
            self.entries[reply.number] = reply
        return reply

    async def rate(self, conversation: str, number: int, rating: int) -> bool:
        """Like, dislike or neither a reply."""
        entry = await self.entry(conversation, number)
        if entry is None or entry.author is not Author.PERSONA:
            return False
        self.entries[number] = replace(entry, rating=rating)
        return True

    # Users

    async def said_since(self, channel: str, sender: str, since: float) -> int:
        """How many messages a user sent since."""
        mine = (self.entries[number] for (each, _), number in self.said.items() if each == channel)
        mine = (entry for entry in mine if entry.author is Author.USER and entry.sender == sender)
        return sum(entry.at >= since for entry in mine)

    async def own(self, conversation: str, channel: str, sender: str) -> bool:
        """Whether the conversation is this user's, or a link led them in; a new one of that channel becomes theirs."""
        if not conversation.startswith(f"{channel}:"):
            return (conversation, (channel, sender)) in self.guests
        if conversation not in self.rooms:
            self._meet(channel, sender)
        return self._room(conversation, sender).owner == sender

    async def conversations(self, channel: str, sender: str) -> list[str]:
        """The user's conversations, those a link led into first."""
        return (
            sorted(id for id, user in self.guests if user == (channel, sender)) + self._owned((channel, sender))[::-1]
        )

    def _owned(self, user: User) -> list[str]:
        return [id for id, room in self.rooms.items() if (room.channel, room.owner) == user]

    async def forget(self, channel: str, sender: str) -> None:
        """Delete a person with all that is theirs alone."""
        me = channel, sender
        person = self.people.get(me)
        for user in [each for each, who in self.people.items() if who == person] or [me]:
            self._forget(user, set(self._owned(user)))
        if person:
            self.gone.add(person)
        self.kept = {key: each for key, each in self.kept.items() if each.owner not in self.gone}

    def _forget(self, user: User, mine: set[str]) -> None:
        self.people.pop(user, None)
        self._erase({number for number, entry in self.entries.items() if entry.conversation in mine})
        self.outbox = {key: each for key, each in self.outbox.items() if each.delivery.conversation not in mine}
        self.invitations = {code: each for code, each in self.invitations.items() if each[0] not in mine}
        self.guests = {(id, each) for id, each in self.guests if id not in mine and each != user}
        self.kept = {key: each for key, each in self.kept.items() if not _of(each) & mine}
        for id in mine:
            del self.rooms[id]
        for key in [key for key in self.memos[user[0]] if key.endswith(f":{user[1]}")]:
            del self.memos[user[0]][key]
        self.shelf.leave(mine, self.shelf.used(mine))
        self._withdraw(*user)

    def _withdraw(self, channel: str, sender: str) -> None:
        """Delete what a user said where others talk too, with its media, and void the turns that answer it."""
        said = [self.entries[number] for (each, _), number in self.said.items() if each == channel]
        said = [entry for entry in said if entry.sender == sender]
        self._erase({entry.number for entry in said})
        for entry in said:
            room = self.rooms[entry.conversation]
            room.turn = "" if room.turn == entry.turn else room.turn
            others = [e.parts for e in self.entries.values() if e.conversation == entry.conversation]
            left = {hash for parts in others for hash in _parts.media(parts)}
            self.shelf.leave({entry.conversation}, set(_parts.media(entry.parts)) - left)

    def _erase(self, gone: set[int]) -> None:
        self.entries = {number: entry for number, entry in self.entries.items() if number not in gone}
        self.said = {key: number for key, number in self.said.items() if number not in gone}

    # Second doors

    async def invite(self, code: str, conversation: str, until: float) -> None:
        """Write down that whoever brings the code may come in, once."""
        self.invitations = {code: each for code, each in self.invitations.items() if each[0] != conversation}
        self.invitations[code] = conversation, until

    async def redeem(self, code: str, channel: str, sender: str, now: float) -> str | None:
        """The conversation a user may come into by a code."""
        conversation, until = self.invitations.get(code, ("", 0.0))
        room = self.rooms.get(conversation)
        if now > until or room is None or (owner := (room.channel, room.owner or "")) not in self.people:
            return None
        del self.invitations[code]
        await self.join(channel, sender, self.people[owner])
        self.guests.add((conversation, (channel, sender)))
        return conversation

    async def revoke(self, conversation: str) -> int:
        """Make all codes void and show out who came in by one."""
        self.invitations = {code: each for code, each in self.invitations.items() if each[0] != conversation}
        gone = [user for id, user in self.guests if id == conversation]
        self.guests = {(id, user) for id, user in self.guests if id != conversation}
        room = self.rooms.get(conversation)
        host = self.people.get((room.channel, room.owner or "")) if room else None
        for user in gone:
            before, self.people[user] = self.people[user], self._person()
            self._inherit(before, host or "")
        return len(gone)

    # Records, and who is who

    async def put(self, *records: Record, fresh: bool = False) -> bool:
        """Keep records, all or none."""
        if any(each.owner in self.gone for each in records):
            return False
        if fresh and any((each.kind, each.id) in self.kept for each in records):
            return False
        self.kept |= {(each.kind, each.id): replace(each, value=_parts.plain(each.value)) for each in records}
        return True

    async def record(self, kind: str, id: str) -> Record | None:
        """One record."""
        return self.kept.get((kind, id))

    async def records(
        self, kind: str, *, owner: str | None = None, before: float | None = None, limit: int = 10_000
    ) -> list[Record]:
        """Records of a kind, the earliest first."""
        found = [each for each in self.kept.values() if each.kind == kind and owner in (None, each.owner)]
        found = [each for each in found if before is None or each.at <= before]
        return sorted(found, key=lambda each: (each.at, each.id))[:limit]

    async def drop(self, kind: str, *ids: str) -> int:
        """Forget records."""
        return sum(self.kept.pop((kind, id), None) is not None for id in ids)

    async def person(self, channel: str, sender: str) -> str:
        """Who a user is, across channels."""
        return self.people.get((channel, sender), "")

    async def users(self, person: str) -> list[User]:
        """The users that are one person."""
        return sorted(user for user, who in self.people.items() if who == person)

    async def join(self, channel: str, sender: str, person: str) -> None:
        """Make a user one person with others."""
        before, self.people[channel, sender] = self.people.get((channel, sender), ""), person
        self._inherit(before, person)

    async def part(self, channel: str, sender: str) -> str:
        """Make a user a person of their own."""
        if len(await self.users(self.people.get((channel, sender), ""))) != 1:
            self.people[channel, sender] = self._person()
        return self.people[channel, sender]

    # What channels remember

    async def recall(self, channel: str, key: str) -> str:
        """What a channel remembered."""
        return self.memos[channel].get(key, "")

    async def remember(self, channel: str, key: str, value: str) -> None:
        """Remember for a channel, or forget."""
        self.memos[channel][key] = value
        if not value:
            del self.memos[channel][key]

    async def recollect(self, channel: str, prefix: str) -> dict[str, str]:
        """All a channel remembered under keys that begin so."""
        return {key: value for key, value in sorted(self.memos[channel].items()) if key.startswith(prefix)}

    # Deliveries

    async def undelivered(self) -> list[str]:
        """Conversations with deliveries to be sent."""
        return list(dict.fromkeys(each.delivery.conversation for each in self.outbox.values() if not each.done))

    async def deliveries(self, conversation: str, *, limit: int = 100) -> list[Delivery]:
        """Unsent deliveries of a conversation, in order."""
        open_ = [each.delivery for each in self.outbox.values() if not each.done]
        return [delivery for delivery in open_ if delivery.conversation == conversation][:limit]

    async def receipt(self, receipt: Receipt) -> None:
        """Write down what became of a delivery."""
        if (known := self.outbox.get(receipt.key)) and not known.done:
            known.done = receipt.delivered or receipt.hopeless
            known.delivery = replace(known.delivery, attempts=known.delivery.attempts + (not receipt.waits))

    async def instead(self, key: str, parts: Sequence[Part]) -> None:
        """Plan deliveries in place of an unsent one."""
        known = self.outbox.get(key)
        if known and not known.done:
            here = known.delivery.conversation
            after = list(self.outbox)[list(self.outbox).index(key) :]
            moved = {
                name: each
                for name in after
                if (each := self.outbox[name]).delivery.conversation == here and not each.done
            }
            new = {
                f"{key}.{place}": replace(known.delivery, key=f"{key}.{place}", part=part, attempts=0)
                for place, part in enumerate(parts)
            }
            self.outbox = {name: each for name, each in self.outbox.items() if name not in moved}
            self.outbox |= {name: Outgoing(known.channel, each) for name, each in new.items()}
            self.outbox |= {name: each for name, each in moved.items() if name != key}

    # Media

    async def keep(self, conversation: str, data: bytes, type: str) -> str:
        """Keep bytes by their hash for the conversation; for one that is not there nothing is kept."""
        if conversation not in self.rooms:
            return hashed(data)
        unsent = _parts.media(each.delivery.part for each in self.outbox.values() if not each.done)
        return self.shelf.keep(conversation, data, type, unsent)

    async def media(self, conversation: str, hash: str) -> tuple[str, bytes] | None:
        """(MIME type, bytes), None unless they belong to the conversation."""
        kept = self.shelf.get(conversation, hash)
        return (kept.type, kept.data) if kept else None

    async def line(self, conversation: str, key: str) -> SpokenLine | None:
        """A line spoken before; its sound belongs to this conversation too from now on."""
        if key not in self.shelf.lines:
            return None
        hash, detail = self.shelf.lines[key]
        if conversation in self.rooms:
            self.shelf.use(conversation, hash)
        return SpokenLine(self.shelf.touch(hash).data, detail)

    async def keep_line(self, conversation: str, key: str, line: SpokenLine) -> str:
        """Keep a spoken line to be found by its key."""
        detail = _parts.plain(line.detail)
        hash = await self.keep(conversation, line.mp3, "audio/mpeg")
        if conversation in self.rooms:
            self.shelf.lines[key] = hash, detail
        return hash

    # What the methods share

    def _meet(self, channel: str, sender: str) -> None:
        if (channel, sender) not in self.people:
            self.people[channel, sender] = self._person()

    def _inherit(self, before: str, person: str) -> None:
        """Where nobody is a person any more, what was kept of them is somebody else's."""
        if before and person and before not in self.people.values():
            self.gone.add(before)
            for key, each in self.kept.items():
                self.kept[key] = replace(each, owner=person) if each.owner == before else each

    def _person(self) -> str:
        self.persons += 1
        return str(self.persons)

    def _room(self, conversation: str, owner: str | None) -> Room:
        return self.rooms.setdefault(conversation, Room(conversation.partition(":")[0], owner))

    def _add(self, entry: Entry) -> Entry:
        self.last += 1
        entry = replace(entry, number=self.last, door=entry.door or entry.conversation.partition(":")[0])
        self.entries[entry.number] = entry
        return entry

    def _deliver(self, conversation: str, door: str, key: str, part: Part) -> None:
        self.outbox[key] = Outgoing(door, Delivery(key, conversation, door, part))
        self.outgoing.ring(conversation)

    def _received(self, conversation: str) -> list[Entry]:
        return [e for e in self.entries.values() if e.conversation == conversation and e.state is State.RECEIVED]

    def _together(self, conversation: str, merge: bool, like: Entry | None = None) -> list[Entry]:
        """The oldest received messages of one sender and door."""
        found: list[Entry] = []
        for entry in self._received(conversation):
            first = like or (found[0] if found else entry)
            if (entry.sender, entry.door) != (first.sender, first.door) or (found and not merge):
                break
            found.append(entry)
        return found

    def _taken(self, entry: Entry, turn: str) -> Entry:
        entry = replace(entry, state=State.CLAIMED, turn=turn, attempts=entry.attempts + 1)
        self.entries[entry.number] = entry
        return entry

    def _claimed(self, claim: Claim) -> list[Entry]:
        return [e for e in self.entries.values() if e.turn == claim.turn and e.state is State.CLAIMED]

    def _holds(self, claim: Claim) -> bool:
        room = self.rooms.get(claim.conversation)
        return room is not None and (room.turn, room.fence) == (claim.turn, claim.fence)

    def _hold(self, claim: Claim) -> None:
        if not self._holds(claim):
            raise Stale(claim.turn)

    def _reply(self, conversation: str, turn: str) -> Entry | None:
        hers = (e for e in self.entries.values() if e.turn == turn and e.author is Author.PERSONA)
        return next((entry for entry in hers if entry.conversation == conversation), None)


def _of(record: Record) -> set[str]:
    """The conversations a record may belong to: by its id, ``<persona>/<conversation>``, or its value."""
    return {record.id, record.id[record.id.find("/") + 1 :], str(record.value.get("conversation", ""))}
