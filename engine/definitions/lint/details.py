"""Lint of single elements: activities, events, timers, attributes."""

import re
from typing import TYPE_CHECKING

import isodate

from engine.definitions.model import EventDefinition, Node

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter

EXECUTED_EVENTS = {
    "startEvent": frozenset({"timer", "message", "signal"}),
    "endEvent": frozenset({"terminate", "error", "message", "signal"}),
    "intermediateCatchEvent": frozenset({"timer", "message", "signal", "link"}),
    "intermediateThrowEvent": frozenset({"message", "signal", "link"}),
    "boundaryEvent": frozenset({"timer", "message", "signal", "error"}),
}
SCRIPT_LANGUAGES = frozenset({"feel", "javascript"})
CHOICES = {
    "duban:kind": {"approval", "work"},
    "duban:policy": {"single", "all"},
    "duban:opinion": {"optional", "required", "onReject"},
    "duban:emptyApprover": {"admin", "skip", "named"},
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


def check_activity(lint: "Linter", node: Node) -> None:
    """Check a task, subprocess or call activity."""
    if "standardLoop" in node.properties:
        lint.refuse("standard-loop", node, "不执行标准循环 / Standard loops are not executed", "画成回路 / Draw a loop")
    if node.attributes.get("isForCompensation") == "true":
        lint.refuse("compensation", node, "不执行补偿 / Compensation is not executed", "画成普通环节 / Draw a task")
    if not node.incoming:
        lint.refuse("no-incoming", node, "没有流入 / Nothing leads here", "连上前序 / Connect it")
    _check_multi(lint, node)
    check = _BY_TYPE.get(node.type)
    if check is not None:
        check(lint, node)
    for name, text in {**node.inputs, **node.outputs}.items():
        lint.expression(node, text, f"参数“{name}”")
    if node.type == "subProcess" and (node.inputs or node.outputs):
        lint.refuse(
            "subprocess-mapping",
            node,
            "子流程的参数映射不执行 / Mappings of subprocesses are not executed",
            "删除 / Remove",
        )


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
    if node.type == "callActivity" and multi.collection is not None and not multi.item_name:
        lint.refuse("item-name", node, "多实例没有项变量 / Multi-instance has no item variable", "写上 / Name it")
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


def _check_script(lint: "Linter", node: Node) -> None:
    language = node.properties.get("scriptFormat", "feel").lower()
    text = node.properties.get("script")
    if language not in SCRIPT_LANGUAGES:
        lint.refuse(
            "script-language",
            node,
            f"不执行 {language} 脚本 / Scripts in {language} are not executed",
            "改写成 FEEL 或 JavaScript / Write it in FEEL or JavaScript",
        )
    elif text is None:
        lint.refuse("no-script", node, "没有脚本 / There is no script", "写上脚本 / Write it")
    elif language == "feel":
        lint.expression(node, text, "脚本")


def _check_decision(lint: "Linter", node: Node) -> None:
    reference = node.properties.get("decisionRef")
    if not reference:
        lint.refuse("no-decision", node, "没有指明决策 / No decision is named", "写上 camunda:decisionRef / Name it")
    else:
        _check_known(lint, node, reference, lint.known_decisions, "unknown-decision", "决策")


def _check_call(lint: "Linter", node: Node) -> None:
    called = node.attributes.get("calledElement")
    if not called:
        lint.refuse("no-called-process", node, "没有指明被调用的流程 / No process is called", "写上 / Name it")
    else:
        _check_known(lint, node, called, lint.known_processes, "unknown-process", "流程")


def _check_service(lint: "Linter", node: Node) -> None:
    service = node.attributes.get("duban:service") or node.attributes.get("camunda:topic")
    if not service:
        lint.refuse(
            "no-service", node, "没有指明服务 / No service is named", "写上 duban:service / Name it in duban:service"
        )
    else:
        _check_known(lint, node, service, lint.known_services, "unknown-service", "服务")


def _check_send(lint: "Linter", node: Node) -> None:
    if "duban:service" in node.attributes:
        _check_service(lint, node)
    else:
        _check_message(lint, node)


def _check_message(lint: "Linter", node: Node) -> None:
    if node.attributes.get("instantiate") == "true":
        lint.refuse(
            "instantiate", node, "接收任务不能启动流程 / It may not start a process", "用开始事件 / Use a start"
        )
    if not node.events or not node.events[0].details.get("name"):
        lint.refuse(
            "no-message",
            node,
            "没有指明消息，或消息不存在 / The message is missing or unknown",
            "选一个消息 / Choose one",
        )


_BY_TYPE = {
    "scriptTask": _check_script,
    "businessRuleTask": _check_decision,
    "callActivity": _check_call,
    "serviceTask": _check_service,
    "sendTask": _check_send,
    "receiveTask": _check_message,
}


def _check_known(  # noqa: PLR0917
    lint: "Linter", node: Node, name: str, known: object, rule: str, what: str
) -> None:
    if isinstance(known, set | frozenset | list | tuple | dict) and name not in known:
        lint.refuse(
            rule, node, f"没有{what}“{name}” / {name} is unknown", "更正名称，或把它加进来 / Correct it or add it"
        )


def check_event(lint: "Linter", node: Node) -> None:  # noqa: PLR0912  (one guard per misuse)
    """Check an event: kinds that are executed at this place, references, timers."""
    if len(node.events) > 1:
        lint.refuse(
            "multiple-event", node, "不执行多重事件 / Multiple events are not executed", "分开画 / Draw them apart"
        )
        return
    if node.type == "boundaryEvent":
        _check_boundary(lint, node)
    elif node.type not in ("startEvent",) and not node.incoming and not _is_link_catch(node):
        lint.refuse("no-incoming", node, "没有流入 / Nothing leads here", "连上前序 / Connect it")
    if node.type != "endEvent" and not node.outgoing and not _is_link_throw(node):
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


def _is_link_catch(node: Node) -> bool:
    return node.type == "intermediateCatchEvent" and any(event.kind == "link" for event in node.events)


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
    if kind != "error" and host.type in SYNCHRONOUS and host.multi is None:
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
    for name, allowed in CHOICES.items():
        value = node.attributes.get(name)
        if value is not None and value not in allowed:
            choices = "、".join(sorted(allowed))
            lint.refuse(
                "attribute-value", node, f"{name}=“{value}”不认识 / Unknown value", f"可用：{choices} / Use one"
            )
    for name in FOREIGN_CHECKED:
        value = node.attributes.get(name, "")
        if value.startswith("=") or "${" in value:
            lint.expression(node, value, name)
    form = node.attributes.get("duban:form") or node.attributes.get("camunda:formKey")
    if form and node.type == "userTask":
        _check_known(lint, node, form, lint.known_forms, "unknown-form", "表单")
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
