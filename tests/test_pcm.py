"""Samples of any rate, however they are cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pcm import RATE, Intake, Resampler, Samples, resampled


def tone(rate: int, hertz: float, seconds: float = 0.5) -> Samples:
    return np.rint(20000 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.int16)


def loudness(samples: Samples) -> float:
    """Root mean square, without the ends."""
    return float(np.sqrt(np.mean(samples[500:-500].astype(float) ** 2)))


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000])
def test_a_tone_stays_the_same_tone_at_the_same_time(rate: int) -> None:
    ours, asked = resampled(tone(rate, 1000), rate), tone(RATE, 1000)
    assert abs(len(ours) - len(asked)) <= 2
    shared = min(len(ours), len(asked))
    wrong = ours[:shared].astype(int) - asked[:shared]
    assert np.abs(wrong[500:-500]).max() < 20


@pytest.mark.parametrize("rate", [32000, 44100, 48000])
def test_what_is_too_high_for_our_rate_does_not_come_back_as_another_tone(rate: int) -> None:
    assert loudness(resampled(tone(rate, 15000), rate)) < 40


@given(st.lists(st.integers(1, 700), min_size=1, max_size=12), st.sampled_from([16000, 22050, 48000]))
def test_runs_have_no_seam(lengths: list[int], rate: int) -> None:
    whole = tone(rate, 440, sum(lengths) / rate)
    resampler, runs, at = Resampler(rate), list[Samples](), 0
    for length in lengths:
        runs.append(resampler.feed(whole[at : at + length]))
        at += length
    assert np.array_equal(
        np.concatenate((*runs, resampler.feed(whole[at:]), resampler.close())), resampled(whole, rate)
    )


@given(st.lists(st.integers(0, 9), max_size=20), st.sampled_from([1, 2, 3]))
def test_bytes_may_be_cut_anywhere(lengths: list[int], channels: int) -> None:
    samples = np.arange(60, dtype="<i2").repeat(channels)
    data, intake, at, heard = samples.tobytes(), Intake(RATE, channels), 0, list[Samples]()
    for length in lengths:
        heard.append(intake.feed(data[at : at + length]))
        at += length
    heard += [intake.feed(data[at:]), intake.close()]
    assert np.array_equal(np.concatenate(heard), np.arange(60))


def test_channels_become_their_mean() -> None:
    assert Intake(RATE, 2).feed(np.array([100, 300, -32768, -32768], "<i2").tobytes()).tolist() == [200, -32768]
