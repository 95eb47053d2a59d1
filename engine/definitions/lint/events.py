"""Lint of events: what the interpreter would not execute as drawn at this place.

What the standard allows where is checked on the document itself; here stands what an event needs to be executed,
and what would never happen.
"""

from typing import TYPE_CHECKING

from engine.definitions.lint.activities import check_led_to, warn_of_implied
from engine.definitions.lint.compensation import catches
from engine.definitions.lint.timers import check_timer
from engine.definitions.model import EventDefinition, Node

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter

_WAITED_FOR = frozenset({"timer", "message", "signal", "conditional"})
_SENT = frozenset({"message", "signal", "escalation", "compensate"})
_LAST = frozenset({"error", "terminate", "cancel"})
EXECUTED_EVENTS = {
    "start": _WAITED_FOR,
    "handler": _WAITED_FOR | {"error", "escalation", "compensate"},
    "subprocess": frozenset(),
    "endEvent": _SENT | _LAST,
    "intermediateCatchEvent": _WAITED_FOR | {"link"},
    "intermediateThrowEvent": _SENT | {"link"},
    "boundaryEvent": _WAITED_FOR | {"error", "escalation", "compensate", "cancel"},
}
"""Kinds of event definitions that are executed, by the event's place (BPMN 2.0.2, table 10.93)."""

_ALONE = {
    "boundaryEvent": frozenset({"compensate", "cancel"}),
    "handler": frozenset({"compensate"}),
    "intermediateCatchEvent": frozenset({"link"}),
    "intermediateThrowEvent": frozenset({"link"}),
    "endEvent": frozenset({"cancel"}),
}
"""Kinds that are not executed together with another definition on one event."""

SYNCHRONOUS = frozenset({"task", "scriptTask", "businessRuleTask"})
_THROWING = frozenset({"endEvent", "intermediateThrowEvent"})


def place_of(lint: "Linter", node: Node) -> str:
    """Return where an event stands, as a key of :data:`EXECUTED_EVENTS`."""
    if node.type != "startEvent":
        return node.type
    around = lint.process.nodes.get(node.parent)
    if around is None:
        return "start"
    return "handler" if around.attributes.get("triggeredByEvent") == "true" else "subprocess"


def _may_end_here(lint: "Linter", node: Node) -> bool:
    """In an ad-hoc subprocess flows are left out at will (BPMN 2.0.2, 10.3.5)."""
    if node.type == "endEvent" or _is_link_throw(node) or catches(node, "compensate"):
        return True
    scope = lint.process.nodes.get(node.parent)
    return node.type.startswith("intermediate") and scope is not None and scope.type == "adHocSubProcess"


def check_event(lint: "Linter", node: Node) -> None:
    """Check an event: its place, its definitions one by one and together, and what is mapped."""
    if node.type == "boundaryEvent":
        _check_boundary(lint, node)
    check_led_to(lint, node)
    if not (node.outgoing or _may_end_here(lint, node)):
        lint.refuse("no-outgoing", node, "没有流出 / It leads nowhere", "连上后续 / Connect it")
    if not node.events and node.type in ("boundaryEvent", "intermediateCatchEvent"):
        lint.refuse("no-event", node, "没有指明等待什么 / Nothing is waited for", "选事件类型 / Choose a kind")
    place = place_of(lint, node)
    for event in node.events:
        if event.kind in EXECUTED_EVENTS[place]:
            _check_definition(lint, node, event)
        elif event.kind != "unknown":
            lint.refuse(
                "unsupported-event",
                node,
                f"这里不执行 {event.kind} 事件 / {event.kind} events are not executed here",
                "换一种画法 / Draw it another way",
            )
        if event.details.get("missing"):
            lint.refuse(
                "dangling-reference",
                node,
                f"引用“{event.details['ref']}”不存在 / {event.details['ref']} does not exist",
                "重新选择 / Choose again",
            )
    if len(node.events) > 1:
        _check_together(lint, node, place)
    warn_of_implied(lint, node)
    _check_mappings(lint, node)


def _is_link_throw(node: Node) -> bool:
    return node.type == "intermediateThrowEvent" and any(event.kind == "link" for event in node.events)


def _check_definition(lint: "Linter", node: Node, event: EventDefinition) -> None:
    name = event.details.get("name")
    if event.kind == "timer":
        check_timer(lint, node, event)
    elif event.kind == "conditional":
        lint.expression(node, event.details.get("condition", ""), "条件")
        if node.type == "startEvent" and node.parent == lint.process.id:
            lint.warn(
                "conditional-start",
                node,
                "没有实例就没有变量：条件开始事件只能被指名启动 / Before an instance there are no variables to watch",
                "启动时指明这个开始事件，或改用消息 / Name this start event when starting, or use a message",
            )
    elif event.details.get("missing"):
        return
    elif event.kind in ("message", "signal"):
        _check_name(lint, node, event.kind, name)
    elif event.kind == "error" and node.type in _THROWING and not event.details.get("code"):
        lint.refuse("no-error-code", node, "错误结束没有错误代码 / The error has no code", "写上 / Give it one")
    elif event.kind == "escalation" and node.type in _THROWING and not event.details.get("code"):
        lint.refuse("no-escalation-code", node, "升级没有代码 / The escalation has no code", "写上 / Give it one")


def _check_name(lint: "Linter", node: Node, kind: str, name: str | None) -> None:
    if not name:
        lint.refuse("no-reference", node, f"没有指明 {kind} / The {kind} is missing", "选一个 / Choose one")
    elif name.startswith("="):
        lint.expression(node, name, "名称")
        if node.type == "startEvent" and node.parent == lint.process.id:
            lint.refuse(
                "computed-start",
                node,
                f"启动流程的名称不能是表达式“{name}” / The name that starts a process cannot be computed",
                "写上固定的名称 / Write a fixed name",
            )


def _check_together(lint: "Linter", node: Node, place: str) -> None:
    """Several definitions on one event: not all can be waited for or thrown together."""
    kinds = [event.kind for event in node.events]
    together = _ALONE.get(place, frozenset()).intersection(kinds)
    if node.attributes.get("parallelMultiple") == "true" and node.type not in _THROWING:
        together = together.union(kind for kind in kinds if kind not in _WAITED_FOR)
    if sum(kind in _LAST for kind in kinds) > 1:
        together = together.union(_LAST.intersection(kinds))
    if kinds.count("compensate") > 1:
        together = together.union({"compensate"})
    if together:
        shown = "、".join(sorted(together))
        lint.refuse(
            "multiple-event",
            node,
            f"{shown} 不能与同一事件的其他定义一起执行 / {shown} is not executed together with the other definitions",
            "分开画 / Draw them apart",
        )


def _check_mappings(lint: "Linter", node: Node) -> None:
    """What is thrown takes inputs, what is caught gives outputs; inputs of what is caught serve its outputs."""
    for name, text in {**node.inputs, **node.outputs}.items():
        lint.expression(node, text, f"参数“{name}”")
    throws = node.type in _THROWING
    sent = any(event.kind in ("message", "signal", "escalation") for event in node.events)
    idle = node.outputs if throws else {} if node.outputs else node.inputs
    if throws and not sent:
        idle = {**node.inputs, **node.outputs}
    if idle:
        shown = "、".join(idle)
        lint.refuse(
            "event-mapping",
            node,
            f"事件的这些参数不会被执行：{shown} / These parameters of the event are not executed",
            "抛出的事件写输入，捕获的事件写输出 / Inputs belong to what is thrown, outputs to what is caught",
        )


def _check_boundary(lint: "Linter", node: Node) -> None:
    host = lint.process.nodes.get(node.attributes.get("attachedToRef", ""))
    if host is None:
        lint.refuse("not-attached", node, "边界事件没有附着的活动 / It sits on no activity", "拖到活动上 / Attach it")
        return
    if host.parent != node.parent:
        lint.refuse("not-attached", node, "附着的活动在别的层次 / Its activity is in another scope", "移动 / Move it")
    kinds = {event.kind for event in node.events}
    if "error" in kinds and node.attributes.get("cancelActivity") == "false":
        lint.refuse(
            "error-not-interrupting", node, "错误边界总是中断的 / Error boundaries interrupt", "改为中断 / Change it"
        )
    if host.type in SYNCHRONOUS and host.multi is None and not kinds & {"error", "compensate", "conditional"}:
        lint.warn(
            "boundary-on-instant",
            node,
            "这个环节瞬间完成，边界事件不会发生 / The activity is over at once: the event can never happen",
            "附着到等待的环节 / Attach it to an activity that waits",
        )
