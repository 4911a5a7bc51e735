"""Retrieval over a small set of entries: what is found, in which band, and what may be chosen from."""

from collections.abc import Sequence

import pytest

from bot.grams import grams, topical
from bot.knowledge.index import FAQ, Index
from bot.retrieval import Band, Hit, Item, ask, band, options

SHOP = [
    Item("hours", ("你们几点开门", "营业时间", "When do you open?"), "茶馆每天早上九点开门，晚上八点打烊。", "zh"),
    Item("parking", ("有停车场吗", "停车收费吗"), "门口有十个免费车位，先到先停。", "zh"),
    Item("pets", ("可以带狗吗", "宠物能进吗"), "院子里可以带牵绳的狗，屋里不行。", "zh"),
    Item("wifi", ("wifi密码是多少", "怎么上网"), "网络名 TeaHouse，密码写在杯垫背面。", "zh"),
    Item("refund", ("茶叶可以退吗", "怎么退货"), "没拆封的七天内可以退，运费您出。", "zh"),
    Item("refund-course", ("课程可以退钱吗", "茶艺课怎么取消"), "开课前两天取消全额退。", "zh"),
    Item("price", ("喝茶多少钱一位", "人均消费"), "一位六十八元，含一壶茶和两样点心。", "zh"),
    Item("book", ("怎么订位子", "需要预约吗"), "公众号里点“订座”，当天有空也可以直接来。", "zh"),
    Item("job", ("你们招人吗", "应聘"), "在招茶艺师，简历发到店里就行。", "zh"),
    Item("hours-en", ("What are your opening hours?", "When are you open?"), "From nine to eight, every day.", "en"),
    Item("dogs-en", ("Are dogs allowed?",), "In the yard, on a leash.", "en"),
]


def indexed(items: Sequence[Item]) -> Index:
    """An index in memory."""
    index = Index()
    index.replace(FAQ, "", items)
    return index


INDEX = indexed(SHOP)


def asked(question: str, language: str = "zh") -> tuple[Band, list[Hit]]:
    hits = ask(INDEX, question, language)
    return band(hits), hits


def test_grams_are_hanzi_alone_and_in_pairs_and_words_whole() -> None:
    assert sorted(grams("ＷＩＦＩ密码，ok")) == sorted(["wifi", "密", "码", "密码", "ok"])
    assert not topical("多少")
    assert not topical("what")
    assert topical("停车")
    assert topical("wifi")


@pytest.mark.parametrize("item", SHOP, ids=lambda item: item.id)
def test_every_wording_finds_its_entry(item: Item) -> None:
    for wording in item.wordings:
        for asked_so in (wording, f"请问{wording}呢" if item.language == "zh" else f"so, {wording.lower()} thanks"):
            found, hits = asked(asked_so, item.language)
            assert found == "answer"
            assert hits[0].item.answer == item.answer or hits[0].item.id.startswith(item.id)


@pytest.mark.parametrize(
    ("question", "id"),
    [
        ("停车要钱吗", "parking"),
        ("狗狗能带进去吗", "pets"),
        ("你们家wifi怎么连", "wifi"),
        ("早上几点营业", "hours"),
        ("茶艺课想取消", "refund-course"),
        ("are dogs ok", "dogs-en"),
    ],
)
def test_other_words_find_the_entry_among_the_first_three(question: str, id: str) -> None:
    assert id in [hit.item.id for hit in ask(INDEX, question, "en" if question.isascii() else "zh")[:3]]


@pytest.mark.parametrize("question", ["红烧肉怎么做", "世界上最高的山是哪座", "who won the world cup", "！！", ""])
def test_what_nobody_wrote_down_is_not_answered(question: str) -> None:
    assert asked(question)[0] != "answer"


def test_a_question_between_two_entries_is_a_choice() -> None:
    found, hits = asked("可以退吗我不想要了")
    assert found in ("suggest", "answer")
    offered = options(hits, "zh")
    assert {"茶叶可以退吗", "课程可以退钱吗"} <= set(offered)
    assert len(offered) <= 3


def test_the_questions_language_is_preferred() -> None:
    assert ask(INDEX, "When are you open?", "en")[0].item.id == "hours-en"
    assert options(ask(INDEX, "open hours dogs 狗", "en"), "en")[0].isascii()


@pytest.mark.parametrize(
    ("question", "id"), [("is there any parking?", "parking"), ("can I get a refund for the class", "refund-course")]
)
def test_an_english_question_finds_a_chinese_entry(question: str, id: str) -> None:
    assert ask(INDEX, question, "en")[0].item.id == id


def test_an_english_word_of_the_notes_is_not_glossed() -> None:
    notes = indexed(
        [Item("bus", ("ev bus",), "It runs on power.", "en"), Item("car", ("充电桩在哪",), "在门口。", "zh")]
    )
    assert [hit.item.id for hit in ask(notes, "ev", "en")] == ["bus"]
    assert ask(notes, "charger", "en")[0].item.id == "car"


def test_an_index_of_nothing_knows_nothing() -> None:
    assert ask(indexed([]), "你好", "zh") == []
    assert band([]) == "unknown"
