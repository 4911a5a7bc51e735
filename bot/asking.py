"""What a claim asks: its attachments unpacked, set words heeded, the rest a prompt for the brain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot import courtesy, phrases, prompt
from bot.brain import ToolCall
from bot.courtesy import Porter
from bot.deeds import Deed
from bot.house import House, Ledger
from bot.message import Author, Entry, File, Picture, State
from bot.persona import Bilingual
from bot.prompt import Beside
from bot.question import Question
from bot.store import Claim
from bot.tool import Result
from bot.turn import Cast
from bot.unpacking import Unpacking, readable
from bot.windows import Window

FILE_CHARACTERS = 8000
"""Of a plain text file, what the brain may read."""
PICTURES = 9
"""The latest pictures that the brain sees at once; it is told of the others."""


@dataclass(slots=True)
class Asking:
    """Finds out what a claim asks, when its turn has begun."""

    house: House
    claim: Claim
    cast: Cast
    ledger: Ledger
    unpacking: Unpacking
    entries: tuple[Entry, ...] = ()
    """What the user said, unpacked, once it was asked for."""
    pictured: tuple[Entry, ...] = ()
    """Of what the brain was asked: the messages whose pictures went along."""

    async def __call__(self) -> Question:
        """The question; what it needs to know of the history is read once."""
        unpacked, notices = await self._unpacked()
        said = tuple(entry for entry in unpacked if entry.author is Author.USER)
        self.entries = said
        look_back = self.house.settings.limits.history
        window = await self.house.mind.windows.of(self.claim.conversation, look_back, len(unpacked))
        history = window.entries
        self.ledger.first = not any(entry.author is Author.PERSONA for entry in history)
        language = phrases.language("\n".join(entry.text for entry in said or unpacked))
        files = await self._files(said)
        notices += _acknowledged(said, files)
        due = "\n".join(entry.text for entry in unpacked if entry.author is Author.SYSTEM)
        if not said:
            return Question(None, "", due)
        opening = self._opening(language, history) + (f"{due}\n" if due else "")
        if set_answer := await Porter(self.house, self.claim).answer([entry.text for entry in said]):
            self.ledger.enclosures = set_answer.enclosures
            return Question(None, opening, set_answer.text, mannered=not set_answer.grave)
        meant = self.house.mind.meant(said)
        if kept := await self.house.mind.answer(meant.text, self.cast.persona, meant, language):
            return Question(None, opening, kept)
        note = "\n".join(dict.fromkeys(notice.text(language) for notice in notices))
        if note and not any(entry.text or _seen(entry, files) for entry in said):
            return Question(None, opening, note)
        opening += f"{note}\n" if note else ""
        return await self._thought(said, window, files, opening, language)

    async def _thought(
        self, said: tuple[Entry, ...], window: Window, files: dict[str, str], opening: str, language: str
    ) -> Question:
        """The question for the brain, with what it may look up and do."""
        mind, persona, now = self.house.mind, self.cast.persona, self.house.now()
        beside = await mind.beside(persona, self.claim, said, window)
        built = await self._prompt(said, window.entries, beside, files)
        occasion = await mind.occasion(persona, said, now, language)
        settled: tuple[Deed, ...] = ()
        if pending := await mind.pending(occasion):
            hers = [(entry.number, entry.text) for entry in window.entries if entry.author is not Author.USER]
            match pending.word(said[-1].text, hers):
                case True:
                    settled = (Deed(pending.call, await mind.tools.settle(pending, occasion, beside.tools)),)
                case False:
                    await mind.tools.decline(occasion)
                    return Question(None, opening, phrases.NOT_DONE.text(language))
                case None:
                    pass

        async def do(call: ToolCall) -> Result:
            return await mind.do(call, occasion, beside.tools)

        limits = self.house.settings.tools
        return Question(
            built,
            opening,
            find=partial(mind.find, persona),
            settled=settled,
            rounds=limits.rounds,
            patience_s=limits.whole_s,
            do=do,
        )

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
        self, entries: Sequence[Entry], history: Sequence[Entry], beside: Beside, files: dict[str, str]
    ) -> prompt.Prompt:
        settings, cast = self.house.settings, self.cast
        past = [entry.text for entry in history if entry.author is Author.USER]
        return prompt.build(
            cast.persona,
            sorted(cast.cues),
            history,
            entries,
            datetime.fromtimestamp(self.house.now(), self.house.mind.zone),
            beside=beside,
            look_back=settings.limits.history + prompt.BLOCK,
            pictures=await self._pictures([*_turn_before(history, entries), *entries]),
            files=files,
            grave=any(courtesy.in_crisis(text, settings) for text in past),
            max_tokens=settings.brain.max_tokens,
        )

    async def _pictures(self, entries: Sequence[Entry]) -> dict[str, bytes]:
        """The bytes of the pictures in messages."""
        self.pictured = tuple(entry for entry in entries if any(isinstance(part, Picture) for part in entry.parts))
        sent = [part.media for entry in self.pictured for part in entry.parts if isinstance(part, Picture)]
        wanted = set(sent[-PICTURES:])
        found = {hash: await self.house.store.media(self.claim.conversation, hash) for hash in wanted}
        return {hash: media[1] for hash, media in found.items() if media}


def _turn_before(history: Sequence[Entry], asked: Sequence[Entry]) -> list[Entry]:
    """The messages of the turn before, whose pictures are still before her eyes; not where her brain is blind to them."""
    past = [entry for entry in history if entry.number < asked[0].number and entry.turn]
    last = next((entry for entry in reversed(past) if entry.author is Author.USER), None)
    turn = [entry for entry in past if last and entry.turn == last.turn]
    reply = next((entry for entry in turn if entry.author is Author.PERSONA and entry.state is State.ANSWERED), None)
    if reply and reply.detail.get("brain") and not reply.detail.get("seen"):
        return []
    return [entry for entry in turn if entry.author is Author.USER]


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
