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
    for word in ("listeners", "connector", "formData", "fields", "nestedParameter"):
        if word in node.properties:
            lint.refuse(
                "unsupported-extension",
                node,
                f"不执行扩展 {word} / The extension {word} is not executed",
                "改用服务任务、脚本任务或表单文件 / Use a service task, a script task or a form file",
            )
