"""Script tasks, decisions and called processes."""

from functools import partial
from typing import Any

from engine.definitions.foreign.document import Document, bpmn, local, shortened, text_of
from engine.definitions.foreign.expressions import is_template, to_feel
from engine.definitions.foreign.mappings import as_result
from engine.definitions.foreign.scripts import is_native, language_of, translate_script
from engine.definitions.foreign.services import service_name
from engine.definitions.foreign.vendors import JBPM_NS, Vendor

_DEFAULT_LANGUAGE = {Vendor.SPIFF: "python", Vendor.JBPM: "java", Vendor.NODE: "javascript", Vendor.FLOWABLE: "juel",
                     Vendor.ACTIVITI: "juel", Vendor.CAMUNDA: "juel"}  # fmt: skip


_SHAPES = {
    Vendor.CAMUNDA: "resultList", Vendor.OPERATON: "resultList", Vendor.FLOWABLE: "singleResult",
    Vendor.SPIFF: "singleResult",
}  # fmt: skip
"""What a decision's result variable holds; without a variable the outputs become variables of their own names."""


def translate_scripts(doc: Document) -> None:
    """Translate script tasks; with ``any_script`` they stay as they are, for whoever takes them."""
    for node in doc.nodes("scriptTask"):
        script = node.find(bpmn("script"))
        if doc.any_script:
            _name_language(doc, node)
            continue
        if script is not None and text_of(script):
            _script(doc, node, script)
        elif doc.attribute(node, "resource"):
            doc.refused(node, "脚本在别的文件里 / The script is in another file → put it into the diagram")


def _name_language(doc: Document, node: Any) -> None:
    """Name the language that a script is in by the habit of its engine."""
    language = _DEFAULT_LANGUAGE.get(doc.vendor)
    if language in ("python", "java") and not node.get("scriptFormat"):
        node.set("scriptFormat", language)


def _script(doc: Document, node: Any, script: Any) -> None:
    written = node.get("scriptFormat")
    language = language_of(written) or _DEFAULT_LANGUAGE.get(doc.vendor, "feel")
    text = text_of(script)
    result = doc.attribute(node, "resultVariable") or doc.attribute(node, "resultVariableName")
    if is_native(language):
        _plain_language(node, written or "", "feel" if language == "feel" else "javascript")
        if result and language != "feel":
            script.text = as_result(text, result)
            _forget_result(doc, node)
            doc.translated(node, f"脚本结果存入 {result} / The script's result goes to {result}")
        return
    stores = doc.vendor is Vendor.SPIFF or doc.attribute(node, "autoStoreVariables") == "true"
    found = doc.attempt(
        node, "脚本 / Script ", text, lambda: translate_script(language, text, result, stores=stores) or ";"
    )
    if found is None:
        node.set("scriptFormat", written or language)
    else:
        script.text = found
        node.set("scriptFormat", "javascript")
        _forget_result(doc, node)


def _plain_language(node: Any, written: str, plain: str) -> None:
    """Name FEEL and JavaScript as they are called here, where an engine has an address or another name for them."""
    named = bool(written) or plain == "javascript"
    if named and written.strip().lower() not in (plain, f"text/{plain}", f"application/{plain}"):
        node.set("scriptFormat", plain)


def _forget_result(doc: Document, node: Any) -> None:
    for name in ("resultVariable", "resultVariableName"):
        if (key := doc.key(node, name)) is not None:
            del node.attrib[key]


def translate_decisions(doc: Document) -> None:
    """Translate business rule tasks: what is no decision of a package is a service."""
    for node in doc.nodes("businessRuleTask"):
        reference = doc.attribute(node, "decisionRef")
        if reference and is_template(reference):
            doc.refused(node, f"决策“{shortened(reference)}”是表达式 / The decision is an expression → name it")
        elif not reference and not any(str(name).endswith("decisionRef") for name in node.attrib):
            group = node.get(f"{{{JBPM_NS}}}ruleFlowGroup") or doc.attribute(node, "rules")
            if group:
                doc.retag(node, "serviceTask")
                doc.set_house(node, "service", service_name(group))
                doc.translated(node, f"规则组 {group} → 服务 / The rules are a service now")
        if doc.vendor in _SHAPES and local(node) == "businessRuleTask":
            _shape(doc, node)


def _shape(doc: Document, node: Any) -> None:
    """Write down the shape of a decision's answer, which these engines take for granted."""
    if doc.attribute(node, "mapDecisionResult") is None:
        shape = "singleResult" if doc.attribute(node, "resultVariable") is None else _SHAPES[doc.vendor]
        doc.set_house(node, "mapDecisionResult", shape)


def translate_calls(doc: Document) -> None:
    """Translate call activities to the process that they call."""
    for node in doc.nodes("callActivity"):
        called = node.get("calledElement")
        if called and is_template(called):
            found = doc.attempt(node, "被调流程 / Called process ", called, partial(_computed, doc, called))
            if found is not None:
                node.set("calledElement", found)
        for name in ("caseRef", "variableMappingClass", "variableMappingDelegateExpression"):
            if text := doc.attribute(node, name):
                doc.ignored(node, f"{name}=“{shortened(text)}”：不运行代码 / No code is run here")
        for name in (
            "calledElementBinding",
            "calledElementVersion",
            "calledElementVersionTag",
            "calledElementTenantId",
        ):
            if doc.attribute(node, name):
                doc.ignored(node, f"{name}：总是包里的流程 / It is always the package's process")


def translate_names(doc: Document) -> None:
    """Translate names of messages and signals that are expressions."""
    for element in doc.elements("message", "signal"):
        name = element.get("name") or ""
        if is_template(name):
            found = doc.attempt(element, "名称 / Name ", name, partial(_computed, doc, name))
            if found is not None:
                element.set("name", found)


def _computed(doc: Document, text: str) -> str:
    return "=" + to_feel(doc, text)
