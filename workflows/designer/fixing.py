"""What would mend a finding, where that is plain: changes that the editor makes, so that they can be undone."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Any

from engine.definitions.model import Definition, Flow, LintFinding, Node
from engine.definitions.packages import Package
from engine.errors import DubanError
from engine.expressions import evaluator

_FIELD = re.compile(r"字段“(\w+)”")
_BRACES = re.compile(r"[$#]\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to mend a finding: ``label`` is Chinese " / " English, ``changes`` those of docs/designer-api.md."""

    label: str
    changes: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a finding stands."""

    finding: LintFinding
    definition: Definition
    package: Package

    @property
    def node(self) -> Node | None:
        found = self.finding.element_id or ""
        return next((one.nodes[found] for one in self.definition.processes.values() if found in one.nodes), None)

    @property
    def flows(self) -> Mapping[str, Flow]:
        return {flow.id: flow for one in self.definition.processes.values() for flow in one.flows.values()}

    @property
    def leaving(self) -> list[Flow]:
        """The sequence flows that leave the element."""
        node, flows = self.node, self.flows
        return [flows[one] for one in node.outgoing] if node else []


def fixes_of(finding: LintFinding, definition: Definition | None, package: Package) -> Iterator[Fix]:
    """Return what would mend a finding, the likeliest first."""
    find = _FIXES.get(finding.rule)
    if find is not None and definition is not None:
        yield from find(_Place(finding, definition, package))


def _change(op: str, element: str | None, **more: Any) -> Mapping[str, Any]:
    return {"op": op, "element": element, **more}


def _set(element: str | None, name: str, value: Any) -> Mapping[str, Any]:
    return _change("set", element, property=name, value=value)


def _said(flow: Flow) -> str:
    return flow.name or flow.id


def _default(place: _Place) -> Iterator[Fix]:
    """The branch without a condition becomes the default; where all have one, the last that was drawn."""
    flows = place.leaving
    for flow in [one for one in flows if one.condition is None] or flows[-1:]:
        changes = [_set(place.finding.element_id, "default", flow.id)]
        if flow.condition is not None:
            changes.append(_change("condition", flow.id, value=None))
        yield Fix(f"以“{_said(flow)}”为默认流向 / Make “{_said(flow)}” the default flow", tuple(changes))


def _useless_condition(place: _Place) -> Iterator[Fix]:
    changes = [_change("condition", flow.id, value=None) for flow in place.leaving if flow.condition is not None]
    yield Fix("去掉条件 / Take the conditions away", tuple(changes))


def _executable(place: _Place) -> Iterator[Fix]:
    yield Fix("设为可执行 / Make it executable", (_set(place.finding.element_id, "isExecutable", True),))


def _remove(place: _Place) -> Iterator[Fix]:
    yield Fix("删除它 / Remove it", (_change("remove", place.finding.element_id),))


def _remove_flow(place: _Place) -> Iterator[Fix]:
    """Flows that lead nowhere, found by their line: the finding itself stands at the process."""
    nodes = {node for process in place.definition.processes.values() for node in process.nodes}
    for flow in place.flows.values():
        if flow.line == place.finding.line and not {flow.source, flow.target} <= nodes:
            yield Fix(f"删除连线“{_said(flow)}” / Remove the flow {_said(flow)}", (_change("remove", flow.id),))


def _no_default(place: _Place) -> Iterator[Fix]:
    yield Fix("取消默认流向 / Take the default flow away", (_set(place.finding.element_id, "default", None),))


def _feel(place: _Place) -> Iterator[Fix]:
    """A condition in braces is often FEEL already."""
    for flow in place.leaving:
        inside = _BRACES.fullmatch((flow.condition or "").strip())
        if inside is None or flow.line != place.finding.line or evaluator().check(inside[1]) is not None:
            continue
        text = inside[1].strip()
        yield Fix(f"改写为 {text} / Write {text}", (_change("condition", flow.id, value=text),))


def _unconditional(place: _Place) -> Iterator[Fix]:
    """The default flow is taken when no condition holds: its own is never asked."""
    default = place.node.attributes.get("default") if place.node else place.finding.element_id
    for flow in place.flows.values():
        if flow.id in (default, place.finding.element_id) and flow.condition is not None:
            yield Fix("去掉默认流向的条件 / Take its condition away", (_change("condition", flow.id, value=None),))


def _keep(place: _Place) -> Iterator[Fix]:
    """The step keeps the field that a condition asks for."""
    name = _FIELD.search(place.finding.message)
    if name is None or place.node is None:
        return
    kept = place.node.attributes.get("duban:variables", "").strip()
    value = f"{kept}, {name[1]}" if kept else name[1]
    yield Fix(f"存为变量：{name[1]} / Keep {name[1]} as a variable", (_set(place.node.id, "duban:variables", value),))


def _similar(*attributes: str, known: Callable[[Package], list[str]]) -> Callable[[_Place], Iterator[Fix]]:
    """Take a name that exists for one that does not: the most similar ones."""

    def fixes(place: _Place) -> Iterator[Fix]:
        node = place.node
        for attribute in attributes:
            plain = attribute.partition(":")[2]
            written = (node.attributes.get(attribute) or node.properties.get(plain)) if node else None
            if not written:
                continue
            names = known(place.package)
            for name in get_close_matches(written, names, n=3, cutoff=0.4) or (names if len(names) == 1 else []):
                yield Fix(f"改为“{name}” / Take {name}", (_set(place.finding.element_id, attribute, name),))

    return fixes


def _forms(package: Package) -> list[str]:
    return [PurePosixPath(path).stem for path in package.files if path.endswith(".form")]


def _decisions(package: Package) -> list[str]:
    try:
        return list(package.decisions)
    except DubanError:
        return []


def _processes(package: Package) -> list[str]:
    try:
        return [one for one, (_, process) in package.processes.items() if process.executable]
    except DubanError:
        return []


_FIXES: Mapping[str, Callable[[_Place], Iterator[Fix]]] = {
    "no-condition": _default,
    "no-default": _default,
    "unmarked-default": _default,
    "dangling-default": _no_default,
    "default-condition": _unconditional,
    "useless-condition": _useless_condition,
    "not-executable": _executable,
    "dangling-flow": _remove_flow,
    "pointless-gateway": _remove,
    "no-incoming": _remove,
    "foreign-expression": _feel,
    "field-not-kept": _keep,
    "unknown-form": _similar("duban:form", "camunda:formKey", known=_forms),
    "unknown-decision": _similar("camunda:decisionRef", known=_decisions),
    "unknown-process": _similar("calledElement", known=_processes),
}
