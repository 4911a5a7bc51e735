"""A brain without a service: answers from the persona's notes, in her words, and says so when it does not know."""

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from zlib import crc32

from bot import noticing, smalltalk
from bot.brain import Brain, BrainError, Finish, Prompt, Thought, Token
from bot.brain._wishes import call_for
from bot.excerpt import excerpt
from bot.faults import Faults
from bot.knowledge import Knowledge
from bot.persona import Persona
from bot.phrases import HAN, LATIN, language
from bot.retrieval import PLAIN, Hit, band, options

GREETING = re.compile(r"^(?:你好|您好|嗨|哈喽|在吗|请问|hello|hi|hey)[呀啊\s,，!！。.~～]+(?=\S)", re.IGNORECASE)
"""What stands before the question proper."""
CUED = re.compile(r"^((?:\[[^\]\n]*\])+)\s+")
"""Cues that an answer begins with, and the blank behind them."""
TOKEN = re.compile(r"\[[^\]]*\]|[A-Za-z]+|\s|.", re.DOTALL)
OPTION = re.compile(r"^(\d)\. (.+)$", re.MULTILINE)
PICK = re.compile(
    r"(?:选|要|我选|我要|是|就|option|number|no\.?|the|#)*\s*(?:第\s*)?([1-3１-３一二三]|first|second|third|one|two|three)"
    r"\s*(?:个|条|项|号|种|one)?\s*(?:吧|呢|啊|please)?[\s。.!！]*",
    re.IGNORECASE,
)
YES = re.compile(r"(?:是|对|嗯|没错|是的|对的|yes|yeah|yep|right)+[的啊呀呢\s。.!！]*", re.IGNORECASE)
NUMBERS = {"一": 1, "二": 2, "三": 3, "first": 1, "second": 2, "third": 3, "one": 1, "two": 2, "three": 3}
OFFER = {
    "zh": ("您是想问：\n{list}\n回个数字就行。", "[think 0.5]这个我没听准。您是想问：\n{list}\n告诉我第几个。"),
    "en": ("Did you mean:\n{list}\nJust send me the number.", "[think 0.5]Let me be sure. Did you mean:\n{list}\nWhich one?"),
}  # fmt: skip
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
NOTED = {
    "zh": ("[smile]知道啦：{facts}。我记下了。", "[nod]记住了：{facts}。", "[smile]好，{facts}，我记着。"),
    "en": (
        "[smile]Noted: {facts}.",
        "[nod]I'll remember that: {facts}.",
        "[smile]Good to know: {facts}. I've noted it.",
    ),
}
"""To what somebody only tells of themselves."""
HEARD = {
    "zh": ("[smile]嗯，听到啦：{facts}。", "[nod]好，知道啦：{facts}。"),
    "en": ("[smile]I hear you: {facts}.", "[nod]I see: {facts}."),
}
"""The same where nothing is kept."""
UNREAD = {
    "zh": "我现在看不了图片和文件，你用文字跟我说说？",
    "en": "I can't look at pictures or files right now. Tell me in words?",
}
ONLY_IN = {"zh": "I only have this in Chinese: ", "en": "这条我只有英文的："}
"""By the answer's language."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What she says, and where it comes from."""

    text: str
    band: str
    entry: str = ""


def open(settings: object, knowledge: Knowledge) -> "OfflineBrain":
    """A brain that looks things up."""
    return OfflineBrain(knowledge)


class OfflineBrain:
    """Looks things up."""

    name = "offline"
    reason = ""
    last_resort: Brain | None = None

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge

    async def warm(self) -> None:
        """Nothing to load: an index takes milliseconds."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def think(self, prompt: Prompt) -> AsyncGenerator[Thought]:
        """Stream the answer. Raises BrainError when there is no such persona."""
        try:
            persona = self.knowledge.persona(prompt.persona)
        except (LookupError, Faults):
            raise BrainError("refused", "no such persona") from None
        if told := _told(prompt):
            reply = Reply(told, "tool")
        elif call := call_for(prompt):
            yield call
            yield Finish("tools", "offline", detail={"band": "tool", "entry": ""})
            return
        else:
            reply = await self._answer(persona, prompt)
        for token in TOKEN.findall(reply.text):
            yield Token(token)
        yield Finish("stop", "offline", detail={"band": reply.band, "entry": reply.entry})

    async def _answer(self, persona: Persona, prompt: Prompt) -> Reply:
        """Her answer; the same conversation always gets the same."""
        hers = [said.text for said in prompt.said if said.role == "assistant"]
        spoken = _language(persona, prompt)
        if not prompt.question.strip():
            return Reply(UNREAD[spoken], "smalltalk")
        picked = _picked(prompt.question, hers[-1] if hers else "")
        question = picked or _proper(smalltalk.unnamed(prompt.question, persona))
        spoken = language(question) if picked else spoken
        hits = await self.knowledge.search(persona, question, spoken)
        found = band(hits)
        if found == "answer" and hits[0].title >= PLAIN:
            return Reply(_answered(hits[0], question, spoken), found, hits[0].item.id)
        if urgent := smalltalk.crisis(question, spoken):
            return Reply(urgent, "smalltalk")
        turn = len(hers) + crc32(question.encode("utf-8", "replace"))
        if small := smalltalk.answer(persona, question, spoken, prompt.said[-1].text if prompt.said else "", turn):
            return Reply(small, "smalltalk")
        if found == "answer":
            return Reply(_answered(hits[0], question, spoken), found, hits[0].item.id)
        if told := _noticed(prompt, question, spoken):
            return Reply(_chosen((NOTED if prompt.keeps else HEARD)[spoken], turn).format(facts=told), "smalltalk")
        if found == "suggest" and (offered := options(hits, spoken)):
            listed = "\n".join(f"{number}. {option}" for number, option in enumerate(offered, 1))
            return Reply(_chosen(OFFER[spoken], turn).format(list=listed), found)
        return Reply(_chosen(UNKNOWN[spoken], turn), "unknown")


def _told(prompt: Prompt) -> str:
    """What came of the calls before, in words; empty: there were none."""
    results = list(takewhile(lambda said: said.role == "tool", reversed(prompt.said)))
    return "\n".join(said.say or said.text for said in reversed(results))


def _noticed(prompt: Prompt, question: str, spoken: str) -> str:
    """What a message tells of the user where that is all it does; else empty."""
    if not noticing.tells(question):
        return ""
    now = smalltalk.moment(prompt.said[-1].text) if prompt.said else None
    facts = noticing.noticed(question, (now or datetime.now()).timestamp(), "")
    return ("；" if spoken == "zh" else "; ").join(fact.text for fact in facts)


def _language(persona: Persona, prompt: Prompt) -> str:
    """What she answers in: the user's language as far as told, and as far as she speaks it."""
    words = [prompt.question, *(said.text for said in reversed(prompt.said[:-1]) if said.role == "user")]
    telling = next((text for text in words if HAN.search(text) or LATIN.search(text)), None)
    spoken = persona.languages[0] if telling is None else language(telling)
    return spoken if spoken in persona.languages else persona.languages[0]


def _proper(question: str) -> str:
    """The question without the greeting before it."""
    lines = [line for line in question.strip().splitlines() if line.strip()]
    if len(lines) > 1 and GREETING.match(f"{lines[0].strip()} x"):
        lines = lines[1:]
    return GREETING.sub("", "\n".join(lines))


def _picked(said: str, hers: str) -> str:
    """The question that a number chooses among those she offered last; empty when it is none."""
    offered = {int(number): question for number, question in OPTION.findall(hers)}
    if len(offered) == 1 and YES.fullmatch(said.strip()):
        return next(iter(offered.values()))
    pick = PICK.fullmatch(said.strip()) if offered and len(said) < 40 else None
    if not pick:
        return ""
    word = pick[1].lower()
    return offered.get(NUMBERS.get(word) or int(word), "")


def _answered(hit: Hit, question: str, spoken: str) -> str:
    """The answer with its source, naming what it is taken to answer unless that is plain."""
    item = hit.item
    text = f"{excerpt(item.answer, question) if item.file else item.answer.rstrip()}[k:{item.id}]"
    if item.language != spoken:
        return ONLY_IN[item.language] + CUED.sub(r"\1", text)
    if hit.title >= PLAIN or not item.wordings:
        return text
    before = f"关于“{item.wordings[0]}”：" if spoken == "zh" else f"About “{item.wordings[0]}” "
    return before + CUED.sub(r"\1", text)


def _chosen(choices: Sequence[str], turn: int) -> str:
    return choices[turn % len(choices)]
