"""What all pages' doors share."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.bus import Bus
from bot.channel import Accept
from bot.ear import Ear
from bot.persona import Persona
from bot.settings import Settings
from bot.store import Store
from bot.vad import Vads
from bot.web.board import Boards


@dataclass(frozen=True, slots=True)
class Foyer:
    """What all doors share."""

    channel: str
    store: Store
    bus: Bus
    settings: Settings
    take: Accept
    persona: Callable[[], Persona]
    avatar: Callable[[], str]
    """URL of the body's manifest."""
    ear: Ear | None = None
    vads: Vads = field(default_factory=Vads)
    fault: Callable[[], str] = str
    """What is wrong with the persona's folder now, for whoever may mend it."""
    boards: Boards | None = None
    """What people ask."""
    open: dict[str, int] = field(default_factory=dict[str, int])
    """Open doors per user."""
    now: Callable[[], float] = time.time
