"""Moves the timers and deadlines of running instances when the days that they hang on have moved.

Each instance takes its new variables in a turn of its own, so that nobody's lock is waited for while another is held.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, case, insert, or_, select, update
from sqlalchemy.orm import Session

from engine.instances.fanout import LIVING
from engine.instances.models import Instance, InstanceStatus
from engine.instances.relisting import ERRAND, relist, speaks_of, tell
from engine.instances.turns import advance, lock_instance
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import VariablesSet
from engine.store import new_id
from engine.tasks.models import Activation, Slot
from engine.work.errands import add_errand
from engine.work.models import Errand, Work

if TYPE_CHECKING:
    from engine.instances.run import Run
    from engine.runtime import Engine

KIND = "reschedule"
STATEMENT = 5_000
"""Instances of one statement."""


def request_reschedule(
    session: Session,
    *,
    root_id: int,
    locked: Sequence[int],
    variables: Mapping[str, Any],
    actor_id: int,
    reason: str,
    at: datetime,
) -> None:
    """Let every living instance below a root take new values for variables that it has.

    ``locked`` are those of :func:`lock_living`. A suspended one takes them when it is resumed. Those that were made
    while the locks were waited for are told by errands; those that a parent makes before it has taken the values
    itself are told by it.
    """
    if not locked:
        return
    payload = {"variables": dict(variables), "actor_id": actor_id, "reason": reason}
    rows = [
        {
            "id": new_id(),
            "instance_id": one,
            "kind": KIND,
            "payload": payload,
            "due": at,
            "attempt": 0,
            "created_at": at,
        }
        for one in locked
    ]
    session.execute(insert(Work), rows)
    for late in set(session.scalars(_living(root_id))).difference(locked):
        about = {"instance_id": late, "payload": payload}
        add_errand(session, kind=ERRAND, due=at, at=at, payload=about, instance_id=root_id)
    earlier = case((or_(Instance.next_due.is_(None), Instance.next_due > at), at), else_=Instance.next_due)
    for start in range(0, len(locked), STATEMENT):
        some = Instance.id.in_(locked[start : start + STATEMENT])
        statement = update(Instance).where(some, Instance.status != InstanceStatus.SUSPENDED).values(next_due=earlier)
        session.execute(statement, execution_options={"synchronize_session": False})


def lock_living(session: Session, root_id: int) -> list[int]:
    """Lock every living instance below a root until the transaction ends; returns their ids.

    Children before those that called them, as every turn does: a turn that ends a child waits for its parent.
    """
    return list(session.scalars(_living(root_id).order_by(Instance.id.desc()).with_for_update()))


def _living(root_id: int) -> Select[int]:
    return select(Instance.id).where(Instance.root_id == root_id, Instance.status.in_(LIVING))


def reschedule(run: "Run", work: Work) -> None:
    """Take the new values, then set again what is due by them: date timers, deadlines that are expressions, lists."""
    known = run.instance.variables
    wanted = work.payload["variables"]
    values = {name: value for name, value in wanted.items() if name in known and known[name] != value}
    if not values:
        return
    advance(run, [VariablesSet(at=run.at, values=values)])
    cause = {name: work.payload[name] for name in ("actor_id", "reason")}
    moved = [*_timers(run, values), *_deadlines(run, values), *relist(run, values, cause)]
    made_since = None if work.payload.get("pass_on") else work.created_at
    _pass_on(run, {**cause, "variables": wanted}, made_since=made_since)
    run.writer.line(
        run.instance,
        KIND,
        actor_id=work.payload["actor_id"],
        opinion=work.payload["reason"],
        detail={"variables": values, "moved": moved},
    )


def _timers(run: "Run", values: Mapping[str, Any]) -> list[str]:
    query = select(Work).where(Work.instance_id == run.instance.id, Work.kind == "timer", Work.token.is_not(None))
    moved = []
    for timer in run.session.scalars(query).all():
        element_id = str(timer.payload.get("element_id"))
        text = next((event.details["date"] for event in run.node(element_id).events if "date" in event.details), "")
        if not speaks_of(text, values):
            continue
        due = run.environment.due("date", text, run.variables, run.at)
        if due != timer.due:
            token = str(timer.token)
            run.writer.drop(run.instance, token)
            run.writer.work(run.instance, "timer", due, timer.payload, token)
            moved.append(element_id)
    return moved


def _deadlines(run: "Run", values: Mapping[str, Any]) -> list[str]:
    from engine.tasks.opening import set_deadlines

    query = select(Activation).where(Activation.instance_id == run.instance.id, Activation.closed_at.is_(None))
    moved = []
    for activation in run.session.scalars(query).all():
        extended = activation.settings.get("extension") == "agreed"
        if extended or not speaks_of(str(activation.settings.get("due") or ""), values):
            continue
        before = activation.due
        run.writer.drop(run.instance, activation.token)
        activation.warn_at = activation.overdue_at = None
        set_deadlines(run, activation)
        if activation.due == before:
            continue
        statement = update(Slot).where(Slot.activation_id == activation.id, Slot.closed_at.is_(None))
        run.session.execute(statement.values(due=activation.due), execution_options={"synchronize_session": False})
        moved.append(activation.element_id)
    return moved


def _pass_on(run: "Run", payload: Mapping[str, Any], *, made_since: datetime | None) -> None:
    """Tell children: all of them, or those that this instance made of its old values since an instant."""
    query = select(Instance.id).where(Instance.parent_id == run.instance.id, Instance.status.in_(LIVING))
    if made_since is not None:
        query = query.where(Instance.created_at >= made_since)
    for child in run.session.scalars(query):
        tell(run, child, payload)


def perform_errand(engine: "Engine", session: Session, errand: Errand) -> None:
    """Give an instance that still lives the work that :func:`reschedule` does."""
    instance = lock_instance(session, int(errand.payload["instance_id"]))
    if instance.status not in LIVING:
        return
    writer = TurnWriter(engine, session, engine.clock.now())
    writer.work(instance, KIND, writer.at, errand.payload["payload"])
    writer.write()
