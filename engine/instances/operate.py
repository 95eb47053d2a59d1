"""What administrators do to instances: suspend, resume, terminate, retry an incident, deliver a message."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.instances import fanout
from engine.instances.models import OPEN_STATUSES, Incident, Instance, InstanceStatus
from engine.instances.turns import lock_instance
from engine.instances.writer import TurnWriter
from engine.tasks.models import Activation, Slot
from engine.tasks.opening import close_of_instances
from engine.work.models import Work

if TYPE_CHECKING:
    from engine.runtime import Engine


def suspend(engine: "Engine", *, instance_id: int, actor_id: int, reason: str) -> None:
    """Suspend an instance and its children: nobody can act and clocks stop until :func:`resume`."""
    with engine.db.write() as session, session.no_autoflush:
        writer = _administration(engine, session, actor_id, reason)
        if lock_instance(session, instance_id).status not in OPEN_STATUSES:
            raise NotAllowed("只有运行中的流程可以挂起")
        for instance in _family(session, instance_id):
            if instance.status not in OPEN_STATUSES:
                continue
            writer.line(
                instance, "suspend", actor_id=actor_id, from_state=instance.status, to_state="suspended",
                opinion=reason,
            )  # fmt: skip
            instance.status, instance.suspended_at = InstanceStatus.SUSPENDED, writer.at
            instance.version += 1
            writer.touch(instance)
        writer.write()


def resume(engine: "Engine", *, instance_id: int, actor_id: int, reason: str) -> None:
    """Let a suspended instance and its children go on; due times move by the time it stood still (D4)."""
    with engine.db.write() as session, session.no_autoflush:
        writer = _administration(engine, session, actor_id, reason)
        if lock_instance(session, instance_id).status != InstanceStatus.SUSPENDED:
            raise NotAllowed("流程没有挂起")
        for instance in _family(session, instance_id):
            if instance.status != InstanceStatus.SUSPENDED:
                continue
            stood = writer.at - (instance.suspended_at or writer.at)
            writer.line(
                instance, "resume", actor_id=actor_id, from_state="suspended", to_state="running", opinion=reason,
                detail={"seconds": int(stood.total_seconds())},
            )  # fmt: skip
            instance.status, instance.suspended_at = InstanceStatus.RUNNING, None
            instance.version += 1
            _move_clocks(session, instance, stood)
        writer.write()
    engine.bell.ring()


def terminate(engine: "Engine", *, instance_id: int, actor_id: int, reason: str) -> None:
    """End an instance; its children are cancelled by a job."""
    with engine.db.write() as session, session.no_autoflush:
        writer = _administration(engine, session, actor_id, reason)
        instance = lock_instance(session, instance_id)
        if instance.ended_at is not None:
            raise NotAllowed("流程已经结束")
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
        writer.write()
    engine.bell.ring()


def retry_incident(engine: "Engine", *, incident_id: int, actor_id: int) -> None:
    """Do again what failed: the work as it was, or the element that the interpreter could not run."""
    with engine.db.write() as session, session.no_autoflush:
        instance_id = session.scalar(select(Incident.instance_id).where(Incident.id == incident_id))
        if instance_id is None or not engine.people.is_administrator(session, actor_id):
            raise NotFound("没有这个异常")
        instance = lock_instance(session, instance_id)
        incident = session.get_one(Incident, incident_id)
        if incident.status != "open":
            raise NotAllowed("这个异常已经处理过了")
        writer = TurnWriter(engine, session, engine.clock.now())
        incident.status, incident.resolved_at = "resolved", writer.at
        writer.line(instance, "retry", actor_id=actor_id, element_id=incident.element_id)
        kind = incident.work_kind or "retry"
        writer.work(instance, kind, writer.at, incident.work_payload or {}, incident.token)
        writer.write()
    engine.bell.ring()


def deliver_message(
    engine: "Engine", *, instance_id: int, name: str, payload: Mapping[str, Any], token: str | None = None
) -> None:
    """Hand a message to an instance that waits for it."""
    with engine.db.write() as session, session.no_autoflush:
        instance = lock_instance(session, instance_id)
        writer = TurnWriter(engine, session, engine.clock.now())
        writer.work(instance, "message", writer.at, {"name": name, "payload": dict(payload)}, token)
        writer.write()
    engine.bell.ring()


def _administration(engine: "Engine", session: Session, actor_id: int, reason: str) -> TurnWriter:
    if not engine.people.is_administrator(session, actor_id):
        raise NotFound("没有这个流程实例")
    if not reason.strip():
        raise InvalidInput("请写明原因", {"reason": "原因必填"})
    return TurnWriter(engine, session, engine.clock.now())


def _family(session: Session, instance_id: int) -> list[Instance]:
    """Lock an instance and everything below it, parents first."""
    tree = select(Instance.id).where(Instance.id == instance_id).cte("family", recursive=True)
    tree = tree.union_all(select(Instance.id).where(Instance.parent_id == tree.c.id))
    query = select(Instance).where(Instance.id.in_(select(tree.c.id))).order_by(Instance.id).with_for_update()
    return list(session.scalars(query))


def _move_clocks(session: Session, instance: Instance, stood: timedelta) -> None:
    for work in session.scalars(select(Work).where(Work.instance_id == instance.id)):
        work.due += stood
    open_ones = select(Activation).where(Activation.instance_id == instance.id, Activation.closed_at.is_(None))
    for activation in session.scalars(open_ones):
        activation.due = activation.due + stood if activation.due else None
        activation.warn_at = activation.warn_at + stood if activation.warn_at else None
    for slot in session.scalars(select(Slot).where(Slot.instance_id == instance.id, Slot.closed_at.is_(None))):
        slot.due = slot.due + stood if slot.due else None
    session.flush()
    instance.next_due = session.scalar(select(func.min(Work.due)).where(Work.instance_id == instance.id))
