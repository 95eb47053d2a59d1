"""Holding a unit's plan against the one above, and rolling progress and reports up the tree of units."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.campaigns.models import Campaign, CampaignUnit, UnitPhase
from workflows.campaigns.schedule import campaign_days
from workflows.cascade.models import UnitPlan
from workflows.organisation.models import Unit
from workflows.reporting.models import ReportFiling
from workflows.reporting.service import is_late

MOST_LEVELS = 12


@dataclass(frozen=True, slots=True)
class Demands:
    """What a unit's plan may not fall behind: days by code, target values by code; from the unit above or the plan."""

    days: Mapping[str, date]
    targets: Mapping[str, float]
    superior_id: int | None


def demands_on(session: Session, campaign: Campaign, unit_id: int) -> Demands:
    """Return the demands of the nearest unit above that has filed, else of the campaign's own plan."""
    unit = session.get(Unit, unit_id)
    for _ in range(MOST_LEVELS):
        if unit is None or unit.parent_id is None:
            break
        above = session.get(UnitPlan, (campaign.id, unit.parent_id))
        if above is not None:
            days = {code: date.fromisoformat(day) for code, day in above.days.items()}
            return Demands(days, dict(above.targets), unit.parent_id)
        unit = session.get(Unit, unit.parent_id)
    cascade = campaign.plan["cascade"]
    own = campaign_days(campaign)
    found = {one["code"]: own.day(f"cascade_{one['code']}") for one in cascade["days"]}
    targets = {one["code"]: float(one["value"]) for one in cascade["targets"]}
    return Demands({code: day for code, day in found.items() if day is not None}, targets, None)


def looser(plan: Mapping[str, Any], demands: Demands, data: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each day that is later and each target that is looser than what is demanded."""
    told = []
    for day in plan["days"]:
        limit, chosen = demands.days.get(day["code"]), data.get(day["code"])
        if limit is not None and (not chosen or date.fromisoformat(str(chosen)[:10]) > limit):
            told.append(f"{day['name']}不得晚于 {limit.isoformat()}")
    for target in plan["targets"]:
        line, value = demands.targets.get(target["code"]), data.get(target["code"])
        if line is None:
            continue
        higher = target["better"] == "higher"
        if value is None or (value < line if higher else value > line):
            told.append(f"{target['name']}不得{'低于' if higher else '高于'} {line:g}{target['unit']}")
    return told


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit with what it and everything below it has reached: percent of its cells, reports, own plan."""

    unit_id: int
    name: str
    level: int
    percent: int
    below: int
    plans_filed: int
    reports_missing: int
    reports_late: int
    plan: UnitPlan | None


def roll_up(session: Session, campaign: Campaign, now: datetime) -> list[Branch]:
    """Return the units of a campaign as a tree in reading order, each with its own and its subordinates' progress.

    Four statements whatever the number of units.
    """
    statement = select(Unit).join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
    units = list(
        session.scalars(statement.where(CampaignUnit.campaign_id == campaign.id).order_by(CampaignUnit.position))
    )
    cells: dict[int, list[int]] = {}
    cell_query = select(UnitPhase.unit_id, UnitPhase.percent).where(UnitPhase.campaign_id == campaign.id)
    for unit_id, percent in session.execute(cell_query):
        cells.setdefault(unit_id, []).append(percent)
    plans = {row.unit_id: row for row in session.scalars(select(UnitPlan).where(UnitPlan.campaign_id == campaign.id))}
    filings: dict[int, list[ReportFiling]] = {}
    for filing in session.scalars(select(ReportFiling).where(ReportFiling.campaign_id == campaign.id)):
        filings.setdefault(filing.unit_id or 0, []).append(filing)
    known = {unit.id for unit in units}
    below: dict[int | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)
    return [branch for unit in below.get(None, []) for branch in _branch(unit, 0, below, (cells, plans, filings, now))]


_Facts = tuple[Mapping[int, list[int]], Mapping[int, UnitPlan], Mapping[int, list[ReportFiling]], datetime]


def _branch(unit: Unit, level: int, below: Mapping[int | None, list[Unit]], facts: _Facts) -> list[Branch]:
    cells, plans, filings, now = facts
    lower = [one for child in below.get(unit.id, []) for one in _branch(child, level + 1, below, facts)]
    own = cells.get(unit.id, [])
    percent = sum(own) // len(own) if own else 0
    rows = filings.get(unit.id, [])
    missing, late = sum(row.filed_at is None for row in rows), sum(is_late(row, now) for row in rows)
    direct = [one for one in lower if one.level == level + 1]
    return [
        Branch(
            unit.id,
            unit.name,
            level,
            percent,
            sum(one.percent for one in lower) // len(lower) if lower else percent,
            sum(one.plan is not None for one in lower) + (unit.id in plans),
            missing + sum(one.reports_missing for one in direct),
            late + sum(one.reports_late for one in direct),
            plans.get(unit.id),
        ),
        *lower,
    ]
