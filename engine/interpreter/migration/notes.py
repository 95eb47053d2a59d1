"""What changes for tokens that are taken over: for whom they wait, and what begins to listen beside them."""

from collections.abc import Iterator

from engine.definitions.model import Node, Process
from engine.interpreter.migration.mapping import Finding
from engine.interpreter.migration.planning import Plan, named
from engine.interpreter.subscriptions import LISTENING

PARTS = frozenset({"host", "listener", "event", "item"})
"""Marks of tokens beside which nothing listens."""


def changed_waits(plan: Plan) -> Iterator[Finding]:
    """Say what kept tokens wait for otherwise than before."""
    for entry in plan.kept:
        target = entry.target
        if target is None or "item" in entry.memory:
            continue
        for before, after in zip(entry.node.events, target.events, strict=True):
            old, new = before.details.get("name"), after.details.get("name")
            if old != new and before.kind in ("message", "signal"):
                sentence = f"“{named(target)}”改为等待“{new}” / {target.id} now waits for {new}"
                yield Finding("note", "other-name", entry.node.id, target.id, sentence)
        for attribute in ("duban:service", "calledElement"):
            old, new = entry.node.attributes.get(attribute), target.attributes.get(attribute)
            if old != new:
                sentence = f"“{named(target)}”以后用“{new}” / {target.id} uses {new} from now on"
                yield Finding("note", "other-callee", entry.node.id, target.id, sentence)


def new_listeners(plan: Plan) -> Iterator[Finding]:
    """Say which events begin to listen: on the edge of what goes on, in it, or beside others that wait."""
    process = plan.crossing.target
    known = set(plan.crossing.elements.values())
    kept = [entry for entry in plan.kept if entry.target is not None and PARTS.isdisjoint(entry.memory)]
    going_on = {entry.target.id: entry.node.id for entry in kept if entry.target is not None}
    for node in process.nodes.values():
        if node.id in known or LISTENING.isdisjoint(event.kind for event in node.events):
            continue
        beside = next((place for place in _places(process, node) if place in going_on or place == process.id), None)
        if beside is not None:
            sentence = f"“{named(node)}”开始等待 / {node.id} begins to listen"
            yield Finding("note", "listener-added", going_on.get(beside), node.id, sentence)


def _places(process: Process, node: Node) -> list[str]:
    """Return the elements while which an event listens: its activity, its scope, the others behind its gateway."""
    if node.type == "boundaryEvent":
        return [node.attributes.get("attachedToRef", "")]
    around = process.nodes.get(node.parent)
    if node.type == "startEvent":
        return [around.parent] if around is not None and around.attributes.get("triggeredByEvent") == "true" else []
    gateways = [process.nodes[process.flows[flow].source] for flow in node.incoming]
    gateways = [gateway for gateway in gateways if gateway.type == "eventBasedGateway"]
    return [process.flows[flow].target for gateway in gateways for flow in gateway.outgoing]
