"""The playground: deploy diagrams, start processes, complete what is open, move the clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from engine.clock import FakeClock
from engine.definitions.foreign import import_diagram
from engine.definitions.model import LintFinding
from engine.definitions.models import PackageVersion
from engine.definitions.packages import Package
from engine.definitions.parse import parse_diagram
from engine.definitions.publish import publish
from engine.errors import DubanError, NotFound
from engine.instances import models, start_instance
from engine.instances.models import OPEN_STATUSES
from engine.interpreter.contract import MessageArrived, SignalArrived, Stimulus, VariablesSet
from engine.testing import observed
from engine.testing.hooks import BpmnError, Hook, call_hook
from engine.testing.moves import escalate, fail, finish, move
from engine.testing.observed import Incident, OpenItem
from engine.testing.stage import TESTER, build_engine
from engine.work.drain import drain
from engine.work.sweeper import next_due

STARTS_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""Monday 5 January 2026, 09:00 in Shanghai."""

MOST_STOPS = 2_000
MOST_ROUNDS = 200
DRAIN_SECONDS = 60.0
KEY = "playground"
_BY_HAND = frozenset({
    "unknown-service", "no-service", "unknown-process", "no-called-process", "unknown-decision", "no-decision",
    "unknown-form",
})  # fmt: skip


class Playground:
    """The real engine on an in-memory database with a clock that stands still; everything runs until nothing moves.

    Parameters
    ----------
    on_script
        Called with element id, format, text and variables before each script; variables that it returns are set
        instead of running the script, None runs it.
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
        self._engine = build_engine(self._clock, on_script)
        self._files: dict[str, bytes] = {}
        self._processes: dict[str, str] = {}
        self._offered: set[tuple[int, str]] = set()

    @property
    def now(self) -> datetime:
        """Where the clock stands."""
        return self._clock.now()

    @property
    def instances(self) -> "list[Instance]":
        """Every instance, children too, oldest first."""
        with self._engine.db.read() as session:
            ids = list(session.scalars(select(models.Instance.id).order_by(models.Instance.id)))
        return [Instance(self, one) for one in ids]

    def close(self) -> None:
        """Give back the database."""
        self._engine.db.close()

    def deploy(self, *files: bytes | str | Path) -> list[str]:
        """Deploy diagrams, decisions and forms (bytes or paths); other tools' diagrams are translated first.

        A process that was deployed before is replaced for instances to come. Returns the ids of the executable
        processes, in the order of the files.

        Raises
        ------
        RefusedDiagram
            Something would not be executed as drawn; ``findings`` say where and why. Nothing was deployed.
        """
        before = dict(self._files), dict(self._processes)
        try:
            executable = [process for file in files for process in self._take(file)]
            if self._processes:
                publish(self._engine, Package(KEY, dict(self._files)), excuse=self._excused)
        except DubanError:
            self._files, self._processes = before
            raise
        return executable

    def start(self, process_id: str, variables: Mapping[str, Any] | None = None) -> "Instance":
        """Start a process and run it until nothing moves."""
        return self._start(process_id, variables or {}, None)

    def message(
        self, name: str, payload: Mapping[str, Any] | None = None, correlation: Mapping[str, Any] | None = None
    ) -> "list[Instance]":
        """Deliver a message to the instance that has waited longest, or start the processes that it starts.

        Of several that wait, ``correlation`` names the one: by the values of its variables. Returns the instances
        that it reached.
        """
        for item in self._waiting(("message", "receive"), name):
            if self._correlates(item, correlation or {}):
                arrived = MessageArrived(at=self.now, name=name, payload=dict(payload or {}), token=item.token)
                self._apply(item.instance_id, arrived)
                return [Instance(self, item.instance_id)]
        return self._start_by("message", name, {**(correlation or {}), **(payload or {})})

    def signal(self, name: str, payload: Mapping[str, Any] | None = None) -> "list[Instance]":
        """Broadcast a signal: everything that waits for it goes on, and processes that it starts begin."""
        reached = list(dict.fromkeys(item.instance_id for item in self._waiting(("signal",), name)))
        for instance_id in reached:
            if Instance(self, instance_id).state in OPEN_STATUSES:
                self._apply(instance_id, SignalArrived(at=self.now, name=name, payload=dict(payload or {})))
        return [Instance(self, one) for one in reached] + self._start_by("signal", name, dict(payload or {}))

    def advance(self, by: timedelta) -> None:
        """Move the clock, stopping at everything that falls due on the way."""
        until = self.now + by
        for _ in range(MOST_STOPS):
            due = next_due(self._engine)
            if due is None or due > until:
                break
            self._clock.advance_to(max(due, self.now))
            self.settle()
        self._clock.advance_to(until)
        self.settle()

    def settle(self) -> None:
        """Run everything until nothing moves."""
        for _ in range(MOST_ROUNDS):
            drain(self._engine, budget_seconds=DRAIN_SECONDS)
            if self._on_service is None or not self._serve(self._on_service):
                return

    # Deploying

    def _take(self, file: bytes | str | Path) -> list[str]:
        """Take one file; of a diagram return its executable processes."""
        content = file if isinstance(file, bytes) else Path(file).read_bytes()
        name = f"file-{sha256(content).hexdigest()[:12]}" if isinstance(file, bytes) else Path(file).stem
        suffix = _suffix(content, "" if isinstance(file, bytes) else Path(file).suffix)
        if suffix != ".bpmn":
            self._files[f"{name}{suffix}"] = content
            return []
        translated = import_diagram(content, name, any_script=self._on_script is not None)
        processes = parse_diagram(translated.content, name).processes
        for process_id in processes:
            self._files.pop(self._processes.get(process_id, ""), None)
        path = f"{name}{suffix}" if f"{name}{suffix}" not in self._files else f"{name}-{len(self._files)}{suffix}"
        self._files[path] = translated.content
        self._processes |= dict.fromkeys(processes, path)
        return [process.id for process in processes.values() if process.executable]

    def _excused(self, finding: LintFinding) -> bool:
        """Say whether a finding does not count here: services and calls that are not installed are done by hand."""
        if finding.rule in _BY_HAND:
            return True
        scripts = finding.rule in ("script-language", "no-script") or finding.message.startswith("脚本“")
        return scripts and self._on_script is not None

    # Running

    def _start(self, process_id: str, variables: Mapping[str, Any], start_event: str | None) -> "Instance":
        if process_id not in self._processes:
            raise NotFound(f"没有部署流程“{process_id}” / The process {process_id} is not deployed")
        identifier = start_instance(
            self._engine, package_key=KEY, process_id=process_id, variables=variables, title=process_id,
            initiator_id=TESTER, start_event=start_event,
        )  # fmt: skip
        self.settle()
        return Instance(self, identifier)

    def _start_by(self, kind: str, name: str, variables: Mapping[str, Any]) -> "list[Instance]":
        """Start the processes whose start event waits for this message or signal."""
        if not self._processes:
            return []
        with self._engine.db.read() as session:
            package = self._engine.packages.get(session, self._engine.packages.live(session, KEY).id)
        starts = [
            (process.id, node.id)
            for _, process in package.processes.values()
            if process.executable
            for node in process.nodes.values()
            if node.type == "startEvent" and node.parent == process.id
            and any(event.kind == kind and event.details.get("name") == name for event in node.events)
        ]  # fmt: skip
        return [self._start(process_id, variables, node_id) for process_id, node_id in starts]

    def _waiting(self, kinds: tuple[str, ...], name: str) -> list[OpenItem]:
        with self._engine.db.read() as session:
            query = select(models.Instance).where(models.Instance.status.in_(OPEN_STATUSES))
            rows = session.scalars(query.order_by(models.Instance.id))
            items = [item for row in rows for item in observed.open_items(self._engine, session, row)]
        return [item for item in items if item.kind in kinds and item.name == name]

    def _correlates(self, item: OpenItem, correlation: Mapping[str, Any]) -> bool:
        seen = {**Instance(self, item.instance_id).variables, **item.scope}
        return all(seen.get(key) == value for key, value in correlation.items())

    def _apply(self, instance_id: int, stimulus: Stimulus) -> None:
        move(self._engine, instance_id, [stimulus])
        self.settle()

    def _serve(self, hook: Hook) -> bool:
        """Offer every service that waits to the hook, once; False when nothing came of it."""
        with self._engine.db.read() as session:
            query = select(models.Instance).where(models.Instance.status.in_(OPEN_STATUSES))
            waiting = [
                (item, dict(row.variables), *observed.service_of(self._engine, session, row, item))
                for row in session.scalars(query.order_by(models.Instance.id))
                for item in observed.open_items(self._engine, session, row)
                if item.kind == "service" and (item.instance_id, item.token) not in self._offered
            ]
        served = False
        for item, variables, name, text in waiting:
            self._offered.add((item.instance_id, item.token))
            try:
                answer = call_hook(hook, item.element_id, name, text, {**variables, **item.scope})
            except DubanError as error:
                served = fail(self._engine, item, error) or served
                continue
            if answer is not None:
                served = finish(self._engine, item, answer) or served
        return served


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance, read anew whenever it is asked; equal when it is the same one."""

    playground: Playground
    id: int

    def __repr__(self) -> str:
        return f"<{self.process_id} {self.id} {self.state}>"

    @property
    def process_id(self) -> str:
        """The process that it runs."""
        return self._row().process_id

    @property
    def state(self) -> str:
        """``running``, ``suspended``, ``completed``, or ``terminated`` (a terminate end event, an uncaught error)."""
        return str(self._row().status)

    @property
    def variables(self) -> dict[str, Any]:
        """The variables as they are now."""
        return dict(self._row().variables)

    @property
    def open_items(self) -> list[OpenItem]:
        """What it waits for, oldest first."""
        with self._engine.db.read() as session:
            return observed.open_items(self._engine, session, session.get_one(models.Instance, self.id))

    @property
    def trace(self) -> list[str]:
        """The ids of the elements that were completed, in their order."""
        return self._passed("leave")

    @property
    def entered(self) -> list[str]:
        """The ids of the elements that were entered, in their order."""
        return self._passed("enter")

    @property
    def incidents(self) -> list[Incident]:
        """What failed and waits for a person."""
        with self._engine.db.read() as session:
            return observed.incidents(session, self.id)

    @property
    def uncaught(self) -> list[str]:
        """The codes of errors and escalations that nothing caught."""
        with self._engine.db.read() as session:
            return observed.uncaught(session, self.id)

    @property
    def children(self) -> "list[Instance]":
        """The instances that its call activities started, oldest first."""
        with self._engine.db.read() as session:
            query = select(models.Instance.id).where(models.Instance.parent_id == self.id)
            return [Instance(self.playground, one) for one in session.scalars(query.order_by(models.Instance.id))]

    def complete(self, item: OpenItem | str, variables: Mapping[str, Any] | None = None) -> None:
        """Complete an open item (or the first of an element, by id) with the variables that it sets."""
        finish(self._engine, self._item(item), variables or {})
        self.playground.settle()

    def trigger(self, item: OpenItem | str, payload: Mapping[str, Any] | None = None) -> None:
        """Let exactly this timer or subscription happen, whatever the clock says."""
        finish(self._engine, self._item(item), payload or {})
        self.playground.settle()

    def fail(self, item: OpenItem | str, code: str, message: str = "") -> None:
        """End an open item with a BPMN error, which an error boundary event catches."""
        fail(self._engine, self._item(item), BpmnError(code, message))
        self.playground.settle()

    def escalate(self, item: OpenItem | str, code: str, payload: Mapping[str, Any] | None = None) -> None:
        """Raise an escalation where an open item stands; it stays open unless an interrupting event catches it."""
        escalate(self._engine, self._item(item), code, payload or {})
        self.playground.settle()

    def set_variables(self, values: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Set variables from outside the diagram."""
        stimulus = VariablesSet(at=self.playground.now, values={**(values or {}), **more})
        move(self._engine, self.id, [stimulus])
        self.playground.settle()

    @property
    def _engine(self) -> Any:
        return self.playground._engine

    def _row(self) -> models.Instance:
        with self._engine.db.read() as session:
            row: models.Instance = session.get_one(models.Instance, self.id)
        return row

    def _passed(self, operation: str) -> list[str]:
        with self._engine.db.read() as session:
            return observed.passed(session, self.id, operation)

    def _item(self, item: OpenItem | str) -> OpenItem:
        if isinstance(item, OpenItem):
            return item
        for one in self.open_items:
            if one.element_id == item:
                return one
        raise NotFound(f"“{item}”没有打开 / {item} is not open")


def _suffix(content: bytes, suffix: str) -> str:
    """Tell diagrams, decisions and forms apart by what they are, whatever they are called."""
    head = content[:4000]
    if suffix in (".dmn", ".form"):
        return suffix
    if b"/DMN/" in head or b"spec/DMN" in head:
        return ".dmn"
    return ".form" if content.lstrip()[:1] == b"{" else ".bpmn"


def live_version(playground: Playground) -> int:
    """Return the id of the newest deployment, for the operations that want one (migration)."""
    with playground._engine.db.read() as session:
        row: PackageVersion = playground._engine.packages.live(session, KEY)
    return row.id
