"""Microsoft's read-aloud service stands in: its WebSocket protocol, with tones for words.

Run as ``python -m tests.standins.edge``. ``fault=`` in the address, or a word ``fault-…`` in the text, makes it misbehave:
while shaking hands (address only) ``403``, ``503``, ``undated`` (403 without a date), ``hang``; later ``silent`` (ends
without sound), ``once`` (so for the first time), ``mute`` (never begins), ``stall`` (stops in the middle), ``abort`` and
``close`` (hangs up in the middle, rudely or politely), ``garbage``, ``unknown``, ``malformed``, ``short`` (the last words
are missing), ``reworded`` (the last word is told as it would be read out), ``unended`` (never says that it has finished), ``deaf`` (no answer to a farewell).
"""

import argparse
import asyncio
import io
import json
import re
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from email.utils import formatdate
from functools import lru_cache
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import numpy as np
import soundfile
from aiohttp import WSCloseCode, WSMessage, web
from edge_tts.constants import TRUSTED_CLIENT_TOKEN
from edge_tts.drm import generate_sec_ms_gec_v2

PATH = "/consumer/speech/synthesize/readaloud/edge/v1"
RATE = 24000
MESSAGE = 720
"""Bytes of sound a message: 120 ms."""
FRAME = 144
HEAD_S, TAIL_S = 0.134, 0.8
"""Silence around the words; what decodes adds 46 ms to the first."""
WORD = re.compile(r"([㐀-鿿]{1,2})|(?:(?![㐀-鿿])[^\W_])+(?:['’-](?:(?![㐀-鿿])[^\W_])+)*")
REFUSALS = {"403": 403, "503": 503, "undated": 403}


@dataclass(slots=True)
class Request:
    """What was asked, and when what happened (monotonic seconds)."""

    received: float
    text: str = ""
    voice: str = ""
    rate: str = ""
    pitch: str = ""
    first_byte: float = 0.0
    closed: float = 0.0
    ended: bool = False
    """Everything was sent."""
    aborted: bool = False
    """The client left before."""


@dataclass(slots=True)
class EdgeStandIn:
    """Speaks a tone for each word."""

    first_s: float = 0.05
    skew_s: float = 0.0
    """How far its clock is ahead."""
    speed: float = 10
    """Times real time at which sound comes."""
    requests: list[Request] = field(default_factory=list[Request])
    refused: list[str] = field(default_factory=list[str])
    """Why handshakes were."""
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def app(self) -> web.Application:
        """The service."""
        app = web.Application()
        app.router.add_get(PATH, self._speech)
        app.router.add_get("/stats", self._stats)
        return app

    async def until_closed(self, number: int) -> Request:
        """A request, by its number, once its connection is gone."""
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: len(self.requests) > number and self.requests[number].closed)
        return self.requests[number]

    async def _stats(self, _: web.Request) -> web.Response:
        return web.json_response({"requests": [asdict(request) for request in self.requests]})

    async def _speech(self, asked: web.Request) -> web.StreamResponse:
        fault = asked.query.get("fault", "")
        if fault == "hang":
            await asyncio.sleep(3600)
        refusal = REFUSALS.get(fault) or (403 if self._mistake(asked) else 0)
        if refusal:
            self.refused.append(fault or self._mistake(asked))
            date = "" if fault == "undated" else formatdate(time.time() + self.skew_s, usegmt=True)
            return web.Response(status=refusal, headers={"Date": date})
        socket = web.WebSocketResponse(autoclose=False)
        await socket.prepare(asked)
        request = Request(time.monotonic())
        self.requests.append(request)
        try:
            await self._converse(asked, socket, request, fault)
        except ConnectionError:
            pass
        finally:
            request.aborted = not request.ended
            request.closed = time.monotonic()
            async with self.changed:
                self.changed.notify_all()
        return socket

    def _mistake(self, asked: web.Request) -> str:
        """What the service would not like about a handshake."""
        now = time.time() + self.skew_s
        tokens = {generate_sec_ms_gec_v2(now + off) for off in (-300, 0, 300)}
        right = {
            "client token": asked.query.get("TrustedClientToken") == TRUSTED_CLIENT_TOKEN,
            "connection": bool(re.fullmatch("[0-9a-f]{32}", asked.query.get("ConnectionId", ""))),
            "token": asked.query.get("Sec-MS-GEC") in tokens,
            "version": asked.query.get("Sec-MS-GEC-Version", "").startswith("2-"),
            "agent": bool(re.search(r"Chrome/\d+\.0\.0\.0 .* Edg/\d+", asked.headers.get("User-Agent", ""))),
            "muid": bool(re.fullmatch("muid=[0-9A-F]{32};", asked.headers.get("Cookie", ""))),
        }
        return ", ".join(name for name, good in right.items() if not good)

    async def _converse(self, asked: web.Request, socket: web.WebSocketResponse, request: Request, fault: str) -> None:
        config, ssml = [_message(await socket.receive()) for _ in range(2)]
        assert config[0]["Path"] == "speech.config"
        assert ssml[0]["Path"] == "ssml"
        audio = json.loads(config[1])["context"]["synthesis"]["audio"]
        assert audio["outputFormat"] == "audio-24khz-48kbitrate-mono-mp3"
        try:
            speak = ElementTree.fromstring(ssml[1])
        except ElementTree.ParseError:
            await socket.close(code=WSCloseCode.INVALID_TEXT)
            return
        voice, prosody = speak[0], speak[0][0]
        request.voice, request.text = voice.get("name", ""), prosody.text or ""
        request.rate, request.pitch = prosody.get("rate", ""), prosody.get("pitch", "")
        told = re.search(r"fault-(\w+)", request.text, re.ASCII)
        answer = Answer(asked, socket, request, told[1] if told else fault, ssml[0]["X-RequestId"])
        answer.words = audio["metadataoptions"]["wordBoundaryEnabled"] == "true"
        answer.again = sum(each.text == request.text for each in self.requests) > 1
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(answer.send(self.first_s, self.speed))
            async for _ in socket:
                pass
            sending.cancel()
        if answer.fault == "deaf":
            await asyncio.sleep(3600)
        await socket.close()


@dataclass(slots=True)
class Answer:
    """One line on its way to the client."""

    asked: web.Request
    socket: web.WebSocketResponse
    request: Request
    fault: str
    id: str
    words: bool = True
    again: bool = False

    async def send(self, first_s: float, speed: float) -> None:
        """Everything, in the service's order."""
        try:
            await self._send(first_s, speed)
        except ConnectionError:  # the client left; the other side of the conversation sees it
            return

    async def _send(self, first_s: float, speed: float) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time() + first_s
        spans, sound = await asyncio.to_thread(spoken, self.request.text)
        await self._text("turn.start", {"context": {"serviceTag": uuid.uuid4().hex}})
        await self._text("response", {"context": {"serviceTag": self.id}, "audio": {"type": "inline"}})
        await asyncio.sleep(began - loop.time())
        match self.fault:
            case "silent":
                return await self._end()
            case "once" if not self.again:
                return await self._end()
            case "mute":
                await asyncio.sleep(3600)
            case "garbage":
                await self.socket.send_bytes(b"\xff")
            case "unknown":
                await self._text("surprise", {})
            case "malformed":
                await self._text("audio.metadata", {"Metadata": [{"Type": "WordBoundary"}]})
            case _:
                pass
        waiting = list(spans[: len(spans) // 2] if self.fault == "short" else spans)
        if self.fault == "reworded":
            waiting[-1] = ("三点五", *waiting[-1][1:])
        messages = [sound[at : at + MESSAGE] for at in range(0, len(sound), MESSAGE)]
        for number, data in enumerate(messages):
            await asyncio.sleep(began + number * MESSAGE / 6000 / speed - loop.time())
            while self.words and waiting and waiting[0][1] <= (number + 1) * MESSAGE / 6000:
                await self._boundary(*waiting.pop(0))
            if number == len(messages) // 2 and await self._breaks():
                return None
            self.request.first_byte = self.request.first_byte or time.monotonic()
            await self._audio(data)
        await self.socket.send_bytes(_binary(f"X-RequestId:{self.id}\r\nPath:audio\r\n", b""))
        self.request.ended = True
        if self.fault == "unended":
            await asyncio.sleep(3600)
        return await self._end()

    async def _breaks(self) -> bool:
        """What goes wrong in the middle."""
        if self.fault == "stall":
            await asyncio.sleep(3600)
        if self.fault == "abort" and self.asked.transport:
            self.asked.transport.abort()
        if self.fault == "close":
            await self.socket.close()
        return self.fault in ("abort", "close")

    async def _boundary(self, text: str, start: float, duration: float) -> None:
        told = {"Text": escape(text), "Length": len(text), "BoundaryType": "WordBoundary"}
        data = {"Offset": round(start * 1e7), "Duration": round(duration * 1e7), "text": told}
        await self._text("audio.metadata", {"Metadata": [{"Type": "WordBoundary", "Data": data}]})

    async def _audio(self, data: bytes) -> None:
        head = f"X-RequestId:{self.id}\r\nContent-Type:audio/mpeg\r\nX-StreamId:{self.id}\r\nPath:audio\r\n"
        await self.socket.send_bytes(_binary(head, data))

    async def _end(self) -> None:
        self.request.ended = True
        await self._text("turn.end", {})

    async def _text(self, path: str, body: object) -> None:
        head = f"X-RequestId:{self.id}\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n"
        await self.socket.send_str(head + json.dumps(body, ensure_ascii=False))


def _binary(head: str, data: bytes) -> bytes:
    return len(head).to_bytes(2, "big") + head.encode() + data


def _message(message: WSMessage) -> tuple[dict[str, str], str]:
    """Headers and body of a text message."""
    if not isinstance(message.data, str):
        raise ConnectionResetError
    head, _, body = message.data.partition("\r\n\r\n")
    return dict(line.split(":", 1) for line in head.split("\r\n")), body


@lru_cache(64)
def spoken(text: str) -> tuple[tuple[tuple[str, float, float], ...], bytes]:
    """Words with start and duration in seconds, and the MP3 whose tones stand there: 0.22 s a Hanzi, 0.065 s a letter."""
    spans: list[tuple[str, float, float]] = []
    at, end = HEAD_S, 0
    for found in WORD.finditer(text):
        if spans and re.search(r"[^\w\s]", text[end : found.start()]):
            at += 0.25
        length = len(found[0]) * 0.22 if found[1] else max(0.15, len(found[0]) * 0.065)
        spans.append((found[0], at, length))
        at, end = at + length, found.end()
    samples = np.zeros(round((at + TAIL_S) * RATE), np.float32)
    for number, (_, start, length) in enumerate(spans):
        moments = np.arange(round(length * RATE)) / RATE
        swell = np.minimum(1, np.minimum(moments, length - moments) / 0.02)
        first = round(start * RATE)
        samples[first : first + len(moments)] = 0.3 * swell * np.sin(2 * np.pi * (220 + 40 * (number % 3)) * moments)
    return tuple(spans), mp3(samples)


def mp3(samples: np.ndarray) -> bytes:
    """48 kbit/s, every frame of 144 bytes, and no tag before the first, like the service's."""
    out = io.BytesIO()
    soundfile.write(
        *(out, samples, RATE),
        format="MP3",
        subtype="MPEG_LAYER_III",
        bitrate_mode="CONSTANT",
        compression_level=112 / 152,
    )
    data = out.getvalue()
    return data[FRAME:] if b"Info" in data[:FRAME] or b"Xing" in data[:FRAME] else data


@asynccontextmanager
async def serving(standin: EdgeStandIn, port: int = 0) -> AsyncGenerator[str]:
    """The stand-in on the loopback; its address."""
    runner = web.AppRunner(standin.app(), handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--first", type=float, default=0.05)
    given = parser.parse_args()
    async with serving(EdgeStandIn(given.first), given.port) as url:
        print("READY", json.dumps({"url": url}), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
