"""Who catches: event subprocesses, and the way of an error or an escalation outwards to the innermost catcher.

While a scope is open, each of its event subprocesses that waits for something (a timer, a message, a signal, a
condition) has a *listener*: a token at its start event, in the scope itself. Listeners do not keep a scope open.
Errors and escalations need none: their catchers are looked up when they come (BPMN 2.0.2, 10.5.6 and 13.5.4).

What the standard leaves open is done as Camunda 7 does: a catcher with the code comes before one for all codes, and
an escalation that nobody catches changes nothing; and as Camunda 8 does: a scope that an event subprocess has
interrupted catches nothing any more, what that event subprocess raises goes to whoever is around the scope.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from engine.interpreter.contract import Uncaught

if TYPE_CHECKING:
    from engine.definitions.model import EventDefinition
    from engine.interpreter.run import Run
    from engine.interpreter.specs import NodeSpec
    from engine.interpreter.tokens import Token


@dataclass(frozen=True, slots=True)
class Raised:
    """An error or an escalation on its way outwards."""

    kind: str
    code: str
    message: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)

    def values(self, details: Mapping[str, str]) -> dict[str, Any]:
        """Return what the catcher sets: the payload, code and message under the names that it gives them."""
        named = {
            details[key]: value
            for key, value in (
                (f"{self.kind}CodeVariable", self.code),
                (f"{self.kind}MessageVariable", self.message),
                ("codeVariable", self.code),
                ("messageVariable", self.message),
            )
            if key in details
        }
        return {**self.payload, **named}

    def caught_by(self, event: "EventDefinition") -> bool:
        return event.kind == self.kind and event.details.get("code") == self.code

    def caught_by_all(self, event: "EventDefinition") -> bool:
        return event.kind == self.kind and "code" not in event.details


class Catcher(Protocol):
    """A boundary event, or the start of an event subprocess."""

    node: Any

    def catch(self, host: "Token", raised: Raised, event: "EventDefinition") -> None:
        """Take what was raised inside the host."""


def open_scope(scope: "Token") -> None:
    """Let the event subprocesses of a scope that has just been opened listen."""
    run = scope.run_
    for start in run.process_spec.handlers(scope_id(scope)):
        if start.listened:
            listener = run.place(start.node.id, scope, listener=True)
            listener.set_waiting()
            run.attempt(listener, partial(start.listen, listener))


def only_adds(token: "Token") -> bool:
    """Say whether a token only waits to start something beside what goes on: it helps nobody who waits."""
    listener = token.scope if "event" in token.memory else token
    return "listener" in listener.memory and listener.spec.node.attributes.get("isInterrupting") == "false"


def scope_id(scope: "Token") -> str:
    """Return the id of the process or subprocess that a scope is an instance of."""
    return str(scope.run_.process_spec.process.id if scope.is_root else scope.task_spec.name)


def begin(scope: "Token", start: "NodeSpec", result: Mapping[str, Any], *, interrupting: bool) -> None:
    """Start an event subprocess in a scope: instead of all that goes on in it, or beside it."""
    run, handler = scope.run_, start.node.parent
    if interrupting:
        run.withdraw_all(scope, f"interrupted:{handler}")
        scope.memory["interrupted"] = True
    run.place(handler, scope, trigger={"start": start.node.id, "result": dict(result)})


def catch(run: "Run", token: "Token", raised: Raised) -> bool:
    """Give an error or escalation to the innermost catcher around a token; False when there is none."""
    found = find(run, token, raised)
    if found is None:
        return False
    catcher, host, event = found
    catcher.catch(host, raised, event)
    return True


def find(run: "Run", token: "Token", raised: Raised) -> "tuple[Catcher, Token, EventDefinition] | None":
    """Return the innermost catcher around a token, the activity or scope that it catches for, and its definition.

    At each level the boundary events of the activity come before the event subprocesses of the scope around it.
    An event subprocess does not catch what is raised inside it.
    """
    at, is_open = token, token.memory.get("stage") != "leave"
    while not at.is_root:
        on_edge = run.process_spec.boundaries(at.task_spec.name) if is_open and "item" not in at.memory else []
        if found := _matching(on_edge, raised):
            return found[0], at, found[1]
        is_open, inner, at = True, at, at.scope
        if "total" in at.memory or "interrupted" in at.memory:
            continue
        starts = [
            start for start in run.process_spec.handlers(scope_id(at)) if start.node.parent != inner.task_spec.name
        ]
        if found := _matching(starts, raised):
            return found[0], at, found[1]
    return None


def _matching(catchers: "Iterable[Catcher]", raised: Raised) -> "tuple[Catcher, EventDefinition] | None":
    """Return the first catcher with this code, else the first one for all codes."""
    events = [(catcher, event) for catcher in catchers for event in catcher.node.events]
    for matches in (raised.caught_by, raised.caught_by_all):
        for catcher, event in events:
            if matches(event):
                return catcher, event
    return None


def escalate(run: "Run", token: "Token", code: str, payload: Mapping[str, Any]) -> None:
    """Raise an escalation at a token: unlike an error it may be caught by nobody, and then all goes on."""
    if not catch(run, token, Raised("escalation", code, payload=payload)):
        run.emit(Uncaught(kind="escalation", code=code, element_id=token.spec.node.id, payload=payload))
