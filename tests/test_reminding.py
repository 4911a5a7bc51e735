"""Whether words ask for a reminder, for all of them, or for the end of one."""

import pytest

from bot.reminding import asked, asks, cancels, errand, lists


@pytest.mark.parametrize(
    "text",
    [
        "明天三点提醒我开会", "叫我起床", "五点喊我一声", "叫醒我", "设个闹钟", "定時十分鐘", "倒计时10分钟", "到点通知我", "别忘了提醒我", "别让我忘了", "提醒他吃药",
        "remind me at 5", "Remind me", "wake me up", "set an alarm", "set a timer", "I need a reminder", "don't let me forget", "Don’t let me forget", "提醒我取消订阅", "明天三点提醒我取消会议", "提醒我看提醒",
    ],
)  # fmt: skip
def test_it_asks(text: str) -> None:
    assert asks(text)
    word = asked(text)
    assert word
    assert 0 <= word.start < word.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "今天天气怎么样", "谢谢提醒", "多谢提醒，我记住了", "你的提醒很有用", "提醒得对", "定时炸弹", "不要提醒我", "别再叫我了", "不用提醒我喝水", "我有哪些提醒", "取消提醒2", "取消所有提醒",
        "don't remind me again", "stop reminding me", "no more reminders please", "list my reminders", "cancel reminder 2", "my mind is clear", f"{'啊' * 9000}提醒我",
    ],
)  # fmt: skip
def test_it_does_not_ask(text: str) -> None:
    assert not asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "我有哪些提醒", "我有什么提醒？", "还有几个提醒", "提醒列表", "查看提醒", "看看我的提醒", "列出所有提醒", "我的提醒", "我的闹钟呢", "提醒有哪些",
        "list my reminders", "Show me my reminders!", "what reminders do I have?", "what are my reminders", "do i have any reminders", "my reminders?", "show all reminders", "see alarms",
    ],
)  # fmt: skip
def test_it_lists(text: str) -> None:
    assert lists(text)
    assert cancels(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "提醒我看书",
        "看一下提醒我的人",
        "我的提醒不响",
        "remind me to list my books",
        "reminders are useful to me",
        "我有哪些提醒" + "啊" * 100,
    ],
)
def test_it_does_not_list(text: str) -> None:
    assert not lists(text)


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("取消第2个提醒", 2), ("取消提醒2", 2), ("取消提醒 12", 12), ("取消第二个提醒", 2), ("删掉第十二条提醒", 12), ("第三个提醒不要了", 3), ("把第2个提醒取消", 2), ("关掉第1个闹钟", 1), ("取消2号提醒", 2),
        ("cancel reminder 2", 2), ("Cancel reminder #12.", 12), ("delete the second reminder", 2), ("remove the 3rd reminder", 3), ("delete my alarm 1", 1),
        ("取消所有提醒", "all"), ("删除全部提醒", "all"), ("清空提醒", "all"), ("把所有提醒都取消", "all"), ("cancel all reminders", "all"), ("delete all my reminders", "all"), ("clear reminders", "all"),
        ("取消提醒", "which"), ("取消闹钟", "which"), ("取消喝水的提醒", "which"), ("把喝水的提醒取消掉", "which"), ("取消明天的提醒", "which"), ("cancel the water reminder", "which"), ("cancel my reminder", "which"), ("取消第0个提醒", "which"), ("取消提醒3点的", "which"),
        ("", None), ("提醒我取消订阅", None), ("明天三点提醒我取消会议", None), ("取消会议", None), ("cancel my order", None), ("remind me to cancel reminder 2", None), ("提醒列表", None), ("取消提醒2" + "啊" * 100, None),
    ],
)  # fmt: skip
def test_what_is_cancelled(text: str, which: int | str | None) -> None:
    assert cancels(text) == which


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        ("提醒我交报告", "交报告"), ("请提醒我要交报告，谢谢", "交报告"), ("麻烦你提醒我一下给妈妈打电话好吗？", "给妈妈打电话"), ("你能不能提醒我去取快递呀", "去取快递"), ("记得叫我起床哦", "起床"), ("叫醒我", "起床"),
        ("提醒我们开会", "开会"), ("我要开会，到时候提醒我", "开会"), ("提醒我得奖名单要公布", "得奖名单要公布"), ("提醒我的士司机的电话", "的士司机的电话"), ("提醒我请客", "请客"), ("提醒我", ""), ("设一个闹钟", ""),
        ("remind me to call mum", "call mum"), ("Could you please remind me about the oven, thanks!", "the oven"), ("wake me up", "wake up"), ("set a reminder for me to stretch", "stretch"), ("remind me that tea is ready.", "tea is ready"),
        ("don't let me forget to tip", "tip"), ("remind me to thank Tom", "thank Tom"), ("remind me 去买 milk", "去买milk"), ("", ""), ("，。！", ""),
    ],
)  # fmt: skip
def test_what_is_to_be_done(words: str, rest: str) -> None:
    assert errand(words) == rest
