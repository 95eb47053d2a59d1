"""Events that throw: intermediate and end events (BPMN 2.0.2, 10.5 and 13.5).

What is thrown is caught at once, so that whatever is there to catch it does so before the token goes on. The event
has happened by then: the history has it as left, even when the catcher takes its token away. Of several definitions
messages, signals and escalations are thrown first, then compensation is waited for, and last comes what ends the
scope.
"""

from typing import TYPE_CHECKING

from engine.interpreter import compensation, data, handlers
from engine.interpreter.contract import Thrown
from engine.interpreter.correlation import carried
from engine.interpreter.errors import ErrorThrown
from engine.interpreter.events import EventSpec
from engine.interpreter.subscriptions import deliver_signal, resolved_name

if TYPE_CHECKING:
    from engine.definitions.model import EventDefinition
    from engine.interpreter.tokens import Token

SENT = frozenset({"message", "signal", "escalation"})


class ThrowingSpec(EventSpec):
    """An event that throws; one that compensates is the scope of the handlers that it waits for."""

    def perform(self, token: "Token") -> bool | None:
        """Throw everything. None when the token waits for compensation, or was taken away by a catcher."""
        if "detached" not in token.memory and not self._send(token):
            return None
        event = self.defined("compensate")
        return self._compensate(token, event) if event else True

    def _send(self, token: "Token") -> bool:
        """Send messages, signals and escalations; False when a catcher took the token away."""
        run = token.run_
        sent = [event for event in self.node.events if event.kind in SENT]
        if not sent:
            return True
        payload = data.inputs_of(token, self.node)
        named = [(event, _name(token, event)) for event in sent]
        run.leave(token)
        for event, name in named:
            correlation = carried(token, event, name, payload) if event.kind == "message" else {}
            run.emit(
                Thrown(kind=event.kind, name=name, payload=payload, element_id=self.node.id, correlation=correlation)
            )
            if event.kind == "signal":
                deliver_signal(run, name, payload)
            elif event.kind == "escalation":
                handlers.escalate(run, token, name, payload)
            if token.id not in run.tasks:
                return False
        return True

    def _compensate(self, token: "Token", event: "EventDefinition") -> bool | None:
        """Undo what the event means, inside its token, or inside another one that nobody waits for."""
        if "detached" not in token.memory and event.details.get("waitForCompletion") == "false":
            token.run_.place(self.node.id, token.scope, stage="in", detached=True)
            return True
        return None if compensation.begin(token, event.details.get("activityRef")) else True

    def emptied(self, scope: "Token") -> None:
        if not compensation.go_on(scope):
            super().emptied(scope)

    def leave(self, token: "Token") -> None:
        if "detached" in token.memory:
            token.run_.remove(token)
        else:
            super().leave(token)


class ThrowEvent(ThrowingSpec):
    """An intermediate event that throws, or nothing but a mark on the way."""

    def leave(self, token: "Token") -> None:
        if self.defined("link") is None:
            super().leave(token)
            return
        run = token.run_
        run.leave(token)
        run.place(self.process_spec.reach.links[self.node.id], token.scope)
        run.remove(token)


class EndEvent(ThrowingSpec):
    """Ends its token; terminate ends the scope, cancel the transaction, an error is thrown out of the scope."""

    def perform(self, token: "Token") -> bool | None:
        if super().perform(token) is None:
            return None
        return None if self.defined("cancel") and compensation.give_up(token) else True

    def leave(self, token: "Token") -> None:
        if error := self.defined("error"):
            token.run_.leave(token)
            code = error.details.get("code", "")
            raise ErrorThrown(code, error.details.get("name") or code)
        if self.defined("cancel"):
            self._end_transaction(token)
        elif self.defined("terminate"):
            self._terminate(token)
        else:
            super().leave(token)

    def _end_transaction(self, token: "Token") -> None:
        scope = token.scope
        token.run_.leave(token)
        boundary = next(b for b in self.process_spec.boundaries(scope.spec.node.id) if b.defined("cancel"))
        boundary.follow(scope, "cancelled", {})

    @staticmethod
    def _terminate(token: "Token") -> None:
        run, scope = token.run_, token.scope
        run.leave(token)
        if scope.is_root:
            run.end("terminated")
            return
        scope.memory["interrupted"] = True
        for other in scope.inner:
            if other.id != token.id and other.id in run.tasks:
                run.withdraw(other, "terminated")
        run.remove(token)


def _name(token: "Token", event: "EventDefinition") -> str:
    """Return the name of a message or signal, the code of an escalation."""
    return event.details.get("code", "") if event.kind == "escalation" else resolved_name(token, event)
