"""Gateways: splits, joins by what can still come, the two waves of a complex gateway (BPMN 2.0.2, 13.4)."""

import pytest

from engine.interpreter.contract import Ended, Entered, Failed, Left, Retried, SignalArrived, VariablesSet, WaitOpened
from tests.support.drawing import AT, ENDS, Played, draw, flows, ids, node, user


def gateway(kind: str, name: str, inner: str = "", **attributes: str) -> str:
    return node(f"{kind}Gateway", name, inner, **attributes)


def complex_join(condition: str) -> str:
    return gateway("complex", "j", f"<activationCondition>{condition}</activationCondition>")


def times(played: Played, element_id: str) -> int:
    return sum(1 for effect in played.all if isinstance(effect, Entered) and effect.element_id == element_id)


# Conditions and implicit gateways


def test_conditional_flows_out_of_a_task_are_taken_as_they_hold_and_the_default_only_when_none_does() -> None:
    body = ENDS + node("userTask", "a", default="a-d") + user("b", "c", "d")
    drawing = draw(body + flows("s > a [x > 1]> b > e", "a [x > 2]> c > e", "a > d > e"))
    for x, expected in ((3, ["b", "c"]), (2, ["b"]), (0, ["d"])):
        played = Played(drawing)
        played.complete("a", x=x)
        assert played.places(WaitOpened) == expected


def test_a_flow_without_condition_beside_conditional_ones_is_always_taken() -> None:
    body = ENDS + user("a", "b", "c") + flows("s > a > b > e", "a [x]> c > e")
    played = Played(draw(body))
    played.complete("a", x=False)
    assert played.places(WaitOpened) == ["b"]


def test_several_flows_out_of_an_event_split_and_several_into_a_task_run_it_for_each() -> None:
    played = Played(draw(ENDS + user("a", "b", "c") + flows("s > a > c > e", "s > b > c")))
    assert played.places(WaitOpened) == ["a", "b"]
    for name in ("a", "b"):
        played.complete(name)
        assert played.places(WaitOpened) == ["c"]
    assert times(played, "c") == 2


def test_conditions_on_flows_out_of_a_start_event_are_heeded() -> None:
    played = Played(draw(ENDS + user("a", "b") + flows("s [x]> a > e", "s [not(x)]> b > e")), {"x": False})
    assert played.places(WaitOpened) == ["b"]


def test_a_condition_that_is_neither_true_nor_false_is_an_incident_that_can_be_retried() -> None:
    body = ENDS + gateway("exclusive", "g", default="g-b") + user("a", "b")
    played = Played(draw(body + flows("s > g [x]> a > e", "g > b > e")), {"x": "yes"})
    failed = played.of(Failed)[0]
    assert (failed.code, failed.element_id) == ("not-boolean", "g")
    played.send(VariablesSet(at=AT, values={"x": True}))
    played.send(Retried(at=AT, token=failed.token))
    assert played.places(WaitOpened) == ["a"]


def test_one_gateway_merges_and_splits() -> None:
    body = ENDS + gateway("parallel", "f") + gateway("parallel", "g") + user("a", "b", "c", "d")
    played = Played(draw(body + flows("s > f > a > g > c > e", "f > b > g > d > e")))
    played.complete("a")
    assert played.places(WaitOpened) == []
    played.complete("b")
    assert played.places(WaitOpened) == ["c", "d"]


def test_an_exclusive_gateway_passes_every_token_on() -> None:
    body = ENDS + gateway("parallel", "f") + gateway("exclusive", "m") + node("task", "t") + user("a", "b")
    played = Played(draw(body + flows("s > f > a > m > t > e", "f > b > m")))
    played.complete("a")
    played.complete("b")
    assert times(played, "t") == 2
    assert played.of(Ended)


# Inclusive


def test_inclusive_split_without_a_condition_that_holds_takes_the_default() -> None:
    body = ENDS + gateway("inclusive", "f", default="f-c") + user("a", "b", "c")
    drawing = draw(body + flows("s > f [x > 1]> a > e", "f [x > 2]> b > e", "f > c > e"))
    assert Played(drawing, {"x": 3}).places(WaitOpened) == ["a", "b"]
    assert Played(drawing, {"x": 0}).places(WaitOpened) == ["c"]


def test_nested_inclusive_gateways_join_inside_out() -> None:
    body = ENDS + "".join(gateway("inclusive", name) for name in ("f", "g", "h", "j")) + user("a", "b", "c", "last")
    chains = flows("s > f [true]> g [true]> a > h > j > last > e", "g [both]> b > h", "f [true]> c > j")
    played = Played(draw(body + chains), {"both": True})
    played.complete("c")
    played.complete("a")
    assert played.places(WaitOpened) == []
    played.complete("b")
    assert played.places(WaitOpened) == ["last"]


def test_inclusive_join_in_a_loop_waits_anew_in_every_round() -> None:
    body = ENDS + gateway("exclusive", "m") + gateway("inclusive", "f") + gateway("inclusive", "j")
    body += gateway("exclusive", "x", default="x-e") + user("a", "b")
    drawing = draw(body + flows("s > m > f [true]> a > j > x > e", "f [two]> b > j", "x [again]> m"))
    played = Played(drawing, {"two": True})
    played.complete("a")
    assert played.places(WaitOpened) == []
    played.complete("b", again=True, two=False)
    assert played.places(WaitOpened) == ["a"]
    played.complete("a", two=True)
    assert played.places(WaitOpened) == ["a", "b"]
    played.complete("b", again=False)
    played.complete("a")
    assert played.of(Ended)


def test_a_token_that_can_only_come_by_a_flow_already_filled_is_not_waited_for() -> None:
    """Table 13.3: a path to an empty flow does not count where the same token has one to a filled flow."""
    body = ENDS + gateway("parallel", "f") + gateway("exclusive", "x") + gateway("inclusive", "j") + user("a", "b", "z")
    chains = flows("s > f > x [true]> j > z > e", "f > a > b > x", "x [false]> b")
    played = Played(draw(body + chains))
    assert played.places(WaitOpened) == ["a", "z"]


def test_two_inclusive_joins_that_wait_for_each_other_are_an_incident() -> None:
    body = ENDS + gateway("parallel", "f") + gateway("inclusive", "i") + gateway("inclusive", "j")
    body += gateway("exclusive", "p") + gateway("exclusive", "q")
    chains = flows("s > f > i > p [true]> j > q [true]> i", "f > j", "p [false]> e", "q [false]> e")
    assert Played(draw(body + chains)).of(Failed)[0].code == "deadlock"


def test_inclusive_join_waits_for_an_activity_whose_boundary_event_can_come() -> None:
    event = node("boundaryEvent", "b", '<signalEventDefinition signalRef="g"/>', attachedToRef="a")
    body = ENDS + gateway("parallel", "f") + gateway("inclusive", "j") + user("a", "c", "last") + event
    drawing = draw(body + flows("s > f > a > e", "b > j", "f > c > j > last > e"), '<signal id="g" name="go"/>')
    played = Played(drawing)
    played.complete("c")
    assert played.places(WaitOpened) == []
    played.complete("a")
    assert played.places(WaitOpened) == ["last"]
    played = Played(drawing)
    played.complete("c")
    played.send(SignalArrived(at=AT, name="go"))
    assert played.places(WaitOpened) == ["last"]
    assert times(played, "last") == 1


# Complex


def three_into(condition: str, after: str = "") -> Played:
    body = ENDS + gateway("parallel", "f") + complex_join(condition) + user("a", "b", "c", "z") + after
    return Played(draw(body + flows("s > f > a > j > z > e", "f > b > j", "f > c > j")))


def test_complex_join_goes_on_with_the_second_of_three_and_swallows_the_third() -> None:
    played = three_into("activationCount >= 2")
    played.complete("a")
    assert played.places(WaitOpened) == []
    played.complete("c")
    assert played.places(WaitOpened) == ["z"]
    played.complete("z")
    assert not played.of(Ended)
    played.complete("b")
    assert played.of(Ended)
    assert times(played, "z") == 1


def test_complex_join_starts_anew_after_all_have_come() -> None:
    body = ENDS + gateway("exclusive", "m") + gateway("parallel", "f") + complex_join("activationCount >= 1")
    body += gateway("exclusive", "x", default="x-e") + user("a", "b", "z")
    played = Played(draw(body + flows("s > m > f > a > j > z > x > e", "f > b > j", "x [again]> m")))
    played.complete("a")
    played.complete("b")
    played.complete("z", again=True)
    played.complete("b")
    assert played.places(WaitOpened) == ["z"]
    played.complete("a")
    played.complete("z", again=False)
    assert played.of(Ended)
    assert times(played, "z") == 2


def test_complex_join_starts_anew_when_nothing_else_can_come() -> None:
    body = ENDS + gateway("exclusive", "x", default="x-a") + complex_join("activationCount = 1") + user("a", "b")
    played = Played(draw(body + flows("s > x > a > j > e", "x [other]> b > j")))
    played.complete("a")
    assert played.of(Ended)


def test_late_tokens_take_the_flows_that_ask_for_the_second_wave() -> None:
    body = ENDS + gateway("parallel", "f") + complex_join("activationCount = 1") + user("a", "b", "first", "late")
    chains = flows("s > f > a > j [waitingForStart]> first > e", "f > b > j [not(waitingForStart)]> late > e")
    played = Played(draw(body + chains))
    played.complete("a")
    assert played.places(WaitOpened) == ["first"]
    played.complete("b")
    assert played.places(WaitOpened) == ["late"]


def test_complex_join_whose_condition_can_no_longer_hold_is_an_incident() -> None:
    played = three_into("activationCount >= 4")
    for name in ("a", "b", "c"):
        played.complete(name)
    assert played.of(Failed)[0].code == "deadlock"


def test_activation_condition_that_fails_is_an_incident_and_can_be_retried() -> None:
    played = three_into("needed")
    played.complete("a", needed="two")
    failed = played.of(Failed)[0]
    assert (failed.element_id, failed.code) == ("j", "not-boolean")
    played.send(VariablesSet(at=AT, values={"needed": False}))
    played.send(Retried(at=AT, token=failed.token))
    assert played.places(WaitOpened) == []
    played.complete("b", needed=True)
    assert played.places(WaitOpened) == ["z"]
    played.complete("c")
    played.complete("z")
    assert played.of(Ended)


def test_complex_split_takes_every_flow_whose_condition_holds() -> None:
    body = ENDS + gateway("complex", "g", default="g-c") + user("a", "b", "c")
    drawing = draw(body + flows("s > g [x > 1]> a > e", "g [x > 2]> b > e", "g > c > e"))
    assert Played(drawing, {"x": 3}).places(WaitOpened) == ["a", "b"]
    assert Played(drawing, {"x": 0}).places(WaitOpened) == ["c"]


# History


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_a_join_is_entered_and_left_once(kind: str) -> None:
    condition = " [true]" if kind == "inclusive" else ""
    body = ENDS + gateway(kind, "f") + gateway(kind, "j") + node("task", "a") + node("task", "b")
    played = Played(draw(body + flows(f"s > f{condition}> a > j > e", f"f{condition}> b > j")))
    left = ids([effect for effect in played.all if isinstance(effect, Left)])
    assert times(played, "j") == left.count("j") == 1
    assert left[-2:] == ["j", "e"]
