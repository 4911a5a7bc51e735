"""Her mind: what she knows, remembers and can do, brought together for one message at a time."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from random import Random

from bot import lore, phrases, remembrance
from bot.brain import Brain, ToolCall
from bot.knowledge import Knowledge, source
from bot.macros import expanded
from bot.memory import Memory
from bot.message import Author, Entry, Source
from bot.persona import Persona
from bot.popular import Popular
from bot.prompt import SEARCH, Beside
from bot.remembrance import Asked
from bot.reminders import Reminders
from bot.retrieval import SUGGEST
from bot.store import Claim, Full, Store, StoreError
from bot.tool import Occasion, Result, Tool
from bot.tools import Pending, Tools
from bot.windows import Window, Windows

log = logging.getLogger(__name__)

LORE_TOKENS = 800
"""Tokens of a lorebook's entries beside one message."""
FOUND = 5
"""Passages that stand beside a question, where not all of them stand in the prompt anyway."""
EDGES = " \t\n。.!！?？~～,，、“”\"'"


@dataclass(slots=True)
class Mind:
    """What all of her conversations share."""

    store: Store
    knowledge: Knowledge
    tools: Tools
    memory: Memory
    popular: Popular
    windows: Windows
    reminders: Reminders
    zone: tzinfo
    hot_words: tuple[str, ...] = ()
    """A message of just one of these brings the popular questions."""

    async def beside(self, persona: Persona, claim: Claim, entries: Sequence[Entry], window: Window) -> Beside:
        """What she knows besides who she is and what was said."""
        last = entries[-1]
        question = "\n".join(entry.text for entry in entries)
        known = await self.knowledge.known(persona)
        hits = [] if known.whole or not question.strip() else await self.knowledge.search(persona, question, most=FOUND)
        standing = {item.id for item in known.items}
        person = "" if last.group else await self.store.person(last.door, last.sender)
        tools = tuple(
            tool for tool in self.tools.offered(persona, group=last.group) if tool.name != SEARCH or not known.whole
        )
        return Beside(
            known,
            tuple(hit.item for hit in hits if (hit.rank >= SUGGEST or hit.dense > 0) and hit.item.id not in standing),
            await self.memory.lines(person, persona, question),
            await self._lore(persona, claim, entries, window),
            summary=window.summary,
            channel=claim.conversation.partition(":")[0],
            tools=tools,
            keeps=bool(person) and not await self.memory.off(person),
        )

    async def _lore(self, persona: Persona, claim: Claim, entries: Sequence[Entry], window: Window) -> tuple[str, ...]:
        """What the words of the talk call up of her lorebook; the same for every attempt of a turn."""
        if persona.lore is None:
            return ()
        asked = {entry.number for entry in entries}
        said = [entry for entry in window.entries if entry.number not in asked and entry.text]
        texts = [*(entry.text for entry in said), "\n".join(entry.text for entry in entries)]
        turn, rng = sum(entry.author is Author.PERSONA for entry in said), Random(claim.turn)
        due = await asyncio.to_thread(lore.active, persona.lore, texts, turn=turn, budget=LORE_TOKENS, rng=rng)
        user = entries[-1].sender_name or "对方"
        return tuple(expanded(each.text, char=persona.name.zh, user=user, rng=rng) for each in due)

    def find(self, persona: Persona, id: str) -> Source | None:
        """What may be cited by an id; of a greeting or thanks no source is shown."""
        item = self.knowledge.find(persona, id)
        small = any(each.id == id and not each.hot for each in persona.faq)
        return source(item, "documents" if small else persona.knowledge.cite) if item else None

    async def occasion(self, persona: Persona, entries: Sequence[Entry], now: float, language: str) -> Occasion:
        """Who asks for what is to be done."""
        last = entries[-1]
        return Occasion(
            last.conversation,
            last.door,
            last.sender,
            await self.store.person(last.door, last.sender),
            persona.id,
            "\n".join(entry.text for entry in entries),
            language,
            datetime.fromtimestamp(now, self.zone),
            f"{last.conversation}#{entries[0].number}",
            last.group,
        )

    async def do(self, call: ToolCall, occasion: Occasion, offered: Sequence[Tool]) -> Result:
        """Do what the brain wants done."""
        return await self.tools.call(call, occasion, offered)

    # Set words

    def meant(self, said: Sequence[Entry]) -> Entry:
        """The message that set words are looked for in: the last one, but a wish to be forgotten counts wherever it stands."""
        return next((each for each in reversed(said) if not each.group and remembrance.hushes(each.text)), said[-1])

    async def answer(self, text: str, persona: Persona, entry: Entry, language: str) -> str | None:
        """The set answer to what is asked of memory, and for the popular questions; None where she must think."""
        said = text.strip(EDGES).casefold()
        if said in self.hot_words:
            return await self._board(persona, language)
        wish = remembrance.wish(text)
        if entry.group:
            return phrases.IN_PRIVATE.text(language) if wish else None
        if wish is None:
            person = await self.store.person(entry.door, entry.sender)
            return await self.memory.heed(text, person, language) or None
        if wish.asked is Asked.LINK and not entry.conversation.startswith(f"{entry.door}:"):
            return phrases.LINK_AT_HOME.text(language)  # who came by a link may be shown out; an account stays linked
        return await self.memory.answer(wish, persona, (entry.door, entry.sender), language, entry.number)

    async def pending(self, occasion: Occasion) -> Pending | None:
        """What waits for this user's word."""
        return await self.tools.pending(occasion)

    async def _board(self, persona: Persona, language: str) -> str:
        board = await self.popular.board(persona)
        if not board:
            return phrases.NOTHING_POPULAR.text(language)
        listed = "\n".join(f"{number}. {standing.title}" for number, standing in enumerate(board, 1))
        return phrases.POPULAR.text(language).format(list=listed)

    # Afterwards

    async def note(self, persona: Persona, entries: Sequence[Entry], reply: Entry | None) -> None:
        """Count the question, and notice what the user said of themselves; where there is no room, nothing of it.

        The edge where whatever goes wrong with noting is recorded: the answer is given. Raises StoreError.
        """
        try:
            await self._note(persona, entries, reply)
        except Full:
            log.warning("no room to note what came of an answer")
        except StoreError:
            raise
        except Exception as error:
            log.exception("what came of an answer could not be noted", exc_info=error)

    async def _note(self, persona: Persona, entries: Sequence[Entry], reply: Entry | None) -> None:
        said = [entry for entry in entries if entry.author is Author.USER]
        if not said:
            return
        last = said[-1]
        if not (person := await self.store.person(last.door, last.sender)):
            return  # who has had all of theirs deleted meanwhile
        await self.memory.note(persona, person, said)
        await self.reminders.quiet(persona, last, person)
        detail = reply.detail if reply else {}
        band, anchor = str(detail.get("band", "")), str(detail.get("entry", ""))
        if band in ("answer", "suggest", "unknown"):
            question = "\n".join(entry.text for entry in said)
            await self.popular.note(persona, question, anchor=anchor, band=band, user=f"{last.door}:{last.sender}")

    async def reflect(self, persona: Persona, conversation: str, brain: Brain) -> None:
        """Think a quiet conversation over: what is worth remembering, and what it was about. Raises StoreError, but not Full.

        The edge where whatever else goes wrong with it is recorded.
        """
        try:
            await self._reflect(persona, conversation, brain)
        except Full:
            log.warning("no room to note what %s was about", conversation)
        except StoreError:
            raise
        except Exception as error:
            log.exception("%s could not be thought over", conversation, exc_info=error)

    async def _reflect(self, persona: Persona, conversation: str, brain: Brain) -> None:
        history = await self.store.history(conversation)
        if any(entry.group for entry in history):
            return
        last = next((entry for entry in reversed(history) if entry.author is Author.USER), None)
        if last:
            person = await self.store.person(last.door, last.sender)
            await self.memory.reflect(persona, person, conversation, brain)
        await self.windows.summarise(conversation, brain)
