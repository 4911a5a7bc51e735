"""Passages of documents: along headings and questions, tables apart, nothing lost, nothing too long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chunks import HARD, Chunk, chunks
from bot.reader import Section

LINES = st.sampled_from(
    (
        *("第一章 总则", "第二节 退款", "第三条", "一、须知", "（一）身份证", "1.2 押金", "1.2 米以下免票"),
        *("", "问：几点退房？", "答：中午十二点。", "Q1. How?", "A: So.", "问：在吗？答：在。", "答：", "入住须带："),
        *(
            "好。" * 200,
            "字" * 1500,
            "a, " * 500,
            "短",
            "| 甲 | 乙 |",
            "“好。”他说。" * 60,
            "Mr. Li came. " * 60,
            "　　段落。",
        ),
    )
)
MARKS = ("问：", "答：", "Q1. ", "A: ")


def prose(text: str, **more: int) -> list[Chunk]:
    return list(chunks([Section((), text)], **more))


def bare(text: str) -> str:
    return "".join(text.split())


@given(st.lists(LINES, max_size=30))
def test_nothing_is_lost_and_nothing_is_too_long(lines: list[str]) -> None:
    third = len(lines) // 3
    parts = [lines[:third], lines[third : 2 * third], lines[2 * third :]]
    sections = [Section((), "\n".join(part), page) for page, part in enumerate(parts, 1)]
    found = list(chunks(sections))
    assert all(0 < len(chunk.text) <= HARD and chunk.text.strip() == chunk.text for chunk in found)
    kept = bare("".join("".join((*chunk.headings, *chunk.questions, chunk.text)) for chunk in found))
    for line in lines:
        for mark in MARKS:
            line = line.replace(mark, "")
        words = bare(line)
        assert all(piece in kept for piece in ({words} if len(words) < 100 else {words[:40], words[-40:]}))


def test_text_in_order_stays_in_order() -> None:
    text = "\n".join(f"第{n}句话说的是第{n}件事。" * 3 for n in range(200))
    assert bare("".join(chunk.text for chunk in prose(text))) == bare(text)


def test_headings_in_plain_text_lead_to_what_stands_below() -> None:
    text = "第一章 总则\n本规定适用于全体住客。\n第二章 退款\n第一节 时限\n三天内退。\n（一）节假日\n不退。\n第三章 附则\n完。"
    assert [(chunk.headings, chunk.text) for chunk in prose(text)] == [
        (("第一章 总则",), "本规定适用于全体住客。"),
        (("第二章 退款", "第一节 时限"), "三天内退。"),
        (("第二章 退款", "第一节 时限", "（一）节假日"), "不退。"),
        (("第三章 附则",), "完。"),
    ]


def test_items_of_a_list_are_no_headings() -> None:
    text = "入住须带：\n（一）身份证\n（二）押金条\n以上缺一不可。"
    assert [(chunk.headings, chunk.text) for chunk in prose(text)] == [((), text)]


@pytest.mark.parametrize(
    "line", ["1.2 米以下免票", "第一部电影", "一、先付款，再入住。", "（一）" + "长" * 60, "3.5折"]
)
def test_what_only_looks_like_a_heading_is_text(line: str) -> None:
    assert [chunk.headings for chunk in prose(f"{line}\n别的话。")] == [()]


@pytest.mark.parametrize("line", ["1.2 押金", "1.2.3 押金", "Chapter 2", "第三条 押金", "第十二章", "二、押金"])
def test_what_is_a_heading_leads(line: str) -> None:
    assert [(chunk.headings, chunk.text) for chunk in prose(f"{line}\n别的话。")] == [((line,), "别的话。")]


def test_headings_of_the_document_stand_above_those_in_its_text() -> None:
    sections = [
        Section(("手册",), "一、退款\n三天。"),
        Section(("手册",), "| 甲 |\n| --- |\n| 1 |", table=True),
        Section(("价目",), "另谈。"),
    ]
    assert [chunk.headings for chunk in chunks(sections)] == [("手册", "一、退款"), ("手册", "一、退款"), ("价目",)]


def test_a_heading_right_before_a_table_is_the_tables() -> None:
    sections = [Section((), "一、价目"), Section((), "| 甲 |\n| --- |\n| 1 |", table=True)]
    assert [(chunk.headings, chunk.text[:5]) for chunk in chunks(sections)] == [(("一、价目",), "| 甲 |")]


def test_prose_runs_over_pages_and_is_cited_where_it_begins() -> None:
    sections = [Section((), "第一章 退款\n" + "甲。" * 100, 1), Section((), "乙。" * 100, 2)]
    assert [(chunk.headings, chunk.page) for chunk in chunks(sections)] == [
        (("第一章 退款",), 1),
        (("第一章 退款",), 2),
    ]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("问：几点退房？\n答：中午十二点。", [(("几点退房？",), "中午十二点。")]),
        ("Q: When?\nA: At noon.\nLate is fine.\n\nQ: Where?\nA: Here.", [(("When?",), "At noon.\nLate is fine."), (("Where?",), "Here.")]),
        ("**Q1：在吗？**\n**A1：** 在。", [(("在吗？",), "在。")]),
        ("问题1：在吗？\n\n答案：在。", [(("在吗？",), "在。")]),
        ("问：在吗？答：在。", [(("在吗？",), "在。")]),
        ("【问】在吗？\n【答】在。", [(("在吗？",), "在。")]),
        ("问：在吗？\n问：有人吗？\n答：在。", [(("在吗？", "有人吗？"), "在。")]),
        ("问：在吗？\n答：在。\n\n别的话。", [(("在吗？",), "在。"), ((), "别的话。")]),
        ("问：在吗？\n答：\n一、在。\n二、不在", [(("在吗？",), "一、在。\n二、不在")]),
        ("问：在吗？\n答：在。\n第二章 退款\n不退。", [(("在吗？",), "在。"), ((), "不退。")]),
        ("问题：电梯坏了。\n请走楼梯。", [((), "问题：电梯坏了。\n请走楼梯。")]),
        ("问：没有人回答", [((), "问：没有人回答")]),
        ("问：" + "长" * 300 + "\n答：在。", [((), "问：" + "长" * 300 + "\n答：在。")]),
        ("A. 甲\nB. 乙", [((), "A. 甲\nB. 乙")]),
    ],
)  # fmt: skip
def test_questions_with_answers_are_entries_of_their_own(text: str, pairs: list[tuple[tuple[str, ...], str]]) -> None:
    assert [(chunk.questions, chunk.text) for chunk in prose(text)] == pairs


def test_a_long_answer_keeps_its_question_in_every_part() -> None:
    found = list(chunks([Section((), "退。" * 500, questions=("能退吗？",))]))
    assert len(found) > 1
    assert {chunk.questions for chunk in found} == {("能退吗？",)}


def test_a_long_table_repeats_its_header() -> None:
    rows = [f"| 房型{n} | {n} 元 |" for n in range(100)]
    found = list(chunks([Section(("价目",), "\n".join(["| 房型 | 价格 |", "| --- | --- |", *rows]), table=True)]))
    assert len(found) > 3
    assert all(
        chunk.text.startswith("| 房型 | 价格 |\n| --- | --- |\n| 房型") and len(chunk.text) <= HARD for chunk in found
    )
    assert [row for chunk in found for row in chunk.text.split("\n")[2:]] == rows


def test_a_row_that_is_too_long_is_told_by_its_columns() -> None:
    text = f"| 名 | 说明 |\n| --- | --- |\n| 甲 | {'很长。' * 300} |\n| 乙 | 短 |"
    found = list(chunks([Section((), text, table=True)]))
    assert found[0].text.startswith("名：甲\n说明：很长。")
    assert found[-1].text == "| 名 | 说明 |\n| --- | --- |\n| 乙 | 短 |"
    assert all(len(chunk.text) <= HARD for chunk in found)


def test_a_header_that_leaves_no_room_is_not_repeated() -> None:
    text = "\n".join([f"| {'列' * 400} |", "| --- |", *(f"| 第{n}行 |" for n in range(100))])
    found = list(chunks([Section((), text, table=True)]))
    assert sum("列列" in chunk.text for chunk in found) == 1
    assert all(len(chunk.text) <= HARD for chunk in found)


def test_sentences_are_cut_where_they_end() -> None:
    found = prose("他说：“好。”然后走了。" * 100)
    assert all(chunk.text.endswith("走了。") or chunk.text.endswith("”") for chunk in found)


def test_stubs_are_joined_to_their_neighbours() -> None:
    found = prose("须知：\n" + "长。" * 180 + "\n" + "长。" * 150 + "\n完。")
    assert [chunk.text[:3] for chunk in found] == ["须知：", "长。长"]
    assert found[1].text.endswith("完。")


def test_what_hides_or_misleads_is_taken_out() -> None:
    assert prose("好\u200b的\u202e\x00\ue000\U000e0041\ud800⽤⼾ﬁne\u2028行")[0].text == "好的用户fine\n行"


def test_long_headings_and_questions_are_shortened_and_not_endless() -> None:
    section = Section(
        tuple("头" * 500 for _ in range(30)), "文", questions=tuple(f"{n}" + "问" * 500 for n in range(200))
    )
    (chunk,) = chunks([section])
    assert len(chunk.headings) <= 8
    assert len(chunk.questions) <= 50
    assert max(map(len, (*chunk.headings, *chunk.questions))) <= 200


def test_nothing_gives_nothing() -> None:
    assert list(chunks([])) == []
    assert prose(" \n\u200b\n") == []


def test_a_very_long_line_takes_no_quadratic_time() -> None:
    assert sum(len(chunk.text) for chunk in prose("字" * 2_000_000)) == 2_000_000
