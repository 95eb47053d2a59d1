"""The cascade (分解下发): plans of units beside what the plan above demands, progress rolled up level by level."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from web.campaigns.head import head_of
from web.campaigns.paging import UNITS_PAGE, kept_arguments, number_in, page_number, pages_of
from web.context import person, running_engine
from workflows.campaigns.visibility import view
from workflows.cascade.overview import Branch, PlanState, path_to, roll_up, visible_branches
from workflows.cascade.service import Verdict

campaign_cascade = Blueprint("campaign_cascade", __name__)


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all units that are seen."""

    units: int
    percent: int
    plans_expected: int
    plans_filed: int
    refused: int
    reports_expected: int
    reports_missing: int
    reports_late: int


@campaign_cascade.get("/campaigns/<int:campaign_id>/cascade")
def show(campaign_id: int) -> ResponseReturnValue:
    """Show one level of the tree of units, or, with a filter, the units of all levels that fit."""
    running = running_engine()
    sought, state, below = request.args.get("q", "")[:100], request.args.get("state", ""), number_in("below")
    with running.db.read() as session:
        head = head_of(session, campaign_id)
        seen = view(session, campaign_id=campaign_id, viewer_id=person().id, at=head["now"])
        everyone = visible_branches(roll_up(session, seen.campaign, head["now"]), seen)
        path = path_to(everyone, below)
        rows = _chosen(everyone, path[-1].unit_id if path else None, sought, state)
        number = page_number()
        return render_template(
            "campaigns/cascade.html",
            tab="cascade",
            rows=rows[(number - 1) * UNITS_PAGE : number * UNITS_PAGE],
            **pages_of(len(rows), number, UNITS_PAGE),
            path=path,
            flat=bool(sought or state),
            totals=_totals(everyone),
            has_plans=seen.campaign.plan["cascade"] is not None,
            states=[(one.value, words) for one, words in _state_words().items()],
            state_words=_state_words(),
            state_colours=_COLOURS,
            verdicts={Verdict.KEPT: _("一致"), Verdict.TIGHTER: _("收紧"), Verdict.LOOSER: _("放宽")},
            filters=kept_arguments("q", "state", "below"),
            **head,
        )


def _chosen(everyone: Sequence[Branch], below: int | None, sought: str, state: str) -> list[Branch]:
    if sought or state:
        words = sought.lower()
        return [
            one
            for one in everyone
            if (words in one.name.lower() or words in one.name_en.lower()) and state in ("", one.state)
        ]
    known = {one.unit_id for one in everyone}
    if below is None:
        return [one for one in everyone if one.parent_id not in known]
    return [one for one in everyone if one.parent_id == below]


def _totals(everyone: Sequence[Branch]) -> Totals:
    known = {one.unit_id for one in everyone}
    tops = [one for one in everyone if one.parent_id not in known]
    return Totals(
        units=len(everyone),
        percent=sum(one.percent for one in everyone) // len(everyone) if everyone else 0,
        plans_expected=sum(one.plans_expected for one in tops),
        plans_filed=sum(one.plans_filed for one in tops),
        refused=sum(one.state is PlanState.REFUSED for one in everyone),
        reports_expected=sum(one.reports_expected for one in tops),
        reports_missing=sum(one.reports_missing for one in tops),
        reports_late=sum(one.reports_late for one in tops),
    )


def _state_words() -> dict[PlanState, str]:
    return {
        PlanState.MISSING: _("未报送"),
        PlanState.REFUSED: _("低于上级要求，重报中"),
        PlanState.FILED: _("待审核"),
        PlanState.APPROVED: _("已生效"),
    }


_COLOURS = {
    PlanState.MISSING: "",
    PlanState.REFUSED: "red",
    PlanState.FILED: "amber",
    PlanState.APPROVED: "green",
}
