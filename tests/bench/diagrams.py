"""Diagrams and people for the benchmarks, made by rule so that their size is a parameter."""

from itertools import pairwise

from engine.definitions.packages import Package

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


def parallel_process(process_id: str, branches: int) -> str:
    """A process with a user task on each of ``branches`` parallel branches."""
    nodes = ['<bpmn:startEvent id="begin"/>', '<bpmn:endEvent id="finish"/>']
    nodes += ['<bpmn:parallelGateway id="split"/>', '<bpmn:parallelGateway id="join"/>']
    nodes += [f'<bpmn:userTask id="branch_{n}" camunda:assignee="initiator"/>' for n in range(branches)]
    pairs = [("begin", "split"), ("join", "finish")]
    pairs += [pair for n in range(branches) for pair in (("split", f"branch_{n}"), (f"branch_{n}", "join"))]
    flows = [f'<bpmn:sequenceFlow id="flow_{n}" sourceRef="{a}" targetRef="{b}"/>' for n, (a, b) in enumerate(pairs)]
    return f'<bpmn:process id="{process_id}" isExecutable="true">{"".join(nodes + flows)}</bpmn:process>'


def fan_out_process(process_id: str, children: int) -> str:
    """A process that calls another one, of a single user task, ``children`` times at once."""
    return (
        f'<bpmn:process id="{process_id}" isExecutable="true"><bpmn:startEvent id="begin"/>'
        '<bpmn:callActivity id="per_unit" calledElement="unit"><bpmn:multiInstanceLoopCharacteristics>'
        f"<bpmn:loopCardinality>{children}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
        '</bpmn:callActivity><bpmn:endEvent id="finish"/>'
        '<bpmn:sequenceFlow id="flow_0" sourceRef="begin" targetRef="per_unit"/>'
        '<bpmn:sequenceFlow id="flow_1" sourceRef="per_unit" targetRef="finish"/></bpmn:process>'
    ) + linear_process("unit", 1)


def document(processes: str) -> bytes:
    """Wrap processes into a file that every engine reads."""
    return (
        f'<bpmn:definitions {NAMESPACES} targetNamespace="https://duban.dev/bench">{processes}</bpmn:definitions>'
    ).encode()


def package(key: str, processes: str, main: str) -> Package:
    """Wrap processes into a package that can be published."""
    plan = f"key: {key}\nname: {key}\nmain_process: {main}\n"
    return Package(key=key, files={f"{key}.bpmn": document(processes), "plan.yaml": plan.encode()})
