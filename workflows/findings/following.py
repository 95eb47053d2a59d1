"""What happens to a finding on its way: limits, extensions, urging, escalation, liability, re-check, recurrence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.errors import InvalidInput
from engine.wording import say
from workflows.campaigns.models import Campaign
from workflows.findings.limits import ledger_rules, limit_end
from workflows.findings.models import Finding, FindingSource, FindingState
from workflows.findings.service import numbers_for


def set_limit(finding: Finding, *, limit: str, at: datetime, calendar: WorkingCalendar) -> datetime:
    """Set until when a finding must be closed: to the end of the last (working) day."""
    finding.due = limit_end(limit, at, calendar)
    finding.limit_set_at = at
    return finding.due


def extend(finding: Finding, *, campaign: Campaign, limit: str, at: datetime, calendar: WorkingCalendar) -> datetime:
    """Extend the limit (申请延期, approved before) by so much from its old end.

    Raises InvalidInput when it is closed, has no limit, or was extended as often as the plan allows.
    """
    most = ledger_rules(campaign)["extensions"]
    if finding.state == FindingState.CLOSED:
        raise InvalidInput(say("问题已销号，不能延期"))
    if finding.due is None:
        raise InvalidInput(say("问题没有整改期限"))
    if finding.extended_count >= most:
        raise InvalidInput(say("最多延期 {most} 次", most=most))
    finding.due = max(limit_end(limit, finding.due, calendar), finding.due)
    finding.extended_count += 1
    return finding.due


@dataclass(frozen=True, slots=True)
class Facts:
    """What escalation looks at."""

    overdue: int
    urged: int
    returned: int
    extended: int
    recurred: bool
    level: str


def facts_of(finding: Finding, *, at: datetime, calendar: WorkingCalendar) -> Facts:
    """Return the facts of a finding; ``overdue`` counts the working days since its limit."""
    late = 0
    if finding.due is not None and at > finding.due and finding.state != FindingState.CLOSED:
        zone = calendar.timezone
        late = calendar.working_days_between(finding.due.astimezone(zone).date(), at.astimezone(zone).date())
    return Facts(
        late,
        finding.urged_count,
        finding.returned_count,
        finding.extended_count,
        finding.recurrence_of is not None,
        finding.level,
    )


def step_of(ladder: Sequence[Mapping[str, Any]], facts: Facts) -> Mapping[str, Any] | None:
    """Return the gravest step that the facts reach: the last in the plan's order."""
    reached = [step for step in ladder if _reached(step, facts)]
    return reached[-1] if reached else None


_COUNTS = ("overdue", "urged", "returned", "extended")


def _reached(step: Mapping[str, Any], facts: Facts) -> bool:
    counts = all(
        step[name] is None or getattr(facts, name) >= step[name]
        for name in ("overdue", "urged", "returned", "extended")
    )
    recurred = step["recurred"] is None or step["recurred"] == facts.recurred
    levels = {"major" if one == "key" else one for one in step["levels"]}
    return counts and recurred and (not levels or facts.level in levels)


def escalate(
    finding: Finding, *, campaign: Campaign, at: datetime, calendar: WorkingCalendar
) -> Mapping[str, Any] | None:
    """Put a finding on the step of the ladder that it has reached; returns the step when it is a new one.

    A ladder only leads up: a finding never comes back to an earlier step.
    """
    ladder = ledger_rules(campaign)["ladder"]
    step = step_of(ladder, facts_of(finding, at=at, calendar=calendar))
    codes = [one["code"] for one in ladder]
    standing = codes.index(finding.escalation) if finding.escalation in codes else -1
    if step is None or codes.index(step["code"]) <= standing:
        return None
    finding.escalation, finding.escalated_at = step["code"], at
    return step


def liable_for(campaign: Campaign, found_by: str) -> list[str]:
    """Return the liable parties by the rank of whoever found it (S0-05); none when the plan has no row for it."""
    for row in ledger_rules(campaign)["accountability"]:
        if found_by in row["found_by"]:
            return list(row["liable"])
    return []


def plan_recheck(
    finding: Finding, *, campaign: Campaign, at: datetime, calendar: WorkingCalendar, after: str = ""
) -> None:
    """Set when a closed finding is looked at again (回头看). Raises InvalidInput while it is open."""
    if finding.state != FindingState.CLOSED:
        raise InvalidInput(say("问题尚未销号，不能安排回头看"))
    wanted = after or ledger_rules(campaign)["recheck"]
    if not wanted:
        raise InvalidInput(say("方案没有规定何时回头看"), {"recheck": say("缺少此项")})
    finding.recheck_due = limit_end(wanted, at, calendar)


def recheck(session: Session, finding: Finding, *, holds: bool, at: datetime, text: str = "") -> Finding | None:
    """Record a re-check; a recurrence becomes a new finding that names the old one, and is returned."""
    if finding.state != FindingState.CLOSED:
        raise InvalidInput(say("问题尚未销号，不能回头看"))
    finding.rechecked_at = at
    if holds:
        session.flush()
        return None
    again = Finding(
        number=numbers_for(session, finding.campaign_id, 1),
        campaign_id=finding.campaign_id,
        unit_id=finding.unit_id,
        origin_instance_id=finding.origin_instance_id,
        origin_element=finding.origin_element,
        item=finding.item,
        level=finding.level,
        source=FindingSource.RECHECK,
        text=text or finding.text,
        owner_id=finding.owner_id,
        found_at=at,
        evidence_before=[],
        evidence_after=[],
        recurrence_of=finding.id,
    )
    session.add(again)
    session.flush()
    return again


def rechecks_due(session: Session, campaign: Campaign, at: datetime) -> list[Finding]:
    """Return the closed findings whose re-check is due and not done."""
    statement = select(Finding).where(
        Finding.campaign_id == campaign.id, Finding.recheck_due <= at, Finding.rechecked_at.is_(None)
    )
    return list(session.scalars(statement.order_by(Finding.number)))
