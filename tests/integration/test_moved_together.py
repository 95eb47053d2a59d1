"""Children that are due at once are moved in one transaction; one that fails does not hold up the others."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, select

from engine.clock import FakeClock
from engine.errors import InvalidInput
from engine.history import verify
from engine.instances.models import Instance, InstanceStatus
from engine.instances.work import may_go_together
from engine.ports import ServiceCall, ServiceKind
from engine.runtime import Engine
from engine.store import Database
from engine.work.drain import TOGETHER
from engine.work.models import Work
from tests.support.turning import begin, incidents, line, make_engine, process, run, user

UNITS = 2 * TOGETHER + 10
REFUSED = 7


def _note(call: ServiceCall) -> Mapping[str, Any]:
    if call.instance.unit_id == REFUSED:
        raise InvalidInput("这个单位不参加 / This unit does not take part")
    return {"noted": call.instance.unit_id}


def _call(kind: str) -> tuple[str, str]:
    each = (
        '<callActivity id="Each" calledElement="child"><multiInstanceLoopCharacteristics camunda:collection="=units" '
        'camunda:elementVariable="unit_id"/></callActivity>'
    )
    return line(each), process("child", line(f'<serviceTask id="S" duban:service="{kind}"/>', user("Do", "1")))


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    kinds = {"note": ServiceKind("note", _note), "outside": ServiceKind("outside", _note, external=True)}
    return make_engine(database, clock, kinds)


@contextmanager
def _counted(database: Database) -> Iterator[dict[str, int]]:
    counts = {"commits": 0, "statements": 0}

    def commit(_connection: object) -> None:
        counts["commits"] += 1

    def statement(*_: object) -> None:
        counts["statements"] += 1

    event.listen(database.sql, "commit", commit)
    event.listen(database.sql, "before_cursor_execute", statement)
    yield counts
    event.remove(database.sql, "commit", commit)
    event.remove(database.sql, "before_cursor_execute", statement)


def _begun(engine: Engine, kind: str, units: range) -> None:
    parent, child = _call(kind)
    begin(engine, parent, {"units": list(units)}, child=child)


def test_the_services_of_children_share_few_transactions(engine: Engine) -> None:
    _begun(engine, "note", range(100, 100 + UNITS))
    with _counted(engine.db) as counts:
        run(engine)
    with engine.db.read() as session:
        children = session.scalars(select(Instance).where(Instance.parent_id.is_not(None))).all()
        assert [child.variables["noted"] for child in children] == [child.unit_id for child in children]
        assert len(children) == UNITS
        assert session.scalars(select(Work)).all() == []
        assert verify(session) == []
    # The spawning, three transactions of children, and the one that finds nothing more to do.
    assert counts["commits"] <= 6
    assert counts["statements"] < 3 * UNITS


def test_a_child_that_fails_becomes_an_incident_and_the_others_go_on(engine: Engine) -> None:
    _begun(engine, "note", range(1, 1 + UNITS))
    run(engine)
    (incident,) = incidents(engine)
    with engine.db.read() as session:
        children = session.scalars(select(Instance).where(Instance.parent_id.is_not(None))).all()
        moved = [child for child in children if "noted" in child.variables]
        assert len(moved) == UNITS - 1
        failed = session.get_one(Instance, incident.instance_id)
        assert (failed.unit_id, failed.next_due) == (REFUSED, None)
        assert verify(session) == []


def test_calls_to_the_outside_stay_alone(engine: Engine) -> None:
    _begun(engine, "outside", range(100, 105))
    with _counted(engine.db) as counts:
        run(engine)
    with engine.db.read() as session:
        children = session.scalars(select(Instance).where(Instance.parent_id.is_not(None))).all()
        assert all("noted" in child.variables for child in children)
    # A lease and a result for each of them.
    assert counts["commits"] >= 2 * len(children)


def test_neither_spawning_nor_what_is_over_goes_together(engine: Engine) -> None:
    _begun(engine, "note", range(100, 102))
    run(engine)
    with engine.db.read() as session:
        child = session.scalars(select(Instance).where(Instance.parent_id.is_not(None))).first()
        assert child is not None
        timer, spawn = (Work(instance_id=child.id, kind=kind, payload={}) for kind in ("timer", "spawn"))
        assert may_go_together(engine, session, child, timer)
        assert not may_go_together(engine, session, child, spawn)
        child.status = InstanceStatus.SUSPENDED
        assert not may_go_together(engine, session, child, timer)
        session.expunge(child)
