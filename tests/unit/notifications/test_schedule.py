"""Quiet hours over midnight, working days, digests by day and week."""

from datetime import datetime

import pytest

from engine.calendars import SHANGHAI, WorkingCalendar
from workflows.notifications.models import Preference
from workflows.notifications.preferences import fresh_preference
from workflows.notifications.schedule import digest_due, earliest

CALENDAR = WorkingCalendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def preference(**chosen: object) -> Preference:
    made = fresh_preference(1)
    for name, value in chosen.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("11-03 12:00", "11-03 12:00"), ("11-03 21:59", "11-03 21:59"), ("11-03 22:00", "11-04 07:00"),
        ("11-04 03:00", "11-04 07:00"), ("11-04 06:59", "11-04 07:00"), ("11-04 07:00", "11-04 07:00"),
    ],
)  # fmt: skip
def test_quiet_hours_span_midnight(now: str, expected: str) -> None:
    assert earliest(preference(), at(now), urgent=False, calendar=CALENDAR) == at(expected)


def test_what_is_urgent_passes_where_the_person_lets_it() -> None:
    night = at("11-03 23:00")
    assert earliest(preference(), night, urgent=True, calendar=CALENDAR) == night
    stern = preference(urgent_passes=False)
    assert earliest(stern, night, urgent=True, calendar=CALENDAR) == at("11-04 07:00")


@pytest.mark.parametrize(
    ("chosen", "now", "expected"),
    [
        ({}, "11-07 12:00", "11-09 07:00"),
        ({}, "11-06 23:00", "11-09 07:00"),
        ({"quiet_from": None, "quiet_to": None}, "11-07 12:00", "11-09 08:00"),
        ({"quiet_from": 12 * 60, "quiet_to": 14 * 60}, "11-06 13:00", "11-06 14:00"),
        ({}, "10-01 10:00", "10-08 07:00"),
        ({}, "10-10 10:00", "10-10 10:00"),
    ],
)
def test_working_days_only_waits_through_weekends_and_holidays(
    chosen: dict[str, object], now: str, expected: str
) -> None:
    made = preference(working_days_only=True, **chosen)
    assert earliest(made, at(now), urgent=False, calendar=CALENDAR) == at(expected)


def test_no_quiet_hours_when_begin_and_end_are_the_same() -> None:
    made = preference(quiet_from=60, quiet_to=60)
    assert earliest(made, at("11-03 01:00"), urgent=False, calendar=CALENDAR) == at("11-03 01:00")


@pytest.mark.parametrize(
    ("chosen", "now", "expected"),
    [
        ({}, "11-03 07:59", "11-03 08:00"), ({}, "11-03 08:00", "11-04 08:00"),
        ({"digest_day": 0}, "11-03 07:00", "11-09 08:00"), ({"digest_day": 1}, "11-03 07:00", "11-03 08:00"),
        ({"working_days_only": True}, "11-06 09:00", "11-09 08:00"),
        ({"working_days_only": True, "digest_day": 6}, "11-06 09:00", "11-08 08:00"),
    ],
)  # fmt: skip
def test_a_digest_goes_out_strictly_later(chosen: dict[str, object], now: str, expected: str) -> None:
    assert digest_due(preference(**chosen), at(now), calendar=CALENDAR) == at(expected)
