"""Stock SpiffWorkflow by its public API, and the rows of what it gets wrong (design page "SpiffWorkflow 3.2.0").

Each row has a test in tests/unit/stock that drives our engine to the right result and shows that the stock one is
still wrong: when an upgrade mends a row, its test tells us, and what we do about it can go.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.util.diff import SpecDiff, WorkflowDiff, migrate_workflow

ROWS = {
    "storage": (
        "task data is a delta that depends on the order of JSON keys",
        "a key called typename makes an instance unloadable",
        "a restored workflow gets the stock script engine",
        "one serializer is not for two threads",
        "dates, integer keys and sets",
    ),
    "data": (
        "parallel joins lose updates",
        "lists merge by index",
        "nested values are aliased between branches",
    ),
    "misparsed": (
        "node that cannot be reached",
        "id Start or End",
        "condition on the single outgoing flow of a task",
        "several flows out of a task",
        "misplaced events become None events",
        "event subprocess",
        "ad-hoc subprocess",
        "service task",
        "business rule task",
        "callee without end event",
        "unknown messageRef or errorRef",
        "sequential multi-instance with an item variable and no output",
        "exception in a script",
        "complex gateway or choreography",
        "more than 330 chained nodes",
        "decision tables",
        "two timers on one event gateway",
        "timer text",
    ),
    "running": (
        "a due timer needs two passes",
        "message payloads and correlation",
        "depth beyond 1,000",
        "reset across a join",
        "migration of running instances",
    ),
}
"""The rows of the page, by its sections."""

Test = TypeVar("Test", bound=Callable[..., None])


def row(section: str, name: str) -> Callable[[Test], Test]:
    """Say which row a test is about."""
    assert name in ROWS[section], name

    def mark(test: Test) -> Test:
        test.stock_row = (section, name)  # type: ignore[attr-defined]
        return test

    return mark


class Stock:
    """A stock engine with its default settings."""

    version = "3.2.0"

    def parse(self, xml: bytes, process: str = "P", *, parser: type[BpmnParser] = BpmnParser) -> tuple[Any, Any]:
        """Return the process's spec and those of its subprocesses."""
        reading = parser()
        reading.add_bpmn_str(xml)
        return reading.get_spec(process), reading.get_subprocess_specs(process)

    def start(self, xml: bytes, data: Mapping[str, Any] | None = None, **settings: Any) -> BpmnWorkflow:
        """Start an instance and run it until nothing moves."""
        workflow = BpmnWorkflow(*self.parse(xml), **settings)
        workflow.task_tree.data.update(data or {})
        workflow.do_engine_steps()
        return workflow

    def complete(self, workflow: BpmnWorkflow, name: str, **data: Any) -> None:
        """Complete a task of a person."""
        task = workflow.get_next_task(spec_name=name, state=TaskState.READY)
        task.data.update(data)
        task.run()
        workflow.do_engine_steps()

    def open(self, workflow: BpmnWorkflow) -> list[str]:
        """Return the tasks of people that are ready, by name."""
        return sorted(task.task_spec.name for task in workflow.get_tasks(state=TaskState.READY, manual=True))

    def states(self, workflow: BpmnWorkflow, name: str) -> list[str]:
        """Return the states of an element's tasks."""
        return [TaskState.get_name(task.state) for task in workflow.get_tasks(spec_name=name)]

    def data(self, workflow: BpmnWorkflow, name: str) -> dict[str, Any]:
        """Return the data of an element's first task."""
        found: dict[str, Any] = workflow.get_next_task(spec_name=name).data
        return found

    def due(self, text: str) -> datetime:
        """Return the instant that the text of a timer means, in UTC."""
        found: datetime = TimerEventDefinition.get_datetime(text)
        return found

    def store(self, workflow: BpmnWorkflow) -> str:
        """Return the workflow as JSON."""
        stored: str = BpmnWorkflowSerializer().serialize_json(workflow)
        return stored

    def load(self, stored: str) -> BpmnWorkflow:
        """Return the workflow that was stored."""
        return BpmnWorkflowSerializer().deserialize_json(stored)

    def timers(self, workflow: BpmnWorkflow) -> list[str]:
        """Return the instants at which its timers are due."""
        return [str(task.internal_data.get("event_value")) for task in workflow.event_manager.tasks.values()]

    def migrate(self, workflow: BpmnWorkflow, xml: bytes) -> None:
        """Bring a running instance to another diagram."""
        spec, subprocesses = self.parse(xml)
        changes = SpecDiff(BpmnWorkflowSerializer.configure(), workflow.spec, spec)
        migrate_workflow(WorkflowDiff(workflow, changes), workflow, spec)
        workflow.subprocess_specs = subprocesses
