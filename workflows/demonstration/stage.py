"""Acting as the invented people, through the same functions that the pages call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks
from engine.clock import Clock
from engine.errors import NotFound
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.tasks.models import Activation, Slot, SlotCandidate, SlotState
from engine.work.drain import drain
from engine.work.sweeper import next_due
from workflows.organisation.models import Person, Unit
from workflows.scenarios.files import make_file

MOST_STOPS = 1000
LONGEST_DRAIN_SECONDS = 120.0


class MovableClock(Clock, Protocol):
    """A clock that can be moved forward."""

    def advance_to(self, instant: datetime) -> None: ...


@dataclass
class Stage:
    """The engine with the people and units of the demonstration by their codes."""

    engine: Engine
    clock: MovableClock
    people: dict[str, int] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.engine.db.read() as session:
            self.people = {row.login: row.id for row in session.execute(select(Person.login, Person.id))}
            self.units = {row.code: row.id for row in session.execute(select(Unit.code, Unit.id))}

    def move_to(self, instant: datetime) -> None:
        """Move the clock, doing on the way what falls due."""
        for _ in range(MOST_STOPS):
            self.settle()
            due = next_due(self.engine)
            if due is None or due > instant:
                break
            if due > self.clock.now():
                self.clock.advance_to(due)
        if instant > self.clock.now():
            self.clock.advance_to(instant)
        self.settle()

    def settle(self) -> None:
        """Do all work that is due."""
        drain(self.engine, budget_seconds=LONGEST_DRAIN_SECONDS)

    def act(
        self,
        login: str,
        element: str,
        operation: str = "complete",
        *,
        unit: str | None = None,
        containing: str = "",
        data: Mapping[str, Any] | None = None,
        files: Mapping[str, str] | None = None,
        text: str = "",
        target: str = "",
    ) -> None:
        """Let somebody do one of their open tasks, found by element, unit and a part of the finding's text."""
        person_id = self.people[login]
        with self.engine.db.read() as session:
            slot, instance = self._slot(session, person_id, element, unit, containing)
        common: dict[str, Any] = {"slot_id": slot.id, "actor_id": person_id, "version": instance.version}
        if slot.owner_id is None:
            common["version"] = tasks.claim(self.engine, **common).version
        values = dict(data or {})
        for name, filename in (files or {}).items():
            content, _ = make_file(filename)
            attached = tasks.attach(
                self.engine, slot_id=slot.id, actor_id=person_id, field=name, filename=filename, content=content
            )
            values[name] = [str(attached.id)]
        match operation:
            case "agree":
                tasks.agree(self.engine, **common, opinion=text, data=values)
            case "reject":
                tasks.reject(self.engine, **common, opinion=text, data=values)
            case "return":
                tasks.return_task(self.engine, **common, target=target, reason=text, mode="direct")
            case _:
                tasks.complete(self.engine, **common, data=values, opinion=text)
        self.settle()

    def _slot(
        self, session: Session, person_id: int, element: str, unit: str | None, containing: str
    ) -> tuple[Slot, Instance]:
        candidates = select(SlotCandidate.slot_id).where(SlotCandidate.person_id == person_id)
        statement = (
            select(Slot, Instance)
            .join(Activation, Activation.id == Slot.activation_id)
            .join(Instance, Instance.id == Slot.instance_id)
            .where(Activation.element_id == element, Slot.state == SlotState.READY)
            .where((Slot.owner_id == person_id) | (Slot.owner_id.is_(None) & Slot.id.in_(candidates)))
            .order_by(Slot.opened_at, Slot.id)
        )
        if unit is not None:
            statement = statement.where(Instance.unit_id == self.units[unit])
        for slot, instance in session.execute(statement):
            if containing in str(instance.variables.get("finding_text", "")):
                return slot, instance
        raise NotFound(f"演示：{element}（{unit or '全院'}）没有待办")
