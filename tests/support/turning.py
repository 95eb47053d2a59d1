"""A real engine on invented people: tiny diagrams are published and driven by the operations."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import Clock
from engine.definitions.models import PackageFile, PackageVersion
from engine.errors import InvalidInput
from engine.instances import start_instance
from engine.instances.models import Incident, Instance
from engine.ports import AssignmentContext, ServiceKind
from engine.runtime import Engine
from engine.store import Database, new_id
from engine.tasks.models import Activation, Slot
from engine.testing.stage import OneCalendar
from engine.work.drain import drain

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:duban="https://duban.dev/bpmn/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' targetNamespace="https://duban.dev/test" id="defs">'
)
ADMIN = 99
LEADER = 50


def diagram(*processes: str) -> bytes:
    """Return a diagram file with these processes."""
    return f"{HEAD}{''.join(processes)}</definitions>".encode()


def process(key: str, body: str) -> str:
    """Return an executable process; the ids that :func:`line` makes up are the process's own."""
    if key != "main":
        body = re.sub(r'"(begin|finish|f\d+)"', rf'"{key}_\1"', body)
    return f'<process id="{key}" name="{key}" isExecutable="true">{body}</process>'


def line(*elements: str) -> str:
    """Join elements (each with an ``id``) by flows, from a start event to an end event."""
    parts = ['<startEvent id="begin"/>', *elements, '<endEvent id="finish"/>']
    ids = [part.split('id="')[1].split('"')[0] for part in parts]
    flows = [
        f'<sequenceFlow id="f{index}" sourceRef="{source}" targetRef="{target}"/>'
        for index, (source, target) in enumerate(pairwise(ids))
    ]
    return "".join([*parts, *flows])


def user(key: str, rule: str, **settings: str) -> str:
    """Return a user task; ``settings`` are ``duban:`` attributes."""
    extra = "".join(f' duban:{name}="{text}"' for name, text in settings.items())
    return f'<userTask id="{key}" name="{key}" camunda:assignee="{rule}"{extra}/>'


class SomePeople:
    """People by number: the rule ``1|2`` or ``person(1)`` names them, ``nobody`` names none.

    50 leads everybody, 99 administers.

    ``deputies`` says who acts for whom, ``left`` who is gone.
    """

    def __init__(self) -> None:
        self.deputies: dict[int, int] = {}
        self.left: set[int] = set()

    def find(self, session: Session, rule: str, context: AssignmentContext) -> Sequence[int]:
        if rule == "nobody":
            return []
        parts = re.sub(r"person\((\d+)\)", r"\1", rule.replace("initiator", str(context.initiator_id or ""))).split("|")
        try:
            return [int(part) for part in parts if part]
        except ValueError as error:
            raise InvalidInput(f"unknown rule {rule}") from error

    def in_role(self, session: Session, name: str, context: AssignmentContext) -> Sequence[int]:
        return {"审核组": [4, 5], "reviewers": [6]}.get(name, [])

    def leader_of(self, session: Session, person_id: int, at: datetime) -> int | None:
        return LEADER

    def principals(self, session: Session, person_id: int, at: datetime, process_id: str | None) -> Sequence[int]:
        return [one for one, deputy in self.deputies.items() if deputy == person_id]

    def substitute(self, session: Session, person_id: int, at: datetime, process_id: str) -> int | None:
        return self.deputies.get(person_id, LEADER)

    def oversees(self, session: Session, person_id: int, at: datetime) -> Sequence[int]:
        return []

    def gone(self, session: Session, ids: Sequence[int]) -> Sequence[int]:
        return [one for one in ids if one in self.left]

    def names(self, session: Session, ids: Sequence[int]) -> Mapping[int, str]:
        return {one: f"P{one}" for one in ids if one < 1000}

    def is_administrator(self, session: Session, person_id: int) -> bool:
        return person_id == ADMIN


def make_engine(database: Database, clock: Clock, services: Mapping[str, ServiceKind] | None = None) -> Engine:
    """Return an engine with everything real but the people."""
    return Engine(db=database, clock=clock, people=SomePeople(), calendars=OneCalendar(), services=services or {})


def publish(engine: Engine, files: Mapping[str, bytes], main: str = "main") -> int:
    """Put a package version into the database, without the lint."""
    version = PackageVersion(
        id=new_id(), key=f"p{new_id()}", version=1, name="测试", digest="0", main_process=main,
        published_at=engine.clock.now(),
    )  # fmt: skip
    with engine.db.write() as session:
        session.add(version)
        session.flush()
        session.add_all(PackageFile(version_id=version.id, path=path, content=one) for path, one in files.items())
    return version.id


def begin(engine: Engine, body: str, variables: Mapping[str, Any] | None = None, **more: bytes | str) -> int:
    """Publish one process and start it as person 7; ``more`` are other processes' texts by id, or files' bytes."""
    processes = [process("main", body), *(text for text in more.values() if isinstance(text, str))]
    files = {"main.bpmn": diagram(*processes)}
    files |= {name.replace("__", "."): one for name, one in more.items() if isinstance(one, bytes)}
    version = publish(engine, files)
    return start_instance(
        engine, version_id=version, process_id="main", variables=dict(variables or {}), title="一件事", initiator_id=7
    )


def run(engine: Engine) -> int:
    """Do all the work that is due."""
    return drain(engine, budget_seconds=30)


def instance_of(engine: Engine, instance_id: int) -> Instance:
    """Return an instance's row as it is now."""
    with engine.db.read() as session:
        return session.get_one(Instance, instance_id)


def open_slots(engine: Engine, instance_id: int | None = None) -> dict[tuple[str, int | None], Slot]:
    """Return the slots that are ready, by element and owner."""
    query = select(Slot, Activation.element_id).join(Activation, Activation.id == Slot.activation_id)
    query = query.where(Slot.state == "ready", Activation.closed_at.is_(None))
    if instance_id is not None:
        query = query.where(Slot.instance_id == instance_id)
    with engine.db.read() as session:
        return {(element, slot.owner_id): slot for slot, element in session.execute(query)}


def incidents(engine: Engine) -> list[Incident]:
    """Return the open incidents."""
    with engine.db.read() as session:
        return list(session.scalars(select(Incident).where(Incident.status == "open")))
