"""The offline voice: espeak-ng in the phonetics worker, with exact word and phoneme times."""

import asyncio
from collections.abc import AsyncGenerator
from functools import cache
from importlib.metadata import version

import numpy as np

from bot.clauses import clauses
from bot.pcm import RATE, resampled
from bot.phonetics import Phonetics, PhoneticsError, Said, Timbre, Tuning
from bot.settings import VoiceSettings
from bot.voice import Bytes, Format, Manner, Phoneme, Spoke, Voice, VoiceError, Word

SLICE_S = 0.1
REVISION = 2
"""Goes up with every change of how she sounds, so that no cached line of before is played."""

MANDARIN_RATE, ENGLISH_RATE = 192, 138
MANDARIN_PITCH, MANDARIN_STEP_HZ = 66, 1.8
ENGLISH_PITCH, ENGLISH_STEP_HZ = 52, 2.0
RANGE = 55
"""Measured: 4.2 syllables a second and 170 words a minute, at 212 and 218 Hz, with the variant f3."""

LOUDNESS = 0.1
"""Root mean square of what sounds: -20 dBFS."""
QUIET = 0.01
KNEE = 0.7
"""Peaks above are rounded off instead of clipped."""
FADE_IN_S, FADE_OUT_S = 0.004, 0.02
END_S = 0.08
"""Silence after the last word, so that players do not cut its echo."""


def open(settings: VoiceSettings, phonetics: Phonetics) -> Voice:
    """The offline voice; needs no settings."""
    return EspeakVoice(phonetics)


class EspeakVoice:
    """Says lines without a network."""

    name = "espeak"
    reason = ""

    def __init__(self, phonetics: Phonetics) -> None:
        self._phonetics = phonetics

    async def warm(self) -> None:
        """Nothing of its own to load: the worker is everybody's."""

    async def speak(self, text: str, language: str, manner: Manner, *, first: bool = False) -> AsyncGenerator[Spoke]:
        """Stream a line clause by clause: its words and phonemes, then its sound. Raises VoiceError."""
        timbre, parts = _timbre(manner), clauses(text)
        at, gain, pause = 0.0, 0.0, 0.0
        for part in parts:
            try:
                said = await self._phonetics.say(part, language, timbre, first=first)
            except PhoneticsError as error:
                raise VoiceError(f"espeak: {error}") from error
            if not said.soundings:
                continue
            samples, gain = await asyncio.to_thread(_finish, said, gain)
            if at == 0.0:
                yield Format("pcm", RATE, self.engine(language, manner))
            else:
                yield Phoneme("", at, pause)
                yield Bytes(bytes(2 * round(pause * RATE)))
                at += round(pause * RATE) / RATE
            for each in _events(said, at):
                yield each
            for chunk in _slices(samples):
                yield Bytes(chunk)
            at, pause = at + len(samples) / 2 / RATE, part.pause
        if at == 0.0:
            raise VoiceError("espeak: nothing to pronounce")
        yield Bytes(bytes(2 * round(END_S * RATE)))

    def engine(self, language: str, manner: Manner) -> str:
        """The version is that of the package which carries espeak-ng, and ours."""
        return f"espeak-{_version()}.{REVISION}/{manner.espeak}"

    async def close(self) -> None:
        """Nothing to let go of: the worker belongs to the house."""


@cache
def _version() -> str:
    return version("espeakng-loader")


def _timbre(manner: Manner) -> Timbre:
    """A persona's manner in espeak-ng's terms."""
    faster = 1 + manner.rate / 100
    return Timbre(
        manner.espeak,
        mandarin=Tuning(
            _within(MANDARIN_RATE * faster, 80, 450), _pitch(MANDARIN_PITCH, manner, MANDARIN_STEP_HZ), RANGE
        ),
        english=Tuning(_within(ENGLISH_RATE * faster, 80, 450), _pitch(ENGLISH_PITCH, manner, ENGLISH_STEP_HZ), RANGE),
    )


def _pitch(base: int, manner: Manner, step_hz: float) -> int:
    return _within(base + manner.pitch / step_hz, 0, 99)


def _within(value: float, low: int, high: int) -> int:
    return max(low, min(high, round(value)))


def _events(said: Said, at: float) -> list[Spoke]:
    """A clause's words and phonemes on the line's clock, gaps between them as pauses."""
    events: list[Spoke] = []
    quiet_from = 0.0
    for sounding in said.soundings:
        events.append(Word(sounding.text, at + sounding.start, sounding.duration))
        for phone in sounding.phones:
            if phone.start - quiet_from > 0.02:
                events.append(Phoneme("", at + quiet_from, phone.start - quiet_from))
            events.append(Phoneme(phone.ipa, at + phone.start, phone.duration))
            quiet_from = phone.start + phone.duration
    return events


def _slices(pcm: bytes) -> list[bytes]:
    size = 2 * round(SLICE_S * RATE)
    return [pcm[at : at + size] for at in range(0, len(pcm), size)]


def _finish(said: Said, gain: float) -> tuple[bytes, float]:
    """A clause's sound at our rate and loudness, and the gain that made it so: one for the whole line."""
    samples = resampled(np.frombuffer(said.pcm, "<i2"), said.rate).astype(np.float32) / np.float32(32768)
    if not gain:
        loud = samples[np.abs(samples) > QUIET]
        gain = float(np.clip(LOUDNESS / np.sqrt(np.mean(loud**2)), 0.1, 8.0)) if len(loud) else 1.0
    samples *= gain
    for count, end in ((FADE_IN_S, samples), (FADE_OUT_S, samples[::-1])):
        ramp = np.linspace(0, 1, min(len(end), round(count * RATE)), dtype=np.float32)
        end[: len(ramp)] *= ramp
    above = np.abs(samples) - KNEE
    rounded = np.sign(samples) * (KNEE + (1 - KNEE) * np.tanh(np.maximum(above, 0) / (1 - KNEE)))
    return (np.where(above > 0, rounded, samples) * 32767).astype("<i2").tobytes(), gain
