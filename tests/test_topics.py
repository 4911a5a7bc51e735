"""Hot questions: what belongs together, who counts, what strangers may see, what the operator decides."""

import json
from collections.abc import Sequence
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.topic import DAYS, DIGITS, HALF_LIFE_S, REPS, USERS, WORDINGS, crowd, hashed
from bot.topics import Topic, Topics

DAY = 86400.0
NOW = 100 * DAY


def asked(
    topics: Topics, question: str, users: Sequence[str], *, anchor: str = "", band: str = "", at: float = NOW
) -> Topic:
    """The topic that some users' question was counted for."""
    found = None
    for user in users:
        found = topics.note(question, anchor=anchor, band=band or ("answer" if anchor else "unknown"), user=user, at=at)
    assert found
    return found


def titles(topics: Topics, public: bool = True) -> list[str]:
    """What is shown, in order."""
    return [each.title for each in topics.ranked(NOW, public=public)]


# What belongs together


def test_the_entry_that_answered_is_the_key_however_it_was_asked() -> None:
    topics = Topics("mia")
    one = asked(topics, "车停哪儿", "ab", anchor="parking")
    other = asked(topics, "有车位吗", "cd", anchor="parking")
    assert one is other
    assert one.anchor == "parking"
    assert one.wordings == {"车停哪儿": 2, "有车位吗": 2}
    assert asked(topics, "车停哪儿", "e", anchor="hours") is not one


def test_without_an_answer_likeness_decides() -> None:
    topics = Topics("mia")
    one = asked(topics, "请问厨房可以借用吗", "a")
    assert asked(topics, "厨房能借用吗？？", "b") is one
    assert asked(topics, "火车几点到", "c") is not one


def test_a_question_without_answer_is_counted_for_the_topic_it_is_like() -> None:
    topics = Topics("mia")
    parking = asked(topics, "有停车场吗", "ab", anchor="parking")
    assert asked(topics, "停车场有吗", "c") is parking
    assert (parking.asked, parking.unknown, parking.suggested) == (3, 1, 0)


def test_a_topic_everybody_asks_about_stays_one() -> None:
    topics = Topics("mia")
    for number in range(1500):
        dropped = list("周末有没有亲子活动")
        del dropped[number % len(dropped)]
        asked(topics, "".join(dropped), [f"u{number}"], at=NOW + number)
        if number % 10 == 0:
            asked(topics, chr(0x4E00 + number) + chr(0x5E00 + number), [f"u{number}"], at=NOW + number)
    first = topics.ranked(NOW + 1500)[0]
    assert first.asked == 1500
    assert sum("亲子" in text for id in ids(topics) for text in topics[id].reps[:1]) == 1


def ids(topics: Topics) -> list[str]:
    return [each.topic.id for each in topics.ranked(NOW, public=False, limit=10**6)]


def test_the_rare_words_of_a_question_decide() -> None:
    topics = Topics("mia")
    for number in range(100):
        question = f"关于春季课程安排我还有一点不明白{chr(0x6E00 + number)}{chr(0x7E00 + number)}"
        asked(topics, question, "a", anchor=f"{number:03}")
    assert asked(topics, f"关于春季课程安排我还有一点不明白{chr(0x6E00 + 50)}{chr(0x7E00 + 50)}", "b").anchor == "050"


def test_a_cluster_is_joined_to_the_entry_that_comes_to_answer_it() -> None:
    topics = Topics("mia")
    cluster = asked(topics, "能借轮椅吗", "abc")
    assert [each.topic for each in topics.ranked(NOW, unanswered=True)] == [cluster]
    entry = asked(topics, "能借轮椅吗", "d", anchor="wheelchair")
    assert topics.root(cluster.id) is entry
    assert topics.ranked(NOW, unanswered=True) == []
    [standing] = topics.ranked(NOW)
    assert (standing.topic, standing.users, standing.asked) == (entry, 4, 4)


def test_a_choice_that_was_offered_joins_nothing() -> None:
    topics = Topics("mia")
    cluster = asked(topics, "能借轮椅吗", "abc")
    asked(topics, "能借轮椅吗", "d", anchor="wheelchair", band="suggest")
    assert topics.root(cluster.id) is cluster


@pytest.mark.parametrize("text", ["", "😀🎉", "？？？", "你好", "13800138000", " \n ", "2", "嗯", "a"])
def test_what_asks_nothing_is_no_topic(text: str) -> None:
    topics = Topics("mia")
    assert topics.note(text, anchor="", band="unknown", user="a", at=NOW) is None
    assert len(topics) == 0


def test_a_picked_entry_counts_though_nothing_was_said() -> None:
    topics = Topics("mia")
    assert asked(topics, "2", "ab", anchor="hours").asked == 2
    assert topics.note("2", anchor="", band="unknown", user="c", at=NOW) is None
    assert titles(topics) == []
    assert [each.title for each in topics.ranked(NOW, entries={"hours": "几点开门"})] == ["几点开门"]


# Who counts


@given(st.lists(st.tuples(st.integers(0, 19), st.floats(0, 29 * DAY - 1)), min_size=1, max_size=40))
def test_the_score_is_the_sum_of_halved_user_days(events: list[tuple[int, float]]) -> None:
    first: dict[tuple[int, int], float] = {}
    for user, at in events:
        first.setdefault((user, int(at // DAY)), at)
    topics = Topics("mia")
    for user, at in events:
        asked(topics, "几点开门", [f"{user}"], anchor="hours", at=at)
    now = 40 * DAY
    expected = sum(0.5 ** ((now - at) / HALF_LIFE_S) for at in first.values())
    [standing] = topics.ranked(now, public=False)
    assert standing.score == pytest.approx(expected)
    assert standing.asked == len(events)


@given(st.permutations(range(12)))
def test_the_order_of_noting_does_not_matter(order: list[int]) -> None:
    scores: list[float] = []
    for each in (range(12), order):
        topics = Topics("mia")
        for number in each:
            asked(topics, "几点开门", [f"{number}"], anchor="hours", at=NOW + number * 0.7 * DAY)
        scores.append(topics.ranked(NOW + 20 * DAY, public=False)[0].score)
    assert scores[0] == pytest.approx(scores[1])


@given(st.lists(st.sampled_from(["厨房能借吗", "借厨房吗", "能借厨房不", "骗子公司别来"]), min_size=1, max_size=60))
def test_a_single_user_makes_nothing_public(questions: list[str]) -> None:
    topics = Topics("mia")
    for number, question in enumerate(questions):
        anchor = "kitchen" if number % 3 else ""
        asked(topics, question, "a", anchor=anchor, at=NOW - number * DAY / 3)
    assert topics.ranked(NOW) == []
    assert topics.ranked(NOW, period_days=30) == []


def test_nor_can_one_choose_the_words_for_what_others_ask() -> None:
    topics = Topics("mia")
    for day in range(20):
        asked(topics, "骗子公司什么时候关门", "a", anchor="hours", at=NOW - day * DAY)
    asked(topics, "几点关门", "bc", anchor="hours")
    assert titles(topics) == ["几点关门"]


def test_words_that_one_alone_used_are_not_shown() -> None:
    topics = Topics("mia")
    asked(topics, "老公送的戒指能退吗", "a", anchor="refund")
    asked(topics, "怎么退", "b", anchor="refund")
    assert titles(topics) == []
    assert [each.title for each in topics.ranked(NOW, entries={"refund": "可以退货吗"})] == ["可以退货吗"]


def test_a_user_counts_once_a_day() -> None:
    topics = Topics("mia")
    asked(topics, "几点开门", "aaaaab", anchor="hours")
    [standing] = topics.ranked(NOW)
    assert (standing.users, standing.asked) == (2, 6)
    assert standing.score == pytest.approx(2)


def test_a_day_begins_where_the_operator_lives() -> None:
    late, early = NOW - 8 * DAY / 24 - 60, NOW - 8 * DAY / 24 + 60
    for zone, days in ((timezone(timedelta(hours=8)), 2), (UTC, 1)):
        topics = Topics("mia", zone=zone)
        asked(topics, "几点开门", "a", anchor="hours", at=late)
        assert len(asked(topics, "几点开门", "a", anchor="hours", at=early).days) == days


def test_a_crowd_is_estimated_and_nobody_in_it_counts_twice() -> None:
    topics = Topics("mia")
    crowd_of = [f"user {number}" for number in range(1000)]
    topic = asked(topics, "几点开门", crowd_of * 2, anchor="hours")
    assert all(len(users) <= USERS for users in topic.days.values())
    [standing] = topics.ranked(NOW)
    assert 600 < standing.users < 1500
    assert standing.score == pytest.approx(standing.users, abs=1)
    before = topic.score
    asked(topics, "几点开门", [crowd_of[7]] * 50, anchor="hours")
    assert topic.score == before


def test_days_are_bounded_and_users_are_not_named() -> None:
    topics = Topics("mia")
    topic = asked(topics, "几点开门", ["wxid_secret"], anchor="hours")
    for day in range(1, DAYS + 20):
        asked(topics, "几点开门", ["wxid_secret"], anchor="hours", at=NOW + day * DAY)
    assert len(topic.days) == DAYS
    assert "wxid_secret" not in topic.to_json()
    assert {user for users in topic.days.values() for user in users} == {hashed("mia", "wxid_secret")}
    assert hashed("mia", "wxid_secret") != hashed("leo", "wxid_secret")
    assert len(hashed("mia", "a")) == DIGITS
    assert crowd([["a"], ["a", "b"]]) == 2


def test_a_period_counts_its_days_only() -> None:
    topics = Topics("mia")
    asked(topics, "几点开门", "abc", anchor="hours", at=NOW - 5 * DAY)
    asked(topics, "几点开门", "a", anchor="hours")
    asked(topics, "停车场在哪", "ab", anchor="parking")
    week = topics.ranked(NOW, period_days=7)
    assert [(each.topic.anchor, each.users, each.score) for each in week] == [("hours", 3, 4), ("parking", 2, 2)]
    assert [each.topic.anchor for each in topics.ranked(NOW, period_days=1)] == ["parking"]
    assert topics.ranked(NOW + 60 * DAY) == []


# What is kept of wordings


def test_wordings_are_few_and_the_used_ones_stay() -> None:
    topics = Topics("mia")
    asked(topics, "几点开门", "ab", anchor="hours")
    for number in range(50):
        asked(topics, f"第{number}种问法开门", [f"u{number}"], anchor="hours")
    topic = asked(topics, "几点开门", "z", anchor="hours")
    assert len(topic.wordings) == WORDINGS
    assert topic.wordings["几点开门"] == 3
    assert len(topic.reps) <= REPS
    assert topic.reps[0] == "几点开门"
    assert titles(topics) == ["几点开门"]


@pytest.mark.parametrize(
    "text",
    [
        "13800138000是店里电话吗", "联系 mia@example.org 吗", "我叫小王几点能来", "<img src=x onerror=alert(1)>怎么了",
        "字" * 8000, "怎么回事" * 2000, "http://example.org 打不开", "{{smile}}怎么笑",
    ],
)  # fmt: skip
def test_what_is_not_fit_for_strangers_is_never_a_wording(text: str) -> None:
    topics = Topics("mia")
    topic = asked(topics, text, "abcdef", anchor="x")
    assert topic.wordings == {}
    assert topics.ranked(NOW) == []
    assert topics.ranked(NOW, public=False)[0].title == ""
    assert "13800138000" not in topic.to_json()
    assert "mia@example.org" not in topic.to_json()
    assert len(topic.to_json()) < 2000


@given(st.text(max_size=300), st.text(max_size=5))
def test_any_text_is_taken_and_what_is_shown_is_fit(text: str, anchor: str) -> None:
    topics = Topics("mia")
    for user in "ab":
        topics.note(text, anchor=anchor, band="answer", user=user, at=NOW)
    for topic in topics.changes()[0]:
        assert Topic.from_json(topic.to_json()) == topic
    for title in titles(topics):
        assert 2 <= len(title) <= 60
        assert not set(title) & set("<>{}[]`\n")


# What the operator decides


def three() -> tuple[Topics, Topic, Topic, Topic]:
    topics = Topics("mia")
    one = asked(topics, "几点开门", "abcd", anchor="hours")
    two = asked(topics, "停车场在哪", "abc", anchor="parking")
    three = asked(topics, "厨房能借用吗", "ae")
    return topics, one, two, three


def test_hidden_is_not_public_and_pinned_comes_first() -> None:
    topics, one, two, lone = three()
    assert topics.hide(one.id) == [one]
    assert topics.pin(lone.id) == [lone]
    assert titles(topics) == ["厨房能借用吗", "停车场在哪"]
    assert titles(topics, public=False) == ["厨房能借用吗", "几点开门", "停车场在哪"]
    topics.hide(lone.id)
    assert titles(topics) == ["停车场在哪"]
    topics.hide(one.id, False)
    assert titles(topics) == ["几点开门", "停车场在哪"]
    assert topics.word(two.id, "  哪里\n可以停车 ") == [two]
    assert titles(topics)[1] == "哪里 可以停车"
    assert len(topics.word(two.id, "x" * 500)[0].title) == 60


def test_pinned_needs_no_second_user_but_words() -> None:
    topics = Topics("mia")
    topic = asked(topics, "厨房能借用吗", "a")
    topics.pin(topic.id)
    assert titles(topics) == ["厨房能借用吗"]
    bare = asked(topics, "13800138000是谁", "a")
    topics.pin(bare.id)
    assert titles(topics) == ["厨房能借用吗"]


def test_merged_topics_count_as_one_and_users_once() -> None:
    topics, one, two, _ = three()
    assert topics.merge(two.id, one.id) == [two]
    first = topics.ranked(NOW)[0]
    assert (first.topic, first.users, first.asked) == (one, 4, 7)
    asked(topics, "停车场在哪", "d", anchor="parking")
    assert topics.ranked(NOW)[0].score == first.score  # d has been counted for the other one today
    asked(topics, "停车场在哪", "f", anchor="parking")
    assert topics.ranked(NOW)[0].users == 5
    assert topics.part(two.id) == [two]
    assert len(topics.ranked(NOW)) == 3


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_merging_again_changes_nothing_and_loses_nothing(pairs: list[tuple[int, int]]) -> None:
    topics = Topics("mia")
    made = [asked(topics, "问" + chr(0x4E00 + 99 * n), f"{n}z", anchor=f"{n}") for n in range(6)]
    for one, other in pairs:
        topics.merge(made[one].id, made[other].id)
    topics.changes()
    before = topics.ranked(NOW, public=False)
    for one, other in pairs:
        assert topics.merge(made[one].id, made[other].id) == []
        assert topics.merge(made[other].id, made[one].id) == []
    assert topics.ranked(NOW, public=False) == before
    assert sum(each.asked for each in before) == 12
    assert topics.changes() == ([], [])
    again = Topics("mia", made)
    assert again.ranked(NOW, public=False) == before


def test_a_hidden_topics_words_stay_hidden_where_it_is_merged() -> None:
    topics, one, two, _ = three()
    asked(topics, "停车场在哪", "ghijk", anchor="parking")
    topics.hide(two.id)
    topics.merge(two.id, one.id)
    assert titles(topics)[0] == "几点开门"


def test_a_pinned_cluster_stays_pinned_when_its_answer_comes() -> None:
    topics = Topics("mia")
    cluster = asked(topics, "能借轮椅吗", "ab")
    topics.pin(cluster.id)
    topics.word(cluster.id, "轮椅在哪里借")
    asked(topics, "几点开门", "abcd", anchor="hours")
    entry = asked(topics, "能借轮椅吗", "c", anchor="wheelchair")
    assert entry.pinned
    assert titles(topics) == ["轮椅在哪里借", "几点开门"]


def test_what_is_not_there_cannot_be_decided_about() -> None:
    topics, one, *_ = three()
    for decide in (topics.hide, topics.pin, topics.part, topics.root):
        with pytest.raises(KeyError):
            decide("nowhere")
    with pytest.raises(KeyError):
        topics.merge(one.id, "nowhere")


def test_unanswered_are_those_she_mostly_fails_the_widest_asked_first() -> None:
    topics, one, *_ = three()
    wide = asked(topics, "有没有夜场电影", "abc", band="suggest")
    asked(topics, "几点开门", "e", anchor="hours", band="suggest")
    found = topics.ranked(NOW, unanswered=True)
    assert [each.title for each in found] == ["有没有夜场电影", "厨房能借用吗"]
    topics.hide(wide.id)
    assert [each.title for each in topics.ranked(NOW, unanswered=True)] == ["厨房能借用吗"]
    assert one.suggested == 1


def test_topics_that_may_be_one_are_offered_for_merging() -> None:
    topics = Topics("mia")
    one = asked(topics, "厨房能借用吗", "a")
    other = asked(topics, "想在你们那里借个地方炒菜，厨房行不行", "b")
    asked(topics, "火车几点到", "c")
    assert other is not one
    assert topics.kin(one.id) == [other]
    topics.merge(one.id, other.id)
    assert topics.kin(one.id) == []


# What is stored and forgotten


def test_changes_are_told_once_and_as_they_were() -> None:
    topics, one, *_ = three()
    changed, gone = topics.changes()
    assert (len(changed), gone) == (3, [])
    asked(topics, "几点开门", "x", anchor="hours")
    assert [each.asked for each in changed if each.id == one.id] == [4]
    assert [each.asked for each in topics.changes()[0]] == [5]
    assert topics.changes() == ([], [])


def test_a_topic_survives_json_with_keys_of_another_version() -> None:
    topics, one, *_ = three()
    topics.word(one.id, "开门时间")
    data = json.loads(one.to_json())
    assert Topic.from_json(json.dumps({**data, "mood": "calm", "more": {}})) == one
    assert Topic.from_json('{"id": "a", "persona": "mia"}') == Topic("a", "mia")
    for text in ("", "[]", "{}", '{"id": 1, "persona": []}'):
        with pytest.raises(ValueError, match="Topic"):
            Topic.from_json(text)


def test_after_a_restart_all_goes_on() -> None:
    topics, one, _, lone = three()
    again = Topics("mia", [Topic.from_json(each.to_json()) for each in topics.changes()[0]])
    assert again.ranked(NOW) == topics.ranked(NOW)
    assert asked(again, "厨房可以借用吗", "f").id == lone.id
    assert asked(again, "开门几点", "f", anchor="hours").id == one.id


def test_a_ring_of_merges_from_elsewhere_hurts_nobody() -> None:
    ring = [
        Topic("a", "mia", into="b"),
        Topic("b", "mia", into="a"),
        Topic("c", "mia", into="c"),
        Topic("d", "mia", into="?"),
    ]
    topics = Topics("mia", ring)
    assert len(topics.ranked(NOW, public=False)) == 3
    assert topics.root("a") is topics.root("b")


def test_the_weakest_are_forgotten_but_not_what_was_decided_or_is_shared() -> None:
    topics = Topics("mia", most=100)
    shared = asked(topics, "厨房能借用吗", "ab", at=NOW - 20 * DAY)
    hidden = asked(topics, "火车几点到", "a", at=NOW - 25 * DAY)
    topics.hide(hidden.id)
    for number in range(1000):  # one user floods her
        asked(topics, chr(0x4E00 + 2 * number) + chr(0x6E00 + 2 * number), "z", at=NOW + number)
    assert len(topics) <= 100
    assert topics[shared.id] is shared
    assert topics[hidden.id] is hidden
    changed, gone = topics.changes()
    assert len(changed) == len(topics)
    assert len(gone) == 1002 - len(topics)


def test_a_user_is_forgotten_on_demand_and_days_in_time() -> None:
    topics, one, two, lone = three()
    assert topics.forget("a") == [one, two, lone]
    assert hashed("mia", "a") not in one.to_json() + two.to_json() + lone.to_json()
    assert topics.forget("a") == []
    topics.tidy(NOW + (DAYS + 1) * DAY)
    assert one.days == {}
    assert len(topics) == 3
