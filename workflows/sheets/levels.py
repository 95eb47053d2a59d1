"""Sheets of what goes up and down the levels: plans of units (分解计划) and reports that are due (报送)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal, select
from sqlalchemy.orm import Session

from engine.wording import listed
from workflows.campaigns.models import Campaign, CampaignUnit
from workflows.cascade.overview import PlanState, roll_up
from workflows.organisation.models import Unit
from workflows.reporting.models import ReportFiling
from workflows.reporting.service import state_of
from workflows.sheets.entries import PERIOD, SUBJECT, row_of, titles
from workflows.sheets.sheet import Column, Row, SheetKind, each_of


def _units(session: Session, campaign: Campaign) -> Mapping[int | None, str]:
    rows = session.execute(
        select(Unit.id, Unit.code)
        .join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
        .where(CampaignUnit.campaign_id == campaign.id)
    )
    return {row.id: row.code for row in rows}


def _plans(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    if not campaign.plan["cascade"]:
        return []
    branches = roll_up(session, campaign, at)
    codes = {one.unit_id: one.code for one in branches}
    return [
        Row(
            (
                one.code,
                codes.get(one.plan.superior_id or 0) if one.plan else None,
                f"plan_{one.state}",
                one.plan.filed_at if one.plan else None,
                one.plan.approved_at if one.plan else None,
                listed((line.words for line in one.comparisons), "；") if one.comparisons else one.refusal,
                one.plan.measures if one.plan else "",
            ),
            one.unit_id,
        )
        for one in branches
        if one.state is not PlanState.NONE
    ]


def _tally_plans(campaign: Campaign) -> Sequence[Select[Any, Any]]:
    """Count the units of the kinds that the plan lets write a plan of their own."""
    cascade = campaign.plan["cascade"]
    units = select(Unit.id, literal(1)).join(CampaignUnit, CampaignUnit.unit_id == Unit.id)
    kinds = Unit.kind.in_(cascade["levels"] if cascade else [])
    return [units.where(CampaignUnit.campaign_id == campaign.id, kinds)]


UNIT_PLANS = SheetKind(
    "unit_plans",
    (
        SUBJECT,
        Column("superior", "subject"),
        Column("state", "word"),
        Column("filed_at", "instant"),
        Column("approved_at", "instant"),
        Column("comparison"),
        Column("measures"),
    ),
    _plans,
    _tally_plans,
    ("cascade",),
)


def _filings(session: Session, campaign: Campaign, at: datetime) -> list[Row]:
    codes, names = _units(session, campaign), titles(campaign.plan["reports"])
    labels = {
        (report["code"], field["key"]): field["label"]
        for report in campaign.plan["reports"]
        for field in report["content"]
    }
    return [
        row_of(
            row,
            row.period,
            names[row.report],
            codes.get(row.unit_id),
            state_of(row, at),
            row.due,
            row.filed_at,
            _figures(row, labels),
        )
        for row in _filed(session, campaign)
    ]


def _filed(session: Session, campaign: Campaign) -> Sequence[Any]:
    """Return the filings as plain rows: a year of a thousand units has more than ten thousand."""
    table = ReportFiling
    columns = (table.id, table.period, table.report, table.unit_id, table.due, table.filed_at, table.figures)
    query = select(*columns).where(table.campaign_id == campaign.id)
    return session.execute(query.order_by(table.due.desc(), table.report, table.id)).all()


def _figures(row: Any, labels: Mapping[tuple[str, str], Any]) -> str:
    return "；".join(f"{labels.get((row.report, key)) or key} {value:g}" for key, value in row.figures.items())


FILINGS = SheetKind(
    "filings",
    (
        PERIOD,
        Column("report"),
        SUBJECT,
        Column("state", "word"),
        Column("due", "instant"),
        Column("filed_at", "instant"),
        Column("figures"),
    ),
    _filings,
    each_of(ReportFiling),
    ("reports",),
)


LEVELS: tuple[SheetKind, ...] = (UNIT_PLANS, FILINGS)
