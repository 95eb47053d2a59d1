"""One instance inside one turn: what the handlers of effects need to know."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.datastores.turn import StoreEnvironment
from engine.definitions.model import Definition, Node, Process
from engine.definitions.packages import FindCalendar, LoadedPackage
from engine.instances.models import Instance
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import (
    Effect,
    Environment,
    Stimulus,
    Variables,
    WaitFailed,
    WaitFinished,
    WaitOpened,
)
from engine.interpreter.multi import MAX_ITEMS
from engine.ports import AssignmentContext

if TYPE_CHECKING:
    from engine.instances.fanout import UnitsAgain
    from engine.runtime import Engine
    from engine.tasks.models import Activation
    from engine.tasks.reopening import Reopening


MOST_PASSES = 200
"""Times that an element that nobody waits at may be passed in one turn, outside of multi-instance items."""


@dataclass(slots=True)
class Run:
    """An instance that is being moved. ``variables`` are the newest; ``queue`` holds stimuli still to be applied.

    ``reopening`` says with whom a node is opened again that was left before (直送, 取回); ``cause`` is the activation
    whose decision moves the instance in this turn; ``units_again`` the units of a fan-out that are returned to.
    """

    writer: TurnWriter
    instance: Instance
    package: LoadedPackage
    definition: Definition
    process: Process
    find_calendar: FindCalendar
    environment: Environment
    variables: Variables
    queue: deque[Stimulus] = field(default_factory=deque)
    effects: list[Effect] = field(default_factory=list)
    cancelled: dict[str, str] = field(default_factory=dict)
    reopening: "Reopening | None" = None
    units_again: "UnitsAgain | None" = None
    cause: "Activation | None" = None
    passed: Counter[str] = field(default_factory=Counter)

    @property
    def engine(self) -> "Engine":
        return self.writer.engine

    @property
    def session(self) -> Session:
        return self.writer.session

    @property
    def calendar(self) -> WorkingCalendar:
        """The working calendar of the instance's unit; the database is asked when it is first needed."""
        return self.find_calendar()

    @property
    def at(self) -> datetime:
        return self.writer.at

    def node(self, element_id: str) -> Node:
        """Return the diagram's node."""
        return self.process.nodes[element_id]

    def assignment(self, scope: Mapping[str, Any] | None = None) -> AssignmentContext:
        """Return what an assignment rule may refer to."""
        return AssignmentContext(
            at=self.at,
            instance_id=self.instance.id,
            root_id=self.instance.root_id,
            unit_id=self.instance.unit_id,
            initiator_id=self.instance.initiator_id,
            variables={**self.variables, **(scope or {})},
        )

    def pass_by(self, wait: "WaitOpened | Activation", stimulus: Stimulus) -> None:
        """Follow what ends a wait at once, unless its element is passed again and again in this turn."""
        self.passed[wait.element_id] += 1
        limit = MAX_ITEMS if "loopCounter" in wait.scope else MOST_PASSES
        if self.passed[wait.element_id] > limit and isinstance(stimulus, WaitFinished):
            message = "反复经过而不等待，可能是死循环 / Passed again and again: probably an endless loop"
            stimulus = WaitFailed(at=self.at, token=wait.token, code="runaway", message=message, technical=True)
        self.follow(stimulus)

    def follow(self, stimulus: Stimulus) -> None:
        """Apply one more stimulus in this turn."""
        self.queue.append(stimulus)


def load_run(writer: TurnWriter, instance: Instance) -> Run:
    """Put together what moving an instance needs; parsed packages come from the process's cache."""
    engine, session = writer.engine, writer.session
    package = engine.packages.get(session, instance.package_version_id)
    definition, process = package.process(instance.process_id)
    find_calendar = cache(partial(engine.calendars.of_unit, session, instance.unit_id))
    environment = engine.packages.environment(package, find_calendar, at=writer.at)
    if definition.read_stores or definition.written_stores:
        writer.stores.lock(definition.written_stores)
        environment = StoreEnvironment(environment, writer.stores)
    variables = dict(instance.variables)
    return Run(writer, instance, package, definition, process, find_calendar, environment, variables)
