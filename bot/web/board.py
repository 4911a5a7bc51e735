"""What people ask, as pages see it: everybody the board, the operator also what she could not answer and what to do about it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot import lessons
from bot.brain import Brain
from bot.faults import Faults, shown
from bot.folder import FAQ
from bot.knowledge import Knowledge
from bot.lessons import BadLesson
from bot.persona import Persona
from bot.popular import Popular
from bot.standings import Standing
from bot.web.wire import Json

GAP_S = 2.0
"""Seconds between two pushes to a page."""
KEPT_S = 60.0
"""Seconds after which a board is drawn anew though nobody changed it: days go by."""
ID = 64
"""Characters of a topic's id."""
DEEDS = frozenset({"hide", "show", "pin", "unpin", "word", "merge"})
COPIED = "已存进 {path}：自带的人设复制了一份，以后改这一份。 Kept in {path}, a copy of the persona we ship: change that one from now on."
UNWRITTEN = "写不进去：{why}。 It cannot be written: {why}."

Send = Callable[[Json], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A board as it was drawn once for all pages."""

    frame: Json
    version: tuple[int, str]
    at: float
    """Monotonic seconds."""


@dataclass(slots=True)
class Boards:
    """What all pages' boards share."""

    popular: Popular
    persona: Callable[[], Persona]
    brain: Brain
    knowledge: Knowledge
    own: Path
    """The operator's own personas: what she is taught is written there."""
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    open: "set[Board]" = field(default_factory=lambda: set[Board]())
    changes: dict[str, int] = field(default_factory=dict[str, int])
    """How often each persona's board changed."""
    drawn: dict[bool, Drawn] = field(default_factory=dict[bool, Drawn])
    """For the operator, and for everybody else."""
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def changed(self, persona: str) -> None:
        """A persona's board may look otherwise now: whoever looks at it will be shown. Never waits."""
        self.changes[persona] = self.changes.get(persona, 0) + 1
        for board in self.open:
            board.stale.set()

    async def frame(self, operator: bool) -> tuple[Json, bool]:
        """The board to be sent, and whether it is behind: for everybody but the operator it is drawn once in GAP_S."""
        async with self.drawing:
            persona, now = self.persona(), self.clock()
            version = self.changes.get(persona.id, 0), persona.version
            kept = self.drawn.get(operator)
            if kept and kept.version == version and now - kept.at < KEPT_S:
                return kept.frame, False
            if kept and not operator and now - kept.at < GAP_S:
                return kept.frame, True
            drawn = self.drawn[operator] = Drawn(await self._draw(persona, operator), version, now)
            return drawn.frame, False

    async def _draw(self, persona: Persona, operator: bool) -> Json:
        items = [
            {"id": each.topic.id, "text": each.title, "count": each.asked, "pinned": each.topic.pinned}
            for each in await self.popular.board(persona)
        ]
        if not operator:
            return {"type": "hot", "items": items, "operator": None}
        unanswered = [
            {**_named(each), "users": each.users, "asked": each.asked}
            for each in await self.popular.unanswered(persona)
        ]
        hidden = [_named(each) for each in await self.popular.hidden(persona)]
        return {"type": "hot", "items": items, "operator": {"unanswered": unanswered, "hidden": hidden}}


class Board:
    """What one page is shown of it, and what its operator does."""

    def __init__(self, boards: Boards, send: Send, *, operator: bool) -> None:
        self.boards, self.send, self.operator = boards, send, operator
        self.wanted = False
        """Whether the page asked for it."""
        self.stale = asyncio.Event()
        self.shown: Json | None = None
        self.undrafted: asyncio.Queue[str] = asyncio.Queue(1)
        """Topics that an answer shall be drafted for."""

    async def run(self) -> None:
        """Push what changed and draft what is asked for, until cancelled."""
        self.boards.open.add(self)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._push())
                group.create_task(self._drafts())
        finally:
            self.boards.open.discard(self)

    async def take(self, frame: Json) -> None:
        """Do what the page asks; strangers may only look."""
        kind = frame.get("type")
        if kind == "hot":
            self.wanted, self.shown = True, None
            self.stale.set()
        elif not self.operator:
            return
        elif kind == "hot_edit":
            await self._edit(frame)
        elif kind == "faq_save":
            await self._save(frame)
        elif kind == "faq_draft" and not self.undrafted.full():
            self.undrafted.put_nowait(_text(frame, "id")[:ID])

    async def _push(self) -> None:
        while True:
            await self.stale.wait()
            self.stale.clear()
            if self.wanted:
                await self._show()
                await self.boards.sleep(GAP_S)

    async def _show(self) -> None:
        """Send the board where it looks otherwise than what the page has."""
        frame, behind = await self.boards.frame(self.operator)
        if frame != self.shown:
            self.shown = frame
            await self.send(frame)
        if behind:
            self.stale.set()

    async def _edit(self, frame: Json) -> None:
        """Change what everybody sees."""
        id, do, text, into = (_text(frame, name) for name in ("id", "do", "text", "into"))
        boards = self.boards
        if do in DEEDS and await boards.popular.decide(boards.persona(), id, do, text=text, into=into) and self.wanted:
            await self._show()

    async def _drafts(self) -> None:
        boards = self.boards
        while True:
            id, persona = await self.undrafted.get(), boards.persona()
            asked = await boards.popular.wordings(persona, id)
            answer = await lessons.drafted(boards.brain, boards.knowledge, persona, asked) if asked else ""
            q, *also = asked or [""]
            also = also[: lessons.ALSO]
            await self.send({"type": "faq_draft", "id": id, "q": q, "also": also, "a": answer})

    async def _save(self, frame: Json) -> None:
        """Teach her what the operator wrote."""
        id, persona, boards = _text(frame, "id")[:ID], self.boards.persona(), self.boards
        notice, saved = "", False
        try:
            lesson = lessons.lesson(frame.get("q"), frame.get("also"), frame.get("a"))
            now, entry = await asyncio.to_thread(lessons.taught, persona, lesson, boards.own)
        except (BadLesson, Faults) as error:
            notice = str(error)
        except OSError as error:
            notice = UNWRITTEN.format(why=error.strerror)
        else:
            saved = True
            await boards.popular.answered(persona, id, entry)
            if now.folder != persona.folder:
                notice = COPIED.format(path=shown(now.folder / FAQ))
        await self.send({"type": "faq_saved", "id": id, "ok": saved, "notice": notice})


def _named(standing: Standing) -> Json:
    return {"id": standing.topic.id, "text": standing.title}


def _text(frame: Json, name: str) -> str:
    """A text field, fit to be sent back; empty where it is anything else."""
    value = frame.get(name)
    return value.encode("utf-8", "ignore").decode() if isinstance(value, str) else ""
