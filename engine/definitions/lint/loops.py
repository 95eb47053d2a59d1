"""Lint of multi-instance activities and standard loops."""

import re
from typing import TYPE_CHECKING

from engine.definitions.model import Node

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter


def check_loops(lint: "Linter", node: Node) -> None:
    """Check the loop characteristics of an activity."""
    _check_multi(lint, node)
    if "standardLoop" in node.properties:
        _check_standard(lint, node)


def _check_standard(lint: "Linter", node: Node) -> None:
    if node.multi is not None:
        lint.refuse(
            "two-loops",
            node,
            "不能既是循环又是多实例 / An activity is either a loop or multi-instance",
            "留一种，另一种画在子流程里 / Keep one, and draw the other one inside a subprocess",
        )
    condition, maximum = node.properties.get("loopCondition"), node.properties.get("loopMaximum")
    if condition is None and maximum is None:
        lint.refuse(
            "endless-loop",
            node,
            "循环没有条件也没有次数上限，永远不会结束 / The loop has neither a condition nor a maximum",
            "写上 loopCondition 或 loopMaximum / Give it a loopCondition or a loopMaximum",
        )
    lint.expression(node, condition, "循环条件")
    if maximum is not None and not re.fullmatch(r"\d{1,9}", maximum):
        lint.refuse("loop-maximum", node, f"循环上限“{maximum}”不是非负整数 / Not a whole number", "更正 / Correct it")


def _check_multi(lint: "Linter", node: Node) -> None:
    multi = node.multi
    if multi is None:
        return
    if (multi.collection is None) == (multi.cardinality is None):
        lint.refuse(
            "multi-instance",
            node,
            "多实例应有集合或次数，且只有一个 / Multi-instance needs a collection or a cardinality, and only one",
            "填写 loopDataInputRef 或 loopCardinality / Give one of them",
        )
    for text, what in (
        (multi.collection, "集合"),
        (multi.cardinality, "次数"),
        (multi.completion_condition, "完成条件"),
        (multi.output_item, "输出项"),
    ):
        lint.expression(node, text, what)
    if multi.cardinality is not None and re.fullmatch(r"-\d+|\d+\.\d+", multi.cardinality):
        lint.refuse("cardinality", node, "次数应是非负整数 / Must be a whole number", "更正 / Correct it")
    if bool(multi.output_item) != bool(multi.output_collection):
        lint.refuse(
            "output-item", node, "输出集合和输出项要一起写 / Output collection and item go together", "补上 / Add"
        )
