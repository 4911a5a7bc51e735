"""A voice and an ear that stand in: OpenAI's ``/v1/audio/speech`` with the timing of the bench's definition, and its
``/v1/audio/transcriptions``, which writes down whatever it was told to.

Run as ``python -m tests.standins.speech``. A voice name that begins with ``fault-`` makes it misbehave: a status such as
``429``; ``text``; ``page`` (that is called sound); ``empty``; ``odd`` (samples cut in the middle); ``stall``; ``cut``
(hangs up) and ``short`` (fewer bytes than told); ``hangup`` (without an answer, every second time); or it answers in
another format than it was asked for: ``wav``, ``wav48`` (48 kHz, two channels), ``listed`` (a WAV with more than
sound), ``head`` (of a WAV, without sound), ``torn`` (a WAV shorter than it says), ``mp3``, ``ogg``.
"""

import argparse
import asyncio
import io
import json
import math
import re
import struct
import time
from dataclasses import asdict, dataclass, field
from functools import lru_cache

import numpy as np
import soundfile
from aiohttp import web

RATE = 24000
SLICE = 4
"""Characters that are sent at a time."""


@dataclass(slots=True)
class Request:
    """What was asked, and when what happened (monotonic seconds)."""

    received: float
    text: str
    first_byte: float = 0.0
    closed: float = 0.0
    aborted: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """What was sent to be written down."""

    model: str
    key: str
    name: str
    data: bytes


@dataclass(slots=True)
class SpeechStandIn:
    """Speaks a tone as long as the text would take."""

    first_s: float = 0.25
    character_s: float = 0.008
    requests: list[Request] = field(default_factory=list[Request])
    transcript: str = "喂，在吗"
    recordings: list[Recording] = field(default_factory=list[Recording])

    def app(self) -> web.Application:
        """The service."""
        app = web.Application()
        app.router.add_post("/v1/audio/speech", self._speech)
        app.router.add_post("/v1/audio/transcriptions", self._transcription)
        app.router.add_get("/stats", self._stats)
        return app

    async def _stats(self, _: web.Request) -> web.Response:
        return web.json_response({"requests": [asdict(request) for request in self.requests]})

    async def _transcription(self, asked: web.Request) -> web.StreamResponse:
        form = await asked.post()
        file, model = form["file"], str(form["model"])
        assert isinstance(file, web.FileField)
        key = asked.headers.get("Authorization", "")
        with file.file:
            self.recordings.append(Recording(model, key, file.filename, file.file.read()))
        fault = model.removeprefix("fault-") if model.startswith("fault-") else ""
        if fault.isdecimal():
            return web.json_response({"error": {"message": f"bad key {key}"}}, status=int(fault))
        if fault == "stall":
            await asyncio.sleep(3600)
        if fault == "hangup" and asked.transport:
            asked.transport.abort()
        answers = {"page": "<html>", "list": "[]"}
        return web.Response(
            text=answers.get(fault, json.dumps({"text": self.transcript})), content_type="application/json"
        )

    async def _speech(self, asked: web.Request) -> web.StreamResponse:
        body = await asked.json()
        request = Request(time.monotonic(), body["input"])
        self.requests.append(request)
        name = str(body.get("voice"))
        fault = name.removeprefix("fault-") if name.startswith("fault-") else ""
        if fault.isdecimal():
            return web.json_response({"error": {"message": "no"}}, status=int(fault))
        if fault == "text":
            return web.Response(text="Something went wrong, as it does.")
        if fault == "page":
            return web.Response(body="<!doctype html><p>你好</p>".encode(), content_type="audio/pcm")
        if fault == "hangup" and len(self.requests) % 2 and asked.transport:
            asked.transport.abort()
        han = len(re.findall(r"[\u3400-\u9fff]", request.text))
        sound = wrapped(spoken(han, len(request.text)), fault or str(body.get("response_format")))
        response = web.StreamResponse(headers={"Content-Type": "audio/pcm"})
        if fault == "short":
            response.content_length = len(sound) * 2
            response.force_close()
        try:
            await self._send(asked, response, request, sound, fault)
        except (ConnectionError, asyncio.CancelledError):
            request.aborted = True
            raise
        finally:
            request.closed = time.monotonic()
        return response

    async def _send(
        self, asked: web.Request, response: web.StreamResponse, request: Request, sound: bytes, fault: str
    ) -> None:
        began = asyncio.get_running_loop().time()
        await _until(began + self.first_s)
        await response.prepare(asked)
        slices = max(1, math.ceil(len(request.text) / SLICE))
        for number in range(slices):
            start, stop = (len(sound) * n // slices for n in (number, number + 1))
            if fault == "odd":
                start, stop = (
                    max(0, start - start % 2 - 1 if start else 0),
                    stop - stop % 2 - 1 if number < slices - 1 else stop,
                )
            if number:
                await _until(began + self.first_s + number * SLICE * self.character_s)
            request.first_byte = request.first_byte or time.monotonic()
            if fault == "stall" and number:
                await asyncio.sleep(3600)
            if fault == "cut" and number:
                assert asked.transport
                asked.transport.abort()
                raise ConnectionResetError
            await response.write(sound[start:stop])
        await response.write_eof()


async def _until(when: float) -> None:
    await asyncio.sleep(max(0.0, when - asyncio.get_running_loop().time()))


@lru_cache(512)
def spoken(han: int, characters: int) -> bytes:
    """A tone that rises and falls like syllables: 0.22 s a Hanzi, 0.065 s another character, at least 0.3 s."""
    count = round(max(0.3, han * 0.22 + (characters - han) * 0.065) * RATE)
    turn = [
        round(9000 * (0.6 + 0.4 * math.cos(2 * math.pi * n / 4800)) * math.sin(2 * math.pi * n / 120 + 0.5))
        for n in range(4800)
    ]
    period = struct.pack("<4800h", *turn)
    return (period * (count // 4800 + 1))[: count * 2]


def wrapped(pcm: bytes, format: str) -> bytes:
    """The same in another format."""
    samples = np.frombuffer(pcm, "<i2")
    match format:
        case "empty":
            return b""
        case "wav" | "torn" | "listed":
            whole = _file(samples, RATE, "WAV")
            return {"wav": whole, "torn": whole[: len(whole) // 4 * 2], "listed": whole + b"LIST" * 99}[format]
        case "head":
            return _file(samples[:0], RATE, "WAV")
        case "wav48":
            return _file(np.repeat(samples, 2)[:, None].repeat(2, axis=1), 2 * RATE, "WAV")
        case "mp3" | "ogg":
            return _file(samples, RATE, format)
        case _:
            return pcm


def _file(samples: np.ndarray, rate: int, format: str) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=format)
    return out.getvalue()


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--first", type=float, default=0.25)
    parser.add_argument("--char", "--character", type=float, default=0.008)
    given = parser.parse_args()
    runner = web.AppRunner(SpeechStandIn(given.first, given.char).app(), handler_cancellation=True, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", given.port).start()
    print("READY", json.dumps({"url": f"http://127.0.0.1:{runner.addresses[0][1]}"}), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
