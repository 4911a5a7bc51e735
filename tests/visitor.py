"""A page without a browser: speaks the stage protocol over a real socket and notes when what came."""

import io
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np
import numpy.typing as npt
import soundfile
from aiohttp import WSMsgType

from bot.web import wire

SILENCE = 200
"""Samples below this (of 32767) are silence."""


@dataclass(slots=True)
class Chunk:
    """A chunk of sound as a player would get it."""

    at: float
    """When it arrived, monotonic seconds."""
    samples: npt.NDArray[np.int16]
    line: int


@dataclass
class Visitor:
    """One open page."""

    ws: aiohttp.ClientWebSocketResponse
    welcome: dict[str, Any] = field(default_factory=dict[str, Any])
    frames: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    sounds: list[Chunk] = field(default_factory=list[Chunk])
    sound_bytes: int = 0
    """Bytes of sound frames on the wire."""

    async def hello(self, **fields: object) -> dict[str, Any]:
        """Introduce ourselves; the welcome."""
        await self.send({"type": "hello", "audio": "pcm", "voiced": True, **fields})
        self.welcome = await self.until("welcome")
        return self.welcome

    async def send(self, frame: dict[str, Any]) -> None:
        """Send a text frame."""
        await self.ws.send_str(wire.text(frame))

    async def say(self, text: str, id: str = "") -> str:
        """Say something; the message's id."""
        id = id or uuid.uuid4().hex
        await self.send({"type": "say", "id": id, "text": text, "pictures": []})
        return id

    async def until(self, *types: str) -> dict[str, Any]:
        """The next frame of one of the types; a closed socket is an error."""
        while True:
            frame = await self.next()
            if frame["type"] in types:
                return frame

    async def next(self) -> dict[str, Any]:
        """The next frame, sound included (its bytes under ``data``)."""
        message = await self.ws.receive()
        at = time.monotonic()
        if message.type is WSMsgType.TEXT:
            frame: dict[str, Any] = wire.parsed_text(message.data)
        elif message.type is WSMsgType.BINARY:
            frame, data = wire.parsed(message.data)
            frame["data"] = data
            if frame["type"] == "sound":
                self.sound_bytes += len(message.data)
                self.sounds.append(Chunk(at, decoded(frame, data), frame["line"]))
        else:
            raise ConnectionError(f"closed with {self.ws.close_code}")
        frame["_at"] = at
        self.frames.append(frame)
        return frame


def decoded(frame: dict[str, Any], data: bytes) -> npt.NDArray[np.int16]:
    """What a player would play of a sound frame."""
    if frame["codec"] == "pcm":
        return np.frombuffer(data, dtype="<i2")
    samples, _ = soundfile.read(io.BytesIO(data), dtype="int16")
    return np.asarray(samples[frame["skip"] : frame["skip"] + frame["samples"]], dtype=np.int16)


def first_sound(sounds: list[Chunk]) -> float | None:
    """When the first non-silent sample could have been played, monotonic seconds."""
    for chunk in sounds:
        loud = np.flatnonzero(np.abs(chunk.samples.astype(np.int32)) > SILENCE)
        if loud.size:
            return chunk.at
    return None


def stall(sounds: list[Chunk], rate: int = 24000) -> float:
    """Seconds of silence a player without gaps would suffer between chunks."""
    suffered, plays_until = 0.0, None
    for chunk in sounds:
        if plays_until is not None and chunk.at > plays_until:
            suffered += chunk.at - plays_until
        plays_until = max(chunk.at, plays_until or chunk.at) + len(chunk.samples) / rate
    return suffered


@asynccontextmanager
async def visit(url: str, *, origin: str = "") -> AsyncGenerator[Visitor]:
    """Open a page's socket at the server's base URL."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            f"{url}/ws", protocols=(wire.PROTOCOL,), origin=origin or url, max_msg_size=0, autoping=True
        ) as ws,
    ):
        yield Visitor(ws)
