"""Reporting obligations as people watch over them: how each stands, who owes what, and what the figures add up to."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.store import UtcDateTime
from engine.wording import named, say
from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.campaigns.visibility import view
from workflows.organisation.models import Unit
from workflows.organisation.names import name_of
from workflows.reporting.models import ReportFiling
from workflows.reporting.service import add_up, state_of

Conditions = tuple[ColumnElement[bool], ...]

STATES = ("expected", "overdue", "filed", "filed_late")


@dataclass(frozen=True, slots=True)
class Standing:
    """How an obligation stands for a period; ``late`` came after the due time, ``missing`` has not come."""

    report: str
    period: str
    expected: int
    filed: int
    late: int
    missing: int
    due: datetime | None

    def lamp(self, now: datetime) -> str:
        """Return red when something is overdue, yellow within a day of the due time, else green."""
        if self.missing and self.due is not None:
            hours = (self.due - now).total_seconds() / 3600
            return "red" if hours < 0 else "yellow" if hours <= 24 else "green"
        return "green"


@dataclass(frozen=True, slots=True)
class FilingFilters:
    """Which filings; empty means all."""

    report: str = ""
    period: str = ""
    state: str = ""
    search: str = ""
    unit_id: int | None = None
    limit: int | None = 200
    offset: int = 0


@dataclass(frozen=True, slots=True)
class FilingLine:
    """A filing with its unit's name; ``late_times`` counts how often this unit was late in the campaign, until now."""

    filing: ReportFiling
    unit_name: str
    state: str
    late_times: int


@dataclass(frozen=True, slots=True)
class Consolidation:
    """What was filed at one level: the source rows, their sums, and what the report above says of the same figures.

    ``fields`` are keys and labels of the figures; ``above`` is the filing of the unit that the rows lie below.
    ``has_lower`` are the units that have filings below them.
    """

    fields: Sequence[tuple[str, str]]
    rows: Sequence[FilingLine]
    sums: Mapping[str, float]
    above: FilingLine | None
    has_lower: frozenset[int]

    def differs(self, key: str) -> bool:
        """Say whether the report above states another figure than the rows add up to."""
        if self.above is None or self.above.filing.filed_at is None or key not in self.above.filing.figures:
            return False
        return float(self.above.filing.figures[key]) != self.sums.get(key, 0.0)


def standings(session: Session, *, campaign_id: int, viewer_id: int, at: datetime) -> list[Standing]:
    """Return how each obligation stands among the units that the viewer sees, in the order of their due times."""
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    filed = ReportFiling.filed_at.is_not(None)
    query = (
        select(
            ReportFiling.report,
            ReportFiling.period,
            func.count(),
            func.count().filter(filed),
            func.count().filter(and_(filed, _late(at))),
            func.max(ReportFiling.due),
        )
        .where(*_seen(campaign_id, seen.unit_ids))
        .group_by(ReportFiling.report, ReportFiling.period)
    )
    found = [
        Standing(report, period, expected, came, late, expected - came, due)
        for report, period, expected, came, late, due in session.execute(query)
    ]
    return sorted(found, key=lambda one: (one.due is None, one.due or at, one.report))


def filings(
    session: Session, *, campaign_id: int, viewer_id: int, filters: FilingFilters, at: datetime
) -> tuple[list[FilingLine], int]:
    """Return filings that the viewer sees, the earliest due first, and how many fit the filters.

    Raises InvalidInput for a state that there is not.
    """
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    conditions = [*_seen(campaign_id, seen.unit_ids), *_conditions(filters, at)]
    joined = select(ReportFiling, name_of(Unit)).outerjoin(Unit, Unit.id == ReportFiling.unit_id).where(*conditions)
    ordered = joined.order_by(ReportFiling.due, ReportFiling.report, ReportFiling.unit_id, ReportFiling.id)
    total = session.scalar(
        select(func.count())
        .select_from(ReportFiling)
        .outerjoin(Unit, Unit.id == ReportFiling.unit_id)
        .where(*conditions)
    )
    page = ordered.limit(filters.limit).offset(filters.offset)
    return _lines(session, campaign_id, page, at), total or 0


def consolidation(
    session: Session, *, campaign_id: int, viewer_id: int, report: str, period: str, below: int | None, at: datetime
) -> Consolidation:
    """Return the filings right below a unit (at the top: those of the highest level that has some) with their sums.

    Raises NotFound for a report that the plan has not, and for a unit that the viewer does not see.
    """
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    rule = next((one for one in seen.campaign.plan["reports"] if one["code"] == report), None)
    if rule is None or (below is not None and not seen.sees(below)):
        raise NotFound(say("没有这项报送"))
    same = (ReportFiling.campaign_id == campaign_id, ReportFiling.report == report, ReportFiling.period == period)
    kinds = _top_level(session, rule, same) or rule["kinds"]
    sums, rows = add_up(
        session, campaign=seen.campaign, report=report, period=period, below=below, kinds=() if below else kinds
    )
    rows = [row for row in rows if seen.everything or (row.unit_id is not None and seen.sees(row.unit_id))]
    if not seen.everything:
        sums = {key: float(sum(row.figures.get(key, 0) for row in rows)) for key in sums}
    ids = [row.id for row in rows]
    shown = select(ReportFiling, name_of(Unit)).outerjoin(Unit, Unit.id == ReportFiling.unit_id)
    above = _lines(session, campaign_id, shown.where(*same, ReportFiling.unit_id == below), at) if below else []
    return Consolidation(
        _fields(rule, rows),
        _lines(session, campaign_id, shown.where(*same, ReportFiling.id.in_(ids)).order_by(Unit.name), at)
        if ids
        else [],
        sums,
        above[0] if above else None,
        _with_lower(session, same, [row.unit_id for row in rows if row.unit_id]),
    )


def _top_level(session: Session, rule: Mapping[str, Any], same: Conditions) -> list[str]:
    """Return the kind of the highest level that is asked for the report; a level is asked after the one below it."""
    joined = and_(CampaignUnit.unit_id == ReportFiling.unit_id, CampaignUnit.campaign_id == ReportFiling.campaign_id)
    asked = set(session.scalars(select(CampaignUnit.kind).join(ReportFiling, joined).where(*same).distinct()))
    return [kind for kind in rule["levels"] if kind in asked][-1:] or rule["levels"][-1:]


def reports_of(campaign: Campaign) -> dict[str, str]:
    """Return the names of a campaign's obligations by code."""
    return {str(one["code"]): named(str(one["name"]), str(one.get("name_en", ""))) for one in campaign.plan["reports"]}


def _seen(campaign_id: int, unit_ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    own = [] if unit_ids is None else [ReportFiling.unit_id.in_(unit_ids)]
    return [ReportFiling.campaign_id == campaign_id, *own]


def _late(at: datetime) -> ColumnElement[bool]:
    return func.coalesce(ReportFiling.filed_at, literal(at, UtcDateTime())) > ReportFiling.due


def _conditions(filters: FilingFilters, at: datetime) -> list[ColumnElement[bool]]:
    if filters.state and filters.state not in STATES:
        raise InvalidInput(say("状态“{state}”不存在", state=filters.state))
    conditions: list[ColumnElement[bool]] = []
    if filters.report:
        conditions.append(ReportFiling.report == filters.report)
    if filters.period:
        conditions.append(ReportFiling.period == filters.period)
    if filters.unit_id is not None:
        conditions.append(ReportFiling.unit_id == filters.unit_id)
    if filters.search:
        conditions.append(Unit.name.icontains(filters.search[:100], autoescape=True))
    if filters.state:
        came = (
            ReportFiling.filed_at.is_not(None) if filters.state.startswith("filed") else ReportFiling.filed_at.is_(None)
        )
        late = case((_late(at), 1), else_=0) == (1 if filters.state in ("overdue", "filed_late") else 0)
        conditions += [came, late]
    return conditions


def _lines(session: Session, campaign_id: int, query: Select[ReportFiling, str], at: datetime) -> list[FilingLine]:
    found = session.execute(query).all()
    units = {filing.unit_id for filing, _name in found}
    counted = session.execute(
        select(ReportFiling.unit_id, func.count().label("times"))
        .where(ReportFiling.campaign_id == campaign_id, _late(at), ReportFiling.unit_id.in_(units))
        .group_by(ReportFiling.unit_id)
    )
    times = {row.unit_id: row.times for row in counted}
    return [FilingLine(one, name, state_of(one, at), times.get(one.unit_id, 0)) for one, name in found]


def _fields(rule: Mapping[str, Any], rows: Sequence[ReportFiling]) -> list[tuple[str, str]]:
    labels = {str(one["key"]): named(str(one["label"]), str(one.get("label_en", ""))) for one in rule["content"]}
    filed = {key for row in rows for key in row.figures}
    declared = [(key, label) for key, label in labels.items() if key in filed or _counts(rule, key)]
    return [*declared, *((key, key) for key in sorted(filed - labels.keys()))]


def _counts(rule: Mapping[str, Any], key: str) -> bool:
    numeric = ("number", "integer", "money", "percent")
    return any(field["key"] == key and field["type"] in numeric for field in rule["content"])


def _with_lower(session: Session, same: Conditions, unit_ids: Sequence[int]) -> frozenset[int]:
    query = (
        select(Unit.parent_id)
        .join(ReportFiling, ReportFiling.unit_id == Unit.id)
        .where(*same, Unit.parent_id.in_(unit_ids))
        .distinct()
    )
    return frozenset(one for one in session.scalars(query) if one is not None)
