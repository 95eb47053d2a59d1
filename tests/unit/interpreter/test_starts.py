"""Where an instance begins: start events, instantiating gateways and receive tasks (BPMN 2.0.2, 10.5.2, 10.6.6)."""

import pytest

from engine.interpreter import InterpreterError
from engine.interpreter.contract import Entered, MessageArrived, SignalArrived
from tests.support.drawing import AT, Played, draw, flows, node, timer, user
from tests.support.eventing import MESSAGE, REPLY, ROOTS, SIGNAL, condition, handler

END = node("endEvent", "e")
EVENTS = {"by_message": MESSAGE, "by_signal": SIGNAL, "by_timer": timer("PT1H"), "by_condition": condition("ready")}
STARTS = "".join(node("startEvent", name, event) for name, event in EVENTS.items()) + node("startEvent", "by_hand")
SEVERAL = draw(
    STARTS + END + user(*(f"after_{name}" for name in (*EVENTS, "by_hand")))
    + flows(*(f"{name} > after_{name} > e" for name in (*EVENTS, "by_hand"))), ROOTS
)  # fmt: skip


@pytest.mark.parametrize("name", EVENTS)
def test_a_process_begins_at_the_start_event_that_happened(name: str) -> None:
    played = Played(SEVERAL, {"n": 1}, start_event=name)
    assert played.waiting == [f"after_{name}"]
    assert played.left == [name]
    assert played.variables == {"n": 1}


def test_by_itself_it_begins_at_the_start_event_without_trigger() -> None:
    assert Played(SEVERAL).waiting == ["after_by_hand"]


def test_without_one_it_begins_at_the_first() -> None:
    body = node("startEvent", "m1", MESSAGE) + node("startEvent", "g1", SIGNAL) + END + user("a", "k")
    assert Played(draw(body + flows("m1 > a > e", "g1 > k > e"), ROOTS)).waiting == ["a"]


def test_a_multiple_start_event_begins_with_any_of_its_definitions() -> None:
    body = node("startEvent", "s", MESSAGE + SIGNAL) + END + user("a") + flows("s > a > e")
    assert Played(draw(body, ROOTS), start_event="s", start_definition=1).waiting == ["a"]


def test_a_parallel_multiple_start_event_waits_for_the_others() -> None:
    body = node("startEvent", "s", MESSAGE + SIGNAL, parallelMultiple="true") + END + user("a") + flows("s > a > e")
    definition = draw(body, ROOTS)
    played = Played(definition, start_event="s", start_definition=0)
    assert played.waiting == ["s"]
    played.send(MessageArrived(at=AT, name="report"))
    assert played.waiting == ["s"]
    played.send(SignalArrived(at=AT, name="stop", payload={"n": 1}))
    assert played.waiting == ["a"]
    assert played.variables == {"n": 1}
    assert Played(definition, start_event="s").waiting == ["a"]


def test_what_is_no_start_event_of_the_process_starts_nothing() -> None:
    body = node("startEvent", "s") + user("a") + END + flows("s > a > e")
    definition = draw(body + handler("x", MESSAGE, END.replace('"e"', '"xe"') + flows("x_start > xe")), ROOTS)
    for name in ("a", "x_start", "unknown"):
        with pytest.raises(InterpreterError):
            Played(definition, start_event=name)


def gateway(**more: str) -> str:
    catches = node("intermediateCatchEvent", "c1", MESSAGE) + node("intermediateCatchEvent", "c2", SIGNAL)
    body = node("eventBasedGateway", "g0", instantiate="true", **more) + catches + user("a1", "a2") + END
    return body + flows("g0 > c1 > a1 > e", "g0 > c2 > a2 > e")


def test_an_instantiating_event_gateway_begins_behind_itself() -> None:
    played = Played(draw(gateway(), ROOTS), start_event="c2")
    assert played.waiting == ["a2"]
    assert played.left == ["g0", "c2"]


def test_a_parallel_event_gateway_waits_for_its_other_events() -> None:
    played = Played(draw(gateway(eventGatewayType="Parallel"), ROOTS), start_event="c2")
    assert sorted(played.waiting) == ["a2", "c1"]
    played.complete("a2")
    assert played.outcome is None
    played.send(MessageArrived(at=AT, name="report"))
    played.complete("a1")
    assert played.outcome == "completed"


def test_started_by_hand_an_instantiating_gateway_waits_for_its_events() -> None:
    played = Played(draw(gateway(), ROOTS))
    assert played.waiting == ["c1", "c2"]
    played.happen("c1")
    assert played.waiting == ["a1"]


def test_an_instantiating_receive_task_has_its_message_already() -> None:
    body = node("receiveTask", "r", messageRef="msg", instantiate="true") + user("a") + END + flows("r > a > e")
    definition = draw(body, ROOTS)
    assert Played(definition, start_event="r").waiting == ["a"]
    assert Played(definition).waiting == ["r"]


def test_event_subprocesses_of_the_process_listen_from_the_start() -> None:
    body = node("startEvent", "s", MESSAGE) + user("a") + END + flows("s > a > e")
    played = Played(draw(body + handler("x", REPLY, user("h") + flows("x_start > h")), ROOTS), start_event="s")
    assert played.waiting == ["x_start", "a"]
    assert played.places(Entered) == ["s", "a"]
