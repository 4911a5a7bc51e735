"""A message of wechaty's as the house reads it: who said it, where, whether she was called, and what came with it."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from bot.message import Attachment, Message, Part, Text
from bot.settings import Groups

if TYPE_CHECKING:
    import wechaty

ATTACHED = {"audio": "voice", "image": "picture", "emoticon": "picture", "attachment": "file", "video": "file"}
"""Kinds of messages that bring something to fetch, and what the house calls it."""
MACHINES = frozenset({"weixin", "fmessage", "filehelper", "medianote", "newsapp", "notification_messages"})
"""WeChat's own accounts."""
OFFICIAL = 2
"""Kind of an account that broadcasts, on the wire."""
MILLISECONDS = 1e11
"""Times from here on are not in seconds: some puppets tell the one, some the other."""


async def heard(message: "wechaty.Message", channel: str, groups: Groups, accounts: Collection[str]) -> Message | None:
    """The message; None: it is her own, a machine's, nobody's or a recall, and nobody waits for an answer.

    ``accounts`` are all that were logged in since the start: what the last one said may still be on its way.
    """
    await message.ready()
    if not message.payload.from_id:
        return None
    talker, room, kind = message.talker(), message.room(), _kind(message)
    id: str = talker.contact_id
    if id in accounts or id in MACHINES or kind == "recalled" or (talker.payload and talker.payload.type == OFFICIAL):
        return None
    own = await _own_names(message, room) if room else ()
    called = bool(room) and kind == "text" and (await message.mention_self() or _called(message.text(), own))
    return Message(
        id=message.message_id,
        channel=channel,
        conversation=f"{channel}:{room.room_id if room else id}",
        sender=id,
        parts=(_part(message, kind, own),),
        at=_seconds(message.payload.timestamp),
        sender_name=(room and await room.alias(talker)) or talker.name,
        group=bool(room),
        addressed=not room or _answered(groups, called, message.text() if kind == "text" else ""),
    )


def _kind(message: "wechaty.Message") -> str:
    """Its kind in lower case; ``unknown`` where wechaty has no word for it."""
    name: str = message.type().name.removeprefix("MESSAGE_TYPE_").lower()
    return "unknown" if name == "unspecified" else name


def _part(message: "wechaty.Message", kind: str, own: Collection[str]) -> Part:
    if kind == "text":
        return Text(_uncalled(message.text(), own))
    if what := ATTACHED.get(kind):
        return Attachment(what, message.message_id, message.payload.filename)
    return Attachment(kind)


async def _own_names(message: "wechaty.Message", room: "wechaty.Room") -> tuple[str, ...]:
    """What she is called in a room: her name there, if she has one, and her name."""
    me = message.wechaty.Contact.load(message.puppet.self_id())
    await me.ready()
    return tuple(filter(None, (await room.alias(me), me.name)))


def _call(names: Collection[str]) -> str:
    """A pattern of an @ with one of the names; clients write a space of their own kind after it."""
    longest_first = sorted(names, key=len, reverse=True)
    return rf"@(?:{'|'.join(map(re.escape, longest_first))})(?:[\u2005\s]|$)\s*"


def _called(text: str, names: Collection[str]) -> bool:
    """Whether a line begins with an @ and one of her names."""
    return bool(names) and re.match(rf"\s*{_call(names)}", text) is not None


def _uncalled(text: str, names: Collection[str]) -> str:
    """The text without the @ that calls her: what is left is what she is asked."""
    return (re.sub(_call(names), "", text).strip() or text) if names else text


def _answered(groups: Groups, called: bool, text: str) -> bool:
    """Whether she answers in a room."""
    if groups.answer == "mention":
        return called or any(line.lstrip().startswith(groups.words) for line in text.splitlines())
    return groups.answer == "always"


def _seconds(time: int) -> float:
    return time / 1000 if time > MILLISECONDS else float(time)
