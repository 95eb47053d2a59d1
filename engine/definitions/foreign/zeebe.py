"""Camunda 8: extension elements of ``zeebe:``, whose expressions are FEEL already."""

import re
from typing import Any

from engine.definitions.foreign.document import Document, bpmn, duban, local
from engine.definitions.foreign.feel import text_literal
from engine.definitions.foreign.services import service_name
from engine.definitions.foreign.vendors import ZEEBE_NS

_IGNORED = ("taskHeaders", "priorityDefinition", "versionTag", "properties", "userTask")
_REFUSED = ("executionListeners", "taskListeners")


def translate_zeebe(doc: Document) -> None:
    """Translate the extension elements of Camunda 8."""
    for node in list(doc.nodes()):
        for child in _extensions(doc, node):
            translate = _BY_TAG.get(local(child))
            if translate is not None:
                translate(doc, node, child)
            elif local(child) in _IGNORED:
                doc.ignored(node, f"zeebe:{local(child)}：不影响流程 / It does not change the course")
            elif local(child) in _REFUSED:
                doc.refused(node, f"zeebe:{local(child)}：监听器要运行代码 / Listeners run code → use a service task")
                doc.add(doc.extension_block(node), duban("untranslated"), local(child))
            elif local(child) == "adHoc":
                doc.refused(node, "zeebe:adHoc：不按列表启动环节 / Activities are not started by a list")
                doc.mark(node, child.get("activeElementsCollection") or "")


def _extensions(doc: Document, node: Any) -> list[Any]:
    tags = (*_BY_TAG, *_IGNORED, *_REFUSED, "adHoc")
    return doc.extensions(node, *tags, namespaces=(ZEEBE_NS,))


def _feel(text: str) -> str:
    """Return FEEL for a value: with ``=`` it is FEEL, else a fixed text."""
    return text if text.startswith("=") else text_literal(text)


def _constant(text: str) -> str:
    """Return the text that ``="text"`` is; any other expression comes back as it is."""
    match = re.fullmatch(r'=\s*"([^"\\]*)"\s*', text)
    return match[1] if match else text


def _task_definition(doc: Document, node: Any, child: Any) -> None:
    kind = _constant(child.get("type") or "")
    if kind.startswith("="):
        doc.refused(node, f"任务类型“{kind}”是表达式 / The task type is an expression → name a service")
        doc.mark(node, child.get("type") or "")
        return
    if local(node) in ("serviceTask", "sendTask", "businessRuleTask", "scriptTask"):
        if local(node) in ("businessRuleTask", "scriptTask"):
            doc.retag(node, "serviceTask")
        doc.set_house(node, "service", service_name(kind))
        doc.translated(node, f"任务类型 {kind} → 服务 / It is the service {kind} now")


def _io_mapping(doc: Document, node: Any, child: Any) -> None:
    for mapping in child:
        target, source = mapping.get("target"), mapping.get("source") or ""
        if target:
            doc.add_mapping(node, "in" if local(mapping) == "input" else "out", target, _feel(source))
    doc.translated(node, "zeebe:ioMapping → 参数 / Mapped parameters")


def _called_element(doc: Document, node: Any, child: Any) -> None:
    called = _constant(child.get("processId") or "")
    node.set("calledElement", called)
    block = doc.extension_block(node)
    if child.get("propagateAllParentVariables", "true") == "true":
        doc.add(block, duban("in"), variables="all")
    if child.get("propagateAllChildVariables", "true") == "true":
        doc.add(block, duban("out"), variables="all")
    doc.translated(node, f"调用流程 {called} / It calls {called}")


def _called_decision(doc: Document, node: Any, child: Any) -> None:
    doc.set_house(node, "decisionRef", child.get("decisionId") or "")
    doc.set_house(node, "resultVariable", child.get("resultVariable") or "result")
    doc.translated(node, f"决策 {child.get('decisionId')} / The decision {child.get('decisionId')}")


def _script(doc: Document, node: Any, child: Any) -> None:
    node.set("scriptFormat", "feel")
    doc.add(node, bpmn("script"), (child.get("expression") or "").removeprefix("=").strip())
    doc.set_house(node, "resultVariable", child.get("resultVariable") or "result")
    doc.translated(node, "zeebe:script → FEEL 脚本 / A FEEL script")


def _assignment(doc: Document, node: Any, child: Any) -> None:
    for name, kind in (("assignee", "person"), ("candidateUsers", "person"), ("candidateGroups", "group")):
        text = (child.get(name) or "").strip()
        if text.startswith("="):
            inner = text[1:].strip()
            rule = f'="{kind}(" + string({inner}) + ")"'
            if name != "assignee":
                rule = f'=for one in {inner} return "{kind}(" + one + ")"'
            doc.set_house(node, name, rule)
        elif text:
            doc.set_house(node, name, " | ".join(f"{kind}({one.strip()})" for one in text.split(",")))
    doc.translated(node, "zeebe:assignmentDefinition → 办理人规则 / Rules of assignment")


def _schedule(doc: Document, node: Any, child: Any) -> None:
    if due := child.get("dueDate"):
        doc.set_house(node, "due", due)
        doc.translated(node, f"期限 {due} / The due date")
    if child.get("followUpDate"):
        doc.ignored(node, "followUpDate：跟进日期只是提示 / The follow-up date is only a hint")


_BY_TAG = {
    "taskDefinition": _task_definition,
    "ioMapping": _io_mapping,
    "calledElement": _called_element,
    "calledDecision": _called_decision,
    "script": _script,
    "assignmentDefinition": _assignment,
    "taskSchedule": _schedule,
}
