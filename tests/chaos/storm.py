"""A small campaign for storms: its diagram, its people and services, and an engine that runs it.

Every root instance fans out to three children. A child calls the outside, waits for a timer, waits for a person and
counts itself in the database: one of each kind of thing that must happen exactly once.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.clock import DatabaseClock
from engine.definitions.packages import Package
from engine.ports import ServiceCall, ServiceKind
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Notice
from engine.testing.stage import OneCalendar
from tests.support.people import OnePerson

KEY = "storm"
PERSON = 1
CHILDREN = 3
TIMER_SECONDS = 1
COUNTED = "storm-count"

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="https://duban.dev/test"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:duban="https://duban.dev/bpmn/1.0">'
)
_ROOT = """
<process id="root" name="风暴" isExecutable="true">
  <startEvent id="begin"/>
  <sequenceFlow id="r1" sourceRef="begin" targetRef="all"/>
  <callActivity id="all" name="各单位" calledElement="child">
    <multiInstanceLoopCharacteristics camunda:collection="=[1, 2, 3]" camunda:elementVariable="number"/>
  </callActivity>
  <sequenceFlow id="r2" sourceRef="all" targetRef="sum"/>
  <serviceTask id="sum" name="汇总" duban:service="storm.count"/>
  <sequenceFlow id="r3" sourceRef="sum" targetRef="finish"/>
  <endEvent id="finish"/>
</process>
"""
_CHILD = """
<process id="child" name="单位" isExecutable="true">
  <startEvent id="begin"/>
  <sequenceFlow id="c1" sourceRef="begin" targetRef="tell"/>
  <serviceTask id="tell" name="通知外部" duban:service="storm.tell"/>
  <sequenceFlow id="c2" sourceRef="tell" targetRef="pause"/>
  <intermediateCatchEvent id="pause" name="等待">
    <timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition>
  </intermediateCatchEvent>
  <sequenceFlow id="c3" sourceRef="pause" targetRef="work"/>
  <userTask id="work" name="落实" duban:kind="work" camunda:assignee="person(anybody)"/>
  <sequenceFlow id="c4" sourceRef="work" targetRef="count"/>
  <serviceTask id="count" name="计数" duban:service="storm.count"/>
  <sequenceFlow id="c5" sourceRef="count" targetRef="finish"/>
  <endEvent id="finish"/>
</process>
"""


def package() -> Package:
    """Return the storm's package."""
    files = {
        "storm.bpmn": f"{_HEAD}{_ROOT}</definitions>".encode(),
        "child.bpmn": f"{_HEAD}{_CHILD}</definitions>".encode(),
        "plan.yaml": "name: 风暴\nmain_process: root\n".encode(),
    }
    return Package(KEY, files)


def append_line(path: Path, line: str) -> None:
    """Append a line in one write, which a kill cannot tear."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def build(url: str, calls: Path) -> Engine:
    """Return an engine on the storm's database; calls to the outside leave their key in a file."""

    def tell(call: ServiceCall) -> Mapping[str, Any]:
        append_line(calls, call.idempotency_key)
        return {"told": True}

    def count(call: ServiceCall) -> Mapping[str, Any]:
        call.session.add(
            Notice(
                person_id=PERSON, kind=COUNTED, title=call.element_id, instance_id=call.instance.id,
                created_at=call.at,
            )
        )  # fmt: skip
        return {"counted": True}

    database = Database(url)
    return Engine(
        db=database,
        clock=DatabaseClock(database),
        people=OnePerson(),
        calendars=OneCalendar(),
        services={
            "storm.tell": ServiceKind("storm.tell", tell, external=True),
            "storm.count": ServiceKind("storm.count", count),
        },
    )
