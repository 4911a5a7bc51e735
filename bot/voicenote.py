"""Voice notes: what she said becomes a file a channel takes, off the event loop."""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bot import mp3
from bot.pcm import RATE, Samples

TYPES = {"mp3": "audio/mpeg", "amr": "audio/amr", "silk": "audio/silk"}
"""MIME type of each format."""
SILK_FRAME = RATE // 50
"""Samples of a SILK frame; a rest shorter than one would be dropped."""
AMR_RATE, AMR_BITS = 8000, 12200
SILK_BITS = 24000
_ENCODERS = ThreadPoolExecutor(2, "voicenote")


MISSING = "缺少可选部分 {extra}：在 config/local-extras.txt 里写一行 {extra}，再运行 make run。 The optional part {extra} is not installed: add it to config/local-extras.txt, then make run."
"""What to tell the operator."""


class NoEncoder(Exception):
    """The format needs an optional part that is not installed."""


async def encoded(samples: Samples, format: str) -> bytes:
    """A voice note of mono samples at our rate. Raises NoEncoder."""
    if format == "mp3":
        return await mp3.encoded(samples)
    work = {"amr": _amr, "silk": _silk}[format]
    return await asyncio.get_running_loop().run_in_executor(_ENCODERS, work, samples)


def _silk(samples: Samples) -> bytes:
    import pysilk

    out = io.BytesIO()
    padded = np.pad(samples, (0, -len(samples) % SILK_FRAME))
    pysilk.encode(io.BytesIO(padded.astype("<i2").tobytes()), out, RATE, SILK_BITS, tencent=True)
    return out.getvalue()


def _amr(samples: Samples) -> bytes:
    try:
        import av
    except ImportError as error:
        raise NoEncoder("amr") from error
    out = io.BytesIO()
    with av.open(out, "w", format="amr") as file:
        stream = file.add_stream("libopencore_amrnb", rate=AMR_RATE, layout="mono")
        stream.bit_rate = AMR_BITS
        size = stream.codec_context.frame_size or AMR_RATE // 50
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=AMR_RATE, frame_size=size)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            for packet in stream.encode(part):
                file.mux(packet)
    return out.getvalue()
