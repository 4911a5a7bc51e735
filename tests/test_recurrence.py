"""What is repeated comes again: later, at the same hour by the wall's clock, on the wanted days."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dates import clamped
from bot.moments import moment
from bot.recurrence import KINDS, again

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1)).map(lambda at: at.replace(second=0, microsecond=0))
ZONES = st.sampled_from([SHANGHAI, BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), UTC])


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("first", "repeat", "after", "day", "then"),
    [
        ("2026-11-24 07:00", "daily", "2026-11-24 07:00", 0, "2026-11-25 07:00"), ("2026-11-24 07:00", "daily", "2026-11-20 12:00", 0, "2026-11-24 07:00"),
        ("2026-11-24 07:00", "daily", "2027-05-01 06:59", 0, "2027-05-01 07:00"), ("2026-11-27 08:00", "weekdays", "2026-11-27 08:00", 0, "2026-11-30 08:00"),
        ("2026-11-27 08:00", "weekdays", "2026-11-28 12:00", 0, "2026-11-30 08:00"), ("2026-11-23 08:00", "weekly", "2026-11-23 08:00", 0, "2026-11-30 08:00"),
        ("2026-11-23 08:00", "weekly", "2027-01-05 00:00", 0, "2027-01-11 08:00"), ("2027-01-31 09:00", "monthly", "2027-01-31 09:00", 31, "2027-02-28 09:00"),
        ("2027-01-31 09:00", "monthly", "2027-02-28 09:00", 0, "2027-03-31 09:00"), ("2026-11-30 09:00", "monthly", "2026-11-30 09:00", 31, "2026-12-31 09:00"),
        ("2026-11-30 09:00", "monthly", "2026-12-31 09:00", 30, "2027-01-30 09:00"), ("2026-12-01 09:00", "monthly", "2026-12-31 23:00", 1, "2027-01-01 09:00"),
        ("2026-12-24 20:00", "yearly", "2026-12-24 20:00", 0, "2027-12-24 20:00"), ("2027-02-28 09:00", "yearly", "2027-02-28 09:00", 29, "2028-02-29 09:00"),
        ("2028-02-29 09:00", "yearly", "2028-02-29 09:00", 0, "2029-02-28 09:00"), ("2026-12-24 20:00", "yearly", "2040-12-25 00:00", 0, "2041-12-24 20:00"),
    ],
)  # fmt: skip
def test_the_next_time(first: str, repeat: str, after: str, day: int, then: str) -> None:
    assert again(at(first), repeat, at(after), day) == at(then)


def test_summer_time_moves_no_hour_and_a_skipped_one_comes_back() -> None:
    seven = at("2027-03-27 07:00", BERLIN)
    assert again(seven, "daily", seven).isoformat() == "2027-03-28T07:00:00+02:00"
    early = at("2027-03-26 02:30", BERLIN)
    assert again(early, "daily", at("2027-03-27 12:00", BERLIN)).isoformat() == "2027-03-28T03:30:00+02:00"
    assert again(early, "daily", at("2027-03-28 12:00", BERLIN)).isoformat() == "2027-03-29T02:30:00+02:00"


def test_an_hour_that_comes_twice_rings_once() -> None:
    early = at("2026-10-24 02:30", BERLIN)
    once = again(early, "daily", early)
    assert once.isoformat() == "2026-10-25T02:30:00+02:00"
    assert again(early, "daily", once).isoformat() == "2026-10-26T02:30:00+01:00"


def test_after_may_be_in_another_zone() -> None:
    after = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # the 24th, 07:30, in Shanghai
    assert again(at("2026-11-20 07:00"), "daily", after) == at("2026-11-25 07:00")


@pytest.mark.parametrize("repeat", ["", "hourly"])
def test_what_is_not_repeated_is_a_value_error(repeat: str) -> None:
    with pytest.raises(ValueError, match="not repeated"):
        again(at("2026-11-20 07:00"), repeat, at("2026-11-21 07:00"))


@given(TIMES, st.sampled_from(KINDS), TIMES, ZONES, st.integers(0, 31))
def test_it_is_later_on_a_wanted_day_at_the_same_hour(
    first: datetime, repeat: str, after: datetime, zone: ZoneInfo, day: int
) -> None:
    first, after = first.replace(tzinfo=zone), after.replace(tzinfo=zone)
    found = again(first, repeat, after, day)
    assert found.timestamp() > after.timestamp()
    assert found.timestamp() >= first.timestamp()
    naive = found.replace(tzinfo=None)
    wanted = datetime.combine(naive, first.time())
    assert wanted == naive or wanted < naive <= wanted + timedelta(hours=1)  # an hour that spring skips
    if repeat == "weekdays":
        assert found.weekday() < 5
    if repeat == "weekly":
        assert found.weekday() == first.weekday()
    if repeat in ("monthly", "yearly"):
        assert found.date() == clamped(found.year, found.month, day or first.day)
    if repeat == "yearly":
        assert found.month == first.month


@given(TIMES, st.sampled_from(KINDS), ZONES)
def test_none_is_left_out(first: datetime, repeat: str, zone: ZoneInfo) -> None:
    first = first.replace(tzinfo=zone)
    times = [first]
    for _ in range(30):
        times.append(again(first, repeat, times[-1]))
    most = {"daily": 1, "weekdays": 3, "weekly": 7, "monthly": 31, "yearly": 366}[repeat]
    days: list[date] = [time.date() for time in times[1:]]
    assert all(0 < (other - one).days <= most for one, other in pairwise(days))


@pytest.mark.parametrize("text", ["每月最后一天提醒我对账", "每月31号早上九点", "on the last day of every month at 9"])
def test_what_words_ask_for_stays_at_the_months_end(text: str) -> None:
    found = moment(text, datetime(2026, 11, 23, 16, 40, tzinfo=SHANGHAI))
    assert found
    days: list[str] = []
    last = found.at
    for _ in range(4):
        days.append(f"{last:%m-%d}")
        last = again(found.at, found.repeat, last, found.day)
    assert days == ["11-30", "12-31", "01-31", "02-28"]
