"""The reader of PDF: pages, scans, locks, and the lines that a page's width parted."""

import zlib

import pytest

from bot.reader import Section
from bot.reader.pdf import ranges
from tests.reader.papers import locked, notices, pdf, raw_pdf, reason, scan, sections

PAGE = "第一章 退款\n退款须在入住前三天内提出，逾期只退一半，节假日另行\n商定。"
READ = "第一章 退款\n退款须在入住前三天内提出，逾期只退一半，节假日另行商定。"


@pytest.mark.parametrize("encoding", ["Identity-H", "UniGB-UCS2-H", "GBK-EUC-H"])
def test_chinese_is_read_page_by_page(encoding: str) -> None:
    assert sections("pdf", pdf(PAGE, PAGE, encoding=encoding)) == [Section((), READ, 1), Section((), READ, 2)]


def test_english_lines_are_joined_with_a_space() -> None:
    page = "Refunds are possible within three days of the infor-\nmation; afterwards only one half is given back to\nguests. Ask us."
    (found,) = sections("pdf", pdf(page))
    assert found.text == page.replace("-\n", "").replace("\n", " ")


def test_lists_and_headings_are_not_joined() -> None:
    page = "入住的时候必须带好以下各种证件和材料，缺一不可以\n1、身份证，也就是居民身份证的原件，复印件不可以用\n（二）押金"
    assert sections("pdf", pdf(page))[0].text == page


def test_running_heads_and_page_numbers_are_dropped() -> None:
    pages = [
        f"青禾湾住客手册\n第{word}页独有的内容在这里，够长够长够长够长。\n- {n} -"
        for n, word in enumerate("一二三四", 1)
    ]
    assert [each.text for each in sections("pdf", pdf(*pages))] == [page.split("\n")[1] for page in pages]


def test_a_scan_is_told_and_some_pages_without_text_are_noticed() -> None:
    assert "扫描件" in reason("pdf", scan())
    assert "扫描件" in reason("pdf", pdf("水印", "水印"))
    data = pdf(PAGE * 3, "", PAGE * 3, "", "")
    assert [each.page for each in sections("pdf", data)] == [1, 3]
    assert notices("pdf", data) == ["第 2、4–5 页没有文字，可能是图片"]


def test_a_password_is_told_and_a_lock_against_printing_is_none() -> None:
    assert "密码" in reason("pdf", locked(pdf(PAGE), "secret"))
    assert sections("pdf", locked(pdf(PAGE), "")) == [Section((), READ, 1)]


def test_fonts_that_do_not_tell_what_they_spell_are_told() -> None:
    assert "乱码" in reason("pdf", pdf("\ue001\ue002\ue003" * 20))


def test_a_stream_that_grows_without_end_is_refused() -> None:
    assert "太大" in reason("pdf", raw_pdf([zlib.compress(b"BT " + b" " * 200_000_000)]))


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"%PDF-1.7\n%%EOF", pdf(PAGE)[:300], b"x" * 1000, b""])
def test_what_is_no_pdf_is_told(data: bytes) -> None:
    assert reason("pdf", data)


def test_ranges() -> None:
    assert ranges([1, 3, 4, 5, 9, 10]) == "1、3–5、9–10"
