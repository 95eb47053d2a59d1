"""Claim and drain: due work is done once, in order, and a failing instance holds up nobody."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from engine.clock import FakeClock
from engine.instances.models import Instance, InstanceStatus
from engine.runtime import Engine
from engine.store import Database
from engine.work.drain import TRIES_AFTER_CONFLICT, drain
from engine.work.errors import LostAnswer
from engine.work.external import LEASE, carry_out
from engine.work.models import Work
from engine.work.service import drop, recompute_next_due, schedule
from engine.work.sweeper import Sweeper, next_due
from tests.support.working import Call, RecordingPerformer, add_instance, add_version, make_engine

MINUTE = timedelta(minutes=1)


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


@pytest.fixture
def version(database: Database, clock: FakeClock) -> int:
    return add_version(database, clock.now())


def works(engine: Engine) -> list[Work]:
    with engine.db.read() as session:
        return list(session.scalars(select(Work).order_by(Work.id)))


def due_of(engine: Engine, instance_id: int) -> object:
    with engine.db.read() as session:
        return session.get_one(Instance, instance_id).next_due


def test_only_due_work_is_done_and_next_due_moves_on(engine: Engine, version: int, clock: FakeClock) -> None:
    now, performer = clock.now(), RecordingPerformer()
    one = add_instance(engine.db, version, now, {"late": now + 2 * MINUTE, "now": now, "soon": now + MINUTE})
    assert drain(engine, performer=performer) == 1
    assert performer.performed == [(one, "now")]
    assert due_of(engine, one) == now + MINUTE
    clock.advance(5 * MINUTE)
    assert drain(engine, performer=performer) == 2
    assert [kind for _, kind in performer.performed] == ["now", "soon", "late"]
    assert due_of(engine, one) is None
    assert next_due(engine) is None
    assert works(engine) == []


def test_work_that_causes_work_runs_on(engine: Engine, version: int, clock: FakeClock) -> None:
    def follow(session: object, instance: Instance, work: Work) -> None:
        if work.kind != "step-3":
            number = int(work.kind[-1]) + 1
            schedule(session, instance, kind=f"step-{number}", due=clock.now(), payload={})  # type: ignore[arg-type]

    performer = RecordingPerformer(follow=follow)
    add_instance(engine.db, version, clock.now(), {"step-1": clock.now()})
    assert drain(engine, performer=performer) == 3


def test_work_dropped_by_an_earlier_turn_of_the_same_batch_is_not_done(
    engine: Engine, version: int, clock: FakeClock
) -> None:
    def follow(session: object, instance: Instance, work: Work) -> None:
        if work.kind == "interrupts":
            drop(session, instance.id, "token-interrupted")  # type: ignore[arg-type]

    performer = RecordingPerformer(follow=follow)
    add_instance(engine.db, version, clock.now(), {"interrupts": clock.now() - MINUTE, "interrupted": clock.now()})
    assert drain(engine, performer=performer) == 1
    assert works(engine) == []


def test_a_failing_instance_gets_an_incident_and_the_others_go_on(
    engine: Engine, version: int, clock: FakeClock
) -> None:
    performer = RecordingPerformer(failing={"bad": [ValueError("no")]})
    bad = add_instance(engine.db, version, clock.now(), {"good": clock.now() - 2 * MINUTE, "bad": clock.now() - MINUTE})
    fine = add_instance(engine.db, version, clock.now(), {"fine": clock.now()})
    drain(engine, performer=performer)
    assert [(instance, str(error)) for instance, _, error in performer.failures] == [(bad, "no")]
    with engine.db.read() as session:
        assert session.get_one(Instance, bad).variables == {"done": ["good"]}
        assert session.get_one(Instance, fine).variables == {"done": ["fine"]}


@pytest.mark.parametrize("kind", [OperationalError, IntegrityError])
def test_a_passing_conflict_is_repeated_and_a_lasting_one_becomes_an_incident(
    engine: Engine, version: int, clock: FakeClock, kind: type[DBAPIError]
) -> None:
    conflict = kind("UPDATE", {}, Exception("lock timeout, or a row that was there"))
    performer = RecordingPerformer(failing={"twice": [conflict] * 2, "always": [conflict] * 100})
    add_instance(engine.db, version, clock.now(), {"twice": clock.now() - MINUTE})
    stuck = add_instance(engine.db, version, clock.now(), {"always": clock.now()})
    drain(engine, performer=performer)
    assert [kind for _, kind in performer.performed] == ["twice"]
    assert [instance for instance, _, _ in performer.failures] == [stuck]
    assert len(performer.failing["always"]) == 100 - TRIES_AFTER_CONFLICT


def test_a_suspended_instance_keeps_its_work_and_is_left_alone(engine: Engine, version: int, clock: FakeClock) -> None:
    number = add_instance(engine.db, version, clock.now(), {"timer": clock.now()})
    with engine.db.write() as session:
        instance = session.get_one(Instance, number)
        instance.status = InstanceStatus.SUSPENDED
        recompute_next_due(session, instance)
    assert drain(engine, performer=RecordingPerformer()) == 0
    with engine.db.write() as session:
        instance = session.get_one(Instance, number)
        schedule(session, instance, kind="another", due=clock.now(), payload={})
        assert instance.next_due is None
        instance.status = InstanceStatus.RUNNING
        recompute_next_due(session, instance)
    assert drain(engine, performer=RecordingPerformer()) == 2


def test_two_workers_never_do_the_same_work(engine: Engine, version: int, clock: FakeClock) -> None:
    performer = RecordingPerformer()
    numbers = [add_instance(engine.db, version, clock.now(), {"a": clock.now(), "b": clock.now()}) for _ in range(20)]
    threads = [threading.Thread(target=drain, args=(engine,), kwargs={"performer": performer}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(performer.performed) == sorted((number, kind) for number in numbers for kind in "ab")


def test_an_external_call_is_leased_made_outside_and_brought_in(engine: Engine, version: int, clock: FakeClock) -> None:
    number = add_instance(engine.db, version, clock.now(), {"service": clock.now()})
    (work,) = works(engine)
    seen = []

    def action() -> dict[str, int]:
        (row,) = works(engine)
        seen.append((row.attempt, row.due, due_of(engine, number)))
        with engine.db.write() as session:  # no transaction is open while the call lasts
            session.execute(text("SELECT 1"))
        return {"answer": 42}

    performer = RecordingPerformer(calls={work.id: Call(action)})
    assert drain(engine, performer=performer) == 1
    assert seen == [(1, clock.now() + LEASE, clock.now() + LEASE)]
    assert performer.finished == [(work.id, {"answer": 42})]
    assert works(engine) == []
    assert due_of(engine, number) is None


def test_a_failed_external_call_is_handed_on(engine: Engine, version: int, clock: FakeClock) -> None:
    add_instance(engine.db, version, clock.now(), {"service": clock.now()})
    (work,) = works(engine)
    error = TimeoutError("nobody answers")

    def action() -> dict[str, int]:
        raise error

    performer = RecordingPerformer(calls={work.id: Call(action)})
    drain(engine, performer=performer)
    assert performer.finished == [(work.id, error)]


def test_the_result_of_an_older_attempt_is_dropped(engine: Engine, version: int, clock: FakeClock) -> None:
    add_instance(engine.db, version, clock.now(), {"service": clock.now()})
    (work,) = works(engine)
    performer = RecordingPerformer()

    def slow() -> dict[str, str]:
        clock.advance(LEASE + MINUTE)
        performer.calls[work.id] = Call(lambda: {"from": "second"})
        drain(engine, performer=performer)
        return {"from": "first"}

    performer.calls[work.id] = Call(slow)
    drain(engine, performer=performer)
    assert performer.finished == [(work.id, {"from": "second"})]


def test_a_call_that_may_not_be_repeated_becomes_an_incident_when_its_answer_is_lost(
    engine: Engine, version: int, clock: FakeClock
) -> None:
    add_instance(engine.db, version, clock.now(), {"service": clock.now()})
    (work,) = works(engine)

    def die() -> dict[str, str]:
        raise SystemExit

    performer = RecordingPerformer(calls={work.id: Call(die, at_most_once=True)})
    with pytest.raises(SystemExit):
        drain(engine, performer=performer)
    clock.advance(LEASE + MINUTE)
    drain(engine, performer=performer)
    assert [type(error) for _, _, error in performer.failures] == [LostAnswer]
    assert performer.finished == []


def test_a_result_for_a_cancelled_wait_is_dropped(engine: Engine, version: int, clock: FakeClock) -> None:
    number = add_instance(engine.db, version, clock.now(), {"service": clock.now()})
    (work,) = works(engine)
    with engine.db.write() as session:
        assert drop(session, number, "token-service") == 1
    performer = RecordingPerformer()
    carry_out(engine, performer, work, Call(lambda: {}))
    assert performer.finished == []


def test_the_bell_calls_for_help_when_there_is_much(engine: Engine, version: int, clock: FakeClock) -> None:
    for _ in range(25):
        add_instance(engine.db, version, clock.now(), {"a": clock.now()})
    drain(engine, performer=RecordingPerformer())
    assert engine.bell.rings == 1  # type: ignore[attr-defined]


def test_a_drain_told_to_stop_ends_after_the_instance_at_hand(engine: Engine, version: int, clock: FakeClock) -> None:
    stop = threading.Event()
    performer = RecordingPerformer(follow=lambda *_: stop.set())
    for _ in range(3):
        add_instance(engine.db, version, clock.now(), {"a": clock.now()})
    assert drain(engine, performer=performer, stop=stop) == 1


def test_the_sweeper_finds_work_without_any_bell(
    engine: Engine, version: int, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    performed = threading.Event()
    performer = RecordingPerformer(follow=lambda *_: performed.set())
    monkeypatch.setattr("engine.work.drain._engine_performer", lambda: performer)
    sweeper = Sweeper(engine)
    sweeper.start()
    try:
        add_instance(engine.db, version, clock.now(), {"a": clock.now()})
        assert performed.wait(5)
    finally:
        sweeper.stop()
    assert not sweeper.alive


def test_claiming_uses_the_index_on_next_due(engine: Engine) -> None:
    query = "SELECT id FROM instance WHERE next_due <= '2026-01-01' ORDER BY next_due LIMIT 1"
    with engine.db.read() as session:
        if engine.db.is_sqlite:
            plan = session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
        else:
            session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = session.execute(text(f"EXPLAIN {query}")).all()
    assert "ix_instance_next_due" in str(plan)
