"""Readers of Word and Excel, and the archives both are."""

import datetime
import io
import zipfile

import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from openpyxl import Workbook

from bot.reader import Section
from bot.reader.excel import shown
from tests.reader.papers import archive, excel, notices, reason, saved, sections, word


def test_word_keeps_the_order_below_its_headings() -> None:
    document = word()
    document.add_heading("手册", 0)
    document.add_paragraph("前言。")
    document.add_heading("退款", 1)
    document.add_paragraph("三天内退。")
    document.add_paragraph("")
    table = document.add_table(3, 2)
    for number, text in enumerate(("房型", "价格", "大床", "380", "", "390")):
        table.cell(number // 2, number % 2).text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    document.add_heading("时限", 2)
    document.add_paragraph("完。\n下一行")
    assert sections("word", saved(document)) == [
        Section(("手册",), "前言。"),
        Section(("手册", "退款"), "三天内退。"),
        Section(("手册", "退款"), "| 房型 | 价格 |\n| --- | --- |\n| 大床 | 380 |\n| 大床 | 390 |", table=True),
        Section(("手册", "退款", "时限"), "完。\n下一行"),
    ]


def test_headings_of_word_are_known_by_chinese_names_outline_and_base() -> None:
    document = word()
    for name, base in (("标题 1", "章标题"), ("章标题", "标题 1")):  # a circle, which no library makes
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.element.append(based := OxmlElement("w:basedOn"))
        based.set(qn("w:val"), base.replace(" ", ""))
    document.add_paragraph("第一章", "章标题")
    outlined = document.add_paragraph("一节")
    outlined.paragraph_format.element.get_or_add_pPr().append(level := OxmlElement("w:outlineLvl"))
    level.set(qn("w:val"), "1")
    document.add_paragraph("文。")
    document.add_paragraph("第二章", "标题 1")
    document.add_paragraph("文。")
    assert [each.headings for each in sections("word", saved(document))] == [("第一章", "一节"), ("第二章",)]


def test_what_word_deleted_or_hides_is_not_read_and_what_it_inserted_is() -> None:
    document = word()
    document.add_paragraph().add_run("看得见")
    paragraph = document.paragraphs[0].paragraph_format.element
    for tag, text in (("w:del", "删掉"), ("w:ins", "加上")):
        (around := OxmlElement(tag)).append(run := OxmlElement("w:r"))
        run.append(words := OxmlElement("w:t"))
        words.text = text
        paragraph.append(around)
    document.paragraphs[0].add_run("隐藏").font.hidden = True
    assert [each.text for each in sections("word", saved(document))] == ["看得见加上"]


def test_a_frame_around_text_is_no_table() -> None:
    document = word()
    document.add_table(1, 1).cell(0, 0).text = "框里的话。"
    assert sections("word", saved(document)) == [Section((), "框里的话。")]


def test_a_table_of_questions_in_word() -> None:
    document = word()
    table = document.add_table(2, 2)
    for number, text in enumerate(("问题", "答案", "几点", "两点")):
        table.cell(number // 2, number % 2).text = text
    assert sections("word", saved(document)) == [Section((), "两点", questions=("几点",))]


def test_a_paragraph_in_a_headings_clothes_is_read_whole() -> None:
    document = word()
    document.add_heading("长" * 200, 1)
    assert [each.text for each in sections("word", saved(document))] == ["长" * 200]


def test_excel_shows_values_as_excel_does() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet
    sheet.title = "价目"
    sheet.append(["房型", "价格", "折扣", "日期", "房号", "公式"])
    sheet.append(["大床", 68.0, 0.15, datetime.date(2024, 5, 1), 302, "=1+1"])
    sheet["C2"].number_format = "0.0%"
    sheet["E2"].number_format = "0000"
    sheet.append(["双床", 0.1 + 0.2, None, datetime.datetime(2024, 5, 1, 14, 30), True, "#N/A"])
    hidden = book.create_sheet("成本")
    hidden.append(["秘密", 1])
    hidden.sheet_state = "hidden"
    (table,) = sections("excel", saved(book))
    assert table.headings == ("价目",)
    assert table.text.split("\n")[2:] == [
        "| 大床 | 68 | 15% | 2024-05-01 | 0302 |  |",
        "| 双床 | 0.3 |  | 2024-05-01 14:30 | TRUE |  |",
    ]
    assert notices("excel", saved(book)) == ["隐藏的工作表没有读：成本"]


@pytest.mark.parametrize(
    ("value", "style", "text"),
    [
        (13800138000.0, "General", "13800138000"),
        (1e300, None, "1e+300"),
        (float("inf"), "0%", "inf%"),
        (5, '0"%以上"', "5"),
        (datetime.time(9, 5), "h:mm", "09:05"),
        (datetime.timedelta(hours=1), None, "1:00:00"),
    ],
)
def test_a_value_is_shown(value: object, style: str | None, text: str) -> None:
    assert shown(value, style) == text


def test_a_sheet_of_questions_in_excel() -> None:
    data = excel(问答=[["问题", "答案", "相似问"], ["几点", "两点", "何时\n啥时候"], ["半条", None, None]], 空=[])
    assert sections("excel", data) == [Section(("问答",), "两点", questions=("几点", "何时", "啥时候"))]
    assert notices("excel", data) == ["“问答”第 3 行缺问题或答案，没有读：请补上"]


MAIN = {"excel": "xl/workbook.xml", "word": "word/document.xml"}


@pytest.mark.parametrize("name", MAIN)
def test_archives_are_checked_before_they_are_opened(name: str) -> None:
    part = MAIN[name]
    assert "太大" in reason(name, archive({part: b"<x/>", "bomb": bytes(40_000_000)}))
    assert "太大" in reason(name, archive({part: b"<x/>", **{f"p{n}": b"" for n in range(6000)}}))
    assert "DOCTYPE" in reason(name, archive({part: b'<!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'}))
    assert "DOCTYPE" in reason(name, archive({part: "<!DOCTYPE x []><x/>".encode("utf-16")}))
    assert "打不开" in reason(name, archive({"other.xml": b"<x/>"}))
    assert "打不开" in reason(name, archive({part: b"<x/>"}))
    assert "打不开" in reason(name, archive({part: b"not XML", "[Content_Types].xml": b"not XML"}))
    assert "密码" in reason(name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))


@pytest.mark.parametrize("name", MAIN)
def test_an_archive_with_a_password_is_told(name: str) -> None:
    data = bytearray(archive({MAIN[name]: b"<x/>"}, zipfile.ZIP_STORED))
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    assert "密码" in reason(name, bytes(data))


def test_a_part_that_lies_about_its_size_does_not_grow() -> None:
    data = bytearray(archive({"word/document.xml": b"<x>" + bytes(30_000_000)}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    assert "打不开" in reason("word", bytes(data))


def test_a_file_that_ends_early_is_broken() -> None:
    whole = saved(word())
    assert "打不开" in reason("word", whole[: len(whole) // 2])
    assert zipfile.is_zipfile(io.BytesIO(whole))
