"""The way into the interpreter: one stimulus, run until nothing moves."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial, singledispatch
from typing import Any

import engine.interpreter.kinds  # noqa: F401  (registers the behaviours)
from engine.definitions.model import Definition
from engine.interpreter import handlers, moves, repair, starting
from engine.interpreter.contract import (
    Effect,
    Environment,
    MessageArrived,
    Modified,
    Moved,
    Resolved,
    Retried,
    SignalArrived,
    Step,
    Stimulus,
    TimerDropped,
    TimerFired,
    TimerSet,
    VariablesSet,
    WaitCancelled,
    WaitEscalated,
    WaitFailed,
    WaitFinished,
    WaitOpened,
)
from engine.interpreter.errors import BpmnError, ElementFailed, ErrorThrown, InterpreterError, UnknownToken
from engine.interpreter.run import Run
from engine.interpreter.snapshot import dump, load
from engine.interpreter.specs import process_spec
from engine.interpreter.subscriptions import deliver_message, deliver_signal
from engine.interpreter.tokens import TIMER, Token
from engine.interpreter.values import plain


def start(
    definition: Definition,
    process_id: str,
    variables: Mapping[str, Any],
    environment: Environment,
    *,
    at: datetime,
    start_event: str | None = None,
    start_definition: int | None = None,
) -> Step:
    """Start an instance of a process and run it until nothing moves.

    ``start_event`` names what happened: a start event of the process, or an event or a receive task that starts it;
    without it the process starts by itself (:mod:`engine.interpreter.starting`). ``start_definition`` is the
    index of the event definition that happened first, for a start that waits for all of its definitions.
    """
    spec = process_spec(definition, process_id)
    run = Run(spec, {**spec.process.initial.get(process_id, {}), **plain(variables)}, environment, at)
    starting.begin(run, start_event, start_definition)
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
    _take(stimulus, run)
    run.settle()
    return _step(run)


def catches(
    definition: Definition, process_id: str, snapshot: bytes, failure: WaitFailed, environment: Environment
) -> bool:
    """Say whether the diagram has a catcher for the failure of a wait; False when the wait is over."""
    run = load(process_spec(definition, process_id), snapshot, {}, environment, failure.at)
    token = run.live(failure.token)
    raised = handlers.Raised("error", failure.code, failure.message)
    return token is not None and handlers.find(run, token, raised) is not None


@singledispatch
def _take(stimulus: Stimulus, run: Run) -> None:
    """Let a stimulus happen; what it sets in motion has still to run."""
    raise InterpreterError(f"不认识的事件 {type(stimulus).__name__} / Unknown stimulus")


@_take.register
def _(stimulus: WaitFinished, run: Run) -> None:
    token = run.find(stimulus.token)
    if token.memory.get("wait") in (None, TIMER):
        raise UnknownToken(stimulus.token)
    token.memory.pop("incident", None)
    run.attempt(token, partial(token.spec.happened, token, stimulus.result))


@_take.register
def _(stimulus: WaitFailed, run: Run) -> None:
    token = run.find(stimulus.token)
    if "wait" not in token.memory:
        raise UnknownToken(stimulus.token)
    _fail(run, token, stimulus)


@_take.register
def _(stimulus: WaitEscalated, run: Run) -> None:
    token = run.live(stimulus.token)
    if token is not None and "wait" in token.memory:
        handlers.escalate(run, token, stimulus.code, plain(stimulus.payload))


@_take.register
def _(stimulus: TimerFired, run: Run) -> None:
    token = run.live(stimulus.token)
    if token is not None and token.memory.get("wait") == TIMER:
        run.attempt(token, partial(token.spec.happened, token, {}))


@_take.register
def _(stimulus: MessageArrived, run: Run) -> None:
    deliver_message(run, stimulus.name, stimulus.payload, stimulus.token)


@_take.register
def _(stimulus: SignalArrived, run: Run) -> None:
    deliver_signal(run, stimulus.name, stimulus.payload)


@_take.register
def _(stimulus: Moved, run: Run) -> None:
    moves.move(run, stimulus)


@_take.register
def _(stimulus: Modified, run: Run) -> None:
    repair.modify(run, stimulus)


@_take.register
def _(stimulus: Resolved, run: Run) -> None:
    repair.resolve(run, stimulus)


@_take.register
def _(stimulus: VariablesSet, run: Run) -> None:
    run.write(run.root, stimulus.values)


@_take.register
def _(stimulus: Retried, run: Run) -> None:
    """Run a failed element again: an open wait is opened anew under its token, anything else is tried again."""
    token = run.find(stimulus.token)
    if not token.failed:
        raise UnknownToken(stimulus.token)
    token.memory.pop("incident", None)
    token.memory.pop("wait", None)
    run.enqueue(token)


def _fail(run: Run, token: Token, failure: WaitFailed) -> None:
    """Let a wait end with an error. That of a called process is thrown on when nobody catches it here either."""

    def throw() -> None:
        raise ErrorThrown(failure.code, failure.message)

    if failure.technical:
        run.fail(token, ElementFailed(failure.code, failure.message))
    elif token.spec.node.type == "callActivity":
        run.attempt(token, throw)
    else:
        run.fail(token, BpmnError(failure.code, failure.message))


def _step(run: Run) -> Step:
    return Step(snapshot=dump(run), variables=run.variables, effects=without_passing(run.effects))


def without_passing(effects: list[Effect]) -> tuple[Effect, ...]:
    """Leave out timers and waits that were opened and dropped within the step: nobody need write them."""
    kept: dict[int, Effect] = dict(enumerate(effects))
    opened: dict[str, int] = {}
    for index, effect in enumerate(effects):
        if isinstance(effect, TimerSet | WaitOpened):
            opened[effect.token] = index
        elif isinstance(effect, TimerDropped | WaitCancelled) and effect.token in opened:
            del kept[index], kept[opened.pop(effect.token)]
    return tuple(kept.values())
