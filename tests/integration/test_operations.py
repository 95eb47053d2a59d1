"""Operations on tasks, on both databases: what they do, whom they refuse, and two people at the same instant."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from engine import tasks
from engine.clock import FakeClock
from engine.errors import IdempotencyConflict, InvalidInput, NotAllowed, NotFound, Stale
from engine.history import HistoryLine, verify
from engine.instances import resume, suspend, terminate
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Copy, Notice, Slot
from tests.support.together import at_once
from tests.support.turning import ADMIN, LEADER, begin, incidents, instance_of, line, make_engine, open_slots, run, user


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def test_plain_task_leads_to_the_next_and_then_to_the_end(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1"), user("B", "2")))
    tasks.complete(engine, slot_id=open_slots(engine)["A", 1].id, actor_id=1)
    assert list(open_slots(engine)) == [("B", 2)]
    tasks.complete(engine, slot_id=open_slots(engine)["B", 2].id, actor_id=2)
    assert instance_of(engine, number).status == "completed"
    assert instance_of(engine, number).next_due is None
    with engine.db.read() as session:
        assert verify(session) == []


def test_completing_a_plain_task_takes_at_most_fifteen_statements(engine: Engine) -> None:
    late = {"due": "3 working days", "warn": "1 working day"}
    begin(engine, line(user("A", "1", due="2 working days"), user("B", "2", **late)))
    slot = open_slots(engine)["A", 1]
    statements: list[str] = []

    def count(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(engine.db.sql, "before_cursor_execute", count)
    tasks.complete(engine, slot_id=slot.id, actor_id=1, version=1, key="once")
    event.remove(engine.db.sql, "before_cursor_execute", count)
    assert len(statements) <= 15, "\n".join(statements)


def test_a_stranger_finds_nothing(engine: Engine) -> None:
    begin(engine, line(user("A", "1")))
    slot = open_slots(engine)["A", 1]
    with pytest.raises(NotFound):
        tasks.complete(engine, slot_id=slot.id, actor_id=3)
    with engine.db.read() as session, pytest.raises(NotFound):
        tasks.task_detail(engine, session, slot_id=slot.id, person_id=3)


def test_the_initiator_sees_but_may_not_decide(engine: Engine) -> None:
    begin(engine, line(user("A", "1")))
    with pytest.raises(NotAllowed, match="不归您"):
        tasks.complete(engine, slot_id=open_slots(engine)["A", 1].id, actor_id=7)


def test_a_repeated_request_returns_the_first_answer_I5(engine: Engine) -> None:
    begin(engine, line(user("A", "1"), user("B", "1")))
    slot = open_slots(engine)["A", 1]
    first = tasks.complete(engine, slot_id=slot.id, actor_id=1, key="k", opinion="好")
    assert tasks.complete(engine, slot_id=slot.id, actor_id=1, key="k", opinion="好") == first
    with pytest.raises(IdempotencyConflict):
        tasks.complete(engine, slot_id=slot.id, actor_id=1, key="k", opinion="不好")


def test_a_double_click_counts_once_and_the_late_one_is_told_who_was_faster_I1(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1"), user("B", "2")))
    slot = open_slots(engine)["A", 1]

    def click() -> object:
        return tasks.complete(engine, slot_id=slot.id, actor_id=1, version=1)

    answers = at_once([click, click])
    assert sorted(type(one).__name__ for one in answers) == ["OperationResult", "Stale"]
    assert "已由 P1 于" in next(str(one) for one in answers if isinstance(one, Stale))
    assert list(open_slots(engine, number)) == [("B", 2)]


def test_two_candidates_at_once_one_claims_the_other_is_stale(engine: Engine) -> None:
    begin(engine, line(user("A", "1|2")))
    slot = open_slots(engine)["A", None]
    answers = at_once([
        lambda: tasks.claim(engine, slot_id=slot.id, actor_id=1, version=1),
        lambda: tasks.claim(engine, slot_id=slot.id, actor_id=2, version=1),
    ])  # fmt: skip
    assert sorted(type(one).__name__ for one in answers) == ["OperationResult", "Stale"]


def test_a_claimed_task_goes_back_to_its_pool(engine: Engine) -> None:
    begin(engine, line(user("A", "1|2")))
    slot = open_slots(engine)["A", None]
    tasks.claim(engine, slot_id=slot.id, actor_id=1)
    tasks.unclaim(engine, slot_id=slot.id, actor_id=1)
    tasks.complete(engine, slot_id=slot.id, actor_id=2)
    assert open_slots(engine) == {}


def test_all_signers_at_once_both_count_and_the_node_is_left_once(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1|2", policy="all"), user("B", "3")))
    slots = open_slots(engine)
    answers = at_once([
        lambda: tasks.agree(engine, slot_id=slots["A", 1].id, actor_id=1, version=1),
        lambda: tasks.agree(engine, slot_id=slots["A", 2].id, actor_id=2, version=1),
    ])  # fmt: skip
    assert [type(one).__name__ for one in answers] == ["OperationResult", "OperationResult"]
    assert list(open_slots(engine, number)) == [("B", 3)]


def test_first_reject_closes_a_countersignature_and_the_rest_are_outvoted(engine: Engine) -> None:
    begin(engine, line(user("A", "1|2|3", policy="all"), user("B", "4")))
    slots = open_slots(engine)
    tasks.reject(engine, slot_id=slots["A", 2].id, actor_id=2, opinion="不同意")
    with engine.db.read() as session:
        rest = session.get_one(Slot, slots["A", 1].id)
        assert (rest.state, rest.close_reason) == ("cancelled", "outvoted")
    with pytest.raises(Stale, match="已由 P2"):
        tasks.agree(engine, slot_id=slots["A", 1].id, actor_id=1, version=1)


def test_collect_all_waits_for_everyone_before_it_fails(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1|2", policy="all", collectAll="true")))
    slots = open_slots(engine)
    tasks.reject(engine, slot_id=slots["A", 1].id, actor_id=1)
    assert ("A", 2) in open_slots(engine)
    tasks.agree(engine, slot_id=slots["A", 2].id, actor_id=2)
    assert instance_of(engine, number).variables["outcome"] == "rejected"


def test_direct_resubmission_reopens_the_returner_alone_and_keeps_the_agrees_R6(engine: Engine) -> None:
    begin(engine, line(user("Draft", "7"), user("Check", "8"), user("Sign", "1|2", policy="all"), user("B", "4")))
    tasks.complete(engine, slot_id=open_slots(engine)["Draft", 7].id, actor_id=7)
    tasks.complete(engine, slot_id=open_slots(engine)["Check", 8].id, actor_id=8)
    slots = open_slots(engine)
    tasks.agree(engine, slot_id=slots["Sign", 1].id, actor_id=1)
    with pytest.raises(InvalidInput):
        tasks.return_task(engine, slot_id=slots["Sign", 2].id, actor_id=2, target="initiator", reason=" ")
    tasks.return_task(engine, slot_id=slots["Sign", 2].id, actor_id=2, target="initiator", reason="数字不对")
    again = open_slots(engine)
    assert list(again) == [("Draft", 7)]
    assert instance_of(engine, slots["Sign", 2].instance_id).status == "returned"
    tasks.complete(engine, slot_id=again["Draft", 7].id, actor_id=7)
    assert list(open_slots(engine)) == [("Sign", 2)]
    assert instance_of(engine, slots["Sign", 2].instance_id).status == "running"
    tasks.agree(engine, slot_id=open_slots(engine)["Sign", 2].id, actor_id=2)
    assert list(open_slots(engine)) == [("B", 4)]
    with engine.db.read() as session:
        assert verify(session) == []


def test_return_again_walks_every_step_again(engine: Engine) -> None:
    begin(engine, line(user("Draft", "7"), user("Check", "8"), user("Sign", "1")))
    for element, person in (("Draft", 7), ("Check", 8)):
        tasks.complete(engine, slot_id=open_slots(engine)[element, person].id, actor_id=person)
    slot = open_slots(engine)["Sign", 1]
    tasks.return_task(engine, slot_id=slot.id, actor_id=1, target="Draft", reason="重写", mode="again")
    tasks.complete(engine, slot_id=open_slots(engine)["Draft", 7].id, actor_id=7)
    assert list(open_slots(engine)) == [("Check", 8)]


PARALLEL = (
    '<startEvent id="begin"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="finish"/>'
    + user("Plan", "7") + user("Left", "1") + user("Right", "2") + user("Right2", "3")
    + "".join(
        f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}"/>'
        for source, target in (
            ("begin", "Plan"), ("Plan", "split"), ("split", "Left"), ("split", "Right"), ("Right", "Right2"),
            ("Left", "join"), ("Right2", "join"), ("join", "finish"),
        )
    )
)  # fmt: skip


def test_return_within_a_branch_leaves_the_sibling_alone_R1_R3(engine: Engine) -> None:
    begin(engine, PARALLEL)
    tasks.complete(engine, slot_id=open_slots(engine)["Plan", 7].id, actor_id=7)
    tasks.complete(engine, slot_id=open_slots(engine)["Right", 2].id, actor_id=2)
    slot = open_slots(engine)["Right2", 3]
    with pytest.raises(NotAllowed, match="另一条并行分支"):
        tasks.return_task(engine, slot_id=slot.id, actor_id=3, target="Left", reason="不对", mode="again")
    tasks.return_task(engine, slot_id=slot.id, actor_id=3, target="Right", reason="不对")
    assert set(open_slots(engine)) == {("Left", 1), ("Right", 2)}


def test_return_across_the_split_cancels_the_sibling_branches_R2(engine: Engine) -> None:
    number = begin(engine, PARALLEL)
    tasks.complete(engine, slot_id=open_slots(engine)["Plan", 7].id, actor_id=7)
    slots = open_slots(engine)
    with pytest.raises(NotAllowed, match="不能直送"):
        tasks.return_task(engine, slot_id=slots["Right", 2].id, actor_id=2, target="Plan", reason="不对", mode="direct")
    dry = tasks.return_task(
        engine, slot_id=slots["Right", 2].id, actor_id=2, target="Plan", reason="不对", mode="again", dry_run=True
    )
    assert dry.effects is not None
    assert "Left" in dry.effects.cancelled
    assert set(open_slots(engine)) == {("Left", 1), ("Right", 2)}
    tasks.return_task(engine, slot_id=slots["Right", 2].id, actor_id=2, target="Plan", reason="不对", mode="again")
    assert list(open_slots(engine)) == [("Plan", 7)]
    for element, person in (("Plan", 7), ("Left", 1), ("Right", 2), ("Right2", 3)):
        tasks.complete(engine, slot_id=open_slots(engine)[element, person].id, actor_id=person)
    assert instance_of(engine, number).status == "completed"


def test_a_late_task_warns_then_escalates_once_D2_D3(engine: Engine, clock: FakeClock) -> None:
    begin(engine, line(user("A", "1", due="2 working days", warn="1 working day", onOverdue="escalate")))
    clock.advance(timedelta(days=1, hours=1))
    run(engine)
    clock.advance(timedelta(days=2))
    run(engine)
    run(engine)
    with engine.db.read() as session:
        notices = [(one.person_id, one.kind) for one in session.scalars(select(Notice).order_by(Notice.id))]
        assert notices == [(1, "warn"), (1, "overdue"), (LEADER, "escalated")]
        assert session.scalars(select(Copy.person_id)).all() == [LEADER]
        row = tasks.inbox(engine, session, person_id=1, box="todo").rows[0]
        assert row.lamp == "red"
        assert tasks.counters(engine, session, person_id=1).overdue == 1
        operations = session.scalars(select(HistoryLine.operation).where(HistoryLine.rule.is_not(None))).all()
        assert operations == ["warn", "overdue"]


def test_a_task_done_in_time_is_not_late(engine: Engine, clock: FakeClock) -> None:
    begin(engine, line(user("A", "1", due="2 working days"), user("B", "2")))
    tasks.complete(engine, slot_id=open_slots(engine)["A", 1].id, actor_id=1)
    clock.advance(timedelta(days=9))
    assert run(engine) == 0


def test_overdue_agree_is_recorded_as_the_rule_I3(engine: Engine, clock: FakeClock) -> None:
    begin(engine, line(user("A", "1", policy="single", due="PT1H", onOverdue="agree"), user("B", "2")))
    clock.advance(timedelta(hours=2))
    run(engine)
    assert list(open_slots(engine)) == [("B", 2)]


def test_nobody_found_is_an_incident_never_a_stall_O6(engine: Engine) -> None:
    begin(engine, line(user("A", "nobody"), user("B", "2")))
    assert [one.code for one in incidents(engine)] == ["no-approver"]
    begin(engine, line(user("A", "nobody", emptyApprover="skip"), user("C", "3")))
    assert ("C", 3) in open_slots(engine)


def test_urging_counts_and_the_third_goes_to_the_leader(engine: Engine, clock: FakeClock) -> None:
    begin(engine, line(user("A", "1")))
    slot = open_slots(engine)["A", 1]
    tasks.urge(engine, slot_id=slot.id, actor_id=7)
    with pytest.raises(NotAllowed, match="四小时"):
        tasks.urge(engine, slot_id=slot.id, actor_id=7)
    for _ in range(2):
        clock.advance(timedelta(hours=5))
        tasks.urge(engine, slot_id=slot.id, actor_id=7)
    with engine.db.read() as session:
        people = session.scalars(select(Notice.person_id).order_by(Notice.id)).all()
    assert people == [1, 1, 1, LEADER]


def test_transfer_puts_somebody_else_in_the_place(engine: Engine) -> None:
    begin(engine, line(user("A", "1|2", policy="all")))
    slots = open_slots(engine)
    with pytest.raises(NotAllowed, match="P2"):
        tasks.transfer(engine, slot_id=slots["A", 1].id, actor_id=1, target_id=2)
    tasks.transfer(engine, slot_id=slots["A", 1].id, actor_id=1, target_id=5, reason="出差")
    assert set(open_slots(engine)) == {("A", 2), ("A", 5)}


def test_suspension_stops_people_and_clocks(engine: Engine, clock: FakeClock) -> None:
    number = begin(engine, line(user("A", "1", due="PT2H"), user("B", "2")))
    suspend(engine, instance_id=number, actor_id=ADMIN, reason="等通知")
    clock.advance(timedelta(hours=5))
    assert run(engine) == 0
    slot = next(iter(_all_slots(engine)))
    with pytest.raises(NotAllowed, match="挂起"):
        tasks.complete(engine, slot_id=slot.id, actor_id=1)
    resume(engine, instance_id=number, actor_id=ADMIN, reason="继续")
    assert run(engine) == 0
    tasks.complete(engine, slot_id=slot.id, actor_id=1)
    assert list(open_slots(engine)) == [("B", 2)]


def test_terminate_closes_every_slot_with_its_reason_I2(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1")))
    terminate(engine, instance_id=number, actor_id=ADMIN, reason="作废")
    (slot,) = _all_slots(engine)
    assert (slot.state, slot.close_reason) == ("cancelled", "terminated")
    assert instance_of(engine, number).status == "terminated"


def test_boxes_and_pages_show_what_there_is(engine: Engine) -> None:
    begin(engine, line(user("A", "1|2", policy="all"), user("B", "3")))
    slots = open_slots(engine)
    tasks.agree(engine, slot_id=slots["A", 1].id, actor_id=1, opinion="同意")
    tasks.add_comment(engine, slot_id=slots["A", 2].id, actor_id=2, text="请看一下")
    with engine.db.read() as session:
        todo = tasks.inbox(engine, session, person_id=2, box="todo").rows
        assert [(row.step, row.progress, row.comments, row.unread) for row in todo] == [("A", (1, 2), 1, True)]
        assert [row.state for row in tasks.inbox(engine, session, person_id=1, box="done").rows] == ["agreed"]
        assert len(tasks.inbox(engine, session, person_id=7, box="mine").rows) == 1
        detail = tasks.task_detail(engine, session, slot_id=slots["A", 2].id, person_id=2)
        kinds = [(entry.kind, entry.name) for entry in detail.timeline]
        assert kinds == [("done", "A"), ("current", "A"), ("predicted", "B")]
        assert {one.name for one in detail.actions if one.allowed} >= {"agree", "reject", "return", "comment"}
        state = tasks.diagram_state(engine, session, instance_id=slots["A", 2].instance_id)
        assert state["current"] == ["A"]
        assert state["badges"]["A"]["text"] == "P2"


def _all_slots(engine: Engine) -> list[Slot]:
    with engine.db.read() as session:
        return list(session.scalars(select(Slot)))


def test_history_shows_what_somebody_changed(engine: Engine) -> None:
    number = begin(engine, line(user("A", "1")))
    with engine.db.write() as session:
        first = session.scalars(select(HistoryLine).where(HistoryLine.instance_id == number).limit(1)).one()
        first.opinion = "改过"
    with engine.db.read() as session:
        assert [place.problem for place in verify(session)] == ["the line was changed"]
        assert session.scalar(select(func.count(HistoryLine.id))) > 1
