"""One instance inside one turn: what the handlers of effects need to know."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.datastores.turn import StoreEnvironment
from engine.definitions.model import Definition, Node, Process
from engine.definitions.packages import LoadedPackage
from engine.instances.models import Instance
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import Effect, Environment, Stimulus, Variables
from engine.ports import AssignmentContext

if TYPE_CHECKING:
    from engine.instances.fanout import UnitsAgain
    from engine.runtime import Engine
    from engine.tasks.models import Activation
    from engine.tasks.reopening import Reopening


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
    calendar: WorkingCalendar
    environment: Environment
    variables: Variables
    queue: deque[Stimulus] = field(default_factory=deque)
    effects: list[Effect] = field(default_factory=list)
    cancelled: dict[str, str] = field(default_factory=dict)
    reopening: "Reopening | None" = None
    units_again: "UnitsAgain | None" = None
    cause: "Activation | None" = None

    @property
    def engine(self) -> "Engine":
        return self.writer.engine

    @property
    def session(self) -> Session:
        return self.writer.session

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

    def follow(self, stimulus: Stimulus) -> None:
        """Apply one more stimulus in this turn."""
        self.queue.append(stimulus)


def load_run(writer: TurnWriter, instance: Instance) -> Run:
    """Put together what moving an instance needs; parsed packages come from the process's cache."""
    engine, session = writer.engine, writer.session
    package = engine.packages.get(session, instance.package_version_id)
    definition, process = package.process(instance.process_id)
    calendar = engine.calendars.of_unit(session, instance.unit_id)
    environment = engine.packages.environment(package, calendar, at=writer.at)
    if definition.read_stores or definition.written_stores:
        writer.stores.lock(definition.written_stores)
        environment = StoreEnvironment(environment, writer.stores)
    variables = dict(instance.variables)
    return Run(writer, instance, package, definition, process, calendar, environment, variables)
