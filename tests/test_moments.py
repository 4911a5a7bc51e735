"""Moments in words: phrases with their exact meaning, days on which clocks change, and what has no meaning."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.moments import moment, told

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 16, 40, 12, tzinfo=SHANGHAI)
"""A Monday afternoon."""

# Phrase, moment in Shanghai, what is to be remembered, and: repeat with the wanted day, vague, past.
CHINESE = [
    ("明天下午三点提醒我开会", "2026-11-24 15:00", "开会", ""),
    ("后天早上八点半叫我起床", "2026-11-25 08:30", "起床", ""),
    ("大后天提醒我复诊", "2026-11-26 09:00", "复诊", "vague"),
    ("今晚9点一刻提醒我吃药", "2026-11-23 21:15", "吃药", ""),
    ("明早六点三刻", "2026-11-24 06:45", "", ""),
    ("下午15:30", "2026-11-24 15:30", "", ""),
    ("15:30提醒我", "2026-11-24 15:30", "", ""),
    ("两小时后提醒我", "2026-11-23 18:40:12", "", ""),
    ("半小时后喊我", "2026-11-23 17:10:12", "", ""),
    ("一个半小时后提醒我关火", "2026-11-23 18:10:12", "关火", ""),
    ("20分钟后提醒我", "2026-11-23 17:00:12", "", ""),
    ("过十分钟叫我", "2026-11-23 16:50:12", "", ""),
    ("三天后提醒我交作业", "2026-11-26 16:40", "交作业", "vague"),
    ("三天后下午两点", "2026-11-26 14:00", "", ""),
    ("下周三上午十点提醒我交报告", "2026-12-02 10:00", "交报告", ""),
    ("这周五提醒我买票", "2026-11-27 09:00", "买票", "vague"),
    ("周日提醒我给妈妈打电话", "2026-11-29 09:00", "给妈妈打电话", "vague"),
    ("下个月3号提醒我还信用卡", "2026-12-03 09:00", "还信用卡", "vague"),
    ("12月24日晚上8点提醒我", "2026-12-24 20:00", "", ""),
    ("2027年1月1日提醒我拜年", "2027-01-01 09:00", "拜年", "vague"),
    ("月底提醒我交房租", "2026-11-30 09:00", "交房租", "vague"),
    ("每天早上七点提醒我喝水", "2026-11-24 07:00", "喝水", "daily"),
    ("每周一早上八点提醒我开例会", "2026-11-30 08:00", "开例会", "weekly"),
    ("工作日早上8点叫我起床", "2026-11-24 08:00", "起床", "weekdays"),
    ("每个工作日提醒我打卡", "2026-11-24 09:00", "打卡", "weekdays vague"),
    ("每月1号提醒我交租", "2026-12-01 09:00", "交租", "monthly 1 vague"),
    ("每年12月24日提醒我买礼物", "2026-12-24 09:00", "买礼物", "yearly 24 vague"),
    ("零点提醒我抢票", "2026-11-24 00:00", "抢票", ""),
    ("中午提醒我吃饭", "2026-11-24 12:00", "吃饭", "vague"),
    ("半夜叫我", "2026-11-24 00:00", "", "vague"),
    ("凌晨一点叫我", "2026-11-24 01:00", "", ""),
    ("3点提醒我", "2026-11-24 15:00", "", ""),
    ("五点叫我", "2026-11-23 17:00", "", ""),
    ("周一到周五每天早上8点提醒我", "2026-11-24 08:00", "", "weekdays"),
    ("12月5号中午提醒我寄快递", "2026-12-05 12:00", "寄快递", "vague"),
    ("一刻钟后提醒我", "2026-11-23 16:55:12", "", ""),
    ("明天下午三点到四点开会提醒我", "2026-11-24 15:00", "开会", ""),
    ("明天下午三点开会，提前十分钟提醒我", "2026-11-24 14:50", "开会", ""),
    ("提醒我明天把今天的作业交了", "2026-11-24 09:00", "把今天的作业交了", "vague"),
    ("今晚提醒我明天九点开会", "2026-11-23 20:00", "明天九点开会", "vague"),
    ("今晚12点提醒我睡觉", "2026-11-24 00:00", "睡觉", ""),
    ("昨天下午三点", "2026-11-22 15:00", "", "past"),
    ("今天早上8点提醒我", "2026-11-23 08:00", "", "past"),
    ("差五分三点叫我", "2026-11-24 14:55", "", ""),
    ("八点差一刻叫我", "2026-11-23 19:45", "", ""),
    ("明天八点零五分提醒我", "2026-11-24 08:05", "", ""),
    ("明天晚上十点半钟提醒我给爸爸打电话", "2026-11-24 22:30", "给爸爸打电话", ""),
    ("每晚十点提醒我吃药", "2026-11-23 22:00", "吃药", "daily"),
    ("每天晚上11点提醒我睡觉", "2026-11-23 23:00", "睡觉", "daily"),
    ("每天提醒我喝水", "2026-11-24 09:00", "喝水", "daily vague"),
    ("每周五下午五点提醒我写周报", "2026-11-27 17:00", "写周报", "weekly"),
    ("每周提醒我交周报", "2026-11-30 09:00", "交周报", "weekly vague"),
    ("每个月最后一天提醒我对账", "2026-11-30 09:00", "对账", "monthly 31 vague"),
    ("每月31号提醒我", "2026-11-30 09:00", "", "monthly 31 vague"),
    ("每个月提醒我交水费", "2026-12-23 09:00", "交水费", "monthly 23 vague"),
    ("每年2月29日提醒我", "2027-02-28 09:00", "", "yearly 29 vague"),
    ("提醒我下午三点的会", "2026-11-24 15:00", "会", ""),
    ("请在明天下午三点的时候提醒我一下去取快递，谢谢", "2026-11-24 15:00", "去取快递", ""),
    ("麻烦你明天早上7点叫醒我", "2026-11-24 07:00", "起床", ""),
    ("你能不能明天下午两点提醒我给客户回电话？", "2026-11-24 14:00", "给客户回电话", ""),
    ("我明天下午三点要开会，到时候提醒我", "2026-11-24 15:00", "开会", ""),
    ("我明天下午三点有个会。提醒我一下", "2026-11-24 15:00", "有个会", ""),
    ("设个明早7点的闹钟", "2026-11-24 07:00", "", ""),
    ("定一个二十分钟的倒计时", "2026-11-23 17:00:12", "", ""),
    ("倒计时10分钟", "2026-11-23 16:50:12", "", ""),
    ("一小时二十分钟后提醒我", "2026-11-23 18:00:12", "", ""),
    ("1.5小时后提醒我", "2026-11-23 18:10:12", "", ""),
    ("90秒后叫我", "2026-11-23 16:41:42", "", ""),
    ("一个月后提醒我续费", "2026-12-23 16:40", "续费", "vague"),
    ("半个月后提醒我", "2026-12-08 16:40", "", "vague"),
    ("半年后提醒我体检", "2027-05-23 16:40", "体检", "vague"),
    ("两周后的周三提醒我", "2026-12-09 09:00", "", "vague"),
    ("下周提醒我", "2026-11-30 09:00", "", "vague"),
    ("下个月提醒我", "2026-12-01 09:00", "", "vague"),
    ("明年提醒我", "2027-01-01 09:00", "", "vague"),
    ("明年1月1日提醒我", "2027-01-01 09:00", "", "vague"),
    ("年底提醒我", "2026-12-31 09:00", "", "vague"),
    ("下下周一早上9点", "2026-12-07 09:00", "", ""),
    ("下个周五", "2026-12-04 09:00", "", "vague"),
    ("上周五", "2026-11-20 09:00", "", "vague past"),
    ("这周一", "2026-11-23 17:00", "", "vague"),
    ("周一", "2026-11-30 09:00", "", "vague"),
    ("本月25号", "2026-11-25 09:00", "", "vague"),
    ("3号提醒我", "2026-12-03 09:00", "", "vague"),
    ("23号晚上8点", "2026-11-23 20:00", "", ""),
    ("31号提醒我", "2026-12-31 09:00", "", "vague"),
    ("2027-01-01 08:00 提醒我", "2027-01-01 08:00", "", ""),
    ("2027/1/1提醒我", "2027-01-01 09:00", "", "vague"),
    ("二〇二七年一月一日零点", "2027-01-01 00:00", "", ""),
    ("今晚1点叫我", "2026-11-24 01:00", "", ""),
    ("今晚凌晨一点叫我", "2026-11-24 01:00", "", ""),
    ("半夜两点叫我", "2026-11-24 02:00", "", ""),
    ("夜里十一点", "2026-11-23 23:00", "", ""),
    ("晚上6点半", "2026-11-23 18:30", "", ""),
    ("下午5:30", "2026-11-23 17:30", "", ""),
    ("3:30提醒我", "2026-11-24 15:30", "", ""),
    ("03:30提醒我", "2026-11-24 03:30", "", ""),
    ("7:15叫我起床", "2026-11-24 07:15", "起床", ""),
    ("６点叫我起床", "2026-11-24 06:00", "起床", ""),
    ("明天6点提醒我", "2026-11-24 18:00", "", ""),
    ("12点提醒我", "2026-11-24 12:00", "", ""),
    ("10点提醒我", "2026-11-23 22:00", "", ""),
    ("今天提醒我交报告", "2026-11-23 17:00", "交报告", "vague"),
    ("今晚提醒我", "2026-11-23 20:00", "", "vague"),
    ("今天下午提醒我", "2026-11-23 17:00", "", "vague"),
    ("下午提醒我喝茶", "2026-11-23 17:00", "喝茶", "vague"),
    ("明天提醒我去吃早饭", "2026-11-24 09:00", "去吃早饭", "vague"),
    ("提醒我周五下午三点坐2号线去机场", "2026-11-27 15:00", "坐2号线去机场", ""),
    ("明天下午三点提醒我给3号楼的王总打电话", "2026-11-24 15:00", "给3号楼的王总打电话", ""),
    ("提醒我晚上8点看电影，票在3号桌", "2026-11-23 20:00", "看电影，票在3号桌", ""),
    ("后天下午提醒我三点开会", "2026-11-25 15:00", "开会", ""),
    ("明天 3pm 提醒我 call mum", "2026-11-24 15:00", "call mum", ""),
    ("remind me 明天下午三点 to call mum", "2026-11-24 15:00", "call mum", ""),
    ("十分鐘後提醒我關火", "2026-11-23 16:50:12", "關火", ""),
    ("下週三早上八點叫我", "2026-12-02 08:00", "", ""),
    ("過半個鐘頭叫我", "2026-11-23 17:10:12", "", ""),
    ("周末提醒我洗车", "2026-11-28 09:00", "洗车", "vague"),
    ("下周末提醒我", "2026-12-05 09:00", "", "vague"),
    ("正午叫我", "2026-11-24 12:00", "", ""),
    ("明天中午12点半", "2026-11-24 12:30", "", ""),
    ("大大后天", "2026-11-27 09:00", "", "vague"),
    ("前天", "2026-11-21 09:00", "", "vague past"),
    ("这个月底", "2026-11-30 09:00", "", "vague"),
    ("下个月底提醒我", "2026-12-31 09:00", "", "vague"),
    ("明年3月底", "2027-03-31 09:00", "", "vague"),
    ("过两天提醒我", "2026-11-25 16:40", "", "vague"),
    ("24点提醒我", "2026-11-24 00:00", "", ""),
    ("明天24:00", "2026-11-25 00:00", "", ""),
    ("提前一天提醒我12月24日晚上8点的聚会", "2026-12-23 20:00", "聚会", ""),
]
ENGLISH = [
    ("remind me in 20 minutes", "2026-11-23 17:00:12", "", ""),
    ("remind me in two hours to call mum", "2026-11-23 18:40:12", "call mum", ""),
    ("in half an hour remind me to check the oven", "2026-11-23 17:10:12", "check the oven", ""),
    ("in an hour and a half", "2026-11-23 18:10:12", "", ""),
    ("remind me tomorrow at 3pm", "2026-11-24 15:00", "", ""),
    ("tonight at 9", "2026-11-23 21:00", "", ""),
    ("remind me next Monday at 8 am to send the report", "2026-11-30 08:00", "send the report", ""),
    ("on Friday remind me to pay rent", "2026-11-27 09:00", "pay rent", "vague"),
    ("every day at 7", "2026-11-24 07:00", "", "daily"),
    ("every Monday at 8am", "2026-11-30 08:00", "", "weekly"),
    ("weekdays at 8", "2026-11-24 08:00", "", "weekdays"),
    ("on December 24 at 8pm", "2026-12-24 20:00", "", ""),
    ("24 December", "2026-12-24 09:00", "", "vague"),
    ("at noon", "2026-11-24 12:00", "", ""),
    ("at midnight", "2026-11-24 00:00", "", ""),
    ("at 15:30", "2026-11-24 15:30", "", ""),
    ("the day after tomorrow", "2026-11-25 09:00", "", "vague"),
    ("next month on the 3rd", "2026-12-03 09:00", "", "vague"),
    ("end of the month", "2026-11-30 09:00", "", "vague"),
    ("remind me to call mum tomorrow at 5", "2026-11-24 17:00", "call mum", ""),
    ("wake me up at 7", "2026-11-24 07:00", "wake up", ""),
    ("remind me at quarter to nine tonight to take the bins out", "2026-11-23 20:45", "take the bins out", ""),
    ("remind me 10 minutes before my meeting tomorrow at 3pm", "2026-11-24 14:50", "my meeting", ""),
    ("remind me on the 1st of every month to pay rent", "2026-12-01 09:00", "pay rent", "monthly 1 vague"),
    ("tomorrow afternoon at 3", "2026-11-24 15:00", "", ""),
    ("tomorrow morning", "2026-11-24 08:00", "", "vague"),
    ("remind me of mum's birthday every year on March 3", "2027-03-03 09:00", "mum's birthday", "yearly 3 vague"),
    ("remind me in 5 mins", "2026-11-23 16:45:12", "", ""),
    ("remind me in an hour", "2026-11-23 17:40:12", "", ""),
    ("remind me in 1.5 hours", "2026-11-23 18:10:12", "", ""),
    ("in 2 hours and 15 minutes remind me", "2026-11-23 18:55:12", "", ""),
    ("in twenty-five minutes", "2026-11-23 17:05:12", "", ""),
    ("20 minutes from now", "2026-11-23 17:00:12", "", ""),
    ("two days from now", "2026-11-25 16:40", "", "vague"),
    ("in 3 days at 5pm", "2026-11-26 17:00", "", ""),
    ("in three weeks", "2026-12-14 16:40", "", "vague"),
    ("in a couple of hours", "2026-11-23 18:40:12", "", ""),
    ("remind me in a quarter of an hour", "2026-11-23 16:55:12", "", ""),
    ("remind me at half past 5", "2026-11-23 17:30", "", ""),
    ("at five past nine tomorrow", "2026-11-24 09:05", "", ""),
    ("tomorrow at 7 in the evening", "2026-11-24 19:00", "", ""),
    ("at 3:30", "2026-11-24 15:30", "", ""),
    ("at 9 o'clock", "2026-11-23 21:00", "", ""),
    ("on the 3rd at 10am", "2026-12-03 10:00", "", ""),
    ("on the 31st", "2026-12-31 09:00", "", "vague"),
    ("December 24th, 2027 at 9 p.m.", "2027-12-24 21:00", "", ""),
    ("3rd of March", "2027-03-03 09:00", "", "vague"),
    ("this Friday at 10", "2026-11-27 10:00", "", ""),
    ("next friday", "2026-12-04 09:00", "", "vague"),
    ("on fri at 3", "2026-11-27 15:00", "", ""),
    ("Sunday", "2026-11-29 09:00", "", "vague"),
    ("remind me on Mondays at 9", "2026-11-30 09:00", "", "weekly"),
    ("every weekday at 9:30", "2026-11-24 09:30", "", "weekdays"),
    ("every morning", "2026-11-24 08:00", "", "daily vague"),
    ("every night at 10 remind me to take my pills", "2026-11-23 22:00", "take my pills", "daily"),
    ("every month on the 15th", "2026-12-15 09:00", "", "monthly 15 vague"),
    ("monthly on the last day", "2026-11-30 09:00", "", "monthly 31 vague"),
    ("every December 24", "2026-12-24 09:00", "", "yearly 24 vague"),
    ("daily at 8am", "2026-11-24 08:00", "", "daily"),
    ("every week on Friday", "2026-11-27 09:00", "", "weekly vague"),
    ("tomorrow at midnight", "2026-11-25 00:00", "", ""),
    ("tonight at midnight", "2026-11-24 00:00", "", ""),
    ("today at 5", "2026-11-23 17:00", "", ""),
    ("yesterday at 5", "2026-11-22 17:00", "", "past"),
    ("last Friday", "2026-11-20 09:00", "", "vague past"),
    ("can you please remind me to log in at 5, thanks!", "2026-11-23 17:00", "log in", ""),
    ("set an alarm for 6:30 am", "2026-11-24 06:30", "", ""),
    ("set a timer for 10 minutes", "2026-11-23 16:50:12", "", ""),
    ("remind me that I have a meeting at 3", "2026-11-24 15:00", "I have a meeting", ""),
    ("don't let me forget to water the plants tomorrow evening", "2026-11-24 20:00", "water the plants", "vague"),
    ("remind me to check in at the hotel tomorrow at noon", "2026-11-24 12:00", "check in at the hotel", ""),
    ("remind me to buy 5 apples tomorrow", "2026-11-24 09:00", "buy 5 apples", "vague"),
    ("meet at 3-4pm tomorrow", "2026-11-24 15:00", "meet", ""),
    ("end of next month", "2026-12-31 09:00", "", "vague"),
    ("end of the year", "2026-12-31 09:00", "", "vague"),
    ("next week", "2026-11-30 09:00", "", "vague"),
    ("the weekend", "2026-11-28 09:00", "", "vague"),
    ("march 3", "2027-03-03 09:00", "", "vague"),
    ("noon", "2026-11-24 12:00", "", ""),
    ("7 tonight", "2026-11-23 19:00", "", ""),
    ("tomorrow night", "2026-11-24 22:00", "", "vague"),
    ("this morning", "2026-11-23 08:00", "", "vague past"),
]


def read(text: str, now: datetime = NOW) -> tuple[str, str, str] | None:
    """What is found, as the tables write it."""
    found = moment(text, now)
    if found is None:
        return None
    assert found.at.tzinfo is now.tzinfo
    at = f"{found.at:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    notes = (found.repeat, str(found.day or ""), "vague" * found.vague, "past" * found.past)
    return at, found.rest, " ".join(filter(None, notes))


@pytest.mark.parametrize(("text", "at", "rest", "notes"), CHINESE + ENGLISH)
def test_phrases(text: str, at: str, rest: str, notes: str) -> None:
    assert read(text) == (at, rest, notes)


@pytest.mark.parametrize(
    "text",
    [
        "每周一三五下午6点提醒我跑步", "2月30日提醒我", "25点提醒我", "快一点提醒我", "every other day at 7", "at 25:00", "on February 30 at 8", "每20分钟提醒我喝水",
        "每隔两天提醒我浇花", "每小时提醒我站起来", "每周末提醒我", "农历八月十五提醒我赏月", "正月初一提醒我", "2026年2月29日", "提醒我", "叫我小明就好", "提醒我一下你是谁", "早点叫我", "16:9",
        "every 2 weeks", "hourly", "every monday and wednesday", "at 5 percent", "in 100000 days", "in 99999 years", "at 13pm", "at 0am",
        "", " ", "。。。", "提醒", "明天25点提醒我", "八点六十分叫我", "13月1日提醒我", "2月30日早上八点", "每月32号提醒我", "每年2月30日提醒我", "2026-02-29 提醒我",
        "除夕提醒我", "我有一点累", "快一点", "第三点我不同意", "他提了三点建议", "等一会儿叫我", "过几天提醒我", "晚点叫我", "2号楼在哪", "两个月", "十分好",
        "March 32", "at 8:75", "on the 32nd", "every 20 minutes", "every second day", "biweekly", "in a while", "it costs at 5 dollars", "remind me", "phone at one's desk",
    ],
)  # fmt: skip
def test_what_names_no_moment(text: str) -> None:
    assert moment(text, NOW) is None


@pytest.mark.parametrize(
    ("now", "text", "at"),
    [
        ("10:00", "3点提醒我", "23 15:00"), ("16:00", "3点提醒我", "24 15:00"), ("02:00", "3点叫我", "23 03:00"), ("16:40", "5点叫我", "23 17:00"),
        ("21:00", "8点提醒我", "24 08:00"), ("10:00", "8点提醒我", "23 20:00"), ("22:30", "11点提醒我关灯", "23 23:00"), ("13:00", "11点提醒我", "24 11:00"),
        ("13:00", "11点提醒我睡觉", "23 23:00"), ("22:30", "12点叫我", "24 00:00"), ("10:00", "12点叫我", "23 12:00"), ("13:00", "今天12点提醒我", "24 00:00"),
        ("00:30", "今晚2点叫我", "23 02:00"), ("00:30", "半夜两点叫我", "23 02:00"), ("20:00", "半夜两点叫我", "24 02:00"), ("00:30", "今晚12点", "24 00:00"),
        ("20:00", "今天凌晨一点", "23 01:00 past"), ("20:00", "明天凌晨一点叫我", "24 01:00"), ("21:30", "今晚提醒我", "23 22:00"), ("23:20", "今天提醒我", "24 00:00"),
        ("09:00", "周一提醒我", "30 09:00"), ("07:00", "周一提醒我", "23 09:00"), ("09:00", "周一早上十点", "23 10:00"), ("16:00", "周一早上十点", "30 10:00"),
        ("16:00", "at 3", "24 15:00"), ("10:00", "at 3", "23 15:00"), ("05:00", "wake me at 6", "23 06:00"), ("12:00", "wake me at 6", "24 06:00"), ("00:10", "tonight at 1", "23 01:00"),
        ("23:59", "every day at 7", "24 07:00"), ("06:00", "every day at 7", "23 07:00"), ("19:00", "每天8点提醒我", "24 08:00"), ("07:59", "每天8点提醒我", "23 08:00"),
        ("16:00", "提前一小时提醒我今天下午四点半开会", "23 15:30 past"), ("16:20", "每天下午四点半开会，提前半小时提醒我", "24 16:00"),
    ],
)  # fmt: skip
def test_the_hour_of_asking_decides(now: str, text: str, at: str) -> None:
    hour, minute = map(int, now.split(":"))
    found = moment(text, NOW.replace(hour=hour, minute=minute, second=0))
    assert found
    assert f"{found.at:%d %H:%M}{' past' * found.past}" == at


@pytest.mark.parametrize(
    ("text", "at", "rest"),
    [
        ("今天太累了，明天八点叫我", "24 08:00", "今天太累了"), ("我三点才睡，八点叫我", "23 20:00", "三点才睡"), ("昨天没睡好。明天早上八点叫我起床", "24 08:00", "起床"),
        ("我明天下午三点开会。提醒我一下", "24 15:00", "开会"), ("提醒我带伞！明天早上八点出门", "24 08:00", "带伞"), ("I was late yesterday, wake me at 7", "24 07:00", "I was late yesterday, wake up"),
        ("三点开会，十分钟后提醒我", "23 16:50", "三点开会"), ("下午五点提醒我吃药，20分钟后再测体温", "23 17:00", "吃药，20分钟后再测体温"), ("今晚提醒我明天九点开会", "23 20:00", "明天九点开会"),
        ("后天下午提醒我三点开会", "25 15:00", "开会"), ("提醒我明天把今天的作业交了", "24 09:00", "把今天的作业交了"), ("Tomorrow at 9, remind me: dentist at 3", "24 09:00", "dentist at 3"),
        (f"{'从前有座山，' * 600}明天下午三点提醒我开会", "24 15:00", ""), (f"明天下午三点提醒我开会。{'从前有座山。' * 600}", "24 15:00", "开会"),
        ("明天下午三点提醒我\n开会", "24 15:00", ""),
    ],
)  # fmt: skip
def test_what_stands_near_the_asking_word_counts(text: str, at: str, rest: str) -> None:
    found = moment(text, NOW)
    assert found
    assert f"{found.at:%d %H:%M}" == at
    assert found.rest.endswith(rest)
    assert len(found.rest) <= 500


@pytest.mark.parametrize(
    ("now", "text", "at"),
    [
        ("2027-03-27T20:00", "明天凌晨两点半叫我", "2027-03-28T03:30+02:00"), ("2027-03-27T20:00", "in 8 hours", "2027-03-28T05:00+02:00"), ("2027-03-27T20:00", "明天下午三点", "2027-03-28T15:00+02:00"),
        ("2027-03-27T20:00", "24小时后提醒我", "2027-03-28T21:00+02:00"), ("2027-03-27T20:00", "一天后提醒我", "2027-03-28T20:00+02:00"), ("2027-03-27T20:00", "every day at 2:30 am", "2027-03-28T03:30+02:00"),
        ("2027-03-28T01:59", "in two minutes", "2027-03-28T03:01+02:00"), ("2026-10-24T22:00", "凌晨两点半叫我", "2026-10-25T02:30+02:00"), ("2026-10-24T22:00", "in 6 hours", "2026-10-25T03:00+01:00"),
        ("2026-10-24T22:00", "tomorrow at 3 pm", "2026-10-25T15:00+01:00"), ("2026-10-25T01:30", "90分钟后叫我", "2026-10-25T02:00+01:00"), ("2026-12-31T23:00", "明天早上八点", "2027-01-01T08:00+01:00"),
        ("2028-02-28T12:00", "明天提醒我", "2028-02-29T09:00+01:00"), ("2027-01-31T12:00", "一个月后提醒我", "2027-02-28T12:00+01:00"), ("2026-11-23T12:00", "2月29日提醒我", "2028-02-29T09:00+01:00"),
    ],
)  # fmt: skip
def test_days_on_which_clocks_change(now: str, text: str, at: str) -> None:
    found = moment(text, datetime.fromisoformat(now).replace(tzinfo=BERLIN))
    assert found
    assert found.at.isoformat(timespec="minutes") == at
    assert not found.past


def test_an_untimely_hour_is_not_kept_for_a_day_that_is_counted() -> None:
    found = moment("三天后提醒我", NOW.replace(hour=2))
    assert found
    assert f"{found.at:%d %H:%M}" == "26 09:00"


WORDS = [
    "明天",
    "后天",
    "下午",
    "早上",
    "晚上",
    "三",
    "十",
    "二",
    "半",
    "点",
    "分",
    "提醒我",
    "每",
    "周",
    "月",
    "年",
    "日",
    "号",
    "1",
    "2",
    "30",
    ":",
    "个",
    "小时",
    "后",
    "过",
    "提前",
    "到",
    "at",
    "in",
    "half",
    "an",
    "hour",
    "pm",
    "am",
    "every",
    "Monday",
    "on",
    "March",
    "3",
    "the",
    "of",
    "month",
    "tomorrow",
    "tonight",
    "noon",
    ",",
    "，",
    "。",
    "底",
    "初",
    "-",
    "2027",
    "remind",
    "me",
    "to",
    "一",
    "差",
    "刻",
    "半夜",
    "零",
    "天",
    "next",
    "before",
    "秒",
    "9999",
]
NOWS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).flatmap(
    lambda naive: st.sampled_from([naive.replace(tzinfo=zone) for zone in (SHANGHAI, BERLIN, UTC)])
)


@given(st.lists(st.sampled_from(WORDS), max_size=14), st.sampled_from(["", " "]), NOWS)
def test_anything_is_a_moment_or_none(words: list[str], blank: str, now: datetime) -> None:
    text = blank.join(words)
    found = moment(text, now)
    if found is None:
        return
    assert found.past == (found.at.timestamp() <= now.timestamp())
    assert not (found.past and found.repeat)
    assert len(found.rest) <= len(text) + 10
    assert bool(found.day) == (found.repeat in ("monthly", "yearly"))


@given(st.integers(1, 20_000), NOWS)
def test_minutes_are_absolute(minutes: int, now: datetime) -> None:
    for text in (f"{minutes}分钟后提醒我", f"remind me in {minutes} minutes"):
        found = moment(text, now)
        assert found
        assert found.at.timestamp() - now.timestamp() == pytest.approx(60 * minutes)


@given(st.sampled_from([*range(10), *range(13, 24)]), st.integers(0, 59), NOWS)
def test_a_written_time_is_that_time_within_a_day(hour: int, minute: int, now: datetime) -> None:
    found = moment(f"{hour:02}:{minute:02}提醒我", now.replace(tzinfo=SHANGHAI))
    assert found
    assert (found.at.hour, found.at.minute) == (hour, minute)
    assert timedelta() < found.at - now.replace(tzinfo=SHANGHAI) <= timedelta(days=1)


@pytest.mark.parametrize(
    "unit",
    [
        "一",
        "1点",
        "提醒我",
        "明天",
        "每周",
        "上午",
        "，",
        "十个半",
        "a a ",
        "half an ",
        "at 5 ",
        "remind me ",
        "monday, ",
        "取消",
    ],
)
def test_a_long_text_is_read_near_its_asking_word_alone(unit: str) -> None:
    found = moment((unit * 8000)[:8000], NOW)
    assert found is None or len(found.rest) <= 600


def test_years_beyond_the_calendar_are_no_moment() -> None:
    for text in ("明天", "3点", "每天", "in 50 hours", "下个月3号", "周日", "每月31号"):
        assert moment(text, datetime.max.replace(tzinfo=UTC)) is None
    assert moment("in 99999 years", NOW) is None


@pytest.mark.parametrize(
    ("at", "repeat", "day", "zh", "en"),
    [
        ("2026-11-24 15:00", "", 0, "11月24日（周二）15:00", "Tue 24 Nov, 15:00"), ("2027-01-01 08:05", "", 0, "2027年1月1日（周五）08:05", "Fri 1 Jan 2027, 08:05"),
        ("2026-11-24 07:00", "daily", 0, "每天 07:00", "every day, 07:00"), ("2026-11-24 08:00", "weekdays", 0, "每个工作日 08:00", "every weekday, 08:00"),
        ("2026-11-29 08:00", "weekly", 0, "每周日 08:00", "every Sunday, 08:00"), ("2026-12-01 09:00", "monthly", 1, "每月1日 09:00", "the 1st of every month, 09:00"),
        ("2026-12-22 09:00", "monthly", 0, "每月22日 09:00", "the 22nd of every month, 09:00"), ("2026-12-13 09:00", "monthly", 13, "每月13日 09:00", "the 13th of every month, 09:00"),
        ("2026-11-30 09:00", "monthly", 31, "每月最后一天 09:00", "the last day of every month, 09:00"), ("2027-12-24 20:00", "yearly", 24, "每年12月24日 20:00", "every year on 24 Dec, 20:00"),
    ],
)  # fmt: skip
def test_a_moment_is_told_in_words(at: str, repeat: str, day: int, zh: str, en: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    assert told(moment, NOW, repeat, "zh", day) == zh
    assert told(moment.astimezone(UTC), NOW, repeat, "en", day) == en


@pytest.mark.parametrize("text", [row[0] for row in CHINESE if not row[3]])
def test_what_is_told_reads_back(text: str) -> None:
    found = moment(text, NOW)
    assert found
    words = re.sub(r"（.*?）", "", told(found.at, NOW, "", "zh"))
    again = moment(words, NOW)
    assert again
    assert again.at == found.at.replace(second=0, microsecond=0)
