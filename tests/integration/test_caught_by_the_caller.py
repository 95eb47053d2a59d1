"""Errors and escalations that a called process does not catch reach the call activity of its caller."""

import pytest
from sqlalchemy import select

from engine import tasks
from engine.clock import FakeClock
from engine.history import HistoryLine, verify
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.store import Database
from tests.support.turning import begin, incidents, instance_of, line, make_engine, open_slots, process, run, user

ROOTS = '<error id="x" errorCode="E1" name="x"/><escalation id="u" escalationCode="L1" name="u"/>'
CALL = '<callActivity id="Call" calledElement="child"/>'
CALLS = (
    '<callActivity id="Call" calledElement="child"><multiInstanceLoopCharacteristics camunda:collection="=units"'
    ' camunda:elementVariable="unit_id"/></callActivity>'
)


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock)


def caught(event: str, *, interrupting: bool = True, call: str = CALL) -> str:
    """Return a process with a call, and a boundary event on it that leads to the task ``Caught`` of person 2."""
    cancels = "true" if interrupting else "false"
    edge = f'<boundaryEvent id="Edge" attachedToRef="Call" cancelActivity="{cancels}">{event}</boundaryEvent>'
    flows = (
        '<endEvent id="over"/><sequenceFlow id="g1" sourceRef="Edge" targetRef="Caught"/>'
        '<sequenceFlow id="g2" sourceRef="Caught" targetRef="over"/>'
    )
    return line(call, user("After", "3")) + edge + user("Caught", "2") + flows


def child(event: str) -> str:
    """Return a called process: a task, then an event that throws, then another task."""
    return process("child", line(user("Do", "1"), event, user("More", "1")))


def throwing(event: str) -> str:
    return f'<intermediateThrowEvent id="Up">{event}</intermediateThrowEvent>'


def ending(event: str) -> str:
    """Return a called process that ends with an error once its task is done."""
    return process("child", line(user("Do", "1"))).replace(
        '<endEvent id="child_finish"/>', f'<endEvent id="child_finish">{event}</endEvent>'
    )


def do(engine: Engine, element: str, person: int) -> None:
    tasks.complete(engine, slot_id=open_slots(engine)[element, person].id, actor_id=person)
    run(engine)


def operations(engine: Engine, instance_id: int, operation: str) -> list[tuple[str | None, str]]:
    """Return element and code of the history's lines of an operation."""
    with engine.db.read() as session:
        query = select(HistoryLine).where(HistoryLine.instance_id == instance_id, HistoryLine.operation == operation)
        return [
            (line.element_id, line.detail["code"]) for line in session.scalars(query.order_by(HistoryLine.sequence))
        ]


def only_child(engine: Engine) -> Instance:
    with engine.db.read() as session:
        return session.scalars(select(Instance).where(Instance.parent_id.is_not(None))).one()


ERROR = '<errorEventDefinition errorRef="x"/>'
ESCALATION = '<escalationEventDefinition escalationRef="u"/>'


def test_an_error_end_of_the_child_goes_on_at_the_error_boundary_of_the_call(engine: Engine) -> None:
    number = begin(engine, caught(ERROR), child=ending(ERROR), roots=ROOTS)
    run(engine)
    do(engine, "Do", 1)
    assert list(open_slots(engine)) == [("Caught", 2)]
    assert only_child(engine).outcome == "E1"
    assert operations(engine, only_child(engine).id, "uncaught") == [("child_finish", "E1")]
    assert operations(engine, number, "uncaught") == []
    do(engine, "Caught", 2)
    assert instance_of(engine, number).status == "completed"
    with engine.db.read() as session:
        assert verify(session) == []


def test_an_error_of_one_child_cancels_the_others(engine: Engine) -> None:
    begin(engine, caught(ERROR, call=CALLS), {"units": [1, 2, 3]}, child=ending(ERROR), roots=ROOTS)
    run(engine)
    do(engine, "Do", 1)
    assert list(open_slots(engine)) == [("Caught", 2)]
    with engine.db.read() as session:
        children = session.scalars(select(Instance).where(Instance.parent_id.is_not(None)))
        assert sorted(child.outcome or "" for child in children) == ["E1", "cancelled(parent)", "cancelled(parent)"]


def test_an_error_that_nobody_catches_ends_child_and_caller(engine: Engine) -> None:
    number = begin(engine, line(CALL, user("After", "3")), child=ending(ERROR), roots=ROOTS)
    run(engine)
    do(engine, "Do", 1)
    row = instance_of(engine, number)
    assert (row.status, row.outcome) == ("terminated", "E1")
    assert operations(engine, number, "uncaught") == [("Call", "E1")]
    assert incidents(engine) == []
    assert open_slots(engine) == {}


def test_an_escalation_of_the_child_starts_a_branch_beside_the_call(engine: Engine) -> None:
    number = begin(engine, caught(ESCALATION, interrupting=False), child=child(throwing(ESCALATION)), roots=ROOTS)
    run(engine)
    do(engine, "Do", 1)
    assert sorted(open_slots(engine)) == [("Caught", 2), ("More", 1)]
    assert operations(engine, number, "uncaught") == []
    do(engine, "More", 1)
    do(engine, "Caught", 2)
    do(engine, "After", 3)
    assert instance_of(engine, number).status == "completed"


def test_an_escalation_with_which_the_child_ends_comes_before_its_end(engine: Engine) -> None:
    begin(engine, caught(ESCALATION, interrupting=False), child=ending(ESCALATION), roots=ROOTS)
    run(engine)
    do(engine, "Do", 1)
    assert sorted(open_slots(engine)) == [("After", 3), ("Caught", 2)]


def test_an_escalation_that_interrupts_the_call_ends_the_child(engine: Engine) -> None:
    begin(engine, caught(ESCALATION), child=child(throwing(ESCALATION)), roots=ROOTS)
    run(engine)
    do(engine, "Do", 1)
    assert list(open_slots(engine)) == [("Caught", 2)]
    assert only_child(engine).status == "terminated"


def test_an_escalation_that_nobody_catches_is_noted_and_everything_goes_on(engine: Engine) -> None:
    number = begin(engine, line(CALL), child=child(throwing(ESCALATION)), roots=ROOTS)
    run(engine)
    do(engine, "Do", 1)
    assert operations(engine, only_child(engine).id, "uncaught") == [("Up", "L1")]
    assert operations(engine, number, "uncaught") == [("Call", "L1")]
    do(engine, "More", 1)
    assert instance_of(engine, number).status == "completed"
