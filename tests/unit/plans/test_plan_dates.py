"""Dates of plans: without a year, by month and third, relative, across the year, and recurring rounds."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendars import WorkingCalendar
from engine.errors import InvalidInput
from workflows.plans.dates import Days, parse_day
from workflows.plans.rounds import PERIODS, read_rhythm, rounds

LAUNCHED = date(2026, 3, 2)


def _days(year: int = 2026, **texts: str) -> Days:
    return Days({name.replace("_", ".", 1): text for name, text in texts.items()}, year, LAUNCHED)


@pytest.mark.parametrize(
    ("starts", "ends", "first", "last"),
    [
        ("--09-05", "--09-12", date(2026, 9, 5), date(2026, 9, 12)),
        ("--12-21", "--03-05", date(2026, 12, 21), date(2027, 3, 5)),
        ("--01-01 next year", "--01-31 next year", date(2027, 1, 1), date(2027, 1, 31)),
        ("2010-08", "2010-09", date(2010, 8, 1), date(2010, 9, 30)),
        ("--02", "--02", date(2026, 2, 1), date(2026, 2, 28)),
        ("--07 early", "--07 mid", date(2026, 7, 1), date(2026, 7, 20)),
        ("--02 late", "--02 late", date(2026, 2, 21), date(2026, 2, 28)),
        ("launch", "10 working days after a.starts", LAUNCHED, date(2026, 3, 16)),
        ("2 weeks after launch", "1 months after a.starts", date(2026, 3, 16), date(2026, 4, 16)),
        ("3 days before a.ends", "2026-05-10", date(2026, 5, 7), date(2026, 5, 10)),
    ],
)
def test_a_phase_has_its_days(starts: str, ends: str, first: date, last: date) -> None:
    days = _days(a_starts=starts, a_ends=ends)
    assert (days.day("a.starts"), days.day("a.ends")) == (first, last)


def test_what_is_not_decided_yet_has_no_day_and_nothing_that_follows_it_has() -> None:
    days = Days({"a.ends": "open", "b.starts": "3 days after a.ends"}, 2026, LAUNCHED)
    assert days.day("a.starts") is None
    assert days.day("b.starts") is None


def test_a_moved_day_moves_what_follows_it() -> None:
    texts = {"a.ends": "--05-10", "b.starts": "1 days after a.ends", "report": "5 working days after b.starts"}
    moved = Days(texts, 2026, LAUNCHED, moved={"a.ends": date(2026, 5, 20)})
    assert moved.day("b.starts") == date(2026, 5, 21)
    assert moved.day("report") == date(2026, 5, 28)


def test_a_parameter_gives_a_day() -> None:
    days = Days({"a.starts": "7 days before {visit}"}, 2026, LAUNCHED, {"visit": "2026-11-15"})
    assert days.day("a.starts") == date(2026, 11, 8)


def test_29_february_is_refused_where_the_year_lacks_it() -> None:
    with pytest.raises(InvalidInput, match="2026 年没有"):
        _days(a_starts="--02-29").day("a.starts")
    assert _days(2028, a_starts="--02-29").day("a.starts") == date(2028, 2, 29)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(0, 60))
def test_any_number_of_working_days_after_and_back_again(day: date, amount: int) -> None:
    calendar = WorkingCalendar()
    texts = {
        "base": day.isoformat(),
        "later": f"{amount} working days after base",
        "back": f"{amount} working days before later",
    }
    days = Days(texts, 2026, LAUNCHED)
    later = days.day("later")
    assert later is not None
    assert calendar.working_days_between(day, later) == amount
    back = days.day("back")
    assert back is not None
    assert back <= later
    if calendar.is_working_day(day):
        assert back == day


@given(st.integers(1, 12), st.integers(1, 28), st.integers(1, 12), st.integers(1, 28), st.integers(2020, 2035))
def test_any_phase_without_year_ends_after_it_starts(a: int, b: int, c: int, d: int, year: int) -> None:
    days = Days({"p.starts": f"--{a:02}-{b:02}", "p.ends": f"--{c:02}-{d:02}"}, year, LAUNCHED)
    starts, ends = days.day("p.starts"), days.day("p.ends")
    assert starts is not None
    assert ends is not None
    assert starts.year == year
    assert starts <= ends < starts + timedelta(days=366)


def _due(first: str, last: str, **rhythm: object) -> list[str]:
    loaded = read_rhythm(rhythm)
    return [one.due.isoformat() for one in rounds(loaded, date.fromisoformat(first), date.fromisoformat(last))]


@pytest.mark.parametrize(
    ("rhythm", "first", "last", "expected"),
    [
        ({"period": "month", "days": [20]}, "2026-04-01", "2026-07-01", ["2026-04-20", "2026-05-20", "2026-06-20"]),
        ({"period": "month", "days": [10, 20, 30]}, "2026-02-01", "2026-02-28",
         ["2026-02-10", "2026-02-20", "2026-02-28"]),
        ({"period": "month", "only": "odd"}, "2026-01-01", "2026-06-30", ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ({"period": "month", "only": "even"}, "2026-01-01", "2026-05-30", ["2026-02-28", "2026-04-30"]),
        ({"period": "quarter"}, "2026-01-01", "2026-12-31", ["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"]),
        ({"period": "year", "days": ["--06-20", "--11-20"]}, "2026-01-01", "2027-07-01",
         ["2026-06-20", "2026-11-20", "2027-06-20"]),
        ({"period": "month", "days": ["last saturday"]}, "2026-05-01", "2026-06-30", ["2026-05-30", "2026-06-27"]),
        ({"period": "month", "days": ["last working day"]}, "2026-05-01", "2026-05-31", ["2026-05-29"]),
        ({"period": "week", "days": ["monday"]}, "2026-03-02", "2026-03-17",
         ["2026-03-02", "2026-03-09", "2026-03-16"]),
        ({"period": "week", "step": 2}, "2026-03-02", "2026-03-31", ["2026-03-08", "2026-03-22"]),
        ({"period": "working-day"}, "2026-03-06", "2026-03-10", ["2026-03-06", "2026-03-09", "2026-03-10"]),
        ({"period": "half-year"}, "2026-01-01", "2026-12-31", ["2026-06-30", "2026-12-31"]),
        ({"period": "month", "months": [3, 4]}, "2026-01-01", "2026-12-31", ["2026-03-31", "2026-04-30"]),
        ({"period": "month", "most": 2}, "2026-01-01", "2026-12-31", ["2026-01-31", "2026-02-28"]),
    ],
)  # fmt: skip
def test_rounds_are_due(rhythm: dict[str, object], first: str, last: str, expected: list[str]) -> None:
    assert _due(first, last, **rhythm) == expected


def test_a_round_opens_after_the_one_before_it_or_so_many_days_before_it_is_due() -> None:
    thirds = rounds(read_rhythm({"period": "month", "days": [10, 20]}), date(2026, 3, 1), date(2026, 3, 31))
    assert [(one.opens.day, one.due.day) for one in thirds] == [(1, 10), (11, 20)]
    ahead = rounds(read_rhythm({"period": "month", "days": [20], "opens": 5}), date(2026, 3, 1), date(2026, 3, 31))
    assert [(one.opens.day, one.due.day) for one in ahead] == [(15, 20)]


@given(
    st.sampled_from(PERIODS), st.integers(1, 4), st.dates(date(2024, 1, 1), date(2028, 1, 1)), st.integers(0, 500)
)  # fmt: skip
def test_any_rounds_lie_in_their_span_in_order_and_do_not_overlap(
    period: str, step: int, first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    found = rounds(read_rhythm({"period": period, "step": step}), first, last)
    assert [one.number for one in found] == list(range(1, len(found) + 1))
    assert all(first <= one.opens <= one.due <= last for one in found)
    assert all(one.due < other.opens for one, other in pairwise(found))


def test_a_date_that_is_none_says_what_was_expected() -> None:
    for text in ("--13-01", "2026-02-30", "3 fortnights after a.starts", "2026-01-01 next year", "--02-03 late", ""):
        with pytest.raises(ValueError, match=r"expected|no such day"):
            parse_day(text)


def test_a_rhythm_that_was_read_can_be_handed_to_the_service_and_read_again() -> None:
    loaded = read_rhythm({"period": "month", "only": "odd", "months": [1, 2, 3]})
    handed_on = {name: value for name, value in loaded.items() if value not in (None, [])}
    assert read_rhythm(handed_on) == loaded
