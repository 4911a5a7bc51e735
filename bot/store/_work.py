"""What becomes of entries within one transaction, as functions of an open connection."""

import json
import sqlite3
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from bot.message import Author, Entry, Message, Part, State
from bot.store import Accepted, Claim, Reply, Stale, _links, _media, _parts, _records

ENTRY = (
    "number, conversation, door, author, state, parts, at, id, sender, sender_name, grouped, turn, attempts, heard,"
    " rating, detail"
)


def accept(db: sqlite3.Connection, message: Message, state: State) -> Accepted:
    """Write a message down, unless it is there already."""
    find = f"select {ENTRY} from entry where channel = ? and id = ? and id <> ''"
    if known := first(db, find, (message.channel, message.id)):
        return Accepted(known, fresh=False)
    meet(db, message.channel, message.sender, message.conversation, None if message.group else message.sender)
    entry = add(
        db, message.conversation, message.door, message.author, state, message.parts, message.at or time.time(),
        channel=message.channel, id=message.id, sender=message.sender, sender_name=_parts.writable(message.sender_name),
        grouped=int(message.group),
    )  # fmt: skip
    for hash in _parts.media(message.parts):
        _media.use(db, message.conversation, hash)
    return Accepted(entry, fresh=True)


def meet(db: sqlite3.Connection, channel: str, sender: str, conversation: str, owner: str | None) -> None:
    """Make user, person and conversation on first contact."""
    if not db.execute("select 1 from user where channel = ? and sender = ?", (channel, sender)).fetchone():
        _links.move(db, channel, sender, _links.fresh(db))
    made = "insert or ignore into conversation (id, channel, owner) values (?, ?, ?)"
    db.execute(made, (conversation, channel_of(conversation, ""), owner))


def add(
    db: sqlite3.Connection, conversation: str, door: str, author: Author, state: State, parts: Sequence[Part],
    at: float, **more: str | int | None,
) -> Entry:  # fmt: skip
    """A new entry, as it is written."""
    values = {
        "conversation": conversation, "door": door or channel_of(conversation, ""), "author": author.value,
        "state": state.value, "parts": _parts.dumped(parts), "at": at, **more,
    }  # fmt: skip
    marks = ", ".join("?" * len(values))
    sql = f"insert into entry ({', '.join(values)}) values ({marks}) returning {ENTRY}"
    return as_entry(db.execute(sql, tuple(values.values())).fetchone())


def deliver(db: sqlite3.Connection, conversation: str, door: str, outgoing: Sequence[tuple[str, Part]]) -> None:
    """Plan one delivery for each (key, part)."""
    sql = "insert into delivery (key, channel, conversation, door, part, media) values (?, ?, ?, ?, ?, ?)"
    for key, part in outgoing:
        media = next(iter(_parts.media([part])), "")
        db.execute(sql, (key, channel_of(conversation, door), conversation, door, _parts.dumped([part]), media))


def claim(db: sqlite3.Connection, conversation: str, merge: bool) -> Claim | None:
    """Claim the oldest messages that wait."""
    row = db.execute("select turn, fence from conversation where id = ?", (conversation,)).fetchone()
    if row is None or row[0]:
        return None
    found = together(db, conversation, merge)
    if not found:
        return None
    turn, fence = uuid.uuid4().hex, row[1] + 1
    db.execute("update conversation set turn = ?, fence = ? where id = ?", (turn, fence, conversation))
    return Claim(conversation, turn, fence, tuple(taken(db, entry, turn) for entry in found))


def together(db: sqlite3.Connection, conversation: str, merge: bool, like: Entry | None = None) -> list[Entry]:
    """The oldest received messages of one sender and door."""
    sql = f"select {ENTRY} from entry where conversation = ? and state = 'received' order by number"
    found: list[Entry] = []
    for entry in map(as_entry, db.execute(sql, (conversation,)).fetchall()):
        first = like or (found[0] if found else entry)
        if (entry.sender, entry.door) != (first.sender, first.door) or (found and not merge):
            break
        found.append(entry)
    return found


def taken(db: sqlite3.Connection, entry: Entry, turn: str) -> Entry:
    """A message as the turn takes it."""
    sql = f"update entry set state = 'claimed', turn = ?, attempts = attempts + 1 where number = ? returning {ENTRY}"
    return as_entry(db.execute(sql, (turn, entry.number)).fetchone())


def holds(db: sqlite3.Connection, claim: Claim) -> bool:
    """Whether a claim still stands."""
    sql = "select 1 from conversation where id = ? and turn = ? and fence = ?"
    return db.execute(sql, (claim.conversation, claim.turn, claim.fence)).fetchone() is not None


def hold(db: sqlite3.Connection, claim: Claim) -> None:
    """Raises Stale unless the claim stands."""
    if not holds(db, claim):
        raise Stale(claim.turn)


def extend(db: sqlite3.Connection, claim: Claim) -> Claim:
    """The claim with what its sender added."""
    hold(db, claim)
    more = together(db, claim.conversation, True, claim.entries[-1])
    added = tuple(taken(db, entry, claim.turn) for entry in more)
    return Claim(claim.conversation, claim.turn, claim.fence, claim.entries + added)


def release(db: sqlite3.Connection, claim: Claim) -> bool:
    """Let the claimed messages wait again; whether the claim stood."""
    if not holds(db, claim):
        return False
    db.execute("update entry set state = 'received', turn = '' where turn = ? and state = 'claimed'", (claim.turn,))
    db.execute("update conversation set turn = '' where id = ?", (claim.conversation,))
    return True


def instead(db: sqlite3.Connection, key: str, parts: Sequence[Part]) -> None:
    """Plan several deliveries where one was; those after it keep their order, since a conversation's are sent by number."""
    sql = "select number, conversation, door from delivery where key = ? and delivered = 0"
    if not (row := db.execute(sql, (key,)).fetchone()):
        return
    number, conversation, door = row
    later = "select number from delivery where conversation = ? and delivered = 0 and number > ? order by number"
    behind = [each for (each,) in db.execute(later, (conversation, number)).fetchall()]
    db.execute("delete from delivery where number = ?", (number,))
    deliver(db, conversation, door, [(f"{key}.{place}", part) for place, part in enumerate(parts)])
    (last,) = db.execute("select coalesce(max(number), 0) from delivery").fetchone()
    for place, each in enumerate(behind, 1):
        db.execute("update delivery set number = ? where number = ?", (last + place, each))


def unpack(db: sqlite3.Connection, conversation: str, number: int, parts: Sequence[Part]) -> Entry | None:
    """Replace an entry's parts."""
    sql = f"update entry set parts = ? where number = ? and conversation = ? returning {ENTRY}"
    entry = first(db, sql, (_parts.dumped(parts), number, conversation))
    for hash in _parts.media(parts) if entry else ():
        _media.use(db, conversation, hash)
    return entry


def finish(db: sqlite3.Connection, claim: Claim, reply: Reply) -> Entry | None:
    """Write a turn's end down."""
    hold(db, claim)
    answered = "update entry set state = ? where turn = ? and state = 'claimed'"
    db.execute(answered, (reply.state.value, claim.turn))
    db.execute("update conversation set turn = '' where id = ?", (claim.conversation,))
    door = claim.entries[0].door
    outgoing = [(f"{claim.turn}/{number}", part) for number, part in enumerate(reply.deliveries)]
    deliver(db, claim.conversation, door, outgoing)
    for hash in reply.media:
        _media.use(db, claim.conversation, hash)
    if not reply.parts:
        return None
    return add(
        db, claim.conversation, door, Author.PERSONA, reply.state, reply.parts, reply.at,
        turn=claim.turn, detail=_parts.as_json(reply.detail), heard=reply.heard,
    )  # fmt: skip


def forget(db: sqlite3.Connection, channel: str, sender: str) -> list[str]:
    """Delete a person's rows; hashes of media nobody needs any more."""
    gone = [hash for user in _links.together(db, channel, sender) for hash in _forget(db, *user)]
    return _media.orphans(db, gone)


def _forget(db: sqlite3.Connection, channel: str, sender: str) -> list[str]:
    """Delete one user's rows; hashes of media that may be left without need."""
    mine, me = "(select id from conversation where channel = ? and owner = ?)", (channel, sender)
    used = db.execute(f"select distinct hash from media_use where conversation in {mine}", me).fetchall()
    _records.leave(db, mine, me)
    for table in ("delivery", "media_use", "entry", "invitation", "guest"):
        db.execute(f"delete from {table} where conversation in {mine}", me)
    db.execute("delete from conversation where channel = ? and owner = ?", me)
    db.execute("delete from guest where channel = ? and sender = ?", me)
    db.execute(
        "delete from memo where channel = ? and substr(key, -length(?)) = ?", (channel, f":{sender}", f":{sender}")
    )
    shown = withdraw(db, channel, sender)
    person = db.execute("select person from user where channel = ? and sender = ?", me).fetchone()
    db.execute("delete from user where channel = ? and sender = ?", me)
    if person:
        gone = "delete from person where id = ? and not exists (select 1 from user where person = id) returning id"
        for (id,) in db.execute(gone, person).fetchall():
            _records.forget(db, str(id))
    return [hash for (hash,) in used] + shown


def withdraw(db: sqlite3.Connection, channel: str, sender: str) -> list[str]:
    """Delete what a user said where others talk too, and void the turns that answer it; hashes of what it showed."""
    said = "delete from entry where author = 'user' and channel = ? and sender = ? returning conversation, turn, parts"
    shown: list[str] = []
    for conversation, turn, parts in db.execute(said, (channel, sender)).fetchall():
        db.execute("update conversation set turn = '' where id = ? and turn = ?", (conversation, turn))
        for hash in _parts.media(_parts.loaded(parts)):
            still = "select 1 from entry where conversation = ? and instr(parts, ?)"
            if not db.execute(still, (conversation, hash)).fetchone():
                db.execute("delete from media_use where conversation = ? and hash = ?", (conversation, hash))
                shown.append(hash)
    return shown


def amend(
    db: sqlite3.Connection, conversation: str, turn: str, detail: Mapping[str, Any], state: State | None
) -> Entry | None:
    """The turn's reply with what is new about it."""
    find = f"select {ENTRY} from entry where turn = ? and conversation = ? and author = 'persona'"
    if not (entry := first(db, find, (turn, conversation))):
        return None
    sql = f"update entry set detail = ?, state = ? where number = ? returning {ENTRY}"
    values = _parts.as_json({**entry.detail, **detail}), (state or entry.state).value, entry.number
    return first(db, sql, values)


def channel_of(conversation: str, door: str) -> str:
    """The channel a door belongs to."""
    return door or conversation.partition(":")[0]


def first(db: sqlite3.Connection, sql: str, values: Sequence[Any]) -> Entry | None:
    """The first entry a query finds."""
    row = db.execute(sql, values).fetchone()
    return as_entry(row) if row else None


def as_entry(row: Sequence[Any]) -> Entry:
    """A row of the ENTRY columns."""
    number, conversation, door, author, state, parts, at, id, sender, name, grouped, turn, attempts, heard, rating, detail = row  # fmt: skip
    return Entry(
        number, conversation, door, Author(author), State(state), _parts.loaded(parts), float(at), id, sender, name,
        bool(grouped), turn, attempts, heard, rating, json.loads(detail),
    )  # fmt: skip
