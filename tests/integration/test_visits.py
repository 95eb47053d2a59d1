"""Every element entered and left with its duration, and the statistics of a definition, on both databases."""

import math
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from engine import tasks
from engine.clock import FakeClock
from engine.history import HistoryLine, Visit, element_times, verify
from engine.instances import start_instance, terminate
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Slot
from tests.support.turning import (
    ADMIN,
    begin,
    diagram,
    incidents,
    instance_of,
    line,
    make_engine,
    open_slots,
    process,
    publish,
    run,
    user,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def _visits(engine: Engine, instance_id: int) -> dict[str, Visit]:
    with engine.db.read() as session:
        return {one.element_id: one for one in session.scalars(select(Visit).where(Visit.instance_id == instance_id))}


def test_a_visit_lasts_from_entering_to_leaving(engine: Engine, clock: FakeClock) -> None:
    number = begin(engine, line(user("A", "1"), user("B", "2")))
    clock.advance(3 * HOUR)
    tasks.complete(engine, slot_id=open_slots(engine)["A", 1].id, actor_id=1)
    visits = _visits(engine, number)
    assert {key: one.lasted for key, one in visits.items()} == {"begin": 0, "A": 3 * 3600 * 1000, "B": None}
    assert visits["B"].entered - visits["A"].entered == 3 * 3600 * 1000


def test_what_is_interrupted_was_withdrawn_and_counts_in_no_duration(engine: Engine, clock: FakeClock) -> None:
    boundary = (
        '<boundaryEvent id="late" attachedToRef="A"><timerEventDefinition><timeDuration>PT2H</timeDuration>'
        '</timerEventDefinition></boundaryEvent><endEvent id="gone"/>'
        '<sequenceFlow id="x" sourceRef="late" targetRef="gone"/>'
    )
    number = begin(engine, line(user("A", "1")) + boundary)
    clock.advance(2 * HOUR)
    run(engine)
    visit = _visits(engine, number)["A"]
    assert (visit.withdrawn, visit.lasted) == (True, 2 * 3600 * 1000)
    instance = instance_of(engine, number)
    with engine.db.read() as session:
        found = element_times(session, version_id=instance.package_version_id, process_id="main")
        assert (found["A"].here, found["A"].done, found["A"].withdrawn, found["A"].mean) == (0, 0, 1, None)
        lines = select(HistoryLine.element_id).where(HistoryLine.operation == "withdraw")
        assert session.scalars(lines).all() == ["A"]
        assert verify(session) == []


def test_terminating_ends_every_visit(engine: Engine, clock: FakeClock) -> None:
    number = begin(engine, line(user("A", "1")))
    clock.advance(HOUR)
    terminate(engine, instance_id=number, actor_id=ADMIN, reason="作废")
    visit = _visits(engine, number)["A"]
    assert (visit.withdrawn, visit.lasted) == (True, 3600 * 1000)


def test_statistics_are_exact_and_cost_the_same_for_many_instances(engine: Engine, clock: FakeClock) -> None:
    version = publish(engine, {"main.bpmn": diagram(process("main", line(user("A", "1"))))})
    for _ in range(12):
        start_instance(engine, version_id=version, process_id="main", variables={}, title="t", initiator_id=7)
    lasted = []
    for index in range(11):
        clock.advance((index % 4 + 1) * HOUR)
        lasted.append(sum((number % 4 + 1) for number in range(index + 1)))
        tasks.complete(engine, slot_id=min(slot.id for slot in _ready(engine)), actor_id=1)
    statements: list[str] = []

    def count(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    with engine.db.read() as session:
        event.listen(engine.db.sql, "before_cursor_execute", count)
        found = element_times(session, version_id=version, process_id="main")
        event.remove(engine.db.sql, "before_cursor_execute", count)
    times = found["A"]
    assert (times.here, times.done, times.entered) == (1, 11, 12)
    ranked = sorted(lasted)
    assert times.mean == timedelta(hours=sum(lasted) / 11)
    assert times.median == ranked[math.ceil(11 * 0.5) - 1] * HOUR
    assert times.ninetieth == ranked[math.ceil(11 * 0.9) - 1] * HOUR
    assert times.longest == ranked[-1] * HOUR
    assert sum("visit" in one for one in statements) == 3


def test_the_number_of_open_incidents_follows_what_becomes_of_the_element(engine: Engine) -> None:
    number = begin(engine, line(user("A", "nobody"), user("B", "2")))
    assert instance_of(engine, number).open_incidents == 1
    slot = next(iter(_ready(engine)))
    tasks.complete(engine, slot_id=slot.id, actor_id=ADMIN)
    assert instance_of(engine, number).open_incidents == 0
    assert incidents(engine) == []


def _ready(engine: Engine) -> list[Slot]:
    with engine.db.read() as session:
        return list(session.scalars(select(Slot).where(Slot.state == "ready")))
