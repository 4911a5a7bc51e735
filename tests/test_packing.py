"""Replies as a channel can carry them: plain, cut at good places, nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Capabilities
from bot.packing import measure, packed, split
from bot.plaintext import plain

BYTES = Capabilities(text_limit=300, text_unit="bytes")
TEXTS = st.text(st.sampled_from("啊。，！ab. \n😀é👩‍🚀️1<&]>"), min_size=1, max_size=400)


def bare(text: str) -> str:
    return "".join(text.split())


@given(TEXTS, st.integers(12, 80), st.sampled_from(("bytes", "characters")))
def test_pieces_fit_and_lose_nothing(text: str, limit: int, unit: str) -> None:
    pieces = list(split(text, limit, unit))
    assert all(0 < measure(piece, unit) <= limit for piece in pieces)
    assert bare("".join(pieces)) == bare(text)


@pytest.mark.parametrize("size", range(2040, 2056))
def test_the_limit_is_kept_to_the_byte(size: int) -> None:
    text = ("字" * 682 + "ab" * 10)[: size // 3 + size % 3]
    pieces = packed(text, Capabilities(text_limit=2048, text_unit="bytes"))
    assert all(len(piece.encode()) <= 2048 for piece in pieces)
    assert len(pieces) == (1 if len(text.encode()) <= 2048 else 2)


def test_cuts_are_at_the_best_border_there_is() -> None:
    assert list(split("第一段。还有。\n\n第二段，很长很长。", 12)) == ["第一段。还有。", "第二段，很长很长。"]
    assert list(split("一二三四五。六七八九十。", 10)) == ["一二三四五。", "六七八九十。"]
    assert list(split("一二三四五，六七八九十", 10)) == ["一二三四五，", "六七八九十"]
    assert list(split("one two three four", 10)) == ["one two", "three four"]
    assert list(split("一二三四五六七八九十", 4)) == ["一二三四", "五六七八", "九十"]


def test_an_address_stays_whole() -> None:
    address = "https://example.com/a/very/long/path?with=a&query=b"
    assert list(split(f"看这里：{address} 就好", 54)) == ["看这里：", f"{address} 就好"]


def test_signs_of_several_characters_stay_whole() -> None:
    for limit in range(4, 9):
        for piece in split("好👩‍🚀好👍🏽好é️", limit):
            assert piece[0] not in "\u200d\ufe0f\U0001f3fd\u0301"


def test_each_message_carries_the_label_and_still_fits() -> None:
    pieces = packed("今天天气不错。" * 40, BYTES, "（内容由AI生成）")
    assert len(pieces) > 2
    assert all(piece.endswith("\n（内容由AI生成）") and len(piece.encode()) <= 300 for piece in pieces)
    assert packed("好", Capabilities(), "（AI生成）") == ["好\n（AI生成）"]


def test_nothing_to_say_needs_no_message() -> None:
    assert packed("", BYTES, "（AI生成）") == []
    assert packed(" \n", Capabilities(), "（AI生成）") == []


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("# 标题 #\n正文", "标题\n正文"),
        ("**粗**、*斜*、~~删~~、`码`", "粗、斜、删、码"),
        ("- 一\n  * 二\n+ [x] 三", "· 一\n  · 二\n· 三"),
        ("1. 一\n2. 二", "1. 一\n2. 二"),
        ("> 引用\n> 两行", "引用\n两行"),
        ("看[文档](https://a.b/c_d_e?f=*g*)。", "看文档：https://a.b/c_d_e?f=*g*。"),
        ("[https://a.b](https://a.b)", "https://a.b"),
        ("![图](https://a.b/x.png)", "图：https://a.b/x.png"),
        ("|甲|乙|\n|:--|--:|\n|1|2|", "甲 ｜ 乙\n1 ｜ 2"),
        ("```python\nx = a * b * c\n# 注释\n```", "x = a * b * c\n# 注释"),
        ("3 * 4 * 5 = 60，snake_case_name，2*3", "3 * 4 * 5 = 60，snake_case_name，2*3"),
        ("上\n\n---\n\n下", "上\n\n下"),
        (r"\*不斜\*", "*不斜*"),
        ("a < b && c > d，```", "a < b && c > d，```"),
        ("]]> <b>x</b> &amp;", "]]> <b>x</b> &amp;"),
    ],
)
def test_markdown_becomes_plain(markdown: str, shown: str) -> None:
    assert plain(markdown) == shown


def test_where_markdown_is_shown_it_stays() -> None:
    assert packed("**粗**", Capabilities(markdown=True)) == ["**粗**"]


@given(st.text(st.sampled_from("a中*_`[]()!#>|-~\\\n \ue000\ue0011"), max_size=200))
def test_whatever_a_model_writes_comes_out_at_all(text: str) -> None:
    assert isinstance(plain(text), str)
