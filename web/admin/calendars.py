"""A unit's working calendar: a year of days, each of which a click turns, and the hours by season."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar, holiday_name
from engine.errors import InvalidInput, NotFound
from web.admin.room import admin, today
from web.context import person, running_engine
from web.language import is_english
from workflows.directory.listing import open_deadlines, unit_of
from workflows.directory.service import edit
from workflows.organisation.calendars import NATIONAL, calendar_of, hours_text, season_of
from workflows.organisation.models import Unit
from workflows.organisation.tree import lineage

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the grid: whether people work, why, and whether the unit itself decided so."""

    day: date
    works: bool
    own: bool
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class SeasonRow:
    """Hours of a part of the year, and the unit that set them; ``own`` for the shown one."""

    first: str
    last: str
    hours: str
    unit: Unit
    own: bool


@admin.get("/calendar")
def calendar() -> ResponseReturnValue:
    """Show a year of a unit's calendar."""
    running = running_engine()
    year = _year()
    with running.db.read() as session:
        chosen = _unit(session)
        line = [row.Unit for row in lineage(session, chosen.id, Unit)]
        own = {date.fromisoformat(day): works for day, works in (chosen.calendar or {}).items()}
        whole = calendar_of([(one.calendar, one.seasons) for one in line])
        seasons = [
            SeasonRow(row["from"], row["to"], hours_text(season_of(row).hours), one, one.id == chosen.id)
            for one in line
            for row in one.seasons or ()
        ]
        waiting = open_deadlines(session, chosen.id)
    return render_template(
        "admin/calendar.html", tab="calendar", unit=chosen, year=year, years=(FIRST_YEAR, LAST_YEAR),
        months=[_month(whole, own, year, month) for month in range(1, 13)], seasons=seasons, waiting=waiting,
        known=whole.knows(year), standard=hours_text(whole.hours), turned=_turned(), day=today(),
        own=sorted(own.items()),
    )  # fmt: skip


@admin.post("/calendar")
def turn_day() -> ResponseReturnValue:
    """Turn a day: a working day becomes a day off or the other way round; turned twice it is as before."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise InvalidInput(_("没有这一天。")) from error
    with running_engine().db.read() as session:
        chosen = _unit(session)
        line = lineage(session, chosen.id, Unit.calendar, Unit.seasons)
    works = calendar_of(line).is_working_day(day)
    if day.isoformat() in (chosen.calendar or {}) and calendar_of(line[1:]).is_working_day(day) is not works:
        edit(running_engine(), {}, actor_id=person().id, without=[("days", (chosen.code, day))])
    else:
        row = {"unit": chosen.code, "day": day, "works": not works}
        edit(running_engine(), {"days": [row]}, actor_id=person().id)
    return redirect(url_for("admin.calendar", unit=chosen.code, year=day.year, turned=day.isoformat()))


def _unit(session: Session) -> Unit:
    code = request.values.get("unit", "")
    if code:
        return unit_of(session, code)
    from workflows.directory.listing import tree

    found = next((one.unit for one in tree(session, day=today())), None)
    if found is None:
        raise NotFound(_("还没有单位，请先新增或导入。"))
    return found


def _year() -> int:
    text = request.args.get("year", str(today().year))
    if not text.isdecimal() or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise InvalidInput(_("没有这一年的日历。"))
    return int(text)


def _turned() -> date | None:
    try:
        return date.fromisoformat(request.args.get("turned", ""))
    except ValueError:
        return None


def _month(whole: WorkingCalendar, own: dict[date, bool], year: int, month: int) -> list[Day | None]:
    """Return the days of a month in weeks that begin on Monday, with None before the first."""
    first = date(year, month, 1)
    days: list[Day | None] = [None] * first.weekday()
    here = first
    while here.month == month:
        days.append(_day(whole, own, here))
        here += timedelta(days=1)
    return days


def _day(whole: WorkingCalendar, own: dict[date, bool], day: date) -> Day:
    works, name = whole.is_working_day(day), holiday_name(day, english=is_english())
    national = NATIONAL.is_working_day(day)
    if works != national or day in own:
        kind, reason = "own", _("本单位例外") if day in own else _("上级单位例外")
    elif works and day.weekday() > 4:
        kind, reason = "makeup", _("%(name)s调休上班", name=name)
    elif not works and name:
        kind, reason = "holiday", name
    else:
        kind, reason = ("work", _("工作日")) if works else ("weekend", _("周末"))
    return Day(day, works, day in own, kind, reason)
