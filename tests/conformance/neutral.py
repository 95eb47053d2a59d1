"""The neutral driver: whatever is open gets done with plausible data, until an end event is reached."""

from collections import Counter
from pathlib import Path
from typing import Any

from engine.definitions.foreign import import_diagram
from engine.definitions.parse import parse_diagram
from engine.errors import DubanError
from engine.testing import Instance, OpenItem, Playground, RefusedDiagram
from tests.conformance.outcome import Case, Outcome
from tests.conformance.plausible import Plausible, plausible
from tests.conformance.reasons import incident, refusal

ATTEMPTS = 5
REPLACING = (3, 4)
"""Attempts in which scripts are replaced by plausible data: some need what only their own tool has."""

EVENTS_FIRST = (2, 4)
MOST_MOVES = 60
WORK = ("user task", "manual task", "service", "call", "decision")
ASIDE = ("boundaryEvent", "startEvent")


def try_case(path: Path, case: Case) -> Outcome:
    """Bring every executable process of a file to an end event."""
    content = path.read_bytes()
    try:
        process_ids, replacing = _deployable(content, case.file)
    except RefusedDiagram as error:
        return Outcome(case, passed=False, taken=False, counts=_claims_to_execute(content), **refusal(error))
    for process_id in process_ids:
        failure: dict[str, Any] = {}
        for seed in range(ATTEMPTS):
            attempt = _Attempt(content, case.file, replaces_scripts=replacing or seed in REPLACING)
            failure = attempt.run(process_id, seed)
            attempt.playground.close()
            if not failure:
                break
        if failure:
            return Outcome(case, passed=False, **failure)
    return Outcome(case, passed=True)


def _deployable(content: bytes, name: str) -> tuple[list[str], bool]:
    """Return the executable processes of a file, and whether scripts must be replaced for it to be accepted."""
    try:
        return _Attempt(content, name, replaces_scripts=False).process_ids, False
    except RefusedDiagram:
        return _Attempt(content, name, replaces_scripts=True).process_ids, True


def _claims_to_execute(content: bytes) -> bool:
    """Say whether a file counts as executable: it is XML with a process that is not marked as documentation."""
    from lxml import etree

    try:
        root = etree.fromstring(content)
    except etree.XMLSyntaxError:
        return False
    bpmn = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    return any(process.get("isExecutable") != "false" for process in root.iter(f"{{{bpmn}}}process"))


class _Attempt:
    """One playground with one choice of data."""

    def __init__(self, content: bytes, name: str, *, replaces_scripts: bool) -> None:
        self.playground = Playground(self._script if replaces_scripts else None, lambda *_: {})
        self.process_ids = self.playground.deploy(content)
        definition = parse_diagram(import_diagram(content, name, any_script=replaces_scripts).content, name)
        self.nodes = {node.id: node for process in definition.processes.values() for node in process.nodes.values()}
        self.data: Plausible = plausible(definition)
        self.scripts: Counter[str] = Counter()
        self.round = 0
        self.seed = 0

    def run(self, process_id: str, seed: int) -> dict[str, Any]:
        """Run a process; returns an empty dictionary, or reason and detail of what stopped it."""
        self.seed = seed
        done: Counter[str] = Counter()
        try:
            instance = self.playground.start(process_id, self._values())
            for _ in range(MOST_MOVES):
                family = _family(instance)
                for found in (found for one in family for found in one.incidents):
                    return incident(found)
                if instance.state not in ("running", "suspended"):
                    return self._judge(instance)
                item = self._next(family, done)
                if item is None:
                    return {"reason": "stuck: nothing is open", "detail": f"after {instance.trace[-5:]}"}
                done[item.element_id] += 1
                self.round = max(done.values()) - 1
                self._move(Instance(self.playground, item.instance_id), item)
        except DubanError as error:
            return {"reason": f"error: {error.code}: {type(error).__name__}", "detail": str(error)}
        except Exception as error:
            return {"reason": f"crash: {type(error).__name__}: {str(error)[:80]}", "detail": repr(error)[:400]}
        busiest = ", ".join(f"{name} ×{times}" for name, times in done.most_common(2))
        return {"reason": "no end: goes round for ever", "detail": busiest}

    def _judge(self, instance: Instance) -> dict[str, Any]:
        if any(self.nodes[one].type == "endEvent" or not self.nodes[one].outgoing for one in instance.trace):
            return {}
        return {"reason": f"{instance.state} without an end event", "detail": f"trace {instance.trace[-5:]}"}

    def _next(self, family: list[Instance], done: Counter[str]) -> OpenItem | None:
        """Choose work before events, events in the way before those at the side, and what was chosen least."""
        items = [item for instance in family for item in instance.open_items]
        return min(items, key=lambda item: self._prefers(item, done), default=None)

    def _rank(self, item: OpenItem) -> int:
        if item.kind in WORK:
            return 0
        aside = self.nodes[item.element_id].type in ASIDE
        return 3 if aside else 2 if item.kind == "timer" else 1

    def _prefers(self, item: OpenItem, done: Counter[str]) -> tuple[int, int]:
        """Rank an item; some attempts let every event at the side happen once before anything else."""
        aside = item.kind not in WORK and self.nodes[item.element_id].type in ASIDE
        first = self.seed in EVENTS_FIRST and aside and not done[item.element_id]
        return (-1 if first else self._rank(item), done[item.element_id])

    def _move(self, instance: Instance, item: OpenItem) -> None:
        if item.kind == "timer" and item.due is not None and item.due > self.playground.now:
            self.playground.advance(item.due - self.playground.now)
        elif item.kind in WORK:
            instance.complete(item, self._values())
        else:
            instance.trigger(item, self._values())

    def _values(self) -> dict[str, Any]:
        return self.data.choice(self.round, self.seed)

    def _script(self, element_id: str, *_: Any) -> dict[str, Any]:
        """Set plausible data instead, other data whenever the script comes again."""
        self.scripts[element_id] += 1
        return self.data.choice(self.scripts[element_id] - 1, self.seed)


def _family(instance: Instance) -> list[Instance]:
    """Return an instance with all that it called."""
    return [instance, *(one for child in instance.children for one in _family(child))]
