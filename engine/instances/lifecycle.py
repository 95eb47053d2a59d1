"""Suspend, resume and terminate an instance with everything below it.

The instance itself and its first children change at once; the rest of a wide family follows in chunks of work that
survive a crash. A child whose row somebody holds at that instant is taken in the next chunk: waiting for it while
holding its parent's row could wait for ever.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from engine.errors import Conflict
from engine.instances import fanout
from engine.instances.administration import operating
from engine.instances.models import OPEN_STATUSES, Instance, InstanceStatus
from engine.instances.turns import lock_instance
from engine.instances.writer import TurnWriter
from engine.tasks.models import Activation, Slot
from engine.tasks.opening import close_of_instances
from engine.work.models import ADMINISTRATIVE, Work

if TYPE_CHECKING:
    from engine.runtime import Engine

CHILDREN_CHUNK = 100
"""Children that one transaction suspends or resumes."""

LATER = timedelta(seconds=1)
"""Pause before another chunk when somebody held every row of this one."""

CHILDREN = "children"
"""Kind of the work that suspends or resumes further children."""


@dataclass(frozen=True, slots=True)
class FamilyEffects:
    """What an operation reaches (I4): instances with their descendants, their open tasks, their pending timers."""

    instances: int
    tasks: int
    timers: int


@dataclass(frozen=True, slots=True)
class _Change:
    """What happens to each member of a family, and to which members."""

    apply: "Callable[[TurnWriter, Instance, int, str], None]"
    concerns: ColumnElement[bool]


def suspend(engine: "Engine", *, instance_id: int, actor_id: int, reason: str, dry_run: bool = False) -> FamilyEffects:
    """Suspend an instance and its children: nobody can act and clocks stop until :func:`resume`.

    Returns what it reaches; with ``dry_run`` nothing else happens.
    """
    with operating(engine, actor_id=actor_id, reason=reason, dry_run=dry_run) as writer:
        instance = lock_instance(writer.session, instance_id)
        effects = reached(writer.session, instance)
        if instance.status not in OPEN_STATUSES:
            raise Conflict("只有运行中的流程可以挂起 / Only a running instance can be suspended")
        _suspend_one(writer, instance, actor_id, reason)
        change_children(writer, instance, "suspend", actor_id, reason)
    return effects


def resume(engine: "Engine", *, instance_id: int, actor_id: int, reason: str, dry_run: bool = False) -> FamilyEffects:
    """Let a suspended instance and its children go on; due times move by the time it stood still (D4).

    Returns what it reaches; with ``dry_run`` nothing else happens.
    """
    with operating(engine, actor_id=actor_id, reason=reason, dry_run=dry_run) as writer:
        instance = lock_instance(writer.session, instance_id)
        effects = reached(writer.session, instance)
        if instance.status != InstanceStatus.SUSPENDED:
            raise Conflict("流程没有挂起 / The instance is not suspended")
        _resume_one(writer, instance, actor_id, reason)
        change_children(writer, instance, "resume", actor_id, reason)
    if not dry_run:
        engine.bell.ring()
    return effects


def terminate(
    engine: "Engine", *, instance_id: int, actor_id: int, reason: str, dry_run: bool = False
) -> FamilyEffects:
    """End an instance; its children are cancelled by a job.

    Returns what it reaches; with ``dry_run`` nothing else happens.
    """
    with operating(engine, actor_id=actor_id, reason=reason, dry_run=dry_run) as writer:
        instance = lock_instance(writer.session, instance_id)
        effects = reached(writer.session, instance)
        if instance.ended_at is not None:
            raise Conflict("流程已经结束 / The instance is over")
        writer.line(
            instance, "terminate", actor_id=actor_id, from_state=instance.status, to_state="terminated",
            opinion=reason,
        )  # fmt: skip
        instance.status, instance.outcome = InstanceStatus.TERMINATED, "terminated"
        instance.ended_at = writer.at
        instance.version += 1
        writer.drop_everything(instance)
        writer.visits.end(instance)
        fanout.cancel_all(writer, instance)
        close_of_instances(writer, {instance.id: instance}, "terminated")
        writer.tell("instance_ended", instance)
        if instance.fanout_id is not None:
            fanout.child_ended(writer, instance)
    if not dry_run:
        engine.bell.ring()
    return effects


def reached(session: Session, instance: Instance) -> FamilyEffects:
    """Count what lives in an instance and below it: what suspending, resuming or terminating it concerns."""
    family = select(Instance.id).where(Instance.id == instance.id).cte("family", recursive=True)
    family = family.union_all(
        select(Instance.id).join(family, Instance.parent_id == family.c.id).where(Instance.ended_at.is_(None))
    )
    members = select(family.c.id)
    tasks = select(func.count()).where(Activation.instance_id.in_(members), Activation.closed_at.is_(None))
    timers = select(func.count()).where(Work.instance_id.in_(members), Work.kind == "timer")
    counts = select(select(func.count()).select_from(family).scalar_subquery(), tasks.scalar_subquery(),
                    timers.scalar_subquery())  # fmt: skip
    return FamilyEffects(*session.execute(counts).one())


def change_children(writer: TurnWriter, parent: Instance, operation: str, actor_id: int, reason: str) -> None:
    """Suspend or resume a chunk of an instance's children, and leave the rest to work of the parent's."""
    change = _CHANGES[operation]
    concerned = select(Instance).where(Instance.parent_id == parent.id, change.concerns)
    chunk = list(
        writer.session.scalars(concerned.order_by(Instance.id).limit(CHILDREN_CHUNK).with_for_update(skip_locked=True))
    )
    payload = {"operation": operation, "actor_id": actor_id, "reason": reason}
    parents = set(
        writer.session.scalars(
            select(Instance.parent_id).where(Instance.parent_id.in_([child.id for child in chunk])).distinct()
        )
    )
    for child in chunk:
        change.apply(writer, child, actor_id, reason)
        if child.id in parents:
            writer.work(child, CHILDREN, writer.at, payload)
    rest = select(exists(concerned.where(Instance.id.not_in([child.id for child in chunk]))))
    if writer.session.scalar(rest):
        writer.work(parent, CHILDREN, writer.at if chunk else writer.at + LATER, payload)


def _suspend_one(writer: TurnWriter, instance: Instance, actor_id: int, reason: str) -> None:
    writer.line(
        instance, "suspend", actor_id=actor_id, from_state=instance.status, to_state="suspended", opinion=reason
    )
    _take_back_work(writer, instance)
    instance.status, instance.suspended_at = InstanceStatus.SUSPENDED, writer.at
    for slot in _open_slots(writer.session, instance):
        slot.paused = True
    instance.version += 1
    writer.touch(instance)


def _resume_one(writer: TurnWriter, instance: Instance, actor_id: int, reason: str) -> None:
    stood = writer.at - (instance.suspended_at or writer.at)
    _take_back_work(writer, instance)
    instance.suspended_at = None
    instance.version += 1
    _move_clocks(writer.session, instance, stood)
    writer.line(
        instance, "resume", actor_id=actor_id, from_state="suspended", to_state=instance.status, opinion=reason,
        detail={"seconds": int(stood.total_seconds())},
    )  # fmt: skip


def _take_back_work(writer: TurnWriter, instance: Instance) -> None:
    """Drop what an earlier suspension or resumption still wanted of the children: the newer one counts."""
    stale = select(Work.id).where(Work.instance_id == instance.id, Work.kind == CHILDREN)
    writer.done_work.update(writer.session.scalars(stale))


def _move_clocks(session: Session, instance: Instance, stood: timedelta) -> None:
    """Let the instance run again, or wait for its initiator as before; every due time moves."""
    instance.status = InstanceStatus.RUNNING
    works = select(Work).where(Work.instance_id == instance.id, Work.kind.not_in(ADMINISTRATIVE))
    for work in session.scalars(works):
        work.due += stood
    open_ones = select(Activation).where(Activation.instance_id == instance.id, Activation.closed_at.is_(None))
    for activation in session.scalars(open_ones):
        activation.due = activation.due + stood if activation.due else None
        activation.warn_at = activation.warn_at + stood if activation.warn_at else None
        if activation.settings.get("returned_to_initiator"):
            instance.status = InstanceStatus.RETURNED
    for slot in _open_slots(session, instance):
        slot.paused, slot.due = False, slot.due + stood if slot.due else None
    session.flush()
    instance.next_due = session.scalar(select(func.min(Work.due)).where(Work.instance_id == instance.id))


def _open_slots(session: Session, instance: Instance) -> Iterable[Slot]:
    return session.scalars(select(Slot).where(Slot.instance_id == instance.id, Slot.closed_at.is_(None)))


_CHANGES = {
    "suspend": _Change(_suspend_one, Instance.status.in_(OPEN_STATUSES)),
    "resume": _Change(_resume_one, Instance.status == InstanceStatus.SUSPENDED),
}
