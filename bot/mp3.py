"""MP3 in and out, off the event loop.

Measured: what libsndfile writes carries LAME's gapless tag, which it, ffmpeg and browsers honour to the sample; a stream
without the tag (edge-tts) decodes everywhere with DELAY samples of nothing before its first sample.
"""

import asyncio
import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bot.pcm import RATE, Samples, mono, resampled

DELAY = 1105
"""Samples of encoder and decoder delay in a stream without a gapless tag."""
UNSURE = 1152
"""Samples at the end of a growing stream that more bytes may still change."""
NICE = 10


def _polite() -> None:
    """Give way to all other threads: encoding must not take the processor from sound that somebody waits for."""
    if sys.platform == "linux":  # elsewhere the whole process would give way
        os.nice(NICE)


_ENCODERS = ThreadPoolExecutor(2, "mp3", initializer=_polite)


class Mp3Error(Exception):
    """The bytes are no MP3."""


class Decoder:
    """Decodes a stream as it grows: again from its start each time it has grown by half, so the whole costs little."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.tried = self.given = 0

    async def feed(self, data: bytes) -> Samples:
        """The samples that became certain."""
        self.data += data
        if len(self.data) < max(720, self.tried * 3 // 2):
            return np.empty(0, np.int16)
        return await self._more(UNSURE)

    async def close(self) -> Samples:
        """The rest. Raises Mp3Error."""
        return await self._more(0)

    async def _more(self, unsure: int) -> Samples:
        self.tried = len(self.data)
        try:
            samples = await asyncio.to_thread(decoded, bytes(self.data))
        except Mp3Error:
            if unsure:  # too short yet
                return np.empty(0, np.int16)
            raise
        fresh = samples[self.given : max(self.given, len(samples) - unsure)]
        self.given += len(fresh)
        return fresh


def decoded(data: bytes) -> Samples:
    """All samples, mono at RATE. Raises Mp3Error."""
    import soundfile  # 15 MB that a text-only house never needs

    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise Mp3Error(str(error)) from error
    return resampled(mono(np.asarray(samples, np.int16)), rate)


async def encoded(samples: Samples) -> bytes:
    """MP3 of mono samples at RATE; a decoder that skips nothing gets them back to the sample."""
    return await asyncio.get_running_loop().run_in_executor(_ENCODERS, _encoded, samples)


def _encoded(samples: Samples) -> bytes:
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, samples, RATE, format="MP3", subtype="MPEG_LAYER_III")
    return out.getvalue()
