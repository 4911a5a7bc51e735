"""The terminal as a page: the same protocol over the data folder's socket, words streamed to stdout."""

import asyncio
import io
import sys
import uuid
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TextIO

import aiohttp
from aiohttp import WSMsgType

from bot.label import Labels
from bot.web import wire
from bot.web.wire import Json

SOCKET = "zhiyin.sock"
"""Name of the running server's socket in the data folder."""


class Terminal:
    """Talks to the running server and shows the conversation as text."""

    def __init__(self, data: Path, out: TextIO, labels: Labels, say: Path | None = None) -> None:
        self.data, self.out, self.labels, self.say = data, out, labels, say
        self.memory = data / "terminal-visitor"
        """Where the visitor token is kept between calls (0600)."""
        self.pcm = bytearray()
        self.written = 0
        """Characters of the running attempt on show."""

    async def run(self, lines: AsyncIterator[str]) -> None:
        """Send each line and show its answer, until the lines end. Raises aiohttp.ClientError when no server runs."""
        connector = aiohttp.UnixConnector(str(self.data / SOCKET))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.ws_connect("http://localhost/ws", protocols=(wire.PROTOCOL,), max_msg_size=0) as ws,
        ):
            await self._greet(ws)
            async for line in lines:
                if line.strip():
                    await self._ask(ws, line.strip())
                    self._save()
                    self._prompt()

    async def _greet(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        visitor = self.memory.read_text() if self.memory.exists() else ""
        hello = {"type": "hello", "visitor": visitor, "audio": "pcm", "voiced": self.say is not None}
        await ws.send_str(wire.text(hello))
        welcome = await self._until(ws, "welcome")
        self.memory.write_text(welcome["visitor"])
        self.memory.chmod(0o600)
        name, greeting = welcome["persona"]["name"], welcome["persona"]["greeting"]
        print(f"{name['zh']} {name['en']}: {greeting['zh']}", file=self.out)
        self._prompt()

    async def _ask(self, ws: aiohttp.ClientWebSocketResponse, line: str) -> None:
        id = uuid.uuid4().hex
        await ws.send_str(wire.text({"type": "say", "id": id, "text": line, "pictures": []}))
        answer = await self._until(ws, "accepted", "refused")
        if answer["type"] == "refused":
            print(answer["notice"] or answer["reason"], file=self.out)
            return
        await self._until(ws, "end")
        self.written = 0
        print(file=self.out, flush=True)

    async def _until(self, ws: aiohttp.ClientWebSocketResponse, *types: str) -> Json:
        """The next frame of one of the types; what comes before is shown."""
        while True:
            message = await ws.receive()
            if message.type is WSMsgType.TEXT:
                frame = wire.parsed_text(message.data)
                if frame["type"] in types:
                    return frame
                self._show(frame)
            elif message.type is WSMsgType.BINARY:
                header, payload = wire.parsed(message.data)
                if header["type"] == "sound" and header["codec"] == "pcm":
                    self.pcm += payload
            else:
                raise aiohttp.ClientConnectionError("服务停了 / the server has stopped")

    def _show(self, frame: Json) -> None:
        if frame["type"] == "begin":
            if self.written:
                print("\n……", file=self.out)
            self.written = 0
        elif frame["type"] == "words":
            print(frame["text"], end="", file=self.out, flush=True)
            self.written += len(frame["text"])

    def _prompt(self) -> None:
        if self.out.isatty():
            print("> ", end="", file=self.out, flush=True)

    def _save(self) -> None:
        """Write everything she has said so far as one WAV file."""
        if self.say:
            out = io.BytesIO()
            with wave.open(out, "wb") as sound:
                sound.setparams((1, 2, 24000, 0, "NONE", ""))
                sound.writeframes(bytes(self.pcm))
            self.say.write_bytes(self.labels.labelled(out.getvalue(), "audio/wav"))


async def typed() -> AsyncIterator[str]:
    """Lines of standard input, without blocking the loop."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        while line := await reader.readline():
            yield line.decode(errors="replace")
    finally:
        transport.close()
