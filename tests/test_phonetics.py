"""The phonetics worker: what it reads, how it dies, and that it leaves nobody behind."""

import asyncio
import os
import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from bot.clauses import clauses
from bot.phonetics import Phonetics, PhoneticsError, Timbre, Tuning
from bot.phonetics_worker.wire import Frames, pack
from tests.fakes import soon

ROOT = Path(__file__).resolve().parents[1]


async def ipa(phonetics: Phonetics, text: str, language: str = "zh") -> str:
    """Phonemes of a text, a space between words, stress left out."""
    soundings = await phonetics.read(text, language)
    words = ("".join(phone.ipa for phone in sounding.phones) for sounding in soundings)
    return " ".join(words).replace("ˈ", "").replace("ˌ", "")


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("你好", "ni xɑu"),
        ("今天", "tɕin tʰiɛn"),
        ("妈妈", "mɑ mɑ"),
        ("不怕", "pu pʰɑ"),
        ("北京", "pei tɕiŋ"),
        ("雨", "jy"),
        ("二", "ɚ"),
        ("一会儿", "ji xu ɚ"),
        ("还没还钱", "xai mei xuan tɕʰiɛn"),
        ("重庆", "ʈʂʰʊŋ tɕʰiŋ"),
        ("银行", "jin xɑŋ"),
        ("行走", "ɕiŋ tsou"),
        ("长大的长江", "ʈʂɑŋ tɑ tə ʈʂʰɑŋ tɕiɑŋ"),
        ("一点儿", "ji tiɑ ɚ"),
        ("女儿", "ny ɚ"),
        ("说得慢", "ʂwo tə man"),
        ("我得走", "wo tei tsou"),
        ("狗熊", "kou ɕijʊŋ"),
        ("嗯", "ən"),
        ("绿", "ly"),
        ("四十", "si̪ ʂʅ"),
    ],
)
async def test_mandarin_is_read_in_context(phonetics: Phonetics, text: str, sounds: str) -> None:
    assert await ipa(phonetics, text) == sounds.replace("si̪", "sɿ")


async def test_english_is_read_by_the_american_voice(phonetics: Phonetics) -> None:
    assert await ipa(phonetics, "Hello world", "en") == "həloʊ wɜːld"
    assert await ipa(phonetics, "can't dance", "en") == "kænt dæns"


async def test_mixed_lines_keep_their_order_and_places(phonetics: Phonetics) -> None:
    soundings = await phonetics.read("我用Python写AI", "zh")
    assert [(each.text, each.at) for each in soundings] == [
        *[("我", 0), ("用", 1), ("Python", 2), ("写", 8), ("AI", 9)]
    ]
    assert "".join(phone.ipa for phone in soundings[2].phones) == "paɪθən"


async def test_latin_words_in_mandarin_are_english_even_where_they_look_like_pinyin(phonetics: Phonetics) -> None:
    assert await ipa(phonetics, "我can说") == "wo kan ʂwo"
    assert (await ipa(phonetics, "他说me")).endswith("miː")


async def test_a_name_in_hanzi_within_an_english_line(phonetics: Phonetics) -> None:
    soundings = await phonetics.read("I love 北京 very much", "en")
    assert [each.text for each in soundings] == ["I", "love", "北", "京", "very", "much"]
    assert soundings[3].phones[-1].ipa == "ŋ"


async def test_numbers_are_said_in_the_language_of_the_line(phonetics: Phonetics) -> None:
    assert await ipa(phonetics, "我有3个") == "wo jiou san kɤ"
    assert await ipa(phonetics, "3 cups of 茶", "en") == "θɹiː kʌps ʌv ʈʂʰɑ"
    assert await ipa(phonetics, "3") == "san"


async def test_quotes_do_not_change_how_hanzi_are_read(phonetics: Phonetics) -> None:
    assert (await ipa(phonetics, "他“还没还钱”")).endswith("xai mei xuan tɕʰiɛn")
    assert (await ipa(phonetics, "他 一会儿 来")) == "tʰɑ ji xu ɚ lai"


async def test_raw_digits_and_full_width_letters_are_spoken(phonetics: Phonetics) -> None:
    soundings = await phonetics.read("我有123个，ＡＩ也有", "zh")
    assert [(each.text, each.at) for each in soundings] == [
        *[("我", 0), ("有", 1), ("123", 2), ("个", 5), ("ＡＩ", 7), ("也", 9), ("有", 10)]
    ]
    assert len(soundings[2].phones) > 8


@pytest.mark.parametrize("syllables", ["兄胸熊", "穷琼", "窘炯", "嗯呣哼", "翁嗡"])
async def test_no_syllable_falls_into_english(phonetics: Phonetics, syllables: str) -> None:
    for hanzi in syllables:
        (sounding,) = await phonetics.read(hanzi, "zh")
        assert 1 <= len(sounding.phones) <= 4


async def test_phonemes_stand_in_order_and_clauses_part_by_their_pauses(phonetics: Phonetics) -> None:
    soundings = await phonetics.read("妈妈，不怕。好", "zh")
    phones = [phone for sounding in soundings for phone in sounding.phones]
    for before, after in pairwise(phones):
        assert before.start + before.duration <= after.start + 1e-6
    assert [sounding.pause > 0 for sounding in soundings] == [False, True, False, True, True]
    assert soundings[2].start - soundings[1].start - soundings[1].duration >= soundings[1].pause


async def test_a_stop_begins_with_its_closure(phonetics: Phonetics) -> None:
    (sounding,) = await phonetics.read("apart", "en")
    stop = next(phone for phone in sounding.phones if phone.ipa == "p")
    assert stop.duration >= 0.05


async def test_said_clauses_bring_their_sound(phonetics: Phonetics) -> None:
    (clause,) = clauses("你好")
    calm = await phonetics.say(clause, "zh", Timbre("f3"))
    fast = await phonetics.say(clause, "zh", Timbre("f3", mandarin=Tuning(rate=300)))
    last = calm.soundings[-1]
    assert 0 < last.start + last.duration <= len(calm.pcm) / 2 / calm.rate
    assert len(fast.pcm) < 0.8 * len(calm.pcm)


async def test_an_unknown_variant_is_an_error_of_that_request_alone(phonetics: Phonetics) -> None:
    (clause,) = clauses("你好")
    with pytest.raises(PhoneticsError, match="no-such"):
        await phonetics.say(clause, "zh", Timbre("../no-such"))
    assert await ipa(phonetics, "你好") == "ni xɑu"


async def test_hostile_text_is_read_or_left_out(phonetics: Phonetics) -> None:
    for text in ("", "\x00", "\ud800\udfff", "😂🎉", "\u202e\u200b", "ﷺ", "안녕", "㐂"):
        assert await phonetics.read(text, "zh") == ()
    assert await ipa(phonetics, "\x00你\ud800\x07好\u202e") == "ni xɑu"
    assert await ipa(phonetics, "[[x]] <voice name='x'>hi</voice>", "en") != ""


async def test_a_hundred_thousand_characters_do_not_stop_the_others(phonetics: Phonetics) -> None:
    flood = asyncio.ensure_future(phonetics.read("x" * 100_000, "en"))
    assert await soon(ipa(phonetics, "你好")) == "ni xɑu"
    flood.cancel()
    assert await soon(ipa(phonetics, "雨")) == "jy"


async def test_twenty_at_once_get_their_own_answers(phonetics: Phonetics) -> None:
    texts = ["一", "二", "三", "四", "五"] * 4
    alone = [await ipa(phonetics, text) for text in texts[:5]]
    assert await asyncio.gather(*(ipa(phonetics, text) for text in texts)) == alone * 4


async def test_what_somebody_waits_for_overtakes_what_is_ahead(phonetics: Phonetics) -> None:
    (ahead,) = clauses("今天天气不错我们出去走走吧")
    later = [asyncio.ensure_future(phonetics.say(ahead, "zh", Timbre("f3"))) for _ in range(100)]
    await asyncio.sleep(0)
    await soon(phonetics.say(ahead, "zh", Timbre("f3"), first=True))
    assert sum(each.done() for each in later) < 75
    await soon(asyncio.gather(*later))


def test_the_engine_stays_out_of_the_bot() -> None:
    """espeak-ng is GPL: only the worker's process loads it."""
    code = "import sys, bot.phonetics, bot.voice.espeak, bot.lips.phonemes; print('espeakng_loader' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


async def test_the_worker_starts_late_and_only_once() -> None:
    async with Phonetics() as phonetics:
        assert phonetics.process is None
        await asyncio.gather(phonetics.warm(), phonetics.warm(), ipa(phonetics, "好"))
        assert phonetics.process is not None
        process = phonetics.process
        await phonetics.warm()
        assert phonetics.process == process
    assert not Path(f"/proc/{process}").exists()


async def test_a_killed_worker_fails_its_requests_and_the_next_one_starts_another() -> None:
    async with Phonetics() as phonetics:
        await phonetics.warm()
        process = phonetics.process
        assert process
        running = [asyncio.ensure_future(phonetics.read("天" * 20_000, "zh")) for _ in range(3)]
        await asyncio.sleep(0)
        os.kill(process, signal.SIGKILL)
        for each in running:
            with pytest.raises(PhoneticsError):
                await soon(each)
        assert await soon(ipa(phonetics, "你好")) == "ni xɑu"
        assert phonetics.process != process


async def test_a_worker_that_only_dies_is_left_alone_for_a_while() -> None:
    now = 100.0
    async with Phonetics(clock=lambda: now) as phonetics:
        for _ in range(3):
            asking = asyncio.ensure_future(phonetics.read("好", "zh"))
            async with asyncio.timeout(10):
                while phonetics.process is None:
                    await asyncio.sleep(0.001)
            os.kill(phonetics.process, signal.SIGKILL)
            with pytest.raises(PhoneticsError, match="died"):
                await soon(asking)
        with pytest.raises(PhoneticsError, match="rests"):
            await phonetics.read("好", "zh")
        now += 1.5
        assert await soon(ipa(phonetics, "好")) == "xɑu"


async def test_nobody_asks_a_closed_house() -> None:
    async with Phonetics() as phonetics:
        await phonetics.warm()
    with pytest.raises(PhoneticsError):
        await phonetics.read("好", "zh")


PARENT = """
import asyncio
from bot.phonetics import Phonetics
async def main():
    async with Phonetics() as phonetics:
        await phonetics.read("hi", "en")
        print(phonetics.process, flush=True)
        await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_the_worker_goes_with_its_parent() -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout
    worker = int(await soon(parent.stdout.readline()))
    assert _runs(worker)
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(10):
        while _runs(worker):
            await asyncio.sleep(0.01)


def _runs(process: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def test_the_worker_stays_small(phonetics: Phonetics) -> None:
    await phonetics.warm()
    status = Path(f"/proc/{phonetics.process}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    assert resident < 60 * 1024


def test_frames_come_whole_however_the_pipe_cuts_them() -> None:
    sent = pack({"id": 1, "text": "好"}, b"\x00\x01") + pack({"id": 2})
    for size in (1, 3, 7, len(sent)):
        frames = Frames()
        got = [frame for at in range(0, len(sent), size) for frame in frames.feed(sent[at : at + size])]
        assert got == [({"id": 1, "text": "好"}, b"\x00\x01"), ({"id": 2}, b"")]


def test_noise_is_no_frame() -> None:
    with pytest.raises(ValueError, match="not a frame"):
        list(Frames().feed(b"\xff" * 64))
