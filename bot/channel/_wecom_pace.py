"""How much WeCom takes: 30 messages a minute and 1000 an hour in one chat, replies and all else together."""

from collections import deque
from collections.abc import Callable

LIMITS = ((30, 60.0), (1000, 3600.0))
"""(messages, seconds)."""
BLOCKED_S = 60.0
"""How long nothing is sent after the service said that it is too much."""


class Pace:
    """Counts messages by chat; a stream is one, however often it grows."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._sent: dict[str, deque[float]] = {}
        self._blocked: dict[str, float] = {}

    def wait_s(self, chat: str) -> float:
        """Seconds until the chat takes one more message; 0: now."""
        now, sent = self._now(), self._sent.get(chat, ())
        waits = [self.blocked_s(chat)]
        for most, seconds in LIMITS:
            if len(sent) >= most:
                waits.append(sent[-most] + seconds - now)
        return max(waits)

    def blocked_s(self, chat: str) -> float:
        """Seconds until the service may be asked again after it said that it is too much; 0: now."""
        now = self._now()
        return max(0.0, self._blocked.get(chat, now) - now)

    def count(self, chat: str) -> None:
        """One more was sent."""
        now = self._now()
        if chat not in self._sent:
            self._tidy(now)
        sent = self._sent.setdefault(chat, deque(maxlen=LIMITS[-1][0]))
        sent.append(now)

    def block(self, chat: str) -> None:
        """The service said that it is too much."""
        self._blocked[chat] = self._now() + BLOCKED_S

    def _tidy(self, now: float) -> None:
        """Forget chats that were quiet for longer than any limit."""
        longest = LIMITS[-1][1]
        self._sent = {chat: sent for chat, sent in self._sent.items() if sent[-1] > now - longest}
        self._blocked = {chat: until for chat, until in self._blocked.items() if until > now}
