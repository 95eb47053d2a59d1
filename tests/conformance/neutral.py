"""The neutral driver: whatever is open gets done with plausible data, until an end event is reached."""

from collections import Counter
from collections.abc import Mapping
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
MOST_MOVES = 120
OWN_LANGUAGES = ("feel", "javascript", "ecmascript", "js")
WORK = ("user task", "manual task", "service", "call", "decision")
ASIDE = ("boundaryEvent", "startEvent")


def try_case(path: Path, case: Case) -> Outcome:
    """Bring every executable process of a file to an end event."""
    content = path.read_bytes()
    try:
        deployed = _Attempt(content, case.file)
    except RefusedDiagram as error:
        return Outcome(case, passed=False, taken=False, counts=_claims_to_execute(content), **refusal(error))
    for process_id in deployed.process_ids:
        failure: dict[str, Any] = {}
        for seed in range(ATTEMPTS):
            attempt = _Attempt(content, case.file)
            failure = attempt.run(process_id, seed)
            attempt.playground.close()
            if not failure:
                break
        if failure:
            return Outcome(case, passed=False, **failure)
    deployed.playground.close()
    return Outcome(case, passed=True)


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

    def __init__(self, content: bytes, name: str) -> None:
        self.playground = Playground(on_script=self._script, on_service=lambda *_: {})
        self.process_ids = self.playground.deploy(content)
        definition = parse_diagram(import_diagram(content, name, any_script=True).content, name)
        self.nodes = {node.id: node for process in definition.processes.values() for node in process.nodes.values()}
        self.data: Plausible = plausible(definition)
        self.round = 0
        self.seed = 0

    def run(self, process_id: str, seed: int) -> dict[str, Any]:
        """Run a process; returns an empty dictionary, or reason and detail of what stopped it."""
        self.seed = seed
        done: Counter[str] = Counter()
        try:
            instance = self.playground.start(process_id, self._values())
            for _ in range(MOST_MOVES):
                if found := self._incidents():
                    return incident(found)
                if instance.state not in ("running", "suspended"):
                    return self._judge(instance)
                item = self._next(done)
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

    def _incidents(self) -> Any:
        return next((found for instance in self.playground.instances for found in instance.incidents), None)

    def _next(self, done: Counter[str]) -> OpenItem | None:
        """Choose work before events, events in the way before those at the side, and what was chosen least."""
        items = [item for instance in self.playground.instances for item in instance.open_items]
        return min(items, key=lambda item: (self._rank(item), done[item.element_id]), default=None)

    def _rank(self, item: OpenItem) -> int:
        if item.kind in WORK:
            return 0
        aside = self.nodes[item.element_id].type in ASIDE
        return 3 if aside else 2 if item.kind == "timer" else 1

    def _move(self, instance: Instance, item: OpenItem) -> None:
        if item.kind == "timer" and item.due is not None and item.due > self.playground.now:
            self.playground.advance(item.due - self.playground.now)
        elif item.kind in WORK:
            instance.complete(item, self._values())
        else:
            instance.trigger(item, self._values())

    def _values(self) -> dict[str, Any]:
        return self.data.choice(self.round, self.seed)

    def _script(self, element_id: str, language: str, text: str, variables: Mapping[str, Any]) -> Any:
        """Run what the engine runs; a script in another language sets plausible data."""
        own = language.lower().rpartition("/")[2] in OWN_LANGUAGES
        return None if own else self._values()
