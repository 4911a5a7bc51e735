"""Second doors to a conversation within one transaction: invitations, guests, and whose person they are."""

import sqlite3
import time

GONE = "gone"
"""Kind of what is kept of persons who are no more: that there is nothing to be kept of them, while anybody may be at it."""
GONE_S = 86400.0
"""Seconds."""


def invite(db: sqlite3.Connection, code: str, conversation: str, until: float) -> None:
    """Write an invitation down; those before it that nobody followed are void."""
    db.execute("delete from invitation where conversation = ?", (conversation,))
    db.execute(
        "insert or replace into invitation (code, conversation, until) values (?, ?, ?)", (code, conversation, until)
    )


def redeem(db: sqlite3.Connection, code: str, channel: str, sender: str, now: float) -> str | None:
    """Let a user in by an invitation, once; they become one person with whom it was given to."""
    find = """select invitation.conversation, person from invitation
        join conversation on conversation.id = invitation.conversation
        join user on user.channel = conversation.channel and user.sender = conversation.owner
        where code = ? and until >= ?"""
    if not (row := db.execute(find, (code, now)).fetchone()):
        return None
    conversation, person = row
    db.execute("delete from invitation where code = ?", (code,))
    join(db, channel, sender, person)
    db.execute("insert or ignore into guest values (?, ?, ?)", (conversation, channel, sender))
    return conversation


def revoke(db: sqlite3.Connection, conversation: str) -> int:
    """Make a conversation's invitations void and show its guests out, each a person of their own again; how many."""
    db.execute("delete from invitation where conversation = ?", (conversation,))
    gone = db.execute("delete from guest where conversation = ? returning channel, sender", (conversation,)).fetchall()
    find = """select person from conversation join user on user.channel = conversation.channel and user.sender = owner
        where id = ?"""
    host = db.execute(find, (conversation,)).fetchone()
    for channel, sender in gone:
        before = person(db, channel, sender)
        move(db, channel, sender, fresh(db))
        if host:  # who has linked themselves elsewhere meanwhile takes along what only a guest was left with
            inherit(db, before, host[0])
    return len(gone)


def join(db: sqlite3.Connection, channel: str, sender: str, whose: int) -> None:
    """Make a user one person with others; what was kept of them alone goes with them."""
    before = person(db, channel, sender)
    move(db, channel, sender, whose)
    inherit(db, before, whose)


def part(db: sqlite3.Connection, channel: str, sender: str) -> str:
    """Make a user a person of their own; what was kept stays with the others. Their person, a new one unless they are alone."""
    if len(together(db, channel, sender)) > 1 or person(db, channel, sender) is None:
        move(db, channel, sender, fresh(db))
    return str(person(db, channel, sender))


def person(db: sqlite3.Connection, channel: str, sender: str) -> int | None:
    """Who a user is."""
    row = db.execute("select person from user where channel = ? and sender = ?", (channel, sender)).fetchone()
    return row[0] if row else None


def fresh(db: sqlite3.Connection) -> int:
    """A new person; by no number that anybody forgotten had, since somebody may still be about to note something of them."""
    made = "insert into person (id) values (random() & 0x7fffffffffffffff) returning id"
    return db.execute(made).fetchone()[0]


def move(db: sqlite3.Connection, channel: str, sender: str, whose: int) -> None:
    """Make a user that person."""
    db.execute("insert or replace into user (channel, sender, person) values (?, ?, ?)", (channel, sender, whose))


def inherit(db: sqlite3.Connection, before: int | None, whose: int) -> None:
    """Where nobody is a person any more, what was kept of them is somebody else's."""
    if before in (None, whose) or db.execute("select 1 from user where person = ?", (before,)).fetchone():
        return
    db.execute("update record set owner = ? where owner = ?", (str(whose), str(before)))
    db.execute("delete from person where id = ?", (before,))
    bury(db, str(before))


def bury(db: sqlite3.Connection, person: str) -> None:
    """Let nothing more be kept of a person."""
    now = time.time()
    db.execute("delete from record where kind = ? and at < ?", (GONE, now - GONE_S))
    db.execute("insert or replace into record values (?, ?, '', ?, '{}')", (GONE, person, now))


def invited(db: sqlite3.Connection, conversation: str, channel: str, sender: str) -> bool:
    """Whether a user came into the conversation by a link."""
    sql = "select 1 from guest where conversation = ? and channel = ? and sender = ?"
    return db.execute(sql, (conversation, channel, sender)).fetchone() is not None


def together(db: sqlite3.Connection, channel: str, sender: str) -> list[tuple[str, str]]:
    """The users who are one person with this one, (channel, sender) each."""
    sql = """select channel, sender from user where person =
        (select person from user where channel = ? and sender = ?)"""
    return db.execute(sql, (channel, sender)).fetchall() or [(channel, sender)]
