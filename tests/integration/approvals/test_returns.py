"""Return (R1-R10) on both databases; the drawing's other returns are in the operations' tests."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine import tasks
from engine.errors import NotAllowed, NotFound
from engine.history import verify
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.tasks.desk import open_desk
from engine.tasks.models import Slot
from tests.integration.approvals.drawings import branches
from tests.support.turning import begin, instance_of, line, open_slots, process, run, user

Act = Callable[..., Any]


def test_from_after_the_join_into_one_branch_that_branch_alone_reopens_R4(engine: Engine, act: Act) -> None:
    number = begin(engine, branches(user("B", "2", kind="approval"), user("C", "3", kind="approval")))
    act(1, "agree", "A")
    act(2, "agree", "B")
    act(3, "agree", "C")
    act(9, "return_task", "Z", target="B", reason="再看看", mode="again")
    assert set(open_slots(engine)) == {("B", 2)}
    act(2, "agree", "B")
    assert set(open_slots(engine)) == {("Z", 9)}
    act(9, "agree", "Z")
    assert instance_of(engine, number).status == "completed"
    with engine.db.read() as session:
        assert verify(session) == []


def test_straight_back_from_a_branch_to_behind_the_join_R4(engine: Engine, act: Act) -> None:
    begin(engine, branches(user("B", "2", kind="approval"), user("C", "3", kind="approval")))
    for person, node in ((1, "A"), (2, "B"), (3, "C")):
        act(person, "agree", node)
    act(9, "return_task", "Z", target="C", reason="再看看", mode="direct")
    assert set(open_slots(engine)) == {("C", 3)}
    act(3, "agree", "C")
    assert set(open_slots(engine)) == {("Z", 9)}


def test_a_many_signer_node_signs_a_new_round_R5(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2|3", policy="all"), user("B", "4", kind="approval")))
    for person in (1, 2, 3):
        act(person, "agree", "A")
    act(4, "return_task", "B", target="A", reason="金额不对", mode="again")
    assert set(open_slots(engine)) == {("A", 1), ("A", 2), ("A", 3)}


def test_only_those_who_must_change_sign_again_when_the_returner_says_so_R5(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2|3", policy="all"), user("B", "4", kind="approval")))
    for person in (1, 2, 3):
        act(person, "agree", "A")
    with pytest.raises(NotAllowed, match="没有在"):
        act(4, "return_task", "B", target="A", reason="金额不对", mode="again", signers=[4])
    act(4, "return_task", "B", target="A", reason="金额不对", mode="again", signers=[2])
    assert set(open_slots(engine)) == {("A", 2)}
    act(2, "agree", "A")
    assert set(open_slots(engine)) == {("B", 4)}


AMOUNT = orjson.dumps(
    {
        "id": "amount", "type": "default",
        "components": [
            {"type": "number", "key": "amount", "label": "金额", "properties": {"key": "true"}},
            {"type": "textfield", "key": "remark", "label": "备注"},
        ],
    }
)  # fmt: skip


@pytest.mark.parametrize(("changed", "again"), [({"amount": 6}, {1, 2}), ({"remark": "已补"}, {2})])
def test_straight_back_keeps_the_agrees_unless_a_key_field_changed_R6(
    engine: Engine, act: Act, changed: dict[str, object], again: set[int]
) -> None:
    fill = user("A", "7", form="amount")
    begin(engine, line(fill, user("B", "1|2", policy="all"), user("C", "3")), amount__form=AMOUNT)
    act(7, "complete", "A", data={"amount": 5, "remark": ""})
    act(1, "agree", "B")
    act(2, "return_task", "B", target="A", reason="补充", mode="direct")
    act(7, "complete", "A", data={"amount": 5, "remark": ""} | changed)
    assert {owner for _, owner in open_slots(engine)} == again
    if len(again) == 2:
        with engine.db.read() as session:
            slot = open_slots(engine)["B", 1]
            detail = tasks.task_detail(engine, session, slot_id=slot.id, person_id=1)
        assert detail.activation.return_reason == "关键内容已修改（金额），请重新签署"


def test_nodes_that_no_human_passed_are_no_targets_R7(engine: Engine, act: Act) -> None:
    script = '<scriptTask id="K" scriptFormat="feel" camunda:resultVariable="x"><script>1</script></scriptTask>'
    begin(engine, line(user("A", "1", kind="approval"), script, user("B", "2", kind="approval")))
    act(1, "agree", "A")
    slot = open_slots(engine)["B", 2]
    with engine.db.read() as session:
        detail = tasks.task_detail(engine, session, slot_id=slot.id, person_id=2)
    assert [one.element_id for one in detail.return_targets] == ["A"]
    with pytest.raises(NotAllowed):
        act(2, "return_task", "B", target="K", reason="不行")
    act(2, "return_task", "B", target="previous", reason="不行", mode="again")
    assert set(open_slots(engine)) == {("A", 1)}


def test_deadlines_of_reopened_nodes_start_anew_R9(engine: Engine, act: Act, clock: Any) -> None:
    begin(engine, line(user("A", "1", kind="approval", due="PT8H"), user("B", "2", kind="approval")))
    first = open_slots(engine)["A", 1].due
    assert first is not None
    act(1, "agree", "A")
    clock.advance(timedelta(hours=5))
    act(2, "return_task", "B", target="A", reason="再看看", mode="again")
    second = open_slots(engine)["A", 1].due
    assert second == first + timedelta(hours=5)


def test_opinions_given_in_cancelled_branches_stay_R2(engine: Engine, act: Act) -> None:
    begin(engine, branches(user("B", "2", kind="approval"), user("C", "3", kind="approval")))
    act(1, "agree", "A")
    act(2, "agree", "B", opinion="同意，注意安全")
    act(3, "return_task", "C", target="A", reason="缺附件", mode="again")
    with engine.db.read() as session:
        kept = session.scalars(select(Slot).where(Slot.owner_id == 2)).one()
    assert (kept.state, kept.opinion) == ("agreed", "同意，注意安全")
    assert set(open_slots(engine)) == {("A", 1)}


CALL = '<callActivity id="K" calledElement="child"/>'
MANY = (
    '<callActivity id="M" calledElement="child"><multiInstanceLoopCharacteristics camunda:collection="units"'
    ' camunda:elementVariable="unit"/></callActivity>'
)


def caller(first: str, call: str, last: str) -> dict[str, str]:
    """Return a process that calls ``child`` between two tasks, and the child."""
    return {"body": line(first, call, last), "child": process("child", line(user("X", "=unit", kind="approval")))}


def test_out_of_a_called_process_into_its_caller_R8(engine: Engine, act: Act) -> None:
    drawn = caller(user("A", "1", kind="approval"), CALL, user("B", "2"))
    number = begin(engine, drawn["body"], {"unit": 5}, child=drawn["child"].replace("=unit", "5"))
    act(1, "agree", "A")
    run(engine)
    with pytest.raises(NotAllowed):
        act(5, "return_to_caller", "X", target="B", reason="不行")
    act(5, "return_to_caller", "X", target="A", reason="缺附件")
    run(engine)
    assert set(open_slots(engine)) == {("A", 1)}
    with engine.db.read() as session:
        child = session.scalars(select(Instance).where(Instance.parent_id == number)).one()
        assert verify(session) == []
    assert (child.status, child.outcome) == ("terminated", "cancelled(return)")
    act(1, "agree", "A")
    run(engine)
    act(5, "agree", "X")
    run(engine)
    assert set(open_slots(engine)) == {("B", 2)}
    with pytest.raises(NotAllowed, match="人工节点"):
        act(2, "return_task", "B", target="X", reason="不行")


def test_into_a_fan_out_only_the_named_units_are_made_again_R10(engine: Engine, act: Act) -> None:
    drawn = caller(user("A", "1", kind="approval"), MANY, user("B", "2", kind="approval"))
    number = begin(engine, drawn["body"], {"units": [3, 4, 5]}, child=drawn["child"])
    act(1, "agree", "A")
    run(engine)
    for person in (3, 4, 5):
        act(person, "agree", "X")
    run(engine)
    slot = open_slots(engine)["B", 2]
    with engine.db.read() as session:
        desk = open_desk(engine, session, slot_id=slot.id, actor_id=2, lock=False)
        (target,) = tasks.unit_targets(desk)
    second = target.children[1][0]
    with pytest.raises(NotFound):
        act(2, "return_units", "B", target="M", children=[number], reason="不实")
    act(2, "return_units", "B", target="M", children=[second], reason="自查不实")
    run(engine)
    assert set(open_slots(engine)) == {("X", 4)}
    act(4, "agree", "X")
    run(engine)
    assert set(open_slots(engine)) == {("B", 2)}
    act(2, "agree", "B")
    assert instance_of(engine, number).status == "completed"
    with engine.db.read() as session:
        assert verify(session) == []


def test_what_lies_ahead_is_no_target_although_it_was_passed_before_R7(engine: Engine, act: Act) -> None:
    begin(engine, branches(user("B", "2", kind="approval"), user("C", "3", kind="approval")))
    act(1, "agree", "A")
    act(2, "agree", "B")
    act(3, "return_task", "C", target="A", reason="再看看", mode="again")
    with pytest.raises(NotAllowed):
        act(1, "return_task", "A", target="B", reason="不行", mode="again")
