"""What drawing tools leave out and their engines put up with: ids, conditions of branches, wrapped references."""

from typing import Any

from engine.definitions.foreign.document import Document, bpmn, local

_BRANCHING = ("exclusiveGateway", "inclusiveGateway")


def name_nodes(doc: Document) -> None:
    """Give every flow node an id."""
    taken = {element.get("id") for element in doc.root.iter() if element.get("id")}
    for number, node in enumerate(doc.nodes(), 1):
        if not node.get("id"):
            made = f"{local(node)}_{number}"
            while made in taken:
                made += "_"
            node.set("id", made)
            taken.add(made)
            doc.translated(node, f"没有编号，现为 {made} / It had no id")


def complete_branches(doc: Document) -> None:
    """Say of a branch without a condition that it holds, which these engines take for granted."""
    flows: dict[str, list[Any]] = {}
    for flow in doc.elements("sequenceFlow"):
        flows.setdefault(flow.get("sourceRef") or "", []).append(flow)
    for gateway in doc.nodes(*_BRANCHING):
        branches = flows.get(gateway.get("id") or "", [])
        for flow in branches if len(branches) > 1 else ():
            conditions = flow.findall(bpmn("conditionExpression"))
            empty = not any((condition.text or "").strip() for condition in conditions)
            if not empty or flow.get("id") == gateway.get("default", "-"):
                continue
            for condition in conditions:
                flow.remove(condition)
            doc.add(flow, bpmn("conditionExpression"), "true")
            doc.translated(flow, "没有条件的分支总是成立 / A branch without a condition always holds")
