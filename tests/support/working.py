"""An engine whose turns are a counter: the queue can be tested without any diagram."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine.clock import Clock
from engine.definitions.models import PackageVersion
from engine.instances.models import Instance
from engine.runtime import Engine
from engine.store import Database, new_id
from engine.work.models import Work
from engine.work.service import recompute_next_due, schedule


class NoPeople:
    """Nobody at all: the queue asks for no people and no calendars."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the queue asked for {name}")


@dataclass
class CountingBell:
    """A bell that counts."""

    rings: int = 0

    def ring(self) -> None:
        self.rings += 1


@dataclass
class Call:
    """An external call that runs a function."""

    action: Callable[[], Mapping[str, Any]]
    at_most_once: bool = False

    def run(self) -> Mapping[str, Any]:
        return self.action()


@dataclass
class RecordingPerformer:
    """Writes down what it is asked to do; ``failing`` kinds raise, ``calls`` are external by work id."""

    performed: list[tuple[int, str]] = field(default_factory=list)
    finished: list[tuple[int, Any]] = field(default_factory=list)
    failures: list[tuple[int, int, Exception]] = field(default_factory=list)
    failing: dict[str, list[Exception]] = field(default_factory=dict)
    calls: dict[int, Call] = field(default_factory=dict)
    follow: Callable[[Session, Instance, Work], None] | None = None

    def perform_work(self, engine: Engine, session: Session, instance: Instance, work: Work) -> None:
        errors = self.failing.get(work.kind)
        if errors:
            raise errors.pop(0)
        instance.variables = {"done": [*instance.variables.get("done", []), work.kind]}
        self.performed.append((instance.id, work.kind))
        if self.follow is not None:
            self.follow(session, instance, work)

    def may_go_together(self, engine: Engine, session: Session, instance: Instance, work: Work) -> bool:
        return False

    def perform_together(self, engine: Engine, session: Session, due: Sequence[tuple[Instance, Work]]) -> None:
        raise AssertionError("nothing here may go together")

    def prepare_external(self, engine: Engine, session: Session, instance: Instance, work: Work) -> Call | None:
        return self.calls.get(work.id)

    def finish_external(
        self, engine: Engine, session: Session, instance: Instance, work: Work, result: Mapping[str, Any] | Exception
    ) -> None:
        self.finished.append((work.id, result))

    def record_failure(self, engine: Engine, instance_id: int, work_id: int, error: Exception) -> None:
        self.failures.append((instance_id, work_id, error))
        with engine.db.write() as session:
            session.execute(delete(Work).where(Work.id == work_id))
            recompute_next_due(session, session.get_one(Instance, instance_id))


def make_engine(database: Database, clock: Clock) -> Engine:
    """Return an engine that can drain and nothing else."""
    nobody: Any = NoPeople()
    return Engine(db=database, clock=clock, people=nobody, calendars=nobody, services={}, bell=CountingBell())


def add_version(database: Database, at: datetime) -> int:
    """Add a package version for instances to refer to."""
    version = PackageVersion(
        id=new_id(), key=f"p{new_id()}", version=1, name="P", digest="0", main_process="p", published_at=at
    )
    with database.write() as session:
        session.add(version)
    return version.id


def add_instance(database: Database, version_id: int, at: datetime, works: Mapping[str, datetime]) -> int:
    """Add an instance with work: due time by kind. Returns its id."""
    number = new_id()
    instance = Instance(
        id=number, package_version_id=version_id, process_id="p", title="t", root_id=number,
        snapshot=b"", variables={}, created_at=at,
    )  # fmt: skip
    with database.write() as session:
        session.add(instance)
        session.flush()
        for kind, due in works.items():
            schedule(session, instance, kind=kind, due=due, payload={}, token=f"token-{kind}", at=at)
    return number
