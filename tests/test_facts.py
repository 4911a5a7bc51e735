"""Facts about a person: what supersedes what, what is told, what is forgotten first."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import (
    KINDS,
    LINES,
    MOST,
    Fact,
    active,
    bare,
    budgeted,
    learned,
    name,
    record,
    relevant,
    restored,
    surplus,
)

NOW = 1_000_000.0


def fact(text: str, **more: object) -> Fact:
    values: dict[str, object] = {"id": name(), "kind": "profile", "text": text, "said_at": 1.0, **more}
    return Fact(**values)  # pyright: ignore[reportArgumentType]


def known(before: list[Fact], changed: list[Fact]) -> list[Fact]:
    """What a store has afterwards."""
    return list(({each.id: each for each in before} | {each.id: each for each in changed}).values())


# As JSON


def test_a_fact_survives_json_and_unknown_keys() -> None:
    one = fact("住在杭州", subject="home", valid_until=5.5, quote="我住在杭州", source="page:a#1", by="rules")
    assert restored(json.loads(json.dumps({**record(one), "mood": "new"}))) == one
    assert restored({"id": "a", "kind": "event", "text": "x"}) == Fact("a", "event", "x")


@pytest.mark.parametrize(
    ("broken", "named"),
    [({"kind": "gossip"}, "kind"), ({"text": 7}, "text"), ({"said_at": "now"}, "said_at"), ({"used_at": True}, "used_at"), ({"status": ""}, "status"), ({"kind": []}, "kind")],
)  # fmt: skip
def test_what_is_no_fact_is_refused_by_name(broken: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        restored({**record(fact("a")), **broken})


def test_a_fact_without_text_is_none() -> None:
    with pytest.raises(ValueError, match="text"):
        restored({"id": "a", "kind": "event"})


# Learning


def test_news_on_a_subject_supersedes_and_keeps_the_old() -> None:
    old = fact("住在杭州", subject="home", said_at=1)
    new = fact("住在上海", subject="home", said_at=2)
    changed = learned([old], [new], NOW)
    assert changed == [replace(old, status="superseded"), replace(new, supersedes=old.id)]
    assert [each.text for each in active(known([old], changed), NOW)] == ["住在上海"]


@pytest.mark.parametrize("again", ["住在杭州", " 住在 杭州。", "我住在杭州", "用户住在杭州", "住在杭州！"])
def test_the_same_said_again_is_no_news(again: str) -> None:
    assert learned([fact("住在杭州", subject="home")], [fact(again, subject="home", said_at=9)], NOW) == []


def test_marks_that_are_names_tell_apart() -> None:
    assert bare("喜欢C++") != bare("喜欢C#")


def test_what_was_said_earlier_does_not_supersede() -> None:
    assert (
        learned([fact("住在上海", subject="home", said_at=5)], [fact("住在杭州", subject="home", said_at=4)], NOW) == []
    )


def test_several_on_one_subject_in_one_go_leave_a_chain() -> None:
    first, second = fact("住在杭州", subject="home", said_at=1), fact("住在上海", subject="home", said_at=2)
    changed = learned([], [second, first], NOW)
    assert [(each.text, each.status, each.supersedes) for each in changed] == [
        ("住在杭州", "superseded", ""),
        ("住在上海", "active", first.id),
    ]


def test_what_somebody_asked_to_be_kept_is_not_noted_twice() -> None:
    own = fact("我对花生过敏", source="a#1", by="user")
    assert learned([own], [fact("花生会引起不适", source="a#1", quote="我对花生过敏")], NOW) == []
    assert len(learned([own], [fact("花生会引起不适", source="a#2", quote="我对花生过敏")], NOW)) == 1
    assert len(learned([own], [fact("喜欢猫", source="a#1", quote="")], NOW)) == 1


def test_what_has_ended_is_not_learned_and_can_be_said_anew() -> None:
    ended = fact("要去北京", kind="plan", valid_until=NOW - 1)
    assert learned([], [ended], NOW) == []
    again = fact("要去北京", kind="plan", valid_until=NOW + 1, said_at=2)
    assert learned([ended], [again], NOW) == [again]
    assert active([ended, again], NOW) == [again]


def test_of_too_many_the_oldest_unused_events_go_first() -> None:
    events = [fact(f"第{n}件事", kind="event", said_at=n, used_at=NOW if n == 0 else 0) for n in range(MOST)]
    new = fact("住在杭州", subject="home", said_at=MOST)
    changed = learned(events, [new], NOW)
    assert changed == [replace(events[1], status="superseded"), new]


def test_an_event_does_not_drive_out_what_was_asked_to_be_kept() -> None:
    wishes = [fact(f"第{n}件事", by="user", said_at=n) for n in range(MOST)]
    assert learned(wishes, [fact("下雨了", kind="event", said_at=MOST)], NOW) == []


FACTS = st.builds(
    fact,
    st.sampled_from(["住在杭州", "住在上海", "叫小李", "爱喝茶", "要搬家", "去过海边"]),
    kind=st.sampled_from(KINDS),
    subject=st.sampled_from(["", "home", "name"]),
    said_at=st.integers(0, 9).map(float),
    valid_until=st.sampled_from([0.0, NOW - 1, NOW + 1]),
)


@given(st.lists(st.lists(FACTS, max_size=6), max_size=5))
def test_there_is_one_active_fact_a_subject_and_what_is_known_is_no_news(rounds: list[list[Fact]]) -> None:
    store: list[Fact] = []
    for new in rounds:
        store = known(store, learned(store, new, NOW))
    holding = active(store, NOW)
    assert learned(store, [replace(each, id=name()) for each in holding], NOW) == []
    subjects = [each.subject for each in holding if each.subject]
    assert len(set(subjects)) == len(subjects)
    assert len({bare(each.text) for each in holding}) == len(holding)
    assert {each.supersedes for each in store if each.supersedes} <= {each.id for each in store}


# Forgetting


def test_numbers_stay_profile_first_then_as_it_was_said() -> None:
    facts = [fact("c", kind="event", said_at=3), fact("b", kind="preference", said_at=2), fact("a", said_at=9)]
    assert [each.text for each in active(facts, NOW)] == ["a", "b", "c"]
    assert active(facts[::-1], NOW) == active(facts, NOW)


def test_a_long_past_is_let_go() -> None:
    past = [fact(f"{n}", status="superseded", said_at=n) for n in range(MOST + 2)]
    assert {each.text for each in surplus([*past, fact("holds", said_at=-1)], NOW)} == {"0", "1"}
    assert surplus([fact("ended", valid_until=1)] * MOST, NOW) == []


# Telling


def test_what_a_question_is_about_is_found_by_its_words() -> None:
    facts = [
        fact("去过海边写生", kind="event", said_at=1),
        fact("2026-12-01要考驾照", kind="plan", said_at=2),
        fact("养了一只猫叫咪咪", kind="relation", said_at=3),
    ]
    assert [each.text for each in relevant(facts, "驾照考得怎么样了")] == ["2026-12-01要考驾照"]
    assert [each.text for each in relevant(facts, "我的猫呢")] == ["养了一只猫叫咪咪"]
    assert relevant(facts, "你在吗") == []
    assert [each.text for each in relevant(facts, "how is my cat?")] == ["养了一只猫叫咪咪"]
    assert relevant([], "猫") == []


def test_lasting_facts_are_told_always_events_when_they_are_asked_for() -> None:
    home, trip = fact("住在杭州", subject="home"), fact("去过敦煌看壁画", kind="event")
    assert budgeted([trip, home], "你好") == [home]
    assert budgeted([trip, home], "敦煌的壁画美吗") == [home, trip]


def test_of_many_lasting_facts_the_latest_are_told_and_the_others_can_be_asked_for() -> None:
    facts = [fact(f"喜欢第{n}号曲子", kind="preference", said_at=n) for n in range(LINES + 5)]
    facts.append(fact("喜欢蓝莓松饼", kind="preference", said_at=-1))
    told = budgeted(facts, "蓝莓松饼怎么做")
    assert [each.text for each in told][-1] == "喜欢蓝莓松饼"
    assert [each.said_at for each in told[:-1]] == list(range(5, LINES + 5))


@given(
    st.lists(st.builds(fact, st.text("猫狗鱼a ", min_size=1, max_size=120), kind=st.sampled_from(KINDS)), max_size=40),
    st.integers(0, 700),
)
def test_the_budget_is_kept(facts: list[Fact], characters: int) -> None:
    told = budgeted(facts, "猫和狗", characters=characters)
    assert sum(len(each.text) for each in told) <= characters
    assert len(told) <= LINES + 5
    assert len({each.id for each in told}) == len(told)
