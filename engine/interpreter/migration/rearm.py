"""What listens after a migration: what is new begins to, what is gone stops.

An event is new when the mapping leads to it from no event of the source: one that is spent stays so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from engine.interpreter import handlers
from engine.interpreter.activities import Activity, SubProcess
from engine.interpreter.contract import Entered, TimerDropped, WaitCancelled, Withdrawn
from engine.interpreter.run import Run
from engine.interpreter.tokens import NOT_INSIDE, TIMER, Token

MIGRATED = "migrated"
"""Reason of what a migration takes away."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A token that is not taken over."""

    token: str
    element_id: str
    memory: Mapping[str, Any]


def rearm(run: Run, elements: Mapping[str, str], dropped: Sequence[Dropped], *, created: Collection[str]) -> None:
    """End the waits of what is dropped, open the created scopes, and let new events listen."""
    for one in dropped:
        _end(run, one)
    known = set(elements.values()) - {elements.get(one.element_id) for one in dropped}
    for token_id in created:
        _open(run, run.find(token_id))
    for token in list(run.tokens()):
        if token.id not in created and _is_open_activity(token):
            if "item" not in token.memory:
                _arm_boundaries(token, known)
            _open_handlers(token, known)
    _open_handlers(run.root, known)
    _open_gates(run, known)
    _complete_joins(run)


def _end(run: Run, one: Dropped) -> None:
    wait = one.memory.get("wait")
    if wait == TIMER:
        run.emit(TimerDropped(token=one.token))
    elif wait is not None or "incident" in one.memory:
        run.emit(WaitCancelled(token=one.token, element_id=one.element_id, reason=MIGRATED))
    if "stage" in one.memory and NOT_INSIDE.isdisjoint(one.memory):
        run.emit(Withdrawn(token=one.token, element_id=one.element_id, reason=MIGRATED))


def _open(run: Run, scope: Token) -> None:
    """Open a scope around what goes on already."""
    spec = cast(SubProcess, scope.spec)
    run.emit(Entered(token=scope.id, element_id=spec.node.id))
    spec.arm(scope)
    spec.open_variables(scope)
    handlers.open_scope(scope)


def _is_open_activity(token: Token) -> bool:
    """Say whether a token is at an activity that goes on; one that failed before it waited is not open yet."""
    going_on = token.memory.get("stage") == "in" and (not token.failed or "wait" in token.memory)
    return isinstance(token.spec, Activity) and going_on


def _arm_boundaries(host: Token, known: Collection[str]) -> None:
    """Let new boundary events listen; one that cannot is an incident of its own."""
    run = host.run_
    for boundary in run.process_spec.boundaries(host.spec.node.id):
        if boundary.listened and boundary.node.id not in known:
            token = run.place(boundary.node.id, host.scope)
            token.set_waiting()
            run.attach(token, host.id)
            run.attempt(token, partial(boundary.listen, token))


def _open_handlers(scope: Token, known: Collection[str]) -> None:
    """Let event subprocesses listen that are new in an open scope."""
    run = scope.run_
    if "interrupted" in scope.memory or "total" in scope.memory:
        return
    for start in run.process_spec.handlers(handlers.scope_id(scope)):
        if start.listened and start.node.id not in known:
            listener = run.place(start.node.id, scope, listener=True)
            listener.set_waiting()
            run.attempt(listener, partial(start.listen, listener))


def _open_gates(run: Run, known: Collection[str]) -> None:
    """Let events wait that are new behind an event-based gateway at which an instance stands."""
    process = run.process_spec.process
    stood: dict[str, Token] = {}
    for token in run.tokens():
        if "gate" in token.memory:
            stood.setdefault(token.memory["gate"], token)
    for gate, token in stood.items():
        sources = [process.nodes[process.flows[flow].source] for flow in token.spec.node.incoming]
        behind = [flow for node in sources if node.type == "eventBasedGateway" for flow in node.outgoing]
        for flow in (process.flows[one] for one in behind):
            if flow.target not in known:
                run.place(flow.target, token.scope, flow=flow.id, gate=gate)


def _complete_joins(run: Run) -> None:
    """Let a parallel join go on that has all it waits for in this drawing, also one that waited in vain before."""
    for waiting in list(run.arrivals.values()):
        tokens = [run.find(token_id) for token_id in waiting]
        node = tokens[0].spec.node
        if node.type != "parallelGateway" or not {one.memory["flow"] for one in tokens}.issuperset(node.incoming):
            continue
        for token in tokens:
            if token.memory.pop("incident", None) is not None:
                run.emit(WaitCancelled(token=token.id, element_id=node.id, reason=MIGRATED))
            run.enqueue(token)
