"""Japanese lips: kana become phonemes, a text is recognised as Japanese, every word keeps its place."""

import pytest

from bot.phonetics import Phonetics
from bot.phonetics_worker import japanese


def ipa(kana: str) -> str:
    """The phonemes of katakana in one piece."""
    return "".join(each for each, _, _ in japanese.phonemes(kana))


@pytest.mark.parametrize(
    ("kana", "sounds"),
    [
        ("コンニチワ", "koɴnitɕiwa"),
        ("トーキョー", "tokjo"),
        ("シャシン", "ɕaɕiɴ"),
        ("ファイル", "ɸaiɾɯ"),
        ("ティー", "ti"),
        ("ヂヅヲ", "dʑizɯo"),
        ("ーッ", ""),
    ],
)
def test_kana_become_phonemes(kana: str, sounds: str) -> None:
    assert ipa(kana) == sounds


def test_a_long_vowel_lasts_and_a_held_consonant_closes_longer() -> None:
    short, long = japanese.phonemes("ト"), japanese.phonemes("トー")
    assert long[-1][2] == pytest.approx(2 * short[-1][2])
    plain, held = japanese.phonemes("キタ"), japanese.phonemes("キッタ")
    assert held[2][0] == plain[2][0] == "t"
    assert held[2][2] > plain[2][2] + 0.05


@pytest.mark.parametrize(
    ("digits", "kana"),
    [("0", "ゼロ"), ("10", "ジュー"), ("25", "ニジューゴ"), ("1204", "センニヒャクヨン"), ("007", "ゼロゼロナナ")],
)
def test_numbers_are_read(digits: str, kana: str) -> None:
    assert japanese.number(digits) == kana


@pytest.mark.anyio
async def test_a_japanese_text_is_read_in_words_at_their_places() -> None:
    text = "こんにちは、私は阿音です。東京でAIのことを3回話しました。"
    async with Phonetics() as phonetics:
        found = await phonetics.read(text, "zh")
    assert all(text[each.at : each.at + len(each.text)] == each.text for each in found)
    assert {"こんにちは", "私", "東京", "AI", "3"} <= {each.text for each in found}
    said = {each.text: "".join(phone.ipa for phone in each.phones) for each in found}
    assert said["こんにちは"] == "koɴnitɕiwa"
    assert said["私"] == "wataɕi"
    assert said["東京"] == "tokjo"
    starts = [phone.start for each in found for phone in each.phones]
    assert starts == sorted(starts)


HOSTILE = {
    "こん\x00にちは": "koɴnitɕiwa",
    "\ud800こんにちは": "koɴnitɕiwa",
    "あ゛っっーー": "a",
    "ー": "",
    "ﾊﾝｶｸｶﾅです": "haɴkakɯkanadesɯ",
    "１００です": "hjakɯdesɯ",
}


@pytest.mark.anyio
async def test_hostile_japanese_is_read_or_left_out() -> None:
    async with Phonetics() as phonetics:
        for text, sounds in HOSTILE.items():
            found = await phonetics.read(text, "zh")
            assert all(text[each.at : each.at + len(each.text)] == each.text for each in found)
            assert "".join(phone.ipa for each in found for phone in each.phones) == sounds


@pytest.mark.anyio
async def test_one_kana_on_a_chinese_sign_is_not_japanese() -> None:
    async with Phonetics() as phonetics:
        found = await phonetics.read("鲜の味道很好吃", "zh")
    assert "".join(phone.ipa for phone in found[0].phones).startswith("ɕ")
