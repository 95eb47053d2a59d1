"""Throwing inside one instance, links, computed names, mapped payloads, events on loops and calls."""

import pytest

from engine.interpreter.contract import (
    ChildrenRequested,
    MessageArrived,
    SignalArrived,
    Thrown,
    WaitCancelled,
    WaitOpened,
)
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, timer, user
from tests.support.eventing import GO, MESSAGE, ROOTS, SIGNAL, boundary, handler

MULTI = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"


def mapping(side: str, **texts: str) -> str:
    parameters = "".join(
        f'<camunda:{side}Parameter name="{key}">{text}</camunda:{side}Parameter>' for key, text in texts.items()
    )
    return f"<extensionElements><camunda:inputOutput>{parameters}</camunda:inputOutput></extensionElements>"


def link(kind: str, node_id: str, name: str = "L") -> str:
    return node(f"intermediate{kind}Event", node_id, f'<linkEventDefinition name="{name}"/>')


def test_a_signal_reaches_catch_boundary_and_event_subprocess_of_the_same_instance() -> None:
    catch = node("intermediateCatchEvent", "c", SIGNAL)
    throw = node("intermediateThrowEvent", "t", SIGNAL)
    body = ENDS + user("w", "a", "k", "tb") + catch + throw + boundary("a", SIGNAL)
    body += handler("x", SIGNAL, user("h") + flows("x_start > h"), interrupting=False)
    played = Played(draw(body + flows("s > a > e", "s > c > k > e", "s > w > t > e", "b > tb > e"), ROOTS))
    played.complete("w")
    assert sorted(played.waiting) == ["h", "k", "tb", "x_start"]
    assert played.of(Thrown) == [Thrown(kind="signal", name="stop")]


def test_a_signal_that_interrupts_its_thrower_leaves_nothing_of_it() -> None:
    inner = node("startEvent", "s1") + node("intermediateThrowEvent", "t", SIGNAL) + user("never")
    sub = node("subProcess", "sub", inner + flows("s1 > t > never"))
    played = Played(draw(ENDS + sub + boundary("sub", SIGNAL) + user("tb") + flows("s > sub > e", "b > tb > e"), ROOTS))
    assert played.waiting == ["tb"]
    assert played.left == ["s", "s1", "t", "b"]


def test_a_signal_end_starts_an_event_subprocess_before_the_process_is_over() -> None:
    end = node("endEvent", "z", SIGNAL)
    start = handler("x", SIGNAL, user("h") + flows("x_start > h"), interrupting=False)
    played = Played(draw(node("startEvent", "s") + end + flows("s > z") + start, ROOTS))
    assert played.outcome is None
    played.complete("h")
    assert played.outcome == "completed"


def test_a_signal_is_not_kept_for_those_who_listen_later() -> None:
    throw, catch = node("intermediateThrowEvent", "t", SIGNAL), node("intermediateCatchEvent", "c", SIGNAL)
    played = Played(draw(ENDS + throw + catch + flows("s > t > c > e"), ROOTS))
    assert played.waiting == ["c"]


def test_several_link_throws_go_on_at_one_catch() -> None:
    body = ENDS + link("Throw", "l1") + link("Throw", "l2") + link("Catch", "c") + user("a")
    played = Played(draw(body + flows("s > l1", "s > l2", "c > a > e")))
    assert played.waiting == ["a", "a"]
    assert played.left == ["s", "l1", "l2", "c", "c"]


def test_a_link_stays_in_its_scope() -> None:
    inner = (
        node("startEvent", "s1") + link("Throw", "l2") + link("Catch", "c2") + user("k") + flows("s1 > l2", "c2 > k")
    )
    body = ENDS + link("Throw", "l1") + link("Catch", "c1") + user("a") + node("subProcess", "sub", inner)
    played = Played(draw(body + flows("s > sub > l1", "c1 > a > e")))
    assert played.waiting == ["k"]
    played.complete("k")
    assert played.waiting == ["a"]


def test_a_name_that_begins_with_an_equals_sign_is_computed() -> None:
    roots = '<message id="msg" name="=&quot;report-&quot; + unit"/><signal id="sig" name="=&quot;stop-&quot; + unit"/>'
    throw = node("intermediateThrowEvent", "t", SIGNAL)
    body = ENDS + throw + node("intermediateCatchEvent", "c", MESSAGE) + flows("s > t > c > e")
    played = Played(draw(body, roots), {"unit": "A"})
    assert [thrown.name for thrown in played.of(Thrown)] == ["stop-A"]
    assert [opened.name for opened in played.of(WaitOpened)] == ["report-A"]
    played.send(MessageArrived(at=AT, name="report-B"))
    assert played.waiting == ["c"]
    played.send(MessageArrived(at=AT, name="report-A"))
    assert played.outcome == "completed"


def test_what_comes_with_an_event_is_merged_or_mapped() -> None:
    plain = Played(draw(ENDS + node("intermediateCatchEvent", "c", MESSAGE) + flows("s > c > e"), ROOTS))
    plain.send(MessageArrived(at=AT, name="report", payload={"score": 3}))
    assert plain.variables == {"score": 3}
    catch = node("intermediateCatchEvent", "c", mapping("output", points="=score * 2") + MESSAGE)
    mapped = Played(draw(ENDS + catch + flows("s > c > e"), ROOTS))
    mapped.send(MessageArrived(at=AT, name="report", payload={"score": 3}))
    assert mapped.variables == {"points": 6}


@pytest.mark.parametrize("loop", [MULTI, '<standardLoopCharacteristics loopMaximum="2"/>'], ids=["items", "loop"])
def test_a_boundary_message_sits_on_the_whole_multi_instance_or_loop(loop: str) -> None:
    task = node("userTask", "a", loop)
    played = Played(draw(ENDS + task + boundary("a", MESSAGE) + user("tb") + flows("s > a > e", "b > tb > e"), ROOTS))
    assert played.waiting.count("b") == 1
    played.happen("a")
    assert played.waiting.count("b") == 1
    played.happen("b")
    assert played.waiting == ["tb"]


def test_a_boundary_beside_a_multi_instance_starts_a_branch_for_each_message() -> None:
    task = node("userTask", "a", MULTI)
    edge = boundary("a", MESSAGE, interrupting=False)
    played = Played(draw(ENDS + task + edge + user("tb") + flows("s > a > e", "b > tb > e"), ROOTS))
    played.happen("b")
    played.happen("b")
    assert sorted(played.waiting) == ["a", "a", "b", "tb", "tb"]
    played.happen("a")
    played.happen("a")
    assert played.waiting == ["tb", "tb"]


def test_an_interrupting_message_on_a_call_cancels_the_children() -> None:
    call = node("callActivity", "call", calledElement="child")
    played = Played(
        draw(ENDS + call + boundary("call", MESSAGE) + user("tb") + flows("s > call > e", "b > tb > e"), ROOTS)
    )
    token = played.of(ChildrenRequested)[0].token
    played.happen("b")
    assert WaitCancelled(token=token, element_id="call", reason="interrupted:b") in played.effects
    assert played.waiting == ["tb"]


def test_an_event_gateway_waits_for_receive_task_signal_message_and_timers_at_once() -> None:
    catches = node("receiveTask", "c1", messageRef="msg") + node("intermediateCatchEvent", "c2", SIGNAL)
    catches += node("intermediateCatchEvent", "c3", GO) + node("intermediateCatchEvent", "c4", timer("PT1H"))
    catches += node("intermediateCatchEvent", "c5", timer("PT2H"))
    names = [f"c{i}" for i in range(1, 6)]
    lines = flows("s > g", *(f"g > {name} > a{name} > e" for name in names))
    definition = draw(ENDS + node("eventBasedGateway", "g") + catches + user(*(f"a{n}" for n in names)) + lines, ROOTS)
    for name in names:
        played = Played(definition)
        assert played.waiting == names
        played.happen(name)
        assert played.waiting == [f"a{name}"]
        assert played.left == ["s", "g", name]


def test_a_signal_with_a_payload_reaches_a_boundary_with_it() -> None:
    played = Played(draw(ENDS + user("a", "tb") + boundary("a", SIGNAL) + flows("s > a > e", "b > tb > e"), ROOTS))
    played.send(SignalArrived(at=AT, name="stop", payload={"why": "flood"}))
    assert played.variables == {"why": "flood"}


def test_an_event_that_names_no_message_waits_for_one_of_its_own_name() -> None:
    catch = node("intermediateCatchEvent", "c", "<messageEventDefinition/>", name="reply")
    played = Played(draw(ENDS + catch + node("receiveTask", "r") + flows("s > c > r > e")))
    played.send(MessageArrived(at=AT, name="reply"))
    assert [opened.name for opened in played.of(WaitOpened)] == ["r"]
    played.send(MessageArrived(at=AT, name="r"))
    assert played.outcome == "completed"


def test_a_message_that_names_a_token_goes_to_that_one_of_several_and_otherwise_to_the_oldest() -> None:
    body = ENDS + node("intermediateCatchEvent", "c1", MESSAGE) + node("receiveTask", "c2", messageRef="msg")
    definition = draw(body + user("a1", "a2") + flows("s > c1 > a1 > e", "s > c2 > a2 > e"), ROOTS)
    named = Played(definition)
    named.send(MessageArrived(at=AT, name="report", token=named.open["c2"]))
    assert named.waiting == ["c1", "a2"]
    oldest = Played(definition)
    oldest.send(MessageArrived(at=AT, name="report"))
    assert oldest.waiting == ["c2", "a1"]
