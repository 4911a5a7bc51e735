"""Lines become sound in their order, while the next ones are already being spoken ahead."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.lips import Lips
from bot.message import Line, Shown, Spoken, Utterance
from bot.utterance import Shelf, utter
from bot.voice import Manner, Voice

AHEAD = 4
"""Lines in the making at once: the one that sounds and those that follow it."""


@dataclass(slots=True)
class Place:
    """A line's place in the queue."""

    done: bool = False
    waiting: list[Shown] = field(default_factory=list[Shown])
    """What it has to show when its turn comes."""


class Speaker:
    """Says lines; whatever is ready early waits until the lines before it are complete."""

    def __init__(
        self,
        group: asyncio.TaskGroup,
        voice: Voice,
        lips: Lips | None,
        manner: Manner,
        shelf: Shelf | None,
        emit: Callable[[Shown], None],
        whole: Callable[[], bool],
    ) -> None:
        self.group = group
        self.voice, self.lips, self.manner, self.shelf, self.emit = voice, lips, manner, shelf, emit
        self.whole = whole
        """Whether somebody wants lines whole, as MP3."""
        self.go = asyncio.Event()
        self.go.set()
        self.room = asyncio.Semaphore(AHEAD)
        self.places: list[Place] = []
        self.head = 0
        self.tasks: list[asyncio.Task[None]] = []
        self.utterances: list[Utterance] = []

    def say(self, line: Line, *, aloud: bool) -> None:
        """Take the next line; without ``aloud`` it only keeps its place."""
        place = Place()
        self.places.append(place)
        if aloud and line.spoken:
            self.tasks.append(self.group.create_task(self._speak(line, len(self.places) - 1)))
        else:
            place.waiting.append(Spoken(line.number, 0.0, failed=True))
            self._complete(len(self.places) - 1)

    def cancel(self) -> None:
        """Fall silent at once."""
        for task in self.tasks:
            task.cancel()

    async def _speak(self, line: Line, index: int) -> None:
        def show(shown: Shown) -> None:
            if index == self.head:
                self.emit(shown)
            else:
                self.places[index].waiting.append(shown)
            if isinstance(shown, Spoken):  # what is kept of the line is nobody's wait
                self._complete(index)

        async with self.room:
            await self.go.wait()
            spoken = await utter(
                line, self.voice, self.lips, self.manner,
                first=index == 0, whole=self.whole, shelf=self.shelf, emit=show,
            )  # fmt: skip
        if spoken:
            self.utterances.append(spoken)

    def _complete(self, index: int) -> None:
        """Let the lines after a finished one show what they have."""
        self.places[index].done = True
        while self.head < len(self.places):
            place = self.places[self.head]
            for shown in place.waiting:
                self.emit(shown)
            place.waiting.clear()
            if not place.done:
                return
            self.head += 1
