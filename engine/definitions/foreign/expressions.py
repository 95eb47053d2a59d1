"""Which language an expression is in, by whom the diagram was drawn for and how it is written; then FEEL for it."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from engine.definitions.foreign.braces import JUEL, template
from engine.definitions.foreign.calls import Habits, resolve
from engine.definitions.foreign.casefile import condition_over_case_file, is_over_case_file
from engine.definitions.foreign.document import Document, bpmn, local, shortened
from engine.definitions.foreign.feel import feel, text_literal
from engine.definitions.foreign.python import PYTHON
from engine.definitions.foreign.python import read_expression as read_python
from engine.definitions.foreign.scripts import ENGINE, NODE, condition_of, language_of
from engine.definitions.foreign.syntax import Expression, Literal, Untranslatable
from engine.definitions.foreign.vendors import Vendor

_BRACES = re.compile(r"[$#]\{")
_TARGET = re.compile(r"[$#]\{\s*([^\W\d]\w*)\s*\}")
_ALL_DONE = re.compile(r'autocomplete|(?:return )?getActivityInstanceAttribute\("numberOfActiveInstances"\) *== *0;?')
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_DATA = ("dataInput", "dataOutput", "property", "dataObject")
_JAVA_RETURN = re.compile(r"return\b")
_AS_IT_IS = frozenset({"", "feel", "xpath", "tformalexpression", "formal-expression"})
_RULES = frozenset({"rule", "drools"})
_FACTS = "规则语言里的事实，这里只有流程变量 / A fact of a rule language; there are only process variables here"


def habits_of(doc: Document) -> Habits:
    """Return what names stand for in a diagram's expressions."""
    return NODE if doc.vendor is Vendor.NODE else ENGINE


def is_template(text: str) -> bool:
    """Say whether a text has ``${…}`` or ``#{…}`` in it."""
    return _BRACES.search(text) is not None


def to_feel(doc: Document, text: str, language: str | None = None) -> str:
    """Return FEEL for an expression; FEEL itself comes back as it is. Raises :class:`Untranslatable`."""
    text = text.strip()
    spoken = language_of(language)
    if text.startswith("="):
        return text
    if is_template(text):
        return feel(resolve(template(text, JUEL), habits_of(doc)))
    if doc.vendor is Vendor.JBPM and is_over_case_file(text):
        return condition_over_case_file(text, {process.get("id") for process in doc.root.findall(bpmn("process"))})
    if spoken in _RULES and not text.startswith("eval("):
        raise Untranslatable(_FACTS)
    if spoken in _RULES:
        return condition_of("mvel", text)
    if spoken == "feel":
        return text
    if spoken not in _AS_IT_IS:
        return condition_of(spoken, text)
    if doc.vendor is Vendor.SPIFF:
        return feel(resolve(read_python(text), PYTHON))
    if doc.vendor is Vendor.JBPM and _JAVA_RETURN.match(text):
        return condition_of("java", text)
    if doc.vendor is Vendor.JBPM and spoken != "xpath":
        return condition_of("mvel", text)
    return text


def to_value(doc: Document, text: str) -> str:
    """Return FEEL for the value of a parameter: a text without ``${…}`` is that text, in quotes."""
    text = text.strip()
    if text.startswith("=") or is_template(text):
        return to_feel(doc, text)
    return text_literal(text)


def value_of(doc: Document, text: str) -> Expression:
    """Read a text with ``${…}`` as an expression, a text without as itself."""
    return resolve(template(text, JUEL), habits_of(doc)) if is_template(text) else Literal(text)


TEXTS: Mapping[str, str] = {
    "conditionExpression": "条件 / Condition",
    "condition": "条件 / Condition",
    "completionCondition": "完成条件 / Completion condition",
    "loopCondition": "循环条件 / Loop condition",
    "loopCardinality": "次数 / Cardinality",
    "activationCondition": "激活条件 / Activation condition",
}
"""BPMN elements whose text is an expression."""


def translate_texts(doc: Document) -> None:
    """Translate the conditions and cardinalities of a diagram."""
    parallel = {node.get("id") for node in doc.nodes("parallelGateway")}
    for element in doc.elements(*TEXTS):
        text = (element.text or "").strip()
        if not text:
            continue
        if local(element) == "conditionExpression" and element.getparent().get("sourceRef") in parallel:
            _drop_condition(doc, element)
            continue
        what, language = TEXTS[local(element)], element.get("language")
        found = doc.attempt(element, what, text, partial(to_feel, doc, text, language))
        if found is not None and (found != text or language_of(language) not in _AS_IT_IS):
            element.text = found
            element.attrib.pop("language", None)


def translate_assignments(doc: Document) -> None:
    """Translate the assignments and transformations of data associations."""
    for element in doc.elements("from", "transformation"):
        text = (element.text or "").strip()
        if doc.vendor is Vendor.JBPM and text:
            _jbpm_assignment(doc, element, text)
        elif is_template(text):
            found = doc.attempt(element, "赋值 / Assignment ", text, partial(to_feel, doc, text))
            element.text = text if found is None else found
    for element in doc.elements("to"):
        match = _TARGET.fullmatch((element.text or "").strip())
        if match is not None:
            element.text = match[1]
            doc.translated(element, f"赋值目标 {match[1]} / The target is {match[1]}")


def _jbpm_assignment(doc: Document, element: Any, text: str) -> None:
    """Read jBPM's fixed texts, its templates, and its names of inputs and outputs."""
    data = next((one for one in doc.elements(*_DATA) if one.get("id") == text), None)
    if data is not None:
        association = element.getparent().getparent()
        if local(data) == "dataOutput" and local(association) == "dataOutputAssociation":
            doc.remove(element.getparent())
        return
    language = language_of(element.get("language"))
    translate = partial(condition_of, language, text) if language == "java" else partial(_jbpm_value, doc, text)
    found = doc.attempt(element, "赋值 / Assignment ", text, translate)
    if found is not None:
        element.text = found


def _jbpm_value(doc: Document, text: str) -> str:
    plain = text in ("true", "false", "null") or _NUMBER.fullmatch(text) is not None
    return text if plain else to_value(doc, text)


def _drop_condition(doc: Document, condition: Any) -> None:
    """Drop a condition behind a parallel gateway, which no engine looks at."""
    flow = condition.getparent()
    doc.ignored(flow, f"并行网关后的条件“{shortened(condition.text or '')}” / A condition behind a parallel gateway")
    flow.remove(condition)


def translate_complete_condition(doc: Document) -> None:
    """Read what jBPM writes for an ad-hoc subprocess that ends when everything is done: no condition."""
    for node in doc.nodes("adHocSubProcess"):
        condition = node.find(bpmn("completionCondition"))
        if condition is not None and _ALL_DONE.fullmatch((condition.text or "").strip()):
            doc.translated(node, "做完即结束 / The subprocess ends when everything is done")
            doc.remove(condition)
