"""Attachments become parts: fetched from their channel, judged by their bytes, heard, written down."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from bot import mp3, phrases, pictures, recording, voicenote
from bot.channel import Channel, ChannelError, Fetching
from bot.ear import Ear, EarError
from bot.message import Attachment, Entry, File, Part, Picture, VoiceNote
from bot.pcm import RATE
from bot.persona import Bilingual
from bot.settings import EarSettings
from bot.store import Full, Store

log = logging.getLogger(__name__)

Fetch = Callable[[str], Awaitable[bytes]]
"""An attachment's bytes by its ref."""
TRIES, PAUSE_S = 2, 1.0
MEGABYTES = 20
"""Largest attachment that is looked at."""


class Unusable(Exception):
    """An attachment that cannot be used, with what she says about it."""

    def __init__(self, notice: Bilingual, why: object = "") -> None:
        super().__init__(str(why))
        self.notice = notice


@dataclass(frozen=True, slots=True)
class Unpacker:
    """Unpacks messages, once each."""

    store: Store
    ear: Ear | None
    settings: EarSettings

    async def unpacked(self, entry: Entry, fetch: Fetch | None) -> tuple[Entry, list[Bilingual]]:
        """The entry with what became of its attachments, written down; and what there is to say about those of no use."""
        if not any(isinstance(part, Attachment) for part in entry.parts):
            return entry, []
        parts: list[Part] = []
        notices: list[Bilingual] = []
        for part in entry.parts:
            if isinstance(part, Attachment):
                try:
                    part = await self._part(entry.conversation, part, fetch)
                except Unusable as trouble:
                    log.info(
                        "conversation %s: an attachment (%s) is of no use: %s", entry.conversation, part.what, trouble
                    )
                    notices.append(trouble.notice)
                    part = replace(part, ref="")
            parts.append(part)
        return await self.store.unpack(entry.conversation, entry.number, parts) or entry, notices

    async def _part(self, conversation: str, each: Attachment, fetch: Fetch | None) -> Part:
        """What an attachment becomes. Raises Unusable."""
        if each.what == "voice" and each.transcript:
            return VoiceNote("", "", each.seconds, each.transcript)
        if each.what not in ("voice", "picture", "file", "video"):
            raise Unusable(phrases.UNKNOWN_KIND, each.what)
        if each.what == "voice" and self.ear is None and each.ref:
            raise Unusable(phrases.NO_EAR, "no ear")
        if not each.ref or fetch is None:
            raise Unusable(phrases.LOST, "nothing to fetch it by")
        if each.size > MEGABYTES * 2**20:
            raise Unusable(phrases.TOO_BIG, each.size)
        data = await self._fetched(fetch, each.ref)
        if len(data) > MEGABYTES * 2**20:
            raise Unusable(phrases.TOO_BIG, len(data))
        try:
            match each.what:
                case "voice":
                    return await self._heard(conversation, data)
                case "picture":
                    return await self._seen(conversation, data)
                case _:
                    return await self._filed(conversation, each, data)
        except Full as error:
            raise Unusable(phrases.NO_ROOM, error) from error

    async def _fetched(self, fetch: Fetch, ref: str) -> bytes:
        for left in reversed(range(TRIES)):
            try:
                return await fetch(ref)
            except ChannelError as error:
                if not left or not error.again:
                    raise Unusable(phrases.LOST, error) from error
            await asyncio.sleep(PAUSE_S)
        raise AssertionError

    async def _heard(self, conversation: str, data: bytes) -> Part:
        assert self.ear
        try:
            samples = await recording.decoded(data, self.settings.longest_s)
            transcript = await self.ear.hear(samples)
        except recording.TooLong as error:
            raise Unusable(phrases.TOO_LONG_NOTE, error) from error
        except recording.NoDecoder as error:
            raise Unusable(phrases.NO_EAR, voicenote.MISSING.format(extra=error)) from error
        except recording.BadRecording as error:
            raise Unusable(phrases.UNREADABLE, error) from error
        except EarError as error:
            raise Unusable(phrases.UNHEARD, error) from error
        if not transcript.text:
            raise Unusable(phrases.UNHEARD, "nobody speaks in it")
        hash = await self.store.keep(conversation, await mp3.encoded(samples), "audio/mpeg")
        return VoiceNote(hash, "audio/mpeg", round(len(samples) / RATE, 3), transcript.text)

    async def _seen(self, conversation: str, data: bytes) -> Part:
        try:
            small, width, height = await pictures.cleaned(data)
        except pictures.BadPicture as error:
            raise Unusable(phrases.UNREADABLE, error) from error
        return Picture(await self.store.keep(conversation, small, "image/jpeg"), "image/jpeg", width, height)

    async def _filed(self, conversation: str, each: Attachment, data: bytes) -> Part:
        hash = await self.store.keep(conversation, data, "application/octet-stream")
        return File(hash, "application/octet-stream", each.name or each.what, len(data))


@dataclass(frozen=True, slots=True)
class Unpacking:
    """A claim's messages, each unpacked once, however often its turn begins again."""

    unpacker: Unpacker
    channels: Mapping[str, Channel]
    done: dict[int, tuple[Entry, list[Bilingual]]] = field(default_factory=dict[int, tuple[Entry, list[Bilingual]]])
    """Entry number → the entry unpacked, and what there is to say about it."""

    async def of(self, entry: Entry) -> tuple[Entry, list[Bilingual]]:
        """The entry with what became of its attachments, and what there is to say about those of no use."""
        if entry.number not in self.done:
            channel = self.channels.get(entry.door)
            fetch = channel.fetch if isinstance(channel, Fetching) else None
            self.done[entry.number] = await self.unpacker.unpacked(entry, fetch)
        return self.done[entry.number]


def readable(data: bytes) -> str:
    """The words of a plain text file; empty for anything else."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        odd = sum(not (c.isprintable() or c in "\n\r\t\f") for c in text[:4000])
        return text if odd == 0 else ""
    return ""
