"""Reporting obligations (报送): who owes what by when, how often a unit was late, and what the figures add up to."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from web.campaigns.head import head_of
from web.campaigns.paging import kept_arguments, number_in, page_number, pages_of
from web.campaigns.words import cell_words
from web.context import person, running_engine
from web.downloads import attachment
from workflows.campaigns.visibility import view
from workflows.cascade.overview import path_to, roll_up, visible_branches
from workflows.reporting.overview import (
    STATES,
    Consolidation,
    FilingFilters,
    Standing,
    consolidation,
    filings,
    reports_of,
    standings,
)
from workflows.spreadsheet import XLSX, workbook

campaign_reports = Blueprint("campaign_reports", __name__)

PAGE = 100
"""Reports on one page of the list; the workbook has them all."""
MOST_CARDS = 12
"""Obligations above the list; the filters reach all of them."""
COLOURS = {"filed": "green", "filed_late": "amber", "overdue": "red", "expected": ""}


@campaign_reports.get("/campaigns/<int:campaign_id>/reports")
def index(campaign_id: int) -> ResponseReturnValue:
    """Show how each obligation stands and the list of what is due."""
    running, number = running_engine(), page_number()
    filters = FilingFilters(
        report=request.args.get("report", "")[:80],
        period=request.args.get("period", "")[:40],
        state=request.args.get("state", ""),
        search=request.args.get("q", "")[:100],
        unit_id=number_in("unit"),
        limit=PAGE,
        offset=(number - 1) * PAGE,
    )
    with running.db.read() as session:
        head = head_of(session, campaign_id)
        who = {"campaign_id": campaign_id, "viewer_id": person().id, "at": head["now"]}
        found = standings(session, **who)
        rows, total = filings(session, filters=filters, **who)
        return render_template(
            "campaigns/reports.html",
            tab="reports",
            standings=_urgent(found),
            reports=reports_of(head["campaign"]),
            periods=sorted({one.period for one in found if one.period}, reverse=True),
            rows=rows,
            **pages_of(total, number, PAGE),
            states=[(one, cell_words(one)) for one in STATES],
            colours=COLOURS,
            chosen=filters,
            filters=kept_arguments("report", "period", "state", "q", "unit"),
            overdue=sum(one.missing for one in found if one.lamp(head["now"]) == "red"),
            **head,
        )


@campaign_reports.get("/campaigns/<int:campaign_id>/reports/<report>")
def show(campaign_id: int, report: str) -> ResponseReturnValue:
    """Show what was filed at one level, what it adds up to, and the report above beside it."""
    below, period = number_in("below"), request.args.get("period", "")[:40]
    with running_engine().db.read() as session:
        head = head_of(session, campaign_id)
        found = _consolidated(session, campaign_id, report, period, below)
        seen = view(session, campaign_id=campaign_id, viewer_id=person().id, at=head["now"])
        branches = visible_branches(roll_up(session, seen.campaign, head["now"]), seen)
        return render_template(
            "campaigns/report.html",
            tab="reports",
            report=report,
            name=reports_of(head["campaign"])[report],
            period=period,
            found=found,
            path=path_to(branches, below),
            below=below,
            colours=COLOURS,
            state_words=cell_words,
            **head,
        )


@campaign_reports.get("/campaigns/<int:campaign_id>/reports/<report>.xlsx")
def file(campaign_id: int, report: str) -> Response:
    """Download one level with its sums."""
    below, period = number_in("below"), request.args.get("period", "")[:40]
    with running_engine().db.read() as session:
        head = head_of(session, campaign_id)
        found = _consolidated(session, campaign_id, report, period, below)
        name = reports_of(head["campaign"])[report]
    columns = [(_("单位"), 24), *((label, 14) for _key, label in found.fields), (_("状态"), 12), (_("报送时间"), 18)]
    rows: list[list[Any]] = [
        [
            one.unit_name or _("行动办公室"),
            *(one.filing.figures.get(key) for key, _label in found.fields),
            cell_words(one.state),
            one.filing.filed_at,
        ]
        for one in found.rows
    ]
    rows.append([_("合计"), *(found.sums.get(key) for key, _label in found.fields), "", None])
    content = workbook([(name[:31], columns, rows)])
    return attachment(content, filename=f"{name}{period}.xlsx", media_type=XLSX)


def _urgent(found: Sequence[Standing]) -> list[Standing]:
    """Return what is shown above the list: what is missing, the earliest first, then the latest that is complete."""
    open_ones = [one for one in found if one.missing]
    return [*open_ones, *reversed([one for one in found if not one.missing])][:MOST_CARDS]


def _consolidated(session: Session, campaign_id: int, report: str, period: str, below: int | None) -> Consolidation:
    return consolidation(
        session, campaign_id=campaign_id, viewer_id=person().id, report=report, period=period, below=below,
        at=running_engine().clock.now(),
    )  # fmt: skip
