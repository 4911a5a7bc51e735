"""What every reader promises, whatever it is given."""

import random
from collections import Counter
from importlib import import_module

import pytest

from bot import reader as port
from bot.adapters import adapter, names
from bot.folder import Unreadable
from bot.reader import ENDINGS, READS, Notice, Section
from tests.reader.papers import archive, excel, pdf, saved, sections, word

CHANCE = random.Random(7)
GARBAGE = {
    "nothing": b"",
    "blanks": b" \n\t\r\n",
    "zeros": bytes(5000),
    "chance": CHANCE.randbytes(5000),
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + CHANCE.randbytes(3000),
    "an archive": archive({"a.txt": b"a"}),
    "half an archive": archive({"word/document.xml": CHANCE.randbytes(5000)})[:3000],
    "an old Office file": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000),
    "a PDF's first line": b"%PDF-1.7\n",
}


def _word() -> bytes:
    document = word()
    document.add_heading("退款", 1)
    document.add_paragraph("三天内退。")
    return saved(document)


GOOD = {
    "excel": excel(价目=[["房型", "价格"], ["大床", 380]]),
    "faqyaml": "- q: 能退吗\n  a: 三天内退。\n".encode(),
    "html": "<title>手册</title><h1>退款</h1><p>三天内退。</p><table><tr><td>甲<td>乙<tr><td>1<td>2</table>".encode(),
    "markdown": "# 退款\n三天内退。\n\n|甲|乙|\n|--|--|\n|1|2|\n".encode(),
    "pdf": pdf("第一章 退款\n退款须在入住前三天内提出，逾期只退一半。"),
    "table": "房型,价格\n大床,380\n".encode(),
    "word": _word(),
}


def test_every_adapter_is_listed_and_no_ending_is_claimed_twice() -> None:
    assert sorted(READS) == names(port)
    claimed = Counter(ending for endings in READS.values() for ending in endings)
    assert set(claimed.values()) == {1}
    assert all(ending == ending.lower() and ending.startswith(".") for ending in claimed)
    assert {ending: name for name, endings in READS.items() for ending in endings} == ENDINGS


@pytest.mark.parametrize("name", names(port))
@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_unreadable_and_nothing_else(name: str, kind: str) -> None:
    with pytest.raises(Unreadable) as caught:
        list(adapter(port, name).read(GARBAGE[kind]))
    zh, en = caught.value.args
    assert zh
    assert en
    assert not zh.endswith("。")
    assert not en.endswith(".")


@pytest.mark.parametrize("name", names(port))
def test_sections_are_never_empty(name: str) -> None:
    found = list(adapter(port, name).read(GOOD[name]))
    assert any(isinstance(each, Section) for each in found)
    for each in found:
        assert isinstance(each, Section | Notice)
        if isinstance(each, Section):
            assert each.text.strip()
            assert all(map(str.strip, (*each.headings, *each.questions)))
            assert not each.table or each.text.count("\n") >= 1


@pytest.mark.parametrize("name", names(port))
def test_the_same_file_is_read_the_same_twice(name: str) -> None:
    assert sections(name, GOOD[name]) == sections(name, GOOD[name])


@pytest.mark.parametrize("name", names(port))
def test_a_file_that_is_hurt_is_read_or_refused(name: str) -> None:
    answer = import_module("bot.reader.__main__").answer
    chance = random.Random(11)
    for _ in range(60):
        data = bytearray(GOOD[name])
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        found = answer(bytes(data), READS[name][0])
        assert found.get("chunks") or all(found["unreadable"])
