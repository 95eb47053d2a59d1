"""Lint of event subprocesses (BPMN 2.0.2, 10.3.5) and of what waits behind event-based gateways (10.6.6)."""

from typing import TYPE_CHECKING

from engine.definitions.model import Node

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter

_WAITED_FOR = frozenset({"timer", "message", "signal", "conditional"})


def check_event_subprocess(lint: "Linter", node: Node) -> None:
    """An event subprocess begins by one start event with a trigger, and nothing leads to it or from it."""
    starts = [inner for inner in lint.inside[node.id] if inner.type == "startEvent"]
    if len(starts) != 1:
        lint.refuse(
            "event-subprocess-start",
            node,
            "事件子流程应恰有一个开始事件 / An event subprocess has exactly one start event",
            "只留一个，需要几种触发就用多重开始事件 / Keep one; a multiple start event has several triggers",
        )
    for start in starts:
        if not start.events:
            lint.refuse(
                "event-subprocess-start",
                start,
                "事件子流程的开始事件没有触发条件 / The start event of an event subprocess has no trigger",
                "选事件类型 / Choose a kind",
            )
        elif start.attributes.get("isInterrupting") == "false" and any(event.kind == "error" for event in start.events):
            lint.refuse(
                "error-not-interrupting",
                start,
                "错误总是中断它的范围 / Errors interrupt their scope",
                "改为中断 / Change it",
            )
    if node.incoming or node.outgoing:
        lint.refuse(
            "event-subprocess-flow",
            node,
            "事件子流程没有流入和流出 / Nothing leads to or from an event subprocess",
            "删除连线 / Delete the flows",
        )
    if node.multi is not None or "standardLoop" in node.properties:
        lint.refuse(
            "event-subprocess-loop",
            node,
            "事件子流程的循环标记不执行：每次触发各启动一次 / Loop marks of an event subprocess are not executed",
            "删除标记，或在里面画循环的子流程 / Delete it, or loop over a subprocess inside",
        )
    if lint.attached[node.id]:
        lint.refuse(
            "event-subprocess-boundary",
            node,
            "事件子流程上的边界事件不执行 / Boundary events on an event subprocess are not executed",
            "移到里面的环节或外面的范围上 / Put them on an activity inside or on the scope around",
        )


def check_event_gateway(lint: "Linter", node: Node) -> None:
    """Only what waits stands behind an event-based gateway, and only the gateway leads there."""
    instantiates = node.attributes.get("instantiate") == "true"
    if instantiates and (node.incoming or node.parent != lint.process.id):
        lint.refuse(
            "instantiate",
            node,
            "启动流程的事件网关没有流入，也不在子流程里 / A gateway that starts the process has nothing before it",
            "取消 instantiate，或把它放到流程开头 / Take instantiate away, or put it at the beginning",
        )
    if node.attributes.get("eventGatewayType") == "Parallel" and not instantiates:
        lint.refuse(
            "parallel-event-gateway",
            node,
            "并行事件网关只能用来启动流程 / A parallel event-based gateway can only start a process",
            "用并行网关 / Use a parallel gateway",
        )
    for flow in node.outgoing:
        target = lint.process.nodes.get(lint.process.flows[flow].target)
        if target is not None:
            _check_target(lint, node, target)


def _check_target(lint: "Linter", node: Node, target: Node) -> None:
    waits = target.type == "receiveTask" or (
        target.type == "intermediateCatchEvent"
        and bool(target.events)
        and all(event.kind in _WAITED_FOR for event in target.events)
    )
    if not waits or target.multi is not None or "standardLoop" in target.properties:
        lint.refuse(
            "event-gateway-target",
            node,
            f"事件网关之后应是等待的事件，而不是“{target.name or target.id}” / Only waiting events may follow",
            "用定时、消息、信号或条件捕获事件 / Use timer, message, signal or conditional catch events",
        )
    elif len(target.incoming) > 1:
        lint.refuse(
            "event-gateway-target", target, "只能由事件网关到达 / Only the gateway may lead here", "拆开 / Split"
        )
    elif lint.attached[target.id]:
        lint.refuse(
            "event-gateway-target",
            target,
            "事件网关之后的接收任务不能有边界事件 / A receive task behind the gateway has no boundary events",
            "改成网关之后的另一个事件 / Make it another event behind the gateway",
        )
