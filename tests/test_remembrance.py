"""Set words of her memory, and what the phrases for them say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import phrases
from bot.courtesy import wish as other_wish
from bot.facts import Fact
from bot.persona import Bilingual
from bot.remembrance import Asked, MemoryWish, listed, number, wish
from bot.settings import Settings

LIST, ALL, STOP, RESUME = map(MemoryWish, (Asked.LIST, Asked.FORGET_ALL, Asked.STOP, Asked.RESUME))
LINK, UNLINK = map(MemoryWish, (Asked.LINK, Asked.UNLINK))


def forget(*numbers: int) -> MemoryWish:
    return MemoryWish(Asked.FORGET, numbers)


def redeem(code: str) -> MemoryWish:
    return MemoryWish(Asked.REDEEM, code=code)


WISHES = [
    ("你记得我什么", LIST), ("你都记得我什么？", LIST), ("关于我，你记得什么", LIST), ("What do you remember about me?", LIST),
    ("忘掉第 2 条", forget(2)), ("忘记第二条", forget(2)), ("忘了第十二条吧。", forget(12)), ("把第三条忘掉", forget(3)), ("忘掉 3", forget(3)),
    ("忘掉第５条和第2条", forget(2, 5)), ("忘掉第零条", forget(0)), ("忘掉第一百零五条", forget(105)),
    ("forget number 2", forget(2)), ("Forget number two.", forget(2)), ("forget #2", forget(2)), ("forget the second one", forget(2)),
    ("please forget the first", forget(1)), ("forget 2, 3 and 5", forget(2, 3, 5)),
    ("全部忘掉", ALL), ("把关于我的事全部忘掉", ALL), ("忘掉关于我的一切", ALL), ("forget everything about me", ALL),
    ("别记我", STOP), ("不要记我", STOP), ("stop remembering me", STOP), ("Don’t remember me", STOP),
    ("可以记我", RESUME), ("可以记住我了", RESUME), ("remember me again", RESUME),
    ("绑定", LINK), ("关联账号", LINK), ("link my accounts", LINK), ("绑定 AB12CD", redeem("AB12CD")), ("绑定：ab12cd", redeem("AB12CD")),
    ("link AB12-CD", redeem("AB12CD")), ("解除绑定", UNLINK), ("unlink", UNLINK),
]  # fmt: skip
TALK = [
    "你记得我吗", "你还记得我吗？", "你记得我什么时候来过吗", "do you remember me?", "全部忘掉？", "忘掉第2条？", "忘了", "忘记密码", "忘了一点", "忘了一个",
    "忘掉一个人", "忘记2019", "第二条", "2", "forget about it", "forget one", "forget me", "forget the one I love", "不要记", "别记这个", "怎么绑定",
    "绑定手机号", "绑定微信", "link please", "the link 404", "记住：我叫小李", "", "你好", "全部", "我全部忘掉了怎么办",
]  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), WISHES)
def test_wishes_are_heard_with_their_numbers(text: str, meant: MemoryWish) -> None:
    assert wish(text) == meant


@pytest.mark.parametrize("text", TALK)
def test_talk_is_no_wish(text: str) -> None:
    assert wish(text) is None


@pytest.mark.parametrize("text", [text for text, _ in WISHES])
def test_no_wish_is_another_one_already(text: str) -> None:
    assert other_wish(text, Settings()) is None


def test_what_another_wish_says_is_none_of_these() -> None:
    settings = Settings()
    words = (
        *settings.label.leave,
        *settings.own.delete,
        *settings.own.export,
        *settings.own.confirm,
        *settings.meet.words,
    )
    assert [wish(word) for word in words] == [None] * len(words)


@pytest.mark.parametrize(
    ("text", "value"),
    [("2", 2), ("２", 2), ("2nd", 2), ("二", 2), ("两", 2), ("十", 10), ("十二", 12), ("二十", 20), ("二十三", 23), ("一百", 100), ("一百零五", 105),
     ("一二", 12), ("two", 2), ("twelfth", 12), ("Twenty", 20)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, value: int) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "many", "条", "2.5", "-1"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no number"):
        number(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "请",
                "麻烦",
                "你",
                "忘掉",
                "第",
                "2",
                "条",
                "和",
                "全部",
                "可以",
                "记",
                "我",
                "了",
                " ",
                "the ",
                "one ",
                "forget ",
                "remember ",
            ]
        ),
        max_size=60,
    ).map("".join)
)
def test_whatever_is_said_it_is_a_wish_or_none(text: str) -> None:
    meant = wish(text)
    assert meant is None or (meant.asked is Asked.FORGET) == bool(meant.numbers)


def test_a_list_has_the_numbers_one_forgets_by() -> None:
    facts = [Fact("a", "profile", "住在杭州"), Fact("b", "preference", "喜欢喝茶")]
    assert listed(facts) == "1. 住在杭州\n2. 喜欢喝茶"


SAYING = {
    "REMEMBERED": {"facts"}, "NOTHING_REMEMBERED": set[str](), "KEPT": {"fact"}, "NOT_KEPT": set[str](), "FORGOTTEN": {"facts"},
    "NO_SUCH": {"number"}, "FORGOTTEN_ALL": set[str](), "NOT_REMEMBERING": set[str](), "REMEMBERING_AGAIN": set[str](),
    "OFF_RECORD": set[str](), "LINK": {"code", "minutes"}, "LINKED": set[str](), "BAD_CODE": set[str](), "UNLINKED": set[str](),
    "NOT_LINKED": set[str](),
}  # fmt: skip


@pytest.mark.parametrize("name", SAYING)
def test_phrases_say_the_same_in_both_languages(name: str) -> None:
    phrase: Bilingual = getattr(phrases, name)
    for text in (phrase.zh, phrase.en):
        assert set(re.findall(r"\{(\w+)\}", text)) == SAYING[name]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_wish_the_phrases_speak_of_works(language: str) -> None:
    said = [
        getattr(phrases, name).text(language).format(facts="", fact="", number=1, code="AB12CD", minutes=10)
        for name in SAYING
    ]
    quoted = [words for text in said for words in re.findall("“([^”]+)”", text)]
    assert len(quoted) > 5
    for words in quoted:
        known = wish(words) or other_wish(words, Settings())
        assert known or words.startswith(("记住：", "remember: ")), words
    code = phrases.LINK.text(language).format(code="AB12CD", minutes=10).splitlines()[1]
    assert wish(code) == redeem("AB12CD")
