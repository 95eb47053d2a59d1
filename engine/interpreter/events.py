"""Events that catch: start, intermediate and boundary events (BPMN 2.0.2, 10.5 and 13.5).

An event with several definitions happens with the first of them, or, drawn as parallel multiple, when all of them
have happened; their payloads are then put together in the order of the drawing. One that goes on listening beside
what it started (a boundary event or an event subprocess that does not interrupt) can happen again and again, a timer
without a cycle aside, which happens once.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from engine.definitions.model import EventDefinition
from engine.interpreter import data, handlers, timers
from engine.interpreter.contract import Entered, WaitCancelled
from engine.interpreter.specs import NodeSpec
from engine.interpreter.subscriptions import LISTENING, close_gate, definition, subscribe
from engine.interpreter.tokens import TIMER

if TYPE_CHECKING:
    from engine.definitions.model import Node
    from engine.interpreter.handlers import Raised
    from engine.interpreter.specs import ProcessSpec
    from engine.interpreter.tokens import Token


class EventSpec(NodeSpec):
    """An event with its definitions."""

    def defined(self, kind: str) -> EventDefinition | None:
        """Return the first definition of a kind."""
        return next((event for event in self.node.events if event.kind == kind), None)


class CatchingSpec(EventSpec):
    """An event that waits for its definitions: for one of them, or for all."""

    def __init__(self, wf_spec: "ProcessSpec", node: "Node") -> None:
        super().__init__(wf_spec, node)
        self.listened = [index for index, event in enumerate(node.events) if event.kind in LISTENING]
        self.parallel = node.attributes.get("parallelMultiple") == "true" and len(node.events) > 1

    def listen(self, token: "Token", without: Collection[int] = ()) -> None:
        """Begin to wait for every definition but those that have happened already."""
        run = token.run_
        run.withdraw_all(token, "retried")
        if len(self.node.events) == 1:
            subscribe(token)
            return
        for index in self.listened:
            if index not in without:
                subscription = run.place(self.node.id, token, event=index)
                subscription.set_waiting()
                subscribe(subscription)

    def enter(self, token: "Token") -> bool | None:
        """Enter the event; what only listens, and is tried again after an incident, listens again."""
        if "event" in token.memory:
            subscribe(token)
        elif "host" in token.memory or "listener" in token.memory:
            self.listen(token)
        else:
            return super().enter(token)
        return None

    def happened(self, token: "Token", result: Mapping[str, Any]) -> None:
        """A definition happened: so did the event, unless it waits for others too."""
        whole = token.scope if "event" in token.memory else token
        if token.memory.get("wait") == TIMER:
            del token.memory["wait"]
        if self.parallel:
            self._keep(token, result)
            heard = [inner.memory.get("heard") for inner in whole.inner]
            if None in heard:
                return
            result = {key: value for values in heard if values is not None for key, value in values.items()}
        self.fire(whole, token, result)

    @staticmethod
    def _keep(subscription: "Token", result: Mapping[str, Any]) -> None:
        """Close a subscription, and keep what came until the others have happened."""
        if subscription.memory.pop("wait", None) is not None:
            closed = WaitCancelled(token=subscription.id, element_id=subscription.spec.node.id, reason="happened")
            subscription.run_.emit(closed)
        subscription.memory["heard"] = dict(result)

    def fire(self, token: "Token", heard: "Token", result: Mapping[str, Any]) -> None:
        """The event happened, the last of its definitions at ``heard``: go on from it."""
        close_gate(token)
        token.run_.withdraw_all(token, "happened")
        token.run_.finish(token, result)

    def again(self, token: "Token", heard: "Token") -> None:
        """Go on listening, as long as the event can happen again."""
        run = token.run_
        if self.parallel:
            if not all(self._listens_again(inner) for inner in token.inner):
                self.stop(token)
            return
        if self._is_spent(heard):
            if heard.id != token.id:
                run.withdraw(heard, "happened")
            if not token.inner:
                self.stop(token)

    def _listens_again(self, subscription: "Token") -> bool:
        del subscription.memory["heard"]
        if self._is_spent(subscription):
            return False
        if (event := definition(subscription)) is not None and event.kind != "timer":
            subscribe(subscription)
        return True

    @staticmethod
    def _is_spent(subscription: "Token") -> bool:
        """Set a timer for its next round; True when it has none."""
        event = definition(subscription)
        return event is not None and event.kind == "timer" and not timers.set_next(subscription, event)

    def stop(self, token: "Token") -> None:
        """Listen no more, though what was listened for goes on."""
        token.run_.withdraw_all(token, "spent")
        token.run_.remove(token)

    def store(self, token: "Token", result: Mapping[str, Any]) -> None:
        """Take over what came with the event: through the mapped outputs, else merged as it is.

        Data outputs copy from it beside that: the entry of their name, else all that came. Mapped inputs are seen by
        the outputs.
        """
        run = token.run_
        whole = {one.source: dict(result) for one in self.node.data_outputs if one.source and result}
        seen = {**whole, **data.inputs_of(token, self.node), **result}
        outputs = data.outputs_of(token, self.node, seen)
        run.write(token, outputs if self.node.outputs else {**result, **outputs})


class StartEvent(CatchingSpec):
    """Where a scope begins; what triggers it has happened by then. In an event subprocess it listens beforehand."""

    def __init__(self, wf_spec: "ProcessSpec", node: "Node") -> None:
        super().__init__(wf_spec, node)
        self.interrupting = node.attributes.get("isInterrupting") != "false"

    def perform(self, token: "Token") -> bool | None:
        """Go on, unless the event is a parallel multiple one of which only some definitions have happened."""
        if "begun" not in token.memory:
            return True
        self.listen(token, token.memory.pop("begun"))
        return None if token.inner else True

    def fire(self, token: "Token", heard: "Token", result: Mapping[str, Any]) -> None:
        if "listener" not in token.memory:
            super().fire(token, heard, result)
            return
        handlers.begin(token.scope, self, result, interrupting=self.interrupting)
        if not self.interrupting:
            self.again(token, heard)

    def catch(self, host: "Token", raised: "Raised", event: EventDefinition) -> None:
        """Take what was raised in the scope."""
        handlers.begin(host, self, raised.values(event.details), interrupting=self.interrupting)


class CatchEvent(CatchingSpec):
    """An intermediate event that waits. Behind an event-based gateway it is entered when it happens."""

    def perform(self, token: "Token") -> bool | None:
        if not self.listened:
            return True
        self.listen(token)
        return None


class BoundaryEvent(CatchingSpec):
    """An event on the edge of an activity. For errors, escalations, cancel and compensation it holds no token."""

    def __init__(self, wf_spec: "ProcessSpec", node: "Node") -> None:
        super().__init__(wf_spec, node)
        self.interrupting = node.attributes.get("cancelActivity") != "false"

    def arm(self, host: "Token") -> None:
        """Wait while the activity is open, for whatever can be waited for."""
        if not self.listened:
            return
        run = host.run_
        token = run.place(self.node.id, host.scope)
        token.set_waiting()
        run.attach(token, host.id)
        self.listen(token)

    def fire(self, token: "Token", heard: "Token", result: Mapping[str, Any]) -> None:
        """The event happened: interrupt the activity, or start a branch beside it."""
        run = token.run_
        host = run.find(token.memory["host"])
        if not self.interrupting:
            run.occur(self.node.id, token.scope, result)
            self.again(token, heard)
            return
        del token.memory["host"]
        run.attached[host.id].remove(token.id)
        run.withdraw(host, f"interrupted:{self.node.id}")
        run.withdraw_all(token, "happened")
        run.emit(Entered(token=token.id, element_id=self.node.id))
        run.finish(token, result)

    def stop(self, token: "Token") -> None:
        token.run_.attached[token.memory["host"]].remove(token.id)
        super().stop(token)

    def catch(self, host: "Token", raised: "Raised", event: EventDefinition) -> None:
        """Take what was raised by the activity: it ends and the process goes on here, or this begins beside it."""
        values = raised.values(event.details)
        if self.interrupting:
            self.follow(host, f"{raised.kind}:{raised.code}", values)
        else:
            host.run_.occur(self.node.id, host.scope, values)

    def follow(self, host: "Token", reason: str, values: Mapping[str, Any]) -> None:
        """End the activity, all its items included, and go on here."""
        while "item" in host.memory:
            host = host.scope
        run, scope = host.run_, host.scope
        run.withdraw(host, reason)
        run.occur(self.node.id, scope, values)
