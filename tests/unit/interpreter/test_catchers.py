"""Errors and escalations: the innermost catcher takes them, and exactly one (BPMN 2.0.2, 10.5.6 and 13.5)."""

import pytest

from engine.interpreter.contract import (
    ChildrenRequested,
    Ended,
    Failed,
    Thrown,
    Uncaught,
    WaitCancelled,
    WaitEscalated,
    WaitFailed,
)
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, user
from tests.support.eventing import (
    ANY_ERROR,
    ANY_ESCALATION,
    ERROR,
    ESCALATION,
    OTHER_ERROR,
    OTHER_ESCALATION,
    ROOTS,
    boundary,
    handler,
)

CALL = node("callActivity", "call", calledElement="child")


def scope(end: str, node_id: str = "sub", more: str = "") -> str:
    """Return a subprocess with a task that ends as given, and another task beside it."""
    names = {name: f"{node_id}_{name}" for name in ("s", "inner", "beside", "out")}
    inner = node("startEvent", names["s"]) + user(names["inner"], names["beside"]) + node("endEvent", names["out"], end)
    lines = flows(f"{names['s']} > {names['inner']} > {names['out']}", f"{names['s']} > {names['beside']}")
    return node("subProcess", node_id, inner + lines + more)


def around(*catchers: str, end: str = ERROR) -> Played:
    """Play a process with a subprocess that ends as given; catcher ``b`` leads to task ``tb`` and so on."""
    names = [name for name in ("b", "b2", "b3") if any(f'id="{name}"' in catcher for catcher in catchers)]
    tasks = user("next", *(f"t{name}" for name in names))
    lines = flows("s > sub > next > e", *(f"{name} > t{name} > e" for name in names))
    return Played(draw(ENDS + scope(end) + "".join(catchers) + tasks + lines, ROOTS))


def test_specific_code_comes_before_a_catcher_of_all() -> None:
    played = around(boundary("sub", ANY_ERROR), boundary("sub", OTHER_ERROR, "b2"), boundary("sub", ERROR, "b3"))
    played.complete("sub_inner")
    assert played.waiting == ["tb3"]


def test_an_error_of_another_code_is_caught_by_the_catcher_of_all() -> None:
    played = around(boundary("sub", OTHER_ERROR), boundary("sub", ANY_ERROR, "b2"))
    played.complete("sub_inner")
    assert played.waiting == ["tb2"]


def test_the_inner_catcher_of_all_comes_before_the_outer_specific_one() -> None:
    inner = scope(ERROR, "inside") + boundary("inside", ANY_ERROR, "c") + user("tc")
    outer = node("subProcess", "sub", node("startEvent", "s1") + inner + flows("s1 > inside", "c > tc"))
    played = Played(draw(ENDS + outer + boundary("sub", ERROR) + user("tb") + flows("s > sub > e", "b > tb"), ROOTS))
    played.complete("inside_inner")
    assert played.waiting == ["tc"]


def test_boundary_of_the_activity_comes_before_the_event_subprocess_around_it() -> None:
    inner = user("h") + flows("x_start > h")
    played = around(boundary("sub", ANY_ERROR), handler("x", ERROR, inner))
    played.complete("sub_inner")
    assert played.waiting == ["tb"]
    assert sorted(played.places(WaitCancelled)) == ["sub_beside"]


def test_the_end_that_throws_an_error_is_left_before_it_is_caught() -> None:
    played = around(boundary("sub", ERROR))
    played.complete("sub_inner")
    assert played.left == ["s", "sub_s", "sub_inner", "sub_out", "b"]


def test_an_error_that_nobody_catches_ends_the_instance_and_says_where_it_came_from() -> None:
    played = around(boundary("sub", OTHER_ERROR))
    played.complete("sub_inner")
    assert played.of(Uncaught) == [Uncaught(kind="error", code="E1", element_id="sub_out")]
    assert played.of(Ended) == [Ended(outcome="error", code="E1")]
    assert played.waiting == []


def test_an_error_on_a_multi_instance_activity_ends_all_its_items() -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    body = ENDS + scope(ERROR, more=loop) + boundary("sub", ERROR) + user("tb") + flows("s > sub > e", "b > tb > e")
    played = Played(draw(body, ROOTS))
    assert played.waiting.count("sub_beside") == 3
    played.complete("sub_inner")
    assert played.waiting == ["tb"]


def test_an_error_on_a_looping_activity_ends_the_loop() -> None:
    loop = '<standardLoopCharacteristics loopMaximum="5"/>'
    body = ENDS + scope(ERROR, more=loop) + boundary("sub", ERROR) + user("tb") + flows("s > sub > e", "b > tb > e")
    played = Played(draw(body, ROOTS))
    played.complete("sub_inner")
    assert played.waiting == ["tb"]


def test_escalation_end_is_caught_at_the_boundary_and_interrupts() -> None:
    played = around(boundary("sub", ESCALATION), end=ESCALATION)
    played.complete("sub_inner")
    assert played.waiting == ["tb"]
    assert played.places(WaitCancelled) == ["sub_beside"]
    assert played.of(Thrown) == [Thrown(kind="escalation", name="L1")]


def test_escalation_that_does_not_interrupt_lets_the_subprocess_go_on() -> None:
    played = around(boundary("sub", ESCALATION, interrupting=False), end=ESCALATION)
    played.complete("sub_inner")
    assert sorted(played.waiting) == ["sub_beside", "tb"]
    played.complete("sub_beside")
    assert sorted(played.waiting) == ["next", "tb"]


def test_exactly_one_catcher_takes_an_escalation() -> None:
    catchers = (
        boundary("sub", ANY_ESCALATION, interrupting=False),
        boundary("sub", ESCALATION, "b2", interrupting=False),
        handler("x", ESCALATION, user("h") + flows("x_start > h"), interrupting=False),
    )
    played = around(*catchers, end=ESCALATION)
    played.complete("sub_inner")
    assert sorted(played.waiting) == ["sub_beside", "tb2"]


def test_an_escalation_that_nobody_catches_changes_nothing() -> None:
    played = around(boundary("sub", OTHER_ESCALATION), end=ESCALATION)
    played.complete("sub_inner")
    assert played.of(Uncaught) == [Uncaught(kind="escalation", code="L1", element_id="sub_out")]
    assert played.waiting == ["sub_beside"]


def test_escalation_carries_what_the_thrower_maps() -> None:
    mapping = (
        '<extensionElements><camunda:inputOutput><camunda:inputParameter name="days">=n + 1</camunda:inputParameter>'
        "</camunda:inputOutput></extensionElements>"
    )
    named = ESCALATION.replace("/>", ' camunda:escalationCodeVariable="level"/>')
    throw = node("intermediateThrowEvent", "up", mapping + ESCALATION)
    body = ENDS + throw + flows("s > up > e") + handler("x", named, user("h") + flows("x_start > h"))
    played = Played(draw(body, ROOTS), {"n": 2})
    assert played.of(Thrown) == [Thrown(kind="escalation", name="L1", payload={"days": 3})]
    assert played.variables == {"n": 2, "days": 3, "level": "L1"}


def test_escalation_of_a_called_process_is_caught_beside_the_call() -> None:
    event = boundary("call", ESCALATION, interrupting=False)
    played = Played(draw(ENDS + CALL + event + user("tb") + flows("s > call > e", "b > tb > e"), ROOTS))
    token = played.of(ChildrenRequested)[0].token
    for _ in range(2):
        played.send(WaitEscalated(at=AT, token=token, code="L1", payload={"n": 1}))
    assert sorted(played.waiting) == ["call", "tb", "tb"]
    assert played.variables == {"n": 1}


def test_interrupting_escalation_of_a_called_process_ends_the_call() -> None:
    played = Played(
        draw(ENDS + CALL + boundary("call", ANY_ESCALATION) + user("tb") + flows("s > call > e", "b > tb > e"), ROOTS)
    )
    token = played.of(ChildrenRequested)[0].token
    played.send(WaitEscalated(at=AT, token=token, code="L7"))
    assert played.places(WaitCancelled) == ["call"]
    assert played.waiting == ["tb"]
    played.send(WaitEscalated(at=AT, token=token, code="L7"))
    assert played.effects == ()


def test_escalation_of_a_called_process_that_nobody_catches_goes_to_the_next_caller() -> None:
    played = Played(draw(ENDS + CALL + flows("s > call > e"), ROOTS))
    played.send(WaitEscalated(at=AT, token=played.of(ChildrenRequested)[0].token, code="L1"))
    assert played.of(Uncaught) == [Uncaught(kind="escalation", code="L1", element_id="call")]
    assert played.waiting == ["call"]


def test_error_of_a_called_process_is_caught_at_the_call() -> None:
    played = Played(
        draw(ENDS + CALL + boundary("call", ERROR) + user("tb") + flows("s > call > e", "b > tb > e"), ROOTS)
    )
    played.send(WaitFailed(at=AT, token=played.of(ChildrenRequested)[0].token, code="E1"))
    assert played.waiting == ["tb"]


def test_error_of_a_called_process_that_nobody_catches_ends_the_caller_with_it() -> None:
    played = Played(draw(ENDS + CALL + user("a") + flows("s > call > e", "s > a > e"), ROOTS))
    played.send(WaitFailed(at=AT, token=played.of(ChildrenRequested)[0].token, code="E1"))
    assert played.of(Uncaught) == [Uncaught(kind="error", code="E1", element_id="call")]
    assert played.of(Ended) == [Ended(outcome="error", code="E1")]


@pytest.mark.parametrize("event", [ERROR, ANY_ERROR], ids=["code", "all"])
def test_failing_script_is_caught_by_the_event_subprocess_of_its_scope(event: str) -> None:
    script = node("scriptTask", "a", "<script>throw new Error('no')</script>", scriptFormat="javascript")
    body = ENDS + script + flows("s > a > e") + handler("x", event, user("h") + flows("x_start > h"))
    played = Played(draw(body, ROOTS))
    if event == ANY_ERROR:
        assert played.waiting == ["h"]
    else:
        assert played.places(Failed) == ["a"]
