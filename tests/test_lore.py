"""Lorebooks: which entries come in, where, and what a budget, a decorator or a stranger's pattern does."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jsonfile import Json
from bot.lore import MOST_ENTRIES, ROUNDS, Active, BadLore, active, lorebook, tokens
from bot.lore_entry import Key, Window
from bot.pattern import Fuel


def one(content: str, *keys: str, **more: Json) -> dict[str, Json]:
    """An entry."""
    return {
        "keys": list(keys), "content": content, "extensions": {}, "enabled": True, "insertion_order": 100, **more,
    }  # fmt: skip


def book(*entries: dict[str, Json], **more: Json) -> Json:
    return {"extensions": {}, "entries": list(entries), **more}


def put(data: Json, *texts: str, turn: int = 0, budget: int = 1000, seed: int = 1, greeting: int = 0) -> list[Active]:
    return active(lorebook(data), texts, turn=turn, budget=budget, rng=Random(seed), greeting=greeting)


def told(data: Json, *texts: str, **how: int) -> list[str]:
    return [each.text for each in put(data, *texts, **how)]


# Keys


@pytest.mark.parametrize(
    ("key", "text", "comes"),
    [
        ("dragon", "A Dragon!", True),
        ("art", "a party", False),
        ("art", "art", True),
        ("红茶", "我要一杯红茶谢谢", True),
        ("WiFi", "店里的wifi密码", True),
        ("wifi", "wifi6", False),
        ("ice cream", "Ice Cream, please", True),
        ("C++", "I like c++.", True),
        ("é", "café", False),
        ("straße", "STRASSE", True),
        (" tea ", "tea", True),
        ("", "anything", False),
    ],
)
def test_words_stand_alone_and_hanzi_anywhere(key: str, text: str, comes: bool) -> None:
    assert (told(book(one("x", key)), text) == ["x"]) == comes


def test_case_whole_words_and_commas_as_they_are_set() -> None:
    assert told(book(one("x", "Rose", case_sensitive=True)), "a rose") == []
    assert told(book(one("x", "Rose", extensions={"case_sensitive": True})), "a rose") == []
    assert told(book(one("x", "art", extensions={"match_whole_words": False})), "party") == ["x"]
    assert told(book({**one("x"), "keys": "tea, 茶"}), "喝茶") == ["x"]
    assert told(book({**one("x"), "keys": [7]}), "room 7") == ["x"]


@pytest.mark.parametrize(
    ("logic", "said", "comes"),
    [
        (0, "dragon", False), (0, "dragon fire", True), (0, "fire", False),
        (1, "dragon", True), (1, "dragon fire", True), (1, "dragon fire ice", False),
        (2, "dragon", True), (2, "dragon ice", False),
        (3, "dragon fire", False), (3, "dragon fire ice", True),
    ],
)  # fmt: skip
def test_secondary_keys_by_sillytaverns_logic(logic: int, said: str, comes: bool) -> None:
    each = one("x", "dragon", selective=True, secondary_keys=["fire", "ice"], extensions={"selectiveLogic": logic})
    assert bool(told(book(each), said)) == comes


def test_secondary_keys_count_only_when_selective() -> None:
    assert told(book(one("x", "dragon", selective=False, secondary_keys=["fire"])), "dragon") == ["x"]
    assert told(book(one("x", "dragon", selective=True, secondary_keys=[])), "dragon") == ["x"]
    assert told(book(one("x", "dragon", selective=True, secondary_keys=["fire"])), "dragon") == []


def test_constant_disabled_and_empty() -> None:
    assert told(book(one("x", constant=True)), "") == ["x"]
    assert told(book(one("x", constant=True, enabled=False))) == []
    assert told(book(one(" \n", constant=True))) == []
    assert told(book(one("@@activate\nx", enabled=False))) == []


@pytest.mark.parametrize(
    ("key", "more", "text", "comes"),
    [
        (r"/dr[ai]gon\d+/", {}, "drigon7", True),
        ("/DRAGON/", {}, "dragon", False),
        ("/DRAGON/i", {}, "dragon", True),
        ("/dragon/", {"use_regex": False}, "dragon", False),
        (r"dr.gon", {"use_regex": True}, "Drugon", True),
        (r"dr.gon", {"use_regex": True, "case_sensitive": True}, "Drugon", False),
        ("C++", {"use_regex": True, "extensions": {"selectiveLogic": 0}}, "c++", True),
        ("(a+)+$", {"use_regex": True}, "a" * 5000 + "!", False),
        ("(a+)+$", {"use_regex": True}, "b" * 5000 + "a", True),
    ],
)
def test_patterns(key: str, more: dict[str, Json], text: str, comes: bool) -> None:
    assert bool(told(book(one("x", key, **more)), text)) == comes


def test_an_invalid_pattern_never_matches_and_is_told() -> None:
    data = book(one("x", "(dragon", "/[/", use_regex=True))
    assert told(data, "(dragon [") == []
    assert any("(dragon" in notice and "正则" in notice for notice in lorebook(data).notices)


def test_a_flood_of_patterns_ends_and_brings_nothing_in_by_not_knowing() -> None:
    greedy = one("x", *(f"/(a|b)*a(a|b){{{n}}}c/" for n in range(60, 160)))
    last = one("y", "dragon", selective=True, secondary_keys=["absent"], extensions={"selectiveLogic": 2})
    rng = Random(3)
    text = "".join(rng.choice("ab") for _ in range(19_000)) + " dragon"
    assert told(book(greedy, last), text) == []
    assert told(book(last), text) == ["y"]


# How far back, and what follows from what


def test_scan_depth_of_book_entry_and_decorator() -> None:
    said = ("dragon", "a", "b", "c", "d")
    assert told(book(one("x", "dragon")), *said) == []
    assert told(book(one("x", "dragon")), *said[:4]) == ["x"]
    assert told(book(one("x", "dragon"), scan_depth=5), *said) == ["x"]
    assert told(book(one("x", "dragon", extensions={"scan_depth": 5}), scan_depth=1), *said) == ["x"]
    assert told(book(one("@@scan_depth 5\nx", "dragon"), scan_depth=1), *said) == ["x"]
    assert told(book(one("x", "dragon"), scan_depth=0), "dragon") == []


def test_recursive_scanning_is_asked_for_and_bounded() -> None:
    chain = [one(f"w{n + 1}x", f"w{n}x", insertion_order=n) for n in range(10)]
    assert told(book(*chain), "w0x") == ["w1x"]
    assert told(book(*chain, recursive_scanning=True), "w0x") == [f"w{n + 1}x" for n in range(ROUNDS + 1)]


def test_who_takes_part_in_recursion() -> None:
    first = one("dragon", "castle", insertion_order=1)
    assert told(book(first, one("x", "dragon"), recursive_scanning=True), "castle") == ["dragon", "x"]
    deaf = one("x", "dragon", extensions={"exclude_recursion": True})
    assert told(book(first, deaf, recursive_scanning=True), "castle") == ["dragon"]
    quiet = one("dragon", "castle", extensions={"prevent_recursion": True})
    assert told(book(quiet, one("x", "dragon"), recursive_scanning=True), "castle") == ["dragon"]
    late = one("x", "dragon", extensions={"delay_until_recursion": True})
    assert told(book(first, late, recursive_scanning=True), "castle") == ["dragon", "x"]
    assert told(book(first, late, recursive_scanning=True), "dragon") == []


def test_comments_bring_nothing_in_but_hidden_keys_do() -> None:
    for macro, comes in (("{{// dragon}}", False), ("{{comment: dragon}}", False), ("{{hidden_key:dragon}}", True)):
        data = book(one(f"a{macro}", "castle"), one("x", "dragon"), recursive_scanning=True)
        assert ("x" in told(data, "castle")) == comes


# Budget, order, chance


def test_the_lowest_priority_goes_first() -> None:
    entries = [one(f"{name} " + "字" * 50, "k", priority=rank, insertion_order=n)
               for n, (name, rank) in enumerate([("low", 1), ("high", 9), ("middle", 5)])]  # fmt: skip
    kept = [text.split()[0] for text in told(book(*entries, token_budget=110), "k")]
    assert kept == ["high", "middle"]
    assert [text.split()[0] for text in told(book(*entries), "k", budget=60)] == ["high"]
    assert len(told(book(*entries, token_budget=9999), "k")) == 3


def test_without_priorities_the_lowest_order_goes_first_and_constants_are_within_the_budget() -> None:
    entries = [one(f"{n}" + "字" * 50, constant=True, insertion_order=n) for n in range(3)]
    assert [text[0] for text in told(book(*entries, token_budget=110))] == ["1", "2"]
    assert told(book(*entries), budget=0) == []


def test_what_is_to_be_ignored_when_full_goes_before_all_others() -> None:
    entries = [one("@@ignore_on_max_context\n" + "甲" * 50, "k", priority=9), one("乙" * 50, "k", priority=1)]
    assert told(book(*entries, token_budget=60), "k") == ["乙" * 50]


def test_order_is_the_order() -> None:
    entries = [one("c", "k", insertion_order=3), one("a", "k", insertion_order=-1), one("b", "k", insertion_order="2")]
    assert told(book(*entries), "k") == ["a", "b", "c"]


def test_a_probability_follows_the_seed() -> None:
    data = book(one("x", "k", extensions={"probability": 30, "useProbability": True}))
    drawn = [bool(told(data, "k", seed=seed)) for seed in range(300)]
    assert 50 < sum(drawn) < 130
    assert told(data, "k", seed=5) == told(data, "k", seed=5)
    never = book(one("x", "k", extensions={"probability": 0}))
    assert not any(told(never, "k", seed=seed) for seed in range(50))
    ignored = book(one("x", "k", extensions={"probability": 0, "useProbability": False}))
    assert told(ignored, "k") == ["x"]


def test_tokens_are_about_right() -> None:
    assert (tokens(""), tokens("你好"), tokens("hello there"), tokens("한국")) == (0, 2, 3, 2)


# Places


@pytest.mark.parametrize(
    ("each", "position", "depth", "role"),
    [
        (one("x", "k"), "after_char", 0, "system"),
        (one("x", "k", position="before_char"), "before_char", 0, "system"),
        (one("x", "k", extensions={"position": 0}), "before_char", 0, "system"),
        (one("x", "k", extensions={"position": 4, "depth": 2, "role": 2}), "depth", 2, "assistant"),
        (one("x", "k", extensions={"position": 4}), "depth", 3, "system"),
        (one("x", "k", extensions={"position": 2}), "after_char", 0, "system"),
        (one("@@depth 1\n@@role user\nx", "k"), "depth", 1, "user"),
        (one("@@depth 99\nx", "k"), "depth", 3, "system"),
        (one("@@depth -1\nx", "k"), "depth", 0, "system"),
        (one("@@reverse_depth 1\nx", "k"), "depth", 2, "system"),
        (one("@@reverse_depth 0\nx", "k"), "depth", 3, "system"),
        (one("@@position before_desc\n@@depth 3\nx", "k"), "before_char", 0, "system"),
        (one("@@position personality\nx", "k"), "personality", 0, "system"),
        (one("@@position moon\nx", "k", position="before_char"), "before_char", 0, "system"),
    ],
)
def test_where_it_goes(each: dict[str, Json], position: str, depth: int, role: str) -> None:
    (found,) = put(book(each), "a", "b", "k")
    assert (found.position, found.depth, found.role, found.text) == (position, depth, role, "x")


def test_an_outlet_is_left_out_and_told() -> None:
    data = book(one("x", constant=True, extensions={"position": 7}))
    assert told(data) == []
    assert "position 7" in lorebook(data).notices[0]


# Decorators


def test_gates_of_decorators() -> None:
    assert told(book(one("@@activate\nx"))) == ["x"]
    assert told(book(one("@@dont_activate\nx", "k")), "k") == []
    assert told(book(one("@@dont_activate\n@@activate\nx", "k"))) == ["x"]
    after, every = book(one("@@activate_only_after 3\nx", "k")), book(one("@@activate_only_every 2\nx", constant=True))
    assert [turn for turn in range(6) if told(after, "k", turn=turn)] == [3, 4, 5]
    assert [turn for turn in range(6) if told(every, turn=turn)] == [0, 2, 4]
    greeted = book(one("@@is_greeting 1\nx", constant=True))
    assert [number for number in range(3) if told(greeted, greeting=number)] == [1]
    more = book(one("@@additional_keys fire, ice\n@@exclude_keys water\nx", "dragon"))
    assert [bool(told(more, text)) for text in ("dragon", "dragon ice", "ice", "dragon ice water")] == [
        False, True, False, False,
    ]  # fmt: skip


def test_what_matched_once_stays_or_stays_away() -> None:
    past = ("dragon", *"abcdefgh")
    assert told(book(one("@@keep_activate_after_match\nx", "dragon")), *past) == ["x"]
    assert told(book(one("x", "dragon")), *past) == []
    once = book(one("@@dont_activate_after_match\nx", "dragon"))
    assert told(once, "hi", "dragon") == ["x"]
    assert told(once, "dragon", "hi") == []
    assert told(once, "dragon", "hi", "dragon") == []
    sticky = book(one("x", "dragon", extensions={"sticky": 3, "scan_depth": 1}))
    assert [bool(told(sticky, "dragon", *"abcde"[:n])) for n in range(6)] == [True, True, True, True, False, False]
    assert [bool(told(book(one("x", "k", extensions={"delay": 2})), *["k"] * n)) for n in (1, 2)] == [False, True]


@pytest.mark.parametrize(
    ("content", "text", "comes", "told_of"),
    [
        ("@@risu_only 4\n@@@activate\nx", "x", True, ""),
        ("@@risu_only 4\n@@@agn_only\n@@@activate\nx", "x", True, ""),
        ("@@activate\n@@@dont_activate\nx", "x", True, ""),
        ("@@risu_only 4\nx", "x", False, "@@risu_only"),
        ("@@depth soon\n@@@activate\nx", "x", True, ""),
        ("@@@activate\nx", "x", False, ""),
        ("@@depth 1\n@@depth 2\n@@activate\n\n\nx\ny", "x\ny", True, ""),
        ("@@ACTIVATE\r\nx", "x", True, ""),
        ("@@activate false\nx", "x", False, ""),
        ("x\n@@activate", "x\n@@activate", False, ""),
    ],
)
def test_decorators_and_their_fallbacks(content: str, text: str, comes: bool, told_of: str) -> None:
    data = book(one(content, "k"))
    assert told(data) == ([text] if comes else [])
    if told_of:
        assert any(told_of in notice for notice in lorebook(data).notices)
        assert told(data, "k") == [text]
    else:
        assert lorebook(data).notices == ()


def test_what_is_not_done_is_told_once() -> None:
    asks: dict[str, Json] = {"cooldown": 2, "group": "weather"}
    notices = lorebook(book(one("x", "k", extensions=asks), one("y", "k", extensions=asks))).notices
    assert [notice.partition("：")[0] for notice in notices] == ["cooldown", "group"]
    assert all("不支持" in notice and "not done" in notice for notice in notices)


# Files


def test_a_file_of_its_own_is_the_same_book() -> None:
    data = book(one("x", "k"), name="天气", token_budget=5, scan_depth=2)
    assert lorebook({"spec": "lorebook_v3", "data": data}) == lorebook(data)
    assert (lorebook(data).name, lorebook(data).budget, lorebook(data).scan_depth) == ("天气", 5, 2)


def test_fields_that_are_null_or_of_another_kind_do_not_matter() -> None:
    nulls: dict[str, Json] = dict.fromkeys(
        ("case_sensitive", "name", "comment", "id", "priority", "selective", "position", "extensions", "use_regex")
    )
    assert told(book({**one("x", "k"), **nulls, "enabled": None, "insertion_order": None}), "k") == ["x"]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (None, "entries"),
        ([], "entries"),
        ({"entries": {"0": {}}}, "entries"),
        ({"spec": "lorebook_v3"}, "entries"),
        (book(*[one("x")] * (MOST_ENTRIES + 1)), "entries"),
        ({"entries": [one("x"), 5]}, "entries[2]"),
        (book(one("x"), {**one("x"), "keys": {"a": 1}}), "entries[2].keys"),
        (book(one("x", *["k"] * 201)), "entries[1].keys"),
        (book({**one("x"), "content": ["x"]}), "entries[1].content"),
        (book(one("x" * 50_001)), "entries[1].content"),
    ],
)
def test_what_is_no_book_is_told_with_its_place(data: Json, where: str) -> None:
    with pytest.raises(BadLore) as caught:
        lorebook(data)
    assert [fault[0] for fault in caught.value.faults] == [where]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["k", "/k/i", "@@depth 2\nx"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["position", "depth", "role"]), inner),
    max_leaves=5,
)
FIELDS = (
    "keys", "content", "extensions", "enabled", "insertion_order", "case_sensitive", "use_regex", "constant", "name",
    "priority", "id", "selective", "secondary_keys", "position",
)  # fmt: skip


@given(
    st.lists(st.dictionaries(st.sampled_from(FIELDS), anything), max_size=4), anything, st.lists(st.text(), max_size=3)
)
def test_no_json_breaks_it(entries: list[dict[str, Json]], depth: Json, texts: list[str]) -> None:
    data: Json = {"entries": [*entries], "scan_depth": depth, "token_budget": depth, "recursive_scanning": True}
    try:
        read = lorebook(data)
    except BadLore:
        return
    for each in active(read, [*texts, "k"], turn=1, budget=100, rng=Random(1)):
        assert each.text.strip()
        assert 0 <= each.depth <= len(texts) + 1


def test_a_word_that_stands_nowhere_alone_is_not_looked_for_without_end() -> None:
    fuel = Fuel(1000)
    assert not Key("a").found(Window.of("a" * 20_000), fuel)
    assert fuel.left < 0
    assert Key("a").found(Window.of("aa " * 100 + "a"), Fuel(1000))
