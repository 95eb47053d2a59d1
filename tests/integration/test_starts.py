"""Starts without a person: timers, messages and signals of the version that is live, each exactly once."""

import threading
from datetime import timedelta

import pytest

from engine.clock import FakeClock
from engine.definitions.models import PackageVersion
from engine.instances import terminate
from engine.messages.models import EarlyMessage, StartTrigger
from engine.messages.service import AmbiguousMessage, broadcast_signal, correlate_message
from engine.runtime import Engine
from engine.store import Database
from engine.work.drain import drain
from engine.work.models import Errand
from engine.work.sweeper import next_due
from tests.support.conversing import chain, deploy, instances, rows, started_by
from tests.support.turning import ADMIN, make_engine, process, run, user

HOUR = timedelta(hours=1)


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _timer(kind: str, text: str, name: str = "A") -> str:
    start = f'<startEvent id="s"><timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition></startEvent>'
    return process("main", start + user(name, "1") + '<endEvent id="e"/>' + chain("s", name, "e"))


def _by(name: str, kind: str = "message", key: str = "", task: str = "A") -> str:
    start = started_by("s", name, kind).replace("<startEvent", f"<startEvent{_key(key)}")
    return process("main", start + user(task, "1") + '<endEvent id="e"/>' + chain("s", task, "e"))


def _key(key: str) -> str:
    return f' duban:correlationKey="{key}"' if key else ""


def _advance(engine: Engine, clock: FakeClock, by: timedelta) -> int:
    """Move the clock as the sweeper does, from one due time to the next; returns how many instances there are."""
    until = clock.now() + by
    while (due := next_due(engine)) is not None and due <= until:
        clock.advance_to(max(due, clock.now()))
        run(engine)
    clock.advance_to(until)
    run(engine)
    return len(instances(engine))


def test_a_duration_starts_one_instance_after_publishing(engine: Engine, clock: FakeClock) -> None:
    deploy(engine, _timer("timeDuration", "PT1H"))
    assert _advance(engine, clock, HOUR - timedelta(seconds=1)) == 0
    assert _advance(engine, clock, timedelta(seconds=1)) == 1
    assert _advance(engine, clock, 10 * HOUR) == 1
    assert (rows(engine, StartTrigger), rows(engine, Errand)) == ([], [])


def test_a_date_starts_at_its_date_and_one_that_is_over_does_not(engine: Engine, clock: FakeClock) -> None:
    deploy(engine, _timer("timeDate", "2026-09-07T12:00:00+08:00"))
    deploy(engine, _timer("timeDate", "2026-09-01T12:00:00+08:00"))
    assert _advance(engine, clock, 2 * HOUR) == 0
    assert _advance(engine, clock, HOUR) == 1


def test_a_cycle_starts_as_often_as_it_says(engine: Engine, clock: FakeClock) -> None:
    deploy(engine, _timer("timeCycle", "R3/PT1H"))
    assert [_advance(engine, clock, HOUR) for _ in range(5)] == [1, 2, 3, 3, 3]


def test_a_cycle_that_began_before_publishing_keeps_its_rhythm(engine: Engine, clock: FakeClock) -> None:
    deploy(engine, _timer("timeCycle", "R/2026-09-01T09:30:00+08:00/P1D"))
    assert _advance(engine, clock, timedelta(minutes=29)) == 0
    assert _advance(engine, clock, timedelta(minutes=1)) == 1
    assert _advance(engine, clock, timedelta(days=2)) == 3


def test_rounds_that_were_slept_through_are_not_made_up_for(engine: Engine, clock: FakeClock) -> None:
    deploy(engine, _timer("timeCycle", "R/PT1H"))
    clock.advance(10 * HOUR)
    run(engine)
    assert len(instances(engine)) == 1
    assert next_due(engine) == clock.now() + HOUR


def test_the_next_version_replaces_the_starts_and_the_same_files_do_not_begin_anew(
    engine: Engine, clock: FakeClock
) -> None:
    first = deploy(engine, _timer("timeDuration", "PT1H"), key="p")
    clock.advance(HOUR / 2)
    assert deploy(engine, _timer("timeDuration", "PT1H"), key="p") == first
    second = deploy(engine, _timer("timeDuration", "PT3H", "B"), key="p")
    assert _advance(engine, clock, 2 * HOUR) == 0
    assert _advance(engine, clock, HOUR) == 1
    assert [one.package_version_id for one in instances(engine)] == [second]


def test_two_workers_start_one_instance(engine: Engine, clock: FakeClock) -> None:
    for number in range(5):
        deploy(engine, _timer("timeDuration", "PT1H"), key=f"p{number}")
    clock.advance(HOUR)
    workers = [threading.Thread(target=drain, args=(engine,), kwargs={"budget_seconds": 30}) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len({one.package_version_id for one in instances(engine)}) == len(instances(engine)) == 5


def test_messages_and_signals_start_the_live_version_only(engine: Engine) -> None:
    deploy(engine, _by("order"), key="p")
    second = deploy(engine, _by("order", task="B"), key="p")
    deploy(engine, _by("alarm", "signal"), key="q")
    third = deploy(engine, _by("alarm", "signal", task="B"), key="q")
    correlate_message(engine, name="order")
    broadcast_signal(engine, "alarm")
    run(engine)
    assert sorted(one.package_version_id for one in instances(engine)) == sorted([second, third])


def test_a_message_that_two_processes_begin_with_is_ambiguous(engine: Engine) -> None:
    deploy(engine, _by("order"))
    deploy(engine, _by("order", task="B"))
    with pytest.raises(AmbiguousMessage):
        correlate_message(engine, name="order")
    assert (instances(engine), rows(engine, EarlyMessage)) == ([], [])


def test_one_open_instance_for_each_key_of_a_start(engine: Engine) -> None:
    deploy(engine, _by("order", key="=number"))
    (first,) = correlate_message(engine, name="order", payload={"number": 1}).started
    assert correlate_message(engine, name="order", payload={"number": 2}).started
    assert correlate_message(engine, name="order", payload={"number": 1}).stored
    terminate(engine, instance_id=first, actor_id=ADMIN, reason="作废")
    run(engine)
    assert correlate_message(engine, name="order", payload={"number": 1}).started
    assert len(instances(engine)) == 3


def test_processes_that_are_published_only_once_start_by_themselves_no_more_when_taken_out(engine: Engine) -> None:
    deploy(engine, _by("order"), key="p")
    deploy(engine, process("main", '<startEvent id="s"/><endEvent id="e"/>' + chain("s", "e")), key="p")
    assert not correlate_message(engine, name="order").started
    assert [(row.key, row.live) for row in rows(engine, PackageVersion)] == [("p", False), ("p", True)]
