"""Lint of single elements: events, timers, attributes."""

import re
from typing import TYPE_CHECKING

import isodate

from engine.definitions.lint.activities import check_known, check_led_to
from engine.definitions.lint.approvals import check_approval
from engine.definitions.lint.compensation import catches
from engine.definitions.model import EventDefinition, Node

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter

EXECUTED_EVENTS = {
    "startEvent": frozenset({"timer", "message", "signal"}),
    "endEvent": frozenset({"terminate", "error", "message", "signal", "compensate", "cancel"}),
    "intermediateCatchEvent": frozenset({"timer", "message", "signal", "link"}),
    "intermediateThrowEvent": frozenset({"message", "signal", "link", "compensate"}),
    "boundaryEvent": frozenset({"timer", "message", "signal", "error", "compensate", "cancel"}),
}
SYNCHRONOUS = frozenset({"task", "scriptTask", "businessRuleTask"})
FOREIGN_CHECKED = (
    "camunda:assignee",
    "camunda:candidateUsers",
    "camunda:candidateGroups",
    "camunda:dueDate",
    "camunda:formKey",
    "duban:due",
    "duban:title",
)
_WORKING = re.compile(r"\d+ working (?:day|hour)s?", re.IGNORECASE)
_ISO_LIKE = re.compile(r"[-+]?P[\dT].*|\d{4}-\d{2}.*|R\d*/.*", re.IGNORECASE)
_CYCLE = re.compile(r"R\d*/(?:(?P<start>\d[^/]*)/)?(?P<every>[^/]+)")


def check_event(lint: "Linter", node: Node) -> None:
    """Check an event: kinds that are executed at this place, references, timers."""
    if len(node.events) > 1:
        lint.refuse(
            "multiple-event", node, "不执行多重事件 / Multiple events are not executed", "分开画 / Draw them apart"
        )
        return
    if node.type == "boundaryEvent":
        _check_boundary(lint, node)
    check_led_to(lint, node)
    if node.type != "endEvent" and not (node.outgoing or _is_link_throw(node) or catches(node, "compensate")):
        lint.refuse("no-outgoing", node, "没有流出 / It leads nowhere", "连上后续 / Connect it")
    if not node.events:
        if node.type in ("boundaryEvent", "intermediateCatchEvent"):
            lint.refuse("no-event", node, "没有指明等待什么 / Nothing is waited for", "选事件类型 / Choose a kind")
        return
    event = node.events[0]
    if event.kind not in EXECUTED_EVENTS[node.type]:
        lint.refuse(
            "unsupported-event",
            node,
            f"这里不执行 {event.kind} 事件 / {event.kind} events are not executed here",
            "换一种画法 / Draw it another way",
        )
    elif event.kind == "timer":
        _check_timer(lint, node, event)
    elif event.details.get("missing"):
        lint.refuse(
            "dangling-reference",
            node,
            f"引用“{event.details['ref']}”不存在 / {event.details['ref']} does not exist",
            "重新选择 / Choose again",
        )
    elif event.kind in ("message", "signal") and not event.details.get("name"):
        lint.refuse("no-reference", node, f"没有指明 {event.kind} / The {event.kind} is missing", "选一个 / Choose one")
    elif event.kind == "error" and node.type == "endEvent" and not event.details.get("code"):
        lint.refuse("no-error-code", node, "错误结束没有错误代码 / The error has no code", "写上 / Give it one")
    for name, text in node.inputs.items():
        lint.expression(node, text, f"参数“{name}”")
    if node.outputs:
        lint.refuse("event-mapping", node, "事件的输出映射不执行 / Outputs of events are not executed", "删除 / Remove")


def _is_link_throw(node: Node) -> bool:
    return node.type == "intermediateThrowEvent" and any(event.kind == "link" for event in node.events)


def _check_boundary(lint: "Linter", node: Node) -> None:
    host = lint.process.nodes.get(node.attributes.get("attachedToRef", ""))
    if host is None:
        lint.refuse("not-attached", node, "边界事件没有附着的活动 / It sits on no activity", "拖到活动上 / Attach it")
        return
    if host.parent != node.parent:
        lint.refuse("not-attached", node, "附着的活动在别的层次 / Its activity is in another scope", "移动 / Move it")
    kind = node.events[0].kind if node.events else ""
    if kind == "error" and node.attributes.get("cancelActivity") == "false":
        lint.refuse(
            "error-not-interrupting", node, "错误边界总是中断的 / Error boundaries interrupt", "改为中断 / Change it"
        )
    if kind not in ("error", "compensate") and host.type in SYNCHRONOUS and host.multi is None:
        lint.refuse(
            "boundary-on-instant",
            node,
            "这个环节瞬间完成，边界事件不会发生 / The activity is over at once: the event could never happen",
            "附着到等待的环节 / Attach it to an activity that waits",
        )


def _check_timer(lint: "Linter", node: Node, event: EventDefinition) -> None:
    kinds = [kind for kind in ("date", "duration", "cycle") if kind in event.details]
    if len(kinds) != 1:
        lint.refuse("timer", node, "定时应有一个时间 / A timer needs exactly one time", "填写 / Give one")
        return
    kind = kinds[0]
    text = event.details[kind].strip()
    if kind == "cycle":
        if node.type == "intermediateCatchEvent" or (
            node.type == "boundaryEvent" and node.attributes.get("cancelActivity") != "false"
        ):
            lint.refuse(
                "timer-cycle", node, "循环定时只用于不中断的边界 / Cycles repeat beside an activity", "用时长 / Use"
            )
        if text.startswith("="):
            lint.expression(node, text, "定时")
            return
        match = _CYCLE.fullmatch(text)
        if match is None:
            lint.refuse(
                "timer-cycle",
                node,
                f"“{text}”不是循环时间 / Not a repeating interval",
                "例如 R3/PT1H / For example R3/PT1H",
            )
            return
        if match["start"]:
            _check_time(lint, node, "date", match["start"])
        text, kind = match["every"], "duration"
    _check_time(lint, node, kind, text)


def _check_time(lint: "Linter", node: Node, kind: str, text: str) -> None:
    """Check an ISO 8601 text, a working time, or a FEEL expression."""
    if text.startswith("="):
        lint.expression(node, text, "定时")
    elif _WORKING.fullmatch(text):
        if kind == "date":
            lint.refuse(
                "timer", node, f"“{text}”是时长，不是日期 / A duration, not a date", "用时长定时 / Use timeDuration"
            )
    elif _ISO_LIKE.fullmatch(text):
        if problem := _iso_problem(kind, text):
            lint.refuse("timer", node, f"“{text}”{problem}", "例如 PT1H、P3D、2026-09-12T17:00:00+08:00 / For example")
    else:
        lint.expression(node, text, "定时")


def _iso_problem(kind: str, text: str) -> str | None:
    if text.startswith("-"):
        return "是负的时长 / is negative"
    try:
        if kind == "duration":
            isodate.parse_duration(text)
        elif "T" in text:
            isodate.parse_datetime(text)
        else:
            isodate.parse_date(text)
    except (ValueError, isodate.ISO8601Error):
        return "不是有效的时间 / is not a valid time"
    return None


def check_attributes(lint: "Linter", node: Node) -> None:
    """Check extension attributes, and refuse extension elements that would not be executed."""
    check_approval(lint, node)
    for name in FOREIGN_CHECKED:
        value = node.attributes.get(name, "")
        if value.startswith("=") or "${" in value:
            lint.expression(node, value, name)
    form = node.attributes.get("duban:form") or node.attributes.get("camunda:formKey")
    if form and node.type == "userTask":
        check_known(lint, node, form, lint.known_forms, "unknown-form", "表单")
    default = node.attributes.get("default")
    if default is not None and default not in node.outgoing:
        lint.refuse(
            "dangling-default",
            node,
            f"默认流向“{default}”不从这里出发 / The default flow does not start here",
            "重选 / Choose",
        )
    for word in ("listeners", "connector", "formData", "fields", "nestedParameter"):
        if word in node.properties:
            lint.refuse(
                "unsupported-extension",
                node,
                f"不执行扩展 {word} / The extension {word} is not executed",
                "改用服务任务、脚本任务或表单文件 / Use a service task, a script task or a form file",
            )
