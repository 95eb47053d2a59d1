"""Two states of a package compared: what was added, removed, changed or moved, element by element, in words."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lxml import etree

from engine.definitions.forms import Form
from engine.definitions.model import Definition, Flow, Node, Process
from engine.definitions.packages import Package
from engine.errors import DubanError
from engine.expressions.boxed import Table
from engine.expressions.dmn import Drawing, read_dmn
from workflows.designer.texts import is_text

MOST_CHANGES = 2000
MOVED_BY = 1.0
"""Distance on the drawing from which on an element counts as moved."""

_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``kind`` is added, removed, changed or moved; ``what`` names the property that changed.

    ``element`` is empty for a whole file. ``name`` and ``type`` are those of the element.
    """

    path: str
    kind: str
    element: str = ""
    name: str = ""
    type: str = ""
    what: str = ""
    before: Any = None
    after: Any = None


def compare(key: str, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[Change]:
    """Return the differences between two states of a package, file by file."""
    found: list[Change] = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old == new:
            continue
        if old is None or new is None:
            found.append(Change(path, "added" if old is None else "removed", type="file"))
        else:
            found += _of_file(key, path, old, new)
    return found[:MOST_CHANGES]


def _of_file(key: str, path: str, old: bytes, new: bytes) -> list[Change]:
    by_suffix = {".bpmn": _diagrams, ".form": _forms, ".dmn": _decisions}
    compared = by_suffix.get(PurePosixPath(path).suffix)
    try:
        found = list(compared(key, path, old, new)) if compared else []
    except DubanError:
        found = []
    return found or [_plain(path, old, new)]


def _plain(path: str, old: bytes, new: bytes) -> Change:
    """Say that a file changed; of a text also which lines."""
    if not is_text(path):
        return Change(path, "changed", type="file", what="content", before=len(old), after=len(new))
    lines = difflib.unified_diff(
        old.decode("utf-8", "replace").splitlines(), new.decode("utf-8", "replace").splitlines(), lineterm="", n=0
    )
    changed = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    gone, come = ("\n".join(one[1:] for one in changed if one[0] == sign)[:2000] for sign in "-+")
    return Change(path, "changed", type="file", what="lines", before=gone, after=come)


def _diagrams(key: str, path: str, old: bytes, new: bytes) -> Iterator[Change]:
    before, after = (Package(key, {path: one}).diagrams[path] for one in (old, new))
    for process_id in sorted({*before.processes, *after.processes}):
        was, now = before.processes.get(process_id), after.processes.get(process_id)
        if was is None or now is None:
            one = was or now
            assert one is not None
            yield Change(path, "added" if was is None else "removed", process_id, one.name or "", "process")
        else:
            yield from _process(path, was, now)
    yield from _moved(path, before, after)


def _process(path: str, was: Process, now: Process) -> Iterator[Change]:
    own = {"name": was.name, "executable": was.executable, "documentation": was.documentation, **was.attributes}
    mine = {"name": now.name, "executable": now.executable, "documentation": now.documentation, **now.attributes}
    yield from _properties(path, was.id, now.name or was.name or "", "process", own, mine)
    for node_id in [*was.nodes, *(one for one in now.nodes if one not in was.nodes)]:
        old, new = was.nodes.get(node_id), now.nodes.get(node_id)
        if old is None or new is None:
            one = old or new
            assert one is not None
            yield Change(path, "added" if old is None else "removed", node_id, one.name or "", one.type)
        else:
            yield from _properties(path, node_id, new.name or "", new.type, _of_node(old), _of_node(new))
    for flow_id in [*was.flows, *(one for one in now.flows if one not in was.flows)]:
        before, after = was.flows.get(flow_id), now.flows.get(flow_id)
        if before is None or after is None:
            flow = before or after
            assert flow is not None
            name = flow.name or _ends(was if after is None else now, flow)
            yield Change(path, "added" if before is None else "removed", flow_id, name, "sequenceFlow")
        else:
            name = after.name or _ends(now, after)
            yield from _properties(path, flow_id, name, "sequenceFlow", _of_flow(before), _of_flow(after))


def _properties(  # noqa: PLR0917
    path: str, element: str, name: str, kind: str, was: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[Change]:
    for what in [*was, *(one for one in now if one not in was)]:
        if was.get(what) != now.get(what):
            yield Change(path, "changed", element, name, kind, what, was.get(what), now.get(what))


def _of_node(node: Node) -> dict[str, Any]:
    events = [f"{one.kind} {' '.join(map(str, one.details.values()))}".strip() for one in node.events]
    loop = node.multi and ("sequential " if node.multi.sequential else "parallel ") + (node.multi.collection or "")
    return {
        "name": node.name,
        "type": node.type,
        **node.attributes,
        **{one: text for one, text in node.properties.items() if one not in node.attributes},
        **{f"input {one}": text for one, text in node.inputs.items()},
        **{f"output {one}": text for one, text in node.outputs.items()},
        "event": "; ".join(events) or None,
        "loop": loop,
        "lane": node.lane,
    }


def _of_flow(flow: Flow) -> dict[str, Any]:
    return {"name": flow.name, "source": flow.source, "target": flow.target, "condition": flow.condition}


def _ends(process: Process, flow: Flow) -> str:
    """Call a flow without a name after what it joins."""
    nodes = (process.nodes.get(one) for one in (flow.source, flow.target))
    return " → ".join((node.name or node.id) if node else "?" for node in nodes)


def _moved(path: str, before: Definition, after: Definition) -> Iterator[Change]:
    was, now = _places(before.source), _places(after.source)
    nodes = {one: node for process in after.processes.values() for one, node in process.nodes.items()}
    for element, place in now.items():
        old = was.get(element)
        if old is None or element not in nodes:
            continue
        if any(abs(a - b) > MOVED_BY for a, b in zip(old, place, strict=True)):
            node = nodes[element]
            yield Change(path, "moved", element, node.name or "", node.type)


def _places(source: bytes) -> dict[str, tuple[float, float]]:
    root = etree.fromstring(source, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    found: dict[str, tuple[float, float]] = {}
    for shape in root.iter(f"{_DI}BPMNShape"):
        bounds = shape.find(f"{_DC}Bounds")
        if bounds is not None:
            try:
                found[shape.get("bpmnElement", "")] = (float(bounds.get("x", 0)), float(bounds.get("y", 0)))
            except ValueError:
                continue
    return found


def _forms(key: str, path: str, old: bytes, new: bytes) -> Iterator[Change]:
    before, after = ({field.key: field for field in Form.parse(one).fields} for one in (old, new))
    for field in [*before, *(one for one in after if one not in before)]:
        was, now = before.get(field), after.get(field)
        if was is None or now is None:
            one = was or now
            assert one is not None
            yield Change(path, "added" if was is None else "removed", field, one.label, one.type)
        else:
            hidden = ("id", "layout", "components")
            own, mine = ({k: v for k, v in one.component.items() if k not in hidden} for one in (was, now))
            yield from _properties(path, field, now.label, now.type, own, mine)


def _decisions(key: str, path: str, old: bytes, new: bytes) -> Iterator[Change]:
    before, after = read_dmn(old), read_dmn(new)
    for decision in [*before.decisions, *(one for one in after.decisions if one not in before.decisions)]:
        was, now = before.decisions.get(decision), after.decisions.get(decision)
        if was is None or now is None:
            one = was or now
            assert one is not None
            yield Change(path, "added" if was is None else "removed", decision, one.name, "decision")
        else:
            rules = (_of_decision(before, decision), _of_decision(after, decision))
            yield from _properties(path, decision, now.name, "decision", *rules)


def _of_decision(drawing: Drawing, decision: str) -> dict[str, Any]:
    one = drawing.decisions[decision]
    if not isinstance(one.logic, Table):
        return {"name": one.name, "logic": str(one.logic)}
    rows = {
        f"rule {number}": " , ".join(rule.tests) + " → " + " , ".join(rule.results)
        for number, rule in enumerate(one.logic.rules, start=1)
    }
    columns = " , ".join([*(i.expression for i in one.logic.inputs), *(o.name for o in one.logic.outputs)])
    return {
        "name": one.name,
        "hit policy": f"{one.logic.policy} {one.logic.aggregation}".strip(),
        "columns": columns,
    } | rows
