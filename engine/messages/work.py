"""What the background does with an errand: one function a kind (the drain calls it in a transaction of its own)."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.instances import relisting
from engine.instances.models import Instance
from engine.instances.rescheduling import perform_errand as perform_reschedule
from engine.instances.run import Run
from engine.instances.turns import lock_instance
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import WaitKind, WaitOpened
from engine.interpreter.waits import open_waits
from engine.messages import broadcast, early
from engine.messages.correlate import correlate, receive, route_early
from engine.messages.early import ROUTE
from engine.messages.message import restored
from engine.messages.models import Subscription
from engine.messages.starts import START_BY_TIMER, register_starts, timer_is_due
from engine.messages.subscriptions import KINDS, subscribe
from engine.messages.throwing import BROADCAST, SEND
from engine.work.models import Errand, Work

if TYPE_CHECKING:
    from engine.runtime import Engine

RETRY = "errand"
"""Kind of the work that an incident's retry makes of a failed errand."""


def perform_errand(engine: "Engine", session: Session, errand: Errand) -> None:
    """Do an errand in the transaction that locked it. The row is already deleted."""
    (_PERFORMERS.get(errand.kind) or engine.errands[errand.kind])(engine, session, errand)


def record_errand_failure(engine: "Engine", errand_id: int, error: Exception) -> None:
    """Make an incident of a failed errand where it was thrown; any other stays, never due, with its problem."""
    from engine.instances.work import note_failure

    with engine.db.write() as session, session.no_autoflush:
        errand = session.get(Errand, errand_id)
        if errand is None:
            return
        if errand.kind not in (SEND, BROADCAST) or errand.instance_id is None:
            problem = f"{type(error).__name__}: {error}"
            session.execute(update(Errand).where(Errand.id == errand_id).values(due=None, problem=problem))
            return
        session.expunge(errand)
        session.execute(delete(Errand).where(Errand.id == errand_id))
        instance = lock_instance(session, errand.instance_id)
        writer = TurnWriter(engine, session, engine.clock.now())
        again = {"element_id": errand.payload.get("element_id"), "kind": errand.kind, "errand": errand.payload}
        note_failure(writer, instance, Work(kind=RETRY, payload=again), error)
        writer.write()


def collect(run: Run, work: Work) -> None:
    """Give an instance the early messages that its wait may have, one in each turn."""
    query = select(Subscription).where(Subscription.instance_id == run.instance.id, Subscription.token == work.token)
    for subscription in run.session.scalars(query.order_by(Subscription.id)).all():
        message = early.take_for(run, subscription)
        if message is None:
            continue
        receive(run, subscription, message)
        if not run.writer.is_unsubscribed(run.instance, subscription.token):
            run.writer.work(run.instance, work.kind, run.at, work.payload, work.token)
        return


def resubscribe(run: Run, _work: Work) -> None:
    """Subscribe an instance of an earlier release, which had no subscriptions, to what it waits for."""
    known = select(Subscription.token).where(Subscription.instance_id == run.instance.id)
    subscribed = set(run.session.scalars(known))
    for wait in open_waits(run.instance.snapshot):
        if wait.kind in KINDS and wait.token not in subscribed:
            events = run.node(wait.element_id).events
            name = wait.name or (events[wait.event].details.get("name") if events else None)
            kind = WaitKind(wait.kind)
            opened = WaitOpened(token=wait.token, element_id=wait.element_id, kind=kind, name=name, scope=wait.scope)
            subscribe(run, opened)


def run_again(writer: TurnWriter, instance: Instance, work: Work) -> None:
    """Do a failed errand again, whatever has become of the instance that it comes from."""
    payload = work.payload
    writer.add(
        Errand(
            kind=payload["kind"], payload=payload["errand"], instance_id=instance.id, due=writer.at,
            created_at=writer.at,
        )
    )  # fmt: skip


def _register(engine: "Engine", session: Session, errand: Errand) -> None:
    version = session.get(PackageVersion, int(errand.payload["version_id"]))
    if version is not None and version.live:
        register_starts(engine, session, engine.packages.get(session, version.id), engine.clock.now())


def _send(engine: "Engine", session: Session, errand: Errand) -> None:
    correlate(engine, session, restored(errand.payload["message"]))


def _route(engine: "Engine", session: Session, errand: Errand) -> None:
    route_early(engine, session, int(errand.payload["early_id"]))


def _start_by_timer(engine: "Engine", session: Session, errand: Errand) -> None:
    due = datetime.fromisoformat(errand.payload["due"])
    timer_is_due(engine, session, int(errand.payload["trigger_id"]), due)


def _reach(engine: "Engine", session: Session, errand: Errand) -> None:
    broadcast.reach(engine, session, errand.payload)


def _start(engine: "Engine", session: Session, errand: Errand) -> None:
    broadcast.start(engine, session, errand.payload)


_PERFORMERS: dict[str, Callable[["Engine", Session, Errand], None]] = {
    SEND: _send,
    ROUTE: _route,
    BROADCAST: broadcast.broadcast,
    broadcast.REACH: _reach,
    broadcast.START: _start,
    START_BY_TIMER: _start_by_timer,
    "register-starts": _register,
    relisting.ERRAND: perform_reschedule,
}
