"""What is read out of a passage: whole sentences, items from their start, rows with their columns' names."""

import pytest

from bot.excerpt import excerpt

FILLER = "这一句和问题没有关系，只是占个地方。"
PRICES = """| 商品 | 价钱 | 说明 |
| --- | ---:|:---:|
| 竹椅 | 120 元 | 可折叠 |
| 木凳 | 45 元 | |
| 藤椅 | 260 元 | 不能淋雨 |"""
CARE = """先看看天气再说。
- 第一步，用湿布擦干净。等它干透再上油。
- 第二步，薄薄地涂一层蜡
- 第三步，放在阴凉的地方；不要晒。"""


def test_a_short_text_is_said_whole() -> None:
    assert excerpt("竹椅可以折叠。\n藤椅不行。", "竹椅") == "竹椅可以折叠。藤椅不行。"
    assert excerpt("", "竹椅") == ""


def test_lines_of_prose_become_one() -> None:
    assert excerpt("A chair that\nfolds. It is light.", "chair") == "A chair that folds. It is light."
    assert excerpt("竹椅可以\n折叠。", "竹椅") == "竹椅可以折叠。"


def test_of_a_long_text_the_sentences_that_were_asked_about() -> None:
    text = FILLER * 20 + "藤椅修一次五十元。" + FILLER * 20
    found = excerpt(text, "藤椅修理多少钱", 60)
    assert found.startswith("藤椅修一次五十元。")
    assert len(found) <= 60


def test_one_endless_sentence_is_cut_and_says_so() -> None:
    found = excerpt("藤" * 900, "藤椅")
    assert len(found) == 200
    assert found.endswith("…")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("竹椅多少钱", "商品：竹椅，价钱：120 元，说明：可折叠。"),
        ("木凳什么价", "商品：木凳，价钱：45 元。"),
        ("椅子有哪些", "商品：竹椅，价钱：120 元，说明：可折叠。"),
    ],
)
def test_a_row_is_said_with_its_columns_names(question: str, said: str) -> None:
    found = excerpt(PRICES, question)
    assert found.startswith(said)
    assert "|" not in found
    assert "--" not in found


def test_the_rows_that_were_asked_about_and_no_others() -> None:
    assert excerpt(PRICES, "竹椅多少钱") == "商品：竹椅，价钱：120 元，说明：可折叠。"
    both = excerpt(PRICES.replace("| 木凳 | 45 元 | |\n", ""), "椅子")
    assert both.count("商品：") == 2


def test_a_table_nothing_of_which_was_asked_about_is_said_from_its_start() -> None:
    found = excerpt(PRICES, "what is cheapest")
    assert found.splitlines()[0] == "商品：竹椅，价钱：120 元，说明：可折叠。"
    assert len(found.splitlines()) == 3


def test_rows_below_prose_and_without_a_header() -> None:
    assert excerpt(f"价钱如下。\n{PRICES}", "藤椅") == "商品：藤椅，价钱：260 元，说明：不能淋雨。"
    assert excerpt("| 竹椅 | 120 元 |\n| 木凳 | 45 元 |", "木凳") == "木凳，45 元。"
    assert excerpt("| Name | Price |\n|---|---|\n| Stool | 45 |", "stool") == "Name: Stool, Price: 45."


def test_a_table_of_a_header_alone_and_ragged_rows_are_no_trouble() -> None:
    assert excerpt("| 商品 | 价钱 |\n| --- | --- |", "商品") == "商品 价钱"
    assert (
        excerpt("| 商品 | 价钱 |\n| --- | --- |\n| 竹椅 |\n| 木凳 | 45 | 多出来的 |", "木凳")
        == "商品：木凳，价钱：45。"
    )
    assert "|" not in excerpt("| |\n|-|\n" * 50 + "| 竹椅 |" * 30, "竹椅")


def test_a_list_begins_at_an_items_start() -> None:
    found = excerpt(CARE + "\n- " + FILLER * 10, "干透再上油要多久", 60)
    assert found.startswith("- 第一步，用湿布擦干净。等它干透再上油。")
    assert "\n- 第二步" in found


def test_numbered_items_keep_their_numbers_and_their_sentences() -> None:
    text = "1. 打开盖子。\n2. 倒水，等三分钟。\n3) 盖上，" + FILLER * 12
    assert excerpt(text, "倒水等多久", 40).startswith("2. 倒水，等三分钟。")
    assert excerpt("1.5 升的壶\n装三分之二", "壶") == "1.5 升的壶装三分之二"
