"""Who may be heard now: blank and over-long messages, pace, daily budget, and an honest word when she is busy."""

import re
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot import phrases
from bot.channel import Admission
from bot.message import Message, Text
from bot.persona import Bilingual
from bot.settings import Limits
from bot.store import Full, Store

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Characters nobody means to say; tab and newline stay."""
MINUTE, DAY = 60.0, 86400.0
USERS = 10_000
"""Users whose pace is remembered at once."""


def cleaned(message: Message) -> Message:
    """The message without control characters, lone surrogates and blank edges."""
    parts = tuple(
        Text(CONTROL.sub("", part.text.replace("\r\n", "\n")).strip()) if isinstance(part, Text) else part
        for part in message.parts
    )
    return replace(message, parts=tuple(part for part in parts if not (isinstance(part, Text) and not part.text)))


@dataclass(slots=True)
class Pace:
    """What one user sent lately."""

    recent: deque[tuple[float, str]] = field(default_factory=deque[tuple[float, str]])
    """(time, message id) of the last minute."""
    today: int | None = None
    day: int = 0
    told: float = float("-inf")
    """When the user was last told to slow down."""


class Gate:
    """Lets messages in, or says why not."""

    def __init__(self, store: Store, limits: Limits, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.limits = limits
        self.clock = clock
        self.paces: OrderedDict[tuple[str, str], Pace] = OrderedDict()
        self.waiting: dict[str, int] = {}
        """Unanswered messages per conversation, as far as this process let them in."""
        self.answers = 0
        self.day = 0
        self.closing = False

    async def admit(self, message: Message) -> Admission:
        """Write the message down, or refuse it with a notice in her words; nothing is kept of a refused one."""
        message = cleaned(message)
        if not message.parts:
            return Admission(None, refusal="blank")
        if not message.addressed:
            return await self._accept(message)
        refusal = await self._refusal(message)
        if refusal:
            return refusal
        return await self._accept(message)

    def answered(self, conversation: str, messages: int) -> None:
        """Messages of the conversation got their answer."""
        left = self.waiting.get(conversation, 0) - messages
        if left > 0:
            self.waiting[conversation] = left
        else:
            self.waiting.pop(conversation, None)

    async def _accept(self, message: Message) -> Admission:
        try:
            accepted = await self.store.accept(message)
        except Full:
            return self._refuse(message, "full", phrases.NO_ROOM)
        if accepted.fresh and message.addressed:
            self.waiting[message.conversation] = self.waiting.get(message.conversation, 0) + 1
            self.answers += 1
        return Admission(accepted.entry, fresh=accepted.fresh)

    async def _refusal(self, message: Message) -> Admission | None:
        limits, now = self.limits, self.clock()
        if len(message.text) > limits.text:
            return self._refuse(message, "long", phrases.TOO_LONG)
        if self.closing:
            return self._refuse(message, "closing", phrases.CLOSING)
        pace = self._pace(message, now)
        if any(id == message.id for _, id in pace.recent):
            return None  # the same message again: whatever became of it is told again
        if limits.per_minute and len(pace.recent) >= limits.per_minute:
            return self._slow(message, pace, now, "pace", phrases.TOO_FAST)
        if self.waiting.get(message.conversation, 0) >= limits.waiting:
            return self._slow(message, pace, now, "busy", phrases.TOO_FAST)
        if sum(self.waiting.values()) >= limits.all_waiting:
            return self._slow(message, pace, now, "busy", phrases.BUSY)
        if await self._spent(message, pace, now):
            return self._slow(message, pace, now, "budget", phrases.ENOUGH_TODAY)
        pace.recent.append((now, message.id))
        return None

    async def _spent(self, message: Message, pace: Pace, now: float) -> bool:
        """Whether the user's day, or everybody's, is used up; counts this message when not."""
        day = int(now // DAY)
        if self.day != day:
            self.day, self.answers = day, 0
        if self.limits.all_per_day and self.answers >= self.limits.all_per_day:
            return True
        if not self.limits.per_day:
            return False
        if pace.today is None or pace.day != day:
            pace.today, pace.day = await self.store.said_since(message.channel, message.sender, day * DAY), day
        pace.today += 1
        return pace.today > self.limits.per_day

    def _pace(self, message: Message, now: float) -> Pace:
        key = (message.channel, message.sender)
        pace = self.paces.setdefault(key, Pace())
        self.paces.move_to_end(key)
        if len(self.paces) > USERS:
            self.paces.popitem(last=False)
        while pace.recent and pace.recent[0][0] <= now - MINUTE:
            pace.recent.popleft()
        return pace

    def _slow(self, message: Message, pace: Pace, now: float, reason: str, notice: Bilingual) -> Admission:
        """A refusal that speaks once a minute: a flood gets one line, not a hundred."""
        silent = now - pace.told < MINUTE
        if not silent:
            pace.told = now
        return Admission(None, refusal=reason, notice="" if silent else notice.text(phrases.language(message.text)))

    def _refuse(self, message: Message, reason: str, notice: Bilingual) -> Admission:
        text = notice.text(phrases.language(message.text)).format(limit=self.limits.text)
        return Admission(None, refusal=reason, notice=text)
