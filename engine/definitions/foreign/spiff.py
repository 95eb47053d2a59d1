"""SpiffWorkflow and SpiffArena: scripts before and after a task, service operators, messages with payloads."""

from functools import partial
from typing import Any

from engine.definitions.foreign.document import Document, bpmn, duban, local, shortened, text_of, untranslatable
from engine.definitions.foreign.expressions import to_feel
from engine.definitions.foreign.scripts import translate_script
from engine.definitions.foreign.services import service_name
from engine.definitions.foreign.syntax import Untranslatable
from engine.definitions.foreign.vendors import SPIFF_NS

_IGNORED = (
    "instructionsForEndUser", "guestConfirmation", "signalButtonLabel", "allowGuest", "unitTests", "properties",
    "taskMetadataValues", "category", "retry", "processVariableCorrelation",
)  # fmt: skip


def translate_spiff(doc: Document) -> None:
    """Translate the extension elements of SpiffWorkflow."""
    for node in list(doc.nodes()):
        for child in _extensions(doc, node, "preScript", "postScript"):
            _script(doc, node, child)
        for child in _extensions(doc, node, "serviceTaskOperator"):
            _operator(doc, node, child)
        for child in _extensions(doc, node, "calledDecisionId"):
            doc.set_house(node, "decisionRef", text_of(child))
            doc.translated(node, f"决策 {text_of(child)} / The decision {text_of(child)}")
        for child in _extensions(doc, node, *_IGNORED):
            doc.ignored(node, f"spiffworkflow:{local(child)}：不影响流程 / It does not change the course")
    for message in doc.elements("message"):
        _message(doc, message)


def _extensions(doc: Document, element: Any, *tags: str) -> list[Any]:
    return doc.extensions(element, *tags, namespaces=(SPIFF_NS,))


def _script(doc: Document, node: Any, child: Any) -> None:
    text = text_of(child)
    if not text:
        return
    try:
        written = translate_script("python", text)
    except Untranslatable as problem:
        advice = "改用脚本任务 / Use a script task"
        doc.refused(child, untranslatable(local(child), text, problem, advice))
        doc.add(doc.extension_block(node), duban("untranslated"), text)
        return
    if written:
        doc.add_script(node, "enter" if local(child) == "preScript" else "leave", written)
    doc.translated(child, f"{local(child)} → “{shortened(written)}”")


def _operator(doc: Document, node: Any, operator: Any) -> None:
    name = operator.get("id") or "service"
    doc.set_house(node, "service", service_name(name))
    if result := operator.get("resultVariable"):
        doc.set_house(node, "resultVariable", result)
    for parameter in operator.iter(f"{{{SPIFF_NS}}}parameter"):
        text = (parameter.get("value") or "").strip()
        if not text:
            continue
        found = doc.attempt(
            node, f"参数 {parameter.get('id')} / Parameter {parameter.get('id')} ", text, partial(to_feel, doc, text)
        )
        if found is not None:
            doc.add_mapping(node, "in", parameter.get("id") or "", found)
    doc.translated(node, f"服务 {name} / It is the service {name}")


def _message(doc: Document, message: Any) -> None:
    """Give what throws the message its payload, and let what catches it keep the payload under the variable."""
    payload = next(iter(_extensions(doc, message, "messagePayload")), None)
    variable = next(iter(_extensions(doc, message, "messageVariable")), None)
    for node in _using(doc, message.get("id")):
        throws = local(node) in ("sendTask", "intermediateThrowEvent", "endEvent")
        if throws and payload is not None and text_of(payload):
            _payload(doc, node, text_of(payload))
        elif not throws and variable is not None and text_of(variable):
            doc.add_mapping(node, "out", text_of(variable), "result")
            doc.translated(node, f"消息内容存入 {text_of(variable)} / The payload goes to {text_of(variable)}")


def _payload(doc: Document, node: Any, text: str) -> None:
    found = doc.attempt(node, "消息内容 / Payload ", text, lambda: to_feel(doc, text))
    if found is not None:
        doc.add_mapping(node, "in", "payload", found)


def _using(doc: Document, identifier: str) -> list[Any]:
    found = []
    for node in doc.nodes():
        definitions = [node, *node.findall(bpmn("messageEventDefinition"))]
        if any(one.get("messageRef") == identifier for one in definitions):
            found.append(node)
    return found
