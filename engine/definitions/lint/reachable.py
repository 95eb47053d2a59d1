"""Elements that no token can ever come to."""

from collections import defaultdict
from typing import TYPE_CHECKING

from engine.definitions.model import Node, Process
from engine.definitions.scopes import begins_alone
from engine.definitions.vocabulary import EXECUTED

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter


def check_reachable(lint: "Linter") -> None:
    """Refuse what cannot be reached: the stock engine leaves it out without a word."""
    process = lint.process
    following = _following(process)
    seen: set[str] = set()
    pending = [process.id]
    while pending:
        node_id = pending.pop()
        if node_id not in seen:
            seen.add(node_id)
            pending += following[node_id]
    for node in process.nodes.values():
        if node.id not in seen and node.type in EXECUTED:
            lint.refuse(
                "unreachable",
                node,
                f"到不了“{node.name or node.id}” / {node.id} cannot be reached",
                "连上或删除 / Connect it or delete it",
            )


def _following(process: Process) -> dict[str, list[str]]:
    """Return what can come after each element: by flows, links, boundary events, and inside what it opens."""
    following: dict[str, list[str]] = defaultdict(list)
    catches: dict[tuple[str, str], list[str]] = defaultdict(list)
    with_start = {node.parent for node in process.nodes.values() if node.type == "startEvent"}
    for node in process.nodes.values():
        for name in _links(node, "intermediateCatchEvent"):
            catches[node.parent, name].append(node.id)
    for node in process.nodes.values():
        following[node.id] += [process.flows[flow].target for flow in node.outgoing]
        if node.type == "boundaryEvent":
            following[node.attributes.get("attachedToRef", "")].append(node.id)
        if "compensatedBy" in node.properties:
            following[node.id].append(node.properties["compensatedBy"])
        starts = node.type == "startEvent" or node.attributes.get("instantiate") == "true"
        if starts or (node.parent not in with_start and begins_alone(node)):
            following[node.parent].append(node.id)
        if node.attributes.get("triggeredByEvent") == "true":
            following[node.parent].append(node.id)
        for name in _links(node, "intermediateThrowEvent"):
            following[node.id] += catches[node.parent, name]
    return following


def _links(node: Node, node_type: str) -> list[str]:
    if node.type != node_type:
        return []
    return [event.details.get("name", "") for event in node.events if event.kind == "link"]
