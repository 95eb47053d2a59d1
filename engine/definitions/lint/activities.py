"""Lint of activities: what each kind needs to be executed."""

from typing import TYPE_CHECKING

from engine.definitions.lint.loops import check_loops
from engine.definitions.model import Node
from engine.definitions.retry import parse_retry
from engine.definitions.scopes import begins_alone
from engine.definitions.vocabulary import ACTIVITIES
from engine.errors import InvalidInput

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter

SCRIPT_LANGUAGES = frozenset({"feel", "javascript"})


def check_activity(lint: "Linter", node: Node) -> None:
    """Check a task, subprocess or call activity."""
    check_led_to(lint, node)
    check_loops(lint, node)
    check_retry(lint, node)
    check = _BY_TYPE.get(node.type)
    if check is not None:
        check(lint, node)
    for name, text in {**node.inputs, **node.outputs}.items():
        lint.expression(node, text, f"参数“{name}”")


def check_led_to(lint: "Linter", node: Node) -> None:
    """In a scope with a start event, something leads to every other element."""
    starts = node.type == "startEvent" or node.attributes.get("instantiate") == "true"
    if begins_alone(node) and node.parent in lint.with_start and not starts:
        lint.refuse("no-incoming", node, "没有流入 / Nothing leads here", "连上前序 / Connect it")


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
        check_known(lint, node, reference, lint.known_decisions, "unknown-decision", "决策")


def _check_call(lint: "Linter", node: Node) -> None:
    called = node.attributes.get("calledElement")
    if not called:
        lint.refuse("no-called-process", node, "没有指明被调用的流程 / No process is called", "写上 / Name it")
    elif called.startswith("="):
        lint.expression(node, called, "被调用的流程")
    else:
        check_known(lint, node, called, lint.known_processes, "unknown-process", "流程")


def _check_service(lint: "Linter", node: Node) -> None:
    service = node.attributes.get("duban:service") or node.attributes.get("camunda:topic")
    if not service:
        lint.refuse(
            "no-service", node, "没有指明服务 / No service is named", "写上 duban:service / Name it in duban:service"
        )
    else:
        check_known(lint, node, service, lint.known_services, "unknown-service", "服务")


def check_retry(lint: "Linter", node: Node) -> None:
    """A retry policy is readable, and stands on a service: nothing else is repeated by itself."""
    text = node.attributes.get("duban:retry") or node.properties.get("retry")
    if not text:
        return
    if node.type not in ("serviceTask", "sendTask"):
        lint.warn(
            "retry-ignored", node, "重试规则只用于服务 / Only services are retried by themselves", "删除 / Remove it"
        )
        return
    try:
        parse_retry(text)
    except InvalidInput as error:
        say = lint.refuse if "duban:retry" in node.attributes else lint.warn
        say(
            "retry", node, str(error), "失败后由人处理，或写 R3/PT10M / A failure waits for a person, or write R3/PT10M"
        )


def _check_send(lint: "Linter", node: Node) -> None:
    if "duban:service" in node.attributes:
        _check_service(lint, node)
    else:
        _check_message(lint, node)


def warn_of_implied(lint: "Linter", node: Node) -> None:
    """An element that names no message speaks of one with its own name."""
    for event in node.events:
        if "implied" in event.details:
            lint.warn(
                "implied-message",
                node,
                f"没有指明消息，名称取“{event.details['name']}” / No message is chosen: it has the element's own name",
                "选一个消息 / Choose a message",
            )


def _check_message(lint: "Linter", node: Node) -> None:
    if node.attributes.get("instantiate") == "true" and (node.incoming or node.parent != lint.process.id):
        lint.refuse(
            "instantiate",
            node,
            "启动流程的接收任务没有流入，也不在子流程里 / A receive task that starts the process has nothing before it",
            "取消 instantiate，或把它放到流程开头 / Take instantiate away, or put it at the beginning",
        )
    warn_of_implied(lint, node)
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


def check_known(  # noqa: PLR0917
    lint: "Linter", node: Node, name: str, known: object, rule: str, what: str
) -> None:
    """Refuse a name that is not among the known ones; nothing is refused where these are not known themselves."""
    if isinstance(known, set | frozenset | list | tuple | dict) and name not in known:
        lint.refuse(
            rule, node, f"没有{what}“{name}” / {name} is unknown", "更正名称，或把它加进来 / Correct it or add it"
        )


def check_ad_hoc(lint: "Linter", node: Node) -> None:
    """An ad-hoc subprocess has activities and neither starts nor ends (BPMN 2.0.2, 10.3.5)."""
    inside = lint.inside[node.id]
    for inner in inside:
        if inner.type in ("startEvent", "endEvent"):
            lint.refuse(
                "ad-hoc-event",
                inner,
                "特别子流程里不能有开始或结束事件 / An ad-hoc subprocess has neither start nor end events",
                "删除它，环节本来就可以直接办理 / Remove it: the activities are open from the beginning",
            )
    if not any(inner.type in ACTIVITIES for inner in inside):
        lint.refuse("empty-ad-hoc", node, "特别子流程里没有环节 / There is no activity inside", "画上环节 / Draw one")
    if node.attributes.get("ordering") not in (None, "Parallel", "Sequential"):
        lint.refuse("ordering", node, "顺序应为 Parallel 或 Sequential / Unknown ordering", "更正 / Correct it")
    lint.expression(node, node.properties.get("completionCondition"), "完成条件")
