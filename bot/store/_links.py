"""Second doors to a conversation within one transaction: invitations, guests, and whose person they are."""

import sqlite3


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
    for channel, sender in gone:
        part(db, channel, sender)
    return len(gone)


def join(db: sqlite3.Connection, channel: str, sender: str, person: int) -> None:
    """Make a user one person with others; what was kept of them alone goes with them."""
    find = "select person from user where channel = ? and sender = ?"
    before = db.execute(find, (channel, sender)).fetchone()
    db.execute("insert or replace into user (channel, sender, person) values (?, ?, ?)", (channel, sender, person))
    if before and before[0] != person and not db.execute("select 1 from user where person = ?", before).fetchone():
        db.execute("update record set owner = ? where owner = ?", (str(person), str(before[0])))
        db.execute("delete from person where id = ?", before)


def part(db: sqlite3.Connection, channel: str, sender: str) -> str:
    """Make a user a person of their own; what was kept stays with the others. The new person."""
    person = db.execute("insert into person default values").lastrowid
    db.execute("insert or replace into user (channel, sender, person) values (?, ?, ?)", (channel, sender, person))
    return str(person)


def invited(db: sqlite3.Connection, conversation: str, channel: str, sender: str) -> bool:
    """Whether a user came into the conversation by a link."""
    sql = "select 1 from guest where conversation = ? and channel = ? and sender = ?"
    return db.execute(sql, (conversation, channel, sender)).fetchone() is not None


def together(db: sqlite3.Connection, channel: str, sender: str) -> list[tuple[str, str]]:
    """The users who are one person with this one, (channel, sender) each."""
    sql = """select channel, sender from user where person =
        (select person from user where channel = ? and sender = ?)"""
    return db.execute(sql, (channel, sender)).fetchall() or [(channel, sender)]
