"""The director: where lines are cut, what is lifted out, and that nothing depends on how the tokens come."""

import re
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import cutting
from bot.director import Directed, Director
from bot.message import Cite, Cue, Line, Words
from bot.speaker import AHEAD

CUES = {"smile", "wave", "shake_head"}
EN = (
    "Well, hello there, it is very nice to meet you today. I can help you find the best product in our store. "
    "The blue jacket is warm and light, and it is on sale this week! Would you like me to tell you more about the sizes?"
)
ZH = "你好呀，很高兴今天能在这里见到你。我可以帮你挑选店里最合适的商品。这件蓝色外套又轻又暖和，而且这周正在打折！需要我再给你介绍一下尺码吗？"
TORTURE = (
    "你好！我是小安。今天气温是3.5℃，e.g. 比昨天低。Dr. Smith说：“我们明天见。”然后他走了……真的吗？！嗯~ 版本v3.11.7发布了，"
    "详见https://example.com/a.b?c=1。价格$5.50，约合¥38.5元。Mr. Wang arrived at 5 p.m. He was late. 😂 哈哈哈！**重点**："
    "请运行 `pip install x`。\n1. 第一步\n2. 第二步\n好的"
)
TOKENS = re.compile(r"[a-zA-Z]+|\s|.", re.DOTALL)
"""The bench's tokens."""


def direct(tokens: Iterable[str]) -> list[Directed]:
    """All pieces, neighbouring words joined."""
    director = Director(CUES)
    pieces = [piece for token in tokens for piece in director.feed(token)] + director.close()
    joined: list[Directed] = []
    for piece in pieces:
        if joined and isinstance(piece, Words) and isinstance(before := joined[-1], Words):
            joined[-1] = Words(before.text + piece.text)
        else:
            joined.append(piece)
    return joined


def lines(text: str) -> list[Line]:
    return [piece for piece in direct([text]) if isinstance(piece, Line)]


def cuts(text: str) -> list[str]:
    """The lines' display texts, without white space at their ends."""
    return [line.text.strip() for line in lines(text)]


def shown(pieces: Sequence[Directed]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Words))


def lifted(pieces: Sequence[Directed]) -> list[Cue | Cite]:
    return [piece for piece in pieces if isinstance(piece, Cue | Cite)]


# Where lines are cut


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the bench's replies
        (
            EN,
            [
                "Well,",
                "hello there,",
                "it is very nice to meet you today.",
                "I can help you find the best product in our store.",
                "The blue jacket is warm and light, and it is on sale this week!",
                "Would you like me to tell you more about the sizes?",
            ],
        ),
        (
            ZH,
            [
                "你好呀，",
                "很高兴今天能在这里见到你。",
                "我可以帮你挑选店里最合适的商品。",
                "这件蓝色外套又轻又暖和，而且这周正在打折！",
                "需要我再给你介绍一下尺码吗？",
            ],
        ),
        # what other splitters break at
        ("The price is $1,299.99, not $999. Buy now!", ["The price is $1,299.99,", "not $999.", "Buy now!"]),
        (
            "Version 3.5.2 is out. See https://a.com/x?y=1. OK?",
            ["Version 3.5.2 is out.", "See https://a.com/x?y=1.", "OK?"],
        ),
        (
            "Dr. Smith met Mr. Li at 5 p.m. on Jan. 3. They talked.",
            ["Dr. Smith met Mr. Li at 5 p.m. on Jan. 3.", "They talked."],
        ),
        ("他说：“你好。”然后走了。价格是1,299.5元。", ["他说：", "“你好。”", "然后走了。", "价格是1,299.5元。"]),
        ("Wait... what?! No way!!! Really?", ["Wait...", "what?!", "No way!!!", "Really?"]),
        ("嗯……让我想想。好的～没问题！", ["嗯……", "让我想想。", "好的～没问题！"]),
        ("「ありがとう。」と言った。次は東京です！", ["「ありがとう。」", "と言った。", "次は東京です！"]),
        (
            TORTURE,
            [
                "你好！",
                "我是小安。",
                "今天气温是3.5℃，e.g. 比昨天低。",
                "Dr. Smith说：“我们明天见。”",
                "然后他走了……",
                "真的吗？！",
                "嗯~ 版本v3.11.7发布了，详见https://example.com/a.b?c=1。",
                "价格$5.50，约合¥38.5元。",
                "Mr. Wang arrived at 5 p.m.",
                "He was late. 😂",
                "哈哈哈！",
                "**重点**：请运行 `pip install x`。",
                "1. 第一步",
                "2. 第二步",
                "好的",
            ],
        ),
    ],
)
def test_lines_end_where_a_speaker_would_pause(text: str, expected: list[str]) -> None:
    assert cuts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OK，没问题", ["OK，", "没问题"]),
        ("Okay; let me see: one, two.", ["Okay;", "let me see:", "one, two."]),
        ("Time: 15:04, ok", ["Time:", "15:04, ok"]),
        ("in 2026, we met", ["in 2026,", "we met"]),
        ("see https://a.com/b,c, and then", ["see https://a.com/b,c,", "and then"]),
        ("我喜欢苹果、香蕉、梨。", ["我喜欢苹果、香蕉、梨。"]),
        ("“你好，”她说，“我是小安。”", ["“你好，”", "她说，", "“我是小安。”"]),
        ("**Well,** hello there, friend.", ["**Well,**", "hello there,", "friend."]),
        ("嗯，好，我来看看，请稍等。", ["嗯，", "好，我来看看，", "请稍等。"]),
        ("……抱歉，说到一半卡住了。", ["……抱歉，", "说到一半卡住了。"]),
        ("你好！😊我是阿音。", ["你好！😊", "我是阿音。"]),
    ],
)
def test_the_first_line_is_short_and_the_second_follows_in_time(text: str, expected: list[str]) -> None:
    assert cuts(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他停了一下（……）然后说没事。好", ["他停了一下（……）然后说没事。", "好"]),
        ("她说「好的。我来！」就走了。好", ["她说「好的。", "我来！」", "就走了。", "好"]),
        ("“A.” B is next.", ["“A.”", "B is next."]),
        ('It was a quiet day. He said "Stop!" and left. "Go." She went.', ["It was a quiet day.", 'He said "Stop!" and left.', '"Go."', "She went."]),
        ("好。他走了。\"你好\"她说。", ["好。", "他走了。", '"你好"她说。']),
        ("好。他来了（真的吗？）又走了。", ["好。", "他来了（真的吗？）又走了。"]),
        ("I was born in the U.S. in May. J. K. Rowling etc. wrote it.", ["I was born in the U.S. in May.", "J. K. Rowling etc. wrote it."]),
        ("No. 5 is alive. No. I don't.", ["No. 5 is alive.", "No.", "I don't."]),
        ("写信给a.b@example.com。再见", ["写信给a.b@example.com。", "再见"]),
        ("Open main.py or example.com/a?b=1! Now.", ["Open main.py or example.com/a?b=1!", "Now."]),
        ("第一行\r\n第二行\r\n\r\n第三行", ["第一行", "第二行", "第三行"]),
        ("# 标题\n- 一\n- 二，三\n", ["# 标题", "- 一", "- 二，三"]),
        ("好。[a, b](http://c.d/e,f) 在这里。", ["好。", "[a, b](http://c.d/e,f) 在这里。"]),
        ("运行 `a. b! c`。好", ["运行 `a. b! c`。", "好"]),
        ("😂😂👍🏽", ["😂😂👍🏽"]),
        ("\u200f你好\u200b，\u202e朋友。", ["\u200f你好\u200b，", "\u202e朋友。"]),
    ],
)  # fmt: skip
def test_what_belongs_together_stays_together(text: str, expected: list[str]) -> None:
    assert cuts(text) == expected


def test_a_block_of_code_is_one_line_and_announced() -> None:
    found = lines("看代码：\n```py\nprint('a. b')\n\nx = 1\n```\n好的。")
    assert [line.text for line in found] == ["看代码：", "\n```py\nprint('a. b')\n\nx = 1\n```\n", "好的。"]
    assert found[1].spoken == "代码如下。"
    assert lines("Look!\n```\nx. y\n```\n")[1].spoken == "Here is the code."


def test_a_table_is_not_read_cell_by_cell() -> None:
    found = lines("价目表：\n| 菜 | 价 |\n|---|---|\n| 面. | 9 |\n就这些。")
    assert [line.spoken for line in found] == ["价目表：", "请看表格。", "就这些。"]


def test_long_sentences_are_cut_at_clauses() -> None:
    text = "好。" + "这是一个没有句号的句子，" * 8
    assert all(len(line) <= 36 for line in cuts(text))
    assert all(line.endswith(("，", "。")) for line in cuts(text))


@pytest.mark.parametrize(
    "unit",
    ["好", "word ", "a", "👩\u200d👩\u200d👧", "e\u0301", "🇨🇳", "\ud83d\ude00", "👍🏽"],
    ids=["hanzi", "words", "letters", "family", "accent", "flag", "halves", "skin"],
)
def test_text_without_marks_is_cut_between_characters(unit: str) -> None:
    found = lines("好，" + unit * 300)
    assert max(len(line.text) for line in found) <= cutting.LIMIT
    whole = {unit, unit[0]} if unit == "🇨🇳" else {unit}
    for line in found[1:-1]:
        assert line.text.replace(unit, "") == "" or line.text.strip() in whole


def test_an_address_is_not_cut_however_long() -> None:
    address = "https://example.com/" + "a.b/" * 100
    assert address in cuts(f"看这里：{address} 好")


@pytest.mark.parametrize(
    ("text", "first", "decided"),
    [
        ("Well, hello", "Well,", 5),
        ("你好呀，很高兴", "你好呀，", 4),
        ("Hi. Then", "Hi. ", 4),
        ("我有3，你", "我有3，", 5),
        ("“好，”他", "“好，”", 5),
        ("你好！我", "你好！", 4),
        ("你好\n我", "你好\n", 3),
        ("你好！[wave]我", "你好！", 4),
    ],
)
def test_the_first_line_comes_as_soon_as_it_is_certain(text: str, first: str, decided: int) -> None:
    director = Director(CUES)
    for at, character in enumerate(text, 1):
        found = [piece.text for piece in director.feed(character) if isinstance(piece, Line)]
        if found:
            assert (found, at) == ([first], decided)
            return
    pytest.fail("no line came")


# What is lifted out


@pytest.mark.parametrize(
    ("text", "display", "expected"),
    [
        ("Hi [smile] there", "Hi there", [Cue("smile", 1.0, 3)]),
        ("[smile]你好", "你好", [Cue("smile", 1.0, 0)]),
        ("[smile] 你好", "你好", [Cue("smile", 1.0, 0)]),
        ("[wave 0.6] 嗨[smile .5]！", "嗨！", [Cue("wave", 0.6, 0), Cue("smile", 0.5, 1)]),
        ("好[wave 7]", "好", [Cue("wave", 1.0, 1)]),
        ("Great [smile]!", "Great!", [Cue("smile", 1.0, 5)]),
        ("a [smile] [wave] b", "a b", [Cue("smile", 1.0, 2), Cue("wave", 1.0, 2)]),
        ("a[smile] b", "a b", [Cue("smile", 1.0, 2)]),
        ("一\n[smile]\n二", "一\n二", [Cue("smile", 1.0, 2)]),
        ("一 [smile]\n\n二", "一\n\n二", [Cue("smile", 1.0, 1)]),
        ("[shake_head]不", "不", [Cue("shake_head", 1.0, 0)]),
        ("有[k:parking]。", "有。", [Cite("k:parking", 1)]),
        ("有[k:a, k:停车/b.md]。", "有。", [Cite("k:a", 1), Cite("k:停车/b.md", 1)]),
        ("a [dance] b", "a b", []),
        ("[smile](http://a.b)", "[smile](http://a.b)", []),
        ("`[smile]` ``a`[wave]``", "`[smile]` ``a`[wave]``", []),
        ("```\n[smile]\n```\n[wave]好", "```\n[smile]\n```\n好", [Cue("wave", 1.0, 16)]),
        ("[Smile] [1] [smile", "[Smile] [1] [smile", []),
        ("[smile!] [k:] [] [[smile]]", "[smile!] [k:] [] []", [Cue("smile", 1.0, 18)]),
        ("end [smile]", "end", [Cue("smile", 1.0, 3)]),
    ],
)
def test_directions_and_citations_leave_no_trace(text: str, display: str, expected: list[Cue | Cite]) -> None:
    pieces = direct([text])
    assert (shown(pieces), lifted(pieces)) == (display, expected)


def test_unknown_directions_are_counted() -> None:
    director = Director(CUES)
    director.feed("[dance] [smile] [x_y 0.2] [k:a] `[no]` [Dance]")
    director.close()
    assert director.dropped == 2


def test_a_direction_comes_before_the_words_at_its_place() -> None:
    kinds = [type(piece).__name__ for piece in direct(["今天晴，[smile]我是阿音。"])]
    assert kinds == ["Words", "Line", "Cue", "Words", "Line"]


def test_only_what_may_become_a_direction_is_held_back() -> None:
    director = Director(CUES)
    assert director.feed("a[") == [Words("a")]
    assert director.feed("smil") == []
    assert director.feed("é") == [Words("[smilé")]
    director.feed("[k:")
    held = "x" * 200
    assert shown(director.feed(held)) == "[k:" + held


# What a line says of itself


def test_lines_know_their_number_place_and_language() -> None:
    found = lines("你好，我用Python写AI。Hello there! 3.5。OK. 好")
    assert [line.number for line in found] == list(range(len(found)))
    assert [line.language for line in found] == ["zh", "zh", "en", "en", "en", "zh"]
    assert [line.start for line in found] == [0, 3, 15, 28, 32, 36]


@pytest.mark.parametrize(
    ("text", "language"),
    [("3.5", "zh"), ("请运行 `pip install something big`。", "zh"), ("OK，", "zh"), ("Hi Tom，how are you？", "en")],
)
def test_a_line_is_in_the_language_most_of_it_is_in(text: str, language: str) -> None:
    assert lines(text)[0].language == language


def test_a_line_says_where_each_spoken_character_stands() -> None:
    (line,) = lines("**价格** $5.50")
    assert line.spoken == "价格 五点五美元"
    assert [line.text[place] for place in line.places[:2]] == ["价", "格"]
    assert all(line.text[place] in "$5.0" for place in line.places[3:])


# Whatever comes, however it comes

SCRAPS = st.sampled_from(
    [
        *"aZ1é好吗あ .,:;!?-~'\"“”「」（）()[]{}<>*_#|`/@\\。，！？…：、～\n\r\t\0\ufeff\u200d\u0301\ufe0f\ud83d\ude00😂",
        *("🇨🇳", "[smile]", "[wave 0.6]", "[dance]", "[k:a]", "[smile](", "```", "\n```\n", "\n| ", "\n- ", "..."),
        *("3.5", "1,299", "$5.50", " e.g. ", "Dr. ", "p.m. ", "https://a.com/b?c=1", "你好，", "Hello there, "),
    ]
)
TEXTS = st.lists(SCRAPS, max_size=40).map("".join) | st.text(max_size=60)


@st.composite
def chopped(draw: st.DrawFn) -> list[str]:
    """A text in tokens."""
    text = draw(TEXTS)
    sizes = draw(st.lists(st.integers(0, 9), max_size=len(text)))
    tokens, at = list[str](), 0
    for size in sizes:
        tokens.append(text[at : at + size])
        at += size
    return [*tokens, text[at:]]


@settings(max_examples=300, deadline=None)
@given(chopped())
def test_tokens_do_not_matter(tokens: list[str]) -> None:
    text = "".join(tokens)
    assert direct(tokens) == direct([text]) == direct(text)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_nothing_is_lost_and_every_place_is_true(text: str) -> None:
    pieces = direct([text])
    display, found = shown(pieces), [piece for piece in pieces if isinstance(piece, Line)]
    assert "".join(line.text for line in found) == display
    assert [line.number for line in found] == list(range(len(found)))
    for before, after in pairwise(found):
        assert after.start == before.start + len(before.text)
    for line in found:
        assert line.text
        assert len(line.places) == len(line.spoken)
        assert list(line.places) == sorted(line.places)
        assert all(0 <= place < len(line.text) for place in line.places)
    places = [piece.at for piece in lifted(pieces)]
    assert places == sorted(places)
    assert all(0 <= place <= len(display) for place in places)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_characters="["), max_size=80) | TEXTS.map(lambda text: text.replace("[", "")))
def test_text_without_brackets_is_shown_as_it_is(text: str) -> None:
    assert shown(direct([text])) == text


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["好", "a", "1", "。", "[smile]", "[wave 0.5]", "[dance]", "[k:a]"])))
def test_text_is_shown_as_it_is_but_for_what_is_lifted(scraps: list[str]) -> None:
    pieces, at, expected = direct(["".join(scraps)]), 0, list[Cue | Cite]()
    for scrap in scraps:
        if len(scrap) == 1:
            at += 1
        elif scrap == "[k:a]":
            expected.append(Cite("k:a", at))
        elif scrap != "[dance]":
            expected.append(Cue("smile", 1.0, at) if scrap == "[smile]" else Cue("wave", 0.5, at))
    assert shown(pieces) == "".join(scrap for scrap in scraps if len(scrap) == 1)
    assert lifted(pieces) == expected


@pytest.mark.parametrize("unit", ["a", "好", "[k:", "(", '"', " ", "```\nx\n", "| a |\n", "https://a.b/c"])
def test_work_grows_with_the_text_not_with_its_square(unit: str) -> None:
    """Counted in calls of functions, Python's and others', not in time; the text whole and in tokens."""

    def work(length: int, token: int) -> int:
        text, calls = unit * (length // len(unit)), 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal calls
            calls += 1

        director = Director(CUES)
        sys.setprofile(count)
        for at in range(0, len(text), token):
            director.feed(text[at : at + token])
        director.close()
        sys.setprofile(None)
        return calls

    for token in (3, 1_000_000):
        assert work(16_000, token) < 5 * work(4_000, token)


def test_two_megabytes_without_a_mark() -> None:
    pieces = direct(["好" * 2_000_000])
    assert sum(len(piece.text) for piece in pieces if isinstance(piece, Line)) == 2_000_000


# The bench, as arithmetic


@pytest.mark.parametrize(("reply", "first"), [(EN, "Well,"), (ZH, "你好呀，")])
def test_sound_never_stalls_on_the_bench(reply: str, first: str) -> None:
    """Tokens every 20 ms, 250 ms to a line's first byte, 8 ms a character more to its last; at most AHEAD at once.

    The first line sounds from its first byte, the next ones when they and all before them are complete.
    """
    director, first_line, ends, plays, stall = Director(CUES), "", list[float](), 0.0, 0.0
    for number, token in enumerate([*TOKENS.findall(reply), None]):
        now = 0.3 + 0.02 * number
        for line in director.feed(token) if token is not None else director.close():
            if not isinstance(line, Line):
                continue
            begins = max(now, sorted(ends)[-AHEAD]) if len(ends) >= AHEAD else now
            complete = begins + 0.25 + 0.008 * len(line.spoken)
            sounds = max(complete, *ends) if ends else begins + 0.25
            if ends:
                stall += max(0.0, sounds - plays)
            wide = sum(character >= "\u3040" and character.isalpha() for character in line.spoken)
            plays = max(sounds, plays) + max(0.3, 0.22 * wide + 0.065 * (len(line.spoken) - wide))
            ends.append(complete)
            first_line = first_line or line.text
    assert first_line == first
    assert stall == 0
