"""Small diagrams as other tools write them."""

from engine.definitions.foreign import Imported, import_diagram
from engine.definitions.model import Process
from engine.definitions.parse import parse_diagram

NAMESPACES = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "operaton": "http://operaton.org/schema/1.0/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "activiti": "http://activiti.org/bpmn",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
    "drools": "http://www.jboss.org/drools",
}


def drawn(body: str, prefix: str = "camunda", roots: str = "") -> bytes:
    """Return a BPMN file with one process ``P``, in the namespace of one vendor."""
    head = f'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:{prefix}="{NAMESPACES[prefix]}"'
    return f'<definitions {head}>{roots}<process id="P" isExecutable="true">{body}</process></definitions>'.encode()


def between(task: str, *, task_id: str = "t", start: str = "", end: str = "") -> str:
    """Put a task between a start and an end event."""
    return (
        f'<startEvent id="s">{start}</startEvent>{task}<endEvent id="e">{end}</endEvent>'
        f'<sequenceFlow id="f1" sourceRef="s" targetRef="{task_id}"/>'
        f'<sequenceFlow id="f2" sourceRef="{task_id}" targetRef="e"/>'
    )


def imported(body: str, prefix: str = "camunda", roots: str = "") -> tuple[Process, Imported]:
    """Import a diagram of one process and read the result."""
    found = import_diagram(drawn(body, prefix, roots))
    return parse_diagram(found.content).processes["P"], found


def kinds(found: Imported) -> list[str]:
    """Return the kinds of the notes, in their order."""
    return [note.kind for note in found.notes]
