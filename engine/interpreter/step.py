"""The way into the interpreter: one stimulus, run until nothing moves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import engine.interpreter.kinds  # noqa: F401  (registers the behaviours)
from engine.definitions.model import Definition
from engine.interpreter import moves
from engine.interpreter.contract import (
    Effect,
    Environment,
    MessageArrived,
    Moved,
    Retried,
    SignalArrived,
    Step,
    Stimulus,
    TimerDropped,
    TimerFired,
    TimerSet,
    VariablesSet,
    WaitCancelled,
    WaitFailed,
    WaitFinished,
    WaitOpened,
)
from engine.interpreter.errors import ElementFailed, InterpreterError, UnknownToken
from engine.interpreter.events import deliver_signal, happened
from engine.interpreter.run import TIMER, Run
from engine.interpreter.snapshot import dump, load
from engine.interpreter.specs import process_spec
from engine.interpreter.values import plain


def start(
    definition: Definition,
    process_id: str,
    variables: Mapping[str, Any],
    environment: Environment,
    *,
    at: datetime,
    start_event: str | None = None,
) -> Step:
    """Start an instance of a process and run it until nothing moves.

    ``start_event`` names the start event that happened; without it the instance begins as
    :func:`engine.definitions.scopes.openings` says.
    """
    spec = process_spec(definition, process_id)
    run = Run(spec, plain(variables), environment, at)
    for node_id in [start_event] if start_event else spec.openings(process_id):
        run.place(node_id, run.root)
    run.settle()
    return _step(run)


def apply(  # noqa: PLR0917  (the contract's order)
    definition: Definition,
    process_id: str,
    snapshot: bytes,
    variables: Mapping[str, Any],
    stimulus: Stimulus,
    environment: Environment,
) -> Step:
    """Handle one stimulus and run until nothing moves. The same arguments always give the same step.

    Raises :class:`UnknownToken` when the wait that the stimulus names is over; a timer or message that nobody waits
    for any more is no error and has no effect.
    """
    run = load(process_spec(definition, process_id), snapshot, variables, environment, stimulus.at)
    _take(run, stimulus)
    run.settle()
    return _step(run)


def _take(run: Run, stimulus: Stimulus) -> None:
    match stimulus:
        case WaitFinished(token=token_id, result=result):
            token = run.find(token_id)
            if token.memory.get("wait") in (None, TIMER):
                raise UnknownToken(token_id)
            token.memory.pop("incident", None)
            happened(run, token, result)
        case WaitFailed(token=token_id, code=code, message=message):
            token = run.find(token_id)
            if "wait" not in token.memory:
                raise UnknownToken(token_id)
            run.fail(token, ElementFailed(code, message))
        case TimerFired(token=token_id):
            if token_id in run.tasks and run.find(token_id).memory.get("wait") == TIMER:
                happened(run, run.find(token_id), {})
        case MessageArrived(name=name, payload=payload, token=token_id):
            _deliver_message(run, name, payload, token_id)
        case SignalArrived(name=name, payload=payload):
            deliver_signal(run, name, payload)
        case Moved():
            moves.move(run, stimulus)
        case VariablesSet(values=values):
            run.variables.update(plain(values))
        case Retried(token=token_id):
            _retry(run, token_id)
        case _:
            raise InterpreterError(f"不认识的事件 {type(stimulus).__name__} / Unknown stimulus")


def _deliver_message(run: Run, name: str, payload: Mapping[str, Any], token_id: str | None) -> None:
    """Give a message to the token named, else to the one that has waited longest for it."""
    for token in run.tokens():
        waits = token.memory.get("wait") in ("message", "receive")
        if waits and token.spec.details.get("name") == name and token_id in (None, token.id):
            happened(run, token, payload)
            return


def _retry(run: Run, token_id: str) -> None:
    """Run a failed element again: an open wait is opened anew under its token, anything else is tried again."""
    token = run.find(token_id)
    if not token.failed:
        raise UnknownToken(token_id)
    token.memory.pop("incident", None)
    token.memory.pop("wait", None)
    run.enqueue(token)


def _step(run: Run) -> Step:
    return Step(snapshot=dump(run), variables=run.variables, effects=_without_passing(run.effects))


def _without_passing(effects: list[Effect]) -> tuple[Effect, ...]:
    """Leave out timers and waits that were opened and dropped within the step: nobody need write them."""
    opened = {effect.token for effect in effects if isinstance(effect, TimerSet | WaitOpened)}
    dropped = {e.token for e in effects if isinstance(e, TimerDropped | WaitCancelled) and e.token in opened}
    return tuple(
        effect
        for effect in effects
        if not (isinstance(effect, TimerSet | WaitOpened | TimerDropped | WaitCancelled) and effect.token in dropped)
    )
