"""The working calendar of a unit: the national one, with the days and hours of the unit and of those above it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from sqlalchemy.orm import Session

from engine.calendars import Hours, Season, WorkingCalendar, check_hours
from engine.errors import InvalidInput
from workflows.organisation.models import Unit
from workflows.organisation.tree import lineage

_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至]\s*(\d{1,2})[:：](\d{2})")
_MONTH_DAY = re.compile(r"(\d{1,2})-(\d{1,2})")
_LEAP_YEAR = 2024
NATIONAL = WorkingCalendar()


class UnitCalendars:
    """Implements :class:`engine.ports.Calendars`: days and hours are inherited down the tree, the nearest unit wins."""

    def of_unit(self, session: Session, unit_id: int | None) -> WorkingCalendar:
        """Return the unit's working calendar, in one statement."""
        if unit_id is None:
            return NATIONAL
        return calendar_of(lineage(session, unit_id, Unit.calendar, Unit.seasons))


def calendar_of(line: Sequence[Any]) -> WorkingCalendar:
    """Put a calendar together from (``calendar``, ``seasons``) of a unit and those above it, the nearest first."""
    days: dict[date, bool] = {}
    seasons: list[Season] = []
    for own_days, own_seasons in line:
        for day, works in (own_days or {}).items():
            days.setdefault(date.fromisoformat(day), bool(works))
        seasons += [season_of(one) for one in own_seasons or ()]
    return WorkingCalendar(exceptions=days, seasons=tuple(seasons)) if days or seasons else NATIONAL


def season_of(row: Mapping[str, Any]) -> Season:
    """Read a season as the unit's row keeps it."""
    hours = tuple((time.fromisoformat(begin), time.fromisoformat(end)) for begin, end in row["hours"])
    return Season(read_month_day(row["from"]), read_month_day(row["to"]), hours)


def read_month_day(text: str) -> tuple[int, int]:
    """Read a day of every year, ``06-01``. Raises InvalidInput."""
    match = _MONTH_DAY.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError(text)
        day = date(_LEAP_YEAR, int(match[1]), int(match[2]))
    except ValueError as error:
        raise InvalidInput(
            f"“{text[:20]}”不是月日，请写成 06-01 / “{text[:20]}” is no day of the year: write 06-01"
        ) from error
    return day.month, day.day


def read_hours(text: str) -> Hours:
    """Read ``08:30-12:00, 13:30-17:30``. Raises InvalidInput."""
    parts = [part.strip() for part in re.split(r"[,，、;；]", text) if part.strip()]
    found = []
    try:
        for part in parts:
            match = _SPAN.fullmatch(part)
            if match is None:
                raise ValueError(part)
            found.append((time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))))
    except ValueError as error:
        raise InvalidInput(
            f"看不懂作息时间“{text[:60]}”，请写成 08:30-12:00, 13:30-17:30"
            f" / Hours “{text[:60]}” not understood: write 08:30-12:00, 13:30-17:30"
        ) from error
    hours = tuple(found)
    check_hours(hours)
    return hours


def hours_text(hours: Hours) -> str:
    """Write hours as :func:`read_hours` reads them."""
    return ", ".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in hours)
