"""Multi-instance inside an instance, and moves (return, jump)."""

import pytest

from engine.interpreter import InterpreterError
from engine.interpreter.contract import Ended, Moved, TimerDropped, TimerSet, WaitCancelled, WaitFinished, WaitOpened
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, timer, user

LOOP = (
    '<multiInstanceLoopCharacteristics isSequential="{sequential}" camunda:collection="items"'
    ' camunda:elementVariable="item" duban:outputCollection="answers" duban:outputElement="answer">'
    "{condition}</multiInstanceLoopCharacteristics>"
)


def many(*, sequential: bool, condition: str = "") -> Played:
    loop = LOOP.format(sequential=str(sequential).lower(), condition=condition)
    body = ENDS + node("userTask", "m", loop) + user("after") + flows("s > m > after > e")
    return Played(draw(body), {"items": ["p", "q", "r"]})


def finish(played: Played, token: str, **result: object) -> None:
    played.send(WaitFinished(at=AT, token=token, result=result))


def test_parallel_items_have_scopes_of_their_own_and_outputs_in_order() -> None:
    played = many(sequential=False)
    opened = played.of(WaitOpened)
    assert [effect.scope["item"] for effect in opened] == ["p", "q", "r"]
    for effect in reversed(opened):
        finish(played, effect.token, answer=effect.scope["item"].upper())
    assert played.variables == {"items": ["p", "q", "r"], "answers": ["P", "Q", "R"]}
    assert played.places(WaitOpened) == ["after"]


def test_sequential_items_come_one_after_the_other() -> None:
    played = many(sequential=True)
    seen = []
    while played.places(WaitOpened) == ["m"]:
        effect = played.of(WaitOpened)[0]
        seen.append(effect.scope["item"])
        finish(played, effect.token, answer=len(seen))
    assert seen == ["p", "q", "r"]
    assert played.variables["answers"] == [1, 2, 3]


def test_completion_condition_cancels_the_rest() -> None:
    condition = "<completionCondition>numberOfCompletedInstances >= 2</completionCondition>"
    played = many(sequential=False, condition=condition)
    first, second, third = played.of(WaitOpened)
    finish(played, first.token, answer=1)
    finish(played, second.token, answer=2)
    assert [effect.token for effect in played.of(WaitCancelled)] == [third.token]
    assert played.variables["answers"] == [1, 2]


def test_no_items_completes_at_once() -> None:
    loop = LOOP.format(sequential="false", condition="")
    played = Played(draw(ENDS + node("userTask", "m", loop) + flows("s > m > e")), {"items": []})
    assert played.of(Ended)
    assert played.variables["answers"] == []


def test_return_in_a_straight_line_goes_back_to_an_earlier_task() -> None:
    played = Played(draw(ENDS + user("a", "b") + flows("s > a > b > e")))
    played.complete("a")
    played.send(Moved(at=AT, tokens=[played.open["b"]], element_id="a", reason="return"))
    assert played.places(WaitCancelled) == ["b"]
    assert played.places(WaitOpened) == ["a"]
    played.complete("a")
    played.complete("b")
    assert played.of(Ended)


def split(played_body: str = "") -> Played:
    body = ENDS + node("parallelGateway", "f") + node("parallelGateway", "j") + user("p", "a1", "a2", "b1", "last")
    body += node("boundaryEvent", "bt", timer("P1D"), attachedToRef="b1") + played_body
    return Played(draw(body + flows("s > p > f > a1 > a2 > j > last > e", "f > b1 > j", "bt > e")))


def test_return_across_a_split_cancels_sibling_branches_R2() -> None:
    played = split()
    played.complete("p")
    played.complete("a1")
    played.send(Moved(at=AT, tokens=[played.open["a2"]], element_id="p", reason="return"))
    assert sorted(played.places(WaitCancelled)) == ["a2", "b1"]
    assert len(played.of(TimerDropped)) == 1
    assert played.places(WaitOpened) == ["p"]


def test_return_across_a_split_clears_arrivals_at_the_join_R2() -> None:
    played = split()
    played.complete("p")
    played.complete("b1")
    played.send(Moved(at=AT, tokens=[played.open["a1"]], element_id="p", reason="return"))
    for name in ("p", "a1", "a2", "b1"):
        played.complete(name)
    assert played.places(WaitOpened) == ["last"]
    played.complete("last")
    assert played.of(Ended)


def test_return_inside_a_branch_leaves_the_other_branch_alone() -> None:
    played = split()
    for name in ("p", "a1", "b1"):
        played.complete(name)
    played.send(Moved(at=AT, tokens=[played.open["a2"]], element_id="a1", reason="return"))
    assert played.places(WaitCancelled) == ["a2"]
    for name in ("a1", "a2"):
        played.complete(name)
    assert played.places(WaitOpened) == ["last"]


def test_jump_past_a_join_leaves_nothing_waiting_there() -> None:
    played = split()
    for name in ("p", "b1"):
        played.complete(name)
    played.send(Moved(at=AT, tokens=[played.open["a1"]], element_id="last", reason="jump"))
    played.complete("last")
    assert played.of(Ended)


def sub() -> Played:
    inner = node("startEvent", "s1") + user("x", "y") + node("endEvent", "e1") + flows("s1 > x > y > e1")
    body = ENDS + user("a", "z") + node("subProcess", "u", inner)
    body += node("boundaryEvent", "bt", timer("P1D"), attachedToRef="u")
    return Played(draw(body + flows("s > a > u > z > e", "bt > e")))


def test_return_out_of_a_subprocess_closes_it() -> None:
    played = sub()
    played.complete("a")
    played.send(Moved(at=AT, tokens=[played.open["x"]], element_id="a", reason="return"))
    assert len(played.of(TimerDropped)) == 1
    played.complete("a")
    played.complete("x")
    played.complete("y")
    played.complete("z")
    assert played.of(Ended)


def test_return_into_a_finished_subprocess_opens_it_again() -> None:
    played = sub()
    for name in ("a", "x", "y"):
        played.complete(name)
    played.send(Moved(at=AT, tokens=[played.open["z"]], element_id="y", reason="return"))
    assert len(played.of(TimerSet)) == 1
    played.complete("y")
    assert played.places(WaitOpened) == ["z"]


def test_move_to_an_unknown_element_is_refused() -> None:
    played = sub()
    with pytest.raises(InterpreterError):
        played.send(Moved(at=AT, tokens=[played.open["a"]], element_id="nowhere", reason="jump"))
