"""The schedule of a campaign (甘特图) and the moving of its phases; a stranger gets 404 from the domain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from web.campaigns.head import head_of
from web.campaigns.paging import UNITS_PAGE, page_number, pages_of
from web.context import person, running_engine
from web.language import pick
from workflows.campaigns.board import Board, BoardFilters, BoardRow, PhaseCard, board
from workflows.campaigns.moving import MoveState, decide_move, may_decide, may_propose, moves_of, propose_move

campaign_schedule = Blueprint("campaign_schedule", __name__)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the chart: columns are days from 1 on; an open end reaches to the last day."""

    first: int
    last: int
    state: str
    percent: int
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the chart's heading: the day it begins and the first one behind it."""

    first: int
    last: int
    day: date


@campaign_schedule.get("/campaigns/<int:campaign_id>/schedule")
def show(campaign_id: int) -> ResponseReturnValue:
    """Show the phases and the units as bars over the days, and what is proposed to be moved."""
    return _page(campaign_id)


def _page(campaign_id: int, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    running = running_engine()
    with running.db.read() as session:
        late, page = request.args.get("late") == "1", page_number()
        asked = BoardFilters(late=late, limit=UNITS_PAGE, offset=(page - 1) * UNITS_PAGE)
        found = board(session, running, campaign_id, person().id, asked)
        status = 422 if errors else 200
        return render_template(
            "campaigns/schedule.html",
            tab="schedule",
            board=found,
            bars=[(phase, _phase_bar(found, phase)) for phase in found.phases],
            rows=[(row, _unit_bars(found, row)) for row in found.rows],
            months=_months(found),
            today=_column(found, found.today) if _first(found) <= found.today <= _last(found) else 0,
            only_late=late,
            phase_names={phase.code: pick(phase.name, phase.name_en) for phase in found.phases},
            errors=errors or {},
            written=request.form if errors else {},
            **pages_of(found.total, page, UNITS_PAGE),
            **_moves(session, campaign_id),
            **head_of(session, campaign_id),
        ), status


def _moves(session: Session, campaign_id: int) -> dict[str, Any]:
    running = running_engine()
    campaign = head_of(session, campaign_id)["campaign"]
    now, who = running.clock.now(), person().id
    people = running.people.names(
        session, [one for move in moves_of(session, campaign_id) for one in (move.proposed_by, move.decided_by) if one]
    )
    return {
        "moves": moves_of(session, campaign_id),
        "people": people,
        "may_propose": may_propose(running, session, campaign, who, now),
        "may_decide": may_decide(running, session, campaign, who, now),
        "waiting": MoveState.PROPOSED.value,
    }


@campaign_schedule.post("/campaigns/<int:campaign_id>/schedule/moves")
def propose(campaign_id: int) -> ResponseReturnValue:
    """Propose to move a phase."""
    form = request.form
    try:
        propose_move(
            running_engine(),
            campaign_id=campaign_id,
            phase=form.get("phase", ""),
            starts=_day(form.get("starts", ""), "starts"),
            ends=_day(form.get("ends", ""), "ends"),
            reason=form.get("reason", ""),
            actor_id=person().id,
        )
    except InvalidInput as error:
        return _page(campaign_id, dict(error.fields))
    flash(_("调整已提交，等待组长审批。"))
    return redirect(url_for("campaign_schedule.show", campaign_id=campaign_id))


@campaign_schedule.post("/campaigns/<int:campaign_id>/schedule/moves/<int:move_id>")
def decide(campaign_id: int, move_id: int) -> ResponseReturnValue:
    """Agree to a proposal, or refuse it."""
    agree = request.form.get("decision") == "agree"
    try:
        decide_move(
            running_engine(),
            move_id=move_id,
            agree=agree,
            opinion=request.form.get("opinion", ""),
            actor_id=person().id,
        )
    except InvalidInput as error:
        return _page(campaign_id, dict(error.fields))
    flash(_("已同意，期限和定时随之调整。") if agree else _("已退回这项调整。"))
    return redirect(url_for("campaign_schedule.show", campaign_id=campaign_id))


def _day(text: str, name: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput(_("日期应写成 2026-09-05。"), {name: _("日期应写成 2026-09-05。")}) from error


def _first(found: Board) -> date:
    return min((phase.starts for phase in found.phases if phase.starts), default=found.today)


def _last(found: Board) -> date:
    ends = [phase.ends for phase in found.phases if phase.ends]
    return max([*ends, _first(found) + timedelta(days=1), *(phase.starts for phase in found.phases if phase.starts)])


def _column(found: Board, day: date) -> int:
    return (day - _first(found)).days + 1


def _span(found: Board, phase: PhaseCard) -> tuple[int, int] | None:
    if phase.starts is None:
        return None
    return _column(found, phase.starts), _column(found, phase.ends or max(_last(found), phase.starts)) + 1


def _phase_bar(found: Board, phase: PhaseCard) -> Bar | None:
    span = _span(found, phase)
    if span is None:
        return None
    state = "late" if phase.late else "done" if phase.total and phase.done == phase.total else "doing"
    if phase.starts and phase.starts > found.today:
        state = "todo"
    return Bar(*span, state, phase.percent, phase.name, phase.name_en)


def _unit_bars(found: Board, row: BoardRow) -> list[Bar]:
    bars = []
    for phase in found.phases:
        span, cell = _span(found, phase), row.cells.get(phase.code)
        if span is not None and cell is not None:
            bars.append(Bar(*span, cell.state, cell.percent, phase.name, phase.name_en))
    return bars


def _months(found: Board) -> Sequence[Month]:
    months, day, last = [], _first(found), _last(found)
    while day <= last:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        months.append(Month(_column(found, day), _column(found, min(following, last + timedelta(days=1))), day))
        day = following
    return months
