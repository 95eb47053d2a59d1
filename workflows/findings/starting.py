"""Findings get instances of their own: those of a submission in its turn, those of a workbook in the background.

The background goes in chunks, each an errand's transaction. A finding that has its instance is left alone, so a chunk
that is done again after a crash starts none twice. One whose instance cannot be started keeps the reason and waits for
a person (:mod:`workflows.findings.incidents`); the others go on.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from engine.instances.models import Instance, InstanceStatus
from engine.instances.retries import describe
from engine.instances.start import Start, start_beside
from engine.instances.writer import TurnWriter
from engine.runtime import Engine
from engine.work.drain import PASSING
from engine.work.errands import add_errand
from engine.work.models import Errand
from workflows.campaigns.cases import OPEN, campaign_variables
from workflows.campaigns.launch import assessing_group
from workflows.campaigns.models import Campaign
from workflows.findings.ledger import finding_label
from workflows.findings.models import Finding, FindingState
from workflows.findings.section import process_of
from workflows.organisation.models import Unit
from workflows.organisation.tree import LOCAL

ERRAND: Final = "findings.start"
CHUNK: Final = 25
"""Findings of one transaction: no more than the drain moves together afterwards, so that no queue of them builds up."""
HELD: Final = timedelta(seconds=1)
"""Pause before the next chunk when somebody held every finding that is left."""
SUSPENDED: Final = timedelta(minutes=1)
"""How often a suspended campaign is asked whether it goes on."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Starting:
    """How far the background has come with the findings of a campaign's workbooks.

    ``failed`` of them could not be started and wait for a person. ``problem`` says why all of it stopped, until
    somebody lets it go on; ``suspended`` that it waits for the campaign.
    """

    done: int
    failed: int
    total: int
    problem: str
    suspended: bool


def start_each(
    writer: TurnWriter, *, campaign: Campaign, starter: Instance, process: str, findings: Sequence[Finding]
) -> None:
    """Start an instance for each finding and write all of them; nobody waits for them.

    ``starter`` is the instance in whose campaign, version and name they start. Each knows the campaign's launch
    parameters and days, its unit and its finding.
    """
    session = writer.session
    units = {
        unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_({one.unit_id for one in findings})))
    }
    known = campaign_variables(campaign)
    with session.no_autoflush:
        # Units after each other: two transactions never wait for each other's rows of the matrix.
        for finding in sorted(findings, key=lambda one: (one.unit_id, one.number)):
            unit = units[finding.unit_id]
            start = Start(
                version_id=starter.package_version_id,
                process_id=process,
                variables={
                    **known,
                    "finding_id": finding.id,
                    "unit_id": finding.unit_id,
                    "unit_name": unit.name,
                    "unit_kind": unit.kind,
                    "group_code": assessing_group(campaign.plan, unit.kind),
                    **described(campaign, finding),
                },
                title=f"{unit.name}问题 {finding_label(campaign, finding)}",
                initiator_id=starter.initiator_id,
                unit_id=finding.unit_id,
                root_id=starter.root_id,
            )
            finding.instance_id = start_beside(writer, start).id
        writer.write()


def described(campaign: Campaign, finding: Finding) -> dict[str, Any]:
    """Return what a diagram knows of a finding."""
    return {
        "finding_number": finding_label(campaign, finding),
        "finding_item": finding.item,
        "finding_level": finding.level,
        "finding_text": finding.text[:200],
        "finding_source": finding.source,
        "finding_unit_id": finding.unit_id,
        "finding_due": finding.due.astimezone(LOCAL).date().isoformat() if finding.due else None,
    }


def start_later(session: Session, *, campaign: Campaign, process: str, first: int, last: int, at: datetime) -> None:
    """Let the background start a process for each finding of a range of numbers; the caller rings the bell."""
    payload = {"campaign_id": campaign.id, "process": process, "first": first, "last": last}
    _add(session, payload, due=at, at=at, instance_id=campaign.instance_id)


def start_some(engine: Engine, session: Session, errand: Errand) -> None:
    """Start the instances of the next chunk and leave the rest to another errand; a campaign that is over gets none."""
    payload, at = errand.payload, engine.clock.now()
    # Held until the commit: days that move meanwhile reach instances that are there (workflows.campaigns.moving).
    campaign = session.get_one(Campaign, payload["campaign_id"], with_for_update={"read": True})
    if campaign.status not in OPEN:
        return
    root, pause = session.get_one(Instance, campaign.instance_id), timedelta()
    if root.status == InstanceStatus.SUSPENDED:
        pause = SUSPENDED
    elif chunk := session.scalars(_next_of(payload)).all():
        starter = _Starter(engine, session, campaign=campaign, root=root, process=payload["process"], at=at)
        starter.start(chunk)
    elif session.scalar(select(exists().where(_waiting(payload)))):
        pause = HELD
    else:
        return
    _add(session, payload, due=at + pause, at=at, instance_id=root.id)


@dataclass(frozen=True, slots=True)
class _Starter:
    """Starts findings in one transaction: all at once, or one by one when one of them cannot be started."""

    engine: Engine
    session: Session
    campaign: Campaign
    root: Instance
    process: str
    at: datetime

    def start(self, findings: Sequence[Finding]) -> None:
        error = self._try(findings)
        if error is None:
            return
        if len(findings) == 1:
            self._hold(findings[0], error)
            return
        for finding in findings:
            self.start([finding])

    def _try(self, findings: Sequence[Finding]) -> Exception | None:
        """Start all of some, or none; returns what stood against it."""
        try:
            with self.session.begin_nested():
                writer = TurnWriter(self.engine, self.session, self.at)
                start_each(writer, campaign=self.campaign, starter=self.root, process=self.process, findings=findings)
        except PASSING:
            raise
        except Exception as error:
            return error
        return None

    def _hold(self, finding: Finding, error: Exception) -> None:
        log.warning("finding %d could not be started", finding.id, exc_info=error)
        finding.problem = describe(error)[1]
        self.session.flush()


def starting(session: Session, campaign: Campaign) -> Starting | None:
    """Return how far the background has come, None when it has nothing to do for this campaign."""
    errands = session.scalars(select(Errand).where(Errand.subject == _subject(campaign.id))).all()
    if not errands or campaign.status not in OPEN:
        return None
    waiting = or_(*(_left(one.payload) for one in errands))
    counted = select(func.count(), func.count(Finding.problem)).select_from(Finding).where(waiting)
    left, failed = session.execute(counted).one()
    total = sum(one.payload["last"] - one.payload["first"] + 1 for one in errands)
    root = session.get_one(Instance, campaign.instance_id)
    return Starting(
        done=total - left,
        failed=failed,
        total=total,
        problem=next((one.problem or "" for one in errands if one.due is None), ""),
        suspended=root.status == InstanceStatus.SUSPENDED,
    )


def go_on(session: Session, campaign: Campaign, at: datetime) -> None:
    """Do again what stopped with a problem; the caller rings the bell."""
    stopped = update(Errand).where(Errand.subject == _subject(campaign.id), Errand.due.is_(None))
    session.execute(stopped.values(due=at, problem=None), execution_options={"synchronize_session": False})


def start_again(session: Session, campaign: Campaign, at: datetime, *, finding_id: int | None = None) -> int:
    """Try again to start the findings that could not be started, or one of them; returns how many.

    Of several people who ask at once one does it. The caller rings the bell.
    """
    held = update(Finding).where(Finding.campaign_id == campaign.id, Finding.problem.is_not(None), unstarted())
    if finding_id is not None:
        held = held.where(Finding.id == finding_id)
    again = held.values(problem=None).returning(Finding.number)
    numbers = sorted(session.scalars(again, execution_options={"synchronize_session": False}))
    process = process_of(campaign.plan)
    for first, last in _runs(numbers):
        start_later(session, campaign=campaign, process=process, first=first, last=last, at=at)
    return len(numbers)


def unstarted() -> ColumnElement[bool]:
    """Return the condition of findings that nothing handles yet."""
    return and_(Finding.instance_id.is_(None), Finding.state == FindingState.OPEN)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Return the first and the last of each run of numbers that follow each other; they are in order."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        first = runs.pop()[0] if runs and runs[-1][1] == number - 1 else number
        runs.append((first, number))
    return runs


def _add(session: Session, payload: Mapping[str, Any], *, due: datetime, at: datetime, instance_id: int) -> None:
    subject = _subject(payload["campaign_id"])
    add_errand(session, kind=ERRAND, due=due, at=at, payload=payload, instance_id=instance_id, subject=subject)


def _subject(campaign_id: int) -> str:
    return f"{ERRAND}:{campaign_id}"


def _waiting(payload: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(_left(payload), Finding.problem.is_(None))


def _left(payload: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(
        Finding.campaign_id == payload["campaign_id"],
        Finding.number.between(payload["first"], payload["last"]),
        unstarted(),
    )


def _next_of(payload: Mapping[str, Any]) -> Select[Finding]:
    """Select the next chunk; what others hold comes later, so that nobody waits for anybody in a circle."""
    chunk = select(Finding).where(_waiting(payload)).order_by(Finding.number).limit(CHUNK)
    return chunk.with_for_update(skip_locked=True)
