"""A brain without a service: answers from the persona's notes, in her words, and says so when it does not know."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from zlib import crc32

from bot import retrieval, smalltalk
from bot.brain import Brain, Finish, Prompt, Thought, Token
from bot.persona import Persona
from bot.phrases import language
from bot.retrieval import SURE, Hit, Index, Item
from bot.settings import BrainSettings

GREETING = re.compile(r"^(?:你好|您好|嗨|哈喽|hello|hi|hey)[\s,，!！。.~～]+(?=\S)", re.IGNORECASE)
"""What stands before the question proper."""
TOKEN = re.compile(r"\[[^\]]*\]|[A-Za-z]+|\s|.", re.DOTALL)
OPTION = re.compile(r"^(\d)\. (.+)$", re.MULTILINE)
PICK = re.compile(r"^\s*(?:第)?\s*([1-3１-３一二三])\s*(?:个|条|项|号)?[。.!！]?\s*$")
PICKS = {"一": 1, "二": 2, "三": 3}
UNKNOWN = {
    "zh": (
        "[think 0.6]这个我还不知道，不想瞎编给你听。要不换个说法问问？",
        "这题超出我的笔记啦，我说不准。你可以问问别的，或者告诉我你想聊什么。",
        "[think 0.6]我翻了翻手边的笔记，没找到这个。你愿意多说两句吗？",
    ),
    "en": (
        "[think 0.6]I don't know that one yet, and I'd rather not make it up. Could you put it another way?",
        "That's not in my notes, so I can't say. Ask me something else, or tell me what's on your mind.",
        "[think 0.6]I looked through my notes and found nothing on that. Care to say a little more?",
    ),
}


def open(settings: BrainSettings, personas: Callable[[str], Persona]) -> "OfflineBrain":
    """A brain that looks personas up by id."""
    return OfflineBrain(personas)


class OfflineBrain:
    """Looks things up."""

    name = "offline"
    reason = ""
    last_resort: Brain | None = None

    def __init__(self, personas: Callable[[str], Persona]) -> None:
        self.personas = personas
        self.indexes: dict[str, tuple[str, Index]] = {}
        """Persona id → (version, index)."""

    async def warm(self) -> None:
        """Nothing to load: an index takes milliseconds."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def think(self, prompt: Prompt) -> AsyncGenerator[Thought]:
        """Stream the answer."""
        persona = self.personas(prompt.persona)
        index = await self._index(persona)
        text, band, entry = answer(persona, index, prompt)
        for token in TOKEN.findall(text):
            yield Token(token)
        yield Finish("stop", "offline", detail={"band": band, "entry": entry})

    async def _index(self, persona: Persona) -> Index:
        version, index = self.indexes.get(persona.id, ("", None))
        if index is None or version != persona.version:
            index = await asyncio.to_thread(Index, items(persona))
            self.indexes[persona.id] = persona.version, index
        return index


def items(persona: Persona) -> list[Item]:
    """Everything the persona was given, as items."""
    found = [Item(faq.id, (faq.q, *faq.also), faq.a, language(faq.q)) for faq in persona.faq]
    for path, text in sorted(persona.documents.items()):
        found += retrieval.passages(path, text)
    return found


def answer(persona: Persona, index: Index, prompt: Prompt) -> tuple[str, str, str]:
    """(what she says, the band, the entry it came from)."""
    question = picked(prompt) or GREETING.sub("", prompt.question)
    spoken = language(question)
    band, hits = index.ask(question, spoken)
    sure = bool(hits) and hits[0].title >= SURE
    if not sure and (small := smalltalk.answer(persona, question, prompt.said[-1].text if prompt.said else "")):
        return small, "smalltalk", ""
    if band == "answer":
        return _answered(hits[0], spoken), band, hits[0].item.id
    options = list(dict.fromkeys(hit.item.wordings[0] for hit in hits if hit.item.wordings))[:3]
    if band == "suggest" and options:
        return _offered(options, spoken), band, ""
    choices = UNKNOWN[spoken]
    return choices[crc32(question.encode("utf-8", "replace")) % len(choices)], "unknown", ""


def picked(prompt: Prompt) -> str:
    """The question a bare number chooses among those she offered last; empty when it is none."""
    pick = PICK.match(prompt.question)
    hers = [said.text for said in prompt.said if said.role == "assistant"]
    if not pick or not hers:
        return ""
    number = PICKS.get(pick[1]) or int(pick[1])
    return {int(key): text for key, text in OPTION.findall(hers[-1])}.get(number, "")


def _answered(hit: Hit, spoken: str) -> str:
    """The answer, naming what it is taken to answer unless that is plain."""
    item = hit.item
    text = f"{item.answer}[k:{item.id}]"
    if item.language != spoken and spoken == "en":
        return f"I only have this in Chinese: {text}"
    if hit.title >= SURE or not item.wordings:
        return text
    named = item.wordings[0]
    return f"关于“{named}”：{text}" if spoken == "zh" else f"About “{named}” {text}"


def _offered(options: list[str], spoken: str) -> str:
    listed = "\n".join(f"{number}. {option}" for number, option in enumerate(options, 1))
    if spoken == "en":
        return f"I'm not sure which you mean:\n{listed}\nJust send me the number."
    return f"您是不是想问：\n{listed}\n回个数字就行。"
