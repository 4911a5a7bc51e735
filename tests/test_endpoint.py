"""Endpointing: where speech begins and ends, false starts, and her own echo."""

import numpy as np
import pytest

from bot.endpoint import BEFORE, LONGEST_S, WINDOW_S, Endpointer, Sign
from bot.pcm import Samples
from bot.vad import WINDOW

Fed = tuple[float, float, float]
"""Likelihood, level, level of what is played."""


def windows(seconds: float, likelihood: float, level: float = 0.1, played: float = 0.0) -> list[Fed]:
    return [(likelihood, level, played)] * round(seconds / WINDOW_S)


def sound(level: float) -> Samples:
    return np.full(WINDOW, round(level * 32768), np.int16)


def signs(endpoint: Endpointer, *fed: list[Fed]) -> list[tuple[Sign, float]]:
    """What happened, and when."""
    found: list[tuple[Sign, float]] = []
    for number, (likelihood, level, played) in enumerate([each for part in fed for each in part]):
        if sign := endpoint.feed(sound(level), likelihood, played):
            found.append((sign, (number + 1) * WINDOW_S))
    return found


QUIET = windows(1.0, 0.05, 0.001)


def names(found: list[tuple[Sign, float]]) -> list[Sign]:
    return [sign for sign, _ in found]


def test_speech_begins_at_once_and_ends_after_the_pause() -> None:
    found = signs(Endpointer(0.5), QUIET, windows(1.0, 0.9), QUIET)
    assert names(found) == [Sign.VOICE, Sign.PAUSE, Sign.END]
    began, paused, ended = (at - 1.0 for _, at in found)
    assert began < 0.1
    assert (paused, ended) == (pytest.approx(1.2, abs=0.06), pytest.approx(1.5, abs=0.06))


def test_what_was_said_has_its_soft_beginning_and_little_silence_after() -> None:
    endpoint = Endpointer(0.5)
    signs(endpoint, QUIET, windows(1.0, 0.9, 0.3), QUIET)
    said = np.abs(endpoint.taken().astype(int)) > 3000
    assert np.flatnonzero(said)[0] == BEFORE * WINDOW
    assert (len(said) - np.flatnonzero(said)[-1]) / 16000 < 0.25


def test_a_breath_within_a_sentence_is_no_end() -> None:
    found = signs(Endpointer(0.5), windows(0.6, 0.9), windows(0.3, 0.1), windows(0.6, 0.9), QUIET)
    assert names(found) == [Sign.VOICE, Sign.PAUSE, Sign.ON, Sign.PAUSE, Sign.END]


def test_noise_is_nothing_and_a_blip_a_false_start() -> None:
    assert signs(Endpointer(0.5), QUIET, windows(0.3, 0.2, 0.6), QUIET) == []
    assert signs(Endpointer(0.5), QUIET, windows(0.032, 0.7), QUIET) == []
    assert names(signs(Endpointer(0.5), QUIET, windows(0.1, 0.9), QUIET)) == [Sign.VOICE, Sign.FALSE]


def test_endless_speech_is_cut() -> None:
    found = signs(Endpointer(0.5), windows(LONGEST_S + 1, 0.9))
    assert names(found) == [Sign.VOICE, Sign.END, Sign.VOICE]
    assert found[1][1] <= LONGEST_S + 0.1


def test_her_own_echo_is_not_the_user() -> None:
    endpoint = Endpointer(0.5)
    loud, soft = windows(1.0, 0.95, 0.06, 0.2), windows(1.0, 0.95, 0.03, 0.1)
    assert signs(endpoint, QUIET, loud, soft, loud, QUIET) == []


def test_the_user_is_heard_over_her_echo() -> None:
    endpoint = Endpointer(0.5)
    echo = windows(1.0, 0.95, 0.05, 0.2)
    found = signs(endpoint, QUIET, echo, windows(0.6, 0.95, 0.2, 0.2), windows(1.0, 0.05, 0.001, 0.0))
    assert names(found)[0] is Sign.VOICE
    assert found[0][1] - 2.0 < 0.1


def test_the_echo_of_a_louder_room_is_learned_anew() -> None:
    endpoint = Endpointer(0.5)
    signs(endpoint, windows(1.0, 0.95, 0.02, 0.2))
    signs(endpoint, windows(2.0, 0.2, 0.035, 0.2))
    assert signs(endpoint, windows(1.0, 0.95, 0.06, 0.2)) == []
