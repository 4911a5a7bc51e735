"""Recordings that people send: judged by their bytes, never by their name, and decoded to samples off the event loop."""

import asyncio
import io
import struct
from itertools import chain

import numpy as np

from bot.pcm import RATE, Samples, mono, resampled

MEGABYTES = 10
"""Largest recording that is looked at."""
FRAME_S = 0.02
"""Seconds of a SILK frame or an AMR frame."""
AMR_SIZES = (13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1)
"""Bytes of an AMR-NB frame by the type in its first byte (RFC 4867 §5.3)."""
AMR = b"#!AMR\n"
SILK = b"#!SILK_V3"
ENOUGH = asyncio.Semaphore(2)
"""Recordings decoded at once: sound that somebody waits for must not starve."""


class BadRecording(ValueError):
    """The bytes are no recording we can read."""


class TooLong(BadRecording):
    """It lasts longer than anybody will listen."""


class NoDecoder(BadRecording):
    """The format needs an optional part that is not installed."""


def kind(data: bytes) -> str:
    """``silk``, ``amr``, ``mp3``, ``wav``, ``ogg``, ``flac``, ``m4a``, or empty for what is no sound we know."""
    head = data[:12]
    if head.startswith((SILK, b"\x02" + SILK)):
        return "silk"
    if head.startswith((AMR, b"#!AMR-WB\n")):
        return "amr"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06):
        return "mp3"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "m4a"
    return {b"OggS": "ogg", b"fLaC": "flac"}.get(head[:4], "")


def seconds(data: bytes) -> float | None:
    """How long a SILK or AMR recording lasts, by counting its frames; None for other formats."""
    match kind(data):
        case "silk":
            return _silk_frames(data) * FRAME_S
        case "amr" if data.startswith(AMR):
            at, frames = len(AMR), 0
            while at < len(data):
                at += AMR_SIZES[data[at] >> 3 & 0x0F]
                frames += 1
            return frames * FRAME_S
        case _:
            return None


def _silk_frames(data: bytes) -> int:
    at = data.index(SILK) + len(SILK)
    frames = 0
    while at + 2 <= len(data):
        (size,) = struct.unpack_from("<h", data, at)
        if size < 0:
            break
        at += 2 + size
        frames += 1
    return frames


async def decoded(data: bytes, longest_s: float) -> Samples:
    """A recording's samples, mono at our rate. Raises BadRecording, TooLong and NoDecoder."""
    if len(data) > MEGABYTES * 2**20:
        raise TooLong(f"{len(data) >> 20} MB")
    told = seconds(data)
    if told and told > longest_s:
        raise TooLong(f"{told:.0f} s")
    async with ENOUGH:
        samples = await asyncio.to_thread(_decoded, data, longest_s)
    if len(samples) == 0:
        raise BadRecording("no sound in it")
    return samples


def _decoded(data: bytes, longest_s: float) -> Samples:
    match kind(data):
        case "silk":
            return _silk(data)
        case "mp3" | "wav" | "ogg" | "flac":
            return _file(data, longest_s)
        case "amr" | "m4a":
            return _av(data, longest_s)
        case _:
            raise BadRecording("no format we know")


def _silk(data: bytes) -> Samples:
    import pysilk

    out = io.BytesIO()
    try:
        pysilk.decode(io.BytesIO(data), out, RATE)
    except pysilk.SilkError as error:
        raise BadRecording(f"SILK: {error}") from error
    return np.frombuffer(out.getvalue(), "<i2").astype(np.int16)


def _file(data: bytes, longest_s: float) -> Samples:
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            if file.frames > longest_s * file.samplerate:
                raise TooLong(f"{file.frames / file.samplerate:.0f} s")
            samples = file.read(int(longest_s * file.samplerate), dtype="int16", always_2d=True)
            rate = file.samplerate
    except soundfile.LibsndfileError as error:
        raise BadRecording(str(error)) from error
    return resampled(mono(np.asarray(samples, np.int16)), rate)


def _av(data: bytes, longest_s: float) -> Samples:
    try:
        import av
    except ImportError as error:
        raise NoDecoder("amr") from error
    import av.error

    pieces: list[Samples] = []
    length = 0
    try:
        with av.open(io.BytesIO(data), "r", metadata_errors="ignore") as file:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in chain(file.decode(audio=0), (None,)):
                for part in resampler.resample(frame):
                    pieces.append(np.asarray(part.to_ndarray(), np.int16).reshape(-1))
                    length += part.samples
                if length > longest_s * RATE:
                    raise TooLong(f"more than {longest_s:.0f} s")
    except (av.error.FFmpegError, IndexError) as error:
        raise BadRecording(f"{type(error).__name__}: {error}") from error
    return np.concatenate(pieces) if pieces else np.empty(0, np.int16)
