"""Gateways: exclusive, parallel, inclusive, event-based."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.definitions.model import Flow
from engine.interpreter.specs import NodeSpec

if TYPE_CHECKING:
    from engine.interpreter.run import Token


class ExclusiveGateway(NodeSpec):
    """The first flow whose condition is true, in the order of the drawing's file; else the default."""

    def choose(self, token: "Token") -> Sequence[Flow]:
        if len(self.outgoing) == 1 and self.outgoing[0].condition is None:
            return self.outgoing
        for flow in self.outgoing:
            if flow.id != self.default and self.holds(token, flow):
                return [flow]
        return self.default_or_fail()


class JoiningGateway(NodeSpec):
    """A gateway that may wait for tokens on its other incoming flows."""

    def enter(self, token: "Token") -> bool | None:
        """Wait for the others. A token that came by no flow (moved here by an operation) passes."""
        if "stage" not in token.memory and len(self.node.incoming) > 1 and "flow" in token.memory:
            return self.join(token)
        return super().enter(token)

    def join(self, token: "Token") -> bool | None:
        raise NotImplementedError

    def merge(self, arrived: "Sequence[Token]") -> "Token":
        """Take one token off every flow and go on as one."""
        by_flow: dict[str, Token] = {}
        for token in arrived:
            by_flow.setdefault(token.memory["flow"], token)
        first, *others = by_flow.values()
        first.memory.pop("flow")
        run = first.run_
        for token in others:
            run.remove(token)
        run.arrivals.pop((first.scope.id, self.node.id), None)
        for token in arrived:
            if token not in by_flow.values():
                run.arrive(token)
        return first


class ParallelGateway(JoiningGateway):
    """Waits for one token on every incoming flow; leaves by all flows."""

    def join(self, token: "Token") -> bool | None:
        arrived = token.run_.arrive(token)
        if {other.memory["flow"] for other in arrived}.issuperset(self.node.incoming):
            merged = self.merge(arrived)
            if merged.id == token.id:
                return super().enter(token)
            token.run_.enqueue(merged)
        return None

    def choose(self, token: "Token") -> Sequence[Flow]:
        return self.outgoing


class InclusiveGateway(JoiningGateway):
    """Waits until no other token can come to a flow that has none yet (BPMN 2.0.2, table 13.3)."""

    def join(self, token: "Token") -> bool | None:
        token.run_.arrive(token)
        return None

    def fire(self, token: "Token") -> bool:
        """Go on if nothing can come any more; asked when nothing else moves."""
        run = token.run_
        arrived = run.arrive(token)
        filled = {other.memory["flow"] for other in arrived}
        here = {other.id for other in arrived}
        others = {t.spec.node.id for t in token.scope.inner if t.id not in here}
        reach = run.process_spec.reach
        leading_here = set().union(*(reach.upstream(flow, self.node.id) for flow in filled))
        for flow in self.node.incoming:
            if flow not in filled and others & (reach.upstream(flow, self.node.id) - leading_here):
                return False
        run.enqueue(self.merge(arrived))
        return True

    def choose(self, token: "Token") -> Sequence[Flow]:
        if len(self.outgoing) == 1:
            return self.outgoing
        chosen = [flow for flow in self.outgoing if flow.id != self.default and self.holds(token, flow)]
        return chosen or self.default_or_fail()


class EventBasedGateway(NodeSpec):
    """The events behind it wait side by side; the first one wins and the others are dropped."""

    def choose(self, token: "Token") -> Sequence[Flow]:
        return self.outgoing

    def leave(self, token: "Token") -> None:
        run = token.run_
        run.leave(token)
        for flow in self.outgoing:
            run.place(flow.target, token.scope, flow=flow.id, gate=token.id)
        run.remove(token)
