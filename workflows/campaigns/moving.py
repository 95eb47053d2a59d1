"""A phase is moved (阶段调整): proposed with a reason, decided by the head of the leading group, then all follows.

The campaign's own record says who proposed and who decided; every instance that moves writes a line of its history.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, Stale
from engine.instances.rescheduling import lock_living, request_reschedule
from engine.instances.turns import lock_instance
from engine.instances.writer import TurnWriter
from engine.ports import AssignmentContext
from engine.runtime import Engine
from engine.store.repeating import repeated
from engine.tasks.models import Notice
from engine.wording import listed, say
from workflows.campaigns.models import Campaign, CampaignStatus, Phase, PhaseMove
from workflows.campaigns.schedule import campaign_days, write_days
from workflows.campaigns.steering import may_steer
from workflows.organisation.tree import LOCAL
from workflows.plans.phases import date_variables

HEADS = "group(leading, head)"
"""Who decides about a move."""

LONGEST_REASON = 500


class MoveState(StrEnum):
    """States of a proposal."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    REJECTED = "rejected"


def propose_move(
    engine: Engine,
    *,
    campaign_id: int,
    phase: str,
    starts: date | None,
    ends: date | None,
    reason: str,
    actor_id: int,
) -> PhaseMove:
    """Propose new days for a phase; None leaves an edge where it is. The heads get a notice.

    Raises
    ------
    NotFound
        There is no such campaign or phase, or the person has nothing to do with leading it.
    NotAllowed
        The campaign is over.
    Conflict
        Another proposal for this phase waits.
    InvalidInput
        The days do not fit, with a sentence a field; nothing was kept.

    """
    with engine.db.write() as session:
        at = engine.clock.now()
        campaign = session.get(Campaign, campaign_id)
        if campaign is None or not may_propose(engine, session, campaign, actor_id, at):
            raise NotFound(say("没有这次专项行动"))
        # Of two who propose at once the second waits here and sees the first one's proposal.
        row = session.get(Phase, (campaign_id, phase), with_for_update=True)
        if row is None:
            raise NotFound(say("没有这个阶段"))
        if campaign.status not in (CampaignStatus.DRAFT, CampaignStatus.RUNNING):
            raise NotAllowed(say("专项行动已经结束"))
        waiting = select(PhaseMove.id).where(PhaseMove.campaign_id == campaign_id, PhaseMove.phase_code == phase)
        if session.scalar(waiting.where(PhaseMove.state == MoveState.PROPOSED)) is not None:
            raise Conflict(say("这个阶段已有一项调整等待审批"))
        _check(row, starts, ends, reason, at.astimezone(LOCAL).date())
        move = PhaseMove(
            campaign_id=campaign_id,
            phase_code=phase,
            starts=starts,
            ends=ends,
            old_starts=row.starts,
            old_ends=row.ends,
            reason=reason.strip(),
            state=MoveState.PROPOSED,
            proposed_by=actor_id,
            proposed_at=at,
        )
        session.add(move)
        title = say("阶段调整待审批：{title} · {name}", title=campaign.title, name=row.name)
        session.add_all(
            Notice(person_id=one, kind="notice", title=title[:300], instance_id=campaign.instance_id, created_at=at)
            for one in _heads(engine, session, campaign, at)
        )
        session.flush()
    return move


def decide_move(engine: Engine, *, move_id: int, agree: bool, opinion: str, actor_id: int) -> PhaseMove:
    """Decide about a proposal; agreed, the days, timers and deadlines of all running instances follow.

    Raises
    ------
    NotFound
        There is no such proposal, or the person may not decide it.
    Stale
        Somebody else decided it first.
    InvalidInput
        A rejection without a reason, or days that no longer fit.

    """
    move = repeated(partial(_decide, engine, move_id=move_id, agree=agree, opinion=opinion, actor_id=actor_id))
    engine.bell.ring()
    return move


def _decide(engine: Engine, *, move_id: int, agree: bool, opinion: str, actor_id: int) -> PhaseMove:
    with engine.db.write() as session:
        at = engine.clock.now()
        move = session.get(PhaseMove, move_id, with_for_update=True, populate_existing=True)
        campaign = session.get(Campaign, move.campaign_id) if move else None
        if move is None or campaign is None or actor_id not in _heads(engine, session, campaign, at):
            raise NotFound(say("没有这项调整"))
        if move.state != MoveState.PROPOSED:
            raise Stale("这项调整已由别人审批 / Somebody has decided it already")
        if not agree and not opinion.strip():
            raise InvalidInput(say("请写明不同意的理由"), {"opinion": say("请写明不同意的理由")})
        move.state = MoveState.AGREED if agree else MoveState.REJECTED
        move.decided_by, move.decided_at, move.opinion = actor_id, at, opinion.strip()
        if agree:
            _apply(engine, session, campaign, move, at)
        session.flush()
    return move


def _apply(engine: Engine, session: Session, campaign: Campaign, move: PhaseMove, at: datetime) -> None:
    """Write the new days and let every running instance follow; ``move`` says who decided and why."""
    actor_id = int(move.decided_by or 0)
    # Instances first, as turns do that write into their campaign's rows; then nobody else moves these days.
    locked = lock_living(session, campaign.instance_id)
    session.refresh(campaign, with_for_update=True)
    row = session.get_one(Phase, (campaign.id, move.phase_code))
    _check(row, move.starts, move.ends, move.reason, at.astimezone(LOCAL).date())
    edges = {"starts": move.starts, "ends": move.ends}
    moved = {f"{move.phase_code}.{edge}": day.isoformat() for edge, day in edges.items() if day is not None}
    campaign.moved = {**campaign.moved, **moved}
    days = campaign_days(campaign)
    write_days(session, campaign, days)
    variables: Mapping[str, str | None] = date_variables(campaign.plan, days)
    root = lock_instance(session, campaign.instance_id)
    writer = TurnWriter(engine, session, at)
    writer.line(
        root, "move-phase", actor_id=actor_id, opinion=move.reason,
        detail={
            "phase": move.phase_code,
            "from": [_text(move.old_starts), _text(move.old_ends)],
            "to": [_text(row.starts), _text(row.ends)],
            "proposed_by": move.proposed_by,
        },
    )  # fmt: skip
    writer.write()
    request_reschedule(
        session, root_id=campaign.instance_id, locked=locked, variables=variables, actor_id=actor_id,
        reason=move.reason, at=at,
    )  # fmt: skip


def _check(row: Phase, starts: date | None, ends: date | None, reason: str, today: date) -> None:
    wrong: dict[str, str] = {}
    if starts is None and ends is None:
        wrong["starts"] = say("请至少填写一个新的日期")
    if starts is not None and row.starts is not None and row.starts <= today and starts != row.starts:
        wrong["starts"] = say("阶段已经开始，开始日不能再改")
    elif starts is not None and starts < today:
        wrong["starts"] = say("新的开始日不能早于今天")
    if ends is not None and ends < today:
        wrong["ends"] = say("新的结束日不能早于今天")
    first, last = starts or row.starts, ends or row.ends
    if first is not None and last is not None and last < first:
        wrong.setdefault("ends", say("结束日不能早于开始日"))
    if not reason.strip():
        wrong["reason"] = say("请写明调整的理由")
    elif len(reason) > LONGEST_REASON:
        wrong["reason"] = say("理由不超过 {most} 字", most=LONGEST_REASON)
    if wrong:
        raise InvalidInput(listed(wrong.values(), "；"), wrong)


def _heads(engine: Engine, session: Session, campaign: Campaign, at: datetime) -> list[int]:
    context = AssignmentContext(
        at=at,
        instance_id=campaign.instance_id,
        root_id=campaign.instance_id,
        unit_id=None,
        initiator_id=campaign.initiator_id,
        variables={},
    )
    return list(engine.people.find(session, HEADS, context))


def may_decide(engine: Engine, session: Session, campaign: Campaign, person_id: int, at: datetime) -> bool:
    """Say whether a person decides about moves of a campaign's phases."""
    return person_id in _heads(engine, session, campaign, at)


def may_propose(engine: Engine, session: Session, campaign: Campaign, person_id: int, at: datetime) -> bool:
    """Say whether a person may propose to move a campaign's phases."""
    return may_steer(engine, session, campaign, person_id, at)


def moves_of(session: Session, campaign_id: int) -> list[PhaseMove]:
    """Return a campaign's proposals, the newest first."""
    query = select(PhaseMove).where(PhaseMove.campaign_id == campaign_id)
    return list(session.scalars(query.order_by(PhaseMove.proposed_at.desc(), PhaseMove.id.desc())))


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
