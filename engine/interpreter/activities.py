"""Activities: tasks and embedded subprocesses."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from engine.interpreter import beside, compensation, conditions, data, handlers, loops, multi, stores
from engine.interpreter.contract import DecisionMade, Thrown, WaitKind
from engine.interpreter.correlation import carried
from engine.interpreter.errors import ElementFailed, LeftToOthers
from engine.interpreter.shapes import shaped
from engine.interpreter.specs import NodeSpec
from engine.interpreter.subscriptions import resolved_name, wait_for
from engine.interpreter.values import plain

if TYPE_CHECKING:
    from engine.definitions.model import MultiInstance, Node
    from engine.interpreter.specs import ProcessSpec
    from engine.interpreter.tokens import Token


class Activity(NodeSpec):
    """An activity: boundary events are armed while it is open, and it may be multi-instance."""

    def __init__(self, wf_spec: "ProcessSpec", node: "Node") -> None:
        super().__init__(wf_spec, node)
        self.loop = loops.loop_of(node)

    def multi_instance(self) -> "MultiInstance | None":
        """Return the multi-instance characteristics that are run inside the instance."""
        return self.node.multi

    def enter(self, token: "Token") -> bool | None:
        self.note_entry(token)
        many = self.multi_instance()
        if "item" not in token.memory:
            if many is not None:
                return multi.open_body(self, token, many)
            if self.loop is not None and "round" not in token.memory:
                return loops.open_loop(self, token, self.loop)
            self.arm(token)
        beside.entered(token)
        done = self.perform(token)
        if done and token.id in token.run_.attached:
            conditions.check(token.run_)
        return done if token.id in token.run_.tasks else None

    def localise(self, token: "Token") -> dict[str, Any]:
        """Let the inside of the activity see its inputs; returns them."""
        token.memory.pop("given", None)
        inputs = data.inputs_of(token, self.node)
        if inputs:
            token.memory["given"] = inputs
        return inputs

    def arm(self, token: "Token") -> None:
        """Let the boundary events listen, unless they do."""
        if token.id in token.run_.attached:
            return
        for boundary in self.process_spec.boundaries(self.node.id):
            boundary.arm(token)

    def _on_complete_hook(self, token: "Token") -> None:
        token.memory["stage"] = "leave"
        many = self.multi_instance()
        if "total" not in token.memory:
            stores.write_outputs(token)
        beside.left(token)
        if "item" in token.memory and many is not None:
            multi.item_done(self, token, many)
        elif "item" in token.memory and self.loop is not None:
            loops.round_done(self, token, self.loop)
        else:
            scope = token.scope
            self.leave(token)
            compensation.keep(token, scope)
            if not scope.is_root:
                scope.spec.inner_left(scope)

    def keep_result(self, token: "Token", result: Any) -> None:
        """Take over a result: through the mapped outputs, else under the result variable, else merged as it is.

        What the mapped outputs do not mention is dropped. Data outputs copy from the result beside that.
        """
        run = token.run_
        seen = dict(result) if isinstance(result, Mapping) else {}
        outputs = data.outputs_of(token, self.node, {**seen, "result": result})
        if self.node.outputs:
            run.write(token, outputs)
            return
        if "resultVariable" in self.node.properties:
            run.write(token, {self.node.properties["resultVariable"]: result})
        elif isinstance(result, Mapping):
            run.write(token, result)
        elif result is not None and not outputs:
            message = "结果没有存放的变量 / The result has no variable to go to"
            raise ElementFailed("no-result-variable", message)
        run.write(token, outputs)

    def keep_answer(self, token: "Token", answer: Mapping[str, Any]) -> None:
        """Take over what somebody outside answered: a result variable gets the entry of its name, else all of it."""
        name = self.node.properties.get("resultVariable")
        if name is None or self.node.outputs:
            self.keep_result(token, answer)
        elif answer:
            token.run_.write(token, answer if name in answer else {name: answer})


class PassingTask(Activity):
    """A task without a type: done as soon as it is reached."""

    def perform(self, token: "Token") -> bool | None:
        if data.has_outputs(self.node):
            self.localise(token)
            token.run_.write(token, data.outputs_of(token, self.node, {}))
        return True


class WaitingTask(Activity):
    """A task that somebody outside completes. What it writes goes through the outputs where their names are mapped."""

    kind: ClassVar[WaitKind] = WaitKind.USER

    def perform(self, token: "Token") -> bool | None:
        self.localise(token)
        token.run_.wait(token, self.kind)
        return None

    def store(self, token: "Token", result: Mapping[str, Any]) -> None:
        outputs = data.outputs_of(token, self.node, result)
        token.run_.write(token, {**{key: value for key, value in result.items() if key not in outputs}, **outputs})


class ManualTask(WaitingTask):
    """Work that is only ticked off."""

    kind = WaitKind.MANUAL


class ServiceTask(Activity):
    """A service: the turn evaluates its inputs and calls it; the result comes back as a stimulus."""

    def perform(self, token: "Token") -> bool | None:
        attributes = self.node.attributes
        token.run_.wait(token, WaitKind.SERVICE, attributes.get("duban:service") or attributes.get("camunda:topic"))
        return None

    def store(self, token: "Token", result: Mapping[str, Any]) -> None:
        self.keep_answer(token, result)


class SendTask(ServiceTask):
    """Sends a message, by a service when it names one."""

    def perform(self, token: "Token") -> bool | None:
        if "duban:service" in self.node.attributes:
            return super().perform(token)
        event = self.event()
        if event is not None:
            name, payload = resolved_name(token, event), self.localise(token)
            correlation = carried(token, event, name, payload)
            token.run_.emit(
                Thrown(
                    kind="message", name=name, payload=payload, element_id=self.node.id, correlation=correlation
                )
            )  # fmt: skip
        token.run_.write(token, data.outputs_of(token, self.node, {}))
        return True


class ReceiveTask(Activity):
    """Waits for a message."""

    def perform(self, token: "Token") -> bool | None:
        event = self.event()
        if event is None:
            token.run_.wait(token, WaitKind.RECEIVE)
        else:
            wait_for(token, event, WaitKind.RECEIVE)
        return None

    def store(self, token: "Token", result: Mapping[str, Any]) -> None:
        self.keep_result(token, result)


class ScriptTask(Activity):
    """FEEL with a result variable, or JavaScript, in the sandbox."""

    def perform(self, token: "Token") -> bool | None:
        run = token.run_
        properties = self.node.properties
        text = properties.get("script", "")
        self.localise(token)
        view = run.view(token)
        replaced = run.environment.replace_script(self.node.id, properties.get("scriptFormat", ""), text, view)
        if replaced is not None:
            run.write(token, {**plain(replaced), **data.outputs_of(token, self.node, replaced)})
            return True
        if properties.get("scriptFormat", "feel").lower() == "feel":
            self.keep_result(token, plain(run.environment.evaluate(text, view)))
        else:
            result = plain(run.environment.run_script("javascript", text, view))
            name = properties.get("resultVariable")
            self.keep_result(token, result[name] if name and name in result else result)
        return True


class BusinessRuleTask(Activity):
    """A decision of the package; what it went by is recorded."""

    def perform(self, token: "Token") -> bool | None:
        run = token.run_
        reference = self.node.properties.get("decisionRef", "")
        self.localise(token)
        try:
            decision = run.environment.decide(reference, run.view(token))
        except LeftToOthers:
            run.wait(token, WaitKind.SERVICE, reference)
            return None
        outputs = shaped(plain(decision.outputs), decision.names, self.node.properties.get("mapDecisionResult"))
        self.keep_result(token, outputs)
        run.emit(
            DecisionMade(
                element_id=self.node.id,
                decision=reference,
                inputs=plain(decision.inputs),
                rules=decision.rules,
                outputs=outputs,
                steps=decision.steps,
            )
        )
        return True

    def store(self, token: "Token", result: Mapping[str, Any]) -> None:
        self.keep_answer(token, result)


class SubProcess(Activity):
    """An embedded subprocess: a scope for its own tokens. Its mapped inputs and its data objects are its own."""

    def perform(self, token: "Token") -> bool | None:
        self.open_variables(token)
        run = token.run_
        handlers.open_scope(token)
        if trigger := token.memory.pop("trigger", None):
            run.occur(trigger["start"], token, trigger["result"])
            return None
        for node_id in self.process_spec.openings(self.node.id):
            run.place(node_id, token)
        return None

    def open_variables(self, token: "Token") -> None:
        """Give the scope the variables that are its own."""
        token.memory.pop("own", None)
        own = {**self.process_spec.process.initial.get(self.node.id, {}), **data.inputs_of(token, self.node)}
        if own:
            token.memory["own"] = own

    def _on_complete_hook(self, token: "Token") -> None:
        if data.has_outputs(self.node) and "total" not in token.memory:
            outputs = data.outputs_of(token, self.node, {})
            token.memory.pop("own", None)
            token.run_.write(token, outputs)
        super()._on_complete_hook(token)


class Transaction(SubProcess):
    """A subprocess that a cancel end event gives up: it is compensated, and goes on at its cancel boundary event."""
