"""Which elements a token can come to, by the drawing alone: for inclusive joins and for moves."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.definitions.model import Node, Process

JOINS = frozenset({"parallelGateway", "inclusiveGateway"})


@dataclass(frozen=True, slots=True)
class PassedJoin:
    """A parallel join on the way back to where a token came from: the flows that nothing will come by again.

    ``walked`` are the nodes that will be walked again.
    """

    node_id: str
    credited: tuple[str, ...]
    walked: frozenset[str]


class Reach:
    """The drawing of a process as a graph, within each scope. Boundary events follow the activity they sit on."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._attached: dict[str, list[str]] = {}
        self._link_sources: dict[str, list[str]] = {}
        self._upstream: dict[tuple[str, str], frozenset[str]] = {}
        catches = {
            (node.parent, event.details.get("name", "")): node.id
            for node in process.nodes.values()
            for event in node.events
            if event.kind == "link" and node.type == "intermediateCatchEvent"
        }
        self.links: dict[str, str] = {}
        for node in process.nodes.values():
            if node.type == "boundaryEvent":
                self._attached.setdefault(node.attributes.get("attachedToRef", ""), []).append(node.id)
            for event in node.events:
                if event.kind == "link" and node.type == "intermediateThrowEvent":
                    target = catches.get((node.parent, event.details.get("name", "")))
                    if target is not None:
                        self.links[node.id] = target
                        self._link_sources.setdefault(target, []).append(node.id)

    def boundaries(self, node_id: str) -> list[str]:
        """Return the boundary events on an activity."""
        return self._attached.get(node_id, [])

    def upstream(self, flow_id: str, gateway_id: str) -> frozenset[str]:
        """Return the nodes from which a token can come to a flow without visiting the gateway that it enters."""
        key = (flow_id, gateway_id)
        if key not in self._upstream:
            self._upstream[key] = frozenset(self._walk_back(self._process.flows[flow_id].source, gateway_id))
        return self._upstream[key]

    def _walk_back(self, start: str, avoided: str) -> set[str]:
        seen: set[str] = set()
        pending = [start]
        while pending:
            node_id = pending.pop()
            if node_id in seen or node_id == avoided:
                continue
            seen.add(node_id)
            node = self._process.nodes[node_id]
            pending.extend(self._process.flows[flow].source for flow in node.incoming)
            pending.extend(self._link_sources.get(node_id, ()))
            if node.type == "boundaryEvent":
                pending.append(node.attributes.get("attachedToRef", ""))
        return seen

    def downstream(self, start: Iterable[str], *, through_joins: bool) -> tuple[set[str], set[str]]:
        """Return the nodes and flows that tokens at ``start`` can come to, the starts included.

        Without ``through_joins`` a join is passed only when every flow into it can be reached, which is what the
        tokens alone could do.
        """
        nodes: set[str] = set()
        flows: set[str] = set()
        pending = list(start)
        first = set(pending)
        while pending:
            node_id = pending.pop()
            if node_id in nodes:
                continue
            node = self._process.nodes[node_id]
            held = not through_joins and node_id not in first and self._holds(node, flows)
            if held:
                continue
            nodes.add(node_id)
            flows.update(node.outgoing)
            pending.extend(self._process.flows[flow].target for flow in node.outgoing)
            pending.extend(self.boundaries(node_id))
            if node_id in self.links:
                pending.append(self.links[node_id])
        return nodes, flows

    def joins_between(self, start: str, ends: Iterable[str]) -> list[PassedJoin]:
        """Return the parallel joins between a node and later ones that the node alone does not fill."""
        stops = frozenset(ends)
        nodes, flows = self._until(start, stops)
        walked = frozenset(nodes)
        found = []
        for node_id in nodes - stops - {start}:
            node = self._process.nodes[node_id]
            if node.type != "parallelGateway" or flows.issuperset(node.incoming):
                continue
            if stops & self._until(node_id, stops)[0]:
                missing = tuple(flow for flow in node.incoming if flow not in flows)
                found.append(PassedJoin(node_id, missing, walked))
        return found

    def _until(self, start: str, stops: frozenset[str]) -> tuple[set[str], set[str]]:
        """Return the nodes and flows from a node on, not going on behind the stops."""
        nodes: set[str] = set()
        flows: set[str] = set()
        pending = [start]
        while pending:
            node_id = pending.pop()
            if node_id in nodes:
                continue
            nodes.add(node_id)
            if node_id in stops and node_id != start:
                continue
            node = self._process.nodes[node_id]
            flows.update(node.outgoing)
            pending.extend(self._process.flows[flow].target for flow in node.outgoing)
            pending.extend(self.boundaries(node_id))
            if node_id in self.links:
                pending.append(self.links[node_id])
        return nodes, flows

    @staticmethod
    def _holds(node: Node, flows: set[str]) -> bool:
        return node.type in JOINS and len(node.incoming) > 1 and not flows.issuperset(node.incoming)
