"""A tree as a BPMN file."""

from itertools import pairwise

from engine.definitions.model import Definition
from tests.support.drawing import draw, node, timer
from tests.support.structured.tree import (
    And,
    Block,
    First,
    Guarded,
    Loop,
    Many,
    Or,
    Pass,
    Repeat,
    Seq,
    Stop,
    Sub,
    Task,
    Throw,
    Xor,
    goes_on,
)

MESSAGE = '<messageEventDefinition messageRef="M"/>'
ROOTS = '<message id="M" name="m"/><error id="R1" errorCode="E1"/><error id="R2" errorCode="E2"/>'
EVENTS = {"timer": timer("PT1H"), "message": MESSAGE}
ERRORS = {
    "": '<errorEventDefinition id="{}"/>',
    "E1": '<errorEventDefinition errorRef="R1"/>',
    "E2": '<errorEventDefinition errorRef="R2"/>',
}

Ends = tuple[str, str | None]
"""Where a block is entered, and where it is left, if ever."""


def painted(tree: Sub) -> Definition:
    """Return the process ``P`` that a tree stands for."""
    painter = Painter()
    painter.inside(tree, "n")
    return draw("".join(painter.elements), ROOTS)


class Painter:
    """Collects the elements of one scope."""

    def __init__(self) -> None:
        self.elements: list[str] = []

    def add(self, tag: str, name: str, inner: str = "", **attributes: str) -> str:
        self.elements.append(node(tag, name, inner, **attributes))
        return name

    def flow(self, source: str, target: str, condition: str = "") -> None:
        body = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        flow = node("sequenceFlow", f"{source}-{target}", body, sourceRef=source, targetRef=target)
        self.elements.append(flow)

    def inside(self, sub: Sub, name: str) -> None:
        """Draw what is inside a scope."""
        entry, way_out = self.block(sub.body, f"{name}_0")
        self.flow(self.add("startEvent", f"{name}_s"), entry)
        if way_out is not None:
            self.flow(way_out, self.add("endEvent", f"{name}_e"))
        for number, handler in enumerate(sub.handlers):
            self._handler(handler.body, handler.interrupting, f"{name}_h_{number}")

    def _handler(self, body: Block, interrupting: bool, name: str) -> None:
        inner = Painter()
        entry, way_out = inner.block(body, name)
        start = inner.add("startEvent", f"{name}_on", MESSAGE, isInterrupting=str(interrupting).lower())
        inner.flow(start, entry)
        if way_out is not None:
            inner.flow(way_out, inner.add("endEvent", f"{name}_end"))
        self.add("subProcess", f"{name}_es", "".join(inner.elements), triggeredByEvent="true")

    def block(self, block: Block, name: str) -> Ends:
        match block:
            case Task() | Pass() | Sub() | Many() | Repeat():
                return self._activity(block, name), name
            case Seq(parts):
                return self._sequence(parts, name)
            case Xor(branches, _) | Or(branches, _):
                return self._choice(block, branches, name)
            case And(branches):
                return self._parallel(branches, name)
            case Loop(body):
                return self._loop(body, name)
            case Guarded():
                return self._guarded(block, name)
            case First():
                return self._first(block, name)
            case Throw() | Stop():
                return self._end(block, name)

    def _activity(self, block: Task | Pass | Sub | Many | Repeat, name: str, around: str = "") -> str:
        match block:
            case Many(inner, count, sequential):
                kind = f'isSequential="{str(sequential).lower()}"><loopCardinality>{count}</loopCardinality'
                element = "multiInstanceLoopCharacteristics"
                return self._activity(inner, name, f"<{element} {kind}></{element}>")
            case Repeat(inner, times):
                return self._activity(inner, name, f'<standardLoopCharacteristics loopMaximum="{times}"/>')
            case Sub():
                inside = Painter()
                inside.inside(block, name)
                return self.add("subProcess", name, around + "".join(inside.elements))
            case Task():
                return self.add("userTask", name, around)
            case Pass():
                return self.add("task", name, around)

    def _sequence(self, parts: tuple[Block, ...], name: str) -> Ends:
        drawn = [self.block(part, f"{name}_{number}") for number, part in enumerate(parts)]
        for (_, way_out), (entry, _) in pairwise(drawn):
            assert way_out is not None
            self.flow(way_out, entry)
        return drawn[0][0], drawn[-1][1]

    def _choice(self, block: Xor | Or, branches: tuple[Block, ...], name: str) -> Ends:
        kind = "exclusiveGateway" if isinstance(block, Xor) else "inclusiveGateway"
        drawn = [self.block(branch, f"{name}_{number}") for number, branch in enumerate(branches)]
        split = self.add(kind, f"{name}_split", default=f"{name}_split-{drawn[0][0]}")
        for number, (entry, _) in enumerate(drawn):
            condition = f"chosen_{name} = {number}" if isinstance(block, Xor) else f"taken_{name}_{number}"
            self.flow(split, entry, condition if number else "")
        return split, self._merge(kind, drawn, f"{name}_merge")

    def _merge(self, kind: str, drawn: list[Ends], name: str) -> str | None:
        ways = [way_out for _, way_out in drawn if way_out is not None]
        if not ways:
            return None
        self.add(kind, name)
        for way_out in ways:
            self.flow(way_out, name)
        return name

    def _parallel(self, branches: tuple[Block, ...], name: str) -> Ends:
        drawn = [self.block(branch, f"{name}_{number}") for number, branch in enumerate(branches)]
        split = self.add("parallelGateway", f"{name}_split")
        for entry, _ in drawn:
            self.flow(split, entry)
        if goes_on(And(branches)):
            return split, self._merge("parallelGateway", drawn, f"{name}_merge")
        for number, (_, way_out) in enumerate(drawn):
            if way_out is not None:
                self.flow(way_out, self.add("endEvent", f"{name}_end_{number}"))
        return split, None

    def _loop(self, body: Block, name: str) -> Ends:
        entry, way_out = self.block(body, f"{name}_0")
        assert way_out is not None
        again, more = self.add("exclusiveGateway", f"{name}_again"), f"{name}_more"
        ask = self.add("userTask", f"{name}_ask")
        self.add("exclusiveGateway", more, default=f"{more}-{name}_out")
        self.add("task", f"{name}_out")
        for source, target in ((again, entry), (way_out, ask), (ask, more), (more, f"{name}_out")):
            self.flow(source, target)
        self.flow(more, again, f"again_{name}")
        return again, f"{name}_out"

    def _guarded(self, block: Guarded, name: str) -> Ends:
        host = self._activity(block.host, f"{name}_0")
        ways: list[Ends] = [(host, host)]
        for number, edge in enumerate(block.edges):
            edge_name = f"{name}_b_{number}"
            event = EVENTS.get(edge.kind) or ERRORS[edge.code].format(f"{edge_name}_all")
            on = self.add("boundaryEvent", f"{edge_name}_on", event, attachedToRef=host,
                          cancelActivity=str(edge.interrupting).lower())  # fmt: skip
            entry, way_out = self.block(edge.body, edge_name)
            self.flow(on, entry)
            if edge.interrupting:
                ways.append((entry, way_out))
            else:
                assert way_out is not None
                self.flow(way_out, self.add("endEvent", f"{edge_name}_end"))
        return host, self._merge("exclusiveGateway", ways, f"{name}_merge")

    def _first(self, block: First, name: str) -> Ends:
        gateway = self.add("eventBasedGateway", f"{name}_split")
        drawn = []
        for number, (kind, branch) in enumerate(block.branches):
            event = self.add("intermediateCatchEvent", f"{name}_on_{number}", EVENTS[kind])
            self.flow(gateway, event)
            drawn.append(self.block(branch, f"{name}_{number}"))
            self.flow(event, drawn[-1][0])
        return gateway, self._merge("exclusiveGateway", drawn, f"{name}_merge")

    def _end(self, block: Throw | Stop, name: str) -> Ends:
        event = ERRORS[block.code] if isinstance(block, Throw) else "<terminateEventDefinition/>"
        self.flow(self.add("userTask", name), self.add("endEvent", f"{name}_end", event))
        return name, None
