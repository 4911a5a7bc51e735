"""What needs no thinking: leaving, a crisis, meeting face to face, one's own data, and how long one has talked."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot import phrases
from bot.codes import hashed
from bot.house import SITTINGS, House, Sitting
from bot.message import Author, Entry, File, Part, Picture, Receipt, Text, VoiceNote
from bot.settings import Settings
from bot.store import Claim

EDGES = " \t\n。.!！?？~～,，、“”\"'"
BREAK_S = 1800.0
"""A silence this long ends a sitting."""
PAGE = 200
"""Entries read at a time for an export."""
LAST = 30
"""Entries of an export where no file can be sent."""


class Wish(StrEnum):
    """What a user may ask for in set words."""

    LEAVE = "leave"
    CRISIS = "crisis"
    MEET = "meet"
    UNMEET = "unmeet"
    EXPORT = "export"
    DELETE = "delete"
    CONFIRM = "confirm"


def wish(text: str, settings: Settings) -> Wish | None:
    """What a message asks for in set words; None: it wants an answer."""
    said = text.strip(EDGES).casefold()
    label, meet, own = settings.label, settings.meet, settings.own
    table = (
        (Wish.LEAVE, label.leave), (Wish.MEET, meet.words), (Wish.UNMEET, meet.revoke),
        (Wish.EXPORT, own.export), (Wish.DELETE, own.delete), (Wish.CONFIRM, own.confirm),
    )  # fmt: skip
    for name, words in table:
        if said in (word.casefold() for word in words):
            return name
    return Wish.CRISIS if in_crisis(said, settings) else None


def in_crisis(text: str, settings: Settings) -> bool:
    """Whether the words sound as if somebody might harm themselves."""
    said = text.casefold()
    return any(word.casefold() in said for word in settings.label.crisis)


@dataclass(frozen=True, slots=True)
class Courtesy:
    """A set answer."""

    text: str
    enclosures: tuple[Part, ...] = ()
    grave: bool = False
    """No moment for a smile."""


@dataclass(frozen=True, slots=True)
class Porter:
    """Does what set words ask for, and says so."""

    house: House
    claim: Claim

    async def answer(self, texts: Sequence[str]) -> Courtesy | None:
        """The set answer to messages, the last one's; None where she must think. A crisis in any of them comes first."""
        wishes = [wish(text, self.house.settings) for text in texts]
        found = Wish.CRISIS if Wish.CRISIS in wishes else wishes[-1]
        text, group = texts[-1], self.claim.entries[-1].group
        language = phrases.language(text)
        match found:
            case None | Wish.CONFIRM:  # confirming alone means nothing: see confirmed()
                return None
            case Wish.LEAVE:
                if not group:  # where others talk, too, what is on its way may be theirs
                    await self._hush()
                return Courtesy(phrases.LEFT.text(language))
            case Wish.CRISIS:
                return Courtesy(
                    phrases.CRISIS.text(language).format(line=self.house.settings.label.help_line), grave=True
                )
            case _ if group:
                return Courtesy(phrases.IN_PRIVATE.text(language))
            case Wish.MEET:
                return Courtesy(await self._meet(language))
            case Wish.UNMEET:
                await self.house.store.revoke(self.claim.conversation)
                await self.house.show_out(self.claim.conversation, False)
                return Courtesy(phrases.UNMET.text(language))
            case Wish.EXPORT:
                return await self._export(language)
            case Wish.DELETE:
                return Courtesy(phrases.DELETE.text(language))

    async def _hush(self) -> None:
        """What is not sent yet is not sent any more: who leaves hears nothing further."""
        store, conversation = self.house.store, self.claim.conversation
        for delivery in await store.deliveries(conversation):
            await store.receipt(Receipt(delivery.key, delivered=False, detail="the user left", hopeless=True))

    async def _meet(self, language: str) -> str:
        """A personal link; the page behind it binds at the first tap, so that a preview does not use it up."""
        house = self.house
        if house.capabilities(self.claim.entries[0].door).live or not house.settings.web.public_url:
            return phrases.NO_MEETING.text(language)
        code = secrets.token_urlsafe(16)
        until = house.now() + house.settings.meet.minutes * 60
        await house.store.invite(hashed(code), self.claim.conversation, until)
        url = f"{house.settings.web.public_url.rstrip('/')}/#meet={code}"
        return phrases.MEET.text(language).format(url=url, minutes=f"{house.settings.meet.minutes:g}")

    async def _export(self, language: str) -> Courtesy:
        house, conversation = self.house, self.claim.conversation
        capabilities = house.capabilities(self.claim.entries[0].door)
        entries = await everything(house, conversation)
        kept = await self._remembered()
        if not capabilities.files:
            told = "\n".join([*map(line, entries if capabilities.live else entries[-LAST:]), *kept])
            opening = phrases.EXPORT if capabilities.live else phrases.EXPORT_PART
            return Courtesy(f"{opening.text(language)}\n\n{told}")
        data = house.labels.labelled("\n\n".join([*map(line, entries), *kept]).encode(), "text/markdown")
        hash = await house.store.keep(conversation, data, "text/markdown")
        return Courtesy(phrases.EXPORT.text(language), (File(hash, "text/markdown", "zhiyin.md", len(data)),))

    async def _remembered(self) -> list[str]:
        """What she noted of the user, a line each."""
        last = self.claim.entries[-1]
        person = await self.house.store.person(last.door, last.sender)
        return [f"（记得的事 remembered）{text}" for text in await self.house.mind.memory.everything(person)]


async def confirmed(house: House, claim: Claim) -> bool:
    """Whether the claim's user just confirmed that all of theirs shall be deleted."""
    last = claim.entries[-1]
    if last.group or wish(last.text, house.settings) is not Wish.CONFIRM:
        return False
    history = await house.store.history(claim.conversation, before=last.number, limit=10)
    said = [entry for entry in history if entry.author is Author.USER and entry.sender == last.sender]
    before = [*said, *claim.entries[:-1]]
    return bool(before) and wish(before[-1].text, house.settings) is Wish.DELETE


async def everything(house: House, conversation: str) -> list[Entry]:
    """All that was said in a conversation, oldest first."""
    found: list[Entry] = []
    while page := await house.store.history(conversation, before=found[0].number if found else None, limit=PAGE):
        found = page + found
    return found


def line(entry: Entry) -> str:
    """An entry in an export."""
    who = {Author.USER: "我 me", Author.PERSONA: "她 her"}.get(entry.author, "系统 system")
    at = datetime.fromtimestamp(entry.at).astimezone()
    return f"[{at:%Y-%m-%d %H:%M}] {who}: {' '.join(filter(None, map(_told, entry.parts)))}"


def _told(part: Part) -> str:
    match part:
        case Text():
            return part.text
        case VoiceNote():
            return f"（语音 voice {part.seconds:.0f}s）{part.transcript}"
        case Picture():
            return "（图片 picture）"
        case File():
            return f"（文件 file：{part.name}）"
        case _:
            return "（附件 attachment）"


def reminder(house: House, conversation: str, history: Sequence[Entry]) -> int:
    """Hours of talk to remind of now; 0: nothing. Counts this moment as talk; asked again, it says the same."""
    every, now = house.settings.label.remind_h * 3600, house.now()
    sitting = house.sittings.pop(conversation, None) or _sitting(history, now)
    if now - sitting.last > BREAK_S:
        sitting = Sitting(now, now)
    sitting.last = now
    house.sittings[conversation] = sitting
    if len(house.sittings) > SITTINGS:
        house.sittings.popitem(last=False)
    if not every:
        return 0
    answered = max((entry.at for entry in history if entry.author is Author.PERSONA), default=sitting.began)
    due = int((now - sitting.began) // every)
    return max(1, round(due * every / 3600)) if due > max(0, int((answered - sitting.began) // every)) else 0


def _sitting(history: Sequence[Entry], now: float) -> Sitting:
    """The stretch of talk that the history ends with, as after a restart."""
    began = last = now
    for entry in reversed(history):
        if last - entry.at > BREAK_S:
            break
        began = last = min(last, entry.at)
    return Sitting(began, now)
