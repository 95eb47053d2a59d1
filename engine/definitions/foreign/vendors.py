"""Who drew a diagram, by the namespaces and words that it uses."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from engine.definitions.foreign import python
from engine.definitions.foreign.scripts import is_native, is_read, language_of
from engine.definitions.foreign.syntax import Assign, Untranslatable
from engine.definitions.vocabulary import BPMN

CAMUNDA_NS = "http://camunda.org/schema/1.0/bpmn"
FLOWABLE_NS = "http://flowable.org/bpmn"
ACTIVITI_NS = "http://activiti.org/bpmn"
OPERATON_NS = "http://operaton.org/schema/1.0/bpmn"
ZEEBE_NS = "http://camunda.org/schema/zeebe/1.0"
JBPM_NS = "http://www.jboss.org/drools"
SPIFF_NS = "http://spiffworkflow.org/bpmn/schema/1.0/core"
DUBAN_NS = "https://duban.dev/bpmn/1.0"

JUEL_NAMESPACES = (CAMUNDA_NS, FLOWABLE_NS, ACTIVITI_NS, OPERATON_NS)
"""Namespaces of one family: their attributes are the same but for a few names."""

_EXPRESSION = re.compile(r"[$#]\{")
_NODE = re.compile(r"environment\.(?:variables|output|services)|\bnext\(\s*(?:\)|null|new )")
_PYTHON_TIME = re.compile(r"[\"']|timedelta\(|datetime\.")
_PYTHON_ONLY = re.compile(r"==|!=|\bTrue\b|\bFalse\b|\bNone\b|'|\bin\b|\blen\(")


class Vendor(StrEnum):
    """The engine that a diagram was drawn for; ``PLAIN`` names nobody."""

    HOUSE = "Duban"
    CAMUNDA = "Camunda 7"
    OPERATON = "Operaton"
    FLOWABLE = "Flowable"
    ACTIVITI = "Activiti"
    ZEEBE = "Camunda 8"
    JBPM = "jBPM"
    SPIFF = "SpiffWorkflow"
    NODE = "bpmn-engine"
    PLAIN = "BPMN"


JUEL_FAMILY = frozenset({Vendor.CAMUNDA, Vendor.OPERATON, Vendor.FLOWABLE, Vendor.ACTIVITI, Vendor.NODE})

_BY_NAMESPACE = (
    (DUBAN_NS, Vendor.HOUSE),
    (SPIFF_NS, Vendor.SPIFF),
    (JBPM_NS, Vendor.JBPM),
    (ZEEBE_NS, Vendor.ZEEBE),
)
_JUEL_BY_NAMESPACE = (
    (FLOWABLE_NS, Vendor.FLOWABLE),
    (ACTIVITI_NS, Vendor.ACTIVITI),
    (OPERATON_NS, Vendor.OPERATON),
    (CAMUNDA_NS, Vendor.CAMUNDA),
)


def vendor_of(root: Any) -> Vendor:
    """Say which engine a diagram was drawn for."""
    namespaces = set(_namespaces(root))
    for namespace, vendor in _BY_NAMESPACE:
        if namespace in namespaces:
            return vendor
    if "www.java.com/javaTypes" in (root.get("typeLanguage") or ""):
        return Vendor.JBPM
    texts = list(_texts(root))
    if any(_NODE.search(text) for text in texts):
        return Vendor.NODE
    expressions = any(_EXPRESSION.search(text) for text in texts)
    if not expressions and _speaks_python(root):
        return Vendor.SPIFF
    for namespace, vendor in _JUEL_BY_NAMESPACE:
        if namespace in namespaces:
            return vendor
    return Vendor.CAMUNDA if expressions or _names_language(root) else Vendor.PLAIN


def _namespaces(root: Any) -> Iterator[str]:
    yield from root.nsmap.values()
    for element in root.iter():
        if isinstance(element.tag, str):
            for name in (element.tag, *element.attrib):
                yield str(name).rpartition("}")[0][1:]


def _bpmn(*tags: str) -> tuple[str, ...]:
    return tuple(f"{{{BPMN}}}{tag}" for tag in tags)


def _texts(root: Any) -> Iterator[str]:
    for element in root.iter():
        if isinstance(element.tag, str):
            yield element.text or ""
            yield from element.attrib.values()


def _speaks_python(root: Any) -> bool:
    """Say whether scripts or conditions without a language are Python and nothing else."""
    for element in root.iter(*_bpmn("scriptTask")):
        text = "".join(element.xpath("string(*[local-name() = 'script'])")).strip()
        language = (element.get("scriptFormat") or "").lower()
        if language == "python":
            return True
        if not language and text and not _has_result(element) and _is_python_script(text):
            return True
    for element in root.iter(*_bpmn("timeDate", "timeDuration", "timeCycle")):
        if _PYTHON_TIME.match((element.text or "").strip()):
            return True
    for element in root.iter(*_bpmn("conditionExpression", "condition", "loopCardinality", "completionCondition")):
        text = (element.text or "").strip()
        if (element.get("language") or "").lower() == "python":
            return True
        if not element.get("language") and _PYTHON_ONLY.search(text) and _is_python(text):
            return True
    return False


def _names_language(root: Any) -> bool:
    """Say whether a condition or script names a language that is translated."""
    conditions = (element.get("language") for element in root.iter(*_bpmn("conditionExpression", "condition")))
    scripts = (element.get("scriptFormat") for element in root.iter(*_bpmn("scriptTask")))
    return any(is_read(language_of(name)) for name in conditions) or any(
        is_read(language) and not is_native(language) for language in map(language_of, scripts)
    )


def _has_result(element: Any) -> bool:
    return any(name.endswith("}resultVariable") for name in element.attrib)


def _is_python(text: str) -> bool:
    try:
        python.read_expression(text)
    except Untranslatable:
        return False
    return True


def _is_python_script(text: str) -> bool:
    try:
        script = python.read_script(text)
    except Untranslatable:
        return False
    return any(isinstance(statement, Assign) for statement in script)
