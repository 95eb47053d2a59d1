"""Diagrams of other engines run: one feature each, from deployment to the end, on the real engine."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from engine.testing import Instance, Playground, RefusedDiagram
from tests.support.foreign import between, drawn


@pytest.fixture
def bench() -> Iterator[Playground]:
    playground = Playground()
    yield playground
    playground.close()


def start(bench: Playground, body: str, prefix: str = "camunda", roots: str = "", **variables: Any) -> Instance:
    bench.deploy(drawn(body, prefix, roots))
    return bench.start("P", variables)


def flow(identifier: str, source: str, target: str, condition: str = "") -> str:
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{identifier}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


BRANCHES = (
    '<startEvent id="s"/><exclusiveGateway id="g" default="no"/><endEvent id="yes_end"/><endEvent id="no_end"/>'
    + flow("f", "s", "g")
)


@pytest.mark.parametrize(
    ("condition", "variables", "end"),
    [
        ("${amount &gt; 100}", {"amount": 150}, "yes_end"),
        ("${amount &gt; 100}", {"amount": 50}, "no_end"),
        ("${!approved}", {}, "yes_end"),
        ("#{order.lines.size() == 2 and not empty order.name}", {"order": {"lines": [1, 2], "name": "x"}}, "yes_end"),
        ("${execution.getVariable('kind') eq 'a'}", {"kind": "a"}, "yes_end"),
    ],
)
def test_gateway_goes_by_the_translated_condition(
    bench: Playground, condition: str, variables: dict[str, Any], end: str
) -> None:
    instance = start(bench, BRANCHES + flow("yes", "g", "yes_end", condition) + flow("no", "g", "no_end"), **variables)
    assert (instance.trace[-1], instance.state) == (end, "completed")


def test_code_of_a_service_is_an_open_item_of_its_name(bench: Playground) -> None:
    task = '<serviceTask id="t" camunda:delegateExpression="${payments}" camunda:resultVariable="paid"/>'
    instance = start(bench, between(task))
    [item] = instance.open_items
    assert (item.kind, item.name) == ("service", "payments")
    instance.complete(item, {"paid": True})
    assert (instance.variables, instance.state) == ({"paid": True}, "completed")


def test_outputs_of_a_service_are_mapped(bench: Playground) -> None:
    task = (
        '<serviceTask id="t" camunda:type="external" camunda:topic="ask"><extensionElements><camunda:inputOutput>'
        '<camunda:outputParameter name="kept">${answer}</camunda:outputParameter>'
        '<camunda:outputParameter name="told">It is ${answer}</camunda:outputParameter>'
        "</camunda:inputOutput></extensionElements></serviceTask>"
    )
    instance = start(bench, between(task))
    instance.complete("t", {"answer": 42})
    assert instance.variables == {"kept": 42, "told": "It is 42"}


def test_listeners_set_their_variables_when_the_element_is_entered_and_left(bench: Playground) -> None:
    listener = '<camunda:executionListener event="{}" expression="${{execution.setVariable(\'{}\', {})}}"/>'
    task = (
        '<userTask id="t"><extensionElements>'
        + listener.format("start", "begun", "n + 1")
        + listener.format("end", "done", "begun + answer")
        + "</extensionElements></userTask>"
    )
    instance = start(bench, between(task), n=1)
    assert instance.variables == {"n": 1, "begun": 2}
    instance.complete("t", {"answer": 5})
    assert instance.variables["done"] == 7
    assert instance.state == "completed"


def test_listener_on_a_flow_runs_only_when_the_flow_is_taken(bench: Playground) -> None:
    listener = (
        '<extensionElements><camunda:executionListener event="take">'
        '<camunda:script scriptFormat="groovy">execution.setVariable("way", "{}")</camunda:script>'
        "</camunda:executionListener></extensionElements>"
    )
    flows = "".join(
        flow(name, "g", f"{name}_end", condition).replace(">", ">" + listener.replace("{}", name), 1)
        for name, condition in (("yes", "${ok}"), ("no", ""))
    )
    instance = start(bench, BRANCHES + flows, ok=False)
    assert instance.variables["way"] == "no"


def test_scripts_of_a_multi_instance_run_for_every_item(bench: Playground) -> None:
    task = (
        '<userTask id="t"><extensionElements>'
        '<camunda:executionListener event="start"'
        " expression=\"${execution.setVariable('greeting', 'hi '.concat(one))}\"/>"
        "</extensionElements>"
        '<multiInstanceLoopCharacteristics camunda:collection="${people}" camunda:elementVariable="one"/></userTask>'
    )
    instance = start(bench, between(task), people=["a", "b"])
    assert [item.scope["greeting"] for item in instance.open_items] == ["hi a", "hi b"]


def test_loop_counter_counts_from_zero_in_their_expressions(bench: Playground) -> None:
    task = (
        '<userTask id="t"><extensionElements>'
        '<camunda:executionListener event="start" expression="${execution.setVariable(\'mine\', rooms[loopCounter])}"/>'
        "</extensionElements><multiInstanceLoopCharacteristics><loopCardinality>${rooms.size()}</loopCardinality>"
        "</multiInstanceLoopCharacteristics></userTask>"
    )
    instance = start(bench, between(task), rooms=["x", "y"])
    assert [item.scope["mine"] for item in instance.open_items] == ["x", "y"]


def test_completion_condition_with_their_counters(bench: Playground) -> None:
    loop = (
        '<multiInstanceLoopCharacteristics flowable:collection="${people}" flowable:elementVariable="one">'
        "<completionCondition>${nrOfCompletedInstances / nrOfInstances &gt;= 0.5}</completionCondition>"
        "</multiInstanceLoopCharacteristics>"
    )
    instance = start(bench, between(f'<userTask id="t">{loop}</userTask>'), "flowable", people=["a", "b", "c", "d"])
    for expected in ("running", "completed"):
        instance.complete(instance.open_items[0])
        assert instance.state == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("groovy", 'def total = execution.getVariable("a") + b\nexecution.setVariable("sum", total)'),
        ("javascript", 'var total = execution.getVariable("a") + b; execution.setVariable("sum", total);'),
        ("juel", "${execution.setVariable('sum', a + b)}"),
    ],
)
def test_script_tasks_of_other_languages(bench: Playground, language: str, text: str) -> None:
    task = f'<scriptTask id="t" scriptFormat="{language}"><script><![CDATA[{text}]]></script></scriptTask>'
    assert start(bench, between(task), a=1, b=2).variables == {"a": 1, "b": 2, "sum": 3}


@pytest.mark.parametrize("language", ["groovy", "javascript"])
def test_result_variable_takes_the_last_value(bench: Playground, language: str) -> None:
    task = (
        f'<scriptTask id="t" scriptFormat="{language}" camunda:resultVariable="sum"><script>a + 1</script></scriptTask>'
    )
    assert start(bench, between(task), a=1).variables == {"a": 1, "sum": 2}


def test_bpmn_error_of_a_script_is_caught_by_its_boundary_event(bench: Playground) -> None:
    body = (
        between('<scriptTask id="t" scriptFormat="groovy"><script>throw new BpmnError("E1")</script></scriptTask>')
        + '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="E1"/></boundaryEvent>'
        + '<endEvent id="caught"/>'
        + flow("f3", "b", "caught")
    )
    instance = start(bench, body, "flowable")
    assert (instance.trace[-1], instance.state) == ("caught", "completed")


def test_script_that_cannot_be_translated_is_refused_unless_somebody_takes_it(bench: Playground) -> None:
    content = drawn(between('<scriptTask id="t" scriptFormat="groovy"><script>bean.work()</script></scriptTask>'))
    with pytest.raises(RefusedDiagram) as refused:
        bench.deploy(content)
    assert [(one.rule, one.element_id) for one in refused.value.findings if one.severity == "error"] == [
        ("script-language", "t")
    ]
    seen: list[Any] = []
    taking = Playground(on_script=lambda *call: seen.append(call[:3]) or {"worked": True})
    taking.deploy(content)
    assert taking.start("P").variables == {"worked": True}
    taking.close()
    assert seen == [("t", "groovy", "bean.work()")]


def test_script_that_the_suite_leaves_alone_is_run_translated() -> None:
    task = '<scriptTask id="t" scriptFormat="groovy"><script>execution.setVariable("x", 1)</script></scriptTask>'
    bench = Playground(on_script=lambda *_: None)
    assert start(bench, between(task)).variables == {"x": 1}
    bench.close()


def test_timer_with_an_expression_fires_in_its_time(bench: Playground) -> None:
    timer = "<timerEventDefinition><timeDuration>PT${hours}H</timeDuration></timerEventDefinition>"
    instance = start(bench, between(f'<intermediateCatchEvent id="t">{timer}</intermediateCatchEvent>'), hours=3)
    bench.advance(timedelta(hours=2, minutes=59))
    assert instance.state == "running"
    bench.advance(timedelta(minutes=1))
    assert instance.state == "completed"


def test_called_process_gets_and_gives_what_is_mapped(bench: Playground) -> None:
    called = between(
        '<scriptTask id="t" scriptFormat="juel"><script>${execution.setVariable(\'y\', x * 2)}</script></scriptTask>'
    )
    bench.deploy(drawn(called).replace(b'id="P"', b'id="Q"'))
    call = (
        '<callActivity id="t" calledElement="Q"><extensionElements><camunda:in sourceExpression="${a + 1}" target="x"/>'
        '<camunda:out source="y" target="b"/></extensionElements></callActivity>'
    )
    instance = start(bench, between(call), a=1)
    assert (instance.variables, instance.children[0].variables) == ({"a": 1, "b": 4}, {"x": 2, "y": 4})


def test_generated_form_lies_in_the_package(bench: Playground) -> None:
    data = '<camunda:formData><camunda:formField id="a" type="long"/></camunda:formData>'
    data = f"<extensionElements>{data}</extensionElements>"
    instance = start(bench, between(f'<userTask id="t">{data}</userTask>'))
    instance.complete("t", {"a": 3})
    assert (instance.variables, instance.state) == ({"a": 3}, "completed")


def test_python_diagram_runs(bench: Playground) -> None:
    body = (
        '<startEvent id="s"/><scriptTask id="t">'
        "<script>total = 0\nfor i in items:\n    total += i</script></scriptTask>"
        '<exclusiveGateway id="g" default="no"/><endEvent id="yes_end"/><endEvent id="no_end"/>'
        + flow("f1", "s", "t")
        + flow("f2", "t", "g")
        + flow("yes", "g", "yes_end", "total == 6 and len(items) in [3, 4]")
        + flow("no", "g", "no_end")
    )
    assert start(bench, body, "spiffworkflow", items=[1, 2, 3]).trace[-1] == "yes_end"


def test_camunda_8_diagram_runs(bench: Playground) -> None:
    task = (
        '<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="pay"/><zeebe:ioMapping>'
        '<zeebe:input source="=total * 2" target="amount"/><zeebe:output source="=receipt" target="paid"/>'
        "</zeebe:ioMapping></extensionElements></serviceTask>"
    )
    instance = start(bench, between(task), "zeebe", total=2)
    [item] = instance.open_items
    assert (item.kind, item.name) == ("service", "pay")
    instance.complete(item, {"receipt": "r1"})
    assert instance.variables == {"total": 2, "paid": "r1"}


def test_jbpm_diagram_runs(bench: Playground) -> None:
    java = 'scriptFormat="http://www.java.com/java"'
    body = (
        f'<startEvent id="s"/><scriptTask id="t" {java}><script>kcontext.setVariable("x", x + 1);</script></scriptTask>'
        '<exclusiveGateway id="g" default="no"/><endEvent id="yes_end"/><endEvent id="no_end"/>'
        + flow("f1", "s", "t")
        + flow("f2", "t", "g")
        + '<sequenceFlow id="yes" sourceRef="g" targetRef="yes_end">'
        '<conditionExpression language="http://www.java.com/java">'
        "return x == 2;</conditionExpression></sequenceFlow>" + flow("no", "g", "no_end")
    )
    assert start(bench, body, "drools", x=1).trace[-1] == "yes_end"


def test_payload_of_a_thrown_signal_is_kept_by_its_catcher(bench: Playground) -> None:
    throw = (
        '<intermediateThrowEvent id="t"><extensionElements><flowable:out source="mine" target="sent"/>'
        '</extensionElements><signalEventDefinition signalRef="alert"/></intermediateThrowEvent>'
    )
    catch = (
        '<intermediateCatchEvent id="t"><extensionElements><flowable:in source="sent" target="kept"/>'
        '</extensionElements><signalEventDefinition signalRef="alert"/></intermediateCatchEvent>'
    )
    bench.deploy(drawn(between(catch), "flowable").replace(b'id="P"', b'id="Q"'))
    waiting = bench.start("Q")
    start(bench, between(throw), "flowable", mine=7)
    assert (waiting.variables.get("kept"), waiting.state) == (7, "completed")


def test_called_process_and_message_may_be_named_by_an_expression(bench: Playground) -> None:
    event = (
        '<intermediateCatchEvent id="t"><messageEventDefinition flowable:messageExpression="paid-${order}"/>'
        "</intermediateCatchEvent>"
    )
    bench.deploy(drawn(between(event), "flowable").replace(b'id="P"', b'id="Q"'))
    call = '<callActivity id="t" calledElement="${next}" flowable:inheritVariables="true"/>'
    instance = start(bench, between(call), "flowable", next="Q", order=7)
    assert instance.state == "running"
    bench.message("paid-7")
    assert instance.state == "completed"


def test_branch_without_condition_holds_and_nodes_without_id_get_one(bench: Playground) -> None:
    body = (
        '<startEvent id="s"/><exclusiveGateway id="g"/><endEvent id="first"/><endEvent id="second"/>'
        + flow("f", "s", "g")
        + flow("a", "g", "first", "${x == 1}")
        + '<sequenceFlow sourceRef="g" targetRef="second"/><subProcess triggeredByEvent="true"><startEvent id="es">'
        '<signalEventDefinition signalRef="x"/></startEvent><endEvent id="ee"/>'
        + flow("ef", "es", "ee")
        + "</subProcess>"
    )
    assert start(bench, body, "flowable", x=2).trace[-1] == "second"
    assert bench.start("P", {"x": 1}).trace[-1] == "first"


DECISION = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="level" name="level"><decisionTable hitPolicy="FIRST">
<input><inputExpression><text>amount</text></inputExpression></input><output name="grade"/>
<rule><inputEntry><text>&gt; 10</text></inputEntry><outputEntry><text>"high"</text></outputEntry></rule>
<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>"low"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


@pytest.mark.parametrize(
    ("attributes", "condition"),
    [
        ('camunda:resultVariable="r"', "${r[0].grade == 'high'}"),
        ('camunda:resultVariable="r" camunda:mapDecisionResult="singleEntry"', "${r == 'high'}"),
        ('camunda:resultVariable="r" camunda:mapDecisionResult="singleResult"', "${r.grade == 'high'}"),
        ('camunda:resultVariable="r" camunda:mapDecisionResult="collectEntries"', "${r.contains('high')}"),
        ("", "${grade == 'high'}"),
    ],
)
def test_answer_of_a_decision_has_the_shape_that_the_diagram_expects(
    bench: Playground, attributes: str, condition: str
) -> None:
    body = (
        f'<startEvent id="s"/><businessRuleTask id="t" camunda:decisionRef="level" {attributes}/>'
        '<exclusiveGateway id="g" default="no"/><endEvent id="yes_end"/><endEvent id="no_end"/>'
    )
    body += flow("f1", "s", "t") + flow("f2", "t", "g") + flow("yes", "g", "yes_end", condition)
    bench.deploy(DECISION)
    assert start(bench, body + flow("no", "g", "no_end"), amount=20).trace[-1] == "yes_end"
    assert bench.start("P", {"amount": 5}).trace[-1] == "no_end"
