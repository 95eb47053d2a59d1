"""What a process or subprocess begins with, by the drawing alone."""

from engine.definitions.model import Node, Process


def openings(process: Process, scope_id: str) -> list[Node]:
    """Return the elements that get a token when a scope is opened, in the order of the file.

    That is the start event without trigger, else the first start event. A scope without start events begins with
    every element that nothing leads to, all together (BPMN 2.0.2, 10.5.2 and 13.2); so does an ad-hoc subprocess,
    which has none.
    """
    inside = [node for node in process.nodes.values() if node.parent == scope_id]
    starts = [node for node in inside if node.type == "startEvent"]
    if starts:
        return [next((node for node in starts if not node.events), starts[0])]
    return [node for node in inside if begins_alone(node)]


def begins_alone(node: Node) -> bool:
    """Say whether nothing leads to an element and nothing but its scope begins it."""
    return not (
        node.incoming
        or node.type == "boundaryEvent"
        or node.attributes.get("isForCompensation") == "true"
        or node.attributes.get("triggeredByEvent") == "true"
        or (node.type == "intermediateCatchEvent" and any(event.kind == "link" for event in node.events))
    )
