"""Modification and resolution by an operator (engine.interpreter.repair)."""

import pytest

from engine.interpreter import InterpreterError, UnknownToken
from engine.interpreter.contract import (
    ChildrenRequested,
    Ended,
    Entered,
    Failed,
    Left,
    Modified,
    Resolved,
    Start,
    TimerDropped,
    TimerSet,
    WaitCancelled,
    WaitFinished,
    WaitOpened,
    Withdrawn,
)
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, timer, user

SCOPE = node(
    "subProcess",
    "sub",
    node("startEvent", "is") + user("in1", "in2") + node("endEvent", "ie") + flows("is > in1 > in2 > ie"),
)
NESTED = (
    ENDS
    + user("a", "b")
    + SCOPE
    + node("boundaryEvent", "late", timer("PT1H"), attachedToRef="sub")
    + flows("s > a > sub > b > e", "late > b")
)


def modify(played: Played, *, cancel: tuple[str, ...] = (), start: tuple[Start, ...] = (), **more: object) -> None:
    tokens = [played.open[element] for element in cancel]
    played.send(Modified(at=AT, cancel=tokens, start=start, **more))  # type: ignore[arg-type]


def before(element_id: str, inside: str | None = None) -> Start:
    return Start(element_id=element_id, inside=inside)


def test_a_token_is_moved_by_cancelling_and_starting() -> None:
    played = Played(draw(ENDS + user("a", "b") + flows("s > a > b > e")))
    modify(played, cancel=("a",), start=(before("b"),))
    assert played.places(WaitCancelled) == ["a"]
    assert played.places(Withdrawn) == ["a"]
    assert played.places(WaitOpened) == ["b"]
    played.complete("b")
    assert played.of(Ended)


def test_starting_inside_a_scope_creates_the_scope_with_its_boundary_events() -> None:
    played = Played(draw(NESTED))
    modify(played, cancel=("a",), start=(before("in2"),))
    assert played.places(Entered) == ["sub", "in2"]
    assert played.places(TimerSet) == ["late"]
    played.complete("in2")
    assert played.places(WaitOpened) == ["b"]
    assert played.of(TimerDropped)


def test_starting_inside_a_live_scope_uses_it() -> None:
    played = Played(draw(NESTED))
    played.complete("a")
    modify(played, start=(before("in2"),))
    assert played.places(Entered) == ["in2"]
    played.complete("in2")
    assert not played.places(WaitOpened)
    played.complete("in1")
    played.complete("in2")
    assert played.places(WaitOpened) == ["b"]


def test_starting_after_an_element_follows_its_flows_and_does_not_say_it_was_done() -> None:
    body = (
        ENDS + user("a", "b", "c") + node("exclusiveGateway", "g") + flows("s > a > g", "g [x > 1]> b > e", "g > c > e")
    )
    body = body.replace('<exclusiveGateway id="g"', '<exclusiveGateway id="g" default="g-c"')
    played = Played(draw(body))
    modify(played, cancel=("a",), start=(Start(element_id="g", after=True),), variables={"x": 2})
    assert played.places(WaitOpened) == ["b"]
    assert "g" not in played.places(Left)
    assert played.variables == {"x": 2}


def test_a_modification_takes_nothing_else_away() -> None:
    body = ENDS + user("a", "b") + node("parallelGateway", "g") + node("parallelGateway", "j")
    played = Played(draw(body + flows("s > g > a > j > e", "g > b > j")))
    played.complete("a")
    modify(played, start=(before("a"),))
    assert played.places(WaitOpened) == ["a"]
    assert not played.of(Withdrawn)


def test_cancelling_the_last_token_inside_a_scope_cancels_the_scope() -> None:
    played = Played(draw(NESTED))
    played.complete("a")
    modify(played, cancel=("in1",), start=(before("b"),))
    assert played.places(Withdrawn) == ["in1", "sub"]
    assert played.of(TimerDropped)
    played.complete("b")
    assert played.of(Ended)


def test_cancelling_everything_is_refused() -> None:
    played = Played(draw(ENDS + user("a") + flows("s > a > e")))
    with pytest.raises(InterpreterError, match="终止"):
        modify(played, cancel=("a",))


@pytest.mark.parametrize("start", [Start(element_id="late"), Start(element_id="e", after=True), Start(element_id="no")])
def test_what_cannot_be_started_is_refused(start: Start) -> None:
    played = Played(draw(NESTED))
    with pytest.raises(InterpreterError):
        modify(played, start=(start,))


MANY = (
    '<multiInstanceLoopCharacteristics isSequential="{sequential}" camunda:collection="items"'
    ' camunda:elementVariable="item" duban:outputCollection="out" duban:outputElement="item"/>'
)


def _many(*, sequential: bool) -> Played:
    loop = MANY.format(sequential=str(sequential).lower())
    return Played(
        draw(ENDS + node("userTask", "m", loop) + user("z") + flows("s > m > z > e")), {"items": ["p", "q", "r"]}
    )


def test_a_cancelled_item_of_a_parallel_activity_no_longer_counts() -> None:
    played = _many(sequential=False)
    first, second, third = played.of(WaitOpened)
    played.send(Modified(at=AT, cancel=[second.token]))
    played.send(WaitFinished(at=AT, token=first.token))
    played.send(WaitFinished(at=AT, token=third.token))
    assert played.variables["out"] == ["p", "r"]
    assert played.places(WaitOpened) == ["z"]


def test_a_cancelled_item_of_a_sequential_activity_lets_the_next_begin() -> None:
    played = _many(sequential=True)
    played.send(Modified(at=AT, cancel=[played.of(WaitOpened)[0].token]))
    seen = []
    while played.places(WaitOpened) == ["m"]:
        wait = played.of(WaitOpened)[0]
        seen.append(wait.scope["item"])
        played.send(WaitFinished(at=AT, token=wait.token))
    assert seen == ["q", "r"]
    assert played.variables["out"] == ["q", "r"]


def test_cancelling_the_last_item_ends_the_activity() -> None:
    played = _many(sequential=False)
    played.send(Modified(at=AT, cancel=[wait.token for wait in played.of(WaitOpened)]))
    assert played.variables["out"] == []
    assert played.places(WaitOpened) == ["z"]


def test_an_item_keeps_its_own_variables() -> None:
    played = _many(sequential=False)
    opened = played.of(WaitOpened)
    played.send(Modified(at=AT, local={opened[0].token: {"item": "x"}}))
    for effect in opened:
        played.send(WaitFinished(at=AT, token=effect.token))
    assert played.variables == {"items": ["p", "q", "r"], "out": ["x", "q", "r"]}


def test_a_subprocess_with_items_needs_to_know_which_one_is_meant() -> None:
    loop = MANY.format(sequential="false")
    sub = SCOPE.replace('<subProcess id="sub">', f'<subProcess id="sub">{loop}')
    played = Played(draw(ENDS + sub + flows("s > sub > e")), {"items": ["p", "q"]})
    with pytest.raises(InterpreterError, match="哪一项"):
        modify(played, start=(before("in2"),))
    wait = played.of(WaitOpened)[1]
    modify(played, start=(before("in2", inside=wait.token),))
    assert played.of(WaitOpened)[0].scope["item"] == "q"


def test_a_failed_script_is_taken_for_done_with_a_result() -> None:
    script = node("scriptTask", "calc", "<script>throw new Error('no')</script>", scriptFormat="javascript")
    played = Played(draw(ENDS + script + user("z") + flows("s > calc > z > e")))
    failed = played.of(Failed)[0]
    played.send(Resolved(at=AT, token=failed.token, result={"n": 7}))
    assert played.places(WaitOpened) == ["z"]
    assert played.places(Left) == ["calc"]
    assert played.variables == {"n": 7}


def test_a_gateway_without_a_way_goes_on_once_the_variables_allow_it() -> None:
    body = ENDS + node("exclusiveGateway", "g") + user("z") + flows("s > g", "g [x > 1]> z > e")
    played = Played(draw(body), {"x": 0})
    failed = played.of(Failed)[0]
    played.send(Resolved(at=AT, token=failed.token, result={"x": 2}))
    assert played.places(WaitOpened) == ["z"]


def test_a_join_that_waits_in_vain_goes_on_with_what_has_arrived() -> None:
    body = ENDS + node("exclusiveGateway", "x") + user("a", "b", "z") + node("parallelGateway", "j")
    body = body.replace('<exclusiveGateway id="x"', '<exclusiveGateway id="x" default="x-a"')
    played = Played(draw(body + flows("s > x > a > j > z > e", "x [false]> b > j")))
    played.complete("a")
    (failed,) = played.of(Failed)
    assert failed.code == "deadlock"
    played.send(Resolved(at=AT, token=failed.token))
    assert played.places(WaitOpened) == ["z"]
    played.complete("z")
    assert played.of(Ended)


def test_a_call_can_be_taken_for_done() -> None:
    called = node("callActivity", "call", calledElement="other")
    played = Played(draw(ENDS + called + user("z") + flows("s > call > z > e")))
    played.send(Resolved(at=AT, token=played.of(ChildrenRequested)[0].token))
    assert played.places(WaitOpened) == ["z"]


def test_what_neither_failed_nor_waits_cannot_be_resolved() -> None:
    played = Played(draw(NESTED))
    with pytest.raises(UnknownToken):
        played.send(Resolved(at=AT, token="99"))
