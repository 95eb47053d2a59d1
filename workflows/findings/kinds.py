"""Service tasks that open findings and follow them: limit, extension, urging, escalation, liability, re-check."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.calendars import WorkingCalendar
from engine.errors import InvalidInput
from engine.instances.writer import TurnWriter
from engine.ports import ServiceCall
from engine.wording import say
from workflows.campaigns.launch import assessing_group
from workflows.campaigns.listener import set_phase
from workflows.campaigns.models import Campaign, CellState
from workflows.campaigns.units import campaign_unit
from workflows.findings.following import (
    escalate,
    extend,
    facts_of,
    liable_for,
    plan_recheck,
    recheck,
    rechecks_due,
    set_limit,
)
from workflows.findings.limits import limit_of
from workflows.findings.models import Finding, FindingSource, FindingState
from workflows.findings.section import START
from workflows.findings.service import RECTIFY_PHASE, finding_by_id, move_finding, open_findings, unit_has_findings
from workflows.findings.starting import described, start_each
from workflows.inputs import called_campaign, called_form, called_unit_id, given, identifier, needed
from workflows.organisation.tree import LOCAL
from workflows.submissions import latest_submission

Result = Mapping[str, Any]


def _open(call: ServiceCall, default_source: FindingSource) -> tuple[Campaign, list[Finding]]:
    campaign = called_campaign(call)
    unit_id = called_unit_id(call)
    source = str(given(call, "source", default_source.value))
    if source not in tuple(FindingSource):
        raise InvalidInput(say("问题来源“{source}”不存在", source=source), {"source": say("不存在")})
    findings = open_findings(
        call.session,
        campaign=campaign,
        instance=call.instance,
        element_id=needed(call, "element"),
        unit_id=unit_id,
        field=str(given(call, "field", "findings")),
        source=FindingSource(source),
        due=given(call, "due"),
        at=call.at,
        calendar=call.engine.calendars.of_unit(call.session, unit_id),
    )
    return campaign, findings


def enter_findings(call: ServiceCall) -> Result:
    """``findings.open``: the rows of a submission go into the ledger."""
    campaign, findings = _open(call, FindingSource.SELF_CHECK)
    if not findings:
        _nothing_to_rectify(call, campaign)
    return _opened(findings)


def _nothing_to_rectify(call: ServiceCall, campaign: Campaign) -> None:
    """Close the cell of a unit without findings: else it would show as late once the phase is over."""
    unit_id = called_unit_id(call)
    if not unit_has_findings(call.session, campaign.id, unit_id):
        set_phase(
            call.session, campaign_id=campaign.id, phase=RECTIFY_PHASE, state=CellState.DONE, at=call.at,
            unit_ids=[unit_id],
        )  # fmt: skip


def start_findings(call: ServiceCall) -> Result:
    """``findings.start``: the rows go into the ledger, and each gets an instance that nobody waits for."""
    process = needed(call, "process")
    campaign, findings = _open(call, FindingSource.SPOT_CHECK)
    if findings:
        campaign_unit(call.session, campaign, findings[0].unit_id)
        writer = TurnWriter(call.engine, call.session, call.engine.clock.now())
        start_each(writer, campaign=campaign, starter=call.instance, process=process, findings=findings)
    else:
        _nothing_to_rectify(call, campaign)
    return _opened(findings)


def _opened(findings: list[Finding]) -> Result:
    return {"finding_ids": [finding.id for finding in findings], "finding_count": len(findings)}


def read_finding(call: ServiceCall) -> Result:
    """``finding.read``: what a diagram needs to know of a finding; this instance handles it from now on."""
    campaign, finding = _found(call)
    finding.instance_id = call.instance.id
    unit = campaign_unit(call.session, campaign, finding.unit_id)
    return {**described(campaign, finding), "group_code": assessing_group(campaign.plan, unit.kind)}


def update_finding(call: ServiceCall) -> Result:
    """``finding.update``: a finding moves, and what the form says is copied into the ledger."""
    _, finding, calendar = _called(call)
    state = needed(call, "state")
    if state not in tuple(FindingState):
        raise InvalidInput(say("问题状态“{state}”不存在", state=state), {"state": say("不存在")})
    element = given(call, "element")
    form = latest_submission(call.session, instance_id=call.instance.id, element_id=str(element)) if element else None
    move_finding(
        call.session,
        finding=finding,
        state=FindingState(state),
        at=call.at,
        form=form.data if form else None,
        calendar=calendar,
    )
    return {"finding_state": finding.state, "finding_returned": finding.returned_count}


def limit(call: ServiceCall) -> Result:
    """``finding.limit``: until when it must be closed, by the step's ``limit`` or the plan's limit of its level."""
    campaign, finding, calendar = _called(call)
    wanted = str(given(call, "limit") or limit_of(campaign, finding.level))
    if not wanted:
        raise InvalidInput(say("方案没有规定等级“{level}”的整改期限", level=finding.level), {"limit": say("缺少此项")})
    due = set_limit(finding, limit=wanted, at=call.at, calendar=calendar)
    return {"finding_due": due.astimezone(LOCAL).date().isoformat()}


def prolong(call: ServiceCall) -> Result:
    """``finding.extend``: an approved extension of its limit."""
    campaign, finding, calendar = _called(call)
    due = extend(
        finding, campaign=campaign, limit=str(given(call, "limit", "5 working days")), at=call.at, calendar=calendar
    )
    return {"finding_due": due.astimezone(LOCAL).date().isoformat(), "finding_extended": finding.extended_count}


def urge(call: ServiceCall) -> Result:
    """``finding.urge``: one more urging (催办); the count leads to escalation (S2-17)."""
    _, finding, _ = _called(call)
    finding.urged_count += 1
    return {"finding_urged": finding.urged_count}


def climb(call: ServiceCall) -> Result:
    """``finding.escalate``: the step of the plan's ladder that it has newly reached."""
    campaign, finding, calendar = _called(call)
    step = escalate(finding, campaign=campaign, at=call.at, calendar=calendar)
    facts = facts_of(finding, at=call.at, calendar=calendar)
    return {
        "finding_step": step["code"] if step else "",
        "finding_step_name": step["name"] if step else "",
        "finding_escalation": finding.escalation,
        "finding_overdue_days": facts.overdue,
    }


def accountable(call: ServiceCall) -> Result:
    """``finding.accountable``: who is liable, by the rank of whoever found it."""
    campaign, finding, _ = _called(call)
    finding.found_rank = str(given(call, "found_by", finding.found_rank))[:40]
    finding.liable = liable_for(campaign, finding.found_rank)
    return {"finding_liable": list(finding.liable), "finding_liable_count": len(finding.liable)}


def schedule(call: ServiceCall) -> Result:
    """``finding.plan_recheck``: when a closed finding is looked at again."""
    campaign, finding, calendar = _called(call)
    plan_recheck(finding, campaign=campaign, at=call.at, calendar=calendar, after=str(given(call, "after", "")))
    due = finding.recheck_due
    return {"finding_recheck_due": due.astimezone(LOCAL).date().isoformat() if due else None}


def look_back(call: ServiceCall) -> Result:
    """``finding.recheck``: whether it holds; a recurrence becomes a finding of its own."""
    _, finding, _ = _called(call)
    form = called_form(call)
    said: Mapping[str, Any] = form.data if form else call.inputs
    holds = said.get("holds") in (True, "true", "yes", "holds")
    again = recheck(call.session, finding, holds=holds, at=call.at, text=str(said.get("text") or ""))
    return {"finding_recurred": again is not None, "recurrence_id": again.id if again else None}


def list_rechecks(call: ServiceCall) -> Result:
    """``findings.rechecks``: the closed findings whose re-check is due."""
    due = rechecks_due(call.session, called_campaign(call), call.at)
    return {"recheck_finding_ids": [one.id for one in due], "recheck_count": len(due)}


def _called(call: ServiceCall) -> tuple[Campaign, Finding, WorkingCalendar]:
    campaign, finding = _found(call)
    return campaign, finding, call.engine.calendars.of_unit(call.session, finding.unit_id)


def _found(call: ServiceCall) -> tuple[Campaign, Finding]:
    value = given(call, "finding_id", call.instance.variables.get("finding_id"))
    if value is None:
        raise InvalidInput(
            say("服务步骤“{element_id}”不知道是哪条问题", element_id=call.element_id), {"finding_id": say("缺少此项")}
        )
    campaign = called_campaign(call)
    finding = finding_by_id(call.session, identifier(call, "finding_id", value))
    if finding.campaign_id != campaign.id:
        raise InvalidInput(say("这条问题不属于本次专项行动"), {"finding_id": say("不属于本次专项行动")})
    return campaign, finding


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "findings.open": enter_findings,
    START: start_findings,
    "finding.read": read_finding,
    "finding.update": update_finding,
    "finding.limit": limit,
    "finding.extend": prolong,
    "finding.urge": urge,
    "finding.escalate": climb,
    "finding.accountable": accountable,
    "finding.plan_recheck": schedule,
    "finding.recheck": look_back,
    "findings.rechecks": list_rechecks,
}
