"""Periods by name: 2026, 2026-H1, 2026-Q1, 2026-03, 2026-W10, 2026-03-05, a school term by its code, or "" (all)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from engine.errors import InvalidInput
from engine.wording import say

_PERIOD = re.compile(r"(\d{4})(?:-(?:H([12])|Q([1-4])|W(\d\d)|(\d\d)(?:-(\d\d))?))?")
MOST_PERIODS = 4_000


class Every(StrEnum):
    """How long a period is. ``EVER`` is one period without end; terms come from the plan's ``terms``."""

    EVER = "ever"
    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Periods:
    """Names and limits of periods; ``terms`` are (first day, last day) by code."""

    terms: Mapping[str, tuple[date, date]] = field(default_factory=dict)

    def of(self, day: date, every: Every) -> str:
        """Return the name of the period that a day lies in."""
        match every:
            case Every.YEAR:
                return f"{day.year}"
            case Every.HALF:
                return f"{day.year}-H{(day.month + 5) // 6}"
            case Every.QUARTER:
                return f"{day.year}-Q{(day.month + 2) // 3}"
            case Every.MONTH:
                return f"{day.year}-{day.month:02d}"
            case Every.WEEK:
                year, week, _ = day.isocalendar()
                return f"{year}-W{week:02d}"
            case Every.DAY:
                return day.isoformat()
            case Every.TERM:
                found = next((code for code, (first, last) in self.terms.items() if first <= day <= last), None)
                if found is None:
                    raise InvalidInput(
                        say("{day} 不在方案规定的任何学期内", day=day.isoformat()), {"terms": say("没有这一天的学期")}
                    )
                return found
        return ""

    def bounds(self, period: str) -> tuple[date, date]:
        """Return the first and the last day; raises InvalidInput for a name that is none."""
        if period in self.terms:
            return self.terms[period]
        if not period:
            return date.min, date.max
        match = _PERIOD.fullmatch(period)
        if match is None:
            raise InvalidInput(
                say("“{period}”不是周期，应写成 2026、2026-Q1、2026-03、2026-W10 或学期代码", period=period)
            )
        year, half, quarter, week, month, day = (int(part) if part else 0 for part in match.groups())
        try:
            if week:
                monday = date.fromisocalendar(year, week, 1)
                return monday, monday + timedelta(days=6)
            if day:
                return date(year, month, day), date(year, month, day)
            first = 6 * half - 5 if half else 3 * quarter - 2 if quarter else month or 1
            months = 6 if half else 3 if quarter else 1 if month else 12
            return date(year, first, 1), _last_of(year, first + months - 1)
        except (ValueError, OverflowError) as error:
            raise InvalidInput(say("没有“{period}”这个周期", period=period)) from error

    def within(self, inner: str, outer: str) -> bool:
        """Say whether a period lies inside another; one without a name lies only inside all."""
        if not outer:
            return True
        if not inner:
            return False
        (first, last), (begin, end) = self.bounds(inner), self.bounds(outer)
        return begin <= first and last <= end

    def between(self, first: date, last: date, every: Every) -> list[str]:
        """Return every period that has a day from ``first`` to ``last``, in order."""
        names: dict[str, None] = {}
        day = first
        while day <= last and len(names) <= MOST_PERIODS:
            name = self.of(day, every)
            names.setdefault(name)
            day = self.bounds(name)[1] + timedelta(days=1) if name else last + timedelta(days=1)
        return list(names)


def _last_of(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
