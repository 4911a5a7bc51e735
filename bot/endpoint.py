"""Endpointing: where in an open microphone somebody begins and ends to speak, and that it is not she herself."""

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from bot.pcm import Samples
from bot.vad import RATE, WINDOW

WINDOW_S = WINDOW / RATE
SURE, START, STAY = 0.8, 0.5, 0.35
"""From which likelihood on somebody surely begins to speak, probably does, and goes on speaking. Noise stays below 0.3."""
ONSET = 2
"""Windows in a row in which somebody probably speaks that make a beginning; of sure ones, one does."""
BEFORE = round(0.3 / WINDOW_S)
"""Windows from before the beginning that belong to it: a soft consonant is not recognised as voice at once."""
EARLY_S = 0.2
"""A silence this long may be the end already."""
LEAST_S = 0.13
"""Less voice than this is no word."""
AFTER_S = 0.2
"""Silence kept at the end."""
LONGEST_S = 60.0
"""Longer speech is cut here."""
MARGIN = 2.0
"""How much louder than her echo the user must be (6 dB)."""
LEARNING = 10
"""Windows of her sound by which the echo in a room is learned."""


class Sign(StrEnum):
    """What happened in the microphone."""

    VOICE = "voice"
    """Somebody begins to speak."""
    PAUSE = "pause"
    """A short silence: perhaps the end."""
    ON = "on"
    """It was not: they go on."""
    END = "end"
    """They have spoken."""
    FALSE = "false"
    """It was no speech after all."""


@dataclass(slots=True)
class Echo:
    """How loud she comes back out of the loudspeaker into the microphone, learned as she speaks."""

    coupling: float = 0.0
    """Level in the microphone per level of what is played."""
    heard: int = 0
    """Windows it was learned from."""
    recent: deque[float] = field(default_factory=lambda: deque([0.0], round(0.25 / WINDOW_S)))
    """What was played lately: sound takes a while through loudspeaker, room and buffers."""

    def drowns(self, level: float, played: float) -> bool:
        """Whether a window of this level (RMS of 1) may be nothing but her, while ``played`` comes out."""
        self.recent.append(played)
        loudest = max(self.recent)
        if loudest < 0.002:
            return False
        share = level / loudest
        if self.heard < LEARNING:
            self.heard += 1
            self.coupling = max(self.coupling, share)
            return True
        if share > MARGIN * self.coupling:
            return False
        self.coupling += (share - self.coupling) * (0.1 if share > self.coupling else 0.005)
        return True


@dataclass(slots=True)
class Endpointer:
    """Cuts a stream of windows into what was said."""

    pause_s: float
    """Silence that ends an utterance."""
    echo: Echo = field(default_factory=Echo)
    speaking: bool = False
    _before: deque[Samples] = field(default_factory=lambda: deque[Samples](maxlen=BEFORE + 1))
    _said: list[Samples] = field(default_factory=list[Samples])
    _run: int = 0
    _voiced: int = 0
    _silent: int = 0

    def feed(self, window: Samples, likelihood: float, played: float = 0.0) -> Sign | None:
        """Take the next window; ``played`` is the level (RMS of 1) of what she sounds like at the page meanwhile."""
        level = float(np.sqrt(np.mean(np.square(window.astype(np.float32) / 32768))))
        drowned = self.echo.drowns(level, played)
        if not self.speaking:
            return self._wait(window, 0.0 if drowned else likelihood)
        self._said.append(window)
        return self._follow(likelihood > STAY and not drowned)

    def taken(self) -> Samples:
        """What was said, from a little before its beginning to a little after its end; so far, while it goes on."""
        extra = max(0, self._silent - round(AFTER_S / WINDOW_S))
        said = self._said[: len(self._said) - extra]
        return np.concatenate(said) if said else np.empty(0, np.int16)

    def _wait(self, window: Samples, likelihood: float) -> Sign | None:
        self._before.append(window)
        self._run = self._run + 1 if likelihood > START else 0
        if likelihood <= SURE and self._run < ONSET:
            return None
        self.speaking, self._run, self._silent, self._voiced = True, 0, 0, 1
        self._said = list(self._before)
        self._before.clear()
        return Sign.VOICE

    def _follow(self, voiced: bool) -> Sign | None:
        if voiced:
            paused, self._silent = self._silent * WINDOW_S >= EARLY_S, 0
            self._voiced += 1
            if len(self._said) * WINDOW_S >= LONGEST_S:
                return self._ended()
            return Sign.ON if paused else None
        self._silent += 1
        silent_s = self._silent * WINDOW_S
        if self._voiced * WINDOW_S < LEAST_S and silent_s >= EARLY_S:
            self.speaking = False
            return Sign.FALSE
        if silent_s >= self.pause_s:
            return self._ended()
        return Sign.PAUSE if silent_s - WINDOW_S < EARLY_S <= silent_s else None

    def _ended(self) -> Sign:
        self.speaking = False
        return Sign.END
