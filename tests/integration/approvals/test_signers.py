"""Adding, removing, delegating, transferring (O1-O4) on both databases."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine import tasks
from engine.errors import InvalidInput, NotAllowed
from engine.history import HistoryLine, verify
from engine.runtime import Engine
from engine.tasks.models import Slot
from tests.support.turning import ADMIN, LEADER, SomePeople, begin, line, open_slots, user

Act = Callable[..., Any]


def test_added_before_act_and_then_the_owner_decides_with_their_opinions(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", kind="approval"), user("B", "2")))
    act(1, "add_before", "A", people=[3, 4])
    assert set(open_slots(engine)) == {("A", 3), ("A", 4)}
    act(3, "agree", "A", opinion="可以")
    act(4, "reject", "A", opinion="太贵")
    assert set(open_slots(engine)) == {("A", 1)}
    act(1, "agree", "A")
    assert set(open_slots(engine)) == {("B", 2)}
    with engine.db.read() as session:
        assert verify(session) == []


def test_added_before_any_frees_the_owner_with_the_first_answer(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", kind="approval")))
    act(1, "add_before", "A", people=[3, 4], policy="any")
    act(4, "agree", "A")
    assert set(open_slots(engine)) == {("A", 1)}


def test_added_before_in_sequence_act_in_their_order(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", kind="approval")))
    act(1, "add_before", "A", people=[4, 3], policy="sequence")
    assert set(open_slots(engine)) == {("A", 4)}
    act(4, "agree", "A")
    assert set(open_slots(engine)) == {("A", 3)}


def test_added_after_delay_what_the_owner_decided(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", kind="approval"), user("B", "2")))
    act(1, "add_after", "A", people=[3], opinion="同意")
    assert set(open_slots(engine)) == {("A", 3)}
    act(3, "agree", "A")
    assert set(open_slots(engine)) == {("B", 2)}


def test_added_after_may_reject_what_the_owner_agreed_to(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2", policy="all"), user("B", "4")))
    act(2, "agree", "A")
    act(1, "add_after", "A", people=[3])
    act(3, "reject", "A")
    with engine.db.read() as session:
        assert session.scalars(select(Slot.state).where(Slot.owner_id == 3)).one() == "rejected"
    assert ("B", 4) in open_slots(engine)


def test_added_beside_joins_the_electorate_but_not_under_any(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2", policy="all"), user("B", "1|2", policy="any")))
    act(1, "add_beside", "A", people=[3])
    for person in (1, 2):
        act(person, "agree", "A")
    assert set(open_slots(engine)) == {("A", 3)}
    act(3, "agree", "A")
    with pytest.raises(NotAllowed, match="或签"):
        act(1, "add_beside", "B", people=[3])


def test_a_transfer_to_somebody_who_holds_a_slot_is_refused_and_merged_under_any_O1(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2", policy="all"), user("B", "1|2", policy="any"), user("C", "3")))
    with pytest.raises(NotAllowed, match="P2"):
        act(1, "transfer", "A", target_id=2)
    act(1, "agree", "A")
    act(2, "agree", "A")
    act(1, "transfer", "B", target_id=2)
    assert set(open_slots(engine)) == {("B", 2)}
    with engine.db.read() as session:
        mine = session.scalars(select(Slot).where(Slot.owner_id == 1).order_by(Slot.id.desc())).first()
        assert mine is not None
        assert (mine.state, mine.close_reason) == ("transferred", "merged")


def test_a_transfer_keeps_the_place_in_a_sequence(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2|3", policy="sequence"), user("B", "4")))
    act(1, "transfer", "A", target_id=5)
    assert set(open_slots(engine)) == {("A", 5)}
    act(5, "agree", "A")
    assert set(open_slots(engine)) == {("A", 2)}


def test_adding_somebody_who_signs_already_is_refused_by_name_O2(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2", policy="all")))
    for people in ([2], [1], [3, 2]):
        with pytest.raises(NotAllowed, match="已经是这个节点的签署人"):
            act(1, "add_before", "A", people=people)
    act(2, "agree", "A")
    with pytest.raises(NotAllowed, match="P2"):
        act(1, "add_beside", "A", people=[2])
    with pytest.raises(InvalidInput):
        act(1, "add_before", "A", people=[])
    with pytest.raises(InvalidInput):
        act(1, "add_before", "A", people=[5000])


def test_added_signers_nest_three_deep_and_a_held_slot_is_recalled_first_O3(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", kind="approval")))
    for person in (1, 2, 3):
        act(person, "add_before", "A", people=[person + 1])
    with pytest.raises(NotAllowed, match="3 层"):
        act(4, "add_before", "A", people=[5])
    with engine.db.read() as session:
        held = session.scalars(select(Slot).where(Slot.owner_id == 2)).one()
    with pytest.raises(NotAllowed, match="先收回"):
        tasks.transfer(engine, slot_id=held.id, actor_id=2, target_id=6)
    tasks.recall(engine, slot_id=held.id, actor_id=2)
    assert set(open_slots(engine)) == {("A", 2)}
    act(2, "agree", "A")
    assert set(open_slots(engine)) == {("A", 1)}


def test_whoever_added_a_signer_removes_it_with_those_it_added(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", kind="approval")))
    act(1, "add_before", "A", people=[2])
    act(2, "add_before", "A", people=[3])
    with engine.db.read() as session:
        added = session.scalars(select(Slot).where(Slot.owner_id == 2)).one()
    with pytest.raises(NotAllowed):
        tasks.remove_signer(engine, slot_id=added.id, actor_id=3)
    tasks.remove_signer(engine, slot_id=added.id, actor_id=1)
    assert set(open_slots(engine)) == {("A", 1)}
    with engine.db.read() as session:
        gone = session.scalars(select(Slot).where(Slot.owner_id.in_([2, 3]))).all()
    assert {(one.state, one.close_reason) for one in gone} == {("cancelled", "removed")}


def test_the_last_signer_cannot_be_removed(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1|2", policy="all")))
    act(ADMIN, "remove_signer", "A", owner=1)
    with pytest.raises(NotAllowed, match="最后一位"):
        act(ADMIN, "remove_signer", "A", owner=2)


def test_a_delegatee_gives_an_opinion_and_the_owner_decides(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", kind="approval"), user("B", "2")))
    act(1, "delegate", "A", target_id=3)
    with pytest.raises(NotAllowed):
        act(3, "agree", "A")
    with pytest.raises(InvalidInput):
        act(3, "give_opinion", "A", opinion=" ")
    act(3, "give_opinion", "A", opinion="可行")
    assert set(open_slots(engine)) == {("A", 1)}
    act(1, "agree", "A")
    assert set(open_slots(engine)) == {("B", 2)}


def test_delegations_go_three_deep_are_handed_back_and_recalled(engine: Engine, act: Act) -> None:
    begin(engine, line(user("A", "1", kind="approval")))
    for person in (1, 2, 3):
        act(person, "delegate", "A", target_id=person + 1)
    with pytest.raises(NotAllowed, match="3 层"):
        act(4, "delegate", "A", target_id=5)
    act(4, "hand_back", "A")
    assert set(open_slots(engine)) == {("A", 3)}
    with engine.db.read() as session:
        mine = session.scalars(select(Slot).where(Slot.owner_id == 1)).one()
    tasks.recall(engine, slot_id=mine.id, actor_id=1)
    assert set(open_slots(engine)) == {("A", 1)}


def test_a_leavers_open_slots_are_handed_over_with_a_preview_O4(engine: Engine, act: Act) -> None:
    people = engine.people
    assert isinstance(people, SomePeople)
    begin(engine, line(user("A", "1|2", policy="all")))
    begin(engine, line(user("A", "3", kind="approval")))
    act(3, "delegate", "A", target_id=1)
    people.left.add(1)
    with engine.db.read() as session:
        preview = tasks.hand_over_preview(engine, session, person_id=1, actor_id=ADMIN)
    assert [row.target_id for row in preview] == [LEADER, 3]
    for row in preview:
        tasks.hand_over(engine, slot_id=row.slot_id, actor_id=ADMIN)
    assert set(open_slots(engine)) == {("A", LEADER), ("A", 2), ("A", 3)}


def test_work_for_somebody_gone_goes_to_the_deputy_else_the_supervisor_O4(engine: Engine) -> None:
    people = engine.people
    assert isinstance(people, SomePeople)
    people.left |= {1, 2}
    people.deputies[2] = 6
    begin(engine, line(user("A", "1|2", policy="all")))
    assert set(open_slots(engine)) == {("A", LEADER), ("A", 6)}


def test_a_deputy_acts_and_the_slot_stays_the_principals_I3(engine: Engine, act: Act) -> None:
    people = engine.people
    assert isinstance(people, SomePeople)
    people.deputies[1] = 6
    begin(engine, line(user("A", "1", kind="approval")))
    slot = open_slots(engine)["A", 1]
    tasks.agree(engine, slot_id=slot.id, actor_id=6, opinion="代签")
    with engine.db.read() as session:
        closed = session.get_one(Slot, slot.id)
        written = session.scalars(select(HistoryLine).where(HistoryLine.operation == "agree")).one()
    assert (closed.owner_id, closed.actor_id) == (1, 6)
    assert (written.principal_id, written.actor_id) == (1, 6)
