"""What the background does for an instance: one function a kind of work (the drain calls it for each due row)."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine.instances import batches, fanout, lifecycle
from engine.instances.models import OPEN_STATUSES, Incident, Instance, InstanceStatus
from engine.instances.retries import describe, try_later
from engine.instances.run import Run, load_run
from engine.instances.services import (
    PreparedCall,
    finish,
    finish_external,
    key_of,
    prepare_external,
    run_internal,
    runs_inside,
)
from engine.instances.turns import advance, lock_instance
from engine.instances.writer import TurnWriter
from engine.interpreter import catches
from engine.interpreter.contract import MessageArrived, Retried, SignalArrived, TimerFired, WaitEscalated, WaitFailed
from engine.interpreter.errors import BpmnError
from engine.work.errors import LostAnswer
from engine.work.models import ADMINISTRATIVE, Errand, Work

if TYPE_CHECKING:
    from engine.runtime import Engine

__all__ = [
    "PreparedCall", "finish_external", "may_go_together", "note_failure", "perform_errand", "perform_together",
    "perform_work", "prepare_external", "record_errand_failure", "record_failure",
]  # fmt: skip


def perform_work(engine: "Engine", session: Session, instance: Instance, work: Work) -> None:
    """Do one piece of work in the transaction that locked the instance. The row is already deleted.

    Work of an instance that is over is dropped, that of a suspended one waits; what operators want is done always.
    """
    writer = TurnWriter(engine, session, engine.clock.now())
    with session.no_autoflush:
        writer.touch(instance)
        if work.kind in ADMINISTRATIVE:
            _ADMINISTRATORS[work.kind](writer, instance, work)
        elif instance.status == InstanceStatus.SUSPENDED:
            writer.work(instance, work.kind, work.due, work.payload, work.token)
        elif instance.status in OPEN_STATUSES:
            _PERFORMERS[work.kind](load_run(writer, instance), work)
        writer.write()


def may_go_together(engine: "Engine", session: Session, instance: Instance, work: Work) -> bool:
    """Say whether a piece of work may share its transaction with that of other instances.

    Nothing may that calls the outside, that operators want, or of an instance that is suspended or over; and no
    spawning of children, which fills a transaction by itself.
    """
    if instance.status not in OPEN_STATUSES or work.kind not in _PERFORMERS or work.kind == "spawn":
        return False
    return work.kind != "service" or runs_inside(engine, session, instance, work)


def perform_together(engine: "Engine", session: Session, due: Sequence[tuple[Instance, Work]]) -> None:
    """Do one piece of work of each of some instances, which the transaction has locked, and write all of it at once.

    The rows are already deleted. When one fails, all fail: the caller does them again one by one.
    """
    writer = TurnWriter(engine, session, engine.clock.now())
    with session.no_autoflush:
        for instance, work in due:
            writer.touch(instance)
            _PERFORMERS[work.kind](load_run(writer, instance), work)
        writer.write()


def perform_errand(engine: "Engine", session: Session, errand: Errand) -> None:
    """Do an errand in the transaction that locked it. The row is already deleted."""
    from engine.messages import work

    work.perform_errand(engine, session, errand)


def record_errand_failure(engine: "Engine", errand_id: int, error: Exception) -> None:
    """Turn an errand that failed into an incident, or keep it for an operator, in a transaction of its own."""
    from engine.messages import work

    work.record_errand_failure(engine, errand_id, error)


def record_failure(engine: "Engine", instance_id: int, work_id: int, error: Exception) -> None:
    """Turn work that failed into an incident that an administrator can retry, in a transaction of its own."""
    with engine.db.write() as session, session.no_autoflush:
        instance = lock_instance(session, instance_id)
        work = session.get(Work, work_id)
        if work is None:
            return
        session.expunge(work)
        writer = TurnWriter(engine, session, engine.clock.now())
        writer.done_work.add(work.id)
        writer.touch(instance)
        if work.kind == batches.MEMBER:
            batches.refuse_member(session, work, error)
        else:
            note_failure(writer, instance, work, error)
        writer.write()


def note_failure(writer: TurnWriter, instance: Instance, work: Work, error: Exception) -> None:
    """Let the diagram catch what failed, or try it again later, or write its incident: element, error, what to repeat.

    A BPMN error of a service is caught at once; any other error when its policy repeats the call no more. A call
    whose answer was lost may have been made: that is always an incident.
    """
    if isinstance(error, BpmnError) and _caught(writer, instance, work, error):
        return
    if try_later(writer, instance, work, error) is not None or _caught(writer, instance, work, error):
        return
    code, message = describe(error)
    element_id = work.payload.get("element_id")
    payload = {name: value for name, value in work.payload.items() if name != "failures"}
    if work.kind == "service":
        payload["key"] = key_of(work)
    writer.add(
        Incident(
            instance_id=instance.id, element_id=element_id, token=work.token, code=code, message=message,
            work_kind=work.kind, work_payload=payload, created_at=writer.at,
        )
    )  # fmt: skip
    writer.line(instance, "incident", element_id=element_id, detail={"code": code, "message": message})
    writer.touch(instance)


def _caught(writer: TurnWriter, instance: Instance, work: Work, error: Exception) -> bool:
    """Give the failure of a service to the diagram, if an error event there catches it."""
    if work.kind != "service" or work.token is None or isinstance(error, LostAnswer):
        return False
    if instance.status not in OPEN_STATUSES:
        return False
    run = load_run(writer, instance)
    code, message = describe(error)
    failure = WaitFailed(at=writer.at, token=work.token, code=code, message=message)
    if not catches(run.definition, run.process.id, instance.snapshot, failure, run.environment):
        return False
    advance(run, [failure])
    return True


def _cancel_children(writer: TurnWriter, instance: Instance, work: Work) -> None:
    fanout.cancel_children(writer, instance, work.payload)


def _change_children(writer: TurnWriter, instance: Instance, work: Work) -> None:
    payload = work.payload
    lifecycle.change_children(writer, instance, payload["operation"], int(payload["actor_id"]), payload["reason"])


def _timer(run: Run, work: Work) -> None:
    run.writer.line(run.instance, "timer", element_id=work.payload.get("element_id"), rule="system:timer")
    advance(run, [TimerFired(at=run.at, token=str(work.token))])


def _spawn(run: Run, work: Work) -> None:
    stimuli = fanout.spawn(run, int(work.payload["fanout_id"]))
    if stimuli:
        advance(run, stimuli)


def _join(run: Run, work: Work) -> None:
    stimuli = fanout.join(run, work.payload)
    if stimuli:
        advance(run, stimuli)


def _escalation(run: Run, work: Work) -> None:
    escalated = WaitEscalated(
        at=run.at, token=str(work.token), code=work.payload["code"], payload=work.payload["payload"]
    )
    advance(run, [escalated])


def _message(run: Run, work: Work) -> None:
    payload = work.payload
    if payload.get("signal"):
        advance(run, [SignalArrived(at=run.at, name=payload["name"], payload=payload.get("payload") or {})])
    else:
        message = MessageArrived(
            at=run.at, name=payload["name"], payload=payload.get("payload") or {}, token=work.token
        )
        advance(run, [message])


def _collect(run: Run, work: Work) -> None:
    from engine.messages.work import collect

    collect(run, work)


def _resubscribe(run: Run, work: Work) -> None:
    from engine.messages.work import resubscribe

    resubscribe(run, work)


def _errand(writer: TurnWriter, instance: Instance, work: Work) -> None:
    from engine.messages.work import run_again

    run_again(writer, instance, work)


def _answer(run: Run, work: Work) -> None:
    finish(run, work, work.payload["result"])


def _retry(run: Run, work: Work) -> None:
    advance(run, [Retried(at=run.at, token=str(work.token))])


def _deadline(run: Run, work: Work) -> None:
    from engine.tasks.deadlines import deadline_reached

    deadline_reached(run, int(work.payload["activation_id"]), str(work.payload["phase"]))


def _assign(run: Run, work: Work) -> None:
    from engine.tasks.deadlines import assign_again

    assign_again(run, int(work.payload["activation_id"]))


def _reschedule(run: Run, work: Work) -> None:
    from engine.instances.rescheduling import reschedule

    reschedule(run, work)


def _return(run: Run, work: Work) -> None:
    from engine.tasks.returning_beyond import caller_goes_back

    caller_goes_back(run, str(work.token), work.payload)


_PERFORMERS: dict[str, Callable[[Run, Work], None]] = {
    "timer": _timer,
    "service": run_internal,
    "answer": _answer,
    "spawn": _spawn,
    "join": _join,
    "escalation": _escalation,
    "message": _message,
    "collect": _collect,
    "resubscribe": _resubscribe,
    "retry": _retry,
    "deadline": _deadline,
    "assign": _assign,
    "return": _return,
    "reschedule": _reschedule,
}

_ADMINISTRATORS: dict[str, Callable[[TurnWriter, Instance, Work], None]] = {
    "cancel-children": _cancel_children,
    "errand": _errand,
    lifecycle.CHILDREN: _change_children,
    batches.BATCH: batches.queue_members,
    batches.MEMBER: batches.perform_member,
}
