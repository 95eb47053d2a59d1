"""Gateways: exclusive, parallel, inclusive, complex, event-based."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.definitions.model import Flow
from engine.interpreter.specs import NodeSpec

if TYPE_CHECKING:
    from engine.interpreter.tokens import Token


class ExclusiveGateway(NodeSpec):
    """The first flow whose condition is true, in the order of the drawing's file; else one without, or the default."""

    def choose(self, token: "Token") -> Sequence[Flow]:
        if len(self.outgoing) == 1 and self.outgoing[0].condition is None:
            return self.outgoing
        others = [flow for flow in self.outgoing if flow.id != self.default]
        for flow in sorted(others, key=lambda flow: flow.condition is None):
            if self.holds(token, flow):
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

    def can_still_come(self, token: "Token", arrived: "Sequence[Token]", filled: set[str]) -> bool:
        """Say whether a token that is not here yet can come to a flow that is not filled (table 13.3)."""
        here = {other.id for other in arrived}
        others = {t.spec.node.id for t in token.scope.inner if t.id not in here and "detached" not in t.memory}
        reach = self.process_spec.reach
        leading_here = set().union(*(reach.upstream(flow, self.node.id) for flow in filled))
        return any(
            flow not in filled and others & (reach.upstream(flow, self.node.id) - leading_here)
            for flow in self.node.incoming
        )

    def merge(self, arrived: "Sequence[Token]") -> "Token":
        """Take one token off every flow and go on as one."""
        by_flow: dict[str, Token] = {}
        for token in arrived:
            by_flow.setdefault(token.memory["flow"], token)
        first, *others = by_flow.values()
        first.memory.pop("flow")
        first.memory.pop("incident", None)
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
        if self.can_still_come(token, arrived, {other.memory["flow"] for other in arrived}):
            return False
        run.enqueue(self.merge(arrived))
        return True

    def choose(self, token: "Token") -> Sequence[Flow]:
        if len(self.outgoing) == 1:
            return self.outgoing
        chosen = [flow for flow in self.outgoing if flow.id != self.default and self.holds(token, flow)]
        return chosen or self.default_or_fail()


class ComplexGateway(JoiningGateway):
    """Splits like an inclusive gateway; joins as soon as its activation condition holds (BPMN 2.0.2, table 13.5).

    ``activationCount`` is the number of incoming flows that hold a token. After it has gone on, a *keeper* stays
    until the flows that were not filled brought their token, or nothing can come to them any more; then the
    gateway starts anew. What comes late is taken off and leads nowhere, but to outgoing flows whose condition
    asks for ``waitingForStart``, which is then false.
    """

    def join(self, token: "Token") -> bool | None:
        run = token.run_
        if "over" in token.memory:
            self._reset(token)
            return None
        arrived = run.arrive(token)
        keeper = next((other for other in arrived if "received" in other.memory), None)
        if keeper is None:
            return self._start(token, arrived)
        received = keeper.memory["received"]
        if token.memory["flow"] not in received:
            received.append(token.memory["flow"])
            run.remove(token)
            if len(received) == len(self.node.incoming):
                self._end_round(keeper)
        return None

    def _start(self, token: "Token", arrived: "Sequence[Token]") -> bool | None:
        """Go on when the condition holds, with one token off every flow that has one."""
        run = token.run_
        filled = {other.memory["flow"]: other for other in reversed(arrived)}
        condition = self.node.properties.get("activationCondition", "false")
        if not run.holds(token, condition, {"activationCount": len(filled), "waitingForStart": True}):
            return None
        if len(filled) < len(self.node.incoming):
            keeper = run.place(self.node.id, token.scope, flow="", received=list(filled))
            keeper.set_waiting()
            run.arrive(keeper)
        for other in filled.values():
            if other.failed:
                run.withdraw(other, "joined")
            elif other.id != token.id:
                run.remove(other)
        run.forget_arrival(token)
        token.memory.pop("flow")
        return super(JoiningGateway, self).enter(token)

    def fire(self, token: "Token") -> bool:
        """Start anew when nothing can come any more; asked when nothing else moves."""
        arrived = token.run_.arrive(token)
        keeper = next((other for other in arrived if "received" in other.memory), None)
        if keeper is None or "over" in keeper.memory:
            return False
        if self.can_still_come(token, arrived, set(keeper.memory["received"])):
            return False
        self._end_round(keeper)
        return True

    @staticmethod
    def _end_round(keeper: "Token") -> None:
        keeper.memory["over"] = True
        keeper.run_.enqueue(keeper)

    def _reset(self, keeper: "Token") -> None:
        run, scope = keeper.run_, keeper.scope
        late = {"waitingForStart": False, "activationCount": len(keeper.memory["received"])}
        asking = [flow for flow in self.outgoing if flow.condition and "waitingForStart" in flow.condition]
        chosen = [flow for flow in asking if run.holds(keeper, flow.condition or "", late)]
        for flow in chosen:
            run.place(flow.target, scope, flow=flow.id)
        waiting = [other for other in run.arrive(keeper) if other.id != keeper.id]
        run.remove(keeper)
        for other in waiting:
            run.forget_arrival(other)
            run.enqueue(other)

    def choose(self, token: "Token") -> Sequence[Flow]:
        if all(flow.condition is None for flow in self.outgoing):
            return self.outgoing
        start = {"waitingForStart": True}
        chosen = [
            flow
            for flow in self.outgoing
            if flow.id != self.default and (flow.condition is None or token.run_.holds(token, flow.condition, start))
        ]
        return chosen or self.default_or_fail()


class EventBasedGateway(NodeSpec):
    """The events behind it wait side by side; the first one wins and the others are dropped.

    One that starts the process (``instantiate``) has its first event behind it already. A parallel one
    (``eventGatewayType``), which only exists at a start, lets all its events happen (BPMN 2.0.2, 10.6.6).
    """

    def leave(self, token: "Token") -> None:
        run, begun = token.run_, token.memory.get("begun")
        parallel = self.node.attributes.get("eventGatewayType") == "Parallel"
        run.leave(token)
        for flow in self.outgoing:
            if flow.target == begun:
                run.occur(begun, token.scope, {})
            elif parallel:
                run.place(flow.target, token.scope, flow=flow.id)
            elif begun is None:
                run.place(flow.target, token.scope, flow=flow.id, gate=token.id)
        run.remove(token)
