"""Human tasks: who does them, by when, with which form."""

import re
from functools import partial
from typing import Any

from engine.definitions.assignment import parse_rule
from engine.definitions.foreign.document import Document, bpmn, shortened, text_of
from engine.definitions.foreign.expressions import is_template, to_feel, value_of
from engine.definitions.foreign.feel import as_text, feel
from engine.definitions.foreign.syntax import Expression, Literal, Member, Name, Untranslatable
from engine.definitions.foreign.vendors import Vendor
from engine.errors import InvalidInput

_NO_CODE = re.compile(r"[^\w.@-]+")
_KINDS = {"assignee": "person", "candidateUsers": "person", "candidateGroups": "group"}
_IGNORED = {
    "followUpDate": "跟进日期只是提示 / The follow-up date is only a hint",
    "priority": "任务不分优先级 / Tasks have no priority",
    "category": "任务不分类别 / Tasks have no category",
    "skipExpression": "不跳过任务 / Tasks are not skipped",
    "taskIdVariableName": "任务编号不存入变量 / The task's id is not kept",
    "formFieldValidation": "表单总是校验 / Forms are always checked",
    "owner": "任务没有所有者 / Tasks have no owner",
}
_FORM_PREFIX = re.compile(r"(?:camunda-forms:(?:deployment:)?/?|)(?:forms/)?(?P<key>[\w.][\w. -]*?)(?:\.form)?")
_DATE = re.compile(r"P|\d{4}-|=|\d+ (?:working )?(?:day|hour)", re.IGNORECASE)


def translate_people(doc: Document) -> None:
    """Translate assignments, due dates and references to forms of the user tasks."""
    for node in doc.nodes("userTask"):
        for name, kind in _KINDS.items():
            _assignment(doc, node, name, kind)
        _standard_assignment(doc, node)
        _due(doc, node)
        _form(doc, node)
        for name, why in _IGNORED.items():
            if doc.attribute(node, name):
                doc.ignored(node, f"{name}：{why}")
    for node in doc.nodes("startEvent"):
        if doc.attribute(node, "initiator"):
            doc.ignored(node, "initiator：发起人用规则 initiator 表示 / Who started it is the rule initiator")


def _initiators(doc: Document) -> set[str]:
    """Return the variables that vendors fill with whoever started the process."""
    return {name for node in doc.nodes("startEvent") if (name := doc.attribute(node, "initiator"))}


def _assignment(doc: Document, node: Any, name: str, kind: str) -> None:
    key = doc.key(node, name)
    if key is None:
        return
    text = str(node.get(key)).strip()
    if not text or text.startswith("=") or _is_house_rule(text):
        return
    found = doc.attempt(node, f"{name} ", text, lambda: _rule(doc, text, kind, several=name != "assignee"))
    if found is not None:
        node.set(key, found)


def _is_house_rule(text: str) -> bool:
    try:
        parse_rule(text)
    except InvalidInput:
        return False
    return True


def _rule(doc: Document, text: str, kind: str, *, several: bool) -> str:
    """Return a rule of the house: names become ``person(…)`` or ``group(…)``, expressions FEEL that gives a rule."""
    names = _apart(text)
    if len(names) == 1 and is_template(text):
        value = value_of(doc, text)
        if isinstance(value, Name) and value.name in _initiators(doc):
            return "initiator"
        return "=" + _rule_for(value, kind, several=several)
    if any(is_template(one) for one in names):
        return f"=[{', '.join(_rule_for(value_of(doc, one), kind, several=False) for one in names)}]"
    return " | ".join(f"{kind}({_code(one)})" for one in names)


def _code(name: str) -> str:
    """Return a name as a code of the organisation: without blanks."""
    return _NO_CODE.sub("-", name).strip("-")


def _apart(text: str) -> list[str]:
    """Split a list of names at its commas, but not inside expressions."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [one.strip() for one in found if one.strip()]


def _rule_for(value: Expression, kind: str, *, several: bool) -> str:
    """Write FEEL that gives a rule for a person or group, or for each of a list of them."""
    if several and isinstance(value, Name | Member):
        return f'for one in {feel(value)} return "{kind}(" + one + ")"'
    if isinstance(value, Literal):
        return f'"{kind}({_code(str(value.value))})"'
    return f'"{kind}(" + {as_text(value)} + ")"'


def _standard_assignment(doc: Document, node: Any) -> None:
    """Take the standard's ``potentialOwner`` and ``humanPerformer`` for candidates and assignee."""
    for tag, name in (("humanPerformer", "assignee"), ("potentialOwner", "candidateUsers"), ("performer", "assignee")):
        for performer in node.findall(bpmn(tag)):
            text = ",".join(text_of(one) for one in performer.iter(bpmn("formalExpression")))
            if not text or any(doc.attribute(node, known) for known in _KINDS):
                continue
            found = doc.attempt(performer, f"{tag} ", text, partial(_owners, doc, text))
            if found is not None:
                doc.set_house(node, name, found)


def _owners(doc: Document, text: str) -> str:
    """Read ``user(kermit), group(management), sales``: what is not said to be a person is a group."""
    if is_template(text):
        return _rule(doc, text, "person", several=True)
    rules = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        match = re.fullmatch(r"(?:(user|group)\s*\()?([^()]+)\)?", part)
        if match is None:
            raise Untranslatable(f"看不懂“{part}” / {part} is not understood")
        plain = "person" if doc.vendor is Vendor.JBPM else "group"
        rules.append(f"{'person' if match[1] == 'user' else 'group' if match[1] else plain}({_code(match[2])})")
    return " | ".join(rules)


def _due(doc: Document, node: Any) -> None:
    key = doc.key(node, "dueDate")
    if key is None:
        return
    text = str(node.get(key)).strip()
    if is_template(text):
        found = doc.attempt(node, "dueDate ", text, lambda: "=" + to_feel(doc, text))
        if found is not None:
            node.set(key, found)
    elif text and not _DATE.match(text):
        advice = "例如 P3D、2026-09-12、3 working days / For example"
        doc.refused(node, f"期限“{shortened(text)}”看不懂 / The due date is not understood → {advice}")


def _form(doc: Document, node: Any) -> None:
    """Let ``formKey`` and ``formRef`` name a form of the package."""
    for name in ("formKey", "formRef"):
        key = doc.key(node, name)
        if key is None:
            continue
        text = str(node.get(key)).strip()
        if not text:
            del node.attrib[key]
            continue
        match = _FORM_PREFIX.fullmatch(text)
        if match is None:
            doc.refused(node, f"{name}“{shortened(text)}”不是这里的表单 / Not a form here → draw a form-js form")
        elif match["key"] != text:
            node.set(key, match["key"])
            doc.translated(node, f"{name}“{text}” → “{match['key']}”")
