"""Small stand-ins for the ports: scripted brains, a voice that hums, a channel that remembers."""

import asyncio
import math
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.brain import Brain, BrainError, Finish, Prompt, Thought, Token
from bot.channel import Accept, Capabilities, ChannelError
from bot.lips import Evidence, Track
from bot.message import Delivery, Message, Receipt, Text, Viseme
from bot.persona import Bilingual, Faq, Persona
from bot.voice import Bytes, Format, Manner, Spoke, VoiceError

T = TypeVar("T")

PERSONA = Persona(
    id="test",
    name=Bilingual(zh="小测", en="Tess"),
    identity="一个测试用的数字人。",
    version="v1",
    faq=(Faq(id="about", q="关于小测", a="小测什么都测。"),),
)


def message(text: str, id: str = "1", *, chat: str = "room", channel: str = "page", sender: str = "lee") -> Message:
    """A text message."""
    return Message(id, channel, f"{channel}:{chat}", sender, (Text(text),), at=1000.0)


Step = str | BrainError | Exception | asyncio.Event
"""What a scripted brain does next: says text, raises, or waits."""


@dataclass
class ScriptBrain:
    """Answers by script: one list of steps per request, the last one for ever."""

    scripts: Sequence[Sequence[Step]]
    name: str = "script"
    prompts: list[Prompt] = field(default_factory=list[Prompt])
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a stream was closed before its end."""
    asked: asyncio.Queue[Prompt] = field(default_factory=asyncio.Queue[Prompt])
    reason: str = ""
    last_resort: Brain | None = None

    async def warm(self) -> None:
        """Nothing to load."""

    async def think(self, prompt: Prompt) -> AsyncGenerator[Thought]:
        """Stream the next script."""
        script = self.scripts[min(len(self.prompts), len(self.scripts) - 1)]
        self.prompts.append(prompt)
        self.asked.put_nowait(prompt)
        try:
            for step in script:
                if isinstance(step, str):
                    yield Token(step)
                elif isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    raise step
            yield Finish("stop", "script-1", {"input": 1, "output": 2})
        except (GeneratorExit, asyncio.CancelledError):
            self.closed.set()
            raise

    async def close(self) -> None:
        """Nothing to let go of."""


def echo(prompt: Prompt) -> str:
    """The question, said back."""
    return f"你说：{prompt.question}。"


@dataclass
class EchoBrain:
    """Says the question back."""

    name: str = "echo"
    answer: Callable[[Prompt], str] = echo
    reason: str = ""
    last_resort: Brain | None = None

    async def warm(self) -> None:
        """Nothing to load."""

    async def think(self, prompt: Prompt) -> AsyncGenerator[Thought]:
        """Stream the answer, a character a token."""
        for character in self.answer(prompt):
            yield Token(character)
        yield Finish("stop")

    async def close(self) -> None:
        """Nothing to let go of."""


def hum(seconds: float, rate: int = 24000, pitch: float = 220.0) -> bytes:
    """A tone as 16-bit samples."""
    count = round(seconds * rate)
    return struct.pack(f"<{count}h", *(round(8000 * math.sin(2 * math.pi * pitch * n / rate)) for n in range(count)))


@dataclass
class HumVoice:
    """Hums a tenth of a second per character."""

    name: str = "hum"
    fails: bool = False
    gate: asyncio.Event | None = None
    """Waits for it after the first bytes."""
    said: list[str] = field(default_factory=list[str])
    reason: str = ""
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def speak(self, text: str, language: str, manner: Manner, *, first: bool = False) -> AsyncGenerator[Spoke]:
        """Stream the tone."""
        self.said.append(text)
        if self.fails:
            raise VoiceError("hoarse")
        try:
            yield Format("pcm", 24000, "hum")
            tone = hum(0.1 * len(text))
            yield Bytes(tone[:4800])
            if self.gate:
                await self.gate.wait()
            yield Bytes(tone[4800:])
        except (GeneratorExit, asyncio.CancelledError):
            self.closed.set()
            raise

    async def warm(self) -> None:
        """Nothing to load."""

    def engine(self, language: str, manner: Manner) -> str:
        """What hums."""
        return "hum"

    async def close(self) -> None:
        """Nothing to let go of."""


class OpenLips:
    """One open mouth per utterance."""

    async def follow(
        self, text: str, language: str, engine: str, evidence: AsyncIterator[Evidence]
    ) -> AsyncGenerator[Track]:
        """A single final track."""
        async for _ in evidence:
            pass
        yield Track(0.0, (Viseme("aa", 0.0, 0.1),), final=True)

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class ScriptChannel:
    """Brings scripted messages once, then waits; remembers what it sent."""

    script: Sequence[Message] = ()
    name: str = "script"
    capabilities: Capabilities = field(default_factory=Capabilities)
    sent: asyncio.Queue[Delivery] = field(default_factory=asyncio.Queue[Delivery])
    failures: list[ChannelError] = field(default_factory=list[ChannelError])
    """Raised by the next sends."""
    refuses: int = 0
    """How many sends the service refuses."""
    shut: bool = False
    """Whether the service takes no more until the user writes again."""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    more: asyncio.Queue[Message] = field(default_factory=asyncio.Queue[Message])

    async def listen(self, accept: Accept) -> None:
        """Bring the script, then whatever is put in ``more``."""
        for message in self.script:
            await accept(message)
        while True:
            await accept(await self.more.get())

    async def send(self, waiting: Sequence[Delivery]) -> Sequence[Receipt]:
        """Remember a delivery."""
        delivery = waiting[0]
        if self.failures:
            raise self.failures.pop(0)
        if self.refuses:
            self.refuses -= 1
            return [Receipt(delivery.key, delivered=False, detail="no")]
        if self.shut:
            return [Receipt(delivery.key, delivered=False, detail="quota", waits=True)]
        self.sent.put_nowait(delivery)
        return [Receipt(delivery.key, delivered=True)]

    async def fetch(self, ref: str) -> bytes:
        """An attachment's bytes, by a name in ``files``."""
        if ref not in self.files:
            raise ChannelError("gone", again=False)
        return self.files[ref]

    async def close(self) -> None:
        """Nothing to let go of."""


async def soon(waiting: Awaitable[T], seconds: float = 10.0) -> T:
    """What is awaited; a test that hangs fails instead."""
    async with asyncio.timeout(seconds):
        return await waiting
