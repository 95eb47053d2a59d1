"""The cascade as people watch over it: progress, plans and reports rolled up the tree of units, level by level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, literal, select
from sqlalchemy.orm import Session

from engine.instances.models import OPEN_STATUSES, Instance
from engine.store import UtcDateTime
from workflows.campaigns.models import Campaign, CampaignUnit, UnitPhase
from workflows.campaigns.visibility import View
from workflows.cascade.models import UnitPlan
from workflows.cascade.service import Comparison, Demands, campaign_demands, comparison, demands_of
from workflows.organisation.models import Unit
from workflows.reporting.models import ReportFiling


class PlanState(StrEnum):
    """How a unit's plan stands. ``REFUSED`` was looser than the plan above and is being written again."""

    NONE = "none"
    MISSING = "missing"
    REFUSED = "refused"
    FILED = "filed"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class ReportCounts:
    """Reports: expected until now, of these missing, and late (missing after the due time or come after it)."""

    expected: int = 0
    missing: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit with what it and everything below it has reached.

    ``percent`` is its own mean over the phases, ``below`` the mean of all units below (its own where there are none).
    Plans and reports are counted with those below it; ``units_below`` are all of them, ``parent_id`` is None at the
    top. ``refusal`` says why the last attempt at a plan came back.
    """

    unit_id: int
    name: str
    name_en: str
    code: str
    kind: str
    parent_id: int | None
    level: int
    percent: int
    below: int
    units_below: int
    plans_expected: int
    plans_filed: int
    reports_expected: int
    reports_missing: int
    reports_late: int
    state: PlanState
    plan: UnitPlan | None
    comparisons: Sequence[Comparison]
    refusal: str


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of a campaign, by unit."""

    campaign: Campaign
    below: Mapping[int | None, Sequence[Unit]]
    cells: Mapping[int, int]
    plans: Mapping[int, UnitPlan]
    reports: Mapping[int, ReportCounts]
    refusals: Mapping[int, str]
    demands: Demands | None


def roll_up(session: Session, campaign: Campaign, now: datetime) -> list[Branch]:
    """Return the units of a campaign as a tree in reading order, each with its own and its subordinates' progress.

    Five statements whatever the number of units.
    """
    statement = select(Unit).join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
    units = list(
        session.scalars(statement.where(CampaignUnit.campaign_id == campaign.id).order_by(CampaignUnit.position))
    )
    known = {unit.id for unit in units}
    below: dict[int | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id if unit.parent_id in known else None, []).append(unit)
    means = select(UnitPhase.unit_id, func.avg(UnitPhase.percent)).where(UnitPhase.campaign_id == campaign.id)
    plans = select(UnitPlan).where(UnitPlan.campaign_id == campaign.id)
    cascade = campaign.plan["cascade"]
    facts = _Facts(
        campaign,
        below,
        {unit_id: int(mean or 0) for unit_id, mean in session.execute(means.group_by(UnitPhase.unit_id))},
        {row.unit_id: row for row in session.scalars(plans)} if cascade else {},
        _reports(session, campaign, now),
        _refusals(session, campaign) if cascade else {},
        campaign_demands(campaign) if cascade else None,
    )
    return [branch for unit in below.get(None, []) for branch in _branch(unit, 0, facts)]


def visible_branches(branches: Sequence[Branch], seen: View) -> list[Branch]:
    """Return the branches that a viewer sees."""
    return [one for one in branches if seen.sees(one.unit_id)]


def path_to(branches: Sequence[Branch], unit_id: int | None) -> list[Branch]:
    """Return a unit with those above it, the highest first; empty for none."""
    by_id = {one.unit_id: one for one in branches}
    path: list[Branch] = []
    while unit_id is not None and unit_id in by_id:
        path.insert(0, by_id[unit_id])
        unit_id = by_id[unit_id].parent_id
    return path


def _branch(unit: Unit, level: int, facts: _Facts) -> list[Branch]:
    lower = [one for child in facts.below.get(unit.id, []) for one in _branch(child, level + 1, facts)]
    direct = [one for one in lower if one.level == level + 1]
    percent, reports = facts.cells.get(unit.id, 0), facts.reports.get(unit.id, ReportCounts())
    state, comparisons = _plan(unit, facts)
    own = Branch(
        unit_id=unit.id,
        name=unit.name,
        name_en=unit.name_en,
        code=unit.code,
        kind=unit.kind,
        parent_id=unit.parent_id if level else None,
        level=level,
        percent=percent,
        below=sum(one.percent for one in lower) // len(lower) if lower else percent,
        units_below=len(lower),
        plans_expected=(state is not PlanState.NONE) + sum(one.plans_expected for one in direct),
        plans_filed=(unit.id in facts.plans) + sum(one.plans_filed for one in direct),
        reports_expected=reports.expected + sum(one.reports_expected for one in direct),
        reports_missing=reports.missing + sum(one.reports_missing for one in direct),
        reports_late=reports.late + sum(one.reports_late for one in direct),
        state=state,
        plan=facts.plans.get(unit.id),
        comparisons=comparisons,
        refusal=facts.refusals.get(unit.id, "") if state is PlanState.REFUSED else "",
    )
    return [own, *lower]


def _plan(unit: Unit, facts: _Facts) -> tuple[PlanState, Sequence[Comparison]]:
    cascade, plan = facts.campaign.plan["cascade"], facts.plans.get(unit.id)
    if cascade is None or facts.demands is None or unit.kind not in cascade["levels"]:
        return PlanState.NONE, ()
    if plan is None:
        return (PlanState.REFUSED if facts.refusals.get(unit.id) else PlanState.MISSING), ()
    above = facts.plans.get(plan.superior_id) if plan.superior_id is not None else None
    demands = demands_of(above) if above is not None else facts.demands
    state = PlanState.APPROVED if plan.approved_at else PlanState.FILED
    return state, comparison(cascade, demands, plan)


def _reports(session: Session, campaign: Campaign, now: datetime) -> dict[int, ReportCounts]:
    missing = ReportFiling.filed_at.is_(None)
    late: ColumnElement[bool] = func.coalesce(ReportFiling.filed_at, literal(now, UtcDateTime())) > ReportFiling.due
    query = (
        select(
            ReportFiling.unit_id,
            func.count(),
            func.count().filter(missing),
            func.count().filter(and_(ReportFiling.due.is_not(None), late)),
        )
        .where(ReportFiling.campaign_id == campaign.id, ReportFiling.unit_id.is_not(None))
        .group_by(ReportFiling.unit_id)
    )
    return {int(unit_id or 0): ReportCounts(*numbers) for unit_id, *numbers in session.execute(query)}


def _refusals(session: Session, campaign: Campaign) -> dict[int, str]:
    """Return why the last attempt at a plan came back, by unit, where the unit has not filed a better one."""
    levels = range(1, len(campaign.plan["cascade"]["levels"]) + 1)
    query = select(Instance.unit_id, Instance.variables).where(
        Instance.root_id == campaign.instance_id,
        Instance.process_id.in_([f"cascade_{number}_process" for number in levels]),
        Instance.status.in_(OPEN_STATUSES),
        Instance.unit_id.is_not(None),
    )
    return {int(row.unit_id or 0): str(row.variables.get("cascade_problems") or "") for row in session.execute(query)}
