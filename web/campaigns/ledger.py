"""The findings ledger: filters, pages, changes of many at once, Excel out and in."""

from collections.abc import Callable, Mapping
from secrets import token_urlsafe

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.errors import InvalidInput
from engine.instances.idempotency import request_digest
from web.campaigns.head import head_of
from web.campaigns.paging import kept_arguments, page_number
from web.campaigns.views import campaigns
from web.context import person, running_engine, wants_fragment
from web.downloads import attachment
from workflows.campaigns.visibility import view
from workflows.findings.bulk import (
    WorkbookRefused,
    change_many,
    enter_workbook,
    set_limits,
    set_owner,
    template_workbook,
    urge_many,
)
from workflows.findings.incidents import go_on_starting, incidents_of, retry_finding, retry_findings
from workflows.findings.ledger import LedgerFilters, counts, ledger_ids, ledger_workbook
from workflows.findings.ledger import ledger as read_ledger
from workflows.findings.models import FindingLevel, FindingSource, FindingState
from workflows.findings.starting import starting
from workflows.spreadsheet import XLSX

PAGE = 100
"""Findings of one page; a workbook has them all."""
_CHANGES: Mapping[str, Callable[..., int]] = {"limit": set_limits, "owner": set_owner, "urge": urge_many}
_KEPT = ("unit", "state", "level", "source", "q", "late")


def _filters(limit: int | None, page: int = 1) -> LedgerFilters:
    unit = request.args.get("unit", "")
    if unit and not unit.isdigit():
        raise InvalidInput(_("没有这个单位。"))
    return LedgerFilters(
        unit_id=int(unit) if unit else None,
        state=request.args.get("state", ""),
        level=request.args.get("level", ""),
        source=request.args.get("source", ""),
        search=request.args.get("q", ""),
        overdue=request.args.get("late") == "1",
        limit=limit,
        offset=(page - 1) * PAGE if limit else 0,
    )


def _kept() -> dict[str, str]:
    return kept_arguments(*_KEPT)


def _key_of(*asked: object) -> str | None:
    """Return the key of what a form asks for: a second click has the same, another request from the same page not."""
    key = request.form.get("key", "")[:80]
    return f"{key}:{request_digest(asked)}" if key else None


@campaigns.get("/campaigns/<int:campaign_id>/ledger")
def ledger(campaign_id: int) -> ResponseReturnValue:
    """Show the findings."""
    running = running_engine()
    page = page_number()
    filters = _filters(PAGE + 1, page)
    with running.db.read() as session:
        now = running.clock.now()
        rows = read_ledger(session, campaign_id, person().id, filters, at=now)
        head = head_of(session, campaign_id)
        return render_template(
            "campaigns/ledger.html",
            tab="ledger",
            rows=rows[:PAGE],
            page=page,
            more=len(rows) > PAGE,
            counts=counts(session, campaign_id, person().id, at=now),
            states=[one.value for one in FindingState],
            levels=[one.value for one in FindingLevel],
            sources=[one.value for one in FindingSource],
            chosen=filters,
            unit=filters.unit_id,
            filters=_kept(),
            key=token_urlsafe(12),
            progress=starting(session, head["campaign"]) if head["everything"] else None,
            incidents=incidents_of(running, session, head["campaign"]) if head["everything"] else None,
            **head,
        )


@campaigns.post("/campaigns/<int:campaign_id>/ledger")
def change_findings(campaign_id: int) -> ResponseReturnValue:
    """Set limits, give an owner or urge, for the chosen findings or for all that fit the filters."""
    running = running_engine()
    operation = request.form.get("operation", "")
    with running.db.read() as session:
        now, actor = running.clock.now(), person().id
        view(session, campaign_id=campaign_id, viewer_id=actor, at=now)
        if operation not in _CHANGES:
            raise InvalidInput(_("没有这项操作。"))
        if request.form.get("all") == "1":
            ids = ledger_ids(session, campaign_id, actor, _filters(None), at=now)
        else:
            ids = [int(one) for one in request.form.getlist("finding") if one.isdigit()]
    value = request.form.get("value", "").strip()
    values = {}
    if operation == "limit":
        values["limit"] = f"{value} working days" if value.isdigit() else value
    elif operation == "owner":
        values["owner"] = value
    key = _key_of(operation, value, ids)
    done = change_many(
        running, _CHANGES[operation], campaign_id=campaign_id, actor_id=actor, ids=ids, key=key, **values
    )  # fmt: skip
    flash(_("已办理 %(n)d 条问题。", n=done))
    return redirect(url_for("campaigns.ledger", campaign_id=campaign_id, **_kept()))


@campaigns.get("/campaigns/<int:campaign_id>/ledger.xlsx")
def ledger_file(campaign_id: int) -> Response:
    """Download the ledger with the same filters."""
    running = running_engine()
    with running.db.read() as session:
        seen = view(session, campaign_id=campaign_id, viewer_id=person().id, at=running.clock.now())
        content = ledger_workbook(session, campaign_id, person().id, _filters(limit=None), at=running.clock.now())
        name = _("%(title)s问题台账.xlsx", title=seen.campaign.title)
    return attachment(content, filename=name, media_type=XLSX)


@campaigns.get("/campaigns/<int:campaign_id>/ledger/template.xlsx")
def ledger_template(campaign_id: int) -> Response:
    """Download an empty workbook to fill in."""
    running = running_engine()
    with running.db.read() as session:
        view(session, campaign_id=campaign_id, viewer_id=person().id, at=running.clock.now())
    return attachment(template_workbook(), filename=_("问题登记表.xlsx"), media_type=XLSX)


@campaigns.post("/campaigns/<int:campaign_id>/ledger/workbook")
def enter_ledger(campaign_id: int) -> ResponseReturnValue:
    """Enter the rows of a workbook: all of them, or none with every wrong row named."""
    running = running_engine()
    given = request.files.get("workbook")
    content = given.read() if given else b""
    try:
        if not content:
            raise InvalidInput(_("请选择 Excel 文件。"))
        entered = enter_workbook(running, campaign_id=campaign_id, actor_id=person().id, content=content, key=_key_of())
    except InvalidInput as error:
        lines = [(line.line, line.message) for line in error.errors] if isinstance(error, WorkbookRefused) else []
        with running.db.read() as session:
            head = head_of(session, campaign_id)
            page = render_template(
                "campaigns/ledger_refused.html", tab="ledger", sentence=str(error), lines=lines[:200], **head
            )
        return page, 422
    if entered.process:
        flash(_("已登记 %(n)d 条问题，后台正在逐条发起整改。", n=entered.count))
    else:
        flash(_("已登记 %(n)d 条问题。方案没有写明由哪个流程办理，由人在台账里办理。", n=entered.count))
    return redirect(url_for("campaigns.ledger", campaign_id=campaign_id))


@campaigns.get("/campaigns/<int:campaign_id>/ledger/starting")
def ledger_starting(campaign_id: int) -> ResponseReturnValue:
    """Show how far the background is with the findings of workbooks: to htmx the progress, else the ledger."""
    running = running_engine()
    with running.db.read() as session:
        seen = view(session, campaign_id=campaign_id, viewer_id=person().id, at=running.clock.now())
        progress = starting(session, seen.campaign) if seen.everything else None
    if not wants_fragment():
        return redirect(url_for("campaigns.ledger", campaign_id=campaign_id))
    return render_template("campaigns/starting.html", campaign=seen.campaign, progress=progress)


@campaigns.post("/campaigns/<int:campaign_id>/ledger/starting")
def go_on_with_ledger(campaign_id: int) -> ResponseReturnValue:
    """Let the background go on where it stopped."""
    go_on_starting(running_engine(), campaign_id=campaign_id, actor_id=person().id)
    return redirect(url_for("campaigns.ledger", campaign_id=campaign_id))


@campaigns.post("/campaigns/<int:campaign_id>/ledger/retry")
def retry_ledger(campaign_id: int) -> ResponseReturnValue:
    """Try again all findings that stand still."""
    count = retry_findings(running_engine(), campaign_id=campaign_id, actor_id=person().id)
    flash(_("已安排重试 %(n)d 条问题。", n=count))
    return redirect(url_for("campaigns.ledger", campaign_id=campaign_id))


@campaigns.post("/campaigns/<int:campaign_id>/ledger/<int:finding_id>/retry")
def retry_one_finding(campaign_id: int, finding_id: int) -> ResponseReturnValue:
    """Try again what a finding stands still at."""
    retry_finding(running_engine(), campaign_id=campaign_id, finding_id=finding_id, actor_id=person().id)
    flash(_("已安排重试。"))
    return redirect(url_for("campaigns.ledger", campaign_id=campaign_id))
