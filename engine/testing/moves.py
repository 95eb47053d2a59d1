"""Ends waits the way the engine itself does: locked, in one transaction, with the tasks of people closed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.errors import DubanError
from engine.instances.run import load_run
from engine.instances.turns import advance, lock_instance, require_open
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import Stimulus, TimerFired, WaitEscalated, WaitFailed, WaitFinished
from engine.runtime import Engine
from engine.tasks.models import OPEN_STATES, Activation, Slot, SlotState
from engine.tasks.opening import close_activation
from engine.testing.observed import OpenItem
from engine.testing.stage import TESTER


def finish(engine: Engine, item: OpenItem, values: Mapping[str, Any]) -> bool:
    """Complete a wait with values."""
    now = engine.clock.now()
    if item.kind == "timer":
        move(engine, item.instance_id, [TimerFired(at=now, token=item.token)], item)
        return True
    result = dict(values)
    if item.kind == "user task":
        result = {**_outcome(engine, item), **result}
    move(engine, item.instance_id, [WaitFinished(at=now, token=item.token, result=result)], item)
    return True


def fail(engine: Engine, item: OpenItem, error: DubanError) -> bool:
    """End a wait with an error."""
    failed = WaitFailed(at=engine.clock.now(), token=item.token, code=error.code, message=str(error))
    move(engine, item.instance_id, [failed], item)
    return True


def escalate(engine: Engine, item: OpenItem, code: str, payload: Mapping[str, Any]) -> None:
    """Raise an escalation where an item waits."""
    raised = WaitEscalated(at=engine.clock.now(), token=item.token, code=code, payload=dict(payload))
    move(engine, item.instance_id, [raised])


def move(engine: Engine, instance_id: int, stimuli: Sequence[Stimulus], ended: OpenItem | None = None) -> None:
    """Handle stimuli in one turn; ``ended`` is the wait that they end."""
    with engine.db.write() as session, session.no_autoflush:
        instance = lock_instance(session, instance_id)
        require_open(instance)
        writer = TurnWriter(engine, session, engine.clock.now())
        if ended is not None and ended.kind == "timer":
            writer.drop(instance, ended.token)
        if ended is not None and ended.kind == "user task":
            query = select(Activation).where(Activation.instance_id == instance_id, Activation.token == ended.token)
            activation = session.scalars(query.where(Activation.closed_at.is_(None))).one_or_none()
            if activation is not None:
                slots = list(session.scalars(select(Slot).where(Slot.activation_id == activation.id)))
                for slot in slots:
                    if slot.state in OPEN_STATES:
                        slot.state, slot.closed_at, slot.actor_id = SlotState.COMPLETED, writer.at, TESTER
                close_activation(writer, instance, activation, "completed", slots)
        advance(load_run(writer, instance), stimuli)
        writer.write()


def _outcome(engine: Engine, item: OpenItem) -> dict[str, str]:
    """An approval is agreed to unless the suite says otherwise; plain work has no outcome."""
    with engine.db.read() as session:
        query = select(Activation.kind).where(
            Activation.instance_id == item.instance_id, Activation.token == item.token
        )
        return {"outcome": "agreed"} if session.scalar(query) == "approval" else {}
