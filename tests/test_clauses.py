"""Where a speaker takes breath."""

from hypothesis import given
from hypothesis import strategies as st

from bot.clauses import LONGEST, clauses


def cut(text: str) -> list[str]:
    return [clause.text for clause in clauses(text)]


def test_chinese_marks_end_clauses() -> None:
    assert cut("你好，今天不错。走吧！真的吗？！嗯……好") == ["你好", "今天不错", "走吧", "真的吗", "嗯", "好"]


def test_points_within_words_numbers_and_names_do_not() -> None:
    assert cut("Dr. Smith paid 3.50 for v3.11, e.g. a U.S. book") == [
        "Dr. Smith paid 3.50 for v3.11",
        "e.g. a U.S. book",
    ]


def test_the_end_and_the_pause_come_from_the_marks() -> None:
    comma, question, last = clauses("Well, is it? yes")
    assert (comma.end, question.end, last.end) == (",", "?", ".")
    assert 0 < comma.pause < question.pause


def test_nothing_to_pronounce_is_no_clause() -> None:
    assert cut("……！？😂 （）") == []


@given(st.text(st.sampled_from("你好 ab1，。.,!？\n😂"), max_size=300))
def test_every_letter_stays_where_it_was(text: str) -> None:
    found = clauses(text)
    letters = [place for place, character in enumerate(text) if character.isalnum()]
    kept = [
        clause.at + place
        for clause in found
        for place, character in enumerate(clause.text)
        if character.isalnum() and text[clause.at + place] == character
    ]
    assert kept == letters
    assert all(len(clause.text) <= LONGEST for clause in found)
