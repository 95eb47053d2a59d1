"""The ledger as people read it: filtered, within what the viewer may see, and as a workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.errors import InvalidInput, NotFound
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.campaigns.visibility import View, view
from workflows.findings.items import item_names
from workflows.findings.models import Finding, FindingLevel, FindingSource, FindingState
from workflows.findings.service import STATE_NAMES
from workflows.organisation.models import Person, Unit
from workflows.organisation.names import name_of
from workflows.spreadsheet import MOST_STYLED, workbook

LEVEL_NAMES = {
    FindingLevel.GENERAL: "一般",
    FindingLevel.MAJOR: "重点",
    FindingLevel.HARD: "难点",
    FindingLevel.SEVERE: "严重",
}
SOURCE_NAMES = {
    FindingSource.SELF_CHECK: "自查",
    FindingSource.SPOT_CHECK: "抽查",
    FindingSource.SUPERVISION: "督查",
    FindingSource.INSPECTION: "检查",
    FindingSource.SUPERIOR: "上级检查",
    FindingSource.REPORT_BOX: "举报箱",
    FindingSource.HOTLINE: "热线",
    FindingSource.RECHECK: "回头看",
}


@dataclass(frozen=True, slots=True)
class LedgerFilters:
    """What to show; empty means all."""

    unit_id: int | None = None
    state: str = ""
    level: str = ""
    source: str = ""
    item: str = ""
    finding_id: int | None = None
    search: str = ""
    overdue: bool = False
    limit: int | None = 200
    offset: int = 0


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A line of the ledger with names instead of ids; ``label`` is the number to quote."""

    id: int
    label: str
    number: int
    unit_id: int
    unit_name: str
    instance_id: int | None
    item: str
    item_name: str
    level: str
    source: str
    text: str
    cause: str
    measures: str
    owner_name: str
    due: datetime | None
    state: str
    overdue: bool
    returned_count: int
    evidence_before: tuple[str, ...]
    evidence_after: tuple[str, ...]
    found_by_name: str
    found_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LedgerCounts:
    """Findings that the viewer sees, by state."""

    open: int
    rectifying: int
    verifying: int
    closed: int
    overdue: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.open + self.rectifying + self.verifying + self.closed


def ledger(
    session: Session, campaign_id: int, viewer_id: int, filters: LedgerFilters = LedgerFilters(), *, at: datetime
) -> list[LedgerRow]:
    """Return the findings that the viewer may see, by number; one statement beside the visibility check."""
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    owner, finder = aliased(Person), aliased(Person)
    statement = (
        select(Finding, name_of(Unit), name_of(owner), name_of(finder))
        .join(Unit, Unit.id == Finding.unit_id)
        .outerjoin(owner, owner.id == Finding.owner_id)
        .outerjoin(finder, finder.id == Finding.found_by)
        .where(Finding.campaign_id == campaign_id, *_conditions(filters, at))
        .order_by(Finding.number)
        .limit(filters.limit)
        .offset(filters.offset)
    )
    if seen.unit_ids is not None:
        statement = statement.where(Finding.unit_id.in_(seen.unit_ids))
    items = item_names(seen.campaign.plan)
    return [_row(seen.campaign, finding, items, at, names) for finding, *names in session.execute(statement)]


def ledger_size(
    session: Session, campaign_id: int, viewer_id: int, filters: LedgerFilters = LedgerFilters(), *, at: datetime
) -> int:
    """Count the findings that fit the filters and that the viewer may see, whatever the filters' limit."""
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    return session.scalar(_fitting(select(func.count()), seen, filters, at)) or 0


def ledger_ids(
    session: Session, campaign_id: int, viewer_id: int, filters: LedgerFilters = LedgerFilters(), *, at: datetime
) -> list[int]:
    """Return the ids of all findings that fit the filters and that the viewer may see, by number."""
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    return list(session.scalars(_fitting(select(Finding.id), seen, filters, at).order_by(Finding.number)))


def _fitting(statement: Select[tuple[int]], seen: View, filters: LedgerFilters, at: datetime) -> Select[tuple[int]]:
    """Narrow a statement about findings to those that fit the filters and that the viewer sees."""
    statement = statement.select_from(Finding).join(Unit, Unit.id == Finding.unit_id)
    statement = statement.where(Finding.campaign_id == seen.campaign.id, *_conditions(filters, at))
    return statement if seen.unit_ids is None else statement.where(Finding.unit_id.in_(seen.unit_ids))


def finding_of(session: Session, campaign_id: int, viewer_id: int, finding_id: int, *, at: datetime) -> Finding:
    """Return a finding of a campaign; raises NotFound for one that is not there or not for the viewer."""
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    found = session.get(Finding, finding_id)
    if found is None or found.campaign_id != campaign_id or not seen.sees(found.unit_id):
        raise NotFound(say("没有这条问题"))
    return found


def counts(session: Session, campaign_id: int, viewer_id: int, *, at: datetime) -> LedgerCounts:
    """Count the findings that the viewer may see, by state."""
    seen = view(session, campaign_id=campaign_id, viewer_id=viewer_id, at=at)
    statement = (
        select(Finding.state, func.count(), func.count().filter(_overdue(at)))
        .where(Finding.campaign_id == campaign_id)
        .group_by(Finding.state)
    )
    if seen.unit_ids is not None:
        statement = statement.where(Finding.unit_id.in_(seen.unit_ids))
    rows = session.execute(statement).all()
    by_state = {state: number for state, number, _ in rows}
    return LedgerCounts(
        open=by_state.get(FindingState.OPEN, 0),
        rectifying=by_state.get(FindingState.RECTIFYING, 0),
        verifying=by_state.get(FindingState.VERIFYING, 0),
        closed=by_state.get(FindingState.CLOSED, 0),
        overdue=sum(late for _, _, late in rows),
    )


def ledger_workbook(
    session: Session,
    campaign_id: int,
    viewer_id: int,
    filters: LedgerFilters = LedgerFilters(limit=None),
    *,
    at: datetime,
) -> bytes:
    """Return the ledger as an Excel workbook."""
    rows = ledger(session, campaign_id, viewer_id, filters, at=at)
    columns = (
        ("编号", 12),
        ("单位", 16),
        ("检查项目", 20),
        ("等级", 8),
        ("来源", 8),
        ("问题", 44),
        ("原因", 30),
        ("整改措施", 36),
        ("责任人", 12),
        ("整改期限", 18),
        ("状态", 10),
        ("是否逾期", 10),
        ("退回次数", 10),
        ("整改前材料", 12),
        ("整改后材料", 12),
        ("发现人", 12),
        ("发现时间", 18),
        ("销号时间", 18),
    )
    lines = [
        (
            row.label,
            row.unit_name,
            row.item_name,
            LEVEL_NAMES[FindingLevel(row.level)],
            SOURCE_NAMES[FindingSource(row.source)],
            row.text,
            row.cause,
            row.measures,
            row.owner_name,
            row.due,
            STATE_NAMES[FindingState(row.state)],
            "是" if row.overdue else "",
            row.returned_count,
            len(row.evidence_before),
            len(row.evidence_after),
            row.found_by_name,
            row.found_at,
            row.closed_at,
        )
        for row in rows
    ]
    return workbook([("问题台账", columns, lines)], plain=len(lines) > MOST_STYLED)


def _row(campaign: Campaign, finding: Finding, items: dict[str, str], at: datetime, names: Sequence[str]) -> LedgerRow:
    unit_name, owner_name, finder_name = names
    closed = finding.state == FindingState.CLOSED
    return LedgerRow(
        id=finding.id,
        label=finding_label(campaign, finding),
        number=finding.number,
        unit_id=finding.unit_id,
        unit_name=unit_name,
        instance_id=finding.instance_id,
        item=finding.item,
        item_name=items.get(finding.item, finding.item),
        level=finding.level,
        source=finding.source,
        text=finding.text,
        cause=finding.cause,
        measures=finding.measures,
        owner_name=owner_name,
        due=finding.due,
        state=finding.state,
        overdue=not closed and finding.due is not None and at > finding.due,
        returned_count=finding.returned_count,
        evidence_before=tuple(finding.evidence_before or ()),
        evidence_after=tuple(finding.evidence_after or ()),
        found_by_name=finder_name,
        found_at=finding.found_at,
        closed_at=finding.closed_at,
    )


def finding_label(campaign: Campaign, finding: Finding) -> str:
    """Return the number to quote, such as 2026-007."""
    return f"{campaign.year}-{finding.number:03d}"


def _overdue(at: datetime) -> ColumnElement[bool]:
    return and_(Finding.state != FindingState.CLOSED, Finding.due < at)


def _conditions(filters: LedgerFilters, at: datetime) -> list[ColumnElement[bool]]:
    for value, choices, name in (
        (filters.state, FindingState, say("状态")),
        (filters.level, FindingLevel, say("等级")),
        (filters.source, FindingSource, say("来源")),
    ):
        if value and value not in tuple(choices):
            raise InvalidInput(say("{name}“{value}”不存在", name=name, value=value))
    conditions: list[ColumnElement[bool]] = []
    if filters.unit_id is not None:
        conditions.append(Finding.unit_id == filters.unit_id)
    if filters.finding_id is not None:
        conditions.append(Finding.id == filters.finding_id)
    for column, value in (
        (Finding.state, filters.state),
        (Finding.level, filters.level),
        (Finding.source, filters.source),
        (Finding.item, filters.item),
    ):
        if value:
            conditions.append(column == value)
    if filters.search:
        sought = filters.search[:100]
        conditions.append(
            or_(
                Finding.text.icontains(sought, autoescape=True),
                Finding.measures.icontains(sought, autoescape=True),
                Unit.name.icontains(sought, autoescape=True),
            )
        )
    if filters.overdue:
        conditions.append(_overdue(at))
    return conditions
