"""The turn: the one way through (architecture.md). Lock, load, apply, write, commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import interpreter
from engine.errors import Conflict, NotAllowed, NotFound, Stale
from engine.instances.effects import handle_effects
from engine.instances.models import OPEN_STATUSES, Instance, InstanceStatus
from engine.instances.run import Run, load_run
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import Effect, Step, Stimulus
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

MOST_STIMULI = 20_000
"""Stimuli that one turn may cause by itself; more is a loop without a wait."""


@dataclass(frozen=True, slots=True)
class TurnReport:
    """What a turn did. ``rings`` says that work is due at once: ring the bell after the commit."""

    instance_id: int
    version: int
    status: str
    effects: tuple[Effect, ...]
    rings: bool


def turn(
    engine: "Engine",
    session: Session,
    instance_id: int,
    stimulus: Stimulus,
    *,
    expected_version: int | None = None,
) -> TurnReport:
    """Handle one stimulus of one instance in the caller's transaction.

    Raises :class:`NotFound`, :class:`Stale` for another version than expected and :class:`NotAllowed` for an
    instance that is over or suspended.
    """
    with session.no_autoflush:
        instance = lock_instance(session, instance_id)
        if expected_version is not None and instance.version != expected_version:
            raise Stale(say("流程已经前进，请刷新后再操作"))
        require_open(instance)
        writer = TurnWriter(engine, session, stimulus.at)
        run = advance(load_run(writer, instance), [stimulus])
        writer.write()
    return report_of(run)


def lock_instance(session: Session, instance_id: int) -> Instance:
    """Lock an instance's row until the transaction ends (on SQLite the transaction itself is the lock)."""
    query = select(Instance).where(Instance.id == instance_id).with_for_update()
    instance = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if instance is None:
        raise NotFound(say("没有这个流程实例"))
    return instance


def require_open(instance: Instance) -> None:
    """Refuse to move an instance that is suspended or over, with a sentence."""
    if instance.status == InstanceStatus.SUSPENDED:
        raise Conflict(say("流程已挂起，恢复后才能继续"))
    if instance.status not in OPEN_STATUSES:
        raise Conflict(say("流程已经结束"))


def begin(run: Run, *, start_event: str | None = None, start_definition: int | None = None) -> Run:
    """Start a new instance: run it to its first waits."""
    run.writer.begin(run.instance)
    run.writer.line(
        run.instance, "start", actor_id=run.instance.initiator_id, to_state=InstanceStatus.RUNNING,
        detail={"process": run.instance.process_id, "title": run.instance.title},
    )  # fmt: skip
    step = interpreter.start(
        run.definition,
        run.process.id,
        run.variables,
        run.environment,
        at=run.at,
        start_event=start_event,
        start_definition=start_definition,
    )
    run.writer.tell("instance_started", run.instance)
    _take(run, step)
    return advance(run, ())


def advance(run: Run, stimuli: Sequence[Stimulus]) -> Run:
    """Apply stimuli, and those that their effects cause, until nothing moves. The instance's row is locked."""
    run.queue.extend(stimuli)
    applied = 0
    while run.queue and run.instance.status in OPEN_STATUSES:
        applied += 1
        if applied > MOST_STIMULI:
            raise NotAllowed(say("流程在一步之内循环不止，请检查流程图"))
        stimulus = run.queue.popleft()
        _take(
            run,
            interpreter.apply(
                run.definition, run.process.id, run.instance.snapshot, run.variables, stimulus, run.environment
            ),
        )
    run.instance.version += 1
    run.writer.touch(run.instance)
    return run


def _take(run: Run, step: Step) -> None:
    run.instance.snapshot = step.snapshot
    run.variables = dict(step.variables)
    if run.variables != run.instance.variables:
        run.instance.variables = run.variables
    run.effects.extend(step.effects)
    handle_effects(run, step.effects)


def report_of(run: Run) -> TurnReport:
    """Say what a run did."""
    instance = run.instance
    return TurnReport(instance.id, instance.version, instance.status, tuple(run.effects), run.writer.rings)
