"""Task specs for our own definitions: what every element does when a token comes and when it leaves."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.specs.base import TaskSpec

from engine.definitions.model import Definition, EventDefinition, Flow, Node, Process
from engine.definitions.scopes import openings
from engine.interpreter import beside, stores
from engine.interpreter.compensation import Undoing
from engine.interpreter.contract import Entered
from engine.interpreter.errors import ElementFailed, InterpreterError
from engine.interpreter.reach import Reach
from engine.interpreter.subscriptions import close_gate

if TYPE_CHECKING:
    from engine.interpreter.events import BoundaryEvent, StartEvent
    from engine.interpreter.run import Run
    from engine.interpreter.tokens import Token

_CACHED_SPECS = 256


class NodeSpec(TaskSpec):
    """Base of all elements: enter, perform, store a result, leave by the flows that hold."""

    def __init__(self, wf_spec: "ProcessSpec", node: Node) -> None:
        super().__init__(wf_spec, node.id)
        self.node = node
        self.process_spec = wf_spec
        flows = wf_spec.process.flows
        self.outgoing: list[Flow] = [flows[flow] for flow in node.outgoing]
        self.default = node.attributes.get("default")

    def _predict(self, *_args: Any, **_kwargs: Any) -> None:
        """Nothing is predicted: the forecast for people is made from the drawing, not from tokens."""

    def _run_hook(self, token: "Token") -> bool | None:
        stage = token.memory.get("stage")
        if stage == "leave":
            return True
        if stage == "store":
            result = token.memory["result"]
            self.store(token, result)
            del token.memory["result"]
            token.memory["stage"] = "in"
            return self.after_store(token)
        return self.enter(token)

    def enter(self, token: "Token") -> bool | None:
        """Enter the element, or try it again after an incident. True leaves at once, None waits."""
        self.note_entry(token)
        beside.entered(token)
        return self.perform(token)

    def note_entry(self, token: "Token") -> None:
        if "stage" not in token.memory:
            token.memory["stage"] = "in"
            if "gate" not in token.memory:
                token.run_.emit(Entered(token=token.id, element_id=self.node.id))

    def perform(self, token: "Token") -> bool | None:
        """Do what the element is for. True leaves at once, None waits."""
        return True

    def happened(self, token: "Token", result: Mapping[str, Any]) -> None:
        """What the token waits for happened."""
        close_gate(token)
        token.run_.finish(token, result)

    def store(self, token: "Token", result: Mapping[str, Any]) -> None:
        """Take over the result of a wait; by default it is merged into the variables."""
        token.run_.write(token, result)

    def after_store(self, token: "Token") -> bool | None:
        return True

    def _on_complete_hook(self, token: "Token") -> None:
        token.memory["stage"] = "leave"
        stores.write_outputs(token)
        beside.left(token)
        self.leave(token)

    def leave(self, token: "Token") -> None:
        """Leave the element: one token for every flow that holds, and the scope ends with its last token."""
        run = token.run_
        run.disarm(token)
        flows = self.choose(token)
        run.leave(token)
        for flow in flows:
            beside.taken(token, flow.id)
            run.place(flow.target, token.scope, flow=flow.id)
        run.remove(token)

    def choose(self, token: "Token") -> Sequence[Flow]:
        """Choose the flows to leave by: all without condition, those whose condition is true, or else the default one.

        The default is taken when no condition holds, whatever flows without condition there are beside it.
        """
        if all(flow.condition is None for flow in self.outgoing):
            return [flow for flow in self.outgoing if flow.id != self.default or len(self.outgoing) == 1]
        free = [flow for flow in self.outgoing if flow.condition is None and flow.id != self.default]
        conditional = [flow for flow in self.outgoing if flow.condition is not None and flow.id != self.default]
        chosen = [flow for flow in conditional if self.holds(token, flow)]
        if not chosen and (self.default is not None or not free):
            chosen = list(self.default_or_fail())
        return [*free, *chosen]

    def holds(self, token: "Token", flow: Flow) -> bool:
        return flow.condition is None or token.run_.holds(token, flow.condition)

    def default_or_fail(self) -> Sequence[Flow]:
        for flow in self.outgoing:
            if flow.id == self.default:
                return [flow]
        message = "没有条件成立，也没有默认流向 / No condition holds and there is no default flow"
        raise ElementFailed("no-flow", message)

    def emptied(self, scope: "Token") -> None:
        """The last token inside a scope of this element is gone: it is over, and nothing in it listens any more."""
        scope.run_.withdraw_all(scope, "completed")
        scope.memory["stage"] = "leave"
        scope.run_.enqueue(scope)

    def inner_left(self, scope: "Token") -> None:
        """An activity directly inside a scope of this element was completed."""

    def event(self) -> EventDefinition | None:
        return self.node.events[0] if self.node.events else None


class ScopeSpec(TaskSpec):
    """The process itself: the scope of the outermost tokens."""


class ProcessSpec(WorkflowSpec):
    """A process ready to run: one spec per node, built once per definition."""

    kinds: ClassVar[dict[str, type[NodeSpec]]] = {}
    """Behaviour of each node type; filled in by :mod:`engine.interpreter.kinds`."""

    def __init__(self, definition: Definition, process: Process) -> None:
        super().__init__(process.id)
        self.digest = definition.digest[:16]
        self.process = process
        self.reach = Reach(process)
        self.undoing = Undoing(process)
        self._openings: dict[str, list[str]] = {}
        self.start = ScopeSpec.__new__(ScopeSpec)
        TaskSpec.__init__(self.start, _Unlisted(), "")
        for node in process.nodes.values():
            kind = self.kinds.get(node.type)
            if kind is None:
                raise InterpreterError(f"不能执行元素 {node.type}（{node.id}） / {node.type} is not executed")
            kind(self, node)
        self._handlers: dict[str, list[str]] = {}
        for node in process.nodes.values():
            around = process.nodes.get(node.parent)
            if node.type == "startEvent" and around is not None and around.attributes.get("triggeredByEvent") == "true":
                self._handlers.setdefault(around.parent, []).append(node.id)

    def spec(self, node_id: str) -> NodeSpec:
        """Return the spec of a node. Raises :class:`InterpreterError` for an unknown one."""
        found = self.task_specs.get(node_id)
        if found is None:
            raise InterpreterError(f"图里没有元素“{node_id}” / There is no element {node_id}")
        return cast(NodeSpec, found)

    def openings(self, scope_id: str) -> list[str]:
        """Return the elements that a scope begins with: its start event, or all that nothing leads to."""
        found = self._openings.get(scope_id)
        if found is None:
            found = self._openings[scope_id] = [node.id for node in openings(self.process, scope_id)]
        if not found:
            raise InterpreterError(f"“{scope_id}”没有开始的地方 / Nothing begins {scope_id}")
        return found

    def boundaries(self, node_id: str) -> "list[BoundaryEvent]":
        """Return the boundary events drawn on an activity."""
        return [cast("BoundaryEvent", self.task_specs[other]) for other in self.reach.boundaries(node_id)]

    def handlers(self, scope_id: str) -> "list[StartEvent]":
        """Return the start events of the event subprocesses directly in a scope."""
        return [cast("StartEvent", self.task_specs[start]) for start in self._handlers.get(scope_id, ())]

    def fire_inclusive_joins(self, run: "Run") -> bool:
        """Let every inclusive join go on that nothing can reach any more; False when none could."""
        fired = False
        for (_, node_id), waiting in list(run.arrivals.items()):
            spec = self.task_specs[node_id]
            if spec.node.type in ("inclusiveGateway", "complexGateway") and waiting:
                fired = spec.fire(run.find(waiting[0])) or fired
        return fired


class _Unlisted:
    """Takes the root's registration, so that its name cannot collide with an element's."""

    def _add_notify(self, task_spec: TaskSpec) -> None:
        """Forget it."""


class _Cache:
    """Specs by definition and process, the latest used last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._specs: OrderedDict[tuple[str, str], ProcessSpec] = OrderedDict()

    def get(self, definition: Definition, process_id: str) -> ProcessSpec:
        key = (definition.digest, process_id)
        with self._lock:
            found = self._specs.get(key)
            if found is not None:
                self._specs.move_to_end(key)
                return found
        process = definition.processes.get(process_id)
        if process is None:
            raise InterpreterError(f"图里没有流程“{process_id}” / There is no process {process_id}")
        built = ProcessSpec(definition, process)
        with self._lock:
            self._specs[key] = built
            if len(self._specs) > _CACHED_SPECS:
                self._specs.popitem(last=False)
        return built


_cache = _Cache()


def process_spec(definition: Definition, process_id: str) -> ProcessSpec:
    """Return the spec of a process, built once per definition. Specs are never changed while they run."""
    return _cache.get(definition, process_id)
