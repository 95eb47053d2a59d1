"""A campaign of a compiled plan among invented people, launched on the real engine."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from engine import tasks
from engine.calendars import SHANGHAI
from engine.clock import FakeClock, SystemClock
from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Activation, Slot, SlotState
from engine.work.drain import drain
from tests.support.api import Caller
from workflows.access.service import Scope, issue_token
from workflows.application import assemble
from workflows.campaigns.launch import launch
from workflows.campaigns.models import Campaign
from workflows.plans.compiler.compile import compile_plan
from workflows.scenarios.people import invent, with_usual
from workflows.scenarios.schemas import PeopleSchema

MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


@dataclass
class Launched:
    """A launched campaign; ``logins`` and ``units`` are the ids of its people and units."""

    engine: Engine
    clock: FakeClock
    logins: Mapping[str, int]
    units: Mapping[str, int]
    campaign: Campaign

    @property
    def address(self) -> str:
        """The campaign in the API."""
        return f"/campaign/{self.campaign.id}"

    def go_to(self, day: str) -> None:
        """Move the clock to a local day and time, and let everything that is due happen."""
        self.clock.advance_to(datetime.fromisoformat(day).replace(tzinfo=SHANGHAI))
        self.settle()

    def settle(self) -> None:
        """Let everything that is due happen."""
        drain(self.engine, budget_seconds=60)

    def do(self, element: str, unit: str | None, data: Mapping[str, Any] | None = None) -> None:
        """Complete (or agree to) the open task of an element in a unit."""
        with self.engine.db.read() as session:
            query = (
                select(Slot.id, Slot.owner_id, Instance.version, Activation.kind)
                .join(Activation, Activation.id == Slot.activation_id)
                .join(Instance, Instance.id == Slot.instance_id)
                .where(Activation.element_id == element, Slot.state == SlotState.READY)
            )
            if unit is not None:
                query = query.where(Instance.unit_id == self.units[unit])
            slot_id, owner, version, kind = session.execute(query).one()
        common = {"slot_id": slot_id, "actor_id": owner, "version": version}
        if kind == "approval":
            tasks.agree(self.engine, **common, opinion="", data={})
        else:
            tasks.complete(self.engine, **common, data=data or {}, opinion="")
        self.settle()

    def open(self, element: str) -> int:
        """Count the open activations of an element."""
        with self.engine.db.read() as session:
            query = select(Activation.id).where(Activation.element_id == element, Activation.closed_at.is_(None))
            return len(session.scalars(query).all())

    def due(self, element: str) -> set[str]:
        """Return the local days on which an element's tasks are due."""
        with self.engine.db.read() as session:
            rows = session.scalars(select(Activation).where(Activation.element_id == element))
            return {f"{row.due.astimezone(SHANGHAI):%m-%d}" for row in rows if row.due}

    def caller(self, app: Flask, login: str, scopes: Collection[str] = tuple(Scope)) -> Caller:
        """Return a program of a person."""
        return Caller(app, token_of(self.engine, self.logins[login], scopes))


def token_of(engine: Engine, person_id: int, scopes: Collection[str] = tuple(Scope)) -> str:
    """Return the text of a new token of a person."""
    with engine.db.write() as session:
        _, text = issue_token(session, person_id=person_id, name="program", scopes=scopes, at=SystemClock().now())
    return text


def launched(
    database: Database, plan: str, units: Sequence[Mapping[str, Any]], *, at: datetime = MONDAY, **parameters: Any
) -> Launched:
    """Publish a plan and launch it as ``organiser``; ``leader`` heads the leading group, ``stranger`` is nobody."""
    clock = FakeClock(at)
    engine = assemble(database, clock=clock)
    with database.write() as session:
        logins, codes = invent(session, with_usual(PeopleSchema().load({"units": list(units)})))
    publish(engine, Package("trial", {"plan.yaml": plan.encode(), **compile_plan(plan.encode(), "trial")}))
    given = {"year": at.year, **parameters}
    campaign = launch(engine, package_key="trial", parameters=given, initiator_id=logins["organiser"])
    drain(engine, budget_seconds=60)
    return Launched(engine, clock, logins, codes, campaign)
