"""Event subprocesses: who listens when, what they interrupt, what they leave running (BPMN 2.0.2, 10.3.5, 13.5.4)."""

from datetime import timedelta

import orjson
import pytest

from engine.interpreter.contract import (
    Ended,
    Failed,
    MessageArrived,
    Retried,
    SignalArrived,
    TimerDropped,
    TimerSet,
    VariablesSet,
    WaitCancelled,
    WaitFailed,
    WaitKind,
    WaitOpened,
)
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, timer, user
from tests.support.eventing import (
    ANY_ERROR,
    ERROR,
    ESCALATION,
    GO,
    MESSAGE,
    ROOTS,
    SIGNAL,
    TERMINATE,
    boundary,
    condition,
    handler,
)

MAIN = ENDS + user("a") + flows("s > a > e")


def rest(name: str, activity: str = "h") -> str:
    """Return what follows the start event of an event subprocess: one user task and an end event."""
    return user(activity) + node("endEvent", f"{name}_end") + flows(f"{name}_start > {activity} > {name}_end")


def scope(inner: str, node_id: str = "sub") -> str:
    return node("subProcess", node_id, node("startEvent", "s1") + user("inner") + node("endEvent", "e1") + inner)


@pytest.mark.parametrize(
    "event", [MESSAGE, SIGNAL, timer("PT1H"), condition("late")], ids=["message", "signal", "timer", "conditional"]
)
def test_an_interrupting_event_subprocess_replaces_what_its_scope_does(event: str) -> None:
    played = Played(draw(MAIN + handler("x", event, rest("x")), ROOTS))
    assert sorted(played.waiting) == ["a", "x_start"]
    played.happen("x_start")
    assert "a" in played.places(WaitCancelled)
    assert played.waiting == ["h"]
    played.complete("h")
    assert played.outcome == "completed"
    assert played.left == ["s", "x_start", "h", "x_end", "x"]


@pytest.mark.parametrize("event", [MESSAGE, SIGNAL, condition("late")], ids=["message", "signal", "conditional"])
def test_an_event_subprocess_that_does_not_interrupt_starts_beside_as_often_as_it_is_triggered(event: str) -> None:
    played = Played(draw(MAIN + handler("x", event, rest("x"), interrupting=False), ROOTS))
    played.happen("x_start")
    played.happen("x_start")
    assert sorted(played.waiting) == ["a", "h", "h", "x_start"]
    played.complete("a")
    assert played.outcome is None
    played.happen("h")
    played.happen("h")
    assert played.outcome == "completed"
    assert played.left.count("x") == 2


def test_a_scope_is_over_though_its_event_subprocess_listens() -> None:
    body = MAIN.replace("s > a", "") + handler("x", timer("P1D"), rest("x"))
    played = Played(draw(body))
    played.complete("a")
    assert played.of(Ended) == [Ended(outcome="completed")]
    assert played.of(TimerDropped) == [TimerDropped(token=played.timers["x_start"])]


def test_listeners_of_a_subprocess_live_as_long_as_it() -> None:
    inside = flows("s1 > inner > e1") + handler("x", MESSAGE, rest("x"))
    played = Played(draw(ENDS + user("a") + scope(inside) + flows("s > a > sub > e"), ROOTS))
    assert played.waiting == ["a"]
    played.complete("a")
    assert played.waiting == ["x_start", "inner"]
    played.complete("inner")
    assert played.outcome == "completed"
    assert "x_start" in played.places(WaitCancelled)


def test_an_interrupted_subprocess_goes_on_after_it_as_usual() -> None:
    inside = flows("s1 > inner > e1") + handler("x", MESSAGE, rest("x"))
    played = Played(draw(ENDS + user("next") + scope(inside) + flows("s > sub > next > e"), ROOTS))
    played.send(MessageArrived(at=AT, name="report", payload={"n": 1}))
    assert played.waiting == ["h"]
    played.complete("h")
    assert played.waiting == ["next"]
    assert played.variables == {"n": 1}


def test_a_terminate_end_of_an_event_subprocess_ends_only_that() -> None:
    stop = node("endEvent", "x_end", TERMINATE) + user("h") + flows("x_start > h", "x_start > x_end")
    played = Played(draw(MAIN + handler("x", MESSAGE, stop, interrupting=False), ROOTS))
    played.happen("x_start")
    assert played.waiting == ["x_start", "a"]


def test_boundary_events_of_the_scope_stay_while_its_event_subprocess_runs() -> None:
    inside = flows("s1 > inner > e1") + handler("x", MESSAGE, rest("x"))
    body = ENDS + user("late") + scope(inside) + boundary("sub", timer("P1D")) + flows("s > sub > e", "b > late > e")
    played = Played(draw(body, ROOTS))
    played.happen("x_start")
    played.happen("b")
    assert played.waiting == ["late"]


def test_a_repeating_timer_starts_a_subprocess_each_time() -> None:
    played = Played(draw(MAIN + handler("x", timer("R3/PT1H", "timeCycle"), rest("x"), interrupting=False)))
    dues = []
    for _ in range(3):
        dues.append(played.of(TimerSet)[-1].due)
        played.happen("x_start", at=dues[-1])
    assert [due - AT for due in dues] == [timedelta(hours=hours) for hours in (1, 2, 3)]
    assert sorted(played.waiting) == ["a", "h", "h", "h"]


def test_a_timer_without_cycle_starts_a_subprocess_once_and_listens_no_more() -> None:
    played = Played(draw(MAIN + handler("x", timer("PT1H"), rest("x"), interrupting=False)))
    played.happen("x_start")
    assert played.waiting == ["a", "h"]


def test_event_subprocesses_of_an_event_subprocess_listen_while_it_runs() -> None:
    nested = rest("x") + handler("y", GO, rest("y", "k"), interrupting=False)
    played = Played(draw(MAIN + handler("x", MESSAGE, nested), ROOTS))
    played.send(SignalArrived(at=AT, name="go"))
    assert played.effects == ()
    played.happen("x_start")
    assert played.waiting == ["y_start", "h"]
    played.send(SignalArrived(at=AT, name="go"))
    assert played.waiting == ["y_start", "h", "k"]
    played.complete("h")
    assert played.waiting == ["y_start", "k"]
    played.complete("k")
    assert played.outcome == "completed"


def test_an_interrupting_one_ends_those_that_run_beside() -> None:
    beside = handler("x", MESSAGE, rest("x"), interrupting=False)
    played = Played(draw(MAIN + beside + handler("y", SIGNAL, rest("y", "k")), ROOTS))
    played.happen("x_start")
    played.happen("y_start")
    assert played.waiting == ["k"]


def test_after_an_interrupting_one_has_begun_the_scope_hears_nothing() -> None:
    played = Played(
        draw(MAIN + handler("x", MESSAGE, rest("x")) + handler("y", SIGNAL, rest("y", "k"), interrupting=False), ROOTS)
    )
    played.happen("x_start")
    played.send(SignalArrived(at=AT, name="stop"))
    assert played.waiting == ["h"]


def test_error_in_a_scope_is_caught_by_its_event_subprocess_before_its_boundary() -> None:
    inside = node("endEvent", "wrong", ERROR) + flows("s1 > inner > wrong") + handler("x", ANY_ERROR, rest("x"))
    body = ENDS + user("late") + scope(inside) + boundary("sub", ERROR) + flows("s > sub > e", "b > late > e")
    played = Played(draw(body, ROOTS))
    played.complete("inner")
    assert played.waiting == ["h"]
    assert played.left[-1] == "x_start"
    assert "wrong" in played.left


def test_error_that_an_event_subprocess_raises_goes_outwards() -> None:
    again = user("h") + node("endEvent", "x_end", ERROR) + flows("x_start > h > x_end")
    inside = node("endEvent", "wrong", ERROR) + flows("s1 > inner > wrong") + handler("x", ERROR, again)
    body = ENDS + user("late") + scope(inside) + boundary("sub", ERROR) + flows("s > sub > e", "b > late > e")
    played = Played(draw(body, ROOTS))
    played.complete("inner")
    assert played.waiting == ["h"]
    played.complete("h")
    assert played.waiting == ["late"]


def test_a_scope_that_was_interrupted_catches_nothing_any_more() -> None:
    wrong = node("endEvent", "x_end", ERROR) + user("h") + flows("x_start > h > x_end")
    inside = flows("s1 > inner > e1") + handler("x", MESSAGE, wrong) + handler("y", ANY_ERROR, rest("y", "k"))
    body = ENDS + user("late") + scope(inside) + boundary("sub", ERROR) + flows("s > sub > e", "b > late > e")
    played = Played(draw(body, ROOTS))
    played.happen("x_start")
    played.complete("h")
    assert played.waiting == ["late"]


def test_an_error_beside_the_scope_is_caught_by_another_event_subprocess_of_it() -> None:
    wrong = node("endEvent", "x_end", ERROR) + user("h") + flows("x_start > h > x_end")
    beside = handler("x", MESSAGE, wrong, interrupting=False)
    played = Played(draw(MAIN + beside + handler("y", ANY_ERROR, rest("y", "k")), ROOTS))
    played.happen("x_start")
    played.complete("h")
    assert played.waiting == ["k"]


def test_an_event_subprocess_does_not_catch_the_escalation_that_it_raises_itself() -> None:
    again = node("endEvent", "x_end", ESCALATION) + user("h") + flows("x_start > h > x_end")
    inside = node("endEvent", "up", ESCALATION) + flows("s1 > inner > up")
    inside += handler("x", ESCALATION, again, interrupting=False)
    edge = boundary("sub", ESCALATION, interrupting=False)
    body = ENDS + user("late") + scope(inside) + edge + flows("s > sub > e", "b > late > e")
    played = Played(draw(body, ROOTS))
    played.complete("inner")
    assert played.waiting == ["h"]
    played.complete("h")
    assert played.waiting == ["late"]


def test_failed_service_is_caught_by_the_event_subprocess_of_the_process_with_code_and_message() -> None:
    named = ERROR.replace("/>", ' camunda:errorCodeVariable="code" camunda:errorMessageVariable="text"/>')
    service = node("serviceTask", "v", duban_service="sample.draw")
    played = Played(draw(ENDS + service + flows("s > v > e") + handler("x", named, rest("x")), ROOTS))
    played.send(WaitFailed(at=AT, token=played.open["v"], code="E1", message="no answer"))
    assert played.variables == {"code": "E1", "text": "no answer"}
    assert played.waiting == ["h"]


def test_escalation_starts_a_subprocess_beside_the_thrower_which_goes_on() -> None:
    throw = node("intermediateThrowEvent", "up", ESCALATION) + user("a")
    body = ENDS + throw + flows("s > up > a > e") + handler("x", ESCALATION, rest("x"), interrupting=False)
    played = Played(draw(body, ROOTS))
    assert sorted(played.waiting) == ["a", "h"]
    played.complete("a")
    played.complete("h")
    assert played.outcome == "completed"


def test_interrupting_escalation_takes_the_thrower_away() -> None:
    throw = node("intermediateThrowEvent", "up", ESCALATION) + user("a")
    played = Played(draw(ENDS + throw + flows("s > up > a > e") + handler("x", ESCALATION, rest("x")), ROOTS))
    assert played.waiting == ["h"]
    assert played.left == ["s", "up", "x_start"]


def test_each_item_of_a_multi_instance_subprocess_has_its_own_listener() -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    inside = flows("s1 > inner > e1") + handler("x", MESSAGE, rest("x")) + loop
    played = Played(draw(ENDS + scope(inside) + flows("s > sub > e"), ROOTS))
    assert sorted(played.waiting) == ["inner", "inner", "x_start", "x_start"]
    played.happen("x_start", n=1)
    assert sorted(played.waiting) == ["h", "inner", "x_start"]
    assert played.variables == {}


def test_a_listener_that_cannot_listen_is_an_incident_and_a_retry_listens() -> None:
    played = Played(draw(MAIN + handler("x", timer("=pause", "timeCycle"), rest("x"), interrupting=False)))
    failed = played.of(Failed)[0]
    assert (failed.element_id, failed.code) == ("x_start", "timer-cycle")
    assert played.places(WaitOpened) == ["a"]
    played.send(VariablesSet(at=AT, values={"pause": "R/PT1H"}))
    played.send(Retried(at=AT, token=failed.token))
    assert played.places(TimerSet) == ["x_start"]
    played.happen("x_start")
    assert sorted(played.waiting) == ["a", "h", "x_start"]


def test_a_listener_says_what_it_waits_for() -> None:
    played = Played(draw(MAIN + handler("x", MESSAGE, rest("x")), ROOTS))
    opened = next(effect for effect in played.of(WaitOpened) if effect.element_id == "x_start")
    assert (opened.kind, opened.name) == (WaitKind.MESSAGE, "report")


def test_snapshot_stays_flat_while_an_event_subprocess_comes_and_goes() -> None:
    body = MAIN + handler("x", MESSAGE, node("endEvent", "x_end") + flows("x_start > x_end"), interrupting=False)
    played = Played(draw(body, ROOTS))
    seen = []
    for _ in range(50):
        played.happen("x_start")
        stored = orjson.loads(played.snapshot)
        del stored["counter"]
        seen.append(stored)
    assert all(stored == seen[0] for stored in seen)


def test_an_interrupted_ad_hoc_subprocess_is_over_after_its_event_subprocess() -> None:
    body = node("adHocSubProcess", "sub", user("p", "q") + handler("x", MESSAGE, rest("x")))
    played = Played(draw(ENDS + body + user("next") + flows("s > sub > next > e"), ROOTS))
    assert sorted(played.waiting) == ["p", "q", "x_start"]
    played.complete("p")
    played.happen("x_start")
    assert played.waiting == ["h"]
    played.complete("h")
    assert played.waiting == ["next"]


def test_listeners_keep_no_ad_hoc_subprocess_open() -> None:
    body = node("adHocSubProcess", "sub", user("p") + handler("x", MESSAGE, rest("x"), interrupting=False))
    played = Played(draw(ENDS + body + user("next") + flows("s > sub > next > e"), ROOTS))
    played.complete("p")
    assert played.waiting == ["next"]


def test_a_join_is_not_waited_for_because_something_may_start_beside() -> None:
    split = node("exclusiveGateway", "x1", default="x1-a") + node("parallelGateway", "j")
    beside = handler("x", MESSAGE, rest("x"), interrupting=False)
    body = ENDS + split + user("a", "k") + beside
    played = Played(draw(body + flows("s > x1 > a > j", "x1 [false]> k > j", "j > e"), ROOTS))
    played.complete("a")
    assert [(failed.element_id, failed.code) for failed in played.of(Failed)] == [("j", "deadlock")]
