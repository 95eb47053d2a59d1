"""Migration of stored instances to another drawing (engine.interpreter.migration)."""

from datetime import timedelta

import orjson
import pytest

from engine.definitions.model import Definition
from engine.interpreter import InterpreterError
from engine.interpreter.contract import (
    Ended,
    Entered,
    Failed,
    MessageArrived,
    Modified,
    Retried,
    Start,
    TimerDropped,
    TimerFired,
    TimerSet,
    WaitCancelled,
    WaitFinished,
    WaitOpened,
    Withdrawn,
)
from engine.interpreter.migration import check_mapping, generate_mapping
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, timer, user
from tests.support.migrating import crossing, findings, migrate, rules

MESSAGES = '<message id="m1" name="first"/><message id="m2" name="second"/>'


def message(reference: str) -> str:
    return f'<messageEventDefinition messageRef="{reference}"/>'


def tokens(played: Played) -> list[str]:
    return [entry[1] for entry in orjson.loads(played.snapshot)["tokens"]]


def simple(*names: str, more: str = "", chain: str = "") -> Definition:
    return draw(ENDS + user(*names) + more + flows(chain or " > ".join(["s", *names, "e"])))


# Mapping


def test_the_same_ids_map_and_else_what_has_one_name_of_one_type() -> None:
    source = draw(
        ENDS
        + user("a")
        + node("userTask", "b", name="核查")
        + node("userTask", "c", name="两个")
        + flows("s > a > b > c > e")
    )
    target = draw(
        ENDS + user("a") + node("userTask", "b2", name="核查") + node("userTask", "c1", name="两个")
        + node("userTask", "c2", name="两个") + flows("s > a > b2 > c1 > c2 > e")
    )  # fmt: skip
    mapping = generate_mapping(source.processes["P"], target.processes["P"])
    assert mapping == {"s": "s", "e": "e", "a": "a", "b": "b2"}


def test_an_element_that_became_another_kind_is_not_mapped_by_its_id() -> None:
    source, target = simple("a"), draw(ENDS + node("task", "a") + flows("s > a > e"))
    assert "a" not in generate_mapping(source.processes["P"], target.processes["P"])


def test_a_mapping_with_unknown_ids_or_other_types_is_told() -> None:
    source, target = simple("a").processes["P"], simple("b").processes["P"]
    found = check_mapping(source, target, {"x": "b", "a": "y", "s": "b"})
    assert [one.rule for one in found] == ["unknown-source", "unknown-target", "other-type"]


# Blocked


def test_a_task_without_target_blocks_and_nothing_is_changed() -> None:
    played = Played(simple("a", "b"))
    assert rules(played, simple("b")) == [("blocked", "no-target")]
    with pytest.raises(InterpreterError, match="没有对应"):
        migrate(played, simple("b"))


def test_another_kind_of_element_or_repetition_blocks() -> None:
    played = Played(simple("a"))
    assert rules(played, draw(ENDS + node("manualTask", "a") + flows("s > a > e"))) == [("blocked", "no-target")]
    loop = '<multiInstanceLoopCharacteristics camunda:collection="items" camunda:elementVariable="item"/>'
    many = draw(ENDS + node("userTask", "a", loop) + flows("s > a > e"))
    assert rules(played, many) == [("blocked", "other-kind")]


SUB = node("subProcess", "sub", node("startEvent", "is") + user("in") + node("endEvent", "ie") + flows("is > in > ie"))


def test_a_token_that_would_leave_a_scope_which_goes_on_blocks() -> None:
    two = draw(
        ENDS + user("in")
        + SUB.replace('"in"', '"other"').replace("is-in", "is-other").replace("in-ie", "other-ie")
        + flows("s > sub > in > e")
    )  # fmt: skip
    played = Played(draw(ENDS + SUB + flows("s > sub > e")))
    assert ("blocked", "other-scope") in rules(played, two)
    assert rules(played, two, {"sub": None, "is": None, "ie": None}) == [("lost", "scope-removed")]


# Kept


def test_a_renamed_task_keeps_its_token_and_goes_on_in_the_new_drawing() -> None:
    played = Played(simple("a", "b"))
    token = played.open["a"]
    migrate(played, simple("a2", "c"), {"a": "a2"})
    assert played.effects == ()
    played.send(WaitFinished(at=AT, token=token))
    assert played.places(WaitOpened) == ["c"]


def test_timers_keep_their_due_instants() -> None:
    catch = node("intermediateCatchEvent", "t", timer("PT1H"))
    played = Played(draw(ENDS + catch + flows("s > t > e")))
    later = node("intermediateCatchEvent", "t", timer("PT9H"))
    migrate(played, draw(ENDS + later + user("z") + flows("s > t > z > e")))
    assert not played.of(TimerSet)
    played.send(TimerFired(at=AT + timedelta(hours=1), token=played.timers["t"]))
    assert played.places(WaitOpened) == ["z"]


def test_items_of_a_multi_instance_survive_with_what_is_done() -> None:
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="{0}" camunda:collection="items"'
        ' camunda:elementVariable="item" duban:outputCollection="out" duban:outputElement="answer"/>'
    )
    for sequential in ("true", "false"):
        body = node("userTask", "m", loop.format(sequential))
        played = Played(draw(ENDS + body + flows("s > m > e")), {"items": [1, 2, 3]})
        played.send(WaitFinished(at=AT, token=played.of(WaitOpened)[0].token, result={"answer": "x"}))
        target = node("userTask", "m9", loop.format(sequential))
        migrate(played, draw(ENDS + target + user("z") + flows("s > m9 > z > e")), {"m": "m9"})
        assert played.effects == ()
        while tokens(played) != ["z"]:
            waiting = [entry[0] for entry in orjson.loads(played.snapshot)["tokens"] if "wait" in entry[4]]
            played.send(WaitFinished(at=AT, token=waiting[0], result={"answer": "y"}))
        assert played.variables["out"] == ["x", "y", "y"]


def test_an_incident_stays_and_its_retry_runs_the_new_element() -> None:
    script = node("scriptTask", "calc", "<script>throw new Error('no')</script>", scriptFormat="javascript")
    played = Played(draw(ENDS + script + flows("s > calc > e")))
    failed = played.of(Failed)[0]
    better = node("scriptTask", "calc", "<script>n = 1;</script>", scriptFormat="javascript")
    migrate(played, draw(ENDS + better + user("z") + flows("s > calc > z > e")))
    assert played.effects == ()
    played.send(Retried(at=AT, token=failed.token))
    assert played.variables == {"n": 1}
    assert played.places(WaitOpened) == ["z"]


# Scopes


def test_a_scope_that_is_added_around_a_task_is_opened_once_for_all_inside() -> None:
    gateways = node("parallelGateway", "g") + node("parallelGateway", "j")
    inside = user("a", "b") + gateways + flows("g > a > j", "g > b > j")
    played = Played(draw(ENDS + inside + flows("s > g", "j > e")))
    around = node(
        "subProcess", "sub", node("startEvent", "is") + inside + node("endEvent", "ie") + flows("is > g", "j > ie")
    )
    late = node("boundaryEvent", "late", timer("PT1H"), attachedToRef="sub")
    migrate(played, draw(ENDS + around + late + user("z") + flows("s > sub > z > e", "late > z")))
    assert played.places(Entered) == ["sub"]
    assert played.places(TimerSet) == ["late"]
    played.complete("a")
    played.complete("b")
    assert played.places(WaitOpened) == ["z"]
    assert played.of(TimerDropped)


def test_a_scope_that_is_removed_lets_what_is_inside_go_on_outside() -> None:
    late = node("boundaryEvent", "late", timer("PT1H"), attachedToRef="sub")
    played = Played(draw(ENDS + SUB + late + flows("s > sub > e", "late > e")))
    migrate(played, draw(ENDS + user("in", "z") + flows("s > in > z > e")))
    assert played.places(Withdrawn) == ["sub"]
    assert played.of(TimerDropped)
    assert tokens(played) == ["in"]
    played.complete("in")
    assert played.places(WaitOpened) == ["z"]


# Listeners


def test_new_boundary_events_listen_and_those_that_are_gone_stop() -> None:
    old = node("boundaryEvent", "old", timer("PT1H"), attachedToRef="a")
    new = node("boundaryEvent", "new", timer("PT2H"), attachedToRef="a")
    played = Played(draw(ENDS + user("a") + old + flows("s > a > e", "old > e")))
    target = draw(ENDS + user("a") + new + flows("s > a > e", "new > e"))
    assert rules(played, target) == [("lost", "listener-dropped"), ("note", "listener-added")]
    migrate(played, target)
    assert [one.token for one in played.of(TimerDropped)] == [played.timers["old"]]
    assert [(one.element_id, one.due - AT) for one in played.of(TimerSet)] == [("new", timedelta(hours=2))]
    played.send(TimerFired(at=AT, token=played.timers["new"]))
    assert played.of(Ended)


def test_a_boundary_event_that_waits_for_something_else_is_exchanged() -> None:
    old = node("boundaryEvent", "edge", timer("PT1H"), attachedToRef="a")
    new = node("boundaryEvent", "edge", message("m1"), attachedToRef="a")
    played = Played(draw(ENDS + user("a") + old + flows("s > a > e", "edge > e")))
    migrate(played, draw(ENDS + user("a") + new + flows("s > a > e", "edge > e"), MESSAGES))
    assert played.of(TimerDropped)
    assert [(one.element_id, one.name) for one in played.of(WaitOpened)] == [("edge", "first")]


def test_a_spent_timer_is_not_armed_again() -> None:
    edge = node("boundaryEvent", "edge", timer("PT1H"), attachedToRef="a", cancelActivity="false")
    body = ENDS + user("a", "n") + edge + flows("s > a > e", "edge > n > e")
    played = Played(draw(body))
    played.send(TimerFired(at=AT, token=played.timers["edge"]))
    migrate(played, draw(body + "<!-- 2 -->"))
    assert played.effects == ()


EVENT_SUB = node(
    "subProcess", "ev",
    node("startEvent", "es", message("m1"), isInterrupting="false") + user("ask") + node("endEvent", "ee")
    + flows("es > ask > ee"),
    triggeredByEvent="true",
)  # fmt: skip


def test_event_subprocesses_begin_and_cease_to_listen() -> None:
    plain, with_event = simple("a"), draw(ENDS + user("a") + EVENT_SUB + flows("s > a > e"), MESSAGES)
    played = Played(plain)
    assert rules(played, with_event) == [("note", "listener-added")]
    migrate(played, with_event)
    assert [(one.element_id, one.name) for one in played.of(WaitOpened)] == [("es", "first")]
    migrate(played, plain)
    assert played.places(WaitCancelled) == ["es"]
    played.complete("a")
    assert played.of(Ended)


def test_events_behind_a_gateway_come_and_go() -> None:
    gate = node("eventBasedGateway", "g")
    t1 = node("intermediateCatchEvent", "t1", timer("PT1H"))
    t2 = node("intermediateCatchEvent", "t2", timer("PT2H"))
    t3 = node("intermediateCatchEvent", "t3", timer("PT3H"))
    played = Played(draw(ENDS + gate + t1 + t2 + flows("s > g > t1 > e", "g > t2 > e")))
    target = draw(ENDS + gate + t2 + t3 + flows("s > g > t2 > e", "g > t3 > e"))
    assert rules(played, target) == [("lost", "listener-dropped"), ("note", "listener-added")]
    migrate(played, target)
    assert [one.token for one in played.of(TimerDropped)] == [played.timers["t1"]]
    assert played.places(TimerSet) == ["t3"]
    played.send(TimerFired(at=AT, token=played.timers["t3"]))
    assert played.of(Ended)


def test_a_gateway_whose_events_are_all_gone_blocks() -> None:
    gate = node("eventBasedGateway", "g")
    t1 = node("intermediateCatchEvent", "t1", timer("PT1H"))
    t3 = node("intermediateCatchEvent", "t3", timer("PT3H"))
    played = Played(draw(ENDS + gate + t1 + flows("s > g > t1 > e")))
    assert rules(played, draw(ENDS + gate + t3 + flows("s > g > t3 > e")))[0] == ("blocked", "no-target")


def test_a_message_is_awaited_under_its_new_name() -> None:
    catch = node("intermediateCatchEvent", "c", message("m1"))
    played = Played(draw(ENDS + catch + flows("s > c > e"), MESSAGES))
    target = draw(ENDS + node("intermediateCatchEvent", "c", message("m2")) + flows("s > c > e"), MESSAGES)
    assert rules(played, target) == [("note", "other-name")]
    migrate(played, target)
    assert [type(one).__name__ for one in played.effects] == ["WaitCancelled", "WaitOpened"]
    assert played.of(WaitOpened)[0].name == "second"
    played.send(MessageArrived(at=AT, name="first"))
    assert not played.of(Ended)
    played.send(MessageArrived(at=AT, name="second"))
    assert played.of(Ended)


# Joins


def _join(*chains: str, names: tuple[str, ...]) -> Definition:
    gateways = node("parallelGateway", "g") + node("parallelGateway", "j")
    return draw(ENDS + user(*names) + gateways + flows(*chains))


def test_arrivals_at_a_join_are_kept_though_something_was_drawn_in_between() -> None:
    played = Played(_join("s > g > a > j > z > e", "g > b > j", names=("a", "b", "z")))
    played.complete("a")
    target = _join("s > g > a > a2 > j > z > e", "g > b > b2 > j", names=("a", "a2", "b", "b2", "z"))
    assert rules(played, target) == []
    migrate(played, target)
    played.complete("b")
    assert played.places(WaitOpened) == ["b2"]
    played.complete("b2")
    assert played.places(WaitOpened) == ["z"]


def test_a_join_that_waits_for_fewer_branches_now_goes_on() -> None:
    played = Played(_join("s > g > a > j > z > e", "g > b > j", "g > c > j", names=("a", "b", "c", "z")))
    played.complete("a")
    played.complete("b")
    target = _join("s > g > a > j > z > e", "g > b > j", "g > c > e", names=("a", "b", "c", "z"))
    migrate(played, target)
    assert played.places(WaitOpened) == ["z"]


def test_a_deadlock_ends_with_the_drawing_that_has_none() -> None:
    gate = node("exclusiveGateway", "g", default="g-a")
    body = ENDS + user("a", "b", "z") + gate + node("parallelGateway", "j")
    played = Played(draw(body + flows("s > g > a > j > z > e", "g [false]> b > j")))
    played.complete("a")
    (failed,) = played.of(Failed)
    migrate(played, draw(body + flows("s > g > a > j > z > e", "g [false]> b > e")))
    assert [one.token for one in played.of(WaitCancelled)] == [failed.token]
    assert played.places(WaitOpened) == ["z"]


def test_an_arrival_whose_branch_is_gone_blocks() -> None:
    played = Played(_join("s > g > a > j > z > e", "g > b > j", names=("a", "b", "z")))
    played.complete("a")
    target = _join("s > g > b > j > z > e", "g > c > j", "g > d > j", names=("b", "c", "d", "z"))
    assert ("blocked", "no-flow") in rules(played, target)


def test_what_was_compensable_and_has_no_target_is_told_to_be_lost() -> None:
    def drawing(name: str) -> Definition:
        undo = node("userTask", "undo", isForCompensation="true")
        edge = node("boundaryEvent", "edge", "<compensateEventDefinition/>", attachedToRef=name)
        association = '<association id="as" sourceRef="edge" targetRef="undo"/>'
        throw = node("intermediateThrowEvent", "back", "<compensateEventDefinition/>")
        return draw(ENDS + user(name, "z") + undo + edge + association + throw + flows(f"s > {name} > z > back > e"))

    played = Played(drawing("pay"))
    played.complete("pay")
    assert ("lost", "compensation-lost") in rules(played, drawing("book"))
    migrate(played, drawing("book"), {"pay": "book"})
    played.complete("z")
    assert played.places(WaitOpened) == ["undo"]


def test_the_findings_name_the_elements_in_both_languages() -> None:
    played = Played(simple("a"))
    (found,) = findings(played, simple("b"))
    assert (found.element_id, found.target_id) == ("a", None)
    assert found.sentence == "“a”正在进行，但新图没有对应的环节 / a is going on and has no target"


def test_a_migrated_instance_can_be_modified_in_its_new_drawing() -> None:
    played = Played(simple("a"))
    migrate(played, simple("a", "b"))
    played.send(Modified(at=AT, cancel=[played.open["a"]], start=[Start(element_id="b")]))
    assert played.places(WaitOpened) == ["b"]


def test_the_crossing_leaves_out_what_is_not_mapped() -> None:
    played = Played(simple("a"))
    assert crossing(played, simple("a"), {"a": None}).elements == {"s": "s", "e": "e"}
