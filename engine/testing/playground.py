"""The playground: deploy diagrams, start processes, complete what is open, move the clock (docs/playground.md)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from weakref import finalize

from sqlalchemy import select

from engine.clock import FakeClock
from engine.definitions.errors import RefusedDiagram
from engine.definitions.model import LintFinding
from engine.definitions.packages import Package
from engine.definitions.publish import lint_package, publish
from engine.errors import DubanError, NotAllowed, NotFound
from engine.instances import models, start_instance
from engine.instances.models import OPEN_STATUSES
from engine.messages.broadcast import subscribed_instances
from engine.messages.keys import values_of
from engine.messages.search import keys_asked_for
from engine.messages.service import broadcast_signal, correlate_message
from engine.runtime import Engine
from engine.testing import observed
from engine.testing.databases import shelf
from engine.testing.deployment import Deployment
from engine.testing.hooks import Hook, call_hook
from engine.testing.instance import Instance
from engine.testing.moves import fail, finish
from engine.testing.observed import OpenItem
from engine.testing.stage import TESTER, build_engine
from engine.work.drain import drain
from engine.work.sweeper import next_due

STARTS_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""Monday 5 January 2026, 09:00 in Shanghai."""

MOST_STOPS = 2_000
"""Instants at which one :meth:`Playground.advance` stops; what repeats more often falls together at its end."""

MOST_ROUNDS = 200
"""Rounds of services in one :meth:`Playground.settle`: a loop of services that never waits ends there."""

DRAIN_SECONDS = 60.0
KEY = "playground"
DONE_BY_HAND = frozenset({
    "unknown-service", "no-service", "unknown-process", "no-called-process", "unknown-decision", "no-decision",
    "unknown-form", "foreign-code",
})  # fmt: skip
"""Findings that do not count here: what is not installed is an open item, listeners' code is left out."""

SCRIPT_FINDINGS = frozenset({"script-language", "no-script"})


class Playground:
    """The real engine on a database in memory with a clock that stands still; everything runs until nothing moves.

    Parameters
    ----------
    on_script
        Called with element id, format, text and variables before each script; variables that it returns are set
        instead of running the script, None runs it. With it, scripts in any language are accepted.
    on_service
        Called likewise for each service task (format is the service's name, text its expression); variables that it
        returns complete it, None leaves it open.
    starts_at
        Where the clock stands at first.
    """

    def __init__(
        self, on_script: Hook | None = None, on_service: Hook | None = None, *, starts_at: datetime = STARTS_AT
    ) -> None:
        self._clock = FakeClock(starts_at)
        self._on_script = on_script
        self._on_service = on_service
        self._deployment = Deployment(any_script=on_script is not None)
        self._offered: set[tuple[int, str]] = set()
        database = shelf.lend()
        self._give_back = finalize(self, shelf.take_back, database)
        self._engine = build_engine(database, self._clock, on_script)

    @property
    def engine(self) -> Engine:
        """The engine itself, for what the playground has no word for."""
        if not self._give_back.alive:
            raise NotAllowed("这个试验场已经关闭 / This playground is closed")
        return self._engine

    @property
    def now(self) -> datetime:
        """Where the clock stands, in UTC."""
        return self._clock.now()

    @property
    def instances(self) -> list[Instance]:
        """Every instance, children too, oldest first."""
        with self.engine.db.read() as session:
            return [Instance(self, one) for one in session.scalars(select(models.Instance.id).order_by("id"))]

    def close(self) -> None:
        """Give back the database at once; else that happens when nothing refers to the playground any more."""
        self._give_back()

    def deploy(self, *files: bytes | str | Path) -> list[str]:
        """Deploy diagrams, decisions and forms (bytes or paths); other tools' diagrams are translated first.

        A process that was deployed before is replaced for instances to come. Returns the ids of the executable
        processes, in the order of the files.

        Raises
        ------
        RefusedDiagram
            Something would not be executed as drawn; ``findings`` say where and why. Nothing was deployed.
        """
        deployment = self._deployment.copy()
        executable = [process for file in files for process in deployment.add(file)]
        package = Package(KEY, deployment.files)
        if deployment.processes:
            publish(self.engine, package, excuse=self._is_done_by_hand)
        elif findings := lint_package(package):
            raise RefusedDiagram(findings[0].message, findings)
        self._deployment = deployment
        return executable

    def start(self, process_id: str, variables: Mapping[str, Any] | None = None) -> Instance:
        """Start a process and run it until nothing moves.

        It begins at the start event without trigger; a process without one begins as if its first start event had
        happened. Raises :class:`engine.errors.NotFound` for a process that is not deployed.
        """
        if process_id not in self._deployment.processes:
            raise NotFound(f"没有部署流程“{process_id}” / The process {process_id} is not deployed")
        identifier = start_instance(
            self.engine, package_key=KEY, process_id=process_id, variables=variables or {}, title=process_id,
            initiator_id=TESTER,
        )  # fmt: skip
        self.settle()
        return Instance(self, identifier)

    def message(
        self, name: str, payload: Mapping[str, Any] | None = None, correlation: Mapping[str, Any] | None = None
    ) -> list[Instance]:
        """Deliver a message to the one instance that waits for it, or start the process that begins with it.

        ``correlation`` says which one is meant (:func:`engine.messages.service.correlate_message`); when it is not
        given, a single wait gets the message whatever its correlation key. When nobody waits yet, the message waits.
        Returns the instance that it reached or started. Raises :class:`engine.messages.service.AmbiguousMessage` where
        several wait; then nobody got it.
        """
        if correlation is None:
            correlation = self._key_of_the_only_wait(name)
        delivered = correlate_message(self.engine, name=name, payload=payload, correlation=correlation)
        self.settle()
        return [Instance(self, one) for one in (*delivered.instances, *delivered.started)]

    def _key_of_the_only_wait(self, name: str) -> dict[str, str] | None:
        with self.engine.db.read() as session:
            asked = keys_asked_for(session, name)
        key = next(iter(asked))[1] if len(asked) == 1 else None
        return None if key is None else values_of(key)

    def signal(self, name: str, payload: Mapping[str, Any] | None = None) -> list[Instance]:
        """Broadcast a signal: everything that waits for it goes on, and processes that begin with it start.

        Returns the instances that it reached, then those that it started.
        """
        before = self._roots()
        with self.engine.db.read() as session:
            reached = subscribed_instances(session, name)
        broadcast_signal(self.engine, name, payload)
        self.settle()
        return [Instance(self, one) for one in [*reached, *(one for one in self._roots() if one not in before)]]

    def advance(self, by: timedelta) -> None:
        """Move the clock, stopping at everything that falls due on the way."""
        until = self.now + by
        for _ in range(MOST_STOPS):
            due = next_due(self.engine)
            if due is None or due > until:
                break
            self._clock.advance_to(max(due, self.now))
            self.settle()
        self._clock.advance_to(until)
        self.settle()

    def settle(self) -> None:
        """Run everything until nothing moves; what the playground does by itself after every step."""
        for _ in range(MOST_ROUNDS):
            drain(self.engine, budget_seconds=DRAIN_SECONDS)
            if self._on_service is None or not self._serve(self._on_service):
                return

    def _is_done_by_hand(self, finding: LintFinding) -> bool:
        if finding.rule in DONE_BY_HAND:
            return True
        of_script = finding.rule in SCRIPT_FINDINGS or finding.message.startswith("脚本“")
        return of_script and self._on_script is not None

    def _roots(self) -> list[int]:
        """Return the ids of the instances that nothing called, oldest first."""
        with self.engine.db.read() as session:
            query = select(models.Instance.id).where(models.Instance.parent_id.is_(None))
            return list(session.scalars(query.order_by(models.Instance.id)))

    def _open_items(self) -> list[OpenItem]:
        with self.engine.db.read() as session:
            query = select(models.Instance).where(models.Instance.status.in_(OPEN_STATUSES))
            rows = session.scalars(query.order_by(models.Instance.id))
            return [item for row in rows for item in observed.open_items(self.engine, session, row)]

    def _serve(self, hook: Hook) -> bool:
        """Offer every service that waits to the hook, once; False when nothing came of it."""
        served = False
        waiting = {(item.instance_id, item.token): item for item in self._open_items() if item.kind == "service"}
        new = waiting.keys() - self._offered
        # One that failed and is tried again is offered again.
        self._offered = set(waiting)
        for item in (waiting[key] for key in waiting if key in new):
            with self.engine.db.read() as session:
                asked = observed.service_call(self.engine, session, item, self.now)
            try:
                answer = call_hook(hook, item.element_id, *asked)
            except DubanError as error:
                fail(self.engine, item, error)
                served = True
                continue
            if answer is not None:
                finish(self.engine, item, answer)
                served = True
        return served
