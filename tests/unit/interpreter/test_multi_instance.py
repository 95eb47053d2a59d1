"""Multi-instance activities inside an instance (BPMN 2.0.2, 10.3.8 and 13.3.7)."""

import pytest

from engine.interpreter.contract import (
    Ended,
    Entered,
    Failed,
    Left,
    Retried,
    Stimulus,
    TimerDropped,
    TimerFired,
    TimerSet,
    VariablesSet,
    WaitCancelled,
    WaitFinished,
    WaitOpened,
)
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, timer, user


def many(inner: str = "", **attributes: str) -> str:
    return node("multiInstanceLoopCharacteristics", "m", inner, **attributes)


def over(collection: str = "items", item: str = "item", inner: str = "", **attributes: str) -> str:
    return many(inner, camunda_collection=collection, camunda_elementVariable=item, **attributes)


def task(tag: str, characteristics: str, inner: str = "", **attributes: str) -> str:
    return ENDS + node(tag, "a", characteristics + inner, **attributes) + user("after") + flows("s > a > after > e")


def finish(token: str, **result: object) -> Stimulus:
    return WaitFinished(at=AT, token=token, result=result)


def test_cardinality_counts_from_one() -> None:
    cardinality = "<loopCardinality>n + 1</loopCardinality>"
    played = Played(draw(task("userTask", many(cardinality))), {"n": 2})
    assert [effect.scope["loopCounter"] for effect in played.of(WaitOpened)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (-1, "cardinality"),
        (1.5, "cardinality"),
        ("x", "cardinality"),
        (None, "cardinality"),
        (20_000, "too-many-items"),
    ],
)
def test_a_cardinality_that_is_no_number_of_items_is_an_incident(value: object, code: str) -> None:
    played = Played(draw(task("userTask", many("<loopCardinality>n</loopCardinality>"))), {"n": value})
    failed = played.of(Failed)[0]
    assert failed.code == code
    played.send(VariablesSet(at=AT, values={"n": "2"}))
    played.send(Retried(at=AT, token=failed.token))
    assert len(played.of(WaitOpened)) == 2


@pytest.mark.parametrize("value", ["text", {"a": 1}, None, 3])
def test_a_collection_that_is_no_list_is_an_incident(value: object) -> None:
    played = Played(draw(task("userTask", over())), {"items": value})
    assert played.of(Failed)[0].code == "collection"


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_without_items_the_activity_is_over_at_once(sequential: str) -> None:
    played = Played(draw(task("userTask", over(isSequential=sequential))), {"items": []})
    assert played.places(WaitOpened) == ["after"]


def test_what_items_set_without_a_declared_output_goes_on_as_they_complete() -> None:
    played = Played(draw(task("userTask", over())), {"items": ["p", "q"]})
    first, second = played.of(WaitOpened)
    played.send(finish(second.token, answer="Q"))
    assert played.variables == {"items": ["p", "q"], "answer": "Q"}
    played.send(finish(first.token, answer="P"))
    assert played.variables["answer"] == "P"
    assert "item" not in played.variables


def test_items_do_not_see_what_the_others_set_before_they_complete() -> None:
    inner = node("startEvent", "s1") + user("x", "y") + flows("s1 > x > y")
    played = Played(draw(task("subProcess", over(), inner)), {"items": [1, 2]})
    first, second = played.of(WaitOpened)
    played.send(finish(first.token, note="one"))
    played.send(finish(second.token, note="two"))
    scopes = [e.scope["note"] for e in played.all if isinstance(e, WaitOpened) and e.element_id == "y"]
    assert scopes == ["one", "two"]
    assert "note" not in played.variables


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_output_of_the_standard_is_collected_in_the_order_of_the_items(sequential: str) -> None:
    output = "<loopDataInputRef>items</loopDataInputRef><loopDataOutputRef>squares</loopDataOutputRef>"
    output += '<inputDataItem id="in" name="item"/><outputDataItem id="out" name="square"/>'
    script = "<script>item * item</script>"
    characteristics = many(output, isSequential=sequential)
    drawing = draw(task("scriptTask", characteristics, script, camunda_resultVariable="square"))
    assert Played(drawing, {"items": [3, 1, 2]}).variables == {"items": [3, 1, 2], "squares": [9, 1, 4]}


@pytest.mark.parametrize(
    "condition",
    ["numberOfCompletedInstances / numberOfInstances >= 0.5", "nrOfCompletedInstances >= 2", "answer = 2",
     "numberOfActiveInstances = 2"],
)  # fmt: skip
def test_the_completion_condition_sees_counters_and_what_the_item_set(condition: str) -> None:
    condition = f"<completionCondition>{condition.replace('>', '&gt;')}</completionCondition>"
    played = Played(draw(task("userTask", over(inner=condition))), {"items": [1, 2, 3, 4]})
    opened = played.of(WaitOpened)
    for number, effect in enumerate(opened[:2], 1):
        assert played.places(WaitOpened) != ["after"]
        played.send(finish(effect.token, answer=number))
    assert played.places(WaitOpened) == ["after"]
    assert len(played.of(WaitCancelled)) == 2


def test_counters_are_seen_inside_the_items() -> None:
    script = "<script>numberOfCompletedInstances * 10 + numberOfInstances</script>"
    output = '<loopDataOutputRef>seen</loopDataOutputRef><outputDataItem id="one"/>'
    characteristics = over(inner=output, isSequential="true")
    drawing = draw(task("scriptTask", characteristics, script, camunda_resultVariable="one"))
    assert Played(drawing, {"items": [0, 0, 0]}).variables["seen"] == [3, 13, 23]


def test_nested_multi_instance_gives_every_item_its_outer_item() -> None:
    row = node(
        "scriptTask",
        "t",
        over("row", "cell", '<loopDataOutputRef>sums</loopDataOutputRef><outputDataItem id="sum"/>')
        + "<script>sum(row) * 10 + cell</script>",
        camunda_resultVariable="sum",
    )
    inner = node("startEvent", "s1") + row + flows("s1 > t")
    output = '<loopDataOutputRef>all</loopDataOutputRef><outputDataItem id="sums"/>'
    played = Played(draw(task("subProcess", over("rows", "row", output), inner)), {"rows": [[1, 2], [], [5]]})
    assert played.variables["all"] == [[31, 32], [], [55]]


def test_a_boundary_event_covers_all_items_and_cancels_them_together() -> None:
    event = node("boundaryEvent", "b", timer("PT1H"), attachedToRef="a") + user("late")
    played = Played(draw(task("userTask", over()) + event + flows("b > late > e")), {"items": [1, 2, 3]})
    assert len(played.of(TimerSet)) == 1
    played.send(finish(played.of(WaitOpened)[0].token))
    played.send(TimerFired(at=AT, token=played.timers["b"]))
    assert played.places(WaitOpened) == ["late"]
    assert len(played.of(WaitCancelled)) == 2


def test_the_timer_of_a_multi_instance_activity_is_dropped_with_the_last_item() -> None:
    event = node("boundaryEvent", "b", timer("PT1H"), attachedToRef="a") + user("late")
    played = Played(draw(task("userTask", over()) + event + flows("b > late > e")), {"items": [1, 2]})
    for effect in played.of(WaitOpened):
        assert played.of(TimerDropped) == []
        played.send(finish(effect.token))
    assert len(played.of(TimerDropped)) == 1


def test_an_error_in_one_item_is_caught_on_the_edge_and_ends_the_others() -> None:
    catch = node("boundaryEvent", "b", "<errorEventDefinition/>", attachedToRef="a") + user("repair")
    script = '<script>if (item == 2) { throw new Error("no"); }</script>'
    body = task("scriptTask", over(), script, scriptFormat="javascript") + catch + flows("b > repair > e")
    played = Played(draw(body), {"items": [1, 2, 3]})
    assert played.places(WaitOpened) == ["repair"]


def test_an_item_that_fails_is_retried_alone() -> None:
    script = "<script>if (item == broken) { throw new Error('no'); } answer = 10 * item;</script>"
    output = '<loopDataOutputRef>answers</loopDataOutputRef><outputDataItem id="answer"/>'
    body = task("scriptTask", over(inner=output), script, scriptFormat="javascript")
    played = Played(draw(body), {"items": [1, 2, 3], "broken": 2})
    failed = played.of(Failed)
    assert len(failed) == 1
    played.send(VariablesSet(at=AT, values={"broken": 0}))
    played.send(Retried(at=AT, token=failed[0].token))
    assert played.variables["answers"] == [10, 20, 30]
    assert played.places(WaitOpened) == ["after"]


def test_the_history_enters_and_leaves_the_activity_once_for_all_items() -> None:
    script = "<script>1</script>"
    played = Played(draw(task("scriptTask", over(), script, camunda_resultVariable="x")), {"items": [1, 2]})
    assert [e.element_id for e in played.all if isinstance(e, Entered)] == ["s", "a", "after"]
    assert [e.element_id for e in played.all if isinstance(e, Left)] == ["s", "a"]


def test_two_hundred_items_side_by_side_come_to_an_end() -> None:
    played = Played(draw(task("userTask", over())), {"items": list(range(200))})
    for effect in played.of(WaitOpened):
        played.send(finish(effect.token))
    played.complete("after")
    assert played.of(Ended)
