"""Ad-hoc subprocesses: activities that may be done without an order that the drawing gives (BPMN 2.0.2, 13.3.5).

The elements inside without incoming flow are enabled at the start, all together (``ordering="Parallel"``, the rule)
or one after the other in the order of the file (``Sequential``). After every activity the completion condition is
asked. When it holds the subprocess ends, and what is still open is cancelled, unless ``cancelRemainingInstances``
is false: then what is open is done first. When everything was done and the condition does not hold, all are
enabled again. Without a condition the subprocess ends when everything was done.
"""

from typing import TYPE_CHECKING

from engine.definitions.scopes import openings
from engine.interpreter import handlers
from engine.interpreter.activities import SubProcess

if TYPE_CHECKING:
    from engine.definitions.model import Node
    from engine.interpreter.specs import ProcessSpec
    from engine.interpreter.tokens import Token


class AdHocSubProcess(SubProcess):
    """A scope whose activities wait for nobody but the people who do them."""

    def __init__(self, wf_spec: "ProcessSpec", node: "Node") -> None:
        super().__init__(wf_spec, node)
        self.sequential = node.attributes.get("ordering") == "Sequential"
        self.cancels = node.attributes.get("cancelRemainingInstances") != "false"
        self.condition = node.properties.get("completionCondition")
        self.first = [inner.id for inner in openings(wf_spec.process, node.id)]

    def perform(self, token: "Token") -> bool | None:
        """Open a round, or ask again after an activity inside is over."""
        memory, run = token.memory, token.run_
        if "interrupted" in memory:
            return None if run.is_busy(token) else self._close(token)
        if "queue" not in memory:
            self.open_variables(token)
            handlers.open_scope(token)
            self._open_round(token)
            return None if run.is_busy(token) else self._close(token)
        holds = self.condition is not None and ("closing" in memory or run.holds(token, self.condition))
        if holds and self.cancels:
            return self._close(token)
        if holds:
            memory.update(closing=True, queue=[])
        if run.is_busy(token):
            return None
        if memory["queue"]:
            run.place(memory["queue"].pop(0), token)
            return None
        if holds or self.condition is None:
            return self._close(token)
        self._open_round(token)
        return None

    @staticmethod
    def _close(token: "Token") -> bool:
        """End what is still open, and nothing listens inside any more."""
        token.run_.withdraw_all(token, "completion-condition")
        return True

    def _open_round(self, token: "Token") -> None:
        together, token.memory["queue"] = (self.first[:1], self.first[1:]) if self.sequential else (self.first, [])
        for node_id in together:
            token.run_.place(node_id, token)

    def emptied(self, scope: "Token") -> None:
        if not scope.failed:
            scope.run_.enqueue_first(scope)

    def inner_left(self, scope: "Token") -> None:
        if self.condition is not None and scope.memory.get("stage") == "in" and not scope.failed:
            scope.run_.enqueue_first(scope)
