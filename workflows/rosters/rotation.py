"""Who is on duty when: people take turns in a fixed order; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from engine.calendars import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Turn:
    """A duty to be: the person's place in the order of people, and the shift's hours."""

    day: date
    shift: str
    position: int
    person: int
    starts: datetime
    ends: datetime


def turns(
    roster: Mapping[str, Any],
    people: Sequence[int],
    first: date,
    last: date,
    calendar: WorkingCalendar,
    *,
    after: int = -1,
) -> list[Turn]:
    """Return the duties from ``first`` to ``last``.

    ``after`` is the place of the person who had the last duty before; the next one begins. So nobody has two turns
    more than another, and nobody two in a row while there are others. A shift that ends before it begins ends on the
    next day.
    """
    found: list[Turn] = []
    place = after
    day = first
    while day <= last:
        for shift in roster["shifts"]:
            if not _runs(shift, day, calendar):
                continue
            begins, ends = (_at(day, shift[name], calendar) for name in ("from_", "to"))
            for position in range(min(shift["people"], len(people))):
                place = (place + 1) % len(people)
                over = ends if ends > begins else ends + timedelta(days=1)
                found.append(Turn(day, shift["code"], position, people[place], begins, over))
        day += timedelta(days=1)
    return found


def _runs(shift: Mapping[str, Any], day: date, calendar: WorkingCalendar) -> bool:
    if shift["months"] and day.month not in shift["months"]:
        return False
    return bool(shift["days"] == "daily" or calendar.is_working_day(day) == (shift["days"] == "working"))


def _at(day: date, clock: str, calendar: WorkingCalendar) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), calendar.timezone)
