"""What a scenario can look at of reports and of units' own plans."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.cascade.models import UnitPlan
from workflows.cascade.overview import roll_up
from workflows.reporting.models import ReportFiling
from workflows.reporting.service import add_up, is_late
from workflows.scenarios.schemas import Strict, Units, text
from workflows.scenarios.subject import Subject, in_units, last_campaign, narrowed, one_of
from workflows.scenarios.world import World


class _Filings(Strict):
    report = text(load_default=None)
    period = text(load_default=None)
    unit = Units(load_default=dict)
    what = one_of("filed", "expected", "late", "missing")


class _Sum(Strict):
    report = text(required=True)
    period = text(load_default="")
    field = text(required=True)
    below = text(load_default=None)


class _UnitPlan(Strict):
    unit = text(required=True)
    day = text(load_default=None)
    target = text(load_default=None)


class _RollUp(Strict):
    unit = text(required=True)
    what = one_of("percent", "below", "plans_filed", "reports_missing", "reports_late")


def _filings(world: World, session: Session, want: Mapping[str, Any]) -> int:
    query = narrowed(select(ReportFiling), ReportFiling, want, "report", "period")
    query = in_units(query, world, want, ReportFiling.unit_id)
    rows, now = list(session.scalars(query)), world.clock.now()
    match want["what"]:
        case "filed":
            return sum(row.filed_at is not None for row in rows)
        case "late":
            return sum(is_late(row, now) for row in rows)
        case "missing":
            return sum(row.filed_at is None for row in rows)
    return len(rows)


def _sum(world: World, session: Session, want: Mapping[str, Any]) -> float | None:
    below = world.unit(want["below"]) if want["below"] else None
    sums, _ = add_up(
        session, campaign=last_campaign(session), report=want["report"], period=want["period"], below=below
    )
    return sums.get(want["field"])


def _unit_plan(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    row = session.get(UnitPlan, (last_campaign(session).id, world.unit(want["unit"])))
    if row is None:
        return None
    if want["day"]:
        return row.days.get(want["day"])
    return row.targets.get(want["target"]) if want["target"] else ("approved" if row.approved_at else "filed")


def _roll_up(world: World, session: Session, want: Mapping[str, Any]) -> int | None:
    unit_id = world.unit(want["unit"])
    rows = roll_up(session, last_campaign(session), world.clock.now())
    return next((int(getattr(row, want["what"])) for row in rows if row.unit_id == unit_id), None)


SUBJECTS: Mapping[str, Subject] = {
    "filings": Subject(_Filings, _filings),
    "report_sum": Subject(_Sum, _sum),
    "unit_plan": Subject(_UnitPlan, _unit_plan),
    "roll_up": Subject(_RollUp, _roll_up),
}
