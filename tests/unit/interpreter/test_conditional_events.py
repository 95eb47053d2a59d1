"""Conditional events happen when their condition becomes true (BPMN 2.0.2, 10.5.5, "Conditional")."""

from collections.abc import Mapping
from typing import Any

from engine.interpreter.contract import Failed, Retried, VariablesSet, WaitCancelled, WaitKind, WaitOpened
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, user
from tests.support.eventing import ROOTS, boundary, condition, handler

CATCH = draw(ENDS + node("intermediateCatchEvent", "c", condition("n > 3")) + user("a") + flows("s > c > a > e"))


def set_variables(played: Played, **values: object) -> None:
    played.send(VariablesSet(at=AT, values=values))


def script(node_id: str, text: str, more: str = "") -> str:
    return node("scriptTask", node_id, f"<script>{text}</script>{more}", scriptFormat="javascript")


def hosted(*, interrupting: bool = True, **variables: object) -> Played:
    edge = boundary("a", condition("n > 3"), interrupting=interrupting)
    return Played(draw(ENDS + user("a", "tb") + edge + flows("s > a > e", "b > tb > e")), variables)


def test_it_waits_with_its_condition_and_happens_when_a_variable_makes_it_true() -> None:
    played = Played(CATCH)
    opened = played.of(WaitOpened)[0]
    assert (opened.kind, opened.name) == (WaitKind.CONDITIONAL, "n > 3")
    set_variables(played, n=3)
    assert played.waiting == ["c"]
    set_variables(played, n=4)
    assert played.waiting == ["a"]


def test_a_condition_that_is_true_at_the_arrival_happens_at_once() -> None:
    played = Played(CATCH, {"n": 4})
    assert played.waiting == ["a"]
    assert "c" in played.left


def test_a_result_in_a_parallel_branch_counts_as_a_change() -> None:
    catch = node("intermediateCatchEvent", "c", condition("n > 3"))
    played = Played(draw(ENDS + catch + user("w", "a") + flows("s > c > a > e", "s > w > e")))
    played.complete("w", n=5)
    assert played.waiting == ["a"]


def test_boundary_condition_interrupts() -> None:
    played = hosted()
    set_variables(played, n=4)
    assert "a" in played.places(WaitCancelled)
    assert played.waiting == ["tb"]


def test_a_boundary_that_does_not_interrupt_happens_once_for_every_time_it_becomes_true() -> None:
    played = hosted(interrupting=False)
    for value, times in ((4, 1), (5, 1), (2, 1), (6, 2), (7, 2)):
        set_variables(played, n=value)
        assert played.waiting.count("tb") == times


def test_that_a_condition_holds_is_remembered_in_the_snapshot_only_while_it_does() -> None:
    played = hosted(interrupting=False, n=4)
    assert b'"held":true' in played.snapshot
    set_variables(played, n=1)
    assert b"held" not in played.snapshot


def test_a_script_interrupts_its_own_subprocess_before_the_next_element() -> None:
    inner = node("startEvent", "s1") + script("x", "n = 9") + user("never") + flows("s1 > x > never")
    body = ENDS + node("subProcess", "sub", inner) + boundary("sub", condition("n > 3")) + user("tb")
    played = Played(draw(body + flows("s > sub > e", "b > tb > e")))
    assert played.waiting == ["tb"]
    assert "never" not in [effect.element_id for effect in played.all if isinstance(effect, WaitOpened)]


def test_a_boundary_on_a_script_sees_what_the_script_sets() -> None:
    body = ENDS + script("x", "n = 9") + boundary("x", condition("n > 3")) + user("a", "tb")
    played = Played(draw(body + flows("s > x > a > e", "b > tb > e")))
    assert played.waiting == ["tb"]
    assert "x" not in played.left


def test_event_subprocess_starts_beside_when_its_condition_becomes_true() -> None:
    start = handler("x", condition("n > 3"), user("h") + flows("x_start > h"), interrupting=False)
    played = Played(draw(ENDS + user("a") + flows("s > a > e") + start))
    set_variables(played, n=4)
    set_variables(played, n=5)
    assert sorted(played.waiting) == ["a", "h", "x_start"]


def test_it_sees_the_values_of_its_multi_instance_item() -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    catch = node("intermediateCatchEvent", "c", condition("loopCounter = n"))
    inner = node("startEvent", "s1") + catch + user("a") + flows("s1 > c > a") + loop
    played = Played(draw(ENDS + node("subProcess", "sub", inner) + flows("s > sub > e")))
    set_variables(played, n=2)
    assert sorted(played.waiting) == ["a", "c", "c"]


def test_behind_an_event_gateway_the_first_true_condition_wins() -> None:
    catches = "".join(node("intermediateCatchEvent", f"c{i}", condition(f"n = {i}")) for i in (1, 2))
    body = ENDS + node("eventBasedGateway", "g") + catches + user("a1", "a2")
    played = Played(draw(body + flows("s > g > c1 > a1 > e", "g > c2 > a2 > e"), ROOTS))
    set_variables(played, n=2)
    assert played.waiting == ["a2"]
    set_variables(played, n=1)
    assert played.waiting == ["a2"]


def test_a_condition_that_fails_is_an_incident_and_is_asked_again_on_retry() -> None:
    played = Played(draw(ENDS + user("a", "tb") + boundary("a", condition("n.x(1")) + flows("s > a > e", "b > tb > e")))
    failed = played.of(Failed)[0]
    assert failed.element_id == "b"
    played.send(Retried(at=AT, token=failed.token))
    assert played.places(Failed) == ["b"]
    played.complete("a")
    assert played.outcome == "completed"


def test_only_conditions_about_what_changed_are_asked() -> None:
    played = hosted()
    asked: list[str] = []
    evaluate = played.environment.evaluate

    def noting(expression: str, variables: Mapping[str, Any]) -> Any:
        asked.append(expression)
        return evaluate(expression, variables)

    played.environment.evaluate = noting  # type: ignore[method-assign]
    set_variables(played, other=1)
    assert asked == []
    set_variables(played, n=1)
    assert asked == ["n > 3"]


def test_a_condition_that_is_no_condition_is_an_incident() -> None:
    body = ENDS + user("a", "tb") + boundary("a", condition('"yes"')) + flows("s > a > e", "b > tb > e")
    played = Played(draw(body))
    assert [(failed.element_id, failed.code) for failed in played.of(Failed)] == [("b", "not-boolean")]
