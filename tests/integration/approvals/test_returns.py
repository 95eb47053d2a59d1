"""Return (R1-R10) on both databases; the drawing's other returns are in the operations' tests."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from engine import tasks
from engine.errors import NotAllowed
from engine.history import verify
from engine.runtime import Engine
from engine.tasks.models import Slot
from tests.integration.approvals.drawings import branches
from tests.support.turning import begin, instance_of, line, open_slots, user

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
    from datetime import timedelta

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
