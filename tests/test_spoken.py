"""What the voice says: figures and symbols as words, no markup, every character traced to where it came from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.spoken import language, spoken


def said(text: str, language: str = "zh") -> str:
    return spoken(text, language)[0]


@pytest.mark.parametrize(
    "text",
    [
        "你好呀，",
        "很高兴今天能在这里见到你。",
        "“我们明天见。”",
        "他停了一下（……）然后说",
        "真的吗？！",
        "「ありがとう。」",
        "我用Python写AI，还不错。",
        "GPT-4、MP3和C++",
        "一、二、三：开始；好",
    ],
)
def test_chinese_that_is_fine_stays(text: str) -> None:
    assert spoken(text, "zh") == (text, tuple(range(len(text))))


@pytest.mark.parametrize(
    "text",
    [
        "Well,",
        "it is very nice to meet you today.",
        "Dr. Smith met Mr. Li at 5 p.m. on Jan. 3.",
        "In 2026, 3 cats ate 2.5 fish and 10,000 flies.",
        "He said: “It's the 1st well-known 3D film (so far)!”",
    ],
)
def test_english_that_is_fine_stays(text: str) -> None:
    assert spoken(text, "en") == (text, tuple(range(len(text))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0、2、10、12、20、101、110、123", "零、二、十、十二、二十、一百零一、一百一十、一百二十三"),
        ("200、2000、2200、22000、20000", "二百、两千、两千二百、两万二千、两万"),
        ("10001、10010、100010、1000100", "一万零一、一万零一十、十万零一十、一百万零一百"),
        ("100010000、2亿、3.5万", "一亿零一万、两亿、三点五万"),
        ("1,299.5元，123,456", "一千二百九十九点五元，十二万三千四百五十六"),
        ("3.14，0.5，2.5，2.50", "三点一四，零点五，二点五，二点五零"),
        ("２个ＡＩ，第2名，2楼，12个，2-3个，2年，2年级", "两个AI，第二名，二楼，十二个，两到三个，两年，二年级"),
        ("2月2日2点，星期2", "二月二日两点，星期二"),
        ("-5度，零下3度，-5℃，-5~3℃，-1", "零下五度，零下三度，零下五摄氏度，零下五到三摄氏度，负一"),
        ("3.5℃，98.6°F，20°C，30°", "三点五摄氏度，九十八点六华氏度，二十摄氏度，三十度"),
        ("50%，3.5％，5%-10%", "百分之五十，百分之三点五，百分之五到百分之十"),
        ("¥38.5元，￥1,299，$5.50，$3.5M，€20，30 USD", "三十八点五元，一千二百九十九元，五点五美元，三百五十万美元，二十欧元，三十美元"),
        ("￥3万，5.50元，50元/斤，2元", "三万元，五点五元，五十元每斤，两元"),
        ("3-5天，3~5个，3～5次，3—5年，周一-周五", "三到五天，三到五个，三到五次，三到五年，周一到周五"),
        ("1/2的人，3/4，24/7", "二分之一的人，四分之三，二十四、七"),
        ("13800138000", "幺三八，零零幺三，八零零零"),
        ("138-0013-8000、+86 13800138000", "幺三八，零零幺三，八零零零、加八六，幺三八零零幺三八零零零"),
        ("010-12345678、400-123-4567、4001234567", "零幺零，幺二三四五六七八、四零零，幺二三，四五六七、四零零，幺二三，四五六七"),
        ("拨打110，验证码是123456，订单20261125001", "拨打幺幺零，验证码是幺二三四五六，订单二零二六一一二五零零一"),
        ("2026-11-25，2026/1/5，2026.11.25", "二零二六年十一月二十五日，二零二六年一月五日，二零二六年十一月二十五日"),
        ("2026年11月25日，11月25日，1998年，100年，2020-2026年", "二零二六年十一月二十五日，十一月二十五日，一九九八年，一百年，二零二零到二零二六年"),
        ("1000年前，90后，5年后", "一千年前，九零后，五年后"),
        ("15:04，9:00-18:00，2:15，8:00:05，１２：３０", "十五点零四分，九点到十八点，两点十五分，八点零分零五秒，十二点三十分"),
        ("比分3:2，16:9", "比分三比二，十六比九"),
        ("版本v3.11.7发布了，v2，3.5.2，192.168.1.1", "版本三点一一点七发布了，版本二，三点五点二，一九二点一六八点一点一"),
        ("120km/h，5kg，30 cm，20m²，100ml，16GB，3h", "一百二十公里每小时，五公斤，三十厘米，二十平方米，一百毫升，十六GB，三小时"),
        ("1+1=2，3×4=12，5-3=2，8÷2=4", "一加一等于二，三乘四等于十二，五减三等于二，八除以二等于四"),
        ("No.1，№2，#5，A&B，x²", "第一，第二，五号，A和B，x平方"),
        ("iPhone15、5G、3D、T恤、A4", "iPhone15、五G、三D、T恤、A4"),
        ("1,2,3，.5", "一,二,三，.五"),
        ("¥50-60，$5-10，2024/12，1980s", "五十到六十元，五到十美元，二零二四年十二月，一九八零年代"),
        ("3个月2个小时，今天-3到2度，100+人，10w+", "三个月两个小时，今天零下三到两度，一百多人，十万多"),
        ("100㎡，第Ⅲ章，12MB/s，12345热线", "一百平方米，第三章，十二MB每秒，幺二三四五热线"),
        ("007，123456789，10000000000000000000", "零零七，一二三四五六七八九，一零零零零零零零零零零零零零零零零零零零"),
        ("他/她，e.g. 这样", "他或她，例如这样"),
        ("a.b_c@example.com", "a点b下划线c at example点com"),
    ],
)  # fmt: skip
def test_chinese_figures(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$5.50, $1, $0.99, $5.05", "5 dollars 50, 1 dollar, 99 cents, 5 dollars and 5 cents"),
        ("$1,299.99, not $999.", "1299 dollars 99, not 999 dollars."),
        ("$3.5M, $2 million, €20, £5, ¥38.5", "3.5 million dollars, 2 million dollars, 20 euros, 5 pounds, 38.5 yuan"),
        ("3.5℃, 70°F, -5°C, 1°", "3.5 degrees Celsius, 70 degrees Fahrenheit, minus 5 degrees Celsius, 1 degree"),
        ("50%, 3-5 days, 3~5, 1/2, 3/4, 2/7", "50 percent, 3 to 5 days, 3 to 5, one half, three quarters, 2 over 7"),
        ("15:04, 3:00, 3:30 p.m., 9:15-10:45", "15 oh 4, 3 o'clock, 3 30 p.m., 9 15 to 10 45"),
        ("2026-11-25", "November 25, 2026"),
        ("555-123-4567, 13800138000", "5 5 5, 1 2 3, 4 5 6 7, 1 3 8, 0 0 1 3, 8 0 0 0"),
        ("Version 3.5.2, v3.11", "Version 3 point 5 point 2, version 3 point 11"),
        ("5km, 1 kg, 60 km/h, 20 m², 16GB", "5 kilometers, 1 kilogram, 60 kilometers per hour, 20 square meters, 16 gigabytes"),
        ("AT&T, 1+1=2, 3 x 4, No. 5, #6", "AT and T, 1 plus 1 equals 2, 3 times 4, number 5, number 6"),
        ("$5-10, the 1990s, 9am-5pm, 100+ people", "5 to 10 dollars, the 1990s, 9am to 5pm, 100 plus people"),
        ("a_b@example.com, node.js", "a underscore b at example dot com, node dot js"),
    ],
)  # fmt: skip
def test_english_figures(text: str, expected: str) -> None:
    assert said(text, "en") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**重点**：请运行 `pip install x`。\n", "重点：请运行 pip install x。"),
        ("# 标题\n> 引用\n- 一\n* 二", "标题，引用，一，二"),
        ("1. 第一步\n2. 第二步", "一，第一步，二，第二步"),
        ("- [x] 做完了", "做完了"),
        ("看[这里](https://a.com/b(c))和![图](d.png)", "看这里和图"),
        ("详见https://example.com/a.b?c=1。", "详见链接。"),
        ("详见 www.example.com，或 example.com/a", "详见 链接，或 链接"),
        ("有停车场[k:parking]。见[1]", "有停车场。见"),
        ("snake_case 和 *斜体* ~~删~~", "snake case 和 斜体 删"),
        ("<b>粗</b> &amp; 细<br>", "粗和细"),
        ("好\n\n---\n再见", "好，再见"),
        ("代码：\n```py\nx = 1\n```\n完", "代码：代码如下。完"),
        ("```py\n没有完", "代码如下。"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n", "请看表格。"),
        ("A→B", "A，B"),
        ("你\u200b好\u202e吗\x07", "你好吗"),
        ("哈哈😂👍🏽👩\u200d👧 好❤️", "哈哈 好"),
        ("1️⃣ 好", "一 好"),
        ("你好(｡･ω･｡)～ (^_^) T_T 呀 :-)", "你好 呀"),
        ("嗯~ 好的～没问题～", "嗯，好的，没问题"),
        ("！太好了", "太好了"),
        ("ｅ\u0301t\u00e9 ﬁn", "été fin"),
    ],
)
def test_what_is_not_said_goes(text: str, expected: str) -> None:
    assert " ".join(said(text).split()).replace("， ", "，") == expected.replace("， ", "，")


@pytest.mark.parametrize(
    "text", ["", " \n", "……", "😂😂", "。！？", "(^_^)", "---", "**", "\u200f", "``", "[k:a]", "→"]
)
def test_nothing_to_pronounce_is_empty(text: str) -> None:
    assert spoken(text, "zh") == ("", ())
    assert spoken(text, "en") == ("", ())


def test_english_markup() -> None:
    assert said("See [the **guide**](http://a.b) at https://a.com/x?y=1.", "en") == "See the guide at link."
    assert said("- one\n- two", "en") == "one, two"


@pytest.mark.parametrize(
    ("text", "word", "source"),
    [
        ("看[这里](https://a.com)吧", "吧", "吧"),
        ("看[这里](https://a.com)吧", "这", "这"),
        ("**好** 1,299元", "元", "元"),
        ("共1,299元", "九", "9"),
        ("😂😂你好", "你", "你"),
    ],
)
def test_spoken_characters_are_traced(text: str, word: str, source: str) -> None:
    line, places = spoken(text, "zh")
    assert text[places[line.rindex(word)]] == source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there", "en"),
        ("你好", "zh"),
        ("我用Python", "zh"),
        ("My friend 小安 is here", "en"),
        ("OK，", "zh"),
        ("3.5", "before"),
        ("`code here`", "before"),
        ("https://a.com", "before"),
        ("привет", "before"),
    ],
)
def test_language_is_what_most_of_it_is_in(text: str, expected: str) -> None:
    assert language(text, "before") == expected


PARTS = st.sampled_from(
    [*"0123456789.,:-~/+=%$¥€°℃²½#@&()（）[]*_`|<>!?。，…～\n 　①Ａé好个年月日元kgmhvNo", "```", "](", "http://", "No.", "😂", "\ud800"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(PARTS, max_size=30).map("".join) | st.text(max_size=60), st.sampled_from(["zh", "en"]))
def test_every_text_can_be_spoken_and_every_place_is_true(text: str, language: str) -> None:
    line, places = spoken(text, language)
    assert len(places) == len(line)
    assert list(places) == sorted(places)
    assert all(0 <= place < len(text) for place in places)
    assert line == line.strip()
    assert not line or any(character.isalnum() for character in line)


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("0123456789.,:-%元个年月日点 号第"), max_size=20))
def test_no_digit_is_left_for_the_chinese_voice(text: str) -> None:
    assert not any(character in "0123456789" for character in said(text))
