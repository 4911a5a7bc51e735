"""Wechaty's own bot, with our line to the gateway in the place of its transport.

Only its classes (Message, Contact, Room) are used. What else there is to it (handlers that run at the same time, a web
server, a job store, a minute's sleep when the network is gone) begins with its ``start``, which is never called.
"""

import mimetypes
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from wechaty.exceptions import WechatyOperationError
from wechaty_puppet import FileBox

from bot.channel import _wechaty_compat
from bot.channel._wechaty_gateway import Gateway
from bot.channel._wechaty_message import heard
from bot.channel._wechaty_puppet import GatewayPuppet
from bot.channel._wechaty_refusal import Refused
from bot.message import File, Message, Picture, Text, VoiceNote
from bot.settings import Groups

if TYPE_CHECKING:
    from wechaty import Wechaty

CONTACT, ROOM = 2, 3
"""What a ``dirty`` event is about, by its number."""
MOST = 5000
"""Contacts whose names are remembered."""


async def opened(gateway: Gateway) -> "Bot":
    """A bot on a gateway: its classes bound to it, nothing started."""
    wechaty, puppet = _wechaty_compat.wechaty(), GatewayPuppet(gateway)
    # Given a scheduler, it makes no job store; without plugins it opens no port.
    bot = wechaty.Wechaty(wechaty.WechatyOptions(puppet=puppet, scheduler=AsyncIOScheduler()))
    await bot.init_puppet()
    return Bot(gateway, puppet, bot)


class Bot:
    """One account at a gateway. Its methods raise Refused and ChannelError."""

    def __init__(self, gateway: Gateway, puppet: GatewayPuppet, bot: "Wechaty") -> None:
        self.gateway, self._puppet, self._bot = gateway, puppet, bot
        self.account: str | None = None
        """Who is logged in; empty: nobody; None: not told yet."""
        self.accounts: set[str] = set()
        """All that were since the start: what the last one said may still be on its way."""
        self._contacts: dict[str, object] = {}
        self._rooms: dict[str, object] = {}
        known: Any
        for known, pool in ((bot.Contact, self._contacts), (bot.ContactSelf, {}), (bot.Room, self._rooms)):
            known._pool = pool  # else all bots of a process would share theirs, and with it their lines

    async def login(self, account: str) -> str:
        """Somebody is logged in now; gives the name."""
        self._puppet.account = account
        self.accounts.add(account)
        contact = self._bot.Contact.load(account)
        await contact.ready()
        self.account = account
        return contact.name or account

    async def read(self, id: str, channel: str, groups: Groups) -> Message | None:
        """A message; None: nobody waits for an answer to it."""
        return await heard(self._bot.Message.load(id), channel, groups, self.accounts)

    async def file(self, id: str) -> bytes:
        """What a message brought."""
        message = self._bot.Message.load(id)
        await message.ready()
        try:
            return (await message.to_file_box()).buffer
        except WechatyOperationError as error:
            raise Refused(str(error)) from None

    async def say(self, chat: str, room: bool, part: Text | VoiceNote | Picture | File, data: bytes) -> None:
        """Say something in a room or to somebody."""
        where = self._bot.Room.load(chat) if room else self._bot.Contact.load(chat)
        match part:
            case Text(text):
                await where.say(text)
            case VoiceNote():
                await where.say(_box(data, "voice.sil", "audio/silk", voiceLength=round(part.seconds * 1000)))
            case Picture():
                await where.say(_box(data, f"picture{mimetypes.guess_extension(part.type) or '.png'}", part.type))
            case File():
                await where.say(_box(data, part.name, part.type))

    def forget(self, kind: int | None = None, id: str = "") -> None:
        """Forget names that may have changed: of one contact or room, of members, or all."""
        if kind == CONTACT:
            self._contacts.pop(id, None)
        if kind == ROOM:
            self._rooms.pop(id, None)
        self._puppet.members.clear()  # what people are called in rooms goes with either
        if kind is None or len(self._contacts) > MOST:
            self._contacts.clear()
            self._rooms.clear()


def _box(data: bytes, name: str, type: str, **metadata: int) -> FileBox:
    """A file as wechaty says one."""
    box = FileBox.from_buffer(data, name)
    box.mediaType, box.metadata = type, metadata
    return box
