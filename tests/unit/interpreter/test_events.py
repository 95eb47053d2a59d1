"""Timers, messages, signals, errors, ends, and the boundary events that interrupt."""

from datetime import timedelta

import pytest

from engine.interpreter.contract import (
    ChildrenRequested,
    Ended,
    Failed,
    MessageArrived,
    Retried,
    SignalArrived,
    Thrown,
    TimerDropped,
    TimerFired,
    TimerSet,
    WaitCancelled,
    WaitFailed,
    WaitKind,
    WaitOpened,
)
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, timer, user

ROOTS = (
    '<message id="m" name="report"/><signal id="g" name="stop"/>'
    '<error id="x" name="refused" errorCode="E1"/><error id="y" name="other" errorCode="E2"/>'
)
MESSAGE = '<messageEventDefinition messageRef="m"/>'
SIGNAL = '<signalEventDefinition signalRef="g"/>'
ERROR = '<errorEventDefinition errorRef="x"/>'


def boundary(host: str, event: str, *, interrupting: bool = True) -> str:
    return node("boundaryEvent", "b", event, attachedToRef=host, cancelActivity="true" if interrupting else "false")


def test_intermediate_timer_is_due_after_its_duration() -> None:
    played = Played(draw(ENDS + node("intermediateCatchEvent", "t", timer("PT2H")) + flows("s > t > e")))
    due = played.of(TimerSet)[0]
    assert due.due == AT + timedelta(hours=2)
    played.send(TimerFired(at=due.due, token=due.token))
    assert played.of(Ended)


def test_boundary_timer_cancels_the_task_it_sits_on() -> None:
    played = Played(draw(ENDS + user("a", "late") + boundary("a", timer("P1D")) + flows("s > a > e", "b > late > e")))
    token = played.open["a"]
    played.send(TimerFired(at=AT, token=played.timers["b"]))
    assert played.of(WaitCancelled) == [WaitCancelled(token=token, element_id="a", reason="interrupted:b")]
    assert played.places(WaitOpened) == ["late"]
    assert played.of(TimerDropped) == []


def test_boundary_timer_is_dropped_when_the_task_is_done() -> None:
    played = Played(draw(ENDS + user("a", "late") + boundary("a", timer("P1D")) + flows("s > a > e", "b > late > e")))
    played.complete("a")
    assert played.of(TimerDropped) == [TimerDropped(token=played.timers["b"])]
    played.send(TimerFired(at=AT, token=played.timers["b"]))
    assert played.effects == ()


def test_boundary_timer_that_does_not_interrupt_starts_a_branch_beside_the_task() -> None:
    event = boundary("a", timer("P1D"), interrupting=False)
    played = Played(draw(ENDS + user("a", "remind") + event + flows("s > a > e", "b > remind > e")))
    played.send(TimerFired(at=AT, token=played.timers["b"]))
    assert played.places(WaitOpened) == ["remind"]
    assert played.of(WaitCancelled) == []
    played.complete("a")
    assert not played.of(Ended)
    played.complete("remind")
    assert played.of(Ended)


def test_repeating_boundary_timer_fires_its_number_of_rounds() -> None:
    event = boundary("a", timer("R2/PT1H", "timeCycle"), interrupting=False)
    played = Played(draw(ENDS + user("a") + node("task", "n") + event + flows("s > a > e", "b > n > e")))
    rounds = []
    while (due := played.of(TimerSet)) and len(rounds) < 5:
        rounds.append(due[0].due - AT)
        played.send(TimerFired(at=due[0].due, token=due[0].token))
    assert rounds == [timedelta(hours=1), timedelta(hours=2)]


def test_two_timers_on_one_event_gateway_have_their_own_due_times() -> None:
    first = node("intermediateCatchEvent", "t1", timer("PT1H"))
    second = node("intermediateCatchEvent", "t2", timer("P30D"))
    body = ENDS + node("eventBasedGateway", "g") + first + second + user("a", "c")
    played = Played(draw(body + flows("s > g > t1 > a > e", "g > t2 > c > e")))
    assert [effect.due - AT for effect in played.of(TimerSet)] == [timedelta(hours=1), timedelta(days=30)]
    played.send(TimerFired(at=AT, token=played.timers["t1"]))
    assert played.places(WaitOpened) == ["a"]
    assert played.of(TimerDropped) == [TimerDropped(token=played.timers["t2"])]


def test_message_behind_an_event_gateway_wins_and_drops_the_timer() -> None:
    catches = node("intermediateCatchEvent", "m1", MESSAGE) + node("intermediateCatchEvent", "t", timer("PT1H"))
    body = ENDS + node("eventBasedGateway", "g") + catches + user("a", "c")
    played = Played(draw(body + flows("s > g > m1 > a > e", "g > t > c > e"), ROOTS))
    played.send(MessageArrived(at=AT, name="unknown"))
    assert played.effects == ()
    played.send(MessageArrived(at=AT, name="report", payload={"n": 3}))
    assert played.variables == {"n": 3}
    assert played.places(WaitOpened) == ["a"]
    assert [effect.token for effect in played.of(TimerDropped)] == [played.timers["t"]]


def test_receive_task_and_send_task_speak_by_message_name() -> None:
    send = node("sendTask", "out", messageRef="m")
    receive = node("receiveTask", "into", messageRef="m")
    played = Played(draw(ENDS + send + receive + flows("s > out > into > e"), ROOTS))
    assert played.of(Thrown) == [Thrown(kind="message", name="report")]
    assert (played.of(WaitOpened)[0].kind, played.of(WaitOpened)[0].name) == (WaitKind.RECEIVE, "report")
    played.send(MessageArrived(at=AT, name="report"))
    assert played.of(Ended)


def test_signal_reaches_every_listener_in_the_instance() -> None:
    catch = node("intermediateCatchEvent", "c", SIGNAL)
    body = ENDS + user("a", "after") + catch + boundary("a", SIGNAL)
    played = Played(draw(body + flows("s > a > e", "s > c > e", "b > after > e"), ROOTS))
    played.send(SignalArrived(at=AT, name="stop"))
    assert played.places(WaitOpened) == ["after"]
    assert played.places(WaitCancelled) == ["a"]


def test_signal_end_event_is_thrown_and_heard_inside() -> None:
    body = ENDS + user("a", "after") + boundary("a", SIGNAL) + node("endEvent", "z", SIGNAL)
    played = Played(draw(body + flows("s > a > e", "s > z", "b > after > e"), ROOTS))
    assert played.of(Thrown) == [Thrown(kind="signal", name="stop")]
    assert "after" in played.open


def subprocess(end: str) -> str:
    inner = node("startEvent", "s1") + user("inner", "other") + node("endEvent", "e1", end)
    return node("subProcess", "sub", inner + flows("s1 > inner > e1", "s1 > other > e1"))


def test_error_end_is_caught_by_the_innermost_boundary_with_its_code() -> None:
    wrong = node("boundaryEvent", "b2", '<errorEventDefinition errorRef="y"/>', attachedToRef="sub")
    body = ENDS + subprocess(ERROR) + boundary("sub", ERROR) + wrong + user("repair", "no")
    played = Played(draw(body + flows("s > sub > e", "b > repair > e", "b2 > no > e"), ROOTS))
    played.complete("inner")
    assert played.places(WaitOpened) == ["repair"]
    assert played.places(WaitCancelled) == ["other"]


def test_error_end_that_nothing_catches_ends_the_instance() -> None:
    played = Played(draw(ENDS + subprocess(ERROR) + flows("s > sub > e"), ROOTS))
    played.complete("inner")
    assert played.of(Ended) == [Ended(outcome="error", code="E1")]


def test_terminate_in_a_subprocess_ends_only_the_subprocess() -> None:
    body = ENDS + subprocess("<terminateEventDefinition/>") + user("next")
    played = Played(draw(body + flows("s > sub > next > e")))
    played.complete("inner")
    assert played.places(WaitCancelled) == ["other"]
    assert played.places(WaitOpened) == ["next"]


def test_terminate_of_the_process_cancels_everything() -> None:
    stop = node("endEvent", "stop", "<terminateEventDefinition/>")
    played = Played(
        draw(ENDS + user("a", "c") + stop + boundary("c", timer("P1D")) + flows("s > a > stop", "s > c > e"))
    )
    played.complete("a")
    assert played.of(Ended) == [Ended(outcome="terminated")]
    assert played.places(WaitCancelled) == ["c"]
    assert len(played.of(TimerDropped)) == 1


def test_failed_service_goes_to_its_error_boundary() -> None:
    service = node("serviceTask", "v", duban_service="sample.draw")
    played = Played(
        draw(ENDS + service + boundary("v", ERROR) + user("repair") + flows("s > v > e", "b > repair > e"), ROOTS)
    )
    played.send(WaitFailed(at=AT, token=played.open["v"], code="E1"))
    assert played.places(WaitOpened) == ["repair"]


def test_failed_service_without_boundary_is_an_incident_and_retry_opens_the_wait_again() -> None:
    played = Played(draw(ENDS + node("serviceTask", "v", duban_service="sample.draw") + flows("s > v > e")))
    token = played.open["v"]
    played.send(WaitFailed(at=AT, token=token, code="timeout", message="no answer"))
    assert played.of(Failed) == [Failed(token=token, element_id="v", code="timeout", message="no answer")]
    played.send(Retried(at=AT, token=token))
    assert played.of(WaitOpened)[0].token == token
    played.complete("v", drawn=[3])
    assert played.variables == {"drawn": [3]}


def test_interrupting_a_subprocess_cancels_everything_inside() -> None:
    body = ENDS + subprocess("") + boundary("sub", timer("P1D")) + user("late")
    played = Played(draw(body + flows("s > sub > e", "b > late > e")))
    played.send(TimerFired(at=AT, token=played.timers["b"]))
    assert played.places(WaitCancelled) == ["inner", "other"]
    assert played.places(WaitOpened) == ["late"]


def test_link_continues_at_its_catch() -> None:
    throw = node("intermediateThrowEvent", "l1", '<linkEventDefinition name="L"/>')
    catch = node("intermediateCatchEvent", "l2", '<linkEventDefinition name="L"/>')
    played = Played(draw(ENDS + throw + catch + user("a") + flows("s > l1", "l2 > a > e")))
    assert played.places(WaitOpened) == ["a"]


@pytest.mark.parametrize("units", [[], [4, 5]])
def test_fan_out_asks_for_children_and_without_items_goes_on(units: list[int]) -> None:
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>units</loopDataInputRef>"
        '<inputDataItem id="i" name="unit_id"/></multiInstanceLoopCharacteristics>'
        '<extensionElements><camunda:in source="year" target="year"/></extensionElements>'
    )
    call = node("callActivity", "call", loop, calledElement="department")
    body = ENDS + call + boundary("call", timer("P9D")) + user("late")
    played = Played(draw(body + flows("s > call > e", "b > late > e")), {"units": units, "year": 2026})
    if not units:
        assert played.of(Ended)
        assert played.of(TimerSet) == played.of(TimerDropped) == []
        return
    request = played.of(ChildrenRequested)[0]
    assert (request.items, request.item_name, dict(request.inputs)) == ([4, 5], "unit_id", {"year": 2026})
    played.open["call"] = request.token
    played.complete("call", results=[{"a": 1}])
    assert played.variables == {"units": units, "year": 2026}
    assert played.of(Ended)


def test_interrupted_fan_out_is_cancelled() -> None:
    call = node("callActivity", "call", calledElement="department")
    body = ENDS + call + boundary("call", timer("P9D")) + user("late")
    played = Played(draw(body + flows("s > call > e", "b > late > e")))
    played.send(TimerFired(at=AT, token=played.timers["b"]))
    assert played.places(WaitCancelled) == ["call"]
