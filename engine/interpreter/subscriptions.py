"""What events wait for. A *subscription* is a token that waits for one event definition.

An event with one definition waits itself; one with several has a subscription for each inside it, so that a stimulus
that names a token is the occurrence of exactly one definition.
"""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.interpreter import timers
from engine.interpreter.contract import Entered, WaitKind
from engine.interpreter.correlation import asked, learn

if TYPE_CHECKING:
    from engine.definitions.model import EventDefinition
    from engine.interpreter.run import Run
    from engine.interpreter.tokens import Token

LISTENING = frozenset({"timer", "message", "signal", "conditional"})
"""Kinds of events that are waited for; the catchers of others are looked up when they come."""


def definition(token: "Token") -> "EventDefinition | None":
    """Return the event definition that a token is about."""
    events = token.spec.node.events
    return events[token.memory.get("event", 0)] if events else None


def name_of(token: "Token") -> str | None:
    """Return the name of the message or signal that a token waits for."""
    event = definition(token)
    return token.memory.get("name") or (event.details.get("name") if event else None)


def resolved_name(token: "Token", event: "EventDefinition") -> str:
    """Return the name of a message or signal; one that begins with ``=`` is FEEL."""
    name = event.details.get("name", "")
    return str(token.run_.evaluate(token, name)) if name.startswith("=") else name


def subscribe(token: "Token") -> None:
    """Begin to wait for a token's event definition."""
    run, event = token.run_, definition(token)
    if event is None:
        return
    if event.kind == "timer":
        timers.set_first(token, event)
        return
    if event.kind == "conditional":
        run.wait(token, WaitKind.CONDITIONAL, event.details.get("condition"))
        return
    wait_for(token, event, WaitKind(event.kind))


def wait_for(token: "Token", event: "EventDefinition", kind: WaitKind) -> None:
    """Wait for a message or a signal."""
    name = resolved_name(token, event)
    if name != event.details.get("name"):
        token.memory["name"] = name
    correlation = asked(token, event, name) if event.kind == "message" else None
    token.run_.wait(token, kind, name, correlation=correlation)


def deliver_message(run: "Run", name: str, payload: Mapping[str, Any], token_id: str | None) -> None:
    """Give a message to the token named, else to the one that has waited longest for it."""
    for token in run.tokens():
        waits = token.memory.get("wait") in ("message", "receive")
        if waits and token_id in (None, token.id) and name_of(token) == name:
            learn(token, name, payload)
            run.attempt(token, partial(token.spec.happened, token, payload))
            return


def deliver_signal(run: "Run", name: str, payload: Mapping[str, Any]) -> None:
    """Wake everything in this instance that waits for the signal now."""
    waiting = [token.id for token in run.tokens() if token.memory.get("wait") == "signal" and name_of(token) == name]
    for token_id in waiting:
        token = run.live(token_id)
        if token is not None and token.memory.get("wait") == "signal":
            run.attempt(token, partial(token.spec.happened, token, payload))


def close_gate(token: "Token") -> None:
    """The first event behind an event-based gateway happened: it is entered, and the others are dropped."""
    run = token.run_
    gate = token.memory.pop("gate", None)
    if gate is None:
        return
    run.emit(Entered(token=token.id, element_id=token.spec.node.id))
    for other in token.scope.inner:
        if other.memory.get("gate") == gate and other.id in run.tasks:
            run.withdraw(other, "gateway")
