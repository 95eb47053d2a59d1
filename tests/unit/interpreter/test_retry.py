"""An incident of any element: it says where and why, the variables are edited, and the retry goes on from there."""

import pytest

from engine.interpreter.contract import (
    ChildrenRequested,
    Failed,
    Retried,
    TimerFired,
    VariablesSet,
    WaitFailed,
    WaitOpened,
)
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, timer, user

BAD = "if broken then [false..null] else {}"
CHAIN = flows("s > a > after > e")
ROOTS = '<message id="m" name="report"/><signal id="g" name="go"/><escalation id="x" escalationCode="X"/>'
INNER = node("startEvent", "s1") + node("task", "t") + flows("s1 > t")


def bad(value: str = "1") -> str:
    """Return an expression that fails as long as ``broken`` is set."""
    return BAD.format(value)


def mapped(kind: str) -> str:
    parameter = node("camunda:" + kind + "Parameter", "", bad(), name="x").replace(' id=""', "")
    return f"<extensionElements><camunda:inputOutput>{parameter}</camunda:inputOutput></extensionElements>"


def many(collection: str, inner: str = "", **more: str) -> str:
    return node("multiInstanceLoopCharacteristics", "m", inner, camunda_collection=collection, **more)


ELEMENTS = {
    "user task, input": node("userTask", "a", mapped("input")),
    "task, output": node("task", "a", mapped("output")),
    "service task, output": node("serviceTask", "a", mapped("output"), duban_service="x"),
    "send task, input": node("sendTask", "a", mapped("input"), messageRef="m"),
    "receive task, output": node("receiveTask", "a", mapped("output"), messageRef="m"),
    "script task, FEEL": node("scriptTask", "a", f"<script>{bad()}</script>", camunda_resultVariable="x"),
    "script task, JavaScript": node(
        "scriptTask", "a", "<script>if (broken) { throw new Error('no'); }</script>", scriptFormat="javascript"
    ),
    "call activity, input": node("callActivity", "a", mapped("input"), calledElement="p"),
    "call activity, called element": node("callActivity", "a", calledElement="= " + bad('"p"')),
    "call activity, collection": node(
        "callActivity", "a", node("multiInstanceLoopCharacteristics", "m", camunda_collection=bad("[1]"),
                                  camunda_elementVariable="item"), calledElement="p"
    ),
    "subprocess, input": node("subProcess", "a", mapped("input") + INNER),
    "subprocess, output": node("subProcess", "a", mapped("output") + INNER),
    "transaction, output": node("transaction", "a", mapped("output") + INNER),
    "ad-hoc subprocess, condition": node(
        "adHocSubProcess", "a", node("task", "t") + f"<completionCondition>{bad('true')}</completionCondition>"
    ),
    "multi-instance, collection": node("userTask", "a", many(bad("[1]"))),
    "multi-instance, completion condition": node(
        "task", "a", many("[1, 2]", f"<completionCondition>{bad('true')}</completionCondition>", isSequential="true")
    ),
    "loop, condition": node(
        "task", "a", f"<standardLoopCharacteristics><loopCondition>{bad('false')}</loopCondition>"
        "</standardLoopCharacteristics>"
    ),
    "message throw, payload": node(
        "intermediateThrowEvent", "a", mapped("input") + '<messageEventDefinition messageRef="m"/>'
    ),
    "escalation throw, payload": node(
        "intermediateThrowEvent", "a", mapped("input") + '<escalationEventDefinition escalationRef="x"/>'
    ),
    "timer catch": node("intermediateCatchEvent", "a", timer("= " + bad('"PT0S"'))),
    "conditional catch": node(
        "intermediateCatchEvent", "a", "<conditionalEventDefinition><condition>" + bad("true")
        + "</condition></conditionalEventDefinition>"
    ),
    "boundary timer": node("userTask", "a") + user("late")
    + node("boundaryEvent", "b", timer("= " + bad('"PT1H"')), attachedToRef="a") + flows("b > late"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ELEMENTS)
def test_an_element_that_failed_runs_again_after_its_variables_were_edited(kind: str) -> None:
    played = Played(draw(ENDS + ELEMENTS[kind] + user("after") + CHAIN, ROOTS), {"broken": True})
    if not played.of(Failed):
        played.complete("a")
    failed = played.of(Failed)
    assert len(failed) == 1
    assert failed[0].element_id in ("a", "b")
    assert failed[0].message
    played.send(Retried(at=AT, token=failed[0].token))
    assert [one.token for one in played.of(Failed)] == [failed[0].token]
    played.send(VariablesSet(at=AT, values={"broken": False}))
    played.send(Retried(at=AT, token=failed[0].token))
    assert played.of(Failed) == []
    _finish(played)
    assert "after" in played.open


def _finish(played: Played) -> None:
    """Answer what the element itself waits for."""
    if played.of(ChildrenRequested):
        played.open["a"] = played.of(ChildrenRequested)[0].token
    elif played.timers.get("a"):
        played.send(TimerFired(at=AT, token=played.timers["a"]))
    if "after" not in played.open:
        played.complete("a")


@pytest.mark.parametrize("kind", ["userTask", "manualTask", "serviceTask", "receiveTask", "callActivity"])
def test_a_wait_that_failed_outside_is_opened_again(kind: str) -> None:
    more = {"receiveTask": {"messageRef": "m"}, "callActivity": {"calledElement": "p"}}.get(kind, {})
    played = Played(draw(ENDS + node(kind, "a", **more) + user("after") + CHAIN, ROOTS))
    opened = [*played.of(WaitOpened), *played.of(ChildrenRequested)][0]
    played.send(WaitFailed(at=AT, token=opened.token, code="no-answer", message="nobody there", technical=True))
    failed = played.of(Failed)[0]
    assert (failed.element_id, failed.code, failed.message) == ("a", "no-answer", "nobody there")
    played.send(Retried(at=AT, token=failed.token))
    again = [*played.of(WaitOpened), *played.of(ChildrenRequested)][0]
    assert again.token == opened.token
    played.open["a"] = again.token
    played.complete("a")
    assert played.places(WaitOpened) == ["after"]


@pytest.mark.parametrize("kind", ["exclusiveGateway", "inclusiveGateway", "complexGateway", "task", "startEvent"])
def test_a_condition_that_failed_is_asked_again(kind: str) -> None:
    name = "s" if kind == "startEvent" else "a"
    drawn = ENDS + ("" if name == "s" else node(kind, "a")) + user("after", "other")
    condition = f"<conditionExpression>{bad('true')}</conditionExpression>"
    drawn += node("sequenceFlow", "f", condition, sourceRef=name, targetRef="after")
    drawn += flows("after > e", "other > e", f"{name} [false]> other") + ("" if name == "s" else flows("s > a"))
    played = Played(draw(drawn), {"broken": True})
    failed = played.of(Failed)[0]
    assert failed.element_id == name
    played.send(VariablesSet(at=AT, values={"broken": False}))
    played.send(Retried(at=AT, token=failed.token))
    assert played.places(WaitOpened) == ["after"]
