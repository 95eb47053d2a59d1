"""Children of call activities, services and failures: spawned once, counted, joined once, cancelled."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import tasks
from engine.clock import FakeClock
from engine.history import verify
from engine.instances import fanout, retry_incident, start_instance, terminate
from engine.instances.models import FanOut, Instance
from engine.ports import ServiceCall, ServiceKind
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


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    return make_engine(database, clock, SERVICES)


def _double(call: ServiceCall) -> Mapping[str, Any]:
    return {"doubled": call.inputs["number"] * 2}


_broken = {"on": True}


def _flaky(call: ServiceCall) -> Mapping[str, Any]:
    if _broken["on"]:
        raise RuntimeError("the printer is out of paper")
    return {"printed": True}


SERVICES = {
    "double": ServiceKind("double", _double),
    "outside": ServiceKind("outside", _double, external=True),
    "flaky": ServiceKind("flaky", _flaky),
}


def _service(kind: str) -> str:
    return (
        f'<serviceTask id="S" name="S" duban:service="{kind}"><extensionElements><camunda:inputOutput>'
        '<camunda:inputParameter name="number">=amount + 1</camunda:inputParameter>'
        "</camunda:inputOutput></extensionElements></serviceTask>"
    )


def _call(condition: str = "", sequential: str = "false") -> str:
    done = f"<completionCondition>{condition}</completionCondition>" if condition else ""
    return (
        '<callActivity id="Each" calledElement="child"><multiInstanceLoopCharacteristics '
        f'isSequential="{sequential}" camunda:collection="=units" camunda:elementVariable="unit_id">{done}'
        "</multiInstanceLoopCharacteristics></callActivity>"
    )


CHILD = process("child", line(user("Do", "1")))


def _children(engine: Engine) -> list[Instance]:
    with engine.db.read() as session:
        query = select(Instance).where(Instance.parent_id.is_not(None)).order_by(Instance.item_index)
        return list(session.scalars(query))


def _finish(engine: Engine, child: Instance) -> None:
    slot = open_slots(engine, child.id)["Do", 1]
    tasks.complete(engine, slot_id=slot.id, actor_id=1)


def test_each_unit_gets_a_child_and_the_parent_goes_on_after_the_last(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "SPAWN_CHUNK", 3)
    number = begin(engine, line(_call(), user("After", "2")), {"units": list(range(101, 109))}, child=CHILD)
    run(engine)
    children = _children(engine)
    assert [child.unit_id for child in children] == list(range(101, 109))
    assert {child.root_id for child in children} == {number}
    for child in children[:-1]:
        _finish(engine, child)
    run(engine)
    assert ("After", 2) not in open_slots(engine)
    _finish(engine, children[-1])
    run(engine)
    assert list(open_slots(engine)) == [("After", 2)]
    with engine.db.read() as session:
        assert session.scalars(select(FanOut.done)).one() == 8
        assert verify(session) == []


def test_no_units_at_all_go_straight_on(engine: Engine) -> None:
    begin(engine, line(_call(), user("After", "2")), {"units": []}, child=CHILD)
    run(engine)
    assert list(open_slots(engine)) == [("After", 2)]


def test_a_completion_condition_cancels_the_rest(engine: Engine) -> None:
    condition = "=numberOfCompletedInstances &gt;= 2"
    begin(engine, line(_call(condition), user("After", "2")), {"units": [1, 2, 3, 4]}, child=CHILD)
    run(engine)
    children = _children(engine)
    _finish(engine, children[0])
    run(engine)
    assert ("After", 2) not in open_slots(engine)
    _finish(engine, children[2])
    run(engine)
    assert list(open_slots(engine)) == [("After", 2)]
    assert [child.status for child in _children(engine)] == ["completed", "terminated", "completed", "terminated"]


def test_sequential_children_come_one_after_the_other(engine: Engine) -> None:
    begin(engine, line(_call(sequential="true"), user("After", "2")), {"units": [1, 2]}, child=CHILD)
    run(engine)
    assert len(_children(engine)) == 1
    _finish(engine, _children(engine)[0])
    run(engine)
    assert len(_children(engine)) == 2
    _finish(engine, _children(engine)[1])
    run(engine)
    assert list(open_slots(engine)) == [("After", 2)]


def test_terminating_the_parent_cancels_the_children_with_slots_and_work(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "CANCEL_CHUNK", 2)
    child = process("child", line(user("Do", "1", due="2 working days")))
    number = begin(engine, line(_call()), {"units": [1, 2, 3, 4, 5]}, child=child)
    run(engine)
    terminate(engine, instance_id=number, actor_id=ADMIN, reason="作废")
    run(engine)
    assert {one.status for one in _children(engine)} == {"terminated"}
    assert {one.next_due for one in _children(engine)} == {None}
    with engine.db.read() as session:
        assert session.scalar(select(func.count(Slot.id)).where(Slot.state == "ready")) == 0
        assert verify(session) == []


def test_a_single_call_hands_its_variables_back(engine: Engine) -> None:
    call = (
        '<callActivity id="One" calledElement="child"><extensionElements>'
        '<camunda:in source="amount" target="amount"/><camunda:out source="doubled" target="answer"/>'
        "</extensionElements></callActivity>"
    )
    child = process("child", line(_service("double")))
    number = begin(engine, line(call), {"amount": 4}, child=child)
    run(engine)
    row = instance_of(engine, number)
    assert (row.status, row.variables["answer"]) == ("completed", 10)


@pytest.mark.parametrize("kind", ["double", "outside"])
def test_a_service_result_comes_into_the_variables(engine: Engine, kind: str) -> None:
    number = begin(engine, line(_service(kind)), {"amount": 1})
    run(engine)
    row = instance_of(engine, number)
    assert (row.status, row.variables["doubled"]) == ("completed", 4)


def test_a_failing_service_is_an_incident_and_a_retry_goes_on(engine: Engine) -> None:
    _broken["on"] = True
    number = begin(engine, line(_service("flaky")), {"amount": 1})
    run(engine)
    (incident,) = incidents(engine)
    assert (incident.element_id, incident.code) == ("S", "internal")
    assert instance_of(engine, number).status == "running"
    assert run(engine) == 0
    _broken["on"] = False
    retry_incident(engine, incident_id=incident.id, actor_id=ADMIN)
    run(engine)
    assert instance_of(engine, number).status == "completed"
    assert incidents(engine) == []


def test_a_service_that_is_not_installed_is_an_incident_with_its_name(engine: Engine) -> None:
    begin(engine, line(_service("unheard.of")), {"amount": 1})
    run(engine)
    (incident,) = incidents(engine)
    assert incident.code == "unknown-service"
    assert "unheard.of" in incident.message


def test_the_same_start_twice_is_one_instance_I5(engine: Engine) -> None:
    version = publish(engine, {"main.bpmn": diagram(process("main", line(user("A", "1"))))})
    start = {"version_id": version, "variables": {}, "title": "一件事", "initiator_id": 7, "key": "once"}
    assert start_instance(engine, **start) == start_instance(engine, **start)
    with engine.db.read() as session:
        assert session.scalar(select(func.count(Instance.id))) == 1
