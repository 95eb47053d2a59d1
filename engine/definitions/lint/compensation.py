"""Lint of compensation and of transactions that are cancelled (BPMN 2.0.2, 10.3.5, 10.7)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.definitions.model import Node

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter


def check_compensation(lint: "Linter") -> None:
    """Check who compensates what, what throwing events refer to, and how transactions are given up."""
    nodes = lint.process.nodes
    handlers = {node.properties["compensatedBy"] for node in nodes.values() if "compensatedBy" in node.properties}
    for node in nodes.values():
        if node.attributes.get("isForCompensation") == "true":
            _check_handler(lint, node, used=node.id in handlers)
        if catches(node, "compensate"):
            _check_catch(lint, node)
        for event in node.events:
            if event.kind == "compensate" and node.type in ("endEvent", "intermediateThrowEvent"):
                _check_reference(lint, node, event.details.get("activityRef"))
            elif event.kind == "cancel":
                _check_cancel(lint, node)


def catches(node: Node, kind: str) -> bool:
    """Say whether this is a boundary event of a kind."""
    return node.type == "boundaryEvent" and any(event.kind == kind for event in node.events)


def _check_handler(lint: "Linter", node: Node, *, used: bool) -> None:
    if node.incoming or node.outgoing:
        lint.refuse(
            "compensation-flow",
            node,
            "补偿环节不能有流入和流出 / A compensation activity has no sequence flows",
            "只用关联线连到补偿边界事件 / Connect it only by an association to a compensation boundary event",
        )
    elif not used:
        lint.refuse(
            "compensation-unused",
            node,
            "没有补偿边界事件指向它 / No compensation boundary event leads to it",
            "用关联线连上，或取消补偿标记 / Associate it, or take the compensation mark away",
        )


def _check_catch(lint: "Linter", node: Node) -> None:
    handler = lint.process.nodes.get(node.properties.get("compensatedBy", ""))
    if node.outgoing:
        lint.refuse(
            "compensation-flow",
            node,
            "补偿边界事件没有流出，它用关联线连到补偿环节 / A compensation boundary event has no sequence flow",
            "改用关联线 / Use an association",
        )
    elif handler is None or handler.attributes.get("isForCompensation") != "true":
        lint.refuse(
            "no-compensation",
            node,
            "没有关联到补偿环节 / No compensation activity is associated with it",
            "关联到 isForCompensation=true 的环节 / Associate an activity with isForCompensation set to true",
        )
    elif handler.parent != node.parent:
        lint.refuse(
            "no-compensation", node, "补偿环节在别的层次 / Its activity is in another scope", "移到一起 / Move it"
        )


def _check_reference(lint: "Linter", node: Node, reference: str | None) -> None:
    """A throwing event may name an activity of its own scope or of one around it."""
    if reference is None:
        return
    target = lint.process.nodes.get(reference)
    if target is None:
        lint.refuse(
            "dangling-reference", node, f"要补偿的“{reference}”不存在 / {reference} does not exist", "重选 / Choose"
        )
    elif target.parent not in set(_scopes_around(lint, node)):
        lint.refuse(
            "compensation-scope",
            node,
            f"从这里看不到“{target.name or reference}” / {reference} is not visible from here",
            "引用同一层次或外层的环节 / Refer to an activity of this scope or of one around it",
        )
    elif not _can_be_compensated(lint, target):
        lint.refuse(
            "not-compensable",
            node,
            f"“{target.name or reference}”没有补偿 / Nothing compensates {reference}",
            "给它加上补偿边界事件 / Give it a compensation boundary event",
        )


def _scopes_around(lint: "Linter", node: Node) -> Iterator[str]:
    at: Node | None = node
    while at is not None:
        yield at.parent
        at = lint.process.nodes.get(at.parent)


def _can_be_compensated(lint: "Linter", target: Node) -> bool:
    if target.attributes.get("isForCompensation") == "true":
        return True
    if any(catches(boundary, "compensate") for boundary in lint.attached[target.id]):
        return True
    return any(
        _can_be_compensated(lint, inner) or inner.attributes.get("triggeredByEvent") == "true"
        for inner in lint.inside[target.id]
    )


def _check_cancel(lint: "Linter", node: Node) -> None:
    scope = lint.process.nodes.get(node.parent)
    if node.type == "boundaryEvent":
        host = lint.process.nodes.get(node.attributes.get("attachedToRef", ""))
        if host is not None and host.type != "transaction":
            lint.refuse(
                "cancel-outside", node, "取消边界事件只能在事务上 / Only a transaction can be cancelled", "移动 / Move"
            )
    elif scope is None or scope.type != "transaction":
        lint.refuse(
            "cancel-outside",
            node,
            "取消结束事件只能在事务里 / A cancel end event belongs directly into a transaction",
            "移到事务里，或换成错误事件 / Move it there, or use an error",
        )
    elif not any(catches(boundary, "cancel") for boundary in lint.attached[scope.id]):
        lint.refuse(
            "cancel-not-caught",
            node,
            "事务上没有取消边界事件，取消之后无处可去 / The transaction has no cancel boundary event to go on at",
            "在事务上加一个 / Put one on the transaction",
        )
