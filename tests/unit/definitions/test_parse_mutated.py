"""Whatever comes as a diagram, it is read or refused with a sentence: nothing else is ever raised."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.definitions.errors import RefusedDiagram
from engine.definitions.lint import lint_diagram
from engine.definitions.lint.standard.schema import shapes
from engine.definitions.parse import parse_diagram
from engine.definitions.vocabulary import BPMN
from engine.expressions import evaluator
from tests.support.drawing import ENDS, flows, node, timer, user

_HEAD = (
    f'<definitions xmlns="{BPMN}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:duban="https://duban.dev/bpmn/1.0">'
)
_ROOTS = (
    '<itemDefinition id="t" structureRef="xsd:string" isCollection="true"/><message id="m" name="report" itemRef="t"/>'
    '<error id="x" errorCode="E"/><escalation id="k" escalationCode="K"/><signal id="n" name="alarm"/>'
    '<interface id="i" name="desk"><operation id="o" name="send"><inMessageRef>m</inMessageRef></operation></interface>'
    '<collaboration id="c"><participant id="p" processRef="P"><participantMultiplicity minimum="1" maximum="2"/>'
    '</participant><participant id="q"/><messageFlow id="f" sourceRef="send" targetRef="q" messageRef="m"/>'
    '<conversation id="v"><participantRef>p</participantRef></conversation></collaboration>'
)
_IO = (
    '<ioSpecification><dataInput id="in" itemSubjectRef="t" isCollection="true"/><inputSet><dataInputRefs>in'
    "</dataInputRefs></inputSet><outputSet/></ioSpecification><dataInputAssociation><sourceRef>d</sourceRef>"
    "<targetRef>in</targetRef><assignment><from>d</from><to>in</to></assignment></dataInputAssociation>"
    '<multiInstanceLoopCharacteristics isSequential="true"><loopDataInputRef>in</loopDataInputRef>'
    '<inputDataItem id="one" itemSubjectRef="t"/><completionCondition>done &gt; 3</completionCondition>'
    "</multiInstanceLoopCharacteristics>"
)
_INSIDE = (
    node("startEvent", "s1") + user("b") + node("endEvent", "e1", "<cancelEventDefinition/>") + flows("s1 > b > e1")
)
_BODY = (
    '<laneSet id="l"><lane id="l1" name="Office"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    + ENDS
    + node("userTask", "a", _IO, camunda_assignee="=owner", duban_policy="all")
    + node("scriptTask", "script", "<script>1 + 1</script>", scriptFormat="feel", camunda_resultVariable="sum")
    + node("sendTask", "send", messageRef="m", operationRef="o")
    + node("exclusiveGateway", "g", default="g-send", gatewayDirection="Diverging")
    + node("eventBasedGateway", "w")
    + node("intermediateCatchEvent", "w1", timer("R3/PT1H", "timeCycle"))
    + node("intermediateCatchEvent", "w2", '<messageEventDefinition messageRef="m"/>')
    + node("transaction", "u", _INSIDE)
    + node("boundaryEvent", "u1", "<cancelEventDefinition/>", attachedToRef="u")
    + node("boundaryEvent", "a1", "<compensateEventDefinition/>", attachedToRef="script")
    + node("serviceTask", "undo", isForCompensation="true", duban_service="undo")
    + '<association id="as" sourceRef="a1" targetRef="undo"/>'
    + node("subProcess", "late", node("startEvent", "s2", timer("P1D")) + node("endEvent", "e2") + flows("s2 > e2"),
           triggeredByEvent="true")
    + node("adHocSubProcess", "free", user("f1", "f2"), ordering="Parallel")
    + node("callActivity", "call", "<standardLoopCharacteristics loopMaximum='3'/>", calledElement="P")
    + node("intermediateThrowEvent", "l2", '<linkEventDefinition name="far"/>')
    + node("intermediateCatchEvent", "l3", '<linkEventDefinition name="far"/>')
    + '<dataObject id="d" itemSubjectRef="t" isCollection="true"/><dataObjectReference id="d1" dataObjectRef="d"/>'
    + flows("s > a > script > g [sum > 1]> w", "g > send > u > free > call > l2", "w > w1 > e", "w > w2 > e", "l3 > e",
            "u1 > e")
)  # fmt: skip
DIAGRAM = f'{_HEAD}{_ROOTS}<process id="P" isExecutable="true">{_BODY}</process></definitions>'.encode()

_TAGS = sorted(shapes())
_VALUES = st.one_of(
    st.sampled_from(
        ["", "P", "a", "g", "t", "true", "-1", "9" * 30, "R/", "PT", "P1Y2W", "R9/P1D", "${x}", "=", "a:b"]
    ),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
)
Mutation = Callable[[list[Any], st.DataObject], None]


def _any(elements: list[Any], data: st.DataObject) -> Any:
    return elements[data.draw(st.integers(0, len(elements) - 1), label="element")]


def change_attribute(elements: list[Any], data: st.DataObject) -> None:
    element = _any(elements, data)
    names = [*element.attrib, "id", "default", "sourceRef", "startQuantity", "instantiate", "behavior"]
    element.set(data.draw(st.sampled_from(names)), data.draw(_VALUES))


def change_time(elements: list[Any], data: st.DataObject) -> None:
    times = [element for element in elements if etree.QName(element).localname.startswith("time")]
    if times:
        _any(times, data).text = data.draw(_VALUES)


def drop_attribute(elements: list[Any], data: st.DataObject) -> None:
    element = _any(elements, data)
    if element.attrib:
        del element.attrib[data.draw(st.sampled_from(sorted(element.attrib)))]


def change_text(elements: list[Any], data: st.DataObject) -> None:
    _any(elements, data).text = data.draw(_VALUES)


def change_tag(elements: list[Any], data: st.DataObject) -> None:
    _any(elements[1:], data).tag = f"{{{data.draw(st.sampled_from([BPMN, BPMN, 'urn:other']))}}}" + data.draw(
        st.sampled_from(_TAGS)
    )


def drop_element(elements: list[Any], data: st.DataObject) -> None:
    element = _any(elements[1:], data)
    element.getparent().remove(element)


def move_element(elements: list[Any], data: st.DataObject) -> None:
    element, parent = _any(elements[1:], data), _any(elements, data)
    if element is not parent and element not in list(parent.iterancestors()):
        parent.append(element)


def copy_element(elements: list[Any], data: st.DataObject) -> None:
    element = _any(elements[1:], data)
    element.addnext(etree.fromstring(etree.tostring(element)))


MUTATIONS: list[Mutation] = [
    change_attribute,
    change_attribute,
    drop_attribute,
    change_text,
    change_time,
    change_tag,
    drop_element,
    move_element,
    copy_element,
]


def judged(content: bytes) -> bool:
    """Say whether the diagram could be read; every finding about it has a sentence and an advice."""
    readable = True
    try:
        definition = parse_diagram(content, "x.bpmn")
        found = lint_diagram(definition, known_files=set(), check_expression=evaluator().check)
    except RefusedDiagram as refused:
        readable, found = False, refused.findings
    assert all(finding.message and finding.advice for finding in found)
    assert readable or found
    return readable


def test_the_diagram_to_be_mutated_can_be_read() -> None:
    assert judged(DIAGRAM)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_diagram_with_anything_changed_is_read_or_refused(data: st.DataObject) -> None:
    root = etree.fromstring(DIAGRAM)
    for mutate in data.draw(st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=8)):
        mutate([element for element in root.iter() if isinstance(element.tag, str)], data)
    judged(etree.tostring(root))


@settings(max_examples=100, deadline=None)
@given(
    at=st.integers(0, len(DIAGRAM)),
    length=st.integers(0, 40),
    inserted=st.one_of(st.binary(max_size=6), st.sampled_from([b"<", b"&x;", b"&#0;", b"</", b'"', b"<!--", b"\xff"])),
)
def test_a_diagram_with_bytes_changed_is_read_or_refused(at: int, length: int, inserted: bytes) -> None:
    judged(DIAGRAM[:at] + inserted + DIAGRAM[at + length :])


@settings(max_examples=50, deadline=None)
@given(content=st.binary(max_size=200))
@example(content=b"PK\x03\x04")
@example(content=b"\xef\xbb\xbf")
@example(content=b"<?xml version='1.0' encoding='nonsense'?><a/>")
def test_bytes_that_are_no_diagram_are_refused(content: bytes) -> None:
    assert not judged(content)


@pytest.mark.parametrize(
    ("word", "content"),
    [
        ("empty", b" \n"),
        ("XPDL", b'<Package xmlns="http://www.wfmc.org/2009/XPDL2.2"/>'),
        ("BPMN 1.x", b'<p:d xmlns:p="http://stp.eclipse.org/bpmn"/>'),
        ("draft", b'<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0"/>'),
        ("decision", b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'),
        ("BPEL", b'<process xmlns="http://docs.oasis-open.org/wsbpel/2.0/process/executable"/>'),
        ("without a namespace", b"<definitions><process/></definitions>"),
        ("draw.io", b"<mxfile/>"),
        ("process instead of definitions", f'<process xmlns="{BPMN}"/>'.encode()),
        ("Not BPMN 2.0", b"<order/>"),
        ("nested", b"<a>" * 400 + b"</a>" * 400),
    ],
)
def test_a_wrong_file_is_told_what_it_is(word: str, content: bytes) -> None:
    with pytest.raises(RefusedDiagram, match=word):
        parse_diagram(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_every_encoding_that_the_file_declares_is_read(encoding: str) -> None:
    name = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    body = ENDS + node("userTask", "a", name="審核") + flows("s > a > e")
    text = f'<?xml version="1.0" encoding="{name}"?>{_HEAD}<process id="P">{body}</process></definitions>'
    assert parse_diagram(text.encode(encoding)).processes["P"].nodes["a"].name == "審核"


def test_subprocesses_nested_too_deep_are_refused() -> None:
    inner = ""
    for depth in range(70):
        inner = node("subProcess", f"u{depth}", inner)
    with pytest.raises(RefusedDiagram, match="nested too deep"):
        parse_diagram(f'{_HEAD}<process id="P">{inner}</process></definitions>'.encode())


def test_a_subprocess_that_bears_the_id_of_one_around_it_is_refused_at_once() -> None:
    nested = '<subProcess id="S"><subProcess id="S"><task id="t"/></subProcess></subProcess>'
    content = f'<definitions xmlns="{BPMN}" id="d"><process id="P"><startEvent id="s"/>{nested}</process></definitions>'
    with pytest.raises(RefusedDiagram) as refused:
        parse_diagram(content.encode(), "x.bpmn")
    assert "duplicate-id" in {finding.rule for finding in refused.value.findings}
