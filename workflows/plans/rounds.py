"""Recurring rounds (周期): which days a routine, a report or an inspection comes round on.

A round is *due* on its last day and *opens* on its first. Without ``days`` a period is one round, open from its first
day to its last; with ``days`` a round is due on each of them and opens the day after the one before it.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from engine.calendars import WorkingCalendar
from workflows.parts.periods import Every, Periods
from workflows.plans.shapes import Strict, Texts, Whole, WholeOrParameter, is_parameter, one_of

PERIODS = ("day", "working-day", "week", "month", "quarter", "half-year", "year")
MOST_ROUNDS = 800
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHINESE_WEEKDAYS = "一二三四五六日"
_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_MONTH_DAY = re.compile(r"^--(\d\d)-(\d\d)$")
_EXPECTED_DAYS = {
    "week": "星期应写成 monday … sunday / expected weekdays monday … sunday",
    "month": "应写成 1-31、last、last working day、last saturday / expected 1-31, last or last saturday",
    "year": "应写成 --MM-DD / expected --MM-DD",
}


class RhythmSchema(Strict):
    """When something comes round: the value of ``every``.

    ``step`` takes every n-th period, ``only`` the odd or even weeks or months of the year, ``months`` only those.
    ``step``, ``opens``, ``most`` and a day may each be a launch parameter, ``"{name}"``.
    """

    period = one_of(*PERIODS, required=True)
    days = Texts(load_default=list)
    step = WholeOrParameter(load_default=1)
    parity = one_of("odd", "even", load_default=None, allow_none=True, data_key="only")
    months = fields.List(Whole(), load_default=list)
    opens = WholeOrParameter(load_default=None, allow_none=True, metadata={"unit": "days before it is due"})
    most = WholeOrParameter(load_default=None, allow_none=True)

    @validates_schema
    def _days_fit(self, data: Mapping[str, Any], **_: Any) -> None:
        period = data["period"]
        if data["days"] and period not in _EXPECTED_DAYS:
            raise ValidationError(f"period {period} 没有 days / a {period} has no days", "days")
        if not all(is_parameter(text) or _fits(period, text) for text in data["days"]):
            raise ValidationError(_EXPECTED_DAYS[period], "days")
        if data["parity"] and period not in ("week", "month"):
            raise ValidationError("only 只用于 week 和 month / only is for weeks and months", "only")
        if not is_parameter(data["step"]) and data["step"] < 1:
            raise ValidationError("应大于 0 / expected more than 0", "step")


class Rhythm(fields.Field[dict[str, Any]]):
    """``month``, or a mapping with ``period``."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        raw = value if isinstance(value, Mapping) else {"period": value}
        return read_rhythm(raw)


def read_rhythm(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Check a rhythm; returns it under the names that plans write. Raises ValidationError."""
    loaded: dict[str, Any] = RhythmSchema().load(raw)
    return {("only" if key == "parity" else key): value for key, value in loaded.items()}


@dataclass(frozen=True, slots=True)
class Round:
    """One round: its number from 1 on, its name, the days on which it opens and is due.

    ``period`` is the name that scores and counters have for its time (``2026-05``, ``2026-Q2``).
    """

    number: int
    name: str
    opens: date
    due: date
    period: str = ""


def _fits(period: str, text: str) -> bool:
    if period == "week":
        return text in WEEKDAYS
    if period == "year":
        match = _MONTH_DAY.match(text)
        return bool(match) and 1 <= int(text[2:4]) <= 12 and 1 <= int(text[5:7]) <= monthrange(2024, int(text[2:4]))[1]
    if text in ("last", "last working day") or text.removeprefix("last ") in WEEKDAYS:
        return True
    return text.isdigit() and 1 <= int(text) <= 31


def rounds(rhythm: Mapping[str, Any], first: date, last: date, calendar: WorkingCalendar | None = None) -> list[Round]:
    """Return the rounds of a rhythm that are due from ``first`` to ``last``, both included.

    A day of the month that a month lacks (the 30th in February) is its last day; the same day never comes twice.
    """
    calendar = calendar or WorkingCalendar()
    found: list[Round] = []
    previous: date | None = None
    most = rhythm.get("most") or MOST_ROUNDS
    for begins, due, name in _periods(rhythm, first, last, calendar):
        if due < first or due > last or (previous is not None and due <= previous):
            continue
        opens = max(begins, first)
        if previous is not None:
            opens = max(opens, previous + timedelta(days=1))
        if rhythm.get("opens") is not None:
            opens = max(first, due - timedelta(days=rhythm["opens"]))
        found.append(Round(len(found) + 1, name, min(opens, due), due, period_of(rhythm["period"], due)))
        previous = due
        if len(found) >= most:
            break
    return found


def period_of(period: str, day: date) -> str:
    """Return the name of the period that a day lies in, as the parts of a campaign name periods."""
    every = {"working-day": Every.DAY, "half-year": Every.HALF}.get(period) or Every(period)
    return Periods().of(day, every)


def _periods(
    rhythm: Mapping[str, Any], first: date, last: date, calendar: WorkingCalendar
) -> Iterator[tuple[date, date, str]]:
    """Yield first day, due day and name of each round of a period that touches the span."""
    period = rhythm["period"]
    if period in ("day", "working-day"):
        yield from _daily(rhythm, first, last, calendar)
    elif period == "week":
        yield from _weekly(rhythm, first, last)
    else:
        yield from _monthly(rhythm, first, last, calendar)


def _daily(
    rhythm: Mapping[str, Any], first: date, last: date, calendar: WorkingCalendar
) -> Iterator[tuple[date, date, str]]:
    counted = 0
    day = first
    while day <= last:
        if rhythm["period"] == "day" or calendar.is_working_day(day):
            if counted % rhythm["step"] == 0 and _month_wanted(rhythm, day):
                yield day, day, f"{day.month}月{day.day}日"
            counted += 1
        day += timedelta(days=1)


def _weekly(rhythm: Mapping[str, Any], first: date, last: date) -> Iterator[tuple[date, date, str]]:
    monday = first - timedelta(days=first.weekday())
    number = 0
    while monday <= last:
        week = monday.isocalendar().week
        if number % rhythm["step"] == 0 and _parity(rhythm, week):
            for weekday in sorted(map(WEEKDAYS.index, rhythm["days"])) or [6]:
                due = monday + timedelta(days=weekday)
                if _month_wanted(rhythm, due):
                    named = f"第{week}周" + (f"周{_CHINESE_WEEKDAYS[weekday]}" if rhythm["days"] else "")
                    yield monday, due, named
        number += 1
        monday += timedelta(weeks=1)


def _monthly(
    rhythm: Mapping[str, Any], first: date, last: date, calendar: WorkingCalendar
) -> Iterator[tuple[date, date, str]]:
    length = _MONTHS[rhythm["period"]]
    begin = date(first.year, (first.month - 1) // length * length + 1, 1)
    number = 0
    while begin <= last:
        end = _months_later(begin, length) - timedelta(days=1)
        if number % rhythm["step"] == 0 and _parity(rhythm, begin.month) and _month_wanted(rhythm, begin):
            days = [_day_in(begin, end, text, calendar) for text in rhythm["days"]] or [end]
            for due in sorted(set(days)):
                yield begin, due, _name(rhythm, begin, due)
        number += 1
        begin = _months_later(begin, length)


def _name(rhythm: Mapping[str, Any], begin: date, due: date) -> str:
    match rhythm["period"]:
        case "quarter":
            return f"{begin.year}年第{(begin.month - 1) // 3 + 1}季度"
        case "half-year":
            return f"{begin.year}年{'上' if begin.month == 1 else '下'}半年"
        case "year":
            return f"{begin.year}年" + (f"{due.month}月{due.day}日" if rhythm["days"] else "")
        case _:
            return f"{begin.year}年{begin.month}月" + (f"{due.day}日" if len(rhythm["days"]) > 1 else "")


def _parity(rhythm: Mapping[str, Any], number: int) -> bool:
    return rhythm["only"] is None or number % 2 == (rhythm["only"] == "odd")


def _month_wanted(rhythm: Mapping[str, Any], day: date) -> bool:
    return not rhythm["months"] or day.month in rhythm["months"]


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _day_in(begin: date, end: date, text: str, calendar: WorkingCalendar) -> date:
    if match := _MONTH_DAY.match(text):
        month = int(match.group(1))
        return date(begin.year, month, min(int(match.group(2)), monthrange(begin.year, month)[1]))
    if text == "last":
        return end
    if text == "last working day":
        while not calendar.is_working_day(end):
            end -= timedelta(days=1)
        return end
    if text.isdigit():
        return min(
            begin + timedelta(days=int(text) - 1), date(begin.year, begin.month, monthrange(begin.year, begin.month)[1])
        )
    wanted = WEEKDAYS.index(text.removeprefix("last "))
    return end - timedelta(days=(end.weekday() - wanted) % 7)
