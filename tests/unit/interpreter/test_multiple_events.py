"""Events with several definitions: multiple and parallel multiple (BPMN 2.0.2, 10.5)."""

from datetime import timedelta

import pytest

from engine.interpreter.contract import (
    Ended,
    MessageArrived,
    SignalArrived,
    Thrown,
    TimerDropped,
    TimerFired,
    TimerSet,
    Uncaught,
    WaitCancelled,
    WaitFinished,
    WaitKind,
    WaitOpened,
)
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, timer, user
from tests.support.eventing import (
    ERROR,
    ESCALATION,
    GO,
    MESSAGE,
    REPLY,
    ROOTS,
    SIGNAL,
    TERMINATE,
    boundary,
    condition,
    handler,
)

BOTH = MESSAGE + SIGNAL


def catching(event: str, **more: str) -> Played:
    catch = node("intermediateCatchEvent", "c", event, **more)
    return Played(draw(ENDS + catch + user("a") + flows("s > c > a > e"), ROOTS))


def hosted(event: str, *, interrupting: bool, **more: str) -> Played:
    edge = boundary("a", event, interrupting=interrupting, **more)
    return Played(draw(ENDS + user("a", "tb") + edge + flows("s > a > e", "b > tb > e"), ROOTS))


def test_an_event_with_several_definitions_opens_a_wait_for_each() -> None:
    played = catching(BOTH + timer("PT1H") + condition("late"))
    opened = [(effect.element_id, effect.kind, effect.name) for effect in played.of(WaitOpened)]
    assert opened == [
        ("c", WaitKind.MESSAGE, "report"),
        ("c", WaitKind.SIGNAL, "stop"),
        ("c", WaitKind.CONDITIONAL, "late"),
    ]
    assert played.places(TimerSet) == ["c"]
    assert len({effect.token for effect in played.effects if isinstance(effect, WaitOpened | TimerSet)}) == 4


def test_the_first_definition_that_happens_ends_all_waits() -> None:
    played = catching(BOTH + timer("PT1H"))
    played.send(SignalArrived(at=AT, name="stop", payload={"n": 1}))
    assert played.waiting == ["a"]
    assert played.places(WaitCancelled) == ["c", "c"]
    assert played.of(TimerDropped) == [TimerDropped(token=played.timers["c"])]
    assert played.variables == {"n": 1}


def test_a_stimulus_that_names_a_token_is_the_occurrence_of_that_definition_only() -> None:
    played = catching(MESSAGE + REPLY, parallelMultiple="true")
    message = played.of(WaitOpened)[0].token
    played.send(WaitFinished(at=AT, token=message, result={"n": 1}))
    assert played.of(WaitCancelled) == [WaitCancelled(token=message, element_id="c", reason="happened")]
    assert played.waiting == ["c"]
    played.send(MessageArrived(at=AT, name="report"))
    assert played.effects == ()
    played.send(MessageArrived(at=AT, name="reply", payload={"m": 2}))
    assert played.waiting == ["a"]
    assert played.variables == {"n": 1, "m": 2}


def test_a_parallel_multiple_event_waits_for_its_timer_too() -> None:
    played = catching(MESSAGE + timer("PT1H"), parallelMultiple="true")
    played.send(TimerFired(at=AT + timedelta(hours=1), token=played.timers["c"]))
    assert played.waiting == ["c"]
    played.happen("c")
    assert played.waiting == ["a"]


def test_an_interrupting_boundary_with_several_definitions_closes_them_all() -> None:
    played = hosted(BOTH + timer("PT1H"), interrupting=True)
    played.send(TimerFired(at=AT, token=played.timers["b"]))
    assert played.waiting == ["tb"]
    assert sorted(played.places(WaitCancelled)) == ["a", "b", "b"]
    assert played.of(TimerDropped) == []


def test_a_boundary_that_does_not_interrupt_goes_on_with_what_can_happen_again() -> None:
    played = hosted(BOTH + timer("PT1H"), interrupting=False)
    played.send(TimerFired(at=AT, token=played.timers["b"]))
    played.send(SignalArrived(at=AT, name="stop"))
    played.send(SignalArrived(at=AT, name="stop"))
    assert sorted(played.waiting) == ["a", "b", "b", "tb", "tb", "tb"]
    played.complete("a")
    assert played.waiting == ["tb", "tb", "tb"]


def test_a_boundary_of_timers_alone_is_spent_after_them() -> None:
    played = hosted(timer("PT1H") + timer("PT2H"), interrupting=False)
    played.happen("b")
    assert sorted(played.waiting) == ["a", "b", "tb"]
    played.happen("b")
    assert sorted(played.waiting) == ["a", "tb", "tb"]


def test_a_parallel_multiple_boundary_begins_anew_after_all_have_happened() -> None:
    played = hosted(BOTH, interrupting=False, parallelMultiple="true")
    for round_ in (1, 2):
        played.send(MessageArrived(at=AT, name="report", payload={"n": round_}))
        assert played.waiting.count("tb") == round_ - 1
        played.send(SignalArrived(at=AT, name="stop"))
        assert played.waiting.count("tb") == round_
    assert sorted(set(played.waiting)) == ["a", "b", "tb"]
    assert played.variables == {"n": 2}


def test_a_parallel_multiple_with_a_cycle_needs_a_new_round_each_time() -> None:
    played = hosted(MESSAGE + timer("R2/PT1H", "timeCycle"), interrupting=False, parallelMultiple="true")
    played.send(TimerFired(at=AT + timedelta(hours=1), token=played.timers["b"]))
    played.send(MessageArrived(at=AT + timedelta(hours=1), name="report"))
    assert [due.due - AT for due in played.of(TimerSet)] == [timedelta(hours=2)]
    assert played.waiting.count("tb") == 1
    played.send(MessageArrived(at=AT + timedelta(hours=1), name="report"))
    played.send(TimerFired(at=AT + timedelta(hours=2), token=played.timers["b"]))
    assert played.waiting.count("tb") == 2
    assert "b" not in played.waiting


def test_a_condition_that_is_still_true_does_not_happen_again_in_the_next_round() -> None:
    played = hosted(MESSAGE + condition("true"), interrupting=False, parallelMultiple="true")
    played.send(MessageArrived(at=AT, name="report"))
    played.send(MessageArrived(at=AT, name="report"))
    assert played.waiting.count("tb") == 1


def test_a_boundary_may_wait_for_a_message_and_catch_an_error() -> None:
    service = node("serviceTask", "a", duban_service="sample.draw")
    edge = boundary("a", MESSAGE + ERROR)
    definition = draw(ENDS + service + edge + user("tb") + flows("s > a > e", "b > tb > e"), ROOTS)
    waiting = Played(definition)
    waiting.happen("b")
    assert waiting.waiting == ["tb"]
    inner = node("startEvent", "s1") + node("endEvent", "wrong", ERROR) + flows("s1 > wrong")
    scope = node("subProcess", "a", inner)
    thrown = Played(draw(ENDS + scope + edge + user("tb") + flows("s > a > e", "b > tb > e"), ROOTS))
    assert thrown.waiting == ["tb"]


@pytest.mark.parametrize("parallel", ["true", "false"])
def test_an_event_subprocess_starts_by_several_definitions(parallel: str) -> None:
    inner = user("h") + flows("x_start > h")
    body = ENDS + user("a") + flows("s > a > e") + handler("x", BOTH, inner, parallelMultiple=parallel)
    played = Played(draw(body, ROOTS))
    assert played.waiting.count("x_start") == 2
    played.send(MessageArrived(at=AT, name="report"))
    if parallel == "true":
        assert sorted(played.waiting) == ["a", "x_start"]
        played.send(SignalArrived(at=AT, name="stop"))
    assert played.waiting == ["h"]


def test_behind_an_event_gateway_a_parallel_multiple_wins_when_it_is_complete() -> None:
    catches = node("intermediateCatchEvent", "c", BOTH, parallelMultiple="true")
    catches += node("intermediateCatchEvent", "d", GO)
    body = ENDS + node("eventBasedGateway", "g1") + catches + user("a", "k")
    definition = draw(body + flows("s > g1 > c > a > e", "g1 > d > k > e"), ROOTS)
    played = Played(definition)
    played.send(MessageArrived(at=AT, name="report"))
    assert sorted(played.waiting) == ["c", "d"]
    played.send(SignalArrived(at=AT, name="stop"))
    assert played.waiting == ["a"]
    other = Played(definition)
    other.send(MessageArrived(at=AT, name="report"))
    other.send(SignalArrived(at=AT, name="go"))
    assert other.waiting == ["k"]


def test_a_throw_event_throws_all_its_definitions() -> None:
    throw = node("intermediateThrowEvent", "t", BOTH + ESCALATION)
    played = Played(draw(ENDS + throw + user("a") + flows("s > t > a > e"), ROOTS))
    assert [(thrown.kind, thrown.name) for thrown in played.of(Thrown)] == [
        ("message", "report"),
        ("signal", "stop"),
        ("escalation", "L1"),
    ]
    assert played.left == ["s", "t"]


def test_an_end_event_sends_before_it_ends_everything() -> None:
    end = node("endEvent", "z", TERMINATE + MESSAGE)
    played = Played(draw(ENDS + user("a") + end + flows("s > a > e", "s > z"), ROOTS))
    assert [thrown.name for thrown in played.of(Thrown)] == ["report"]
    assert played.of(Ended) == [Ended(outcome="terminated")]


def test_an_end_event_sends_before_it_throws_its_error() -> None:
    played = Played(draw(ENDS + node("endEvent", "z", ERROR + SIGNAL) + flows("s > z"), ROOTS))
    assert [thrown.name for thrown in played.of(Thrown)] == ["stop"]
    assert played.of(Uncaught) == [Uncaught(kind="error", code="E1", element_id="z")]


def test_a_wait_that_happens_reopens_and_is_cancelled_in_one_step_is_told_as_over() -> None:
    inner = node("startEvent", "s1") + node("intermediateCatchEvent", "c", GO) + flows("s1 > c")
    host = node("subProcess", "a", inner)
    edge = boundary("a", MESSAGE + condition("n = 2"), interrupting=False, parallelMultiple="true")
    throw = node("endEvent", "z", GO)
    played = Played(draw(ENDS + host + edge + throw + flows("s > a > e", "b > z"), ROOTS), {"n": 2})
    message = next(effect.token for effect in played.of(WaitOpened) if effect.kind is WaitKind.MESSAGE)
    played.send(MessageArrived(at=AT, name="report"))
    assert played.outcome == "completed"
    assert [effect.reason for effect in played.of(WaitCancelled) if effect.token == message] == ["happened"]
    assert message not in [effect.token for effect in played.of(WaitOpened)]
