"""The kinds of service task that the campaign domain offers to diagrams (``duban:service="findings.open"``).

All are internal: they run inside a turn's transaction, exactly once. Inputs that a kind does not know are ignored,
and null is as good as absent. Results hold identifiers and scalars, to be merged into the process variables.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.calendars import resolve_due
from engine.errors import InvalidInput
from engine.ports import AssignmentContext, News, ServiceCall, ServiceKind
from engine.store import new_id
from engine.tasks.models import Notice
from engine.wording import listed as in_a_row
from engine.wording import say
from workflows.awards.kinds import KINDS as AWARDS
from workflows.campaigns.launch import assessing_group, prepare
from workflows.campaigns.listener import set_phase
from workflows.campaigns.models import Campaign, CellState
from workflows.campaigns.units import campaign_unit, units_now
from workflows.cascade.kinds import KINDS as CASCADE
from workflows.counters.kinds import KINDS as COUNTERS
from workflows.documents.kinds import KINDS as DOCUMENTS
from workflows.documents.service import Lines, make_circular, make_results
from workflows.evaluation.models import Award
from workflows.evaluation.service import Decision, by_lines, collect, decide_awards, rate
from workflows.findings.kinds import KINDS as FINDINGS
from workflows.following import FOLLOWING
from workflows.inputs import called_campaign, called_unit_id, called_unit_ids, given, identifier, listed, needed, number
from workflows.opinions.kinds import KINDS as OPINIONS
from workflows.organisation.tree import LOCAL
from workflows.part_descriptions import PART_DESCRIPTIONS
from workflows.plans.services import PLAN_KINDS
from workflows.registers.kinds import KINDS as REGISTERS
from workflows.reporting.kinds import KINDS as REPORTING
from workflows.rosters.kinds import KINDS as ROSTERS
from workflows.sampling.draw import Quota
from workflows.sampling.kinds import KINDS as INSPECTIONS
from workflows.sampling.service import draw_sample
from workflows.scoring.kinds import KINDS as SCORING
from workflows.service_descriptions import DESCRIPTIONS, Description
from workflows.submissions import latest_submission, required_submission
from workflows.targets.kinds import KINDS as TARGETS

Result = Mapping[str, Any]
RECTIFICATION_DAYS = 10
"""Working days for a poor unit where neither the diagram nor the launch says otherwise (S2-03 leaves it open)."""


def prepare_campaign(call: ServiceCall) -> Result:
    """``campaign.prepare``: enter units and matrix."""
    campaign = called_campaign(call)
    unit_ids = prepare(call.session, campaign)
    return {"campaign_id": campaign.id, "unit_ids": unit_ids, "unit_count": len(unit_ids)}


def list_units(call: ServiceCall) -> Result:
    """``campaign.units``: the units that take part, all or of some kinds."""
    unit_ids = units_now(call.session, called_campaign(call), kinds=listed(given(call, "kinds")))
    return {"unit_ids": unit_ids, "unit_count": len(unit_ids)}


def describe_unit(call: ServiceCall) -> Result:
    """``campaign.unit``: what a diagram needs to know of a unit for routing and assignment."""
    campaign = called_campaign(call)
    unit = campaign_unit(call.session, campaign, called_unit_id(call))
    return {
        "unit_id": unit.id,
        "unit_code": unit.code,
        "unit_name": unit.name,
        "unit_kind": unit.kind,
        "group_code": assessing_group(campaign.plan, unit.kind),
    }


def mark_phase(call: ServiceCall) -> Result:
    """``campaign.phase``: a phase that the house does for all units begins or is done."""
    state = needed(call, "state")
    if state not in (CellState.DOING, CellState.DONE):
        raise InvalidInput(say("阶段状态须为 doing 或 done"), {"state": say("须为 doing 或 done")})
    changed = set_phase(
        call.session,
        campaign_id=called_campaign(call).id,
        phase=needed(call, "phase"),
        state=CellState(state),
        at=call.at,
        unit_ids=called_unit_ids(call),
    )
    return {"phase_units": changed}


def draw(call: ServiceCall) -> Result:
    """``sample.draw``: a sample of units, reproducible from the seed."""
    campaign = called_campaign(call)
    percent, count = given(call, "percent"), given(call, "count")
    seed = given(call, "seed") or campaign.parameters.get("seed") or f"{campaign.package_key}-{campaign.year}"
    record, strata = draw_sample(
        call.session,
        campaign=campaign,
        instance_id=call.instance.id,
        quota=Quota(
            percent=None if percent is None else number(call, "percent", percent),
            count=None if count is None else identifier(call, "count", count),
            minimum=identifier(call, "minimum", given(call, "minimum", 1)),
        ),
        seed=str(seed),
        at=call.at,
        name=str(given(call, "name", "spot-check")),
        by_kind=given(call, "strata", "kind") != "none",
        kinds=listed(given(call, "kinds")),
        exclude_members=given(call, "exclude_members", True) is not False,
        avoid_last=given(call, "avoid_last") is True,
    )
    drawn = [one.unit_id for stratum in strata for one in stratum.drawn]
    return {
        "sample_unit_ids": drawn,
        "sample_count": len(drawn),
        "sample_seed": record.seed,
        "sample_short": [stratum.name for stratum in strata if stratum.short],
        "draw_id": str(record.id),
    }


def rate_unit(call: ServiceCall) -> Result:
    """``evaluation.rate``: a group's grade for a unit."""
    campaign = called_campaign(call)
    unit = campaign_unit(call.session, campaign, called_unit_id(call))
    rating = rate(
        call.session,
        campaign=campaign,
        unit_id=unit.id,
        group_code=str(given(call, "group_code", assessing_group(campaign.plan, unit.kind))),
        submission=required_submission(call.session, instance_id=call.instance.id, element_id=needed(call, "element")),
        at=call.at,
    )
    return {"rating_grade": rating.grade, "rating_points": float(rating.points)}


def collect_ratings(call: ServiceCall) -> Result:
    """``evaluation.collect``: scores from ratings, with their reasons."""
    campaign = called_campaign(call)
    name = "open_finding_deduction"
    deduction = number(call, name, given(call, name, 0))
    collected = collect(call.session, campaign=campaign, open_finding_deduction=deduction)
    return {
        "rated_count": len(collected.rated),
        "unrated_count": len(collected.unrated),
        "unrated_unit_ids": list(collected.unrated),
        "average_points": None if collected.average is None else float(collected.average),
    }


def _line(call: ServiceCall, campaign: Campaign, name: str, default: int) -> Decimal:
    value = given(call, name)
    if value is None:
        value = campaign.parameters.get(name)
    return number(call, name, default if value is None else value)


def _rectification_due(call: ServiceCall, campaign: Campaign) -> datetime:
    """Return the end of the last day of the limit, counted from today."""
    calendar = call.engine.calendars.of_unit(call.session, None)
    days = campaign.parameters.get("rectification_days")
    limit = given(call, "limit", f"{RECTIFICATION_DAYS if days is None else days} working days")
    if isinstance(limit, int | float):
        limit = f"{limit:g} working days"
    due = resolve_due(limit, call.at, calendar)
    return calendar.end_of_day(due.astimezone(LOCAL).date())


def _by_table(call: ServiceCall, decision: str, commend_line: Decimal, poor_line: Decimal) -> Decision:
    package = call.engine.packages.get(call.session, call.instance.package_version_id)
    environment = call.engine.packages.environment(package, at=call.at)
    awards = {"commended": Award.COMMENDED, "criticised": Award.POOR, "poor": Award.POOR}

    def decide(score: Decimal, grade: str) -> tuple[str | None, str]:
        asked = {
            "points": float(score),
            "grade": grade,
            "commend_line": float(commend_line),
            "poor_line": float(poor_line),
        }
        made = environment.decide(decision, asked)
        outputs = made.outputs
        award = outputs.get("award") if isinstance(outputs, Mapping) else outputs
        rules = in_a_row(map(str, made.rules))
        return awards.get(str(award)), say(
            "得分 {score}，决策表“{decision}”第 {rules} 行（表彰线 {commend_line}，通报线 {poor_line}）",
            score=score,
            decision=decision,
            rules=rules,
            commend_line=commend_line,
            poor_line=poor_line,
        )

    return decide


def decide(call: ServiceCall) -> Result:
    """``awards.decide``: who is commended, who is named and rectifies in time."""
    campaign = called_campaign(call)
    commend_line, poor_line = _line(call, campaign, "commend_line", 90), _line(call, campaign, "poor_line", 60)
    due = _rectification_due(call, campaign)
    lines = by_lines(commend_line, poor_line)
    table = given(call, "decision")
    decided = decide_awards(
        call.session,
        campaign=campaign,
        decision=_by_table(call, str(table), commend_line, poor_line) if table else lines,
        rectification_due=due,
    )
    return {
        "commended_unit_ids": list(decided.commended),
        "commended_count": len(decided.commended),
        "poor_unit_ids": list(decided.poor),
        "poor_count": len(decided.poor),
        "rectification_due": due.astimezone(LOCAL).date().isoformat(),
    }


def write_circular(call: ServiceCall) -> Result:
    """``documents.circular``: the circular as a Word file."""
    campaign = called_campaign(call)
    element = given(call, "element")
    form = latest_submission(call.session, instance_id=call.instance.id, element_id=str(element)) if element else None
    until = given(call, "rectification_due", call.instance.variables.get("rectification_due"))
    made = make_circular(
        call.session,
        campaign=campaign,
        instance=call.instance,
        lines=Lines(
            commend=f"{_line(call, campaign, 'commend_line', 90):f}",
            poor=f"{_line(call, campaign, 'poor_line', 60):f}",
            rectification_due=datetime.fromisoformat(str(until)).date() if until else None,
        ),
        at=call.at,
        summary=str((form.data if form else {}).get("summary") or ""),
        title=str(given(call, "title", "")),
        template=call.engine.packages.get(call.session, call.instance.package_version_id).files.get(
            "templates/circular.docx"
        ),
    )
    document_id = str(made.id)
    return {"document_id": document_id, "circular_document_id": document_id, "circular_filename": made.filename}


def write_results(call: ServiceCall) -> Result:
    """``documents.results``: the results for the yearly appraisal as an Excel file."""
    made = make_results(call.session, campaign=called_campaign(call), instance=call.instance, at=call.at)
    document_id = str(made.id)
    return {"document_id": document_id, "results_document_id": document_id, "results_filename": made.filename}


def notify(call: ServiceCall) -> Result:
    """``notify``: an in-app notice to the people of a rule, of each unit where units are given."""
    title, rule = needed(call, "title")[:300], needed(call, "people")
    people: dict[int, None] = {}
    for unit_id in _told_units(call):
        context = AssignmentContext(
            at=call.at,
            instance_id=call.instance.id,
            root_id=call.instance.root_id,
            unit_id=unit_id,
            initiator_id=call.instance.initiator_id,
            variables=call.instance.variables,
        )
        people.update(dict.fromkeys(call.engine.people.find(call.session, rule, context)))
    notices = [
        Notice(
            id=new_id(), person_id=person_id, kind="notice", title=title, instance_id=call.instance.id,
            created_at=call.at,
        )
        for person_id in people
    ]  # fmt: skip
    call.session.add_all(notices)
    herald = call.engine.herald
    news = News(call.at, notices=[notice.id for notice in notices])
    errand = herald.errand_about(call.session, news) if herald is not None and news else None
    if errand is not None:
        call.session.add(errand)
    return {"notified": len(people)}


def _told_units(call: ServiceCall) -> Sequence[int | None]:
    if given(call, "unit_ids") == "all":
        return units_now(call.session, called_campaign(call))
    return called_unit_ids(call) or [call.instance.unit_id]


_KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "campaign.prepare": prepare_campaign,
    "campaign.units": list_units,
    "campaign.unit": describe_unit,
    "campaign.phase": mark_phase,
    "sample.draw": draw,
    "evaluation.rate": rate_unit,
    "evaluation.collect": collect_ratings,
    "awards.decide": decide,
    "documents.circular": write_circular,
    "documents.results": write_results,
    "notify": notify,
    **PLAN_KINDS,
    **REPORTING,
    **CASCADE,
}


_PARTS = (DOCUMENTS, FINDINGS, INSPECTIONS, SCORING, AWARDS, COUNTERS, REGISTERS, TARGETS, ROSTERS, OPINIONS)


def service_kinds() -> dict[str, ServiceKind]:
    """Return every kind by name, with what designers are told of it."""
    # The reviews' services play scenarios, which put an engine together with these kinds.
    from workflows.designer.reviewing import review_kinds

    kinds = dict(_KINDS)
    for part in _PARTS:
        kinds |= part
    known = {**DESCRIPTIONS, **PART_DESCRIPTIONS}
    told = {name: known.get(name, Description(name)) for name in kinds}
    return {
        name: ServiceKind(
            name, run, label=told[name].label, inputs=told[name].inputs, outputs=told[name].outputs,
            follow=FOLLOWING.get(name),
        )
        for name, run in kinds.items()
    } | review_kinds()  # fmt: skip
