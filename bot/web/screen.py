"""What one page sees: entries as they are kept, and a running turn piece by piece."""

from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from bot.bus import Listener
from bot.message import Begin, End, Entry, Line, Piece, Sound, Spoken
from bot.store import Store
from bot.web import wire
from bot.web.wire import Json

PAGE_OF_HISTORY = 50
TOO_SLOW = 4409


@dataclass(slots=True)
class Screen:
    """Sends a page what its conversation shows."""

    socket: web.WebSocketResponse
    store: Store
    said: Callable[[str], None]
    """Told each line that she says."""
    mp3: bool = False
    """Whether later lines come whole, as MP3."""
    newest: int = 0
    """Highest entry number the page was sent."""
    skip: tuple[str, int, int] = ("", 0, -1)
    """(turn, attempt, piece): what of the running turn the page has."""
    late: dict[int, list[Piece]] = field(default_factory=dict[int, list[Piece]])
    """Per line, its sound so far: the MP3 takes its place when it comes."""

    async def show(self, conversation: str, listener: Listener) -> None:
        """Show what comes, until the page is too slow for it."""
        async for piece in listener:
            turn, attempt, number = self.skip
            if (piece.turn, piece.attempt) == (turn, attempt) and piece.number <= number:
                continue
            if isinstance(piece.shown, Begin) and max(piece.shown.answers, default=0) > self.newest:
                await self.entries(await self.store.history(conversation, limit=PAGE_OF_HISTORY))  # by another window
            await self._piece(piece, listener)
        await self.socket.close(code=TOO_SLOW, message=b"too slow")

    async def entries(self, entries: list[Entry]) -> None:
        """Send those of the entries that the page has not got."""
        for entry in [each for each in entries if each.number > self.newest]:
            await self.send(wire.entry(entry))
            self.newest = max(self.newest, entry.number)

    async def send(self, frame: Json) -> None:
        """Send a frame, unless the page is gone."""
        if not self.socket.closed:
            await self.socket.send_str(wire.text(frame))

    async def _piece(self, piece: Piece, listener: Listener) -> None:
        shown = piece.shown
        if isinstance(shown, Line):
            self.said(shown.text)
        if isinstance(shown, Sound):
            if not listener.sound:
                return
            if self.mp3 and shown.line > 0:
                self.late.setdefault(shown.line, []).append(piece)
                return
        if isinstance(shown, Spoken) and (late := self.late.pop(shown.line, [])):
            await self._whole(late, shown)
        if isinstance(shown, End) and shown.entry:
            self.newest = max(self.newest, shown.entry.number)
        frame = wire.piece(piece)
        if isinstance(frame, bytes):
            await self.socket.send_bytes(frame)
        elif frame:
            await self.socket.send_str(frame)

    async def _whole(self, late: list[Piece], spoken: Spoken) -> None:
        """A line's sound as one MP3; as it came where none was made."""
        if spoken.mp3:
            last = late[-1]
            base: Json = {"turn": last.turn, "attempt": last.attempt, "piece": last.number}
            sound = wire.sound(base, spoken.line, "mp3", 24000, spoken.mp3, samples=spoken.samples)
            await self.socket.send_bytes(sound)
            return
        for frame in map(wire.piece, late):
            if isinstance(frame, bytes):
                await self.socket.send_bytes(frame)
