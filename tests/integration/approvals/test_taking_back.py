"""Retrieving one's own step (T1-T3), withdrawing an instance, asking for more time, jumping."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import tasks
from engine.clock import FakeClock
from engine.errors import InvalidInput, NotAllowed
from engine.history import HistoryLine, verify
from engine.runtime import Engine
from engine.tasks.models import Activation, Notice, Slot
from tests.integration.approvals.drawings import branches
from tests.support.turning import ADMIN, LEADER, begin, instance_of, line, open_slots, run, user

Act = Callable[..., Any]


def last_slot(engine: Engine, person: int) -> int:
    """Return the number of a person's newest slot."""
    with engine.db.read() as session:
        return session.scalars(select(Slot.id).where(Slot.owner_id == person).order_by(Slot.id.desc())).first() or 0


def test_a_step_is_retrieved_while_nobody_behind_has_acted_T1(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", kind="approval"), user("B", "2", kind="approval")))
    act(1, "agree", "A")
    tasks.mark_read(engine, actor_id=2, slot_id=last_slot(engine, 2))
    tasks.retrieve(engine, slot_id=last_slot(engine, 1), actor_id=1, reason="写错了")
    assert set(open_slots(engine)) == {("A", 1)}
    with engine.db.read() as session:
        told = session.scalars(select(Notice.person_id).where(Notice.kind == "retrieved")).all()
        written = session.scalars(select(HistoryLine).where(HistoryLine.operation == "retrieve")).one()
        assert verify(session) == []
    assert told == [2]
    assert written.detail["read_by"] == [2]
    act(1, "agree", "A")
    act(2, "agree", "B")
    with pytest.raises(NotAllowed):
        tasks.retrieve(engine, slot_id=last_slot(engine, 1), actor_id=1)


@pytest.mark.parametrize(("policy", "words"), [("never", "不允许取回"), ("before_open", "已经打开")])
def test_the_node_says_how_long_a_step_can_be_retrieved(engine: Engine, act: Act, policy: str, words: str) -> None:
    begin(engine, line(user("A", "1", kind="approval", retrieve=policy), user("B", "2", kind="approval")))
    act(1, "agree", "A")
    tasks.mark_read(engine, actor_id=2, slot_id=last_slot(engine, 2))
    with pytest.raises(NotAllowed, match=words):
        tasks.retrieve(engine, slot_id=last_slot(engine, 1), actor_id=1)


def test_after_a_split_all_branches_are_closed_together_or_none_T2(engine: Engine, act: Act) -> None:
    begin(engine, branches(user("B", "2", kind="approval"), user("C", "3", kind="approval")))
    act(1, "agree", "A")
    tasks.retrieve(engine, slot_id=last_slot(engine, 1), actor_id=1)
    assert set(open_slots(engine)) == {("A", 1)}
    act(1, "agree", "A")
    act(2, "agree", "B")
    with pytest.raises(NotAllowed, match="已经办理"):
        tasks.retrieve(engine, slot_id=last_slot(engine, 1), actor_id=1)


def test_a_branch_that_waits_at_its_join_is_retrieved_alone(engine: Engine, act: Act) -> None:
    begin(engine, branches(user("B", "2", kind="approval"), user("C", "3", kind="approval")))
    act(1, "agree", "A")
    act(2, "agree", "B")
    tasks.retrieve(engine, slot_id=last_slot(engine, 2), actor_id=2)
    assert set(open_slots(engine)) == {("B", 2), ("C", 3)}
    act(3, "agree", "C")
    act(2, "agree", "B")
    assert set(open_slots(engine)) == {("Z", 9)}


def test_my_own_vote_reopens_and_the_others_stand_T3(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2|3", policy="all"), user("B", "4", kind="approval")))
    act(1, "agree", "A")
    act(2, "agree", "A")
    tasks.retrieve(engine, slot_id=last_slot(engine, 1), actor_id=1)
    assert set(open_slots(engine)) == {("A", 1), ("A", 3)}
    act(3, "agree", "A")
    act(1, "agree", "A")
    assert set(open_slots(engine)) == {("B", 4)}
    tasks.retrieve(engine, slot_id=last_slot(engine, 1), actor_id=1)
    assert set(open_slots(engine)) == {("A", 1)}
    act(1, "agree", "A")
    assert set(open_slots(engine)) == {("B", 4)}


def test_a_sequence_gives_the_turn_back(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2", policy="sequence")))
    act(1, "agree", "A")
    tasks.retrieve(engine, slot_id=last_slot(engine, 1), actor_id=1)
    assert set(open_slots(engine)) == {("A", 1)}
    act(1, "agree", "A")
    assert set(open_slots(engine)) == {("A", 2)}


def test_a_retrieved_step_keeps_its_deadline(engine: Engine, act: Act, clock: FakeClock) -> None:
    begin(engine, line(user("A", "1", kind="approval", due="3 working days"), user("B", "2")))
    due = open_slots(engine)["A", 1].due
    clock.advance(timedelta(hours=1))
    act(1, "agree", "A")
    tasks.retrieve(engine, slot_id=last_slot(engine, 1), actor_id=1)
    assert open_slots(engine)["A", 1].due == due


def test_the_initiator_withdraws_into_a_draft(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1")), {"amount": 5})
    slot = open_slots(engine)["A", 1]
    with pytest.raises(InvalidInput):
        tasks.withdraw(engine, slot_id=slot.id, actor_id=7, reason=" ")
    with pytest.raises(NotAllowed):
        tasks.withdraw(engine, slot_id=slot.id, actor_id=1, reason="不要了")
    dry = tasks.withdraw(engine, slot_id=slot.id, actor_id=7, reason="不要了", dry_run=True)
    assert dry.effects is not None
    assert instance_of(engine, number).status == "running"
    tasks.withdraw(engine, slot_id=slot.id, actor_id=7, reason="不要了")
    assert instance_of(engine, number).status == "withdrawn"
    assert open_slots(engine) == {}
    with engine.db.read() as session:
        (draft,) = tasks.start_drafts(session, person_id=7)
        assert session.scalars(select(Notice.person_id).where(Notice.kind == "withdrawn")).all() == [1]
    assert draft.data == {"amount": 5}


def test_more_time_is_asked_decided_by_the_leader_and_both_dates_stay(
    engine: Engine, act: Act, clock: FakeClock
) -> None:
    number = begin(engine, line(user("A", "1", due="2 working days", warn="1 working day")))
    before = open_slots(engine)["A", 1].due
    assert before is not None
    wanted = before + timedelta(days=5)
    with pytest.raises(InvalidInput):
        act(1, "ask_extension", "A", due=before, reason="忙")
    with pytest.raises(InvalidInput):
        act(1, "ask_extension", "A", due=wanted, reason="")
    act(1, "ask_extension", "A", due=wanted, reason="物料未到")
    with pytest.raises(NotAllowed, match="正在审批"):
        act(1, "ask_extension", "A", due=wanted, reason="再要")
    act(LEADER, "agree", "A")
    assert open_slots(engine)["A", 1].due == wanted
    clock.advance(before - clock.now() + timedelta(minutes=1))
    run(engine)
    with engine.db.read() as session:
        lines = session.scalars(select(HistoryLine).where(HistoryLine.instance_id == number)).all()
    assert not [one for one in lines if one.operation == "overdue"]
    moved = next(one for one in lines if one.operation == "extend")
    assert (moved.detail["from"], moved.detail["to"]) == (before.isoformat(), wanted.isoformat())
    clock.advance(wanted - clock.now() + timedelta(minutes=1))
    run(engine)
    with engine.db.read() as session:
        assert session.scalars(select(HistoryLine.id).where(HistoryLine.operation == "overdue")).one()


def test_a_refused_extension_changes_nothing_and_a_done_task_closes_the_request(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", due="2 working days"), user("B", "2")))
    before = open_slots(engine)["A", 1].due
    assert before is not None
    act(1, "ask_extension", "A", due=before + timedelta(days=1), reason="忙")
    act(LEADER, "reject", "A")
    assert open_slots(engine)["A", 1].due == before
    act(1, "ask_extension", "A", due=before + timedelta(days=2), reason="还是忙")
    act(1, "complete", "A")
    assert set(open_slots(engine)) == {("B", 2)}
    with engine.db.read() as session:
        requests = session.scalars(select(Activation).where(Activation.kind == "extension")).all()
    assert [one.outcome for one in requests] == ["rejected", "cancelled(task-done)"]


def test_an_administrator_jumps_with_a_reason(engine: Engine, act: Act) -> None:
    begin(engine, branches(user("B", "2", kind="approval"), user("C", "3", kind="approval")))
    with pytest.raises(NotAllowed):
        act(1, "jump", "A", target="Z", reason="急")
    with pytest.raises(InvalidInput):
        act(ADMIN, "jump", "A", owner=1, target="Z", reason="")
    with pytest.raises(NotAllowed, match="等不到"):
        act(ADMIN, "jump", "A", owner=1, target="C", reason="急")
    act(1, "agree", "A")
    with pytest.raises(NotAllowed, match="并行分支"):
        act(ADMIN, "jump", "B", owner=2, target="C", reason="急")
    act(ADMIN, "jump", "B", owner=2, target="A", reason="重来")
    assert set(open_slots(engine)) == {("A", 1)}
