"""Data objects, properties, data inputs and outputs, mapped parameters (BPMN 2.0.2, 10.4)."""

import pytest

from engine.interpreter.contract import Ended, Failed, MessageArrived, Retried, Thrown, VariablesSet, WaitOpened
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, user

CHAIN = flows("s > a > b > e")
OBJECTS = (
    '<dataObject id="DataObject_1" name="order"/><dataObjectReference id="Ref_1" dataObjectRef="DataObject_1"/>'
    '<dataObject id="DataObject_2"/><dataObjectReference id="Ref_2" name="invoice" dataObjectRef="DataObject_2"/>'
    '<property id="limit"/>'
)
FAILING = "if broken then [false..null] else 1"


def association(kind: str, source: str = "", target: str = "", inner: str = "") -> str:
    ends = f"<sourceRef>{source}</sourceRef>" if source else ""
    return f"<data{kind}Association>{ends}<targetRef>{target}</targetRef>{inner}</data{kind}Association>"


def specification(*inputs: str, outputs: tuple[str, ...] = ()) -> str:
    declared = "".join(f'<dataInput id="in_{name}" name="{name}"/>' for name in inputs)
    declared += "".join(f'<dataOutput id="out_{name}" name="{name}"/>' for name in outputs)
    return f"<ioSpecification>{declared}<inputSet/><outputSet/></ioSpecification>"


def parameters(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    inner = "".join(
        f'<camunda:inputParameter name="{k}">{v}</camunda:inputParameter>' for k, v in (inputs or {}).items()
    )
    inner += "".join(
        f'<camunda:outputParameter name="{k}">{v}</camunda:outputParameter>' for k, v in (outputs or {}).items()
    )
    return f"<extensionElements><camunda:inputOutput>{inner}</camunda:inputOutput></extensionElements>"


def test_a_data_input_is_a_copy_of_the_data_object_and_a_data_output_goes_back_to_one() -> None:
    io = specification("what", outputs=("answer",))
    io += association("Input", "Ref_1", "in_what") + association("Output", "out_answer", "Ref_2")
    played = Played(draw(ENDS + OBJECTS + node("userTask", "a", io) + user("b") + CHAIN), {"order": 7})
    assert played.of(WaitOpened)[0].scope == {"what": 7}
    played.complete("a", answer="yes")
    assert played.variables == {"order": 7, "answer": "yes", "invoice": "yes"}


def test_an_output_that_was_not_produced_leaves_its_data_object_as_it_is() -> None:
    io = specification(outputs=("answer",)) + association("Output", "out_answer", "Ref_1")
    played = Played(draw(ENDS + OBJECTS + node("userTask", "a", io) + user("b") + CHAIN), {"order": 7})
    played.complete("a", other=1)
    assert played.variables == {"order": 7, "other": 1}


def test_an_input_whose_source_has_no_value_is_not_there() -> None:
    io = specification("what") + association("Input", "Ref_1", "in_what")
    played = Played(draw(ENDS + OBJECTS + node("userTask", "a", io) + user("b") + CHAIN))
    assert played.of(WaitOpened)[0].scope == {}


def test_assignments_and_transformations_are_feel() -> None:
    assignment = "<assignment><from>order * 2</from><to>in_twice</to></assignment>"
    transformation = "<transformation>string(answer) + &quot;!&quot;</transformation>"
    io = specification("twice", outputs=("answer",)) + association("Input", "Ref_1", "in_twice", assignment)
    io += association("Output", "out_answer", "limit", transformation)
    played = Played(draw(ENDS + OBJECTS + node("userTask", "a", io) + user("b") + CHAIN), {"order": 7})
    assert played.of(WaitOpened)[0].scope == {"twice": 14}
    played.complete("a", answer=3)
    assert played.variables["limit"] == "3!"


def test_a_script_writes_a_data_output_under_its_name() -> None:
    io = (
        specification("x", outputs=("y",))
        + association("Input", "order", "in_x")
        + association("Output", "out_y", "Ref_1")
    )
    script = "<script>y = x + 1;</script>"
    body = ENDS + OBJECTS + node("scriptTask", "a", io + script, scriptFormat="javascript") + user("b") + CHAIN
    assert Played(draw(body), {"order": 1}).variables["order"] == 2


def test_what_editors_draw_to_show_that_a_variable_is_used_copies_nothing() -> None:
    drawn = '<property id="p" name="__targetRef_placeholder"/>' + association("Input", "Ref_1", "p")
    drawn += association("Output", "", "Ref_2")
    played = Played(draw(ENDS + OBJECTS + node("userTask", "a", drawn) + user("b") + CHAIN), {"order": 7})
    assert played.of(WaitOpened)[0].scope == {}
    played.complete("a", invoice=9)
    assert played.variables == {"order": 7, "invoice": 9}


def test_an_expression_that_fails_is_an_incident_and_can_be_retried() -> None:
    assignment = f"<assignment><from>{FAILING}</from><to>in_x</to></assignment>"
    io = specification("x") + association("Input", "Ref_1", "in_x", assignment)
    played = Played(draw(ENDS + OBJECTS + node("userTask", "a", io) + user("b") + CHAIN), {"broken": True})
    failed = played.of(Failed)[0]
    assert (failed.element_id, failed.code) == ("a", "expression-failed")
    played.send(VariablesSet(at=AT, values={"broken": False}))
    played.send(Retried(at=AT, token=failed.token))
    assert played.of(WaitOpened)[0].scope == {"x": 1}


def test_the_collections_of_a_loop_are_followed_to_the_data_objects() -> None:
    io = specification("Items", outputs=("Results",))
    io += association("Input", "Ref_1", "in_Items") + association("Output", "out_Results", "Ref_2")
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>in_Items</loopDataInputRef>"
        "<loopDataOutputRef>out_Results</loopDataOutputRef>"
        '<inputDataItem id="One" name="one"/><outputDataItem id="Out"/></multiInstanceLoopCharacteristics>'
    )
    script = "<script>one * 10</script>"
    body = (
        ENDS + OBJECTS + node("scriptTask", "a", io + loop + script, camunda_resultVariable="Out") + user("b") + CHAIN
    )
    assert Played(draw(body), {"order": [1, 2]}).variables["invoice"] == [10, 20]


def test_data_objects_may_begin_with_a_value() -> None:
    value = "<extensionElements><camunda:value>{}</camunda:value></extensionElements>"
    objects = '<dataObject id="d1" name="text" itemSubjectRef="xsd:string">' + value.format("3") + "</dataObject>"
    objects += '<dataObject id="d2" name="count" itemSubjectRef="xsd:int">' + value.format("3") + "</dataObject>"
    objects += '<dataObject id="d3" name="sure" itemSubjectRef="xsd:boolean">' + value.format("true") + "</dataObject>"
    played = Played(draw(ENDS + objects + user("a", "b") + CHAIN), {"count": 5})
    assert played.variables == {"text": "3", "count": 5, "sure": True}


@pytest.mark.parametrize("name", ["amount", "everything"])
def test_what_comes_with_an_event_goes_to_its_data_output(name: str) -> None:
    inner = f'<dataOutput id="o" name="{name}"/>' + association("Output", "o", "Ref_1")
    catch = node("intermediateCatchEvent", "a", inner + '<messageEventDefinition messageRef="m"/>')
    body = ENDS + OBJECTS + catch + user("b") + CHAIN
    played = Played(draw(body, '<message id="m" name="report"/>'))
    played.send(MessageArrived(at=AT, name="report", payload={"amount": 3}))
    assert played.variables["order"] == (3 if name == "amount" else {"amount": 3})


def test_a_throwing_event_takes_its_data_inputs_along() -> None:
    inner = '<dataInput id="i" name="what"/>' + association("Input", "Ref_1", "i")
    throw = node("intermediateThrowEvent", "a", inner + '<messageEventDefinition messageRef="m"/>')
    body = ENDS + OBJECTS + throw + user("b") + CHAIN
    played = Played(draw(body, '<message id="m" name="report"/>'), {"order": 7})
    assert played.of(Thrown)[0].payload == {"what": 7}


# Mapped parameters


def test_inputs_are_local_to_their_task_and_mapped_outputs_see_them() -> None:
    mapped = parameters({"half": "total / 2"}, {"result": "half + extra"})
    played = Played(draw(ENDS + node("userTask", "a", mapped) + user("b") + CHAIN), {"total": 10})
    assert played.of(WaitOpened)[0].scope == {"half": 5}
    played.complete("a", extra=1)
    assert played.variables == {"total": 10, "extra": 1, "result": 6}
    assert played.of(WaitOpened)[0].scope == {}


@pytest.mark.parametrize("tag", ["task", "manualTask", "userTask"])
def test_mapped_outputs_work_on_every_task(tag: str) -> None:
    played = Played(draw(ENDS + node(tag, "a", parameters({"x": "1"}, {"y": "x + 1"})) + user("b") + CHAIN))
    if tag != "task":
        played.complete("a")
    assert played.variables["y"] == 2


def test_a_subprocess_has_variables_of_its_own_and_gives_back_what_is_mapped() -> None:
    step = node("scriptTask", "t", "<script>x + 1</script>", camunda_resultVariable="x")
    other = node("scriptTask", "u", "<script>x * 100</script>", camunda_resultVariable="y")
    inner = node("startEvent", "s1") + step + other + flows("s1 > t > u")
    body = ENDS + node("subProcess", "a", parameters({"x": "n"}, {"out": "x"}) + inner) + user("b") + CHAIN
    played = Played(draw(body), {"n": 1, "x": "outside"})
    assert played.variables == {"n": 1, "x": "outside", "y": 200, "out": 2}


def test_each_item_of_a_subprocess_has_its_own_inputs() -> None:
    loop = node("multiInstanceLoopCharacteristics", "m", camunda_collection="items", camunda_elementVariable="item",
                duban_outputCollection="all", duban_outputElement="x")  # fmt: skip
    step = node("scriptTask", "t", "<script>x + 1</script>", camunda_resultVariable="x")
    inner = node("startEvent", "s1") + step + flows("s1 > t")
    body = ENDS + node("subProcess", "a", parameters({"x": "item * 10"}) + loop + inner) + user("b") + CHAIN
    assert Played(draw(body), {"items": [1, 2]}).variables["all"] == [11, 21]


def test_an_output_mapping_that_fails_is_an_incident_and_can_be_retried() -> None:
    inner = node("startEvent", "s1") + node("task", "t") + flows("s1 > t")
    mapped = parameters({}, {"out": FAILING})
    body = ENDS + node("subProcess", "a", mapped + inner) + user("b") + CHAIN
    played = Played(draw(body), {"broken": True})
    failed = played.of(Failed)[0]
    assert (failed.element_id, failed.code) == ("a", "expression-failed")
    played.send(VariablesSet(at=AT, values={"broken": False}))
    played.send(Retried(at=AT, token=failed.token))
    assert played.variables["out"] == 1
    assert played.places(WaitOpened) == ["b"]


def test_a_send_task_sends_its_inputs_and_may_set_variables() -> None:
    mapped = parameters({"amount": "n * 2"}, {"sent": "amount"})
    body = ENDS + node("sendTask", "a", mapped, messageRef="m") + flows("s > a > e")
    played = Played(draw(body, '<message id="m" name="report"/>'), {"n": 2})
    assert played.of(Thrown)[0].payload == {"amount": 4}
    assert played.variables == {"n": 2, "sent": 4}
    assert played.of(Ended)


@pytest.mark.parametrize("tag", ["scriptTask", "subProcess"])
def test_inputs_are_evaluated_anew_when_the_task_is_retried(tag: str) -> None:
    script = f"<script>{FAILING.replace('else 1', 'else n')}</script>"
    inner = node("startEvent", "s1") + node("task", "t") + flows("s1 > t") if tag == "subProcess" else script
    mapped = parameters({"n": "n + 1"}, {"out": FAILING.replace("else 1", "else n")})
    played = Played(draw(ENDS + node(tag, "a", mapped + inner) + user("b") + CHAIN), {"n": 1, "broken": True})
    played.send(VariablesSet(at=AT, values={"broken": False}))
    played.send(Retried(at=AT, token=next(one.token for one in played.all if isinstance(one, Failed))))
    assert (played.variables["n"], played.variables["out"]) == (1, 2)
