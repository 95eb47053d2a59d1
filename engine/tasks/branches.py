"""Where a node stands among the parallel branches of a drawing, so that a return knows what it tears (R1-R3)."""

from collections import deque
from dataclasses import dataclass

from engine.definitions.model import Node, Process

SPLITS = ("parallelGateway", "inclusiveGateway")

Path = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """How a target stands to a source: ``same``, ``before`` (the split), ``after`` (the join) or ``sibling``."""

    kind: str


def branch_paths(process: Process) -> dict[str, Path]:
    """Return for each node the splits around it, outermost first, each with the flow that leads to the node."""
    paths: dict[str, Path] = {}
    starts = [node for node in process.nodes.values() if node.type == "startEvent"]
    queue: deque[tuple[str, Path]] = deque((node.id, ()) for node in starts)
    while queue:
        node_id, path = queue.popleft()
        if node_id in paths or node_id not in process.nodes:
            continue
        node = process.nodes[node_id]
        if node.type in SPLITS and len(node.incoming) > 1 and path:
            path = path[:-1]
        paths[node_id] = path
        splits = node.type in SPLITS and len(node.outgoing) > 1
        for flow_id in node.outgoing:
            flow = process.flows[flow_id]
            queue.append((flow.target, (*path, (node_id, flow_id)) if splits else path))
        queue.extend((boundary.id, path) for boundary in _boundaries(process, node))
    return paths


def relation(process: Process, source: str, target: str) -> Relation:
    """Say how the target of a return stands to its source."""
    paths = branch_paths(process)
    here, there = paths.get(source, ()), paths.get(target, ())
    if here == there:
        return Relation("same")
    if here[: len(there)] == there:
        return Relation("before")
    if there[: len(here)] == here:
        return Relation("after")
    return Relation("sibling")


def leads_to(process: Process, source: str, target: str) -> bool:
    """Say whether the drawing leads from one node to another: only what lies before can be returned to."""
    seen: set[str] = set()
    pending = [source]
    while pending:
        node_id = pending.pop()
        if node_id in seen or node_id not in process.nodes:
            continue
        seen.add(node_id)
        node = process.nodes[node_id]
        following = [process.flows[flow].target for flow in node.outgoing]
        following += [boundary.id for boundary in _boundaries(process, node)]
        if target in following:
            return True
        pending += following
    return False


def _boundaries(process: Process, node: Node) -> list[Node]:
    return [one for one in process.nodes.values() if one.attributes.get("attachedToRef") == node.id]
