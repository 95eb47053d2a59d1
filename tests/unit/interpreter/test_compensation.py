"""Compensation and transactions (BPMN 2.0.2, 10.3.5, 10.7 and 13.5.5)."""

import json

import pytest

from engine.interpreter.contract import (
    Ended,
    Entered,
    Failed,
    Retried,
    TimerFired,
    VariablesSet,
    WaitFinished,
    WaitOpened,
)
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, timer, user

COMPENSATE = "<compensateEventDefinition/>"
CANCEL = "<cancelEventDefinition/>"
ROOTS = '<error id="x" errorCode="E1"/>'


def compensate(**attributes: str) -> str:
    return node("compensateEventDefinition", "", **attributes).replace(' id=""', "")


def undone(name: str, tag: str = "userTask", inner: str = "") -> str:
    """Draw an activity with its compensation: ``a`` is undone by the task ``undo_a``."""
    return (
        node(tag, name, inner)
        + node("boundaryEvent", f"c_{name}", COMPENSATE, attachedToRef=name)
        + node("userTask", f"undo_{name}", isForCompensation="true")
        + f'<association sourceRef="c_{name}" targetRef="undo_{name}"/>'
    )


def scope(tag: str, name: str, inner: str, chains: str) -> str:
    return node(tag, name, node("startEvent", f"{name}_s") + node("endEvent", f"{name}_e") + inner + flows(chains))


def finish(played: Played) -> None:
    wait = played.of(WaitOpened)[0]
    played.send(WaitFinished(at=AT, token=wait.token))


def order(played: Played) -> list[str]:
    return [effect.element_id for effect in played.all if isinstance(effect, Entered)]


def test_a_throw_undoes_what_was_completed_the_last_first_and_waits_for_it() -> None:
    throw = node("intermediateThrowEvent", "t", COMPENSATE)
    body = ENDS + undone("a") + undone("b") + undone("c") + throw + user("after")
    played = Played(draw(body + flows("s > a > b > t > after > c > e")))
    played.complete("a")
    played.complete("b")
    assert played.places(WaitOpened) == ["undo_b"]
    played.complete("undo_b")
    assert played.places(WaitOpened) == ["undo_a"]
    played.complete("undo_a")
    assert played.places(WaitOpened) == ["after"]


def test_what_is_undone_once_is_not_undone_again() -> None:
    throws = node("intermediateThrowEvent", "t", COMPENSATE) + node("endEvent", "z", COMPENSATE)
    played = Played(draw(node("startEvent", "s") + undone("a") + throws + flows("s > a > t > z")))
    played.complete("a")
    played.complete("undo_a")
    assert played.of(Ended)
    assert order(played).count("undo_a") == 1


def test_a_throw_that_names_an_activity_undoes_that_one_only() -> None:
    throw = node("intermediateThrowEvent", "t", compensate(activityRef="a"))
    played = Played(draw(ENDS + undone("a") + undone("b") + throw + flows("s > a > b > t > e")))
    played.complete("a")
    played.complete("b")
    assert played.places(WaitOpened) == ["undo_a"]
    played.complete("undo_a")
    assert played.of(Ended)


def test_an_activity_may_be_named_by_its_handler() -> None:
    throw = node("intermediateThrowEvent", "t", compensate(activityRef="undo_a"))
    played = Played(draw(ENDS + undone("a") + undone("b") + throw + flows("s > a > b > t > e")))
    played.complete("a")
    played.complete("b")
    assert played.places(WaitOpened) == ["undo_a"]


def test_nothing_to_undo_is_no_obstacle() -> None:
    throw = node("intermediateThrowEvent", "t", COMPENSATE)
    assert Played(draw(ENDS + undone("a") + throw + flows("s > t > e", "a > e"))).of(Ended)


def test_a_throw_that_does_not_wait_goes_on_beside_the_compensation() -> None:
    throw = node("intermediateThrowEvent", "t", compensate(waitForCompletion="false"))
    played = Played(draw(ENDS + undone("a") + throw + user("after") + flows("s > a > t > after > e")))
    played.complete("a")
    assert played.places(WaitOpened) == ["after", "undo_a"]
    played.complete("after")
    assert not played.of(Ended)
    played.complete("undo_a")
    assert played.of(Ended)
    assert order(played).count("t") == 1


def test_an_activity_that_is_still_open_is_not_undone() -> None:
    throw = node("endEvent", "z", COMPENSATE)
    played = Played(draw(ENDS + undone("a") + undone("b") + throw + flows("s > a > e", "s > b > z")))
    played.complete("b")
    assert played.places(WaitOpened) == ["undo_b"]
    played.complete("undo_b")
    played.complete("a")
    assert played.of(Ended)


def test_each_round_of_a_loop_in_the_drawing_is_undone() -> None:
    body = undone("a") + node("exclusiveGateway", "m") + node("exclusiveGateway", "x", default="x-z")
    body += node("startEvent", "s") + node("endEvent", "z", COMPENSATE)
    played = Played(draw(body + flows("s > m > a > x > z", "x [again]> m")))
    for again in (True, True, False):
        played.complete("a", again=again)
    for _ in range(3):
        finish(played)
    assert played.of(Ended)
    assert order(played).count("undo_a") == 3


def test_items_are_undone_the_last_first_with_their_own_values() -> None:
    loop = node("multiInstanceLoopCharacteristics", "m", isSequential="true", camunda_collection="items",
                camunda_elementVariable="item")  # fmt: skip
    body = undone("a", inner=loop) + node("startEvent", "s") + node("endEvent", "z", COMPENSATE)
    played = Played(draw(body + flows("s > a > z")), {"items": ["p", "q"]})
    finish(played)
    finish(played)
    seen = []
    while opened := played.of(WaitOpened):
        seen.append(opened[0].scope["item"])
        finish(played)
    assert seen == ["q", "p"]


def test_rounds_of_a_standard_loop_are_undone() -> None:
    loop = node("standardLoopCharacteristics", "l", loopMaximum="3")
    body = undone("a", inner=loop) + node("startEvent", "s") + node("endEvent", "z", COMPENSATE)
    played = Played(draw(body + flows("s > a > z")))
    for _ in range(3):
        finish(played)
    counters = []
    while opened := played.of(WaitOpened):
        counters.append(opened[0].scope["loopCounter"])
        finish(played)
    assert counters == [3, 2, 1]


def test_without_a_handler_of_its_own_a_subprocess_is_undone_from_inside() -> None:
    inner = scope("subProcess", "u", undone("a") + undone("b"), "u_s > a > b > u_e")
    body = inner + undone("c") + node("startEvent", "s") + node("endEvent", "z", compensate(activityRef="u"))
    played = Played(draw(body + flows("s > u > c > z")))
    for name in ("a", "b", "c"):
        played.complete(name)
    assert played.places(WaitOpened) == ["undo_b"]
    played.complete("undo_b")
    assert played.places(WaitOpened) == ["undo_a"]
    played.complete("undo_a")
    assert played.of(Ended)
    assert "undo_c" not in order(played)


def test_the_handler_of_a_subprocess_stands_for_everything_inside() -> None:
    inside = node("startEvent", "u_s") + undone("a") + flows("u_s > a")
    body = undone("u", "subProcess", inside) + node("startEvent", "s") + node("endEvent", "z", COMPENSATE)
    played = Played(draw(body + flows("s > u > z")))
    played.complete("a")
    assert played.places(WaitOpened) == ["undo_u"]
    played.complete("undo_u")
    assert played.of(Ended)


def test_a_compensation_event_subprocess_undoes_its_subprocess_and_may_undo_what_is_inside() -> None:
    handler = node(
        "subProcess",
        "h",
        node("startEvent", "h_s", COMPENSATE) + user("tell") + node("endEvent", "h_e", COMPENSATE)
        + flows("h_s > tell > h_e"),
        triggeredByEvent="true",
    )  # fmt: skip
    inner = scope("subProcess", "u", undone("a") + handler, "u_s > a > u_e")
    body = inner + node("startEvent", "s") + node("endEvent", "z", COMPENSATE)
    played = Played(draw(body + flows("s > u > z")))
    played.complete("a")
    assert played.places(WaitOpened) == ["tell"]
    played.complete("tell")
    assert played.places(WaitOpened) == ["undo_a"]
    played.complete("undo_a")
    assert played.of(Ended)


def test_an_error_event_subprocess_undoes_the_scope_around_it() -> None:
    handler = node(
        "subProcess",
        "h",
        node("startEvent", "h_s", "<errorEventDefinition/>") + node("endEvent", "h_e", COMPENSATE) + flows("h_s > h_e"),
        triggeredByEvent="true",
    )
    fail = node("endEvent", "f", '<errorEventDefinition errorRef="x"/>')
    played = Played(draw(ENDS + undone("a") + fail + handler + flows("s > a > f", "s > e"), ROOTS))
    played.complete("a")
    assert played.places(WaitOpened) == ["undo_a"]
    played.complete("undo_a")
    assert played.of(Ended) == [Ended(outcome="completed")]


def test_a_handler_that_fails_is_an_incident_and_the_rest_is_undone_after_its_retry() -> None:
    handler = node("scriptTask", "undo_b", "<script>if (broken) { throw new Error('no'); }</script>",
                   scriptFormat="javascript", isForCompensation="true")  # fmt: skip
    second = node("userTask", "b") + node("boundaryEvent", "c_b", COMPENSATE, attachedToRef="b") + handler
    second += '<association sourceRef="c_b" targetRef="undo_b"/>'
    body = undone("a") + second + node("startEvent", "s") + node("endEvent", "z", COMPENSATE)
    played = Played(draw(body + flows("s > a > b > z")), {"broken": True})
    played.complete("a")
    played.complete("b")
    failed = played.of(Failed)[0]
    assert failed.element_id == "undo_b"
    played.send(VariablesSet(at=AT, values={"broken": False}))
    played.send(Retried(at=AT, token=failed.token))
    assert played.places(WaitOpened) == ["undo_a"]


def test_a_snapshot_without_anything_that_throws_keeps_no_records() -> None:
    played = Played(draw(ENDS + undone("a") + user("b") + flows("s > a > b > e")))
    played.complete("a")
    assert "undo" not in json.dumps(json.loads(played.snapshot))


# Transactions


def transaction(inner: str, *chains: str) -> str:
    cancel = node("endEvent", "give_up", CANCEL) + node("exclusiveGateway", "x", default="x-t_e")
    inside = inner + node("startEvent", "t_s") + node("endEvent", "t_e") + cancel + flows(*chains)
    return (
        node("transaction", "t", inside)
        + node("boundaryEvent", "bc", CANCEL, attachedToRef="t")
        + user("cancelled", "after")
        + flows("s > t > after > e", "bc > cancelled > e")
    )


def test_a_transaction_that_succeeds_goes_on_as_a_subprocess() -> None:
    played = Played(draw(ENDS + transaction(undone("a"), "t_s > a > x > t_e")))
    played.complete("a")
    assert played.places(WaitOpened) == ["after"]


def test_a_cancelled_transaction_ends_what_is_open_undoes_what_is_done_and_goes_on_at_its_boundary() -> None:
    inner = undone("a") + undone("b") + undone("c") + node("parallelGateway", "f")
    chains = ("t_s > f > a > b > x > t_e", "x [no]> give_up", "f > c > t_e")
    body = ENDS + transaction(inner, *chains)
    played = Played(draw(body))
    played.complete("a")
    played.complete("b", no=True)
    assert played.places(WaitOpened) == ["undo_b"]
    played.complete("undo_b")
    assert played.places(WaitOpened) == ["undo_a"]
    played.complete("undo_a")
    assert played.places(WaitOpened) == ["cancelled"]
    assert "undo_c" not in order(played)
    played.complete("cancelled")
    assert played.of(Ended) == [Ended(outcome="completed")]


def test_what_was_completed_inside_a_subprocess_that_is_still_open_is_undone_too() -> None:
    sub = scope("subProcess", "u", undone("a") + user("open"), "u_s > a > open > u_e")
    body = ENDS + transaction(sub + user("b"), "t_s > u > t_e", "t_s > b > give_up")
    played = Played(draw(body))
    played.complete("a")
    played.complete("b")
    assert played.places(WaitOpened) == ["undo_a"]
    played.complete("undo_a")
    assert played.places(WaitOpened) == ["cancelled"]


def test_a_transaction_with_items_is_cancelled_as_a_whole() -> None:
    loop = node("multiInstanceLoopCharacteristics", "m", camunda_collection="items", camunda_elementVariable="item")
    body = ENDS + transaction(loop + undone("a") + user("b"), "t_s > a > b > x > t_e", "x [no]> give_up")
    played = Played(draw(body), {"items": [1, 2, 3]})
    tokens = {}
    for effect in played.of(WaitOpened):
        played.send(WaitFinished(at=AT, token=effect.token))
        tokens[effect.scope["item"]] = played.of(WaitOpened)[0].token
    played.send(WaitFinished(at=AT, token=tokens[1], result={"no": False}))
    played.send(WaitFinished(at=AT, token=tokens[2], result={"no": True}))
    seen = []
    while played.places(WaitOpened) == ["undo_a"]:
        seen.append(played.of(WaitOpened)[0].scope["item"])
        finish(played)
    assert sorted(seen) == [1, 2, 3]
    assert played.places(WaitOpened) == ["cancelled"]


def test_an_error_out_of_a_transaction_is_a_hazard_and_undoes_nothing() -> None:
    fail = node("endEvent", "f", '<errorEventDefinition errorRef="x"/>')
    hazard = node("boundaryEvent", "be", '<errorEventDefinition errorRef="x"/>', attachedToRef="t") + user("hazard")
    body = ENDS + transaction(undone("a") + fail, "t_s > a > f") + hazard + flows("be > hazard > e")
    played = Played(draw(body, ROOTS))
    played.complete("a")
    assert played.places(WaitOpened) == ["hazard"]


def test_a_transaction_is_undone_later_like_a_subprocess() -> None:
    body = node("startEvent", "s") + node("endEvent", "e", COMPENSATE)
    played = Played(draw(body + transaction(undone("a"), "t_s > a > x > t_e")))
    played.complete("a")
    played.complete("after")
    assert played.places(WaitOpened) == ["undo_a"]


@pytest.mark.parametrize("interrupted", [True, False])
def test_a_boundary_timer_during_the_compensation_of_a_cancelled_transaction(*, interrupted: bool) -> None:
    late = node("boundaryEvent", "bt", timer("PT1H"), attachedToRef="t") + user("late")
    body = ENDS + transaction(undone("a"), "t_s > a > give_up") + late + flows("bt > late > e")
    played = Played(draw(body))
    played.complete("a")
    assert played.places(WaitOpened) == ["undo_a"]
    if interrupted:
        played.send(TimerFired(at=AT, token=played.timers["bt"]))
        assert played.places(WaitOpened) == ["late"]
    else:
        played.complete("undo_a")
        assert played.places(WaitOpened) == ["cancelled"]
