"""Sequence flows: their conditions, and the beginnings and ends of a level (BPMN 2.0.2, 8.4.13 and 10.5)."""

from typing import Any

from engine.definitions.elements import local_name
from engine.definitions.lint.standard.document import child, flag, parts
from engine.definitions.lint.standard.events import kind_of
from engine.definitions.lint.standard.reporter import Reporter
from engine.definitions.lint.standard.schema import ACTIVITY_TAGS, FLOW_NODE_TAGS

_LEVELS = ("process", "subProcess", "transaction")


def check_flows(lint: Reporter) -> None:
    """Check every sequence flow, and every level of a process that flows lie in."""
    for flow in lint.document.of("sequenceFlow"):
        if flow.get("isImmediate") is not None and not flag(flow, "isImmediate"):
            lint.report("not-immediate", flow)
        if child(flow, "conditionExpression") is not None:
            _check_condition(lint, flow)
    for level in lint.document.of(*_LEVELS):
        _check_level(lint, level)


def _check_condition(lint: Reporter, flow: Any) -> None:
    source = lint.document.resolve(flow.get("sourceRef") or "")
    if source is None:
        return
    tag = local_name(source)
    if source.get("default") is not None and source.get("default") == flow.get("id"):
        lint.report("default-condition", flow)
    elif tag == "startEvent":
        lint.report("condition-after-start", flow)
    elif tag in ACTIVITY_TAGS and len(lint.document.outgoing[source.get("id")]) == 1:
        lint.report("lonely-condition", flow)


def _check_level(lint: Reporter, level: Any) -> None:
    nodes = [node for node in level if isinstance(node.tag, str) and local_name(node) in FLOW_NODE_TAGS]
    starts, ends = parts(level, "startEvent"), parts(level, "endEvent")
    if starts and not ends:
        lint.report("start-without-end", level)
    if ends and not starts:
        lint.report("end-without-start", level)
    for node in nodes if ends else ():
        if not lint.document.outgoing.get(node.get("id") or "") and not _may_be_last(lint, node):
            lint.report("leads-nowhere", node)


def _may_be_last(lint: Reporter, node: Any) -> bool:
    if flag(node, "isForCompensation") or flag(node, "triggeredByEvent"):
        return True
    kinds = {kind_of(definition) for definition in lint.document.definitions_of(node)}
    return local_name(node) == "endEvent" or bool(kinds & {"link", "compensate"})
