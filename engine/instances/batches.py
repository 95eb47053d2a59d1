"""One operation on many instances: members of a batch become work of their own instances, one transaction each.

Nothing waits: instances whose rows somebody holds are queued in the next round. A crash loses nothing and repeats
nothing: a member's state changes in the transaction that does what it asks for.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.instances.fanout import wake
from engine.instances.models import Batch, BatchKind, BatchMember, Instance, MemberState
from engine.instances.retries import describe
from engine.instances.writer import TurnWriter
from engine.store import insert_rows
from engine.store.types import new_id
from engine.work.models import Work

QUEUE_CHUNK = 200
"""Members that one transaction queues."""

LATER = timedelta(seconds=1)
"""Pause before another chunk when somebody held every row of this one."""

MOST_MEMBERS = 100_000
FAILURES_SHOWN = 200

BATCH, MEMBER = "batch", "batch-member"
"""Kinds of work: queue further members of a batch; do what a batch wants of this instance."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A member that was refused, and why."""

    subject_id: int
    instance_id: int
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch has come. ``waiting`` includes what is queued."""

    id: int
    kind: str
    reason: str
    actor_id: int
    created_at: datetime
    parameters: Mapping[str, Any]
    total: int
    waiting: int
    done: int
    failed: int
    refusals: tuple[Refusal, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        return self.waiting == 0

    @property
    def percent(self) -> int:
        """Share of members that are settled, 0 to 100."""
        return 100 if not self.total else (self.done + self.failed) * 100 // self.total


def open_batch(
    writer: TurnWriter,
    *,
    kind: BatchKind,
    members: Sequence[tuple[int, int]],
    parameters: Mapping[str, Any],
    reason: str,
    actor_id: int,
) -> int:
    """Write a batch and the work that begins it; returns its id.

    Parameters
    ----------
    members
        Pairs of the subject's id (an instance or an incident) and its instance's id.

    """
    if not members:
        raise InvalidInput("没有选中任何一项 / Nothing was chosen")
    if len(members) > MOST_MEMBERS:
        raise InvalidInput(f"一次最多 {MOST_MEMBERS} 项 / At most {MOST_MEMBERS} at once")
    session, batch_id = writer.session, new_id()
    session.add(
        Batch(
            id=batch_id, kind=kind, parameters=dict(parameters), reason=reason, actor_id=actor_id,
            created_at=writer.at,
        )
    )  # fmt: skip
    session.flush()
    rows = [
        {"batch_id": batch_id, "subject_id": subject, "instance_id": instance, "state": MemberState.WAITING,
         "sentence": ""}
        for subject, instance in dict(members).items()
    ]  # fmt: skip
    insert_rows(session, BatchMember, rows)
    wake(writer, min(instance for _, instance in members), BATCH, {"batch_id": batch_id}, None)
    writer.elsewhere_due = True
    return batch_id


def queue_members(writer: TurnWriter, anchor: Instance, work: Work) -> None:
    """Give the next chunk of members as work to their instances; what others hold comes in a later chunk."""
    session, batch_id = writer.session, int(work.payload["batch_id"])
    waiting = select(BatchMember).where(BatchMember.batch_id == batch_id, BatchMember.state == MemberState.WAITING)
    chunk = list(session.scalars(waiting.order_by(BatchMember.subject_id).limit(QUEUE_CHUNK)))
    if not chunk:
        return
    wanted = select(Instance).where(Instance.id.in_([member.instance_id for member in chunk])).order_by(Instance.id)
    held = {row.id: row for row in session.scalars(wanted.with_for_update(skip_locked=True))}
    queued = [member for member in chunk if member.instance_id in held]
    for member in queued:
        member.state = MemberState.QUEUED
        payload = {"batch_id": batch_id, "subject_id": member.subject_id}
        writer.work(held[member.instance_id], MEMBER, writer.at, payload)
    writer.work(anchor, BATCH, writer.at if queued else writer.at + LATER, {"batch_id": batch_id})


def perform_member(writer: TurnWriter, instance: Instance, work: Work) -> None:
    """Do what a batch wants of this instance, and note that it is done, in one transaction."""
    batch = writer.session.get_one(Batch, int(work.payload["batch_id"]))
    subject_id = int(work.payload["subject_id"])
    _performer(batch.kind)(writer, instance, subject_id, batch)
    _settle(writer.session, batch.id, subject_id, MemberState.DONE, "")


def refuse_member(session: Session, work: Work, error: Exception) -> None:
    """Note why a member could not be done; nothing of it was."""
    sentence = describe(error)[1]
    _settle(session, int(work.payload["batch_id"]), int(work.payload["subject_id"]), MemberState.FAILED, sentence)


def batch_progress(session: Session, batch_id: int, *, refusals: int = FAILURES_SHOWN) -> BatchProgress:
    """Return how far a batch has come, with the first refusals. Raises NotFound."""
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise NotFound("没有这个批次 / There is no such batch")
    failed = (
        select(BatchMember, Instance.title)
        .join(Instance, Instance.id == BatchMember.instance_id)
        .where(BatchMember.batch_id == batch_id, BatchMember.state == MemberState.FAILED)
        .order_by(BatchMember.subject_id)
        .limit(refusals)
    )
    rows = session.execute(failed).all()
    found = tuple(Refusal(row.subject_id, row.instance_id, title, row.sentence) for row, title in rows)
    return _progress(batch, _counts(session, [batch_id])[batch_id], found)


def recent_batches(session: Session, *, limit: int = 50) -> list[BatchProgress]:
    """Return the latest batches, the newest first."""
    batches = list(session.scalars(select(Batch).order_by(Batch.created_at.desc(), Batch.id.desc()).limit(limit)))
    counts = _counts(session, [batch.id for batch in batches])
    return [_progress(batch, counts[batch.id], ()) for batch in batches]


def _counts(session: Session, ids: Sequence[int]) -> dict[int, Counter[str]]:
    query = (
        select(BatchMember.batch_id, BatchMember.state, func.count())
        .where(BatchMember.batch_id.in_(ids))
        .group_by(BatchMember.batch_id, BatchMember.state)
    )
    counts: dict[int, Counter[str]] = {one: Counter() for one in ids}
    for batch_id, state, number in session.execute(query):
        counts[batch_id][state] = number
    return counts


def _progress(batch: Batch, counts: Counter[str], refusals: tuple[Refusal, ...]) -> BatchProgress:
    return BatchProgress(
        id=batch.id,
        kind=batch.kind,
        reason=batch.reason,
        actor_id=batch.actor_id,
        created_at=batch.created_at,
        parameters=batch.parameters,
        total=counts.total(),
        waiting=counts[MemberState.WAITING] + counts[MemberState.QUEUED],
        done=counts[MemberState.DONE],
        failed=counts[MemberState.FAILED],
        refusals=refusals,
    )


def _settle(session: Session, batch_id: int, subject_id: int, state: MemberState, sentence: str) -> None:
    one = update(BatchMember).where(BatchMember.batch_id == batch_id, BatchMember.subject_id == subject_id)
    session.execute(one.values(state=state, sentence=sentence), execution_options={"synchronize_session": False})


def _performer(kind: str) -> Callable[[TurnWriter, Instance, int, Batch], None]:
    from engine.instances import incidents, migrate

    performers = {BatchKind.RETRY: incidents.retry_member, BatchKind.MIGRATE: migrate.migrate_member}
    return performers[BatchKind(kind)]
