"""Questions cleaned for counting, and what of them strangers may never see."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.wordings import LONGEST, READ, cleaned, impersonal, publishable


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("你好，请问有停车场吗？谢谢啦[微笑]", "有停车场吗"),
        ("您好请问几点开门呢😊", "几点开门"),
        ("在吗 想问下怎么退货呀~~", "怎么退货"),
        ("麻烦问一下，那个，课多少钱啊", "课多少钱"),
        ("老板娘，有ＷｉＦｉ吗(^_^)", "有WiFi吗"),
        ("我想知道一下营业时间\u200b", "营业时间"),
        ("能告诉我怎么走吗，急", "怎么走吗"),
        ("Hi, could you please tell me when you open? Thanks a lot!", "when you open"),
        ("第一行\n  第二行 ", "第一行\n第二行"),
    ],
)
def test_politeness_particles_and_pictures_go(typed: str, question: str) -> None:
    assert cleaned(typed) == question


@pytest.mark.parametrize(
    "question",
    ["你好看吗", "请问题目难吗", "咨询电话是多少", "那个课多少钱", "问题怎么解决", "会不会很麻烦", "附近有网吧", "你在干嘛", "C++的书有吗"],
)  # fmt: skip
def test_words_that_only_look_polite_stay(question: str) -> None:
    assert cleaned(question) == question


@pytest.mark.parametrize(
    "typed", ["", "😀😀😀", "？？？！", "你好", "您好呀~", "谢谢你", "在吗", "hello!", "嗯嗯，好啊"[:3], "[微笑][捂脸]"]
)
def test_what_asks_nothing_is_empty(typed: str) -> None:
    assert cleaned(typed) == ""


@pytest.mark.parametrize(
    "text",
    [
        "13800138000能开发票吗",
        "一三八零零一三八零零零是你们电话吗",
        "打１３８００１３８０００找我",
        "138 0013 8000 是谁的",
        "١٢٣٤٥ 是什么",
        "订单20261124到哪了",
        "发到 mia@example.org 行吗",
        "看看www.example.org好不好",
        "https://example.org/a 这是什么",
        "example.com 是你们的吗",
        "加我微信 miao_miao 好吗",
        "我叫小王能进来吗",
        "我是李雷有位子吗",
        "我姓赵有预约吗",
        "王小姐今天在不在",
        "my name is Ann, any seats",
        "<b>几点开门</b>",
        "[k:hours] 几点开门",
        "[smile]几点开门",
        "**几点开门**",
        "{{7*7}}是多少",
        "`ls`是什么",
        "几点\n开门",
        "开",
        "字" * (LONGEST + 1),
        "字" * 8000,
        "1-2-3",
        "……？？",
        "ò̵̢͓͉́̈h几点开门",
        "几点\u202e开门",
        "𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎有人吗",
    ],
)
def test_never_shown_to_strangers(text: str) -> None:
    assert not publishable(text)


@pytest.mark.parametrize(
    "text", ["几点开门", "10点能进吗", "我是不是要带身份证", "有没有《三体》", "When do you open", "wifi密码"]
)
def test_common_questions_may_be_shown(text: str) -> None:
    assert publishable(text)


@given(st.text(max_size=READ * 3))
def test_cleaning_any_text_leaves_something_clean(text: str) -> None:
    once = cleaned(text)
    assert len(once) <= READ
    assert cleaned(once) == once or not publishable(once)
    assert "\n" not in impersonal(once)


@given(st.from_regex(r"[问哪几]{1,4}1[3-9][0-9]{9}[吗呢]?", fullmatch=True))
def test_a_phone_number_is_neither_shown_nor_compared(text: str) -> None:
    assert not publishable(cleaned(text))
    assert not any(each.isdigit() for each in impersonal(cleaned(text)))
