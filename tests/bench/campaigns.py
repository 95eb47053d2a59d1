"""What is measured: one task through the whole turn, the same through HTTP, and a step in a wide campaign."""

import time
from collections.abc import Callable, Iterator
from itertools import count

from sqlalchemy import select

from engine.clock import SystemClock
from engine.definitions.publish import publish
from engine.instances.models import Instance
from engine.instances.start import start_instance
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.decisions import complete as complete_task
from engine.tasks.models import Slot, SlotState
from engine.testing.stage import OneCalendar
from engine.work.drain import drain
from tests.bench.diagrams import campaign_process, linear_process, package
from tests.support.databases import create_tables
from tests.support.people import OnePerson

LINEAR_TASKS = 20
CHILD_TASKS = 5


def engine_on(database: Database) -> Engine:
    """Make an engine with the benchmark's diagrams on an empty database."""
    create_tables(database)
    engine = Engine(db=database, clock=SystemClock(), people=OnePerson(), calendars=OneCalendar(), services={})
    for key, processes, main in (
        ("linear", linear_process("linear", LINEAR_TASKS), "linear"),
        ("campaign", campaign_process(CHILD_TASKS), "campaign"),
    ):
        publish(engine, package(key, processes, main), by=OnePerson.PERSON, note="benchmark")
    return engine


def next_slot(engine: Engine, instance_id: int) -> tuple[int, int] | None:
    """Return the open slot of an instance and the instance's version, or None when it is over."""
    with engine.db.read() as session:
        row = session.execute(
            select(Slot.id, Instance.version)
            .join(Instance, Instance.id == Slot.instance_id)
            .where(Slot.instance_id == instance_id, Slot.state == SlotState.READY)
        ).first()
    return None if row is None else (row[0], row[1])


def linear_slots(engine: Engine) -> Iterator[tuple[int, int]]:
    """Yield open slots for ever, starting a new instance when one is over."""
    for number in count():
        instance_id = start_instance(
            engine, package_key="linear", variables={}, title=f"linear {number}", initiator_id=OnePerson.PERSON
        )
        while (found := next_slot(engine, instance_id)) is not None:
            yield found


def complete(engine: Engine, slot_id: int, version: int) -> float:
    """Complete one task through the whole turn; tell the seconds it took."""
    begun = time.perf_counter()
    complete_task(engine, slot_id=slot_id, actor_id=OnePerson.PERSON, version=version, data={})
    return time.perf_counter() - begun


def turn_step(engine: Engine) -> Callable[[], float]:
    """Return a function that completes one task of the linear process."""
    slots = linear_slots(engine)
    return lambda: complete(engine, *next(slots))


def campaign_step(engine: Engine, units: int) -> Callable[[], float]:
    """Start a campaign over ``units`` units and return a function that completes one task in one of its units."""
    campaign = start_instance(
        engine,
        package_key="campaign",
        variables={"units": list(range(1, units + 1)), "initiator_id": OnePerson.PERSON},
        title=f"campaign of {units}",
        initiator_id=OnePerson.PERSON,
    )
    drain(engine, budget_seconds=600)
    with engine.db.read() as session:
        children = list(
            session.scalars(select(Instance.id).where(Instance.parent_id == campaign).order_by(Instance.id))
        )
    assert len(children) == units, f"{len(children)} of {units} units were started"
    # The last task of a unit is left open: it would end the instance, which is another kind of step.
    turns = (unit for _ in range(CHILD_TASKS - 1) for unit in children)

    def step() -> float:
        found = next_slot(engine, next(turns))
        assert found is not None
        return complete(engine, *found)

    return step
