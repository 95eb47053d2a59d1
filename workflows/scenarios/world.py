"""The world that a scenario plays in: the real engine on an in-memory database with a clock that obeys."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar, resolve_due
from engine.clock import FakeClock
from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.errors import DubanError
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Activation, Slot, SlotCandidate, SlotState
from engine.testing.databases import Shelf
from engine.wording import listed, say
from engine.work.drain import drain
from engine.work.sweeper import next_due
from workflows.application import assemble
from workflows.campaigns.models import Campaign
from workflows.organisation.models import Unit
from workflows.scenarios.errors import ScenarioError
from workflows.scenarios.people import invent, with_usual

CALENDAR = WorkingCalendar()
MAX_STOPS = 20_000

_shelf = Shelf("engine", "workflows")


def local(instant: datetime | None) -> str | None:
    """Return local date and minute, as scenarios write them."""
    return None if instant is None else instant.astimezone(CALENDAR.timezone).strftime("%Y-%m-%d %H:%M")


def instant_of(text: str) -> datetime:
    """Read a date and time; local where it names no zone."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError as error:
        raise ScenarioError(say("“{text}”不是日期时间，应写成 2026-09-05 09:00", text=text)) from error
    return value if value.tzinfo else value.replace(tzinfo=CALENDAR.timezone)


@dataclass(frozen=True, slots=True)
class Ticket:
    """An open task of somebody as the scenario sees it."""

    slot: Slot
    activation: Activation
    instance: Instance
    people: tuple[int, ...]


@dataclass
class World:
    """Engine, clock, and the names of people and units."""

    engine: Engine
    clock: FakeClock
    package: Package
    logins: dict[str, int]
    units: dict[str, int]
    kinds: dict[int, str]
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    budget_seconds: float = 300.0
    """How long one :meth:`settle` may work."""

    def close(self) -> None:
        """Give the database back; nothing of the world is left."""
        _shelf.take_back(self.engine.db)

    def person(self, login: str) -> int:
        """Return a person's id."""
        if login not in self.logins:
            raise ScenarioError(
                say("没有“{login}”这个人；有：{logins}", login=login, logins=listed(sorted(self.logins)))
            )
        return self.logins[login]

    def login(self, person_id: int | None) -> str | None:
        """Return a person's login."""
        return next((login for login, one in self.logins.items() if one == person_id), None)

    def unit(self, code: str) -> int:
        """Return a unit's id."""
        if code not in self.units:
            raise ScenarioError(say("没有单位“{code}”；有：{units}", code=code, units=listed(self.units)))
        return self.units[code]

    def campaign_id(self) -> int | None:
        """Return the campaign that was launched last."""
        with self.engine.db.read() as session:
            return session.scalar(select(Campaign.id).order_by(Campaign.id.desc()).limit(1))

    def unit_code(self, unit_id: int | None) -> str:
        """Return a unit's code, empty for none."""
        return next((code for code, one in self.units.items() if one == unit_id), "")

    def unit_ids(self, selection: Mapping[str, Sequence[str]]) -> list[int] | None:
        """Return the units that a selection names, None for all."""
        if not selection:
            return None
        for code in [*selection.get("code", ()), *selection.get("except", ())]:
            if code not in self.units:
                raise ScenarioError(say("没有单位“{code}”；有：{units}", code=code, units=listed(self.units)))
        return [
            unit_id
            for code, unit_id in self.units.items()
            if ("code" not in selection or code in selection["code"])
            and ("kind" not in selection or self.kinds[unit_id] in selection["kind"])
            and code not in selection.get("except", ())
        ]

    def move_to(self, instant: datetime) -> None:
        """Move the clock, stopping at everything that falls due on the way."""
        if instant < self.clock.now():
            raise ScenarioError(say("时间不能倒退：现在是 {local}", local=local(self.clock.now())))
        for _ in range(MAX_STOPS):
            self.settle()
            due = next_due(self.engine)
            if due is None or due > instant:
                break
            if due <= self.clock.now():
                raise ScenarioError(say("有到期的工作一直做不完"))
            self.clock.advance_to(due)
        self.clock.advance_to(instant)
        self.settle()

    def after(self, text: str) -> datetime:
        """Return the instant so much (working) time from now."""
        return resolve_due(text, self.clock.now(), CALENDAR)

    def settle(self) -> None:
        """Do all work that is due."""
        drain(self.engine, budget_seconds=self.budget_seconds)

    def tickets(
        self,
        session: Session,
        *,
        task: str,
        units: Mapping[str, Sequence[str]],
        who: Collection[str] = (),
        where: Mapping[str, Any] | None = None,
    ) -> list[Ticket]:
        """Return the open tasks of an element, ordered by unit and age."""
        self._known(task)
        statement = (
            select(Slot, Activation, Instance)
            .join(Activation, Activation.id == Slot.activation_id)
            .join(Instance, Instance.id == Slot.instance_id)
            .where(Activation.element_id == task, Slot.state == SlotState.READY)
        )
        wanted = self.unit_ids(units)
        if wanted is not None:
            statement = statement.where(Instance.unit_id.in_(wanted))
        people = {self.person(login) for login in who}
        found = []
        for slot, activation, instance in session.execute(
            statement.order_by(Instance.unit_id, Slot.opened_at, Slot.position, Slot.id)
        ):
            may = self._people_of(session, slot)
            if people and not people & set(may):
                continue
            if all(str(instance.variables.get(name)) == str(value) for name, value in (where or {}).items()):
                found.append(Ticket(slot, activation, instance, may))
        return found

    def open_elements(self, session: Session) -> list[str]:
        """Return the elements that have open tasks, in the order of their ids."""
        query = select(Activation.element_id).join(Slot, Slot.activation_id == Activation.id)
        ready = query.where(Slot.state == SlotState.READY).distinct()
        return sorted(session.scalars(ready))

    def _known(self, element: str) -> None:
        if not any(element in process.nodes for _, process in self.package.processes.values()):
            raise ScenarioError(say("流程包里没有节点“{element}”", element=element))

    @staticmethod
    def _people_of(session: Session, slot: Slot) -> tuple[int, ...]:
        if slot.owner_id is not None:
            return (slot.owner_id,)
        candidates = select(SlotCandidate.person_id).where(SlotCandidate.slot_id == slot.id)
        return tuple(session.scalars(candidates.order_by(SlotCandidate.person_id)))


def build_world(
    package: Package, *, starts_at: str, people: Mapping[str, Any], answered: Collection[str] = ()
) -> World:
    """Make a database in memory, invent the people and publish the package.

    Nothing gets out: services that call another system, and those in ``answered``, wait for the scenario's answer.
    """
    clock = FakeClock(instant_of(starts_at))
    database = _shelf.lend()
    try:
        return _furnished(database, clock, package, people, answered)
    except DubanError:
        _shelf.take_back(database)
        raise


def _furnished(
    database: Database, clock: FakeClock, package: Package, people: Mapping[str, Any], answered: Collection[str]
) -> World:
    engine = assemble(database, clock=clock)
    asked = {*answered, *(name for name, kind in engine.services.items() if kind.external)}
    engine.by_hand = frozenset(f"service:{name}" for name in asked)
    engine.services = {name: kind for name, kind in engine.services.items() if name not in asked}
    engine.outside = {}
    with database.write() as session:
        logins, units = invent(session, with_usual(people))
        kinds = {row.id: row.kind for row in session.execute(select(Unit.id, Unit.kind))}
    publish(engine, package, excuse=lambda finding: finding.rule == "unknown-service" and bool(asked))
    return World(engine, clock, package, logins, units, kinds)
