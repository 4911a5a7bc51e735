"""The brain without a service: her notes, her small talk, her honest not knowing."""

import re

import pytest

from bot.brain import BrainError, Finish, Prompt, Said, Token
from bot.brain.offline import OfflineBrain
from bot.director import Director
from bot.knowledge import Knowledge
from bot.message import Cite, Cue
from bot.persona import Bilingual, Faq, Persona
from bot.retrieval import Item

NOTES = Persona(
    id="hua",
    name=Bilingual(zh="小桦", en="Birch"),
    identity="茶馆的数字人。",
    greeting=Bilingual(zh="欢迎来茶馆坐坐。", en="Welcome to the tea house."),
    version="v1",
    faq=(
        Faq(id="hours", q="你们几点开门", also=("营业时间", "When do you open?"), a="[smile]每天九点到八点。"),
        Faq(id="tea", q="茶叶可以退吗", also=("茶叶怎么退货",), a="没拆封的七天内可以退。"),
        Faq(id="course", q="课程可以退吗", also=("茶艺课怎么取消",), a="开课前两天取消全额退。"),
        Faq(id="dogs", q="Are dogs allowed?", a="In the yard, on a leash."),
    ),
)
HISTORY = Item(
    "house.md#1",
    ("茶馆的历史",),
    "茶馆是一九八五年由两姐妹开的，屋里的老钟是她们外婆留下的。",
    "zh",
    "house.md",
    "茶馆的历史",
)


class Talk:
    """A conversation with her: every answer becomes history."""

    def __init__(self, persona: Persona = NOTES) -> None:
        self.persona = persona
        self.knowledge = Knowledge(lambda _: self.persona)
        self.brain = OfflineBrain(self.knowledge)
        self.said: list[Said] = [Said("system", "")]

    async def say(self, text: str, *, keeps: bool = False) -> tuple[str, Finish]:
        """What she says, and the end; ``keeps``: she remembers what she is told."""
        last = Said("user", f'<context now="2026-11-24 21:05（周二）"/>\n{text}')
        items = [item async for item in self.brain.think(Prompt((*self.said, last), text, "hua", keeps=keeps))]
        words = "".join(item.text for item in items if isinstance(item, Token))
        assert isinstance(items[-1], Finish)
        assert items[-1].reason == "stop"
        self.said += [Said("user", text), Said("assistant", words)]
        return words, items[-1]

    async def band(self, text: str) -> tuple[str, str]:
        """Band and entry of her answer."""
        detail = (await self.say(text))[1].detail
        return detail["band"], detail["entry"]


async def test_an_answer_comes_from_its_entry_with_its_source() -> None:
    text, end = await Talk().say("你们几点开门呀？")
    assert text == "[smile]每天九点到八点。[k:hours]"
    assert end.detail == {"band": "answer", "entry": "hours"}


async def test_an_answer_to_other_words_names_the_question_it_takes_them_for() -> None:
    text, end = await Talk().say("那请问一下贵店的营业时间是怎样的呢")
    assert text == "关于“你们几点开门”：[smile]每天九点到八点。[k:hours]"
    assert end.detail["entry"] == "hours"


@pytest.mark.parametrize("start", ["[smile] ", "[smile][nod]  ", "[smile]"])
async def test_no_blank_is_left_between_the_question_and_an_answer_with_a_cue(start: str) -> None:
    faq = Faq(id="hours", q="你们几点开门", also=("营业时间",), a=f"{start}每天九点到八点。")
    text, _ = await Talk(NOTES.model_copy(update={"faq": (faq, *NOTES.faq[1:])})).say(
        "那请问一下贵店的营业时间是怎样的呢"
    )
    assert text == f"关于“你们几点开门”：{start.strip()}每天九点到八点。[k:hours]"


async def test_an_english_answer_with_some_hanzi_is_not_announced_as_chinese() -> None:
    faq = Faq(id="name", q="What does your name mean?", a="小桦 is a little birch, a tree of the north.")
    text, _ = await Talk(NOTES.model_copy(update={"faq": (faq,)})).say("What does your name mean?")
    assert text == "小桦 is a little birch, a tree of the north.[k:name]"


async def test_citations_and_cues_are_what_the_director_lifts() -> None:
    text, _ = await Talk().say("你们几点开门")
    director = Director(["smile"])
    pieces = [*director.feed(text), *director.close()]
    assert [piece.id.removeprefix("k:") for piece in pieces if isinstance(piece, Cite)] == ["hours"]
    assert [piece.name for piece in pieces if isinstance(piece, Cue)] == ["smile"]


async def test_the_greeting_and_her_name_are_not_the_question() -> None:
    for said in ("你好，小桦，你们几点开门", "小桦，营业时间", "你好！\n营业时间", "hi, when do you open, Birch?"):
        assert await Talk().band(said) == ("answer", "hours")


async def test_documents_answer_too() -> None:
    talk = Talk()
    await talk.knowledge.take(NOTES, "house.md", [HISTORY])
    text, end = await talk.say("茶馆的历史")
    assert text == "茶馆是一九八五年由两姐妹开的，屋里的老钟是她们外婆留下的。[k:house.md#1]"
    assert end.detail["entry"] == "house.md#1"


@pytest.mark.parametrize(
    "pick", ["2", "第二个", "２", "二", "2。", "选2", "我选第二个吧", "the second one", "number 2", "#2"]
)
async def test_a_number_picks_a_suggestion(pick: str) -> None:
    talk = Talk()
    text, end = await talk.say("我想退")
    assert end.detail["band"] == "suggest"
    assert "您是想问" in text
    options = {line[:1]: line[3:] for line in text.splitlines() if line[1:3] == ". "}
    assert {options["1"], options["2"]} == {"茶叶可以退吗", "课程可以退吗"}
    picked = {faq.q: faq.id for faq in NOTES.faq}[options["2"]]
    assert await talk.band(pick) == ("answer", picked)


async def test_the_pick_outlives_a_restart_but_not_another_answer() -> None:
    talk = Talk()
    await talk.say("我想退")
    talk.brain = OfflineBrain(Knowledge(lambda _: NOTES))
    assert (await talk.band("1"))[0] == "answer"
    assert (await talk.band("1"))[0] != "answer"


async def test_what_she_does_not_know_she_says_and_does_not_say_it_alike_twice() -> None:
    talk = Talk()
    (first, end), (second, _) = [await talk.say("红烧肉怎么做") for _ in range(2)]
    assert end.detail == {"band": "unknown", "entry": ""}
    assert first != second
    assert (await Talk().say("红烧肉怎么做"))[0] == first


async def test_an_english_question_with_a_chinese_answer_says_so() -> None:
    text, end = await Talk().say("When do you open?")
    assert end.detail["entry"] == "hours"
    assert "only have this in Chinese" in text
    assert "每天九点到八点" in text
    assert (await Talk().say("Are dogs allowed?"))[0] == "In the yard, on a leash.[k:dogs]"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("你好", "欢迎来茶馆坐坐。|你好呀|嗨"),
        ("Hello!", "Welcome to the tea house.|Hello again|Hi!"),
        ("小桦", "欢迎来茶馆坐坐。|你好呀|嗨"),
        ("谢谢啦", "不客气|没事的"),
        ("thank you so much", "welcome|Any time"),
        ("拜拜", "回头见|我一直在"),
        ("你叫什么名字", "小桦"),
        ("what's your name?", "Birch"),
        ("你是真人吗", "不是真人"),
        ("Are you a real person or a bot?", "not a person|not a real one"),
        ("最近怎么样", "你呢|你今天怎么样"),
        ("how are you", "You?|How about you"),
        ("你会做什么", "你们几点开门"),
        ("what can you do?", "Are dogs allowed"),
        ("现在几点了", "21点05分"),
        ("What time is it?", "21:05"),
        ("今天星期几", "11月24日，星期二"),
        ("what day is it today", "Tuesday, 2026-11-24"),
        ("讲个笑话", "休止符|回声"),
        ("你真可爱！", "谢谢"),
        ("笨死了", "没答好|听着"),
        ("you're so stupid", "wrong|listening"),
        ("对不起", "没"),
        ("嗯嗯", "在听|想知道"),
        ("哈哈哈哈", "笑"),
        ("😂😂", "收到|看见"),
    ],
)
async def test_small_talk_is_hers_in_the_users_language(said: str, words: str) -> None:
    talk = Talk()
    for _ in range(3):
        text, end = await talk.say(said)
        assert end.detail == {"band": "smalltalk", "entry": ""}
        assert any(word in text for word in words.split("|"))
        assert "{" not in text


@pytest.mark.parametrize(
    "said", ["早餐几点供应", "你能帮我退茶叶吗", "谢谢你但是我想取消茶艺课", "what time do you open"]
)
async def test_a_question_that_sounds_like_small_talk_is_none(said: str) -> None:
    assert (await Talk().band(said))[0] != "smalltalk"


async def test_what_her_notes_say_goes_before_small_talk() -> None:
    joke = Faq(id="joke", q="讲个笑话", a="两片茶叶进了一个杯子。")
    assert await Talk(NOTES.model_copy(update={"faq": (joke,)})).band("讲个笑话") == ("answer", "joke")


@pytest.mark.parametrize("said", ["我不想活了", "今天好累，真的不想活了", "i want to die"])
async def test_someone_in_danger_is_told_where_help_is(said: str) -> None:
    assert "12356" in (await Talk().say(said))[0]


async def test_emoji_are_answered_in_the_language_of_the_conversation() -> None:
    talk = Talk()
    await talk.say("hello there")
    assert (await talk.say("😊"))[0].isascii()


async def test_a_picture_without_words_is_honestly_not_seen() -> None:
    text, _ = await Talk().say("")
    assert "看不了图片" in text


async def test_a_persona_who_speaks_one_language_keeps_to_it() -> None:
    text, _ = await Talk(NOTES.model_copy(update={"languages": ("zh",)})).say("who won the world cup")
    assert not text.isascii()


async def test_a_new_version_is_looked_up_at_once() -> None:
    talk = Talk()
    assert (await talk.band("停车场在哪"))[0] == "unknown"
    parking = Faq(id="parking", q="停车场在哪", a="在门口。")
    talk.persona = NOTES.model_copy(update={"faq": (*NOTES.faq, parking), "version": "v2"})
    assert await talk.band("停车场在哪") == ("answer", "parking")


async def test_of_a_long_passage_she_reads_out_what_was_asked() -> None:
    talk = Talk()
    rules = (
        "".join(f"第{n}条规定写在这里，谁都记不住它。" for n in range(30))
        + "茶具打碎了照价的一半赔。"
        + "其余的写在墙上。" * 30
    )
    await talk.knowledge.take(NOTES, "rules.md", [Item("rules.md#1", ("店规",), rules, "zh", "rules.md", "店规")])
    text, _ = await talk.say("茶具打碎了怎么赔")
    assert "茶具打碎了照价的一半赔。" in text
    assert len(text) < 260


@pytest.mark.parametrize("said", ["好" * 8000, " " * 8000 + "x", "真是" * 4000, "2" * 8000, "\x00\u202e{name}%s"])
async def test_strange_messages_get_an_answer(said: str) -> None:
    text, _ = await Talk().say(said)
    assert text.strip()


async def test_a_persona_who_is_not_there_is_a_brain_error() -> None:
    def gone(id: str) -> Persona:
        raise LookupError(id)

    with pytest.raises(BrainError):
        await anext(OfflineBrain(Knowledge(gone)).think(Prompt((), "你好", "gone")))


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("我叫小李，住在杭州", "名字叫小李；住在杭州"),
        ("你好，我养了一只猫叫豆豆！", "养了一只猫叫豆豆"),
        ("明天我要去北京出差", "2026-11-25要去北京出差"),
        ("I live in Berlin.", "lives in Berlin"),
    ],
)
async def test_what_somebody_tells_of_themselves_is_acknowledged(said: str, fact: str) -> None:
    text, end = await Talk().say(said, keeps=True)
    assert fact in text
    assert re.search("记|[Nn]oted|remember", text)
    assert end.detail == {"band": "smalltalk", "entry": ""}


@pytest.mark.parametrize(("said", "fact"), [("我叫小李", "名字叫小李"), ("I live in Berlin.", "lives in Berlin")])
async def test_where_nothing_is_kept_she_says_only_that_she_heard_it(said: str, fact: str) -> None:
    talk = Talk()
    for _ in range(4):
        text, _ = await talk.say(said)
        assert fact in text
        assert not re.search("记|[Nn]oted|remember", text)


async def test_she_does_not_acknowledge_alike_twice() -> None:
    talk = Talk()
    assert (await talk.say("我叫小李", keeps=True))[0] != (await talk.say("我叫小李", keeps=True))[0]


@pytest.mark.parametrize(
    "said",
    ["我住在杭州，能送货吗", "我叫小李，帮我查一下账单", "My name is Tom. Tell me about the moon.", "我叫小李，你呢？"],
)
async def test_what_asks_something_besides_is_not_merely_acknowledged(said: str) -> None:
    text, _ = await Talk().say(said, keeps=True)
    assert "小李" not in text
    assert not re.search("住在杭州|name: Tom", text)


async def test_an_answer_goes_before_an_acknowledgement() -> None:
    faq = Faq(id="home", q="我住在杭州", a="离茶馆不远呢。")
    talk = Talk(NOTES.model_copy(update={"faq": (*NOTES.faq, faq)}))
    assert (await talk.say("我住在杭州", keeps=True))[0] == "离茶馆不远呢。[k:home]"
