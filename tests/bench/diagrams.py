"""Diagrams and people for the benchmarks, made by rule so that their size is a parameter."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.definitions.packages import Package
from engine.ports import AssignmentContext

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:duban="https://duban.dev/bpmn/1.0"'
)


def linear_process(process_id: str, tasks: int) -> str:
    """A process of ``tasks`` user tasks in a row, each for the initiator."""
    names = ["begin", *(f"{process_id}_task_{n}" for n in range(tasks)), "finish"]
    nodes = [f'<bpmn:startEvent id="{process_id}_begin"/>', f'<bpmn:endEvent id="{process_id}_finish"/>']
    nodes += [
        f'<bpmn:userTask id="{name}" name="{name}" camunda:assignee="initiator" duban:kind="work"/>'
        for name in names[1:-1]
    ]
    ids = [f"{process_id}_begin", *names[1:-1], f"{process_id}_finish"]
    flows = [
        f'<bpmn:sequenceFlow id="{process_id}_flow_{n}" sourceRef="{a}" targetRef="{b}"/>'
        for n, (a, b) in enumerate(pairwise(ids))
    ]
    return f'<bpmn:process id="{process_id}" isExecutable="true">{"".join(nodes + flows)}</bpmn:process>'


def campaign_process(child_tasks: int) -> str:
    """A process that fans out over the units in the variable ``units``, and the child process it calls."""
    parent = (
        '<bpmn:process id="campaign" isExecutable="true"><bpmn:startEvent id="campaign_begin"/>'
        '<bpmn:callActivity id="per_unit" calledElement="unit"><bpmn:extensionElements>'
        '<camunda:in source="initiator_id" target="initiator_id"/></bpmn:extensionElements>'
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="units" camunda:elementVariable="unit_id"/>'
        '</bpmn:callActivity><bpmn:endEvent id="campaign_finish"/>'
        '<bpmn:sequenceFlow id="campaign_flow_0" sourceRef="campaign_begin" targetRef="per_unit"/>'
        '<bpmn:sequenceFlow id="campaign_flow_1" sourceRef="per_unit" targetRef="campaign_finish"/></bpmn:process>'
    )
    return parent + linear_process("unit", child_tasks)


def package(key: str, processes: str, main: str) -> Package:
    """Wrap processes into a package that can be published."""
    diagram = f'<bpmn:definitions {NAMESPACES} targetNamespace="https://duban.dev/bench">{processes}</bpmn:definitions>'
    plan = f"key: {key}\nname: {key}\nmain_process: {main}\n"
    return Package(key=key, files={f"{key}.bpmn": diagram.encode(), "plan.yaml": plan.encode()})


class OnePerson:
    """The organisation of the benchmark: one person who does everything."""

    PERSON = 1

    def find(self, session: Session, rule: str, context: AssignmentContext) -> Sequence[int]:
        return (self.PERSON,)

    def leader_of(self, session: Session, person_id: int, at: object) -> int | None:
        return None

    def names(self, session: Session, ids: Sequence[int]) -> Mapping[int, str]:
        return dict.fromkeys(ids, "person")

    def is_administrator(self, session: Session, person_id: int) -> bool:
        return False


class StandardCalendar:
    """Every unit works by the standard calendar."""

    def of_unit(self, session: Session, unit_id: int | None) -> WorkingCalendar:
        return WorkingCalendar()
