"""Where the brain gives no direction, a line's own words ask for one."""

import pytest

from bot.director import Director
from bot.manners import RULES, fitting
from bot.message import Cue, Line

ALL = {name for _, names, _ in RULES for name in names}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("你好呀！", "wave"), ("Hello, how are you?", "wave"), ("欢迎光临。", "wave"), ("拜拜，明天见。", "wave"),
        ("谢谢你告诉我。", "smile"), ("Thank you so much.", "smile"), ("对不起，我记错了。", "sad"), ("I'm sorry.", "sad"),
        ("哈哈，被你发现了。", "delighted"), ("Hahaha, good one.", "delighted"), ("这个我不知道。", "shrug"),
        ("让我想想。", "think"), ("恭喜你！", "clap"), ("好的，没问题。", "nod"), ("Of course, I can.", "nod"),
        ("不行，太危险了。", "shake"), ("你今天过得怎么样？", "smile"), ("今天多云。", ""), ("The highway is long.", ""),
        ("我说了你好之后就走了。", ""), ("", ""),
    ],
)  # fmt: skip
def test_words_and_what_they_ask_for(text: str, name: str) -> None:
    cue = fitting(text, 7, ALL)
    assert (cue.name if cue else "") == name
    assert cue is None or (cue.at == 7 and 0 < cue.intensity <= 1)


def test_only_what_the_body_knows_is_asked_for() -> None:
    assert fitting("你好呀！", 0, {"smile"}) is None
    assert fitting("哈哈！", 0, {"happy"}) == Cue("happy", 0.8, 0)


def cued(text: str) -> list[tuple[str, int]]:
    director = Director(ALL)
    pieces = [*director.feed(text), *director.close()]
    lines = [piece.start for piece in pieces if isinstance(piece, Line)]
    assert lines == sorted(lines)
    return [(piece.name, piece.at) for piece in pieces if isinstance(piece, Cue)]


def test_each_line_without_a_direction_gets_its_own() -> None:
    assert cued("你好呀！今天多云。谢谢你来看我。") == [("wave", 0), ("smile", 9)]


def test_the_brains_directions_go_before_the_rules() -> None:
    assert cued("[sad]你好呀！谢谢你来看我。") == [("sad", 0), ("smile", 4)]
    assert cued("你好呀[sad]！") == [("sad", 3)]
