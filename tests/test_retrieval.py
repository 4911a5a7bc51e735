"""Retrieval over a small set of entries: what is found, in which band, and what may be chosen from."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.grams import counted, grams, topical
from bot.knowledge.index import FAQ, Index
from bot.retrieval import READ, Band, Candidate, Hit, Item, Weights, ask, band, length, options, written

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


def hit(id: str, wording: str, file: str = "", heading: str = "") -> Hit:
    """Something that is near."""
    return Hit(Item(id, (wording,), "答", "zh", file, heading), 0.3, 0.2, 0.5)


def test_headings_are_no_choice_beside_questions() -> None:
    hits = [hit("a", "2. 换新", "rules.md", "售后 › 2. 换新"), hit("b", "坏了怎么办"), hit("c", "能退吗")]
    assert options(hits, "zh") == ["坏了怎么办", "能退吗"]


def test_headings_alone_are_told_with_what_is_above_them() -> None:
    hits = [
        hit("a", "换新", "rules.md", "店规 › 售后 › 换新"),
        hit("b", "开门", "rules.md", "开门"),
        hit("c", "无题", "x.md"),
    ]
    assert options(hits, "zh") == ["售后 › 换新", "开门", "无题"]


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


SELLING = [
    Item("shop", ("Who are you?", "What do you sell?"), "A shop for kites, threads and paper. Come and see.", "en"),
    Item("kites", ("Do you sell kites?", "Which kites do you sell?"), "We sell kites of paper and of silk.", "en"),
    Item("prices", ("卖多少钱",), "纸的三十，绢的九十。", "zh"),
]


@pytest.mark.parametrize(
    ("question", "id"),
    [
        ("What do you sell?", "shop"),
        ("what do you sell", "shop"),
        ("Hi, what do you sell? Thanks!", "shop"),
        ("Do you sell kites?", "kites"),
        ("请问卖多少钱呀", "prices"),
    ],
)
def test_the_very_wording_wins_over_what_else_fits(question: str, id: str) -> None:
    hits = ask(indexed(SELLING), question, "en" if question.isascii() else "zh")
    assert (hits[0].item.id, band(hits)) == (id, "answer")


def test_the_very_wording_wins_among_many_that_fit_better() -> None:
    other = [Item(f"{n}", ("折扣",), "会员折扣，会员积分，会员生日，会员卡。", "zh", "a.md") for n in range(30)]
    hits = ask(indexed([*other, Item("card", ("会员", "我想咨询会员"), "在柜台办。", "zh")]), "我想咨询会员", "zh")
    assert hits[0].item.id == "card"
    assert hits[0].title == 1.0


@pytest.mark.parametrize(
    "said", ["老板，{}，谢谢", "您好，想问一下{}呢", "{}[微笑]", "麻烦问下{}，急", "{}😊", "你好！\n{}"]
)
def test_politeness_is_no_part_of_the_question(said: str) -> None:
    found, hits = asked(said.format("停车收费吗"))
    assert found == "answer"
    assert (hits[0].item.id, round(hits[0].title, 3)) == ("parking", 1.0)


def test_a_number_of_ones_own_is_no_part_of_the_question() -> None:
    alone, hits = ask(INDEX, "想退货", "zh"), ask(INDEX, "想退货 20261101", "zh")
    assert [(hit.item.id, hit.rank, hit.cover) for hit in hits] == [(hit.item.id, hit.rank, hit.cover) for hit in alone]
    assert hits
    hotline = indexed([*SHOP, Item("hotline", ("4008001234是你们的吗",), "是我们的。", "zh")])
    assert ask(hotline, "4008001234", "zh")[0].item.id == "hotline"
    assert asked("20261101")[0] != "answer"


def test_politeness_alone_is_still_a_question_where_it_is_a_wording() -> None:
    hello = indexed([Item("hello", ("你好", "在吗"), "来了。", "zh"), Item("price", ("多少钱",), "三十。", "zh")])
    for said in ("你好", "在吗？"):
        assert [hit.item.id for hit in ask(hello, said, "zh")] == ["hello"]


@pytest.mark.parametrize(
    ("question", "id"),
    [
        ("any parking spots", "parking"),
        ("refunding courses", "refund-course"),
        ("are you hiring", "job"),
        ("how do I make reservations", "book"),
    ],
)
def test_english_words_in_any_form_find_chinese_entries(question: str, id: str) -> None:
    assert ask(INDEX, question, "en")[0].item.id == id


def test_a_word_is_glossed_by_what_the_notes_call_it() -> None:
    """Of 退款 and 退 only the latter is there, so the former takes nothing from the share of the topic."""
    hits = ask(
        indexed([Item("back", ("能退吗",), "能。", "zh"), Item("open", ("几点开",), "九点。", "zh")]), "refund", "en"
    )
    assert [hit.item.id for hit in hits] == ["back"]
    assert hits[0].cover == 1.0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We open at nine.", "en"),
        ("九点开门。", "zh"),
        ("The shop 纸鸢 is in 柳树巷, next to the bridge.", "en"),
        ("It means 知音.", "en"),
        ("支持 OpenAI、DeepSeek、Qwen 和 Ollama。", "zh"),
        ("看 https://shop.example/where/is/the/bridge 就行。", "zh"),
        ("写信到 who.is.the.boss@shop.example 吧", "zh"),
        ("输入 `open the door for me` 就行", "zh"),
        ("", "zh"),
    ],
)
def test_a_texts_language_is_that_of_its_sentences(text: str, language: str) -> None:
    assert written(text) == language


def test_wordings_with_some_hanzi_are_offered_in_english() -> None:
    notes = indexed(
        [
            Item("name", ("What does 知音 mean as a name?",), "A friend who understands.", "en"),
            Item("song", ("What song is 知音 in?",), "An old one.", "en"),
            Item("zh", ("知音是什么",), "懂你的人。", "zh"),
        ]
    )
    offered = options(ask(notes, "知音", "en"), "en")
    assert offered
    assert all("What" in each for each in offered)


@given(st.text(st.sampled_from("aBＣｄ１²㎡①ﬁ中國〇〸豈　，。…“·é-"), max_size=40))
def test_grams_are_those_of_the_text_in_one_width(text: str) -> None:
    even = unicodedata.normalize("NFKC", text).lower()
    words, runs = re.findall(r"[a-z0-9]+", even), re.findall(r"[\u3400-\u9fff]+", even)
    pairs = [run[n : n + 2] for run in runs for n in range(len(run) - 1)]
    expected = Counter([*words, *"".join(runs), *pairs])
    assert Counter(grams(text)) == expected
    alone = {gram: count for gram, count in expected.items() if len(gram) == 1 or gram in words}
    assert {gram: count for gram, count in counted(text, expected).items() if gram in alone} == alone


@pytest.mark.parametrize("seen", [1, 3])
def test_the_norm_is_the_vectors_length(seen: int) -> None:
    weights = Weights(9, {"停": seen, "停车": seen, "wifi": 2})
    text = Counter({"停": 4, "停车": 1, "wifi": 2, "车": 3})
    assert weights.norm(text) == pytest.approx(length(weights.vector(text)))
    assert weights.norm({}) == 1.0


def test_a_question_of_common_words_reads_no_more_than_it_may() -> None:
    """Beyond what a corpus reads for one question, only the rarest gram is looked up."""
    looked: list[Sequence[str]] = []

    class Large:
        size = READ * 4

        def seen(self, wanted: Sequence[str]) -> Mapping[str, int]:
            known = {"桥": READ // 2, "河": READ // 3, "树": READ * 3}
            return {gram: known[gram] for gram in wanted if gram in known}

        def having(self, wanted: Sequence[str]) -> Sequence[Candidate]:
            looked.append(wanted)
            return []

    for question in ("桥，河，树", "树"):
        ask(Large(), question, "zh")
    assert looked == [["河", "桥"], ["树"]]


def test_a_passage_that_says_it_in_one_sentence_goes_before_one_that_strews_the_words_about() -> None:
    strewn = "雨天院子不开。茶具要自己洗。茶具请放回架子，借伞到前台。"
    said = "院子很大。雨天可以在前台借伞。茶具要自己洗，走的时候请放回架子，把灯关上。"
    index = Index()
    index.replace("a.md", "", [Item(f"{n}", (), text, "zh", "a.md") for n, text in enumerate((strewn, said))])
    hits = ask(index, "雨天借伞", "zh")
    assert [hit.item.answer for hit in hits] == [said, strewn]
    assert hits[0].near == hits[0].cover == hits[1].cover > hits[1].near


def test_a_heading_that_is_like_the_question_does_not_go_before_a_better_entry_but_the_very_heading_does() -> None:
    index = indexed([Item("return", ("怎么退货", "我要退货"), "七天以内可以退货，退货请带小票。", "zh")])
    index.replace("rules.md", "", [Item("rules.md#1", ("退货",), "拆过封的，店里不收。", "zh", "rules.md", "退货")])
    assert ask(index, "我想退货", "zh")[0].item.id == "return"
    assert ask(index, "退货", "zh")[0].item.id == "rules.md#1"


def test_a_number_of_the_users_own_does_not_hide_what_is_asked() -> None:
    orders = indexed([*SHOP, Item("order", ("帮我查一下订单", "订单到哪了"), "订单我看不到。", "zh")])
    hits = ask(orders, "帮我查订单 20261101", "zh")
    assert (hits[0].item.id, band(hits)) == ("order", "answer")
