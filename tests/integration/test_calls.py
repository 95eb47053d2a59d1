"""Call activities on both databases: mappings, loops, dynamic calls, recursion; services whose errors are caught."""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from sqlalchemy import func, select

from engine import tasks
from engine.clock import FakeClock
from engine.instances import retry_incident
from engine.instances.models import Instance
from engine.interpreter.errors import BpmnError
from engine.ports import ServiceCall, ServiceKind
from engine.runtime import Engine
from engine.store import Database
from tests.support.turning import (
    ADMIN,
    begin,
    incidents,
    instance_of,
    line,
    make_engine,
    open_slots,
    process,
    run,
    user,
)


def _refuse(call: ServiceCall) -> Mapping[str, Any]:
    raise BpmnError("E1", "refused by the other side")


def _break(call: ServiceCall) -> Mapping[str, Any]:
    raise RuntimeError("the printer is out of paper")


@pytest.fixture
def engine(database: Database, clock: FakeClock) -> Engine:
    services = {
        "refuse": ServiceKind("refuse", _refuse),
        "refuse-outside": ServiceKind("refuse-outside", _refuse, external=True),
        "break": ServiceKind("break", _break),
    }
    return make_engine(database, clock, services)


def call(inner: str = "", called: str = "child") -> str:
    return f'<callActivity id="Call" calledElement={quoteattr(called)}>{inner}</callActivity>'


def mapped(*parameters: str) -> str:
    return f"<extensionElements>{''.join(f'<camunda:{one}/>' for one in parameters)}</extensionElements>"


def script(key: str, text: str, result: str) -> str:
    return f'<scriptTask id="{key}" camunda:resultVariable="{result}"><script>{text}</script></scriptTask>'


def variables_of(engine: Engine, number: int) -> dict[str, Any]:
    return dict(instance_of(engine, number).variables)


DOUBLE = process("child", line(script("Do", "n * 2", "m")))


def test_what_is_mapped_goes_in_and_comes_back_and_nothing_else(engine: Engine) -> None:
    body = line(call(mapped('in source="x" target="n"', 'out sourceExpression="m + 1" target="y"')))
    number = begin(engine, body, {"x": 4, "secret": 1}, child=DOUBLE)
    run(engine)
    assert instance_of(engine, number).status == "completed"
    assert variables_of(engine, number) == {"x": 4, "secret": 1, "y": 9}
    with engine.db.read() as session:
        child = session.scalars(select(Instance).where(Instance.parent_id == number)).one()
    assert child.variables == {"n": 4, "m": 8}


def test_everything_goes_in_and_comes_back_when_asked_for(engine: Engine) -> None:
    body = line(call(mapped('in variables="all"', 'in businessKey="key"', 'out variables="all"')))
    number = begin(engine, body, {"n": 4, "key": "K-1"}, child=DOUBLE)
    run(engine)
    assert variables_of(engine, number) == {"n": 4, "m": 8, "key": "K-1", "businessKey": "K-1"}


def test_each_child_gets_its_own_mapped_inputs_and_outputs_are_collected(engine: Engine) -> None:
    loop = (
        '<multiInstanceLoopCharacteristics camunda:collection="items" camunda:elementVariable="item"'
        ' duban:outputCollection="all" duban:outputElement="m + 1"/>'
    )
    body = line(call(mapped('in sourceExpression="item * 10 + loopCounter" target="n"') + loop))
    number = begin(engine, body, {"items": [3, 4]}, child=DOUBLE)
    run(engine)
    assert variables_of(engine, number)["all"] == [63, 85]


def test_children_whose_outputs_are_not_collected_leave_the_last_ones(engine: Engine) -> None:
    loop = '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>3</loopCardinality>'
    loop += "</multiInstanceLoopCharacteristics>"
    body = line(call(mapped('in source="loopCounter" target="n"', 'out source="m" target="y"') + loop))
    number = begin(engine, body, {}, child=DOUBLE)
    run(engine)
    assert variables_of(engine, number) == {"y": 6}


def test_children_of_a_collection_need_no_name_for_their_item(engine: Engine) -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="items" duban:outputCollection="all"'
    body = line(call(mapped('in source="loopCounter" target="n"') + loop + ' duban:outputElement="m"/>'))
    number = begin(engine, body, {"items": ["p", "q"]}, child=DOUBLE)
    run(engine)
    assert variables_of(engine, number)["all"] == [2, 4]


def test_a_call_loops_until_its_condition_no_longer_holds(engine: Engine) -> None:
    loop = "<standardLoopCharacteristics><loopCondition>n &lt; 20</loopCondition></standardLoopCharacteristics>"
    body = line(call(mapped('in source="n" target="n"', 'out source="m" target="n"') + loop))
    number = begin(engine, body, {"n": 3}, child=DOUBLE)
    run(engine)
    assert variables_of(engine, number) == {"n": 24}


def test_the_called_process_may_come_from_an_expression(engine: Engine) -> None:
    body = line(call(mapped('in variables="all"', 'out source="m" target="y"'), '=if x then "child" else "other"'))
    other = process("other", line(script("Do2", "0", "m")))
    number = begin(engine, body, {"x": True, "n": 5}, child=DOUBLE, other=other)
    run(engine)
    assert variables_of(engine, number)["y"] == 10


def test_an_unknown_called_process_is_an_incident_that_can_be_retried(engine: Engine) -> None:
    number = begin(engine, line(call("", "=which")), {"which": "nothing"}, child=DOUBLE)
    run(engine)
    incident = incidents(engine)[0]
    assert (incident.element_id, incident.code) == ("Call", "unknown-process")
    with engine.db.write() as session:
        session.get_one(Instance, number).variables = {"which": "child", "n": 1}
    retry_incident(engine, incident_id=incident.id, actor_id=ADMIN)
    run(engine)
    assert instance_of(engine, number).status == "completed"


def test_a_callee_without_an_end_event_comes_to_an_end(engine: Engine) -> None:
    child = process("child", '<startEvent id="b"/><task id="t"/><sequenceFlow id="q" sourceRef="b" targetRef="t"/>')
    number = begin(engine, line(call()), {}, child=child)
    run(engine)
    assert instance_of(engine, number).status == "completed"


AGAIN = '<callActivity id="Again" calledElement="child"/>'


def test_endless_recursion_becomes_an_incident(engine: Engine) -> None:
    number = begin(engine, line(call("", "child")), {}, child=process("child", line(AGAIN)))
    run(engine)
    with engine.db.read() as session:
        assert session.scalar(select(func.count()).select_from(Instance)) == 50
    incident = incidents(engine)[0]
    assert (incident.element_id, incident.code) == ("Again", "call-depth")
    assert incident.instance_id != number


CAUGHT = (
    '<boundaryEvent id="Catch" attachedToRef="S">'
    '<errorEventDefinition camunda:errorCodeVariable="code"/></boundaryEvent>'
    '<userTask id="Repair" camunda:assignee="3"/><sequenceFlow id="r" sourceRef="Catch" targetRef="Repair"/>'
)


@pytest.mark.parametrize(("kind", "code"), [("refuse", "E1"), ("refuse-outside", "E1"), ("break", "internal")])
def test_an_error_of_a_service_is_caught_by_its_error_boundary(engine: Engine, kind: str, code: str) -> None:
    service = f'<serviceTask id="S" duban:service="{kind}"/>'
    number = begin(engine, line(service) + CAUGHT)
    run(engine)
    assert list(open_slots(engine)) == [("Repair", 3)]
    assert incidents(engine) == []
    assert variables_of(engine, number) == {"code": code}
    tasks.complete(engine, slot_id=open_slots(engine)["Repair", 3].id, actor_id=3)
    assert instance_of(engine, number).status == "completed"


def test_an_error_of_a_service_that_nothing_catches_is_an_incident(engine: Engine) -> None:
    begin(engine, line('<serviceTask id="S" duban:service="break"/>', user("After", "2")))
    run(engine)
    incident = incidents(engine)[0]
    assert (incident.element_id, incident.code) == ("S", "internal")
    assert "out of paper" in incident.message
