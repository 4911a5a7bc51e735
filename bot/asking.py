"""What a claim asks: its attachments unpacked, set words heeded, the rest a prompt for the brain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import courtesy, phrases, prompt
from bot.courtesy import Porter
from bot.house import House, Ledger
from bot.message import Author, Entry, File, Picture
from bot.persona import Bilingual
from bot.store import Claim
from bot.turn import Cast, Question
from bot.unpacking import Unpacking, readable

FILE_CHARACTERS = 8000
"""Of a plain text file, what the brain may read."""


@dataclass(slots=True)
class Asking:
    """Finds out what a claim asks, when its turn has begun."""

    house: House
    claim: Claim
    cast: Cast
    ledger: Ledger
    unpacking: Unpacking

    async def __call__(self) -> Question:
        """The question; what it needs to know of the history is read once."""
        entries, notices = await self._unpacked()
        look_back = self.house.settings.limits.history
        history = await self.house.store.history(
            self.claim.conversation, limit=look_back + prompt.BLOCK + len(self.claim.entries)
        )
        self.ledger.first = not any(entry.author is Author.PERSONA for entry in history)
        language = phrases.language("\n".join(entry.text for entry in entries))
        files = await self._files(entries)
        notices += _acknowledged(entries, files)
        opening = self._opening(language, history)
        if set_answer := await Porter(self.house, self.claim).answer([entry.text for entry in entries]):
            self.ledger.enclosures = set_answer.enclosures
            return Question(None, opening, set_answer.text)
        told = "\n".join(dict.fromkeys(notice.text(language) for notice in notices))
        if told and not any(entry.text or _seen(entry, files) for entry in entries):
            return Question(None, opening, told)
        opening += f"{told}\n" if told else ""
        return Question(await self._prompt(entries, history, look_back, files), opening)

    async def _unpacked(self) -> tuple[tuple[Entry, ...], list[Bilingual]]:
        """The entries with what became of their attachments, and what is to be said about those of no use."""
        found = [await self.unpacking.of(entry) for entry in self.claim.entries]
        return tuple(entry for entry, _ in found), [notice for _, notices in found for notice in notices]

    async def _files(self, entries: Sequence[Entry]) -> dict[str, str]:
        """The words of the plain text files that were sent, by hash."""
        wanted = {part.media for entry in entries for part in entry.parts if isinstance(part, File)}
        found = {hash: await self.house.store.media(self.claim.conversation, hash) for hash in wanted}
        texts = {hash: readable(kept[1]) for hash, kept in found.items() if kept}
        return {hash: _cut(text) for hash, text in texts.items() if text}

    def _opening(self, language: str, history: Sequence[Entry]) -> str:
        """What must be said before anything else."""
        settings, live = self.house.settings.label, self.house.capabilities(self.claim.entries[0].door).live
        notice = phrases.NOTICE.text(language) if self.ledger.first and settings.notice and not live else ""
        hours = courtesy.reminder(self.house, self.claim.conversation, history)
        reminder = phrases.REMINDER.text(language).format(hours=hours) if hours else ""
        return "".join(f"{line}\n" for line in (notice, reminder) if line)

    async def _prompt(
        self, entries: Sequence[Entry], history: Sequence[Entry], look_back: int, files: dict[str, str]
    ) -> prompt.Prompt:
        settings, cast = self.house.settings, self.cast
        past = [entry.text for entry in history if entry.author is Author.USER]
        return prompt.build(
            cast.persona,
            sorted(cast.cues),
            history,
            entries,
            datetime.fromtimestamp(self.house.now()).astimezone(),
            look_back=look_back,
            pictures=await self._pictures(entries),
            files=files,
            grave=any(courtesy.in_crisis(text, settings) for text in past),
            max_tokens=settings.brain.max_tokens,
        )

    async def _pictures(self, entries: Sequence[Entry]) -> dict[str, bytes]:
        """The bytes of the pictures that were sent."""
        wanted = {part.media for entry in entries for part in entry.parts if isinstance(part, Picture)}
        found = {hash: await self.house.store.media(self.claim.conversation, hash) for hash in wanted}
        return {hash: media[1] for hash, media in found.items() if media}


def _cut(text: str) -> str:
    """As much of a file as the brain may read, and that there is more."""
    return text if len(text) <= FILE_CHARACTERS else f"{text[:FILE_CHARACTERS]}\n（文件太长，后面的没有读）"


def _seen(entry: Entry, files: dict[str, str]) -> bool:
    """Whether there is something in an entry for the brain to look at."""
    return any(isinstance(part, Picture) or (isinstance(part, File) and part.media in files) for part in entry.parts)


def _acknowledged(entries: Sequence[Entry], files: dict[str, str]) -> list[Bilingual]:
    """A word for every file; more of a word for those the brain cannot read."""
    sent = [part for entry in entries for part in entry.parts if isinstance(part, File)]
    words = [_named(phrases.FILE, part) for part in sent]
    return [*words, *([phrases.UNREAD_FILE] if any(part.media not in files for part in sent) else [])]


def _named(phrase: Bilingual, file: File) -> Bilingual:
    size = f"{file.size / 2**20:.1f} MB" if file.size >= 2**20 else f"{max(1, round(file.size / 1024))} KB"
    values = {"name": file.name.replace("\n", " ")[:80], "size": size}
    return Bilingual(zh=phrase.zh.format(**values), en=phrase.en.format(**values))
