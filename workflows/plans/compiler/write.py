"""Writes a drawn process as BPMN: the same bytes from the same drawing."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from workflows.plans.compiler.blocks import Node, Process
from workflows.plans.compiler.layout import Drawing, Flow, Shape

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
    xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:duban="https://duban.dev/bpmn/1.0"
    id="definitions_{id}" targetNamespace="https://duban.dev/library/{space}">"""
_FORMAL = 'xsi:type="bpmn:tFormalExpression"'


def bpmn(process: Process, drawing: Drawing, *, space: str) -> bytes:
    """Return the file of a process. ``space`` ends its namespace."""
    lines = [_HEAD.format(id=process.id, space=escape(space))]
    lines += _process(process, drawing)
    lines += _diagram(process, drawing)
    lines.append("</bpmn:definitions>")
    return ("\n".join(lines) + "\n").encode()


def _process(process: Process, drawing: Drawing) -> Iterator[str]:
    attributes = "".join(f" {name}={_quoted(value)}" for name, value in process.attributes.items())
    yield f'  <bpmn:process id="{process.id}" name={_quoted(process.name)} isExecutable="true"{attributes}>'
    if process.documentation:
        yield f"    <bpmn:documentation>{escape(process.documentation)}</bpmn:documentation>"
    messages: dict[str, str] = {}
    yield from _scope("", drawing, "    ", messages)
    yield "  </bpmn:process>"
    for name, identifier in messages.items():
        yield f'  <bpmn:message id="{identifier}" name={_quoted(name)} />'


def _scope(scope: str, drawing: Drawing, indent: str, messages: dict[str, str]) -> Iterator[str]:
    for shape in drawing.shapes:
        if drawing.scopes[shape.node.id] == scope:
            yield from _node(shape, drawing, indent, messages)
    for flow in drawing.flows:
        if flow.scope == scope:
            yield from _flow(flow, indent)


def _node(shape: Shape, drawing: Drawing, indent: str, messages: dict[str, str]) -> Iterator[str]:
    node = shape.node
    yield f"{indent}<bpmn:{node.tag} {_attributes(node, drawing, indent)}>"
    inner = indent + "  "
    if node.documentation:
        yield f"{inner}<bpmn:documentation>{escape(node.documentation)}</bpmn:documentation>"
    yield from _extensions(node, inner)
    for flow in drawing.flows:
        if flow.target == node.id:
            yield f"{inner}<bpmn:incoming>{flow.id}</bpmn:incoming>"
    for flow in drawing.flows:
        if flow.source == node.id:
            yield f"{inner}<bpmn:outgoing>{flow.id}</bpmn:outgoing>"
    yield from _event(node, inner, messages)
    if node.many is not None:
        yield from _many(node, inner)
    if node.script:
        yield f"{inner}<bpmn:script>{escape(node.script)}</bpmn:script>"
    if shape.expanded:
        yield from _scope(node.id, drawing, inner, messages)
    yield f"{indent}</bpmn:{node.tag}>"


def _attributes(node: Node, drawing: Drawing, indent: str) -> str:
    parts = [f'id="{node.id}"']
    if node.name:
        parts.append(f"name={_quoted(node.name)}")
    if node.id in drawing.attached:
        host, stop = drawing.attached[node.id]
        parts.append(f'attachedToRef="{host}"')
        if not stop:
            parts.append('cancelActivity="false"')
    default = next((flow.id for flow in drawing.flows if flow.source == node.id and flow.default), None)
    if default:
        parts.append(f'default="{default}"')
    own = [f"{name}={_quoted(value)}" for name, value in node.attributes.items()]
    if len(own) < 2:
        return " ".join([*parts, *own])
    return " ".join(parts) + "".join(f"\n{indent}    {one}" for one in own)


def _extensions(node: Node, indent: str) -> Iterator[str]:
    if not node.inputs and not node.outputs:
        return
    yield f"{indent}<bpmn:extensionElements>"
    if node.tag == "callActivity":
        for target, source in node.inputs.items():
            yield f"{indent}  <camunda:in {_source(source)} target={_quoted(target)} />"
        for target, source in node.outputs.items():
            yield f"{indent}  <camunda:out {_source(source)} target={_quoted(target)} />"
    else:
        yield f"{indent}  <camunda:inputOutput>"
        for kind, parameters in (("input", node.inputs), ("output", node.outputs)):
            for name, text in parameters.items():
                tag = f"camunda:{kind}Parameter"
                yield f"{indent}    <{tag} name={_quoted(name)}>{escape(text)}</{tag}>"
        yield f"{indent}  </camunda:inputOutput>"
    yield f"{indent}</bpmn:extensionElements>"


def _source(text: str) -> str:
    expression = text.removeprefix("=")
    if expression.isidentifier():
        return f"source={_quoted(expression)}"
    return f"sourceExpression={_quoted('=' + expression)}"


def _event(node: Node, indent: str, messages: dict[str, str]) -> Iterator[str]:
    if node.event is None:
        return
    kind, text = node.event
    if kind == "message":
        identifier = messages.setdefault(text, f"message_{len(messages) + 1}")
        yield f'{indent}<bpmn:messageEventDefinition id="{node.id}_event" messageRef="{identifier}" />'
        return
    yield f'{indent}<bpmn:timerEventDefinition id="{node.id}_event">'
    yield f"{indent}  <bpmn:{kind} {_FORMAL}>{escape(text)}</bpmn:{kind}>"
    yield f"{indent}</bpmn:timerEventDefinition>"


def _many(node: Node, indent: str) -> Iterator[str]:
    if node.many is None:
        return
    collection, item, one_by_one, enough = node.many
    sequential = ' isSequential="true"' if one_by_one else ""
    head = f"{indent}<bpmn:multiInstanceLoopCharacteristics{sequential} camunda:collection={_quoted(collection)}"
    head += f" camunda:elementVariable={_quoted(item)}"
    if not enough:
        yield head + " />"
        return
    yield head + ">"
    yield f"{indent}  <bpmn:completionCondition {_FORMAL}>={escape(enough)}</bpmn:completionCondition>"
    yield f"{indent}</bpmn:multiInstanceLoopCharacteristics>"


def _flow(flow: Flow, indent: str) -> Iterator[str]:
    name = f" name={_quoted(flow.name)}" if flow.name else ""
    head = f'{indent}<bpmn:sequenceFlow id="{flow.id}"{name} sourceRef="{flow.source}" targetRef="{flow.target}"'
    if not flow.condition:
        yield head + " />"
        return
    yield head + ">"
    yield f"{indent}  <bpmn:conditionExpression {_FORMAL}>={escape(flow.condition)}</bpmn:conditionExpression>"
    yield f"{indent}</bpmn:sequenceFlow>"


def _diagram(process: Process, drawing: Drawing) -> Iterator[str]:
    yield f'  <bpmndi:BPMNDiagram id="diagram_{process.id}">'
    yield f'    <bpmndi:BPMNPlane id="plane_{process.id}" bpmnElement="{process.id}">'
    for shape in drawing.shapes:
        yield from _shape(shape)
    for flow in drawing.flows:
        yield f'      <bpmndi:BPMNEdge id="{flow.id}_di" bpmnElement="{flow.id}">'
        for x, y in flow.points:
            yield f'        <di:waypoint x="{x}" y="{y}" />'
        yield from _box(flow.label)
        yield "      </bpmndi:BPMNEdge>"
    yield "    </bpmndi:BPMNPlane>"
    yield "  </bpmndi:BPMNDiagram>"


def _shape(shape: Shape) -> Iterator[str]:
    extra = ' isExpanded="true"' if shape.expanded else ""
    extra += ' isMarkerVisible="true"' if shape.node.tag == "exclusiveGateway" else ""
    yield f'      <bpmndi:BPMNShape id="{shape.node.id}_di" bpmnElement="{shape.node.id}"{extra}>'
    yield f'        <dc:Bounds x="{shape.x}" y="{shape.y}" width="{shape.width}" height="{shape.height}" />'
    yield from _box(shape.label)
    yield "      </bpmndi:BPMNShape>"


def _box(label: tuple[int, int, int, int] | None) -> Iterator[str]:
    if label is not None:
        x, y, width, height = label
        yield "        <bpmndi:BPMNLabel>"
        yield f'          <dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}" />'
        yield "        </bpmndi:BPMNLabel>"


def _quoted(text: str) -> str:
    return quoteattr(text)
