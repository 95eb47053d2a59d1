"""Wanted paths drawn inside the models (``testCase`` extension elements): each is walked, node by node."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from engine.definitions.foreign import import_diagram
from engine.definitions.model import Node
from engine.definitions.parse import parse_diagram
from engine.errors import DubanError
from engine.testing import Instance, OpenItem, Playground, RefusedDiagram
from engine.testing.playground import STARTS_AT
from engine.work.sweeper import next_due
from tests.conformance.outcome import Case, Outcome
from tests.conformance.plausible import OTHER, plausible
from tests.conformance.reasons import incident, refusal

ATTEMPTS = 13
"""The last of them fulfils no comparison of texts, so that default flows are taken too."""

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Where the clock stands when a process is to start by itself: before the dates that are drawn."""

MOST_MOVES = 60
WORK = ("user task", "manual task", "service", "call", "decision")


def wanted_paths(content: bytes) -> list[list[str]]:
    """Return the sound paths of a model: at least two nodes, all of them drawn (some models are broken on purpose)."""
    try:
        root = etree.fromstring(content)
    except etree.XMLSyntaxError:
        return []
    drawn = {element.get("id") for element in root.iter() if isinstance(element.tag, str)}
    paths = [[(node.text or "").strip() for node in test.iter("{*}node")] for test in root.iter("{*}testCase")]
    return [path for path in paths if len(path) > 1 and drawn.issuperset(path)]


def try_case(path: Path, case: Case) -> Outcome:
    """Walk one wanted path."""
    content = path.read_bytes()
    wanted = wanted_paths(content)[case.number - 1]
    failure: dict[str, Any] = {}
    for seed in range(ATTEMPTS):
        try:
            walk = _Walk(content, case.file, wanted, seed)
        except RefusedDiagram as error:
            return Outcome(case, passed=False, taken=False, **refusal(error))
        failure = walk.run()
        walk.playground.close()
        if not failure:
            return Outcome(case, passed=True)
    return Outcome(case, passed=False, **failure)


class _Walk:
    """One playground that is driven along a path."""

    def __init__(self, content: bytes, name: str, wanted: list[str], seed: int) -> None:
        self.wanted = wanted
        definition = parse_diagram(import_diagram(content, name, any_script=True).content, name)
        self.processes = definition.processes
        self.nodes = {node.id: node for process in self.processes.values() for node in process.nodes.values()}
        starts_at = LONG_AGO if self._starts_by("timer") else STARTS_AT
        self.playground = Playground(on_script=lambda *_: {}, starts_at=starts_at)
        self.playground.deploy(content)
        self.values = plausible(definition).choice(0, seed)
        if seed == ATTEMPTS - 1:
            self.values = {name: OTHER if isinstance(value, str) else value for name, value in self.values.items()}

    def run(self) -> dict[str, Any]:
        """Walk; returns an empty dictionary, or reason and detail of what stopped it."""
        try:
            instance = self._start()
            for _ in range(MOST_MOVES):
                if self._arrived(instance):
                    return {}
                if instance.incidents:
                    return incident(instance.incidents[0])
                item = self._next(instance)
                if item is None:
                    break
                self._move(instance, item)
        except DubanError as error:
            return {"reason": f"error: {error.code}: {type(error).__name__}", "detail": str(error)}
        return {"reason": "another path", "detail": f"{instance.entered} instead of {self.wanted}"}

    def _start(self) -> Instance:
        first = self.nodes[self.wanted[0]]
        process = next(one for one in self.processes.values() if first.id in one.nodes)
        if self._starts_by("message"):
            return self.playground.message(first.events[0].details["name"], self.values)[0]
        if self._starts_by("signal"):
            return self.playground.signal(first.events[0].details["name"], self.values)[0]
        if self._starts_by("timer"):
            return self._started_by_clock()
        return self.playground.start(process.id, self.values)

    def _starts_by(self, kind: str) -> bool:
        first = self.nodes[self.wanted[0]]
        return first.type == "startEvent" and bool(first.events) and first.events[0].kind == kind

    def _started_by_clock(self) -> Instance:
        due = next_due(self.playground.engine)
        assert due is not None
        self.playground.advance(due - self.playground.now)
        instance = self.playground.instances[0]
        if instance.state == "running":
            instance.set_variables(self.values)
        return instance

    def _arrived(self, instance: Instance) -> bool:
        return self._walked(instance) == len(self.wanted)

    def _walked(self, instance: Instance) -> int:
        """Count the wanted nodes that were entered in their order; what comes first may have been passed before."""
        entered = iter(instance.entered)
        count = 0
        for node_id in self.wanted:
            if node_id not in entered:
                break
            count += 1
        return count

    def _next(self, instance: Instance) -> OpenItem | None:
        """Choose the item that is wanted next, else one that a wanted event may be raised in, else what is open."""
        items = instance.open_items
        walked = self._walked(instance)
        at = self.wanted[walked - 1] if walked else ""
        then = self.wanted[walked]
        for wanted in (then, at):
            for item in items:
                if item.element_id == wanted:
                    return item
        inside = [item for item in items if item.kind in WORK]
        return next(iter(inside or items), None)

    def _move(self, instance: Instance, item: OpenItem) -> None:
        then = self.nodes[self.wanted[self._walked(instance)]]
        raised = _raised(then, item)
        if raised == "error":
            instance.fail(item, then.events[0].details.get("code", "any"))
        elif raised == "escalation":
            instance.escalate(item, then.events[0].details.get("code", "any"))
        elif item.kind in WORK:
            instance.complete(item, self.values)
        else:
            instance.trigger(item, self.values)


def _raised(then: Node, item: OpenItem) -> str:
    """Say what the open item has to raise for the wanted boundary event: an error, an escalation, or nothing."""
    attached = then.type == "boundaryEvent" and then.attributes.get("attachedToRef") == item.element_id
    return then.events[0].kind if attached and item.kind in WORK and then.events else ""
