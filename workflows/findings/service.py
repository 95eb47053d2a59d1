"""Findings are opened from what people handed in, move through their states, and are closed (销号)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar, resolve_due
from engine.errors import InvalidInput, NotFound
from engine.instances.models import Instance
from engine.wording import say
from workflows.campaigns.launch import end_of, phases_of
from workflows.campaigns.models import Campaign
from workflows.findings.limits import limit_end, limit_of
from workflows.findings.models import Finding, FindingLevel, FindingSource, FindingState
from workflows.organisation.models import Person
from workflows.submissions import required_submission

RECTIFY_PHASE = "rectify"
LONGEST_TEXT = 4000
MOST_ROWS = 500
"""Findings of one submission; a form's own limit is lower."""

TRANSITIONS: Mapping[FindingState, frozenset[FindingState]] = {
    FindingState.OPEN: frozenset({FindingState.RECTIFYING, FindingState.CLOSED}),
    FindingState.RECTIFYING: frozenset({FindingState.VERIFYING, FindingState.OPEN, FindingState.CLOSED}),
    FindingState.VERIFYING: frozenset({FindingState.CLOSED, FindingState.RECTIFYING}),
    FindingState.CLOSED: frozenset(),
}
STATE_NAMES = {
    FindingState.OPEN: say("待认领"),
    FindingState.RECTIFYING: say("整改中"),
    FindingState.VERIFYING: say("待复核"),
    FindingState.CLOSED: say("已销号"),
}


def open_findings(
    session: Session,
    *,
    campaign: Campaign,
    instance: Instance,
    element_id: str,
    unit_id: int,
    field: str = "findings",
    source: FindingSource = FindingSource.SELF_CHECK,
    due: object = None,
    at: datetime,
    calendar: WorkingCalendar,
) -> list[Finding]:
    """Enter the rows of a submission into the ledger.

    After a return the same task is handed in again: findings of the former submission that nobody works on yet
    are replaced; those under way stay, and their rows are not entered twice.

    Parameters
    ----------
    element_id
        The task whose last submission in ``instance`` holds a list under ``field``. A row without a text is no finding.
        A row may bring its own ``measures`` and ``due``.
    due
        When it must be closed; anything :func:`resolve_due` takes, by default the plan's limit of its level
        (``ledger.limits``), else the end of the rectification phase.

    """
    submission = required_submission(session, instance_id=instance.id, element_id=element_id)
    rows = [row for row in _rows(submission.data.get(field)) if _text(row.get("text"))]
    origin = (Finding.origin_instance_id == instance.id, Finding.origin_element == element_id)
    session.execute(delete(Finding).where(*origin, Finding.instance_id.is_(None), Finding.state == FindingState.OPEN))
    under_way = {(one.item, one.text) for one in session.scalars(select(Finding).where(*origin))}
    rows = [row for row in rows if (_text(row.get("item"), 200), _text(row.get("text"))) not in under_way]
    if not rows:
        return []
    levels = [_level(row.get("level")) for row in rows]
    limits = {
        level: _limit(campaign, level, due, at, calendar) or rectification_ends(session, campaign)
        for level in dict.fromkeys(levels)
    }
    first = numbers_for(session, campaign.id, len(rows))
    findings = [
        Finding(
            number=number,
            campaign_id=campaign.id,
            unit_id=unit_id,
            origin_instance_id=instance.id,
            origin_element=element_id,
            item=_text(row.get("item"), 200),
            level=level,
            source=source,
            text=_text(row.get("text")),
            cause=_text(row.get("cause")),
            measures=_text(row.get("measures")),
            due=resolve_due(row["due"], at, calendar) if row.get("due") else limits[level],
            evidence_before=_ids(row.get("evidence_before")),
            evidence_after=[],
            found_by=submission.person_id,
            found_at=at,
        )
        for number, (row, level) in enumerate(zip(rows, levels, strict=True), start=first)
    ]
    session.add_all(findings)
    session.flush()
    return findings


def numbers_for(session: Session, campaign_id: int, count: int) -> int:
    """Reserve so many numbers of the campaign's ledger; returns the first."""
    last = session.scalar(
        update(Campaign)
        .where(Campaign.id == campaign_id)
        .values(findings_numbered=Campaign.findings_numbered + count)
        .returning(Campaign.findings_numbered),
        execution_options={"synchronize_session": False},
    )
    assert last is not None
    return int(last) - count + 1


def unit_has_findings(session: Session, campaign_id: int, unit_id: int) -> bool:
    """Say whether the ledger knows any finding of this unit."""
    statement = select(Finding.id).where(Finding.campaign_id == campaign_id, Finding.unit_id == unit_id).limit(1)
    return session.scalar(statement) is not None


def finding_by_id(session: Session, finding_id: int) -> Finding:
    """Return a finding; raises NotFound."""
    finding = session.get(Finding, finding_id)
    if finding is None:
        raise NotFound(say("没有这条问题"))
    return finding


def move_finding(
    session: Session,
    *,
    finding: Finding,
    state: FindingState,
    at: datetime,
    form: Mapping[str, Any] | None = None,
    calendar: WorkingCalendar | None = None,
) -> None:
    """Move a finding and copy what the form says about it.

    Sent back from verification, it counts one return. Raises InvalidInput for a move that the states don't allow;
    staying in the state is allowed (a form is entered again).
    """
    current = FindingState(finding.state)
    if state is not current and state not in TRANSITIONS[current]:
        raise InvalidInput(
            say(
                "问题 {number} 处于“{current}”，不能改为“{wanted}”",
                number=finding.number,
                current=STATE_NAMES[current],
                wanted=STATE_NAMES[state],
            )
        )
    if current is FindingState.VERIFYING and state is FindingState.RECTIFYING:
        finding.returned_count += 1
    if state is FindingState.CLOSED and current is not FindingState.CLOSED:
        finding.closed_at = at
    finding.state = state
    if form:
        _copy(session, finding, form, at, calendar or WorkingCalendar())


def _copy(session: Session, finding: Finding, form: Mapping[str, Any], at: datetime, calendar: WorkingCalendar) -> None:
    finding.cause = _text(form.get("cause")) or finding.cause
    finding.measures = _text(form.get("measures")) or finding.measures
    finding.evidence_before = _ids(form.get("evidence_before")) or finding.evidence_before
    finding.evidence_after = _ids(form.get("evidence_after")) or finding.evidence_after
    if form.get("due"):
        finding.due = resolve_due(form["due"], at, calendar)
    owner = _text(form.get("owner"), 100)
    if owner:
        found = session.scalars(select(Person.id).where(or_(Person.login == owner, Person.name == owner))).first()
        finding.owner_id = found if found is not None else finding.owner_id


def _limit(campaign: Campaign, level: str, due: object, at: datetime, calendar: WorkingCalendar) -> datetime | None:
    if due:
        return resolve_due(due, at, calendar)
    limit = limit_of(campaign, level)
    return limit_end(limit, at, calendar) if limit else None


def rectification_ends(session: Session, campaign: Campaign) -> datetime | None:
    """Return until when a finding without any other limit is to be closed, None while that day is open."""
    phases = phases_of(session, campaign.id)
    chosen = [phase for phase in phases if phase.code == RECTIFY_PHASE] or phases[-1:]
    return end_of(chosen[0]) if chosen else None


def _rows(value: object) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list):
        return []
    rows = [row for row in value if isinstance(row, dict)]
    if len(rows) > MOST_ROWS:
        raise InvalidInput(say("一次最多登记 {most} 条问题", most=MOST_ROWS))
    return rows


def _text(value: object, longest: int = LONGEST_TEXT) -> str:
    return "" if value is None else str(value).strip()[:longest]


def _level(value: object) -> str:
    text = _text(value, 12) or FindingLevel.GENERAL.value
    text = FindingLevel.MAJOR.value if text == "key" else text
    if text not in tuple(FindingLevel):
        raise InvalidInput(say("问题等级“{text}”不存在", text=text))
    return text


def _ids(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
