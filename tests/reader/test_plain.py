"""Readers of text: Markdown, tables as text, FAQ lists, saved web pages."""

import pytest

from bot.reader import Section
from tests.reader.papers import notices, reason, sections


def both(name: str, text: str, encoding: str = "utf-8") -> list[tuple[tuple[str, ...], str]]:
    return [(each.headings, each.text) for each in sections(name, text.encode(encoding))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_read_whatever_it_was_saved_as(encoding: str) -> None:
    assert both("markdown", "# 退款\r\n三天内退。\r\n", encoding) == [(("退款",), "三天内退。")]
    assert both("table", "房型,价格\n大床,380\n", encoding)[0][1].endswith("| 大床 | 380 |")
    assert both("html", "<h1>退款</h1><p>三天内退。</p>", encoding) == [(("退款",), "三天内退。")]
    assert both("faqyaml", "- q: 能退吗\n  a: 能\n", encoding) == [((), "能")]


def test_markdown_stands_below_its_headings() -> None:
    text = "前言\n# 手册 **新版** #\n## 退款\n三天。\n# 其他\n完。\n\n联系\n----\n电话"
    assert both("markdown", text) == [
        ((), "前言"),
        (("手册 新版", "退款"), "三天。"),
        (("其他",), "完。"),
        (("其他", "联系"), "电话"),
    ]


@pytest.mark.parametrize(
    "text", ["```\n# 注释\n```", "#井号", "这是一段话。\n---\n下一段", "上文\n标题\n---", "- 一\n---", "a | b"]
)
def test_what_is_no_heading_stays_text(text: str) -> None:
    assert both("markdown", text) == [((), text)]


def test_what_markdown_keeps_for_programs_is_not_read() -> None:
    assert both("markdown", "---\ntitle: x\ntags:\n  - y\n---\n正文<!-- 记\n号 -->。<!-- 没完") == [
        ((), "正文。<!-- 没完")
    ]
    assert both("markdown", "---\n正文\n---\n后文") == [((), "---\n正文\n---\n后文")]


def test_markdown_tables_stand_apart() -> None:
    assert sections("markdown", "# 价目\n前\n|房型|价格|\n|:--|--:|\n|大床|380|\n\n后".encode()) == [
        Section(("价目",), "前"),
        Section(("价目",), "| 房型|价格 |\n| :--|--: |\n| 大床|380 |", table=True),
        Section(("价目",), "后"),
    ]
    (asked,) = sections("markdown", "问题 | 答案\n--- | ---\n几点 | 两\\|三点\n".encode())
    assert (asked.questions, asked.text) == (("几点",), "两｜三点")


def test_a_sheet_of_questions_is_known_by_its_header() -> None:
    text = "\ufeff分类,标准问题（必填）,答案,相似问1,相似问2\n入住,几点？,两点,啥时候；何时,\n,能退吗,能,,\n,半条,,,\n"
    assert sections("table", text.encode()) == [
        Section(("入住",), "两点", questions=("几点？", "啥时候", "何时")),
        Section(("入住",), "能", questions=("能退吗",)),
    ]
    assert notices("table", text.encode()) == ["第 4 行缺问题或答案，没有读：请补上"]


@pytest.mark.parametrize("header", ["question\tanswer\talso", "Q;A;also", "sep=;\nQ;A;also", "问题,答案,别的问法"])
def test_tables_may_be_parted_by_tabs_or_semicolons(header: str) -> None:
    mark = next(each for each in "\t;," if each in header.splitlines()[-1])
    (asked,) = sections("table", f"{header}\n在吗{mark}“在”{mark}有人吗\n".encode())
    assert (asked.questions, asked.text) == (("在吗", "有人吗"), "“在”")


def test_a_title_above_a_table_is_text() -> None:
    found = sections("table", '价目表,,\n\n房型,价格,备注\n大床,380,"含早\n免|费"\n双床,420,甲,乙\n'.encode())
    assert found == [
        Section((), "价目表"),
        Section((), "| 房型 | 价格 | 备注 |  |\n| --- | --- | --- | --- |\n| 大床 | 380 | 含早 免｜费 |  |\n| 双床 | 420 | 甲 | 乙 |", table=True),
    ]  # fmt: skip


def test_an_endless_table_comes_in_parts_with_its_header() -> None:
    found = sections("table", ("甲,乙\n" + "1,2\n" * 1000).encode())
    assert len(found) > 1
    assert all(each.table and each.text.startswith("| 甲 | 乙 |\n| --- | --- |\n| 1 | 2 |") for each in found)
    assert sum(each.text.count("\n") - 1 for each in found) == 1000


def test_a_column_is_a_list() -> None:
    assert both("table", "第一\n第二\n") == [((), "第一\n第二")]


def test_a_quote_that_is_never_closed_is_told() -> None:
    assert "引号没有合上" in reason("table", ('甲,乙\n"' + "字" * 200_000).encode())


def test_a_faq_list() -> None:
    assert sections(
        "faqyaml", "- id: x\n  q: 几点\n  also: [啥时候, 何时]\n  a: 两点\n- {q: Yes?, a: '68'}".encode()
    ) == [
        Section((), "两点", questions=("几点", "啥时候", "何时")),
        Section((), "68", questions=("Yes?",)),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- q: 几点\n", "第 1 行 a：缺少"),
        ("- 几点\n", "第 1 行 [1]：每条要写"),
        ("- q: 几点\n  a: {b: c}\n", "第 1 行 a：缺少"),
        ("- q: 几点\n  a: 两点\n  answer: x\n", "第 3 行 answer：没有这个键"),
        ("- q: 几点\n  a: 两点\n  also: [[x]]\n", "also：这里要写列表"),
        ("q: 几点\n", "整个文件要写成列表"),
        ("- q： 几点\n  a: 两点", "英文冒号"),
        ("a: &a [x, x]\nb: &b [*a, *a, *a]", "锚点"),
        ("- &a [x]\n" + "".join(f"- &a{n} [{', '.join(['*a'] * 9)}]\n" for n in range(9)), "锚点"),
        ("[" * 5000, "嵌套超过"),
        ("- !!python/object:os.system x", "标签"),
    ],
)
def test_a_faq_list_that_is_wrong_says_where(text: str, said: str) -> None:
    assert said in reason("faqyaml", text.encode())


PAGE = """<!doctype html><html><head><meta charset="gb2312"><title>退改说明 - 青禾湾</title><style>p {}</style></head>
<body><nav><a>首页</a></nav><script>alert("x")</script><h1>退改说明</h1>
<p>三天内
可退<b>全款</b>。 <i aria-hidden="true">more</i>放心</p><ul><li>身份证<li><li>押金</ul>
<table><tr><th>房型<th>价格<tr><td rowspan=2>大床<td>380<br>起<tr><td>390</table>
<details><summary>几点退房？</summary>十二点。</details>
<h2>其他</h2>后文<br>二行<hr><pre>一
  二</pre><table><tr><td>布局<td><table><tr><td>内</table></table></body></html>"""


def test_a_saved_web_page() -> None:
    table = "| 房型 | 价格 |\n| --- | --- |\n| 大床 | 380 起 |\n| 大床 | 390 |"
    assert sections("html", PAGE.encode("gb18030")) == [
        Section(("退改说明",), "三天内可退全款。 放心\n- 身份证\n- 押金"),
        Section(("退改说明",), table, table=True),
        Section(("退改说明", "几点退房？"), "十二点。"),
        Section(("退改说明", "其他"), "后文\n二行\n\n一\n  二\n布局\n内"),
    ]


def test_a_page_that_declares_what_it_is_not_is_read_all_the_same() -> None:
    assert sections("html", PAGE.encode())[0].headings == ("退改说明",)
    assert both("html", "<meta charset=zlib_codec><p>好</p>") == [((), "好")]


def test_a_page_filled_by_scripts_says_so() -> None:
    assert "没有文字" in reason("html", b"<html><body><div id=app></div><script>x</script></body></html>")


def test_deep_pages_are_read_or_refused_and_never_cut() -> None:
    assert both("html", "<div>" * 1000 + "深" + "</div>" * 1000 + "<p>后</p>") == [((), "深\n后")]
    assert "嵌套得太深" in reason("html", ("<div>" * 100_000 + "深").encode())


def test_entities_of_a_page_stay_small() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "好好好好"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;&amp;<img src="file:///etc/passwd"></p>'
    assert sum(len(each.text) for each in sections("html", bomb.encode())) < 100


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("markdown", b"", "空的"),
        ("markdown", b" \n\n", "空的"),
        ("markdown", b"%PDF-1.7 \n", "其实是PDF"),
        ("table", b"PK\x03\x04abc", "其实是Word"),
        ("faqyaml", b"{\\rtf1 x}", "其实是RTF"),
        ("html", b"\xd0\xcf\x11\xe0abc", "其实是旧版"),
        ("markdown", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "不是文字"),
    ],
)
def test_what_is_no_text_says_what_it_is(name: str, data: bytes, said: str) -> None:
    assert said in reason(name, data)
