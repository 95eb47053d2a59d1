"""A database of the release before messages: its instances are found by messages, its live versions start by them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.instances import start_instance
from engine.messages.models import StartTrigger, Subscription
from engine.messages.service import Delivered, correlate_message
from engine.runtime import Engine
from engine.store import Database, migrate
from tests.support.conversing import catch, chain, deploy, rows, started_by, states
from tests.support.turning import line, make_engine, process, run, user

BEFORE = "0003"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    factory = None if request.param == "sqlite" else request.getfixturevalue("postgres_factory")
    database = Database(f"sqlite:///{tmp_path / 'old.db'}" if factory is None else factory.create(empty=True))
    migrate.import_models("engine", "workflows", "web")
    migrate.upgrade(database)
    yield make_engine(database, SystemClock())
    database.close()
    if factory is not None:
        factory.discard(database.url)


def test_an_older_database_takes_part_after_the_upgrade(engine: Engine) -> None:
    waiting = deploy(engine, process("main", line(catch("C", "answer"))))
    plain = deploy(engine, process("main", line(user("A", "1"))))
    start = started_by("s", "order") + user("B", "1") + '<endEvent id="e"/>' + chain("s", "B", "e")
    deploy(engine, process("main", start))
    numbers = [
        start_instance(engine, version_id=version, variables={}, title="x", initiator_id=7)
        for version in (waiting, plain)
    ]
    migrate.downgrade(engine.db, BEFORE)
    migrate.upgrade(engine.db)
    assert (rows(engine, Subscription), rows(engine, StartTrigger)) == ([], [])
    run(engine)
    assert [row.instance_id for row in rows(engine, Subscription)] == [numbers[0]]
    assert correlate_message(engine, name="answer") == Delivered(instances=(numbers[0],))
    assert len(correlate_message(engine, name="order").started) == 1
    assert states(engine, *numbers) == ["completed", "running"]
