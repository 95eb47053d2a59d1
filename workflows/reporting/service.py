"""Filing reports: what is expected, what came, what is late, and what it adds up to."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.organisation.models import Unit
from workflows.reporting.models import ReportFiling


def expect(
    session: Session, *, campaign: Campaign, report: str, period: str, unit_id: int | None, due: datetime | None
) -> ReportFiling:
    """Note that a report is expected; doing it again changes its due time only."""
    filing = filing_of(session, campaign=campaign, report=report, period=period, unit_id=unit_id)
    filing.due = due
    session.flush()
    return filing


def filing_of(session: Session, *, campaign: Campaign, report: str, period: str, unit_id: int | None) -> ReportFiling:
    """Return the row of a report, made when nobody expected it."""
    query = _filings(campaign.id, report, period)
    wanted = ReportFiling.unit_id.is_(None) if unit_id is None else ReportFiling.unit_id == unit_id
    filing = session.scalars(query.where(wanted)).one_or_none()
    if filing is None:
        filing = ReportFiling(campaign_id=campaign.id, report=report, period=period, unit_id=unit_id)
        session.add(filing)
        session.flush()
    return filing


def is_late(filing: ReportFiling, now: datetime) -> bool:
    """Say whether a report came after its due time, or is missing after it."""
    return filing.due is not None and (filing.filed_at or now) > filing.due


def state_of(filing: ReportFiling, now: datetime) -> str:
    """Return ``filed``, ``filed_late``, ``overdue`` (missing after its due time) or ``expected``."""
    late = is_late(filing, now)
    if filing.filed_at is None:
        return "overdue" if late else "expected"
    return "filed_late" if late else "filed"


def late_times(session: Session, *, campaign_id: int, unit_id: int | None, now: datetime) -> int:
    """Count how often a unit was late in a campaign."""
    query = select(ReportFiling).where(ReportFiling.campaign_id == campaign_id, ReportFiling.unit_id == unit_id)
    return sum(is_late(one, now) for one in session.scalars(query))


def figures_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers of a form."""
    return {key: value for key, value in data.items() if isinstance(value, int | float) and not isinstance(value, bool)}


def add_up(
    session: Session,
    *,
    campaign: Campaign,
    report: str,
    period: str,
    below: int | None = None,
    kinds: Collection[str] = (),
) -> tuple[dict[str, float], list[ReportFiling]]:
    """Add up the figures of the units right below a unit, else of all units (of some kinds); returns the rows too."""
    query = _filings(campaign.id, report, period)
    if below is not None:
        query = query.join(Unit, Unit.id == ReportFiling.unit_id).where(Unit.parent_id == below)
    elif kinds:
        joined = CampaignUnit.unit_id == ReportFiling.unit_id
        query = query.join(CampaignUnit, joined).where(
            CampaignUnit.campaign_id == campaign.id, CampaignUnit.kind.in_(kinds)
        )
    rows = list(session.scalars(query.order_by(ReportFiling.id)))
    sums: dict[str, Decimal] = {}
    for row in rows:
        for key, value in row.figures.items():
            sums[key] = sums.get(key, Decimal(0)) + Decimal(str(value))
    return {key: float(value) for key, value in sums.items()}, rows


def _filings(campaign_id: int, report: str, period: str) -> Select[ReportFiling]:
    return select(ReportFiling).where(
        ReportFiling.campaign_id == campaign_id, ReportFiling.report == report, ReportFiling.period == period
    )
