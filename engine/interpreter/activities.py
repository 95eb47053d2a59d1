"""Activities: tasks, embedded subprocesses, call activities."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from engine.interpreter import compensation, conditions, handlers, loops, multi
from engine.interpreter.contract import ChildrenRequested, DecisionMade, Thrown, WaitKind
from engine.interpreter.errors import ElementFailed, LeftToOthers
from engine.interpreter.specs import NodeSpec
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
        done = self.perform(token)
        if done and token.id in token.run_.attached:
            conditions.check(token.run_)
        return done if token.id in token.run_.tasks else None

    def arm(self, token: "Token") -> None:
        """Let the boundary events listen, unless they do."""
        if token.id in token.run_.attached:
            return
        for boundary in self.process_spec.boundaries(self.node.id):
            boundary.arm(token)

    def _on_complete_hook(self, token: "Token") -> None:
        token.memory["stage"] = "leave"
        many = self.multi_instance()
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
        """Take over a result: through the mapped outputs, else under the result variable, else merged as it is."""
        run = token.run_
        if self.node.outputs:
            seen = dict(result) if isinstance(result, Mapping) else {}
            run.write(token, run.evaluate_all(token, self.node.outputs, {**seen, "result": result}))
        elif "resultVariable" in self.node.properties:
            run.write(token, {self.node.properties["resultVariable"]: result})
        elif isinstance(result, Mapping):
            run.write(token, result)
        elif result is not None:
            message = "结果没有存放的变量 / The result has no variable to go to"
            raise ElementFailed("no-result-variable", message)

    def inputs(self, token: "Token") -> dict[str, Any]:
        return token.run_.evaluate_all(token, self.node.inputs)


class PassingTask(Activity):
    """A task without a type: done as soon as it is reached."""


class WaitingTask(Activity):
    """A task that somebody outside completes."""

    kind: ClassVar[WaitKind] = WaitKind.USER

    def perform(self, token: "Token") -> bool | None:
        token.run_.wait(token, self.kind, inputs=self.inputs(token))
        return None

    def store(self, token: "Token", result: Mapping[str, Any]) -> None:
        if self.node.outputs:
            token.run_.write(token, {key: value for key, value in result.items() if key not in self.node.outputs})
            token.run_.write(token, token.run_.evaluate_all(token, self.node.outputs, result))
        else:
            token.run_.write(token, result)


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
        self.keep_result(token, result)


class SendTask(ServiceTask):
    """Sends a message, by a service when it names one."""

    def perform(self, token: "Token") -> bool | None:
        if "duban:service" in self.node.attributes:
            return super().perform(token)
        event = self.event()
        name = event.details.get("name", "") if event else ""
        token.run_.emit(Thrown(kind="message", name=name, payload=self.inputs(token)))
        return True


class ReceiveTask(Activity):
    """Waits for a message."""

    def perform(self, token: "Token") -> bool | None:
        event = self.event()
        token.run_.wait(token, WaitKind.RECEIVE, event.details.get("name") if event else None)
        return None

    def store(self, token: "Token", result: Mapping[str, Any]) -> None:
        self.keep_result(token, result)


class ScriptTask(Activity):
    """FEEL with a result variable, or JavaScript, in the sandbox."""

    def perform(self, token: "Token") -> bool | None:
        run = token.run_
        properties = self.node.properties
        text = properties.get("script", "")
        view = run.view(token, self.inputs(token))
        replaced = run.environment.replace_script(self.node.id, properties.get("scriptFormat", ""), text, view)
        if replaced is not None:
            run.write(token, plain(replaced))
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
        try:
            decision = run.environment.decide(reference, run.view(token, self.inputs(token)))
        except LeftToOthers:
            run.wait(token, WaitKind.SERVICE, reference)
            return None
        outputs = plain(decision.outputs)
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
        self.keep_result(token, result)


class SubProcess(Activity):
    """An embedded subprocess: a scope for its own tokens."""

    def perform(self, token: "Token") -> bool | None:
        run = token.run_
        handlers.open_scope(token)
        if trigger := token.memory.pop("trigger", None):
            run.occur(trigger["start"], token, trigger["result"])
            return None
        for node_id in self.process_spec.openings(self.node.id):
            run.place(node_id, token)
        return None


class Transaction(SubProcess):
    """A subprocess that a cancel end event gives up: it is compensated, and goes on at its cancel boundary event."""


class CallActivity(Activity):
    """Calls another process: one instance, or one for every item, stored on their own."""

    def multi_instance(self) -> "MultiInstance | None":
        return None

    def perform(self, token: "Token") -> bool | None:
        run, many = token.run_, self.node.multi
        inputs = self.inputs(token)
        if "passAll" in self.node.properties:
            inputs = {**run.view(token), **inputs}
        items = None if many is None else multi.items_of(token, many)
        if items == []:
            self.store(token, {"results": []})
            return True
        token.memory["wait"] = WaitKind.CALL.value
        run.emit(
            ChildrenRequested(
                token=token.id,
                element_id=self.node.id,
                called=self.node.attributes.get("calledElement", ""),
                items=items,
                item_name=many.item_name if many else None,
                inputs=inputs,
                completion_condition=many.completion_condition if many else None,
                sequential=many.sequential if many else False,
            )
        )
        return None

    def store(self, token: "Token", result: Mapping[str, Any]) -> None:
        """Take over what the designer mapped of the children's variables; nothing else comes back."""
        run, many = token.run_, self.node.multi
        values = run.evaluate_all(token, self.node.outputs, result)
        if "returnAll" in self.node.properties and many is None:
            values = {**result, **values}
        if many is not None and many.output_collection:
            results = result.get("results", [])
            item = many.output_item
            values[many.output_collection] = [run.evaluate(token, item, r) for r in results] if item else results
        run.write(token, values)
