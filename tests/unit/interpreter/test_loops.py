"""Standard loops, rework loops of many rounds, long chains (BPMN 2.0.2, 10.3.8 and 13.3.6)."""

import time

import pytest

from engine.definitions.lint import lint_diagram
from engine.definitions.parse import parse_diagram
from engine.expressions import evaluator
from engine.interpreter.contract import (
    ChildrenRequested,
    Ended,
    Entered,
    Failed,
    Retried,
    TimerDropped,
    TimerFired,
    TimerSet,
    VariablesSet,
    WaitOpened,
)
from tests.support.drawing import AT, ENDS, Played, document, draw, flows, node, timer, user


def loop(condition: str = "", **attributes: str) -> str:
    inner = f"<loopCondition>{condition}</loopCondition>" if condition else ""
    return node("standardLoopCharacteristics", "l", inner, **attributes)


def task(tag: str, characteristics: str, inner: str = "", **attributes: str) -> str:
    return ENDS + node(tag, "a", characteristics + inner, **attributes) + flows("s > a > e")


def rounds(played: Played) -> int:
    return sum(1 for effect in played.all if isinstance(effect, WaitOpened) and effect.element_id == "a")


def test_a_loop_is_done_once_before_its_condition_is_asked() -> None:
    played = Played(draw(task("userTask", loop("again"))))
    played.complete("a", again=True)
    assert played.places(WaitOpened) == ["a"]
    played.complete("a", again=False)
    assert played.of(Ended)
    assert rounds(played) == 2


def test_a_loop_that_tests_before_may_be_done_not_at_all() -> None:
    drawing = draw(task("userTask", loop("again", testBefore="true")))
    assert Played(drawing, {"again": False}).of(Ended)
    played = Played(drawing, {"again": True})
    played.complete("a", again=False)
    assert played.of(Ended)
    assert rounds(played) == 1


@pytest.mark.parametrize(("maximum", "before", "expected"), [("3", "false", 3), ("3", "true", 3), ("0", "true", 0)])
def test_the_maximum_ends_a_loop(maximum: str, before: str, expected: int) -> None:
    played = Played(draw(task("userTask", loop(loopMaximum=maximum, testBefore=before))))
    while not played.of(Ended):
        played.complete("a")
    assert rounds(played) == expected


def test_rounds_are_counted_and_write_the_variables_around() -> None:
    script = "<script>if n = null then [loopCounter] else append(n, loopCounter)</script>"
    drawing = draw(task("scriptTask", loop("count(n) &lt; 4"), script, camunda_resultVariable="n"))
    assert Played(drawing).variables == {"n": [1, 2, 3, 4]}


def test_a_subprocess_loops_with_everything_inside() -> None:
    inner = node("startEvent", "s1") + user("x", "y") + node("endEvent", "e1") + flows("s1 > x > y > e1")
    played = Played(draw(task("subProcess", loop("not(ok)"), inner)))
    for ok in (False, False, True):
        assert played.places(WaitOpened) == ["x"]
        played.complete("x")
        played.complete("y", ok=ok)
    assert played.of(Ended)


def test_a_call_activity_loops_by_what_its_children_return() -> None:
    out = '<extensionElements><camunda:out source="ok" target="ok"/></extensionElements>'
    played = Played(draw(task("callActivity", loop("not(ok)"), out, calledElement="other")))
    for ok in (False, False, True):
        request = played.of(ChildrenRequested)[0]
        assert request.items is None
        played.open["a"] = request.token
        played.complete("a", ok=ok)
    assert played.of(Ended)


def test_a_boundary_event_covers_all_rounds() -> None:
    event = node("boundaryEvent", "b", timer("PT1H"), attachedToRef="a") + user("late")
    played = Played(draw(task("userTask", loop("again")) + event + flows("b > late > e")))
    assert len(played.of(TimerSet)) == 1
    played.complete("a", again=True)
    assert played.of(TimerSet) == played.of(TimerDropped) == []
    played.send(TimerFired(at=AT, token=played.timers["b"]))
    assert played.places(WaitOpened) == ["late"]


def test_a_loop_condition_that_fails_is_an_incident_of_the_round_and_can_be_retried() -> None:
    played = Played(draw(task("userTask", loop("again"))))
    played.complete("a", again="perhaps")
    failed = played.of(Failed)[0]
    assert (failed.element_id, failed.code) == ("a", "not-boolean")
    played.send(VariablesSet(at=AT, values={"again": False}))
    played.send(Retried(at=AT, token=failed.token))
    assert played.of(Ended)


def test_ten_thousand_rounds_of_a_standard_loop_keep_the_snapshot_flat() -> None:
    played = Played(draw(task("userTask", loop(loopMaximum="10000"))))
    sizes = {}
    for number in range(1, 10_000):
        played.complete("a")
        sizes[number] = len(played.snapshot)
        played.all.clear()
    assert sizes[1_000] == sizes[9_998]
    played.complete("a")
    assert played.of(Ended)


def test_ten_thousand_rounds_of_rework_keep_the_snapshot_flat() -> None:
    body = ENDS + user("draft", "check") + node("exclusiveGateway", "x", default="x-draft")
    played = Played(draw(body + flows("s > draft > check > x > draft", "x [ok]> e")))
    sizes = {}
    for number in range(1, 10_001):
        played.complete("draft")
        played.complete("check", ok=False)
        sizes[number] = len(played.snapshot)
        played.all.clear()
    assert sizes[10] == sizes[10_000]


def test_a_chain_of_5_000_nodes_is_read_checked_and_run_without_recursion() -> None:
    names = [f"t{number}" for number in range(5_000)]
    kinds = ("task", "userTask", "exclusiveGateway", "intermediateThrowEvent")
    body = ENDS + "".join(node(kinds[number % 4], name) for number, name in enumerate(names))
    content = document(body + flows(" > ".join(["s", *names, "e"])))
    definition = parse_diagram(content)
    found = lint_diagram(definition, check_expression=evaluator().check)
    assert {finding.severity for finding in found} <= {"warning"}
    played = Played(definition)
    while not played.of(Ended):
        played.complete(played.places(WaitOpened)[0])
    assert sum(1 for effect in played.all if isinstance(effect, Entered)) == 5_002


def test_a_long_chain_is_no_endless_loop_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(1_000_000))
    monkeypatch.setattr(time, "thread_time", lambda: float(next(ticks)))
    names = [f"t{number}" for number in range(500)]
    chain = "".join(node("task", name) for name in names)
    assert Played(draw(ENDS + chain + flows(" > ".join(["s", *names, "e"])))).of(Ended)
