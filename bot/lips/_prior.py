"""Makes the table of how sounds sound in general, from espeak-ng's own labelled speech: ``python -m bot.lips._prior``.

For developers: the table is in the repository, and made anew when phonemes, parts or cepstra change.
"""

import asyncio
from collections.abc import Mapping

import numpy as np

from bot.clauses import clauses
from bot.lips._cepstra import CEPSTRA, HOP_S, RATE, Cepstra, spoken
from bot.lips._layout import spread
from bot.lips._sounds import PARTS, Key, Sounds, Tally, keys
from bot.lips._voicing import PRIOR
from bot.pcm import resampled
from bot.phonetics import Phonetics, Said, Timbre, Tuning
from bot.visemes import shapes

VOICES = {
    "en": ("", "f1", "f3", "f4", "m1", "m2", "m3", "m4", "m5", "m7", "klatt", "klatt2", "klatt3"),
    "zh": ("", "f1", "f3", "f4", "m1", "m3"),
}
"""Language → variants of espeak-ng; f2 and f5 are kept out, to be tested on."""
RATES = (170, 160, 180, 150)
SENTENCES = {
    "en": """The quick brown fox jumps over the lazy dog near the bank.
Please bring me a cup of coffee with a little sugar.
I wonder whether the train will arrive on time today.
She bought five yellow apples and a bottle of milk.
Do you think that we should go there together tomorrow?
His father works at a large hospital in the city.
There were thousands of people at the stadium last night.
Never judge a book by its cover, my mother always says.
The weather forecast promises sunshine and a gentle breeze.
A small boat was floating slowly down the river.
Could you tell me how much this jacket costs?
They usually have fish and potatoes for dinner on Friday.
My teacher asked me to read the whole chapter again.
Choose the shoes which you wish to wash first.
Our neighbours have just moved to a new house.
The judge gave a very unusual decision about the measure.
We enjoyed the music, the food and the friendly atmosphere.
Put the big box behind the blue door, please.""",
    "zh": """今天早上我去公园跑步，碰到了老同学。
请问去火车站应该坐几路公共汽车？
我妈妈做的红烧肉特别好吃。
这个周末我们打算去爬山看日出。
他每天晚上都要读半个小时的书。
北京的秋天天气很好，不冷也不热。
你能不能帮我把这封信寄出去？
老师让我们写一篇关于春节的文章。
小狗在院子里跑来跑去，高兴极了。
医生说他需要多休息，少喝酒。
图书馆里非常安静，大家都在学习。
我想学一门新的外语，比如法语或者日语。
昨天晚上的电影非常有意思，我笑了很久。
商店里的衣服又便宜又漂亮。
飞机因为大雾晚点了两个小时。
请把手机关掉，考试马上开始。
女儿过生日的时候，我送了她一辆自行车。
中国有很多不同的民族和语言。
他突然站起来，说出了自己的想法。
这条路窄，开车要小心一点儿。""",
}


async def learned() -> Sounds:
    """How sounds sound in the voices of espeak-ng."""
    tallies: dict[Key, Tally] = {}
    async with Phonetics() as phonetics:
        for language, variants in VOICES.items():
            for number, variant in enumerate(variants):
                tuning = Tuning(RATES[number % len(RATES)], 50, 50)
                for text in SENTENCES[language].splitlines():
                    spoken_ = [
                        await phonetics.say(clause, language, Timbre(variant, tuning, tuning))
                        for clause in clauses(text)
                    ]
                    for key, tally in _tallied(spoken_).items():
                        tallies.setdefault(key, Tally()).join(tally)
    return Sounds.of(tallies)


def _tallied(said: list[Said]) -> Mapping[Key, Tally]:
    """What is heard of each sound in a sentence."""
    cepstra = Cepstra()
    offsets: list[float] = []
    for clause in said:
        offsets.append(cepstra.count * HOP_S)
        samples = resampled(np.frombuffer(clause.pcm, "<i2"), clause.rate)
        whole = len(samples) // round(HOP_S * RATE) * round(HOP_S * RATE)
        cepstra.feed(samples[:whole].tobytes())
    cepstra.close()
    frames = cepstra.frames().copy()
    frames[:, :CEPSTRA] -= spoken(frames)[:, :CEPSTRA].mean(0)
    tallies: dict[Key, Tally] = {}
    for clause, offset in zip(said, offsets, strict=True):
        for sounding in clause.soundings:
            for phone in sounding.phones:
                several = shapes(phone.ipa)
                placed = spread(several, offset + phone.start, offset + phone.start + phone.duration)
                for shape, viseme in zip(several, placed, strict=True):
                    cuts = [round((viseme.start + viseme.duration * part / PARTS) / HOP_S) for part in range(PARTS + 1)]
                    for (key, kind), begin, end in zip(keys(shape), cuts, cuts[1:], strict=False):
                        if begin < end <= len(frames):
                            tallies.setdefault(key, Tally()).add(frames[begin:end])
                            tallies.setdefault(kind, Tally()).add(frames[begin:end])
    return tallies


def main() -> None:
    """Write the table."""
    sounds = asyncio.run(learned())
    names = sorted(sounds.means)
    np.savez_compressed(
        PRIOR,
        allow_pickle=False,
        names=np.array(names),
        means=np.array([sounds.means[name] for name in names]).astype(np.float16),
        spreads=np.array([sounds.spreads[name] for name in names]).astype(np.float16),
    )
    print(f"{PRIOR.name}: {len(names)} parts of sounds, {PRIOR.stat().st_size >> 10} kB")


if __name__ == "__main__":
    main()
