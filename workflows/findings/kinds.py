"""Service tasks that follow a finding: limit, extension, urging, escalation, liability, re-check."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.calendars import WorkingCalendar
from engine.errors import InvalidInput
from engine.ports import ServiceCall
from engine.wording import say
from workflows.campaigns.models import Campaign
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
from workflows.findings.models import Finding
from workflows.findings.service import finding_by_id
from workflows.inputs import called_campaign, called_form, given, identifier
from workflows.organisation.tree import LOCAL

Result = Mapping[str, Any]


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
    value = given(call, "finding_id", call.instance.variables.get("finding_id"))
    if value is None:
        raise InvalidInput(
            say("服务步骤“{element_id}”不知道是哪条问题", element_id=call.element_id), {"finding_id": say("缺少此项")}
        )
    campaign = called_campaign(call)
    finding = finding_by_id(call.session, identifier(call, "finding_id", value))
    if finding.campaign_id != campaign.id:
        raise InvalidInput(say("这条问题不属于本次专项行动"), {"finding_id": say("不属于本次专项行动")})
    return campaign, finding, call.engine.calendars.of_unit(call.session, finding.unit_id)


KINDS: Mapping[str, Callable[[ServiceCall], Result]] = {
    "finding.limit": limit,
    "finding.extend": prolong,
    "finding.urge": urge,
    "finding.escalate": climb,
    "finding.accountable": accountable,
    "finding.plan_recheck": schedule,
    "finding.recheck": look_back,
    "findings.rechecks": list_rechecks,
}
