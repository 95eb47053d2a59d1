"""Ad-hoc subprocesses (BPMN 2.0.2, 10.3.5 and 13.3.5)."""

from engine.interpreter.contract import Ended, Failed, Retried, VariablesSet, WaitCancelled, WaitOpened
from tests.support.drawing import AT, ENDS, Played, draw, flows, node, user


def ad_hoc(inner: str, condition: str = "", **attributes: str) -> Played:
    text = f"<completionCondition>{condition}</completionCondition>" if condition else ""
    body = ENDS + node("adHocSubProcess", "h", inner + text, **attributes) + user("after")
    return Played(draw(body + flows("s > h > after > e")), {"done": 0})


def test_all_activities_are_open_together_and_it_is_over_when_all_are_done() -> None:
    played = ad_hoc(user("a", "b", "c"))
    assert played.places(WaitOpened) == ["a", "b", "c"]
    for name in ("c", "a"):
        played.complete(name)
        assert played.places(WaitOpened) == []
    played.complete("b")
    assert played.places(WaitOpened) == ["after"]


def test_one_after_the_other_in_the_order_of_the_file() -> None:
    played = ad_hoc(user("b", "a"), ordering="Sequential")
    assert played.places(WaitOpened) == ["b"]
    played.complete("b")
    assert played.places(WaitOpened) == ["a"]
    played.complete("a")
    assert played.places(WaitOpened) == ["after"]


def test_what_flows_lead_to_is_open_when_they_come_there() -> None:
    played = ad_hoc(user("a", "b", "c") + flows("a > b"))
    assert played.places(WaitOpened) == ["a", "c"]
    played.complete("a")
    assert played.places(WaitOpened) == ["b"]


def test_when_the_condition_holds_what_is_open_is_cancelled() -> None:
    played = ad_hoc(user("a", "b", "c"), "done >= 2".replace(">", "&gt;"))
    played.complete("a", done=1)
    assert played.places(WaitCancelled) == []
    played.complete("b", done=2)
    assert played.places(WaitCancelled) == ["c"]
    assert played.places(WaitOpened) == ["after"]


def test_when_the_condition_holds_nothing_that_follows_is_begun() -> None:
    played = ad_hoc(user("a", "b") + flows("a > b"), "done = 1")
    played.complete("a", done=1)
    assert played.places(WaitOpened) == ["after"]


def test_what_is_open_is_done_first_when_it_is_not_to_be_cancelled() -> None:
    played = ad_hoc(user("a", "b"), "done = 1", cancelRemainingInstances="false")
    played.complete("a", done=1)
    assert played.places(WaitCancelled) == played.places(WaitOpened) == []
    played.complete("b", done=0)
    assert played.places(WaitOpened) == ["after"]


def test_as_long_as_the_condition_does_not_hold_everything_is_open_again() -> None:
    played = ad_hoc(user("a", "b"), "done = 1")
    played.complete("a")
    played.complete("b")
    assert played.places(WaitOpened) == ["a", "b"]
    played.complete("b", done=1)
    assert played.places(WaitOpened) == ["after"]


def test_instant_activities_whose_condition_never_holds_are_an_endless_loop() -> None:
    assert ad_hoc(node("task", "a"), "done = 1").of(Failed)[0].code == "runaway"


def test_a_condition_that_fails_is_an_incident_that_keeps_the_rest_open() -> None:
    played = ad_hoc(user("a", "b", "c"), "done")
    played.complete("a", done="perhaps")
    failed = played.of(Failed)[0]
    assert (failed.element_id, failed.code) == ("h", "not-boolean")
    played.complete("b")
    assert played.effects
    assert played.of(Failed) == []
    played.send(VariablesSet(at=AT, values={"done": True}))
    played.send(Retried(at=AT, token=failed.token))
    assert played.places(WaitCancelled) == ["c"]
    assert played.places(WaitOpened) == ["after"]


def test_a_subprocess_inside_counts_as_one_activity() -> None:
    inner = node("startEvent", "s1") + user("x", "y") + flows("s1 > x > y")
    played = ad_hoc(node("subProcess", "u", inner) + user("a"), "done = 1")
    played.complete("x", done=1)
    assert played.places(WaitOpened) == ["y"]
    played.complete("y")
    assert played.places(WaitOpened) == ["after"]


def test_an_ad_hoc_subprocess_with_items_runs_for_each_of_them() -> None:
    loop = node("multiInstanceLoopCharacteristics", "m", isSequential="true", camunda_collection="items",
                camunda_elementVariable="item")  # fmt: skip
    body = ENDS + node("adHocSubProcess", "h", loop + user("a", "b"))
    played = Played(draw(body + flows("s > h > e")), {"items": [1, 2]})
    for item in (1, 2):
        assert [effect.scope["item"] for effect in played.of(WaitOpened)] == [item, item]
        played.complete("a")
        played.complete("b")
    assert played.of(Ended)
