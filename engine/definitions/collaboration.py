"""Reads who talks to whom: pools, message flows, and the standard's correlation (BPMN 2.0.2, 9 and 8.4.2)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.definitions.elements import RootElements, children, text_of
from engine.definitions.model import (
    Collaboration,
    CorrelatedValue,
    EventDefinition,
    MessageFlow,
    Node,
    Participant,
    Process,
)
from engine.definitions.vocabulary import BPMN

SENDING = frozenset({"sendTask", "intermediateThrowEvent", "endEvent"})
RECEIVING = frozenset({"receiveTask", "startEvent", "intermediateCatchEvent", "boundaryEvent"})
_TASKS = frozenset({"sendTask", "receiveTask"})


def read_collaboration(root: Any, roots: RootElements) -> Collaboration:
    """Return the pools and the message flows of a document."""
    participants = {
        element.get("id") or "": Participant(
            id=element.get("id") or "",
            name=element.get("name"),
            process_id=(element.get("processRef") or "").rpartition(":")[2] or None,
            line=element.sourceline or 0,
        )
        for element in root.iterfind(f"{{{BPMN}}}collaboration/{{{BPMN}}}participant")
    }
    flows = tuple(
        MessageFlow(
            id=element.get("id") or "",
            name=element.get("name"),
            source=_reference(element, "sourceRef"),
            target=_reference(element, "targetRef"),
            message=_message_name(element, roots),
            line=element.sourceline or 0,
        )
        for element in root.iterfind(f"{{{BPMN}}}collaboration/{{{BPMN}}}messageFlow")
    )
    return Collaboration(participants, flows)


def with_messages_of_flows(processes: Mapping[str, Process], collaboration: Collaboration) -> dict[str, Process]:
    """Give the message of a message flow to those of its ends that name none of their own."""
    nodes = {node.id: node for process in processes.values() for node in process.nodes.values()}
    named: dict[str, Node] = {}
    for flow in collaboration.flows:
        ends = [nodes[end] for end in (flow.source, flow.target) if end in nodes]
        own = [name for end in ends if (name := message_name(end)) is not None]
        name = next(iter(own), None) or flow.message or flow.name or flow.id
        named |= {end.id: _named(end, name) for end in ends if _lacks_message(end)}
    return {
        key: replace(process, nodes={one: named.get(one, node) for one, node in process.nodes.items()})
        for key, process in processes.items()
    }


def with_own_messages(processes: Mapping[str, Process]) -> dict[str, Process]:
    """Let an element that names no message speak of one with its own name, or id; the detail ``implied`` says so."""
    return {
        key: replace(process, nodes={node.id: _with_own_message(node) for node in process.nodes.values()})
        for key, process in processes.items()
    }


def _with_own_message(node: Node) -> Node:
    if not _lacks_message(node) or "duban:service" in node.attributes:
        return node
    return _named(node, node.name or node.id, implied="true")


def message_name(node: Node) -> str | None:
    """Return the name of the message that an element sends or receives."""
    return next((e.details["name"] for e in node.events if e.kind == "message" and "name" in e.details), None)


def correlations(root: Any, element: Any, roots: RootElements) -> dict[str, tuple[tuple[CorrelatedValue, ...], ...]]:
    """Return by message name the keys that a process correlates it by, each with its values.

    A key counts for a message when each of its properties says how to find its value in that message. A correlation
    subscription of the process says where its own values come from.
    """
    properties = {one.get("id"): one for one in children(root, "correlationProperty")}
    bindings = dict(_bindings(element))
    found: dict[str, list[tuple[CorrelatedValue, ...]]] = {}
    for key in root.iter(f"{{{BPMN}}}correlationKey"):
        members = [(one.text or "").strip().rpartition(":")[2] for one in children(key, "correlationPropertyRef")]
        paths = {member: _message_paths(properties.get(member), roots) for member in members}
        for name in sorted(set.intersection(*(set(one) for one in paths.values())) if paths else ()):
            values = (CorrelatedValue(member, paths[member][name], bindings.get(member)) for member in members)
            found.setdefault(name, []).append(tuple(values))
    return {name: tuple(keys) for name, keys in found.items()}


def _bindings(process: Any) -> Iterator[tuple[str, str]]:
    for subscription in children(process, "correlationSubscription"):
        for binding in children(subscription, "correlationPropertyBinding"):
            path = text_of(binding, "dataPath")
            if path:
                yield _reference(binding, "correlationPropertyRef"), path


def _message_paths(element: Any, roots: RootElements) -> dict[str, str]:
    """Return by message name the expression that finds a property in the message."""
    if element is None:
        return {}
    paths = {}
    for expression in children(element, "correlationPropertyRetrievalExpression"):
        name, path = _message_name(expression, roots), text_of(expression, "messagePath")
        if name and path:
            paths[name] = path
    return paths


def _message_name(element: Any, roots: RootElements) -> str | None:
    reference = element.get("messageRef")
    message = roots.find(reference, "message") if reference else None
    return None if message is None else message.get("name") or message.get("id")


def _reference(element: Any, name: str) -> str:
    return (element.get(name) or "").rpartition(":")[2]


def _lacks_message(node: Node) -> bool:
    if node.type in _TASKS:
        return not node.events
    return any(_is_nameless(event) for event in node.events)


def _is_nameless(event: EventDefinition) -> bool:
    return event.kind == "message" and not event.details.keys() & {"name", "missing"}


def _named(node: Node, name: str, **more: str) -> Node:
    if node.type in _TASKS:
        return replace(node, events=(EventDefinition("message", {"name": name, **more}),))
    events = (
        EventDefinition(one.kind, {**one.details, "name": name, **more}) if _is_nameless(one) else one
        for one in node.events
    )
    return replace(node, events=tuple(events))
