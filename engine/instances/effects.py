"""What the turn writes for each effect of the interpreter."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import singledispatch
from typing import Any

from sqlalchemy import select

from engine.errors import DubanError
from engine.instances import fanout
from engine.instances.models import Incident, InstanceStatus
from engine.instances.run import Run
from engine.interpreter.contract import (
    ChildrenRequested,
    DecisionMade,
    Effect,
    Ended,
    Entered,
    Failed,
    Left,
    StoreWritten,
    Thrown,
    TimerDropped,
    TimerSet,
    Uncaught,
    WaitCancelled,
    WaitEnded,
    WaitFailed,
    WaitFinished,
    WaitKind,
    WaitOpened,
    Withdrawn,
)
from engine.messages import subscriptions, throwing
from engine.tasks.models import Activation
from engine.tasks.opening import close_cancelled, open_activation

_NEEDS_NOTHING = (WaitKind.CONDITIONAL, WaitKind.CALL)


def handle_effects(run: Run, effects: Sequence[Effect]) -> None:
    """Gather the rows for the effects of one step, in their order."""
    for effect in effects:
        handle(effect, run)
    if run.cancelled:
        _close_cancelled_waits(run)


@singledispatch
def handle(effect: Effect, run: Run) -> None:
    """Gather the rows for one effect."""
    raise NotImplementedError(f"no handler for {type(effect).__name__}")


@handle.register
def _(effect: WaitOpened, run: Run) -> None:
    if effect.kind is WaitKind.USER:
        _open_task(run, effect)
    elif effect.kind.value in run.engine.by_hand or _is_answered_by_hand(effect, run):
        return
    elif effect.kind is WaitKind.SERVICE:
        payload = {"element_id": effect.element_id, "scope": dict(effect.scope)}
        run.writer.work(run.instance, "service", run.at, payload, effect.token)
    elif effect.kind is WaitKind.MANUAL:
        run.pass_by(effect, WaitFinished(at=run.at, token=effect.token))
    elif effect.kind in subscriptions.KINDS:
        subscriptions.subscribe(run, effect)
    else:
        assert effect.kind in _NEEDS_NOTHING


def _is_answered_by_hand(effect: WaitOpened, run: Run) -> bool:
    """Say whether whoever drives the engine answers this very kind of service (dry runs)."""
    if effect.kind is not WaitKind.SERVICE or not run.engine.by_hand:
        return False
    return f"service:{run.node(effect.element_id).attributes.get('duban:service', '')}" in run.engine.by_hand


def _open_task(run: Run, effect: WaitOpened) -> None:
    """Open a human task. What goes wrong with its rules is an error of the element, which the diagram may catch."""
    rounds, reopening = run.instance.rounds, run.reopening
    try:
        with run.writer.taking_back():
            open_activation(run, effect)
    except DubanError as error:
        run.instance.rounds, run.reopening = rounds, reopening
        failure = WaitFailed(at=run.at, token=effect.token, code=error.code, message=str(error), technical=True)
        run.follow(failure)


@handle.register
def _(effect: WaitCancelled, run: Run) -> None:
    run.cancelled[effect.token] = effect.reason
    run.writer.drop(run.instance, effect.token)
    run.writer.settle(run.instance, effect.token)
    subscriptions.unsubscribe(run, effect.token, effect.element_id)
    node = run.process.nodes.get(effect.element_id)
    if node is not None and node.type == "callActivity":
        fanout.cancel(run, [effect.token])


@handle.register
def _(effect: WaitEnded, run: Run) -> None:
    subscriptions.unsubscribe(run, effect.token, effect.element_id)


@handle.register
def _(effect: TimerSet, run: Run) -> None:
    run.writer.work(run.instance, "timer", effect.due, {"element_id": effect.element_id}, effect.token)


@handle.register
def _(effect: TimerDropped, run: Run) -> None:
    run.writer.drop(run.instance, effect.token)


@handle.register
def _(effect: ChildrenRequested, run: Run) -> None:
    if WaitKind.CALL.value in run.engine.by_hand and effect.called not in run.package.processes:
        return
    fanout.request(run, effect)


@handle.register
def _(effect: Thrown, run: Run) -> None:
    run.writer.line(
        run.instance, "throw", element_id=effect.element_id,
        detail={"kind": effect.kind, "name": effect.name, "payload": dict(effect.payload)},
    )  # fmt: skip
    throwing.throw(run, effect)


@handle.register
def _(effect: Uncaught, run: Run) -> None:
    """Note what nothing in the instance caught. An escalation goes to the caller; of an error its end tells it."""
    detail = {"kind": effect.kind, "code": effect.code}
    run.writer.line(run.instance, "uncaught", element_id=effect.element_id, detail=detail)
    if effect.kind == "escalation" and run.instance.fanout_id is not None:
        fanout.child_escalated(run.writer, run.instance, effect.code, effect.payload)


@handle.register
def _(effect: Entered, run: Run) -> None:
    run.writer.line(run.instance, "enter", element_id=effect.element_id)
    run.writer.visits.enter(run.instance, effect.token, effect.element_id)


@handle.register
def _(effect: Left, run: Run) -> None:
    run.writer.line(run.instance, "leave", element_id=effect.element_id)
    run.writer.visits.leave(run.instance, effect.token)
    run.writer.settle(run.instance, effect.token)
    subscriptions.unsubscribe(run, effect.token, effect.element_id)


@handle.register
def _(effect: Withdrawn, run: Run) -> None:
    run.writer.line(run.instance, "withdraw", element_id=effect.element_id, detail={"reason": effect.reason})
    run.writer.visits.leave(run.instance, effect.token, withdrawn=True)


@handle.register
def _(effect: DecisionMade, run: Run) -> None:
    detail: dict[str, Any] = {
        "decision": effect.decision,
        "inputs": plain(effect.inputs),
        "rules": list(effect.rules),
        "outputs": plain(effect.outputs),
    }
    if effect.steps:
        detail["steps"] = [plain(asdict(step)) for step in effect.steps]
    run.writer.line(run.instance, "decide", element_id=effect.element_id, detail=detail)


@handle.register
def _(effect: StoreWritten, run: Run) -> None:
    detail = {"store": effect.store, "key": effect.key, "values": plain(effect.values)}
    run.writer.line(run.instance, "store", element_id=effect.element_id, detail=detail)
    run.writer.stores.write(effect, run.instance.id)


@handle.register
def _(effect: Failed, run: Run) -> None:
    subscriptions.unsubscribe(run, effect.token, effect.element_id)
    run.writer.add(
        Incident(
            instance_id=run.instance.id,
            element_id=effect.element_id,
            token=effect.token,
            code=effect.code,
            message=effect.message,
            created_at=run.at,
        )
    )
    detail = {"code": effect.code, "message": effect.message}
    run.writer.line(run.instance, "incident", element_id=effect.element_id, detail=detail)


@handle.register
def _(effect: Ended, run: Run) -> None:
    instance = run.instance
    status = InstanceStatus.COMPLETED if effect.outcome == "completed" else InstanceStatus.TERMINATED
    run.writer.line(instance, "end", from_state=instance.status, to_state=status, detail={"outcome": effect.outcome})
    instance.status = status
    instance.outcome = effect.code or effect.outcome
    instance.ended_at = run.at
    run.writer.drop_everything(instance, subscriptions=subscriptions.subscribes(run.process))
    run.writer.tell("instance_ended", instance)
    if instance.fanout_id is not None:
        fanout.child_ended(run.writer, instance, error=effect.code if effect.outcome == "error" else None)


def _close_cancelled_waits(run: Run) -> None:
    """Close the human tasks among the waits that were cancelled; those opened in this very turn are not in the db."""
    tokens, run.cancelled = run.cancelled, {}
    fresh = [row for row in run.writer.rows[Activation] if row.instance_id == run.instance.id and row.token in tokens]
    rest = set(tokens).difference(row.token for row in fresh)
    known: list[Activation] = []
    if rest:
        query = select(Activation).where(
            Activation.instance_id == run.instance.id,
            Activation.token.in_(sorted(rest)),
            Activation.closed_at.is_(None),
        )
        known = list(run.session.scalars(query))
    for activation in [*fresh, *known]:
        close_cancelled(run.writer, run.instance, activation, tokens[activation.token])


def plain(value: Any) -> Any:
    """Return JSON values: what FEEL gives may hold durations and decimals."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
