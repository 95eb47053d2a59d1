"""The doorbell: quick when Redis is there, harmless when it is not."""

import threading
import time

import pytest

from engine.clock import FakeClock
from engine.runtime import Engine
from engine.store import Database
from engine.work import rq_job
from engine.work.bell import BELLS_ENOUGH, RedisBell, queue_name, wire_to, wire_within_process
from engine.work.listener import Listener
from tests.support.working import RecordingPerformer, add_instance, add_version, make_engine

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def engine(sqlite_database: Database, clock: FakeClock) -> Engine:
    return make_engine(sqlite_database, clock)


@pytest.mark.parametrize("where", ["redis", "within-process"])
def test_a_bell_makes_the_listener_drain(
    engine: Engine, clock: FakeClock, redis_url: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = wire_to(redis_url) if where == "redis" else wire_within_process()
    performed = threading.Event()
    performer = RecordingPerformer(follow=lambda *_: performed.set())
    monkeypatch.setattr("engine.work.drain._engine_performer", lambda: performer)
    add_instance(engine.db, add_version(engine.db, clock.now()), clock.now(), {"a": clock.now()})
    listener = Listener(engine, queue_name("test"), wire.listening)
    listener.start()
    try:
        RedisBell(wire.ringing, queue_name("test")).ring()
        assert performed.wait(10)
    finally:
        listener.stop()
    assert not listener.alive


def test_a_bell_for_another_database_is_not_heard(engine: Engine, redis_url: str) -> None:
    bell = RedisBell(wire_to(redis_url).ringing, queue_name("theirs"))
    bell.ring()
    assert bell.connection.llen("rq:queue:duban-theirs") == 1
    assert rq_job.drain_job("duban-theirs") == 0


def test_bells_do_not_pile_up(redis_url: str) -> None:
    bell = RedisBell(wire_to(redis_url).ringing, queue_name("test"))
    for _ in range(BELLS_ENOUGH + 10):
        bell.ring()
    assert bell.connection.llen("rq:queue:duban-test") == BELLS_ENOUGH


def test_a_dead_redis_costs_nothing_and_is_asked_again_later() -> None:
    now = [0.0]
    bell = RedisBell(wire_to(NOBODY_LISTENS).ringing, queue_name("test"), monotonic=lambda: now[0])
    begun = time.monotonic()
    for _ in range(100):
        bell.ring()
    assert time.monotonic() - begun < 1
    asked = []
    bell.connection.llen = lambda key: asked.append(key) or BELLS_ENOUGH  # type: ignore[method-assign]
    bell.ring()
    assert asked == []
    now[0] += 10
    bell.ring()
    assert len(asked) == 1
