"""Deadlines as designers write them (approvals.md, D1 and D2)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import isodate

from engine.calendars.calendar import WorkingCalendar
from engine.errors import InvalidInput
from engine.wording import say

_WORKING = re.compile(
    r"(?P<number>\d+(?:\.\d+)?)\s*(?:working\s+(?P<unit>day|hour)s?|个?工作(?P<chinese>日|小时))", re.IGNORECASE
)
_CALENDAR = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?:calendar\s+)?(?P<unit>minute|hour|day|week)s?", re.IGNORECASE)
_LONGEST_TEXT = 64


def resolve_due(value: Any, start: datetime, calendar: WorkingCalendar) -> datetime:
    """Say when something that starts at ``start`` is due, in UTC.

    Parameters
    ----------
    value
        ``3 working days``, ``8 working hours`` (also 3个工作日, 8个工作小时), ``2 days``, an ISO 8601 duration
        (``PT1H``, ``P3D``, ``P1M``), an ISO date (due at the end of that day) or date and time (local where it
        names no zone), or the date, datetime, timedelta or isodate.Duration that a FEEL expression gave.

    Raises
    ------
    InvalidInput
        The value is negative, or none of these.
    """
    return _after(_read(value, calendar), start, calendar)


def warn_instant(due: datetime, warn: Any, calendar: WorkingCalendar) -> datetime:
    """Say when to warn: so much working or calendar time before ``due``, in UTC."""
    amount = _read(warn, calendar)
    if isinstance(amount, datetime):
        raise _refused(warn)
    return _shifted(amount, due, calendar, sign=-1)


def _refused(value: Any) -> InvalidInput:
    shown = str(value)[:_LONGEST_TEXT]
    return InvalidInput(
        say("无法识别的期限“{shown}”：请写成“3 working days”“8 working hours”“P3D”或日期。", shown=shown)
    )


class _Working:
    """An amount of working time."""

    def __init__(self, number: float, unit: str) -> None:
        self.number = number
        self.unit = unit


def _read(value: Any, calendar: WorkingCalendar) -> Any:
    """Turn a designer's value into an amount of time or an instant."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=calendar.timezone)
    if isinstance(value, date):
        return calendar.end_of_day(value)
    if isinstance(value, (timedelta, isodate.Duration)):
        return value
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise _refused(value)
    text = value.strip()
    if match := _WORKING.fullmatch(text):
        unit = (match["unit"] or {"日": "day", "小时": "hour"}[match["chinese"]]).lower()
        number = float(match["number"])
        if unit == "day" and not number.is_integer():
            raise _refused(value)
        return _Working(number, unit)
    if match := _CALENDAR.fullmatch(text):
        return _bounded(lambda: timedelta(**{match["unit"].lower() + "s": float(match["number"])}), value)
    if text.upper().startswith(("P", "-P", "+P")):
        return _bounded(lambda: isodate.parse_duration(text.upper()), value)
    return _bounded(lambda: _read(_iso(text), calendar), value)


def _iso(text: str) -> date:
    if len(text) == len("2026-09-12"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text)


def _bounded(read: Any, value: Any) -> Any:
    try:
        return read()
    except (ValueError, OverflowError, TypeError, ArithmeticError) as error:
        raise _refused(value) from error


def _after(amount: Any, start: datetime, calendar: WorkingCalendar) -> datetime:
    if isinstance(amount, datetime):
        return amount.astimezone(UTC)
    return _shifted(amount, start, calendar, sign=1)


def _shifted(amount: Any, start: datetime, calendar: WorkingCalendar, *, sign: int) -> datetime:
    if isinstance(amount, _Working):
        if amount.unit == "day":
            return calendar.add_working_days(start, sign * int(amount.number))
        return calendar.add_working_hours(start, sign * amount.number)
    # A duration in months has no length of its own; wall-clock days keep their time of day across a zone's changes.
    local = start.astimezone(calendar.timezone)
    try:
        moved = local + amount if sign > 0 else local - amount
        if (moved < local) if sign > 0 else (moved > local):
            raise InvalidInput(say("期限不能是负数。"))
        in_utc: datetime = moved.astimezone(UTC)
        return in_utc
    except (OverflowError, ValueError) as error:
        raise InvalidInput(say("期限超出了日历的范围。")) from error
