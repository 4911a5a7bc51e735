"""Phonemes become mouth shapes."""

import pytest

from bot.lips import VISEMES
from bot.visemes import CONSONANTS, VOWELS, shapes


def names(ipa: str) -> list[str]:
    return [shape.name for shape in shapes(ipa)]


@pytest.mark.parametrize(
    ("ipa", "mouth"),
    [
        ("p", ["PP"]),
        ("pʰ", ["PP"]),
        ("m", ["PP"]),
        ("f", ["FF"]),
        ("ʂ", ["CH"]),
        ("ʈʂʰ", ["CH"]),
        ("tɕʰ", ["SS"]),
        ("ʐ", ["RR"]),
        ("ˈy", ["U"]),
        ("yɛ", ["U", "E"]),
        ("ɚ", ["RR"]),
        ("ɑːɹ", ["aa", "RR"]),
        ("ˈaɪ", ["aa", "I"]),
        ("oʊ", ["O", "U"]),
        ("uai", ["U", "aa", "I"]),
        ("ʊŋ", ["U", "kk"]),
        ("iː", ["I"]),
        ("", []),
        ("☃", []),
    ],
)
def test_shapes(ipa: str, mouth: list[str]) -> None:
    assert names(ipa) == mouth


def test_every_shape_is_one_of_the_fifteen_with_a_length_and_a_weight() -> None:
    phonemes = " ".join([*(row[2] for row in CONSONANTS.values()), *VOWELS.values()]).split()
    for phoneme in phonemes:
        for shape in shapes(phoneme):
            assert shape.name in VISEMES
            assert 20 <= shape.ms <= 200
            assert 0.5 <= shape.weight <= 1


def test_stress_opens_the_mouth_longer_and_wider() -> None:
    assert shapes("ˈɑ")[0].ms > shapes("ɑ")[0].ms
    assert shapes("ˈɑ")[0].weight > shapes("ɑ")[0].weight > shapes("ə")[0].weight


def test_a_rising_diphthong_leans_on_its_end_and_a_falling_one_on_its_beginning() -> None:
    rising, falling = shapes("uo"), shapes("au")
    assert rising[0].ms < rising[1].ms
    assert falling[0].ms > falling[1].ms
