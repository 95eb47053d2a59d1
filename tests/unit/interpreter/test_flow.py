"""Sequence, gateways, conditions, scripts: the rows of the table of stock misreadings that are about flow."""

import json

import pytest

from engine.interpreter import UnknownToken, apply
from engine.interpreter.contract import (
    Decision,
    DecisionMade,
    Ended,
    Entered,
    Failed,
    Left,
    Retried,
    VariablesSet,
    WaitFinished,
    WaitOpened,
)
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, user


def test_plain_sequence_ends_completed() -> None:
    played = Played(draw(ENDS + user("a") + flows("s > a > e")))
    assert played.places(WaitOpened) == ["a"]
    played.complete("a", outcome="agreed")
    assert played.variables == {"outcome": "agreed"}
    assert played.of(Ended) == [Ended(outcome="completed")]


def test_nodes_called_start_and_end_collide_with_nothing() -> None:
    body = node("startEvent", "Start") + user("a") + node("endEvent", "End") + flows("Start > a > End")
    played = Played(draw(body))
    played.complete("a")
    assert played.of(Ended)


def test_condition_on_the_only_flow_out_of_a_task_is_heeded() -> None:
    played = Played(draw(ENDS + user("a") + flows("s > a [ok]> e")))
    played.complete("a", ok=False)
    assert played.of(Failed)[0].code == "no-flow"
    played.send(VariablesSet(at=AT, values={"ok": True}))
    played.send(Retried(at=AT, token=played.open["a"]))
    assert played.of(Ended)


def test_several_flows_out_of_a_task_are_all_taken() -> None:
    played = Played(draw(ENDS + user("a", "b", "c") + flows("s > a > b > e", "a > c > e")))
    played.complete("a")
    assert played.places(WaitOpened) == ["b", "c"]


def test_flows_without_ids_are_followed() -> None:
    body = ENDS + user("a") + '<sequenceFlow sourceRef="s" targetRef="a"/><sequenceFlow sourceRef="a" targetRef="e"/>'
    played = Played(draw(body))
    played.complete("a")
    assert played.of(Ended)


@pytest.mark.parametrize(("amount", "expected"), [(5, "low"), (50, "high"), (None, "low")])
def test_exclusive_gateway_takes_the_first_true_flow_or_the_default(amount: int | None, expected: str) -> None:
    body = ENDS + node("exclusiveGateway", "g", default="g-low") + user("low", "high")
    played = Played(draw(body + flows("s > g > low > e", "g [amount > 10]> high > e")), {"amount": amount})
    assert played.places(WaitOpened) == [expected]


@pytest.mark.parametrize(("amount", "expected"), [(5, "rest"), (50, "high")])
def test_one_flow_without_condition_is_taken_when_no_condition_holds(amount: int, expected: str) -> None:
    body = ENDS + node("exclusiveGateway", "g") + user("rest", "high")
    played = Played(draw(body + flows("s > g > rest > e", "g [amount > 10]> high > e")), {"amount": amount})
    assert played.places(WaitOpened) == [expected]


def test_exclusive_gateway_without_true_condition_is_an_incident_that_can_be_retried() -> None:
    body = ENDS + node("exclusiveGateway", "g") + user("a")
    played = Played(draw(body + flows("s > g [x > 1]> a > e", "g [x > 5]> e")), {"x": 0})
    failed = played.of(Failed)[0]
    assert failed.code == "no-flow"
    played.send(VariablesSet(at=AT, values={"x": 2}))
    played.send(Retried(at=AT, token=failed.token))
    assert played.places(WaitOpened) == ["a"]


def test_parallel_branches_keep_each_others_data() -> None:
    body = ENDS + node("parallelGateway", "f") + node("parallelGateway", "j") + user("a", "b", "c")
    for order in (("a", "b"), ("b", "a")):
        played = Played(draw(body + flows("s > f > a > j > c > e", "f > b > j")), {"items": [1], "who": ""})
        for name in order:
            played.complete(name, **{name: 1, "items": [name]})
        assert played.variables == {"a": 1, "b": 1, "items": [order[1]], "who": ""}
        assert played.places(WaitOpened) == ["c"]


def test_parallel_join_in_a_loop_waits_in_every_round() -> None:
    body = (
        ENDS
        + node("parallelGateway", "f")
        + node("parallelGateway", "j")
        + node("exclusiveGateway", "x", default="x-e")
        + node("exclusiveGateway", "merge")
    )
    played = Played(
        draw(body + user("a", "b") + flows("s > merge > f > a > j > x > e", "f > b > j", "x [again]> merge"))
    )
    for again in (True, True, False):
        played.complete("a", again=again)
        assert not played.of(Ended)
        played.complete("b")
    assert played.of(Ended)


def inclusive() -> str:
    gateways = node("inclusiveGateway", "f", default="f-tc") + node("inclusiveGateway", "j")
    chains = flows("s > f [a]> ta > j > last > e", "f [b]> tb > j", "f > tc > j")
    return ENDS + gateways + user("ta", "tb", "tc", "last") + chains


@pytest.mark.parametrize(
    ("variables", "branches"),
    [({"a": True, "b": True}, ["ta", "tb"]), ({"a": True, "b": False}, ["ta"]), ({"a": False, "b": False}, ["tc"])],
)
def test_inclusive_join_waits_for_the_branches_taken_and_no_others(
    variables: dict[str, bool], branches: list[str]
) -> None:
    played = Played(draw(inclusive()), variables)
    assert played.places(WaitOpened) == branches
    for branch in branches[:-1]:
        played.complete(branch)
        assert played.places(WaitOpened) == []
    played.complete(branches[-1])
    assert played.places(WaitOpened) == ["last"]


def test_inclusive_join_waits_for_a_token_that_may_still_choose_its_way() -> None:
    body = (
        ENDS
        + node("parallelGateway", "f")
        + node("exclusiveGateway", "x", default="x-e")
        + node("inclusiveGateway", "j")
    )
    chains = flows("s > f > a > j > last > e", "f > b > x > e", "x [yes]> j")
    played = Played(draw(body + user("a", "b", "last") + chains))
    played.complete("a")
    assert played.places(WaitOpened) == []
    played.complete("b", yes=False)
    assert played.places(WaitOpened) == ["last"]


def test_exclusive_split_into_parallel_join_is_an_incident_not_a_hang() -> None:
    body = ENDS + node("exclusiveGateway", "x", default="x-a") + node("parallelGateway", "j") + user("a", "b")
    played = Played(draw(body + flows("s > x > a > j > e", "x [y]> b > j")))
    played.complete("a")
    assert played.of(Failed)[0].code == "deadlock"


def test_script_error_keeps_the_state_before_and_can_be_retried() -> None:
    script = node("scriptTask", "sc", "<script>n + 1</script>", camunda_resultVariable="m")
    bad = node("scriptTask", "bad", "<script>throw new Error('no')</script>", scriptFormat="javascript")
    played = Played(draw(ENDS + user("a") + script + bad + flows("s > a > sc > bad > e")))
    played.complete("a", n=1)
    assert played.variables == {"n": 1, "m": 2}
    failed = played.of(Failed)[0]
    assert failed.element_id == "bad"
    played.send(Retried(at=AT, token=failed.token))
    assert played.of(Failed)[0].token == failed.token


def test_script_error_is_caught_by_an_error_boundary() -> None:
    bad = node("scriptTask", "bad", "<script>throw new Error('no')</script>", scriptFormat="javascript")
    catch = node(
        "boundaryEvent", "b", '<errorEventDefinition camunda:errorMessageVariable="why"/>', attachedToRef="bad"
    )
    played = Played(draw(ENDS + bad + catch + user("repair") + flows("s > bad > e", "b > repair > e")))
    assert played.places(WaitOpened) == ["repair"]
    assert played.of(Failed) == []
    assert "no" in played.variables["why"]


def test_decision_is_kept_with_its_reasons() -> None:
    rule = node("businessRuleTask", "r", camunda_decisionRef="award", camunda_resultVariable="award")
    decision = Decision(outputs="gold", rules=(2,), inputs={"score": 9})
    played = Played(draw(ENDS + rule + flows("s > r > e")), {"score": 9}, award=decision)
    assert played.variables["award"] == "gold"
    assert played.of(DecisionMade)[0].rules == (2,)


def test_history_of_entering_and_leaving_is_complete() -> None:
    played = Played(draw(ENDS + user("a") + flows("s > a > e")))
    played.complete("a")
    entered = [e.element_id for e in played.all if isinstance(e, Entered)]
    left = [e.element_id for e in played.all if isinstance(e, Left)]
    assert entered == left == ["s", "a", "e"]


def test_finishing_a_wait_twice_is_refused() -> None:
    played = Played(draw(ENDS + user("a", "b") + flows("s > a > b > e")))
    token = played.open["a"]
    played.complete("a")
    with pytest.raises(UnknownToken):
        played.send(WaitFinished(at=AT, token=token))


def test_the_same_stimulus_gives_the_same_step() -> None:
    definition = draw(inclusive())
    played = Played(definition, {"a": True, "b": True})
    again = Played(definition, {"a": True, "b": True})
    assert played.step == again.step
    stimulus = WaitFinished(at=AT, token=played.open["ta"], result={"x": {"y": [1]}})
    arguments = (definition, "P", played.snapshot, played.variables, stimulus, played.environment)
    assert apply(*arguments) == apply(*arguments)
    assert "x" not in played.variables


def test_rework_loop_keeps_a_flat_snapshot() -> None:
    body = ENDS + user("draft", "check") + node("exclusiveGateway", "x", default="x-draft")
    played = Played(draw(body + flows("s > draft > check > x > draft", "x [ok]> e")))
    sizes = set()
    for _ in range(1_000):
        played.complete("draft")
        played.complete("check", ok=False)
        sizes.add(len(json.loads(played.snapshot)["tokens"]))
    assert sizes == {1}
    assert len(played.snapshot) < 250
    played.complete("draft")
    played.complete("check", ok=True)
    assert played.of(Ended)


def test_loop_without_a_wait_finishes_in_one_go() -> None:
    step = node("scriptTask", "sc", "<script>n + 1</script>", camunda_resultVariable="n")
    body = ENDS + step + node("exclusiveGateway", "x", default="x-sc")
    definition = draw(body + flows("s > sc > x > sc", "x [n >= 1000]> e"))
    played = Played(definition, {"n": 0})
    assert played.of(Ended)
    assert played.variables["n"] == 1000


def test_chain_of_5_000_nodes_needs_no_recursion() -> None:
    names = [f"t{i}" for i in range(5_000)]
    chain = "".join(node("task", name) for name in names)
    played = Played(draw(ENDS + chain + flows(" > ".join(["s", *names, "e"]))))
    assert played.of(Ended)


def test_user_keys_never_meet_the_serialiser() -> None:
    played = Played(draw(ENDS + user("a", "b") + flows("s > a > b > e")))
    played.complete("a", typename="x", __class__="y", stage="z")
    played.complete("b")
    assert played.variables == {"typename": "x", "__class__": "y", "stage": "z"}


def test_endless_loop_without_a_wait_is_an_incident_not_a_hang() -> None:
    body = ENDS + node("task", "a") + node("exclusiveGateway", "x", default="x-a")
    played = Played(draw(body + flows("s > a > x > a", "x [stop]> e")))
    assert played.of(Failed)[0].code == "runaway"
    assert len(played.effects) < 500
    token = played.of(Failed)[0].token
    played.send(VariablesSet(at=AT, values={"stop": True}))
    played.send(Retried(at=AT, token=token))
    assert played.of(Ended)


def test_endless_loop_that_piles_up_tasks_is_an_incident() -> None:
    body = ENDS + user("a") + node("task", "t") + node("exclusiveGateway", "x", default="x-t")
    played = Played(draw(body + flows("s > x > t > a > e", "t > x", "x [stop]> e")))
    assert played.of(Failed)[0].code == "runaway"
    assert 200 <= len(played.of(WaitOpened)) < 400
