"""Lint of what goes between instances: message starts, correlation, message flows; and of data stores."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.definitions.collaboration import RECEIVING, SENDING
from engine.definitions.model import Collaboration, Definition, LintFinding, Node
from engine.wording import both, say

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter


def check_messages(lint: "Linter") -> None:
    """Check that a message starts a process in one way only, and that correlation is FEEL."""
    process = lint.process
    starts = [
        (event.details.get("name"), node)
        for node in process.nodes.values()
        if node.type == "startEvent" and node.parent == process.id
        for event in node.events
        if event.kind == "message"
    ]
    counts = Counter(name for name, _ in starts)
    for name, node in starts:
        if name and counts[name] > 1:
            lint.refuse(
                "ambiguous-start",
                node,
                f"消息“{name}”启动流程的方式不止一种 / The message {name} starts the process in several ways",
                "只留一个开始事件，或用不同的消息 / Keep one start event, or use different messages",
            )
    for node in process.nodes.values():
        for event in node.events:
            lint.expression(node, event.details.get("correlationKey"), "关联键")
    for keys in process.correlations.values():
        for value in (value for key in keys for value in key):
            lint.expression(None, value.message_path, f"关联属性“{value.id}”")
            lint.expression(None, value.data_path, f"关联属性“{value.id}”")


def dangling_message_flows(definition: Definition) -> Iterator[LintFinding]:
    """Return the message flows that lead from or to nowhere."""
    known = set(definition.collaboration.participants)
    known.update(*(process.nodes for process in definition.processes.values()))
    for flow in definition.collaboration.flows:
        for end in (flow.source, flow.target):
            if end not in known:
                yield LintFinding(
                    "dangling-message-flow",
                    "error",
                    flow.id,
                    flow.name,
                    flow.line,
                    f"消息流连到不存在的元素“{end}” / The message flow is connected to unknown {end or 'nothing'}",
                    "重新连接或删除 / Connect it again or delete it",
                )


def check_message_flows(lint: "Linter", collaboration: Collaboration) -> None:
    """Say which message flows are only drawn: their end neither sends nor receives."""
    for flow in collaboration.flows:
        for end, able, what in (
            (flow.source, SENDING, "不发送消息 / does not send"),
            (flow.target, RECEIVING, "不接收消息 / does not receive"),
        ):
            node = lint.process.nodes.get(end)
            if node is not None and node.type not in able:
                lint.warn(
                    "message-flow-drawn",
                    node,
                    say("消息流“{name}”只是图示：这个环节{what}", name=flow.name or flow.id, what=both(what)),
                    "改用发送、接收任务或消息事件，或留作说明 / Use a send or receive task, or a message event",
                    flow.line,
                )


def check_stores(lint: "Linter", node: Node) -> None:
    """Check an element's associations with data stores."""
    for association in (*node.data_inputs, *node.data_outputs):
        if association.store is None:
            continue
        what = f"数据存储“{association.store.name}”的"
        lint.expression(node, association.key, f"{what}键")
        lint.expression(node, association.expression, f"{what}转换")
        if association.remove and association.key is None:
            lint.refuse(
                "store-key",
                node,
                "删除数据存储的行要写明键 / To remove a row of a data store its key is needed",
                "写上 duban:key / Add duban:key",
            )
    loops_over = node.multi.collection if node.multi else None
    if loops_over and any(one.store and one.target == loops_over for one in node.data_inputs):
        lint.refuse(
            "store-collection",
            node,
            "多实例不能直接用数据存储作集合 / Multi-instance does not run over a data store itself",
            "先用脚本任务把行读进变量 / Read the rows into a variable by a script task before",
        )
