"""jBPM: scripts on entry and exit, work items, and what only its own tools look at."""

from typing import Any

from engine.definitions.foreign.document import Document, bpmn, duban, local, shortened, text_of, untranslatable
from engine.definitions.foreign.scripts import is_native, language_of, translate_script
from engine.definitions.foreign.services import service_name
from engine.definitions.foreign.syntax import Untranslatable
from engine.definitions.foreign.vendors import JBPM_NS

_MOMENTS = {"onEntry-script": "enter", "onExit-script": "leave"}


def translate_jbpm(doc: Document) -> None:
    """Translate the extension elements and work items of jBPM."""
    for node in list(doc.nodes()):
        for child in doc.extensions(node, *_MOMENTS, namespaces=(JBPM_NS,)):
            _script(doc, node, child)
        work = node.get(f"{{{JBPM_NS}}}taskName")
        if work and local(node) == "task":
            doc.retag(node, "serviceTask")
            doc.set_house(node, "service", service_name(work))
            doc.translated(node, f"工作项 {work} → 服务 / The work item is the service {work} now")
        elif local(node) == "serviceTask" and not node.get(duban("service")):
            _operation(doc, node)


def _script(doc: Document, node: Any, child: Any) -> None:
    text = text_of(child)
    language = language_of(child.get("scriptFormat")) or "java"
    doc.remove(child)
    if not text:
        return
    try:
        written = text if is_native(language) else translate_script(language, text)
    except Untranslatable as problem:
        advice = "改用脚本任务 / Use a script task"
        doc.refused(node, untranslatable(local(child), text, problem, advice))
        doc.add(doc.extension_block(node), duban("untranslated"), text)
        return
    if written:
        doc.add_script(node, _MOMENTS[local(child)], written)
    doc.translated(node, f"{local(child)} → “{shortened(written) or '—'}”")


def _operation(doc: Document, node: Any) -> None:
    """Name the service of a service task by its interface and operation."""
    operation = node.get("operationRef") or ""
    name = (
        node.get(f"{{{JBPM_NS}}}serviceoperation") or _operation_name(doc, operation) or node.get("name") or "service"
    )
    doc.set_house(node, "service", service_name(name))
    doc.translated(node, f"操作 {name} → 服务 / The operation is the service {name} now")


def _operation_name(doc: Document, reference: str) -> str | None:
    for operation in doc.root.iter(bpmn("operation")):
        if operation.get("id") == reference:
            return operation.get("name") or None
    return None
