"""Working time by the real holidays of 2026."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendars import SHANGHAI, Season, WorkingCalendar, holiday_name, resolve_due, warn_instant
from engine.errors import InvalidInput

CALENDAR = WorkingCalendar()


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 11), True),
        (date(2026, 9, 12), False),
        (date(2026, 9, 20), True),  # Sunday, made up for National Day
        (date(2026, 9, 25), False),  # Mid-autumn
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # Saturday, made up
    ],
)
def test_holidays_and_make_up_days_of_2026(day: date, works: bool) -> None:
    assert CALENDAR.is_working_day(day) is works


def test_a_year_without_published_holidays_says_so_and_counts_weekdays() -> None:
    assert CALENDAR.knows(2026)
    assert not CALENDAR.knows(2045)
    assert CALENDAR.is_working_day(date(2045, 10, 2))


def test_a_units_own_exception_wins() -> None:
    assert WorkingCalendar(exceptions={date(2026, 9, 12): True}).is_working_day(date(2026, 9, 12))


@pytest.mark.parametrize(
    ("value", "start", "due"),
    [
        ("1 working day", local(2026, 9, 11, 10), local(2026, 9, 14, 10)),
        ("1 working day", local(2026, 9, 18, 10), local(2026, 9, 20, 10)),
        ("3个工作日", local(2026, 9, 30, 9), local(2026, 10, 10, 9)),
        ("8 working hours", local(2026, 9, 11, 10), local(2026, 9, 14, 10, 30)),
        ("PT1H", local(2026, 9, 11, 23, 30), local(2026, 9, 12, 0, 30)),
        ("P1M", local(2026, 9, 30, 9), local(2026, 10, 30, 9)),
        ("2026-09-12", local(2026, 9, 1), local(2026, 9, 12, 23, 59, 59)),
        ("2026-09-12T10:00:00", local(2026, 9, 1), local(2026, 9, 12, 10)),
        (timedelta(hours=2), local(2026, 9, 1), local(2026, 9, 1, 2)),
        (date(2026, 9, 12), local(2026, 9, 1), local(2026, 9, 12, 23, 59, 59)),
    ],
)
def test_a_deadline_is_read_as_designers_write_it_D1(value: object, start: datetime, due: datetime) -> None:
    assert resolve_due(value, start, CALENDAR) == due


@pytest.mark.parametrize(
    "value", ["soon", "-1 working days", "-P1D", "1.5 working days", "P99999Y", "", None, True, 3, "9" * 70]
)
def test_a_negative_or_nonsensical_deadline_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput):
        resolve_due(value, local(2026, 9, 1), CALENDAR)


def test_the_warning_comes_so_much_working_time_before_D2() -> None:
    assert warn_instant(local(2026, 9, 14, 10), "1 working day", CALENDAR) == local(2026, 9, 11, 10)
    assert warn_instant(local(2026, 9, 14, 10), "PT2H", CALENDAR) == local(2026, 9, 14, 8)


@given(
    st.integers(0, 1000).map(lambda n: datetime(2024, 1, 1, 3, tzinfo=UTC) + timedelta(days=n, minutes=37 * n)),
    st.integers(1, 60),
)
def test_any_number_of_working_days_ends_on_one_and_counts_back(start: datetime, days: int) -> None:
    due = CALENDAR.add_working_days(start, days)
    first, last = start.astimezone(SHANGHAI).date(), due.astimezone(SHANGHAI).date()
    assert CALENDAR.is_working_day(last)
    assert CALENDAR.working_days_between(first, last) == days


SUMMER = Season((6, 1), (9, 30), ((time(8), time(12)), (time(15), time(18))))
WINTER = Season((10, 1), (5, 31), ((time(9), time(12)), (time(13), time(17))))


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 5, 31), 9), (date(2026, 6, 1), 8), (date(2026, 9, 30), 8), (date(2026, 10, 1), 9),
        (date(2026, 1, 1), 9), (date(2024, 2, 29), 9),
    ],
)  # fmt: skip
def test_hours_follow_the_season_also_over_new_year(day: date, first: int) -> None:
    calendar = WorkingCalendar(seasons=(SUMMER, WINTER))
    assert calendar.hours_on(day)[0][0] == time(first)


def test_working_hours_pass_from_one_season_into_the_next() -> None:
    calendar = WorkingCalendar(seasons=(SUMMER,))
    assert calendar.add_working_hours(local(2026, 9, 30, 17), 2) == local(2026, 10, 8, 9, 30)
    assert calendar.add_working_hours(local(2026, 10, 8, 9, 30), -2) == local(2026, 9, 30, 17)


def test_the_first_season_that_covers_a_day_wins() -> None:
    nearer = Season((9, 1), (9, 10), ((time(10), time(16)),))
    calendar = WorkingCalendar(seasons=(nearer, SUMMER))
    assert calendar.hours_on(date(2026, 9, 7)) == nearer.hours
    assert calendar.hours_on(date(2026, 9, 11)) == SUMMER.hours


@pytest.mark.parametrize("hours", [(), ((time(12), time(8)),), ((time(8), time(12)), (time(11), time(13)))])
def test_a_season_needs_hours_one_after_the_other(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(InvalidInput):
        Season((6, 1), (9, 30), hours)


def test_holidays_and_their_make_up_days_have_names() -> None:
    assert holiday_name(date(2026, 10, 1)) == holiday_name(date(2026, 10, 10)) == "国庆节"
    assert holiday_name(date(2026, 10, 1), english=True) == "National Day"
    assert holiday_name(date(2026, 9, 7)) == ""
