"""The director: where lines are cut, what is lifted out, and that nothing is lost however the tokens fall."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cutting import HAN_S, LONGEST, OTHER_S, TOKEN, seconds
from bot.director import Directed, Director
from bot.message import Cite, Cue, Line, Words

CUES = ("smile", "wave", "nod")
EN = (
    "Well, hello there, it is very nice to meet you today. I can help you find the best product in our store. "
    "The blue jacket is warm and light, and it is on sale this week! Would you like me to tell you more about the sizes?"
)
ZH = "你好呀，很高兴今天能在这里见到你。我可以帮你挑选店里最合适的商品。这件蓝色外套又轻又暖和，而且这周正在打折！需要我再给你介绍一下尺码吗？"


def directed(*tokens: str) -> list[Directed]:
    """Everything a reply brings, neighbouring words joined."""
    director = Director(CUES)
    pieces = [piece for token in tokens for piece in director.feed(token)] + director.close()
    joined: list[Directed] = []
    for piece in pieces:
        if isinstance(piece, Words) and joined and isinstance(last := joined[-1], Words):
            joined[-1] = Words(last.text + piece.text)
        else:
            joined.append(piece)
    return joined


def lines(*tokens: str) -> list[str]:
    return [piece.text for piece in directed(*tokens) if isinstance(piece, Line)]


def shown(pieces: list[Directed]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Words))


CUTS = {
    EN: ["Well,", " hello there,", " it is very nice to meet you today.", " I can help you find the best product in our store.", " The blue jacket is warm and light, and it is on sale this week!", " Would you like me to tell you more about the sizes?"],
    ZH: ["你好呀，", "很高兴今天能在这里见到你。", "我可以帮你挑选店里最合适的商品。", "这件蓝色外套又轻又暖和，而且这周正在打折！", "需要我再给你介绍一下尺码吗？"],
    "The price is $1,299.99, not $999. Buy now!": ["The price is $1,299.99,", " not $999.", " Buy now!"],
    "Version 3.5.2 is out. See https://a.com/x?y=1. OK?": ["Version 3.5.2 is out.", " See https://a.com/x?y=1.", " OK?"],
    "Dr. Smith met Mr. Li at 5 p.m. on Jan. 3. They talked.": ["Dr. Smith met Mr. Li at 5 p.m. on Jan. 3.", " They talked."],
    "他说：“你好。”然后走了。价格是1,299.5元。": ["他说：", "“你好。”", "然后走了。", "价格是1,299.5元。"],
    "Wait... what?! No way!!! Really?": ["Wait...", " what?!", " No way!!!", " Really?"],
    "嗯……让我想想。好的～没问题！": ["嗯……", "让我想想。", "好的～没问题！"],
    "「ありがとう。」と言った。次は東京です！": ["「ありがとう。」", "と言った。", "次は東京です！"],
    "Mr. Wang arrived at 5 p.m. He was late. 😂 哈哈哈！": ["Mr. Wang arrived at 5 p.m.", " He was late.", " 😂 哈哈哈！"],
    "真的吗？！😂😂好吧。": ["真的吗？！😂😂", "好吧。"],
    "步骤：\n1. 第一步，装好它\n2. 第二步\n好的": ["步骤：", "\n1. 第一步，", "装好它\n", "2. 第二步\n", "好的"],
    "“Go on.” She said: “No!” Then silence.": ["“Go on.”", " She said:", " “No!”", " Then silence."],
    '"Yes." I said. "No?" He laughed.': ['"Yes."', " I said.", ' "No?"', " He laughed."],
    "**重点！**记住了。": ["**重点！**", "记住了。"],
    "看 a.py 和 b.tar.gz，发到 me@x.com。": ["看 a.py 和 b.tar.gz，", "发到 me@x.com。"],
    "It's 10:30, e.g. half past ten; OK": ["It's 10:30,", " e.g. half past ten;", " OK"],
    "（……）": ["（……）"],
    "👍😀": ["👍😀"],
    "看代码：\n```python\nprint('a. b')\n[smile]\n```\n好了。": ["看代码：", "\n```python\nprint('a. b')\n[smile]\n```\n", "好了。"],
}  # fmt: skip


@pytest.mark.parametrize("text", CUTS)
def test_lines_are_cut_where_people_would_breathe(text: str) -> None:
    assert lines(*text) == CUTS[text]


def test_the_first_clause_is_cut_the_moment_it_is_there() -> None:
    assert [p for p in Director(CUES).feed("你好呀，") if isinstance(p, Line)]
    assert [p for p in Director(CUES).feed("Well,") if isinstance(p, Line)]
    assert not [p for p in Director(CUES).feed("It costs 1,") if isinstance(p, Line)]
    assert not [p for p in Director(CUES).feed("It is 3.") if isinstance(p, Line)]
    assert not [p for p in Director(CUES).feed("“好。") if isinstance(p, Line)]


@pytest.mark.parametrize("text", [EN, ZH])
def test_sound_never_stalls_at_the_stand_ins_pace(text: str) -> None:
    """Twenty milliseconds a token, 250 to the voice's first byte, lines spoken at once: as the bench defines it."""
    director, ready, sound = Director(CUES), [], []
    for number, token in enumerate(TOKEN.findall(text)):
        made = [piece for piece in director.feed(token) if isinstance(piece, Line)]
        ready += [number * 0.02 + 0.25] * len(made)
        sound += [seconds(line.text) for line in made]
    until = ready[0]
    for start, length in zip(ready, sound, strict=True):
        assert start <= until + 1e-9
        until += length


def test_cues_and_citations_are_lifted() -> None:
    pieces = directed("[smile]你好[wave 0.6]，[k:opening-hours]九点开门[dance]。[nod 7]")
    assert [p for p in pieces if isinstance(p, Cue)] == [Cue("smile", 1.0, 0), Cue("wave", 0.6, 2), Cue("nod", 1.0, 8)]
    assert [p for p in pieces if isinstance(p, Cite)] == [Cite("k:opening-hours", 3)]
    assert shown(pieces) == "你好，九点开门。"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hi [smile] there", "Hi there"),
        ("[smile] [wave] Hi", "Hi"),
        ("[smile]\n好", "\n好"),
        ("a [Smile] b [smile!] c [smile 5x]", "a [Smile] b [smile!] c [smile 5x]"),
        ("[link](http://a.b) [smile](x)", "[link](http://a.b) [smile](x)"),
        ("`[smile]` ``[wave]` `` [smile]ok", "`[smile]` ``[wave]` `` ok"),
        ("`open [wave]\n[smile]ok", "`open [wave]\nok"),
        ("[[smile]]", "[]"),
        ("[smile", "[smile"),
        ("[", "["),
        ("list[0] and [a-z]", "list[0] and [a-z]"),
    ],
)
def test_only_tags_are_lifted(text: str, left: str) -> None:
    assert shown(directed(*text)) == left


def test_unknown_directions_are_counted() -> None:
    director = Director(CUES)
    director.feed("[dance]你[fly 0.5]好")
    assert director.dropped == 2


def test_a_lone_bracket_is_not_held_for_ever() -> None:
    assert shown(Director(CUES).feed("[" + "x" * 50)) == "[" + "x" * 50


def test_languages_follow_the_words() -> None:
    text = "你好，我用Python写AI。Hello there, my friend. 123。"
    assert [p.language for p in directed(text) if isinstance(p, Line)] == ["zh", "zh", "en", "en"]


def test_text_without_borders_is_cut_at_words() -> None:
    for text in ("word " * 100, "长" * 1000, "👨‍👩‍👧" * 200):
        cut = lines(text)
        assert max(map(len, cut)) <= LONGEST + 1
        assert not any(line.startswith(("\u200d", "ord")) or line.endswith("\u200d") for line in cut)


def test_work_grows_with_the_text_and_no_faster() -> None:
    class Counted(Director):
        work = 0

        def _text(self, text: str):  # pyright: ignore[reportMissingParameterType, reportUnknownParameterType]  # noqa: ANN202
            Counted.work += len(self.cutter.text)
            return super()._text(text)

    def work(length: int) -> int:
        Counted.work, director = 0, Counted(CUES)
        for _ in range(length):
            director.feed("长")
        return Counted.work / length if length else 0  # pyright: ignore[reportReturnType]

    assert work(20000) < 2 * work(2000) + 1


def test_estimates_are_the_benchs() -> None:
    assert seconds("你a") == HAN_S + OTHER_S


ODD = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "你好呀。，！？…：；、.,!?;:\"'“”‘’「」（）()[]`*_~- \n\t0123456789aAbk:smile[wave 0.5]\u200d\ufe0f😀\u0301"
        ),
        st.characters(),
    ),
    max_size=120,
)


@given(ODD, st.data())
@settings(max_examples=300, deadline=None)
def test_the_way_the_tokens_fall_changes_nothing_and_nothing_is_lost(text: str, data: st.DataObject) -> None:
    whole = directed(text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    tokens = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert directed(*tokens) == whole
    assert directed(*text) == whole
    said = [piece for piece in whole if isinstance(piece, Line)]
    assert "".join(line.text for line in said) == shown(whole)
    at = 0
    for number, line in enumerate(said):
        assert (line.number, line.start) == (number, at)
        at += len(line.text)
        assert len(line.places) == len(line.spoken)
        assert list(line.places) == sorted(line.places)
        assert all(0 <= place < len(line.text) for place in line.places)
    for piece in whole:
        if isinstance(piece, Cue | Cite):
            assert 0 <= piece.at <= len(shown(whole))


@given(st.text(alphabet=st.characters(exclude_characters="[`"), max_size=200))
@settings(max_examples=100, deadline=None)
def test_plain_text_is_shown_as_it_is(text: str) -> None:
    assert shown(directed(*text)) == text
