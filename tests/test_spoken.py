"""What is said of a line: signs in words, Markdown and emoji gone, every character with its place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.numerals import cardinal, decimal
from bot.spoken import spoken

ZH = {
    "今天3.5℃，明天-5℃。": "今天三点五摄氏度，明天零下五摄氏度。",
    "ＡＩ和Ｐｙｔｈｏｎ３": "AI和Python三",
    "价格$5.50，约¥38.5元，涨了12%。": "价格五点五零美元，约三十八点五元，涨了百分之十二。",
    "1,299.5元": "一千二百九十九点五元",
    "电话13800138000，座机010-62345678，客服400-810-1234": "电话幺三八零零幺三八零零零，座机零幺零六二三四五六七八，客服四零零八幺零幺二三四",
    "2026-11-25，2026年11月25日": "二零二六年十一月二十五日，二零二六年十一月二十五日",
    "15:04开会，2:00结束": "十五点零四分开会，两点结束",
    "版本v3.11.7": "版本v三点十一点七",
    "3-5天，1~2小时": "三到五天，一到两小时",
    "1/2的人，24/7": "二分之一的人，二十四/七",
    "2个人，第2个，2月，20个": "两个人，第二个，二月，二十个",
    "走了5km，100km/h，30m²": "走了五公里，一百公里每小时，三十平方米",
    "3×4=12，1+1=2": "三乘四等于十二，一加一等于二",
    "007和100000000": "零零七和一亿",
    "**重点**：请运行 `pip install x`。": "重点：请运行 pip install x。",
    "# 标题": "标题",
    "- 第一项": "第一项",
    "2. 第二步\n": "二，第二步",
    "详见[这里](https://a.b/c?d=1)和https://a.com/x?y=1。": "详见这里和链接。",
    "好的～没问题~": "好的，没问题",
    "你好😀👍🏻！": "你好！",
    "开心(^_^)呀": "开心呀",
    "```python\nprint(1)\n```\n": "代码如下。",
    "| a | b |\n": "",
    "👍😀": "",
    "……": "",
    "": "",
    "你\u200b好\u202e呀\x07": "你好呀",
}
EN = {
    "It costs $1,299.99, not $999.": "It costs 1299 dollars and 99 cents, not 999 dollars.",
    "$5.50 and $5 million": "5 dollars and 50 cents and 5 million dollars",
    "It is -5 °C, or 23°F.": "It is minus 5 degrees Celsius, or 23 degrees Fahrenheit.",
    "3-5 days, 2026-11-25": "3 to 5 days, 2026-11-25",
    "v3.11.7 & more": "v3 point 11 point 7 and more",
    "5km at 100km/h": "5 kilometers at 100 kilometers per hour",
    "See https://a.com/x?y=1.": "See the link.",
    "**Bold** and *slanted* `code`": "Bold and slanted code",
    "Well, hello there.": "Well, hello there.",
}


@pytest.mark.parametrize("text", ZH)
def test_chinese(text: str) -> None:
    assert spoken(text, "zh")[0] == ZH[text]


@pytest.mark.parametrize("text", EN)
def test_english(text: str) -> None:
    assert spoken(text, "en")[0] == EN[text]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0", "零"), ("10", "十"), ("11", "十一"), ("20", "二十"), ("101", "一百零一"), ("110", "一百一十"),
        ("1001", "一千零一"), ("1010", "一千零一十"), ("10000", "一万"), ("10001", "一万零一"), ("100500", "十万零五百"),
        ("12345678", "一千二百三十四万五千六百七十八"), ("100000001", "一亿零一"), ("1000010000", "十亿零一万"),
        ("12345678901234567", "一二三四五六七八九零一二三四五六七"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_read_them(number: str, words: str) -> None:
    assert cardinal(number) == words


def test_fractions_are_read_digit_by_digit() -> None:
    assert decimal("3.14") == "三点一四"


def test_places_lead_back_to_the_text() -> None:
    text = "约**¥38.5**，见[这里](http://a.b)。"
    said, places = spoken(text, "zh")
    assert said == "约三十八点五元，见这里。"
    assert text[places[said.index("约")]] == "约"
    assert text[places[said.index("这")]] == "这"
    assert text[places[said.index("三")]] in "¥38.5"


@given(st.text(max_size=200), st.sampled_from(["zh", "en"]))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_asked_for(text: str, language: str) -> None:
    said, places = spoken(text, language)
    assert len(said) == len(places)
    assert list(places) == sorted(places)
    assert all(0 <= place < len(text) for place in places)
    assert not said or any(map(str.isalnum, said))
