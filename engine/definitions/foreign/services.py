"""Service tasks: what another engine would call becomes a service's name; what only computes becomes a script."""

import re
from typing import Any

from engine.definitions.foreign.braces import JUEL, template
from engine.definitions.foreign.calls import path_of
from engine.definitions.foreign.document import Document, bpmn, duban, local, shortened, text_of
from engine.definitions.foreign.expressions import is_template, to_feel, to_value
from engine.definitions.foreign.scripts import setter_of, translate_script
from engine.definitions.foreign.syntax import Call, Expression, Member, Name, Untranslatable
from engine.wording import say

_NAMED = ("topic", "class", "delegateExpression", "expression", "type")
_CALLS = frozenset({"serviceTask", "sendTask", "businessRuleTask"})
_THROWS = frozenset({"intermediateThrowEvent", "endEvent"})
_IGNORED_INSIDE = (
    "mapException",
    "failedJobRetryTimeCycle",
    "exceptionMapping",
    "errorEventDefinition",
    "strangeProperty",
)
_LETTERS = re.compile(r"[^\w.-]+")


def translate_services(doc: Document) -> None:
    """Name the service of every task that another engine would have called code for."""
    for node in doc.nodes(*_CALLS):
        connector = next(iter(doc.extensions(node, "connector")), None)
        if connector is not None:
            _connector(doc, node, connector)
        elif not _computes(doc, node):
            _name_service(doc, node)
        _fields(doc, node)
        for leftover in doc.extensions(node, *_IGNORED_INSIDE):
            doc.ignored(node, f"{local(leftover)}：不影响流程 / It does not change the course")
            doc.remove(leftover)
    for node in doc.nodes(*_THROWS):
        _throwing(doc, node)


def _computes(doc: Document, node: Any) -> bool:
    """Make a script task of a service task whose expression only computes or sets a variable."""
    text = doc.attribute(node, "expression")
    if not text or not is_template(text) or local(node) == "businessRuleTask":
        return False
    result = doc.attribute(node, "resultVariable") or doc.attribute(node, "resultVariableName")
    try:
        language, script = _computed(doc, text, result)
    except Untranslatable:
        return False
    doc.retag(node, "scriptTask")
    node.set("scriptFormat", language)
    doc.add(node, bpmn("script"), script)
    if result and language == "feel":
        doc.set_house(node, "resultVariable", result)
    doc.translated(node, f"表达式“{shortened(text)}”成为脚本“{shortened(script)}” / The expression is a script now")
    return True


def _computed(doc: Document, text: str, result: str | None) -> tuple[str, str]:
    found = template(text.strip(), JUEL)
    if setter_of(found) or not result:
        return "javascript", translate_script("juel", text, result)
    return "feel", to_feel(doc, text)


def _name_service(doc: Document, node: Any) -> None:
    for attribute in _NAMED:
        text = doc.attribute(node, attribute)
        if not text or (attribute == "type" and text == "external"):
            continue
        if attribute == "type" and text == "dmn" and _decision_field(doc, node):
            return
        if attribute == "topic" and is_template(text):
            doc.refused(node, f"主题“{shortened(text)}”是表达式 / The topic is an expression → name a service")
            return
        _call_by_hand(doc, node, service_name(text), f"{attribute}={shortened(text)}")
        return
    named = node.get("operationRef") or (node.get("implementation") or "").lstrip("#")
    if named and local(node) == "serviceTask" and not node.get(duban("service")):
        _call_by_hand(doc, node, service_name(named), shortened(named))


def _call_by_hand(doc: Document, node: Any, name: str, how: str) -> None:
    if local(node) == "businessRuleTask":
        doc.retag(node, "serviceTask")
    doc.set_house(node, "service", name)
    doc.translated(node, f"{how} → 服务“{name}” / It is the service {name} now")


def service_name(text: str) -> str:
    """Return the name that stands for a class, a bean, a method or a topic."""
    if is_template(text):
        try:
            return ".".join(_callee(template(text.strip(), JUEL))) or "service"
        except Untranslatable:
            pass
    return _LETTERS.sub("-", text).strip("-.") or "service"


def _callee(found: Expression) -> tuple[str, ...]:
    """Return the path of the bean or method that an expression calls."""
    match found:
        case Call(function, _):
            return _callee(function)
        case Name() | Member():
            return path_of(found) or (found.name,)
    return ()


def _connector(doc: Document, node: Any, connector: Any) -> None:
    name = next((text_of(child) for child in connector if local(child) == "connectorId"), "") or "connector"
    _call_by_hand(doc, node, service_name(name), f"connector {name}")
    for mapping in [child for child in connector if local(child) == "inputOutput"]:
        doc.extension_block(node).append(mapping)
    doc.remove(connector)


def _fields(doc: Document, node: Any) -> None:
    """Give the service the fields that were injected into a class, as its inputs."""
    for field in doc.extensions(node, "field"):
        name = field.get("name") or ""
        inner = {local(child): (child.text or "") for child in field}
        fixed = field.get("stringValue") or inner.get("string")
        text = fixed if fixed is not None else field.get("expression") or inner.get("expression") or ""
        try:
            value = to_value(doc, text)
        except Untranslatable as problem:
            doc.ignored(field, say("字段 {name}“{text}”：{problem}", name=name, text=shortened(text), problem=problem))
        else:
            doc.add_mapping(node, "in", name, value)
            doc.translated(field, f"字段 {name} → 输入参数 / The field {name} is an input now")
        doc.remove(field)


def _decision_field(doc: Document, node: Any) -> bool:
    """Make a business rule task of Flowable's decision task."""
    for field in doc.extensions(node, "field"):
        if field.get("name") in ("decisionTableReferenceKey", "decisionServiceReferenceKey"):
            reference = field.get("stringValue") or text_of(field)
            doc.retag(node, "businessRuleTask")
            doc.set_house(node, "decisionRef", reference)
            for one in doc.extensions(node, "field"):
                doc.remove(one)
            doc.translated(node, f"决策 {reference} / It is the decision {reference} now")
            return True
    return False


def _throwing(doc: Document, node: Any) -> None:
    """Let a message event without a message, which would have called code, throw one of the code's name."""
    for definition in node.findall(bpmn("messageEventDefinition")):
        for attribute in _NAMED:
            text = doc.attribute(definition, attribute)
            if not text or (attribute == "type" and text == "external"):
                continue
            if not definition.get("messageRef"):
                name = service_name(text)
                doc.root_element("message", f"Message_{name}", name=name)
                definition.set("messageRef", f"Message_{name}")
                doc.translated(node, f"{attribute}={shortened(text)} → 消息“{name}” / It throws the message {name} now")
            break
        for leftover in [
            *doc.extensions(definition, "field", "connector"),
            *doc.extensions(node, "field", "connector"),
        ]:
            doc.ignored(node, f"{local(leftover)}：消息没有服务 / A message needs no service")
            doc.remove(leftover)
