"""The neural voice without a key: edge-tts, with deadlines of our own and an ear for sound that was cut short."""

import asyncio
import math
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import aiohttp
from yarl import URL

from bot.phonetics import Phonetics
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, Spoke, Voice, VoiceError, Word
from bot.voice._wires import Gate, Wire

if TYPE_CHECKING:
    from edge_tts import Communicate
    from edge_tts.typing import TTSChunk

RATE = 24000
BYTES_A_SECOND = 6000
"""MP3 at a constant 48 kbit/s: the sound's length can be told from its bytes."""
SLACK_S = 0.15
"""A last word may end so much after the sound: frames of 24 ms, and times that the service rounds."""
TICKS_A_SECOND = 10_000_000
LONGEST = 4096
"""Bytes of a request; edge-tts would make several of more, and not notice if one of them broke off."""
LATER = 2
"""Times ``first_sound_s``: the patience with lines nobody waits for yet, and with gaps in the sound."""
FAREWELL_S = 1.0
"""Patience with the end once all was said."""
PATH = "/consumer/speech/synthesize/readaloud/edge/v1"


def open(settings: VoiceSettings, phonetics: Phonetics) -> Voice:
    """The neural voice, at Microsoft or at a relay (``endpoint``)."""
    return EdgeVoice(settings)


class EdgeVoice:
    """Says lines with edge-tts, several at once, those somebody waits for before the others."""

    name = "edge"
    reason = ""

    def __init__(self, settings: VoiceSettings) -> None:
        self._settings = settings
        self._gate = Gate(settings.parallel)
        self._library: type[Communicate] | None = None

    async def warm(self) -> None:
        """Load the library off the loop."""
        with suppress(VoiceError):  # the first line tells
            await self._ready()

    async def speak(self, text: str, language: str, manner: Manner, *, first: bool = False) -> AsyncGenerator[Spoke]:
        """Stream a line's MP3 with its words, once the first sound is there. Raises VoiceError.

        A line nobody waits for is asked for twice, as long as nothing of it was heard.
        """
        said = _sayable(text)
        until = asyncio.get_running_loop().time() + self._settings.first_sound_s if first else None
        library = await self._ready()
        wire = await self._gate.take(until)
        try:
            for last in (True,) if first else (False, True):
                heard = Heard(said)
                try:
                    stream = self._ask(library, wire, said, _voice(language, manner), manner)
                    async with aclosing(self._listen(stream, wire, heard, until)) as items:
                        async for item in items:
                            yield Format("mp3", RATE, self.engine(language, manner)) if item is None else item
                    return
                except VoiceError:
                    if heard.bytes or last:
                        raise
        finally:
            self._gate.give(wire)

    async def _ready(self) -> "type[Communicate]":
        if not self._library:
            self._library = await asyncio.to_thread(_communicate, self._settings.endpoint)
        return self._library

    def _ask(
        self, library: "type[Communicate]", wire: Wire, text: str, voice: str, manner: Manner
    ) -> "AsyncGenerator[TTSChunk]":
        """The library's stream. Its own timeouts are whole seconds and end with the handshake: ours come first."""
        seconds = math.ceil(LATER * self._settings.first_sound_s)
        try:
            return library(
                text,
                voice,
                rate=f"{manner.rate:+d}%",
                pitch=f"{manner.pitch:+d}Hz",
                boundary="WordBoundary",
                connector=wire,
                proxy=self._settings.proxy or None,
                connect_timeout=seconds,
                receive_timeout=seconds,
            ).stream()
        except ValueError as error:
            raise VoiceError(f"edge: {error}") from error

    async def _listen(
        self, stream: "AsyncGenerator[TTSChunk]", wire: Wire, heard: "Heard", until: float | None
    ) -> AsyncGenerator[Bytes | Word | None]:
        """None when the sound begins, then words and sound; all are held back until then. Raises VoiceError."""
        clock = asyncio.get_running_loop().time
        gap = LATER * self._settings.first_sound_s
        until, left = until or clock() + gap, self._settings.whole_line_s
        early: list[Word] = []
        try:
            while True:
                began = clock()
                try:
                    patience = FAREWELL_S if heard.whole else gap if heard.bytes else until - began
                    chunk = await _next(stream, min(left, patience))
                except VoiceError:
                    if heard.whole:  # all was said; the service only did not end in good order
                        return
                    raise
                left -= clock() - began
                if chunk is None:
                    break
                if "data" in chunk:
                    if not heard.bytes:
                        yield None
                        for word in early:
                            yield word
                    heard.bytes += len(chunk["data"])
                    yield Bytes(chunk["data"])
                else:
                    word = heard.word(chunk.get("text", ""), chunk.get("offset", 0), chunk.get("duration", 0))
                    if heard.bytes:
                        yield word
                    else:
                        early.append(word)
            if not heard.whole:
                raise VoiceError("edge: the sound was cut short")
        finally:
            wire.abort()  # the library would wait for the service's farewell
            await stream.aclose()

    def engine(self, language: str, manner: Manner) -> str:
        """The version is that of edge-tts: the service does not tell its own."""
        return f"edge-{_version()}/{_voice(language, manner)}"

    async def close(self) -> None:
        """Let go of the connections."""
        await self._gate.close()


@dataclass(slots=True)
class Heard:
    """What came of a line: a service that hangs up in the middle looks to the library like one that has finished."""

    text: str
    bytes: int = 0
    ends: float = 0.0
    """Seconds, when the last word does."""
    cursor: int = 0
    """The text up to here was said."""
    strayed: bool = False
    """The last word does not stand in the text, as when a number is told as it is read out."""

    def word(self, text: str, offset: float, duration: float) -> Word:
        """A word, from ticks to seconds."""
        word = Word(text, offset / TICKS_A_SECOND, duration / TICKS_A_SECOND)
        self.ends = max(self.ends, word.start + word.duration)
        at = self.text.find(text, self.cursor)
        self.strayed = at < 0
        if not self.strayed:
            self.cursor = at + len(text)
        return word

    @property
    def whole(self) -> bool:
        """Whether the last word of the text was told, and the sound reaches to its end."""
        told = self.strayed or not any(map(str.isalnum, self.text[self.cursor :]))
        return told and self.bytes > 0 and self.bytes / BYTES_A_SECOND + SLACK_S >= self.ends


async def _next(stream: "AsyncGenerator[TTSChunk]", seconds: float) -> "TTSChunk | None":
    """The next chunk; None at the end. Raises VoiceError, also after so many seconds."""
    from edge_tts.exceptions import EdgeTTSException

    try:
        async with asyncio.timeout(seconds):
            return await anext(stream, None)
    except TimeoutError as error:
        raise VoiceError(f"edge: silent for {max(0.0, seconds):.1f} s") from error
    # RuntimeError: a closed session; the others: what malformed frames make of the library.
    except (
        *(EdgeTTSException, aiohttp.ClientError, OSError, RuntimeError),
        *(ValueError, LookupError, TypeError, AttributeError),
    ) as error:
        raise VoiceError(f"edge: {_told(error)}") from error


def _told(error: Exception) -> str:
    """What went wrong; without the address of a refused request, in which a relay's key may stand."""
    if isinstance(error, aiohttp.ClientResponseError):
        return f"refused ({error.status})"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.host} cannot be reached ({error.os_error.strerror or error.os_error})"
    if isinstance(error, aiohttp.InvalidURL):
        return "the endpoint is no address"
    return f"{type(error).__name__}: {error}"


def _communicate(endpoint: str) -> "type[Communicate]":
    """The library's class; for a relay one whose address is the relay's.

    The address is a global of the library's module, so a relay gets a copy of that module for itself.
    """
    import edge_tts.communicate

    spec = find_spec("edge_tts.communicate")
    if not endpoint or not spec or not spec.loader:
        return edge_tts.communicate.Communicate
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module)["WSS_URL"] = address(endpoint)
    return module.Communicate


def address(endpoint: str) -> str:
    """A relay's whole address, which the library goes on with ``&``. Raises VoiceError."""
    from edge_tts.constants import TRUSTED_CLIENT_TOKEN

    try:
        url = URL(endpoint)
    except ValueError as error:
        raise VoiceError("edge: the endpoint is no address") from error
    url = url if url.path.strip("/") else url.with_path(PATH, keep_query=True)
    return str(url.update_query({"TrustedClientToken": TRUSTED_CLIENT_TOKEN, **url.query}))


def _sayable(text: str) -> str:
    """The text without what no XML can carry. Raises VoiceError when the service would have nothing to say."""
    said = text.encode("utf-8", "ignore").decode().translate({0xFFFE: " ", 0xFFFF: " "})
    if not any(map(str.isalnum, said)):
        raise VoiceError("edge: nothing to pronounce")
    if len(escape(said).encode()) > LONGEST:
        raise VoiceError("edge: too long for one request")
    return said


def _voice(language: str, manner: Manner) -> str:
    return (manner.edge_en if language == "en" else "") or manner.edge


@cache
def _version() -> str:
    return version("edge-tts")
