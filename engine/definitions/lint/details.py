"""Lint of attributes and extension elements."""

from typing import TYPE_CHECKING

from engine.definitions.lint.activities import check_known
from engine.definitions.lint.approvals import check_approval
from engine.definitions.model import Node

if TYPE_CHECKING:
    from engine.definitions.lint.diagram import Linter

FOREIGN_CHECKED = (
    "camunda:assignee",
    "camunda:candidateUsers",
    "camunda:candidateGroups",
    "camunda:dueDate",
    "camunda:formKey",
    "duban:due",
    "duban:title",
)


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
    _check_code(lint, node)
    for word in ("connector", "formData", "fields", "nestedParameter"):
        if word in node.properties:
            lint.refuse(
                "unsupported-extension",
                node,
                f"不执行扩展 {word} / The extension {word} is not executed",
                "改用服务任务、脚本任务或表单文件 / Use a service task, a script task or a form file",
            )


def _check_code(lint: "Linter", node: Node) -> None:
    """Refuse listeners' code that the import could not translate, and scripts at no known moment."""
    if "listeners" in node.properties or "untranslated" in node.properties:
        lint.refuse(
            "foreign-code",
            node,
            "不执行监听器的代码 / The code of a listener is not executed",
            "改用服务任务或脚本任务 / Use a service task or a script task",
        )
    for script in node.scripts:
        flow = script.flow in node.outgoing if script.on == "take" else not script.flow
        if script.on not in ("enter", "leave", "take") or not flow:
            lint.refuse(
                "script-moment",
                node,
                f"duban:script 的时刻“{script.on}”不对 / The moment of a script is wrong",
                "on 用 enter、leave，或 take 加 flow / Use enter, leave, or take with a flow",
            )
