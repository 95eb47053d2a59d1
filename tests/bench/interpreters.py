"""The interpreter alone against bare SpiffWorkflow on the same diagrams: parse, start, step; no database.

Our step is what a turn does: stored snapshot in, one task completed, snapshot out. It is compared with the same of
SpiffWorkflow (its JSON in and out), and for information with completing a task of a workflow that stays in memory.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Protocol

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

from engine.definitions.model import Definition
from engine.definitions.parse import parse_diagram
from engine.interpreter import apply, start
from engine.interpreter.contract import ChildrenRequested, Ended, Step, WaitFinished, WaitOpened
from engine.interpreter.specs import ProcessSpec
from tests.bench.diagrams import document, fan_out_process, linear_process, parallel_process
from tests.bench.measure import Ratio, pair
from tests.support.drawing import FakeEnvironment

PARSED = 30
"""Rounds of parsing at least: where the machine is shared, one alone may meet a pause."""

AT = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)


class Side(Protocol):
    """One of the two that are compared; every method returns seconds."""

    def parse(self) -> float:
        """Read the diagram into what can be executed."""

    def start(self) -> float:
        """Start an instance and run it until nothing moves."""

    def step(self) -> float:
        """Complete one task of the instance; the first one again when it is over."""


class Ours:
    """Our interpreter. Children of a fan-out are instances of their own."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._environment = FakeEnvironment()
        self._definition: Definition = parse_diagram(xml, "bench.bpmn")
        self._open: list[tuple[str, Step]] = []

    def parse(self) -> float:
        begun = time.perf_counter()
        definition = parse_diagram(self._xml, "bench.bpmn")
        for process in definition.processes.values():
            ProcessSpec(definition, process)
        return time.perf_counter() - begun

    def start(self) -> float:
        begun = time.perf_counter()
        self._open = list(self._started("main"))
        return time.perf_counter() - begun

    def _started(self, process_id: str) -> Iterator[tuple[str, Step]]:
        step = start(self._definition, process_id, {}, self._environment, at=AT)
        children = [effect for effect in step.effects if isinstance(effect, ChildrenRequested)]
        if not children:
            yield process_id, step
        for effect in children:
            for _ in effect.items or [None]:
                yield from self._started(effect.called)

    def step(self) -> float:
        if not self._open:
            self.start()
        process_id, before = self._open[-1]
        wait = next(effect for effect in before.effects if isinstance(effect, WaitOpened))
        stimulus = WaitFinished(at=AT, token=wait.token)
        begun = time.perf_counter()
        after = apply(self._definition, process_id, before.snapshot, before.variables, stimulus, self._environment)
        spent = time.perf_counter() - begun
        self._open.pop()
        if not any(isinstance(effect, Ended) for effect in after.effects):
            others = tuple(effect for effect in before.effects if isinstance(effect, WaitOpened) and effect is not wait)
            self._open.append((process_id, Step(after.snapshot, after.variables, others + after.effects)))
        return spent


class Bare:
    """Stock SpiffWorkflow; ``stored`` loads the workflow from JSON before each step and stores it after."""

    def __init__(self, xml: bytes, *, stored: bool) -> None:
        self._xml = xml
        self._stored = stored
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        self._specs = self._parsed()
        self._workflow: BpmnWorkflow | None = None
        self._json = ""

    def _parsed(self) -> tuple[object, object]:
        parser = BpmnParser()
        parser.add_bpmn_str(self._xml)
        return parser.get_spec("main"), parser.get_subprocess_specs("main")

    def parse(self) -> float:
        begun = time.perf_counter()
        self._parsed()
        return time.perf_counter() - begun

    def start(self) -> float:
        begun = time.perf_counter()
        self._workflow = BpmnWorkflow(*self._specs)
        self._workflow.do_engine_steps()
        spent = time.perf_counter() - begun
        self._json = self._serializer.serialize_json(self._workflow) if self._stored else ""
        return spent

    def step(self) -> float:
        ready = None if self._workflow is None else self._workflow.get_next_task(state=TaskState.READY, manual=True)
        if ready is None:
            self.start()
        return self._stored_step() if self._stored else self._step()

    def _step(self) -> float:
        assert self._workflow is not None
        ready = self._workflow.get_next_task(state=TaskState.READY, manual=True)
        begun = time.perf_counter()
        ready.run()
        self._workflow.do_engine_steps()
        return time.perf_counter() - begun

    def _stored_step(self) -> float:
        begun = time.perf_counter()
        self._workflow = self._serializer.deserialize_json(self._json)
        loaded = time.perf_counter() - begun
        stepped = self._step()
        begun = time.perf_counter()
        self._json = self._serializer.serialize_json(self._workflow)
        return loaded + stepped + time.perf_counter() - begun


def ratios(*, quick: bool) -> list[Ratio]:
    """Measure every diagram."""
    results: list[Ratio] = []
    for size in (10, 50, 200):
        results += _compared(f"linear-{size}", document(linear_process("main", size)), rounds=30 if quick else 300)
    for size in (10, 100):
        results += _compared(f"parallel-{size}", document(parallel_process("main", size)), rounds=30 if quick else 300)
    for size, few, many in ((10, 30, 300), (1000, 3, 30), (10_000, 1, 3)):
        xml = document(fan_out_process("main", size))
        results += _compared(f"fan-out-{size}", xml, rounds=few if quick else many, stored=size < 10_000)
    return results


def _compared(name: str, xml: bytes, *, rounds: int, stored: bool = True) -> list[Ratio]:
    """Measure one diagram. Storing is left out where SpiffWorkflow needs minutes for it; parsing costs little."""
    ours, memory = Ours(xml), Bare(xml, stored=False)
    often = max(rounds, PARSED)
    sides: list[tuple[str, Callable[[Side], Callable[[], float]], Side, float | None, int]] = [
        ("parse", lambda side: side.parse, memory, 1, often),
        ("start", lambda side: side.start, memory, 1, rounds),
    ]
    if stored:
        sides.append(("step", lambda side: side.step, Bare(xml, stored=True), 1, rounds))
    sides.append(("step-against-memory", lambda side: side.step, memory, None, rounds))
    return [
        pair(f"{what}/{name}", of(ours), of(bare), goal=goal, rounds=times, warm_up=min(3, times))
        for what, of, bare, goal, times in sides
    ]
