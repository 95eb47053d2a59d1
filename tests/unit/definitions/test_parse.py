"""Diagrams are read securely and completely."""

import pytest

from engine.definitions.errors import RefusedDiagram
from engine.definitions.parse import MAX_BYTES, parse_diagram
from tests.support.drawing import ENDS, document, draw, flows, node, user

ENTITIES = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "b">]>' + document(ENDS)


@pytest.mark.parametrize(
    ("rule", "content"),
    [
        ("not-xml", b"this is no XML"),
        ("not-xml", b""),
        ("not-xml", document(ENDS)[:-5]),
        ("document-type", ENTITIES),
        ("too-large", b" " * (MAX_BYTES + 1)),
        ("too-large", document("<task/>" * 50_001)),
        ("not-bpmn", b"<html/>"),
        ("no-process", b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'),
        ("duplicate-id", document(ENDS + user("a", "a"))),
        (
            "condition-language",
            document(
                ENDS + '<sequenceFlow sourceRef="s" targetRef="e">'
                '<conditionExpression language="groovy">x</conditionExpression></sequenceFlow>'
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(rule: str, content: bytes) -> None:
    with pytest.raises(RefusedDiagram) as refused:
        parse_diagram(content, "x.bpmn")
    assert refused.value.findings[0].rule == rule
    assert refused.value.findings[0].file == "x.bpmn"
    assert str(refused.value)


def test_flows_without_id_get_one() -> None:
    process = draw(ENDS + '<sequenceFlow sourceRef="s" targetRef="e"/>').processes["P"]
    (flow,) = process.flows.values()
    assert (flow.source, flow.target) == ("s", "e")
    assert process.nodes["s"].outgoing == process.nodes["e"].incoming == (flow.id,)


def test_event_definitions_inline_and_by_reference() -> None:
    roots = '<message id="m" name="report"/><messageEventDefinition id="d" messageRef="m"/>'
    body = ENDS + node("intermediateCatchEvent", "i", '<messageEventDefinition messageRef="m"/>')
    body += node("intermediateCatchEvent", "r", "<eventDefinitionRef>d</eventDefinitionRef>")
    nodes = draw(body, roots).processes["P"].nodes
    assert nodes["i"].events == nodes["r"].events
    assert nodes["i"].events[0].details["name"] == "report"


def test_unknown_references_are_kept_for_the_lint() -> None:
    nodes = draw(ENDS + node("endEvent", "x", '<errorEventDefinition errorRef="gone"/>')).processes["P"].nodes
    assert nodes["x"].events[0].details == {"ref": "gone", "missing": "true"}


def test_attributes_keep_the_house_prefix_whatever_the_file_calls_it() -> None:
    content = document(ENDS + '<userTask id="u" c:assignee="initiator" isForCompensation="false"/>').replace(
        b"<definitions", b'<definitions xmlns:c="http://camunda.org/schema/1.0/bpmn"'
    )
    attributes = parse_diagram(content).processes["P"].nodes["u"].attributes
    assert attributes == {"camunda:assignee": "initiator", "isForCompensation": "false"}


def test_mappings_of_tasks_and_calls() -> None:
    block = (
        "<extensionElements><camunda:inputOutput><camunda:inputParameter name='a'>x + 1</camunda:inputParameter>"
        "<camunda:outputParameter name='b'>result</camunda:outputParameter></camunda:inputOutput>"
        "<camunda:in source='y' target='c'/><camunda:out sourceExpression='z + 1' target='d'/></extensionElements>"
    )
    found = draw(ENDS + node("callActivity", "k", block)).processes["P"].nodes["k"]
    assert dict(found.inputs) == {"a": "x + 1", "c": "y"}
    assert dict(found.outputs) == {"b": "result", "d": "z + 1"}


def test_multi_instance_in_both_spellings() -> None:
    standard = (
        "<multiInstanceLoopCharacteristics isSequential='true'><loopDataInputRef>xs</loopDataInputRef>"
        "<inputDataItem id='i' name='x'/></multiInstanceLoopCharacteristics>"
    )
    camunda = (
        "<multiInstanceLoopCharacteristics isSequential='true' camunda:collection='xs' camunda:elementVariable='x'/>"
    )
    nodes = draw(ENDS + node("userTask", "a", standard) + node("userTask", "b", camunda)).processes["P"].nodes
    assert nodes["a"].multi == nodes["b"].multi
    assert nodes["a"].multi is not None
    assert nodes["a"].multi.sequential


def test_nested_nodes_know_their_scope_lanes_and_lines() -> None:
    inner = node("startEvent", "s1") + node("endEvent", "e1") + flows("s1 > e1")
    lanes = '<laneSet><lane id="l" name="Office"><flowNodeRef>u</flowNodeRef></lane></laneSet>'
    process = draw(lanes + ENDS + "\n" + node("subProcess", "u", inner)).processes["P"]
    assert process.nodes["s1"].parent == "u"
    assert process.nodes["u"].lane == "Office"
    assert process.nodes["u"].line == 2


def test_a_script_language_may_be_named_by_its_media_type() -> None:
    scripts = "".join(
        node("scriptTask", name, "<script>1</script>", scriptFormat=kind)
        for name, kind in (("j", "text/javascript"), ("f", "Application/FEEL"), ("g", "text/x-groovy"))
    )
    nodes = draw(ENDS + scripts).processes["P"].nodes
    assert [nodes[name].properties["scriptFormat"] for name in "jfg"] == ["javascript", "feel", "text/x-groovy"]
