"""Macros of character cards: what each becomes, and what none may do."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.macros import LONGEST, expanded


def put(text: str, original: str = "", seed: int = 1) -> str:
    return expanded(text, char="米娅", user="小李", original=original, rng=Random(seed))


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("{{char}}和{{user}}", "米娅和小李"),
        ("{{CHAR}} {{User}} <BOT> <user> <Char>", "米娅 小李 米娅 小李 米娅"),
        ("{{ char }}", "米娅"),
        ("a{{// 只给作者看 }}b{{comment: 也是}}c{{hidden_key:钥匙}}d", "abcd"),
        ("{{reverse:Hello}}", "olleH"),
        ("先{{original}}后", "先后"),
        ("{{unknown}} {{ }} {{}} {char} <b>", "{{unknown}} {{ }} {{}} {char} <b>"),
        ("{{random:甲}}{{pick:乙}}{{random::丙::丙}}", "甲乙丙"),
        (r"{{random:a\,b}}", "a,b"),
        ("{{roll:1}}{{roll:d1}}{{roll:3d1}}", "113"),
        ("{{roll:d0}}{{roll:x}}", "{{roll:d0}}{{roll:x}}"),
    ],
)
def test_each_macro(text: str, becomes: str) -> None:
    assert put(text) == becomes


def test_what_is_put_in_is_not_expanded_again() -> None:
    assert put("{{original}}", original="{{char}}") == "{{char}}"
    assert expanded("{{user}}", char="x", user="{{original}}", original="secret", rng=Random(1)) == "{{original}}"


def test_random_and_roll_follow_the_given_chance_and_pick_does_not() -> None:
    drawn = {put("{{random:a,b,c}}", seed=seed) for seed in range(40)}
    assert drawn == {"a", "b", "c"}
    assert put("{{random:a,b,c}}{{roll:100}}", seed=5) == put("{{random:a,b,c}}{{roll:100}}", seed=5)
    assert {put("{{roll:d6}}", seed=seed) for seed in range(200)} == set("123456")
    assert len({put("{{pick:a,b,c,d,e}}", seed=seed) for seed in range(40)}) == 1
    assert len(set(put("{{pick:a,b}} " * 12).split())) == 2


def test_output_is_bounded() -> None:
    assert len(put("{{original}}" * 1000, original="x" * 10_000)) == LONGEST


@given(st.text(alphabet=st.sampled_from("{}:/,d6\\<>charuser random")))
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(put(text), str)
