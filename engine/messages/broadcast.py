"""Signals: to everybody who is subscribed when it is sent, in chunks that a crash only repeats from the last commit."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.instances.models import OPEN_STATUSES, InstanceStatus
from engine.instances.run import load_run
from engine.instances.turns import advance, lock_instance
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import SignalArrived
from engine.messages.models import Subscription
from engine.messages.search import SIGNAL
from engine.messages.starts import signal_starts, start_by_event
from engine.messages.throwing import BROADCAST
from engine.store import insert_rows, new_id
from engine.work.errands import add_errand
from engine.work.models import Errand

if TYPE_CHECKING:
    from engine.runtime import Engine

CHUNK = 500
"""Instances given an errand in one transaction."""

START, REACH = "start-signal", "signal"


def broadcast(engine: "Engine", session: Session, errand: Errand) -> None:
    """Write errands for the next chunk of subscribed instances; the first time also for the start events.

    The throwing instance itself had the signal in its own turn. Who subscribes after the signal was sent is not meant.
    """
    now, payload = engine.clock.now(), errand.payload
    signal = {"name": payload["name"], "payload": payload["payload"]}
    after = payload.get("after")
    if after is None:
        for trigger in signal_starts(session, payload["name"]):
            place = {
                "version_id": trigger.version_id,
                "process_id": trigger.process_id,
                "start": trigger.element_id,
                "definition": trigger.definition,
            }
            add_errand(session, kind=START, due=now, at=now, payload={**place, **signal})
    reached = _subscribed(session, errand, after or 0)
    if reached:
        rows = [_row(REACH, number, now, {**signal, "instance_id": number}) for number in reached]
        insert_rows(session, Errand, rows)
    if len(reached) == CHUNK:
        add_errand(
            session, kind=BROADCAST, due=now, at=now, instance_id=errand.instance_id,
            payload={**payload, "after": reached[-1]},
        )  # fmt: skip


def reach(engine: "Engine", session: Session, payload: Mapping[str, Any]) -> None:
    """Hand a signal to one instance; a suspended one gets it when it goes on."""
    try:
        instance = lock_instance(session, int(payload["instance_id"]))
    except NotFound:
        return
    signal = {"name": payload["name"], "payload": payload["payload"]}
    with session.no_autoflush:
        writer = TurnWriter(engine, session, engine.clock.now())
        if instance.status == InstanceStatus.SUSPENDED:
            due = instance.suspended_at or writer.at
            writer.work(instance, "message", due, {**signal, "signal": True})
        elif instance.status in OPEN_STATUSES:
            run = load_run(writer, instance)
            writer.line(instance, "signal", detail={"name": payload["name"]})
            advance(run, [SignalArrived(at=run.at, **signal)])
        writer.write()


def start(engine: "Engine", session: Session, payload: Mapping[str, Any]) -> None:
    """Start an instance at a start event that waits for the signal."""
    start_by_event(
        engine, session, version_id=int(payload["version_id"]), process_id=payload["process_id"],
        element_id=payload["start"], definition=int(payload["definition"]), variables=payload["payload"],
    )  # fmt: skip


def subscribed_instances(session: Session, name: str, *, after: int = 0, limit: int = CHUNK) -> list[int]:
    """Return instances that wait for a signal now, by id, beginning after one of them."""
    query = select(Subscription.instance_id).where(
        Subscription.name == name, Subscription.instance_id > after, Subscription.kind == SIGNAL
    )
    return list(session.scalars(query.distinct().order_by(Subscription.instance_id).limit(limit)))


def _subscribed(session: Session, errand: Errand, after: int) -> list[int]:
    sent = datetime.fromisoformat(errand.payload["at"])
    query = select(Subscription.instance_id).where(
        Subscription.name == errand.payload["name"],
        Subscription.instance_id > after,
        Subscription.kind == SIGNAL,
        Subscription.created_at <= sent,
    )
    if errand.instance_id is not None:
        query = query.where(Subscription.instance_id != errand.instance_id)
    return list(session.scalars(query.distinct().order_by(Subscription.instance_id).limit(CHUNK)))


def _row(kind: str, instance_id: int, now: datetime, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(), "kind": kind, "instance_id": instance_id, "subject": None, "payload": payload, "due": now,
        "problem": None, "created_at": now,
    }  # fmt: skip
