"""What BPMN 2.0.2 forbids is refused, and its neighbour that is allowed is not."""

import pytest

from engine.definitions.lint import lint_diagram
from engine.definitions.lint.standard.rules import RULES
from engine.definitions.model import LintFinding
from engine.definitions.parse import parse_diagram
from tests.support.drawing import ENDS, flows, node, timer, user

PLAIN = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
FORMAL = (
    f'{PLAIN} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" expressionLanguage="http://www.w3.org/1999/XPath"'
)
DIALECT = f'{PLAIN} xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'

CHAIN = flows("s > a > e")
BASE = ENDS + user("a") + CHAIN
ITEMS = (
    '<itemDefinition id="text" structureRef="String"/><itemDefinition id="number" structureRef="Integer"/>'
    '<itemDefinition id="texts" structureRef="String" isCollection="true"/>'
)
MESSAGE = '<message id="m" name="report" itemRef="text"/>'
OPERATION = (
    '<interface id="i" name="desk"><operation id="o" name="send"><inMessageRef>m</inMessageRef></operation></interface>'
)
SIGNAL = '<signal id="n" name="alarm" structureRef="text"/>'
POOLS = '<collaboration id="c"><participant id="p" processRef="P"/><participant id="q"/>{}</collaboration>'


def findings(body: str, roots: str = "", head: str = PLAIN, process: str = "") -> list[LintFinding]:
    text = f'<definitions {head}>{roots}<process id="P" isExecutable="true" {process}>{body}</process></definitions>'
    return lint_diagram(parse_diagram(text.encode()), known_files={"here.xsd"}, known_processes={"Q"})


def refused(body: str, roots: str = "", head: str = PLAIN, process: str = "") -> set[str]:
    return {one.rule for one in findings(body, roots, head, process) if one.severity == "error"}


def task(tag: str = "userTask", inner: str = "", **attributes: str) -> str:
    return ENDS + node(tag, "a", inner, **attributes) + CHAIN


def catch(inner: str) -> str:
    return task("intermediateCatchEvent", inner)


def message(operation: str = "") -> str:
    return f'<messageEventDefinition messageRef="m">{operation}</messageEventDefinition>'


def data(
    inputs: str = "", input_sets: str = "<inputSet/>", outputs: str = "", output_sets: str = "<outputSet/>"
) -> str:
    return f"<ioSpecification>{inputs}{outputs}{input_sets}{output_sets}</ioSpecification>"


def input_set(*members: str, more: str = "") -> str:
    return "<inputSet>" + "".join(f"<dataInputRefs>{one}</dataInputRefs>" for one in members) + more + "</inputSet>"


def many(inner: str, **attributes: str) -> str:
    return node("multiInstanceLoopCharacteristics", "many", inner, **attributes)


def link(tag: str, node_id: str, inner: str, **attributes: str) -> str:
    return node(tag, node_id, node("linkEventDefinition", f"{node_id}.d", inner, **attributes))


def fork(gateway: str, *targets: str, **attributes: str) -> str:
    """Draw a gateway ``g`` that leads to two waiting elements, and the flows around it."""
    waiting = "".join(targets)
    return ENDS + node(gateway, "g", **attributes) + waiting + flows("s > g", "g > x > e", "g > y > e")


def event_subprocess(inner: str) -> str:
    return BASE + node("subProcess", "u", inner, triggeredByEvent="true")


INPUT = node("dataInput", "in", itemSubjectRef="text")
STARTED = node("startEvent", "t", timer("P1D")) + node("endEvent", "z") + flows("t > z")
GIVEN = data(INPUT, input_set("in"))
SILENT = node("intermediateCatchEvent", "x", timer("PT1H"))
OTHER = node("intermediateCatchEvent", "y", timer("PT2H"))
CONDITION = "<conditionExpression>ready</conditionExpression>"
TYPED = CONDITION.replace("<conditionExpression>", '<conditionExpression xsi:type="tFormalExpression">')
SPLIT = ENDS + node("exclusiveGateway", "a", default="a-e") + node("endEvent", "f") + CHAIN
BRANCH = '<sequenceFlow id="b" sourceRef="a" targetRef="f">{}</sequenceFlow>'
OBJECT = node("dataObject", "d", name="Report", itemSubjectRef="text")
HELD = node("dataObjectReference", "r", dataObjectRef="d")

FORBIDDEN: list[tuple[str, str, str, str]] = [
    ("duplicate-id", BASE, '<message id="a"/>', PLAIN),
    ("misplaced-element", BASE, '<property id="x"/>', PLAIN),
    ("misplaced-element", BASE + "<userTaks/>", "", DIALECT),
    ("missing-child", BASE, '<interface id="i" name="desk"/>', PLAIN),
    ("too-many-children", task(inner=data() + data()), "", PLAIN),
    ("missing-attribute", BASE, '<resource id="x"/>', PLAIN),
    ("invalid-value", task(isForCompensation="maybe"), "", PLAIN),
    ("choreography-in-process", task("choreographyTask"), "", PLAIN),
    ("dangling-reference", task("sendTask", messageRef="gone"), "", PLAIN),
    ("wrong-reference", task("sendTask", messageRef="text"), ITEMS, PLAIN),
    ("wrong-reference", task("callActivity", calledElement="s"), "", PLAIN),
    ("not-immediate", ENDS + '<sequenceFlow id="f" sourceRef="s" targetRef="e" isImmediate="false"/>', "", FORMAL),
    ("start-without-end", node("startEvent", "s") + user("a") + flows("s > a"), "", FORMAL),
    ("end-without-start", node("endEvent", "e") + user("a") + flows("a > e"), "", FORMAL),
    ("leads-nowhere", BASE + user("b") + flows("s > b"), "", FORMAL),
    ("lonely-condition", ENDS + user("a") + flows("s > a") + BRANCH.format(TYPED).replace('"f"', '"e"'), "", FORMAL),
    ("condition-after-start", ENDS + BRANCH.format(TYPED).replace('"a"', '"s"').replace('"f"', '"e"'), "", FORMAL),
    ("informal-expression", SPLIT + BRANCH.format(CONDITION), "", FORMAL),
    ("not-a-time", catch(timer("SOON")), "", FORMAL),
    ("not-boolean", SPLIT + BRANCH.format("<conditionExpression>23</conditionExpression>"), "", PLAIN),
    ("not-boolean", SPLIT + BRANCH.format('<conditionExpression>"yes"</conditionExpression>'), "", DIALECT),
    ("not-a-uri", ENDS + node("transaction", "a", STARTED, method="no uri %") + CHAIN, "", PLAIN),
    ("not-a-media-type", task(inner='<documentation textFormat="pretty">x</documentation>'), "", PLAIN),
    ("no-script-format", task("scriptTask", "<script>1</script>"), "", FORMAL),
    ("missing-import", BASE, '<import namespace="n" importType="t" location="gone.xsd"/>', PLAIN),
    ("forbidden-event", catch("<errorEventDefinition/>"), "", PLAIN),
    ("forbidden-event", task("intermediateThrowEvent", timer("P1D")), "", PLAIN),
    ("forbidden-event", ENDS.replace("></endEvent>", f">{timer('P1D')}</endEvent>") + flows("s > e"), "", PLAIN),
    ("forbidden-event", ENDS.replace("></startEvent>", "><cancelEventDefinition/></startEvent>") + flows("s > e"),
     "", PLAIN),
    ("forbidden-event", ENDS + node("subProcess", "a", STARTED) + CHAIN, "", PLAIN),
    ("forbidden-event", BASE + node("boundaryEvent", "b", "<compensateEventDefinition/>", attachedToRef="a",
                                    cancelActivity="false"), "", FORMAL),
    ("forbidden-event", BASE + node("boundaryEvent", "b", "<terminateEventDefinition/>", attachedToRef="a")
     + flows("b > e"), "", PLAIN),
    ("link-flow", BASE + link("intermediateThrowEvent", "x", "", name="l") + link("intermediateCatchEvent", "y", "",
     name="l") + flows("s > x > e", "y > e"), "", PLAIN),
    ("link-pair", BASE + link("intermediateThrowEvent", "x", "<target>y.d</target>", name="l")
     + link("intermediateCatchEvent", "y", "<source>w.d</source>", name="l")
     + link("intermediateThrowEvent", "w", "<target>y.d</target>", name="l") + flows("s > x", "s > w", "y > e"),
     "", PLAIN),
    ("link-level", BASE + link("intermediateCatchEvent", "y", "", name="l") + flows("y > e")
     + node("subProcess", "u", link("intermediateThrowEvent", "x", "<target>y.d</target>", name="l")), "", PLAIN),
    ("no-operation", catch(message()), ITEMS + MESSAGE, PLAIN),
    ("gateway-direction", fork("exclusiveGateway", SILENT, OTHER, gatewayDirection="Converging"), "", PLAIN),
    ("gateway-direction", fork("parallelGateway", SILENT, OTHER, gatewayDirection="Mixed"), "", PLAIN),
    ("pointless-gateway", task("parallelGateway"), "", FORMAL),
    ("event-gateway-single", ENDS + node("eventBasedGateway", "g") + SILENT + flows("s > g > x > e"), "", PLAIN),
    ("event-gateway-mixed", fork("eventBasedGateway", node("receiveTask", "x"),
                                 node("intermediateCatchEvent", "y", "<messageEventDefinition/>")), "", PLAIN),
    ("quantity", task(startQuantity="0"), "", PLAIN),
    ("behavior-event", task(inner=many("<loopCardinality>3</loopCardinality>", behavior="One")), "", PLAIN),
    ("behavior-event", task(inner=many("<loopCardinality>3</loopCardinality>", behavior="Complex")), "", PLAIN),
    ("subprocess-data", ENDS + node("subProcess", "a", data()) + CHAIN, "", PLAIN),
    ("resource-choice", task(inner="<performer><resourceRef>r</resourceRef><resourceAssignmentExpression>"
     "<formalExpression>x</formalExpression></resourceAssignmentExpression></performer>"),
     '<resource id="r" name="x"/>', PLAIN),
    ("resource-parameter", task(inner='<performer><resourceParameterBinding parameterRef="r.p"><formalExpression>x'
     "</formalExpression></resourceParameterBinding></performer>"),
     '<resource id="r" name="x"><resourceParameter id="r.p"/></resource>', PLAIN),
    ("task-data", task("sendTask", data(INPUT, input_set("in") + input_set("in")), messageRef="m"), ITEMS + MESSAGE,
     PLAIN),
    ("task-data", task("serviceTask", operationRef="o"), ITEMS + MESSAGE + OPERATION, PLAIN),
    ("task-data-type", task("sendTask", GIVEN.replace('"text"', '"number"'), messageRef="m"), ITEMS + MESSAGE, PLAIN),
    ("collection", BASE + node("dataObject", "d", itemSubjectRef="texts"), ITEMS, PLAIN),
    ("not-in-a-set", task(inner=data(INPUT)), ITEMS, PLAIN),
    ("foreign-member", task(inner=data(INPUT, input_set("in", "top"))) + data(node("dataInput", "top"),
                                                                              input_set("top")), ITEMS, PLAIN),
    ("set-member", task(inner=data(INPUT + node("dataInput", "later"), input_set("in", more="<optionalInputRefs>later"
     "</optionalInputRefs>") + input_set("later"))), ITEMS, PLAIN),
    ("several-sources", task(inner=GIVEN + "<dataInputAssociation><sourceRef>r</sourceRef><sourceRef>d</sourceRef>"
     "<targetRef>in</targetRef></dataInputAssociation>") + OBJECT + HELD, ITEMS, PLAIN),
    ("process-data", task(inner="<dataOutputAssociation><sourceRef>r</sourceRef><targetRef>in</targetRef>"
     "</dataOutputAssociation>") + GIVEN + OBJECT + HELD, ITEMS, PLAIN),
    ("association-end", task(inner="<dataInputAssociation><sourceRef>d</sourceRef><targetRef>r</targetRef>"
     "</dataInputAssociation>") + OBJECT + HELD, ITEMS, PLAIN),
    ("association-types", task(inner=GIVEN.replace('"text"', '"number"') + "<dataInputAssociation><sourceRef>r"
     "</sourceRef><targetRef>in</targetRef></dataInputAssociation>") + OBJECT + HELD, ITEMS, PLAIN),
    ("state-name", BASE + OBJECT + node("dataObjectReference", "r", '<dataState name="checked"/>', dataObjectRef="d",
                                        name="Something"), ITEMS, PLAIN),
    ("event-data", task("intermediateThrowEvent", node("dataInput", "in", itemSubjectRef="text") + message()
     + '<signalEventDefinition signalRef="n"/>'), ITEMS + MESSAGE + SIGNAL, PLAIN),
    ("event-data-type", task("intermediateThrowEvent", node("dataInput", "in", itemSubjectRef="number")
     + '<signalEventDefinition signalRef="n"/>'), ITEMS + SIGNAL, PLAIN),
    ("not-a-collection", task(inner=GIVEN + many("<loopDataInputRef>in</loopDataInputRef>")), ITEMS, PLAIN),
    ("item-type", task(inner=data(node("dataInput", "in", itemSubjectRef="texts", isCollection="true"),
     input_set("in")) + many('<loopDataInputRef>in</loopDataInputRef><inputDataItem itemSubjectRef="number"/>')),
     ITEMS, PLAIN),
    ("no-binding", "<supportedInterfaceRef>i</supportedInterfaceRef>" + BASE, ITEMS + MESSAGE + OPERATION, PLAIN),
    ("call-data", task("callActivity", data(), calledElement="G"), '<globalTask id="G">' + GIVEN + "</globalTask>"
     + ITEMS, PLAIN),
    ("multiplicity", BASE, POOLS.format("").replace(
        '<participant id="q"/>', '<participant id="q"><participantMultiplicity minimum="3" maximum="2"/></participant>'
     ), PLAIN),
    ("message-flow-end", BASE, POOLS.format('<messageFlow id="f" sourceRef="s" targetRef="q"/>'), PLAIN),
    ("message-flow-end", BASE, POOLS.format('<messageFlow id="f" sourceRef="q" targetRef="e"/>'), PLAIN),
    ("message-flow-inside", BASE, POOLS.format('<messageFlow id="f" sourceRef="a" targetRef="p"/>'), PLAIN),
    ("conversation-link", BASE, POOLS.format('<conversationLink id="f" sourceRef="p" targetRef="q"/>'), PLAIN),
    ("conversation-parties", BASE, POOLS.format('<conversation id="v"/>'), PLAIN),
    ("global-conversation", BASE, '<globalConversation id="v"><textAnnotation/></globalConversation>', PLAIN),
    ("public-executable", BASE, "", "public"),
    ("wrong-reference", fork("parallelGateway", user("x", "y")) + node("boundaryEvent", "b", timer("P1D"),
     attachedToRef="g") + flows("b > e"), "", PLAIN),
    ("same-declaration", BASE + "".join(node("subProcess", f"u{number}", node("startEvent", f"t{number}",
     '<errorEventDefinition errorRef="x"/>') + node("endEvent", f"z{number}") + flows(f"t{number} > z{number}"),
     triggeredByEvent="true") for number in (1, 2)), '<error id="x" errorCode="X"/>', PLAIN),
    ("no-id", BASE + "<userTask/>", "", FORMAL),
    ("unknown-attribute", task(assignee="me"), "", FORMAL),
    ("dangling-drawing", task(inner="<incoming>gone</incoming>"), "", FORMAL),
    ("wrong-drawing", task(inner="<incoming>e</incoming>"), "", FORMAL),
    ("message-flow-result", BASE, POOLS.format('<messageFlow id="f" sourceRef="e" targetRef="q"/>'), FORMAL),
    ("dangling-reference", BASE, '<signal id="n" structureRef="gone"/>', FORMAL),
    ("dangling-reference", task(inner=many("<loopDataInputRef>people</loopDataInputRef>")), "", FORMAL),
    ("dangling-reference", task("callActivity", calledElement="gone"), "", FORMAL),
    ("script-format", task("scriptTask", "<script>1</script>", scriptFormat="feel"), "", FORMAL),
    ("no-message-reference", catch("<messageEventDefinition/>"), "", FORMAL),
    ("no-code", task("intermediateThrowEvent", '<escalationEventDefinition escalationRef="k"/>'),
     '<escalation id="k" name="late"/>', FORMAL),
    ("event-without-flow", BASE + node("intermediateThrowEvent", "x") + flows("x > e"), "", FORMAL),
    ("object-state", BASE + node("dataObject", "d", '<dataState name="checked"/>'), "", PLAIN),
    ("reference-item", BASE + OBJECT + node("dataObjectReference", "r", dataObjectRef="d", itemSubjectRef="text"),
     ITEMS, PLAIN),
    ("no-data-object", BASE + node("dataObjectReference", "r"), "", FORMAL),
    ("resource-unbound", task(inner="<performer><resourceRef>r</resourceRef></performer>"),
     '<resource id="r" name="x"><resourceParameter id="r.p" isRequired="true"/></resource>', FORMAL),
    ("call-data", task("callActivity", calledElement="G"), '<globalTask id="G">' + GIVEN + "</globalTask>" + ITEMS,
     PLAIN),
    ("unexecuted-quantity", task(startQuantity="2"), "", PLAIN),
    ("unexecuted-quantity", task(completionQuantity="9" * 5_000), "", PLAIN),
    ("unexecuted-behavior", task(inner=many("<loopCardinality>3</loopCardinality>", behavior="One")), "", PLAIN),
    ("unexecuted-method", ENDS + node("transaction", "a", STARTED, method="##Image") + CHAIN, "", PLAIN),
]  # fmt: skip
"""Rule, contents of the process, root elements, head of the document (``public`` marks the process instead)."""

WARNED: list[tuple[str, str, str, str]] = [
    ("duplicate-inner-id", task(inner='<documentation id="s">x</documentation>'), "", PLAIN),
    ("unknown-attribute", task(assignee="me"), "", PLAIN),
    ("loose-reference", BASE, '<signal id="n" structureRef="gone"/>', PLAIN),
    ("dangling-drawing", task(inner="<incoming>gone</incoming>"), "", PLAIN),
    ("wrong-drawing", task(inner="<incoming>e</incoming>"), "", PLAIN),
    ("default-condition", SPLIT.replace('default="a-e"', 'default="b"') + BRANCH.format(CONDITION), "", PLAIN),
    ("message-flow-result", BASE, POOLS.format('<messageFlow id="f" sourceRef="e" targetRef="q"/>'), PLAIN),
    ("pointless-gateway", task("parallelGateway"), "", PLAIN),
]


def place(head: str) -> tuple[str, str]:
    return (PLAIN, 'processType="Public"') if head == "public" else (head, "")


@pytest.mark.parametrize(("rule", "body", "roots", "head"), FORBIDDEN)
def test_what_the_standard_forbids_is_refused(rule: str, body: str, roots: str, head: str) -> None:
    assert rule in refused(body, roots, *place(head))


@pytest.mark.parametrize(("rule", "body", "roots", "head"), WARNED)
def test_what_changes_nothing_is_a_warning(rule: str, body: str, roots: str, head: str) -> None:
    assert rule in {one.rule for one in findings(body, roots, head) if one.severity == "warning"}


def test_every_rule_has_a_case() -> None:
    assert {case[0] for case in FORBIDDEN + WARNED} == set(RULES)


@pytest.mark.parametrize(
    ("body", "roots", "head"),
    [
        (BASE, "", FORMAL),
        (user("a", "b") + flows("a > b"), "", FORMAL),
        (SPLIT + BRANCH.format(TYPED), "", FORMAL),
        (SPLIT + BRANCH.format(CONDITION), "", PLAIN),
        (catch(timer("PT1H").replace("<timeDuration>", '<timeDuration xsi:type="tFormalExpression">')), "", FORMAL),
        (catch(message("<operationRef>o</operationRef>")), ITEMS + MESSAGE + OPERATION, PLAIN),
        (catch(message()), '<message id="m" name="report"/>', PLAIN),
        (catch(message()), ITEMS + MESSAGE, DIALECT),
        (task(inner=many("<loopDataInputRef>people</loopDataInputRef>")), "", PLAIN),
        (task(inner=GIVEN + "<dataInputAssociation><sourceRef>r</sourceRef><targetRef>in</targetRef>"
              "</dataInputAssociation>") + OBJECT + HELD, ITEMS, PLAIN),
        (BASE + OBJECT + node("dataObjectReference", "r", '<dataState name="checked"/>', dataObjectRef="d",
                              name="Report [checked]"), ITEMS, PLAIN),
        (BASE, POOLS.format('<messageFlow id="f" sourceRef="a" targetRef="q"/>'), PLAIN),
        (BASE, '<import namespace="n" importType="t" location="here.xsd"/>', PLAIN),
        (BASE, '<import namespace="n" importType="t" location="https://example.org/gone.xsd"/>', PLAIN),
        (fork("eventBasedGateway", SILENT, OTHER, gatewayDirection="Diverging"), "", PLAIN),
        (task("callActivity", calledElement="Q"), "", FORMAL),
        (task("scriptTask", "<script>1</script>", scriptFormat="text/javascript"), "", FORMAL),
        (task(inner='<documentation textFormat="text/html">x</documentation>'), "", PLAIN),
    ],
)  # fmt: skip
def test_what_the_standard_allows_is_accepted(body: str, roots: str, head: str) -> None:
    assert refused(body, roots, head) == set()


def test_a_process_that_is_not_executable_is_only_warned_about() -> None:
    text = f'<definitions {PLAIN}><process id="P" isExecutable="true">{BASE}</process>'
    text += f'<process id="Q" isExecutable="false">{node("userTask", "x", startQuantity="0")}</process></definitions>'
    found = [one for one in lint_diagram(parse_diagram(text.encode())) if one.rule == "quantity"]
    assert [(one.element_id, one.severity) for one in found] == [("x", "warning")]


def test_a_finding_names_the_drawn_element_and_the_line_of_the_fault() -> None:
    body = ENDS + "\n" + node("userTask", "a", "\n" + data(INPUT), name="填报") + CHAIN
    (finding,) = [one for one in findings(body, ITEMS) if one.rule == "not-in-a-set"]
    assert (finding.element_id, finding.element_name, finding.line) == ("a", "填报", 3)
    assert " / " in finding.message
    assert " / " in finding.advice
