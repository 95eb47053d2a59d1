"""Findings that stand still until a person has them tried again.

Either the background could not start a finding's instance, or something in the instance failed (an engine's incident,
in it or in a process that it called). The campaign's office sees both on the ledger, with the reason and a way on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import Session

from engine.errors import Conflict, DubanError
from engine.instances.incidents import retry_in
from engine.instances.models import Incident, IncidentStatus, Instance
from engine.instances.overview import element_name
from engine.instances.writer import TurnWriter
from engine.runtime import Engine
from engine.wording import say
from workflows.campaigns.cases import OPEN
from workflows.campaigns.models import Campaign
from workflows.findings.ledger import finding_label, finding_of
from workflows.findings.models import Finding
from workflows.findings.office import going_on, office_campaign
from workflows.findings.starting import Starting, go_on, start_again, starting, unstarted
from workflows.organisation.models import Unit
from workflows.organisation.names import name_of

SHOWN: Final = 20
"""Findings of the page's list; their number is said."""
MOST_RETRIED: Final = 300
"""Incidents of the engine that are tried again at once; each is a transaction of its own."""


@dataclass(frozen=True, slots=True)
class FindingIncident:
    """A finding that stands still, and why. ``instance_id`` is None when it could not be started.

    ``element`` is the name of the element that failed, empty when nothing had begun.
    """

    finding_id: int
    label: str
    number: int
    unit_name: str
    text: str
    instance_id: int | None
    element: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FindingIncidents:
    """How many findings stand still, and the first of them by their numbers."""

    count: int
    rows: Sequence[FindingIncident]


def starting_of(session: Session, *, campaign_id: int, actor_id: int, at: datetime) -> Starting | None:
    """Return how far the background is with the instances of entered findings, None when none are left to start."""
    return starting(session, office_campaign(session, campaign_id, actor_id, at))


def go_on_starting(engine: Engine, *, campaign_id: int, actor_id: int) -> None:
    """Let the background go on with the findings whose instances it could not start."""
    with engine.db.write() as session:
        at = engine.clock.now()
        campaign = office_campaign(session, campaign_id, actor_id, at)
        go_on(session, campaign, at)
        start_again(session, campaign, at)
    engine.bell.ring()


def incidents_of(
    engine: Engine, session: Session, campaign: Campaign, *, limit: int = SHOWN, first: int = 0
) -> FindingIncidents:
    """Return the findings of a campaign that stand still, without the ``first`` ones; one that is over has none."""
    if campaign.status not in OPEN:
        return FindingIncidents(0, ())
    standing = union(_held(campaign), _failing(campaign, Finding.id, Finding.number)).subquery()
    count = session.scalar(select(func.count()).select_from(standing)) or 0
    shown = session.scalars(select(standing.c.id).order_by(standing.c.number).limit(limit).offset(first)).all()
    if not shown:
        return FindingIncidents(count, ())
    reasons = _reasons(engine, session, campaign, shown)
    findings = select(Finding, name_of(Unit)).join(Unit, Unit.id == Finding.unit_id).where(Finding.id.in_(shown))
    rows = [
        FindingIncident(
            finding_id=finding.id,
            label=finding_label(campaign, finding),
            number=finding.number,
            unit_name=unit,
            text=finding.text,
            instance_id=finding.instance_id,
            element=element,
            sentence=sentence,
        )
        for finding, unit in session.execute(findings.order_by(Finding.number))
        for element, sentence in [reasons.get(finding.id, ("", finding.problem or ""))]
    ]
    return FindingIncidents(count, rows)


def retry_finding(engine: Engine, *, campaign_id: int, finding_id: int, actor_id: int) -> None:
    """Try again what failed of a finding: its start, or whatever its instance stands still at.

    Raises
    ------
    NotFound
        There is no such finding for the actor.
    NotAllowed
        The actor does not see the whole campaign, or it is suspended or over.
    Conflict
        Nothing of it stands still: somebody else has had it tried again, or it went on by itself.

    """
    with engine.db.write() as session, session.no_autoflush:
        at = engine.clock.now()
        campaign, _ = going_on(session, campaign_id, actor_id, at)
        finding = finding_of(session, campaign_id, actor_id, finding_id, at=at)
        if not start_again(session, campaign, at, finding_id=finding.id):
            failing = _failing(campaign, Incident.id).where(Finding.id == finding.id)
            # Called instances before those that call them, as turns lock them.
            incident_ids = session.scalars(failing.order_by(Incident.instance_id.desc())).all()
            if not incident_ids:
                raise Conflict(say("这条问题没有停住，或者已经有人再试"))
            writer = TurnWriter(engine, session, at)
            for incident_id in incident_ids:
                retry_in(writer, incident_id=incident_id, actor_id=actor_id)
            writer.write()
        session.flush()
    engine.bell.ring()


def retry_findings(engine: Engine, *, campaign_id: int, actor_id: int) -> int:
    """Try all of them again, at most :data:`MOST_RETRIED` that an engine's incident holds; returns how many."""
    with engine.db.write() as session:
        at = engine.clock.now()
        campaign, _ = going_on(session, campaign_id, actor_id, at)
        go_on(session, campaign, at)
        done = start_again(session, campaign, at)
        failing = _failing(campaign, Finding.id, Finding.number).distinct().order_by(Finding.number)
        finding_ids = [row.id for row in session.execute(failing.limit(MOST_RETRIED))]
        session.flush()
    engine.bell.ring()
    for finding_id in finding_ids:
        done += _retried(engine, campaign_id, finding_id, actor_id)
    return done


def _retried(engine: Engine, campaign_id: int, finding_id: int, actor_id: int) -> bool:
    try:
        retry_finding(engine, campaign_id=campaign_id, finding_id=finding_id, actor_id=actor_id)
    except DubanError:
        return False
    return True


def _reasons(
    engine: Engine, session: Session, campaign: Campaign, finding_ids: Sequence[int]
) -> dict[int, tuple[str, str]]:
    """Return the element and the sentence of what failed in findings' instances; of several the latest speaks."""
    failing = _failing(campaign, Finding.id, Incident, Instance).where(Finding.id.in_(finding_ids))
    return {
        finding_id: (
            element_name(engine, session, instance.package_version_id, instance.process_id, incident.element_id),
            incident.message,
        )
        for finding_id, incident, instance in session.execute(failing.order_by(Incident.id))
    }


def _held(campaign: Campaign) -> Select[int, int]:
    """Select the findings that could not be started."""
    query = select(Finding.id, Finding.number).where(Finding.campaign_id == campaign.id)
    return query.where(Finding.problem.is_not(None), unstarted())


def _failing(campaign: Campaign, *columns: Any) -> Select[Any]:
    """Select open incidents with their instance, and the finding whose instance it is or that called it."""
    chain = select(Instance.id, Instance.parent_id, Instance.id.label("failed_id")).where(
        Instance.root_id == campaign.instance_id, Instance.open_incidents > 0
    )
    callers = chain.cte("callers", recursive=True)
    callers = callers.union_all(
        select(Instance.id, Instance.parent_id, callers.c.failed_id).where(Instance.id == callers.c.parent_id)
    )
    return (
        select(*columns)
        .select_from(callers)
        .join(Finding, Finding.instance_id == callers.c.id)
        .join(Instance, Instance.id == callers.c.failed_id)
        .join(Incident, Incident.instance_id == Instance.id)
        .where(Finding.campaign_id == campaign.id, Incident.status == IncidentStatus.OPEN)
    )
