"""Listeners: those that set variables become scripts that run when their element is entered or left."""

from typing import Any

from engine.definitions.foreign.document import Document, bpmn, local, shortened, text_of, untranslatable
from engine.definitions.foreign.scripts import is_native, language_of, translate_script
from engine.definitions.foreign.syntax import Untranslatable

_TASK_EVENTS = {"create": "enter", "complete": "leave", "assignment": "enter", "start": "enter", "end": "leave"}
_EXECUTION_EVENTS = {"start": "enter", "end": "leave", "take": "take", "": "enter"}
_CALLS = ("class", "delegateExpression", "expression")
_ENDS_LATE = frozenset({"boundaryEvent"})


def translate_listeners(doc: Document) -> None:
    """Translate the listeners of processes, flow nodes, flows and tasks."""
    for node in list(doc.nodes()):
        for listener in doc.extensions(node, "executionListener"):
            _listener(doc, node, listener, _EXECUTION_EVENTS.get(listener.get("event") or ""))
        for listener in doc.extensions(node, "taskListener"):
            _listener(doc, node, listener, _TASK_EVENTS.get(listener.get("event") or ""))
    for flow in doc.elements("sequenceFlow"):
        for listener in doc.extensions(flow, "executionListener"):
            _on_flow(doc, flow, listener)
    for process in doc.elements("process"):
        for listener in doc.extensions(process, "executionListener", "eventListener"):
            _on_process(doc, process, listener)


def _listener(doc: Document, node: Any, listener: Any, on: str | None, flow: str = "") -> None:
    script = _script_of(doc, node, listener)
    if script is None:
        return
    if on is None:
        doc.ignored(listener, f"{listener.get('event')}：这里没有这种时刻 / There is no such moment here")
    elif script:
        when = "leave" if on == "enter" and local(node) in _ENDS_LATE else on
        doc.add_script(node, when, script, flow)
        doc.translated(listener, f"监听器 → 脚本“{shortened(script)}” / The listener is a script now")
    doc.remove(listener)


def _script_of(doc: Document, node: Any, listener: Any) -> str | None:
    """Return what a listener does as JavaScript, empty where it does nothing here; None where it cannot be said."""
    script = next((child for child in listener if local(child) == "script"), None)
    expression = listener.get("expression")
    if script is not None and script.get("resource"):
        doc.refused(listener, f"脚本在 {script.get('resource')} 里 / The script is in a file → put it into the diagram")
        return None
    if script is not None:
        language, text = language_of(script.get("scriptFormat") or script.get("language")), text_of(script)
    elif expression:
        language, text = "juel", expression
    elif listener.get("type") == "script":
        inner = {local(child): text_of(child) for child in listener}
        language, text = "groovy", inner.get("script", "")
    else:
        called = next((listener.get(name) for name in _CALLS if listener.get(name)), "")
        event = listener.get("event") or listener.get("events") or ""
        doc.refused(
            listener,
            f"监听器（{event}）要运行代码“{shortened(called or local(listener))}”"
            " / A listener that runs code → use a service task",
        )
        return None
    if is_native(language):
        return text
    try:
        return translate_script(language, text)
    except Untranslatable as problem:
        advice = "改用脚本任务或服务任务 / Use a script task or a service task"
        doc.refused(listener, untranslatable("监听器 / Listener ", text, problem, advice))
        return None


def _on_flow(doc: Document, flow: Any, listener: Any) -> None:
    source = next((node for node in doc.nodes() if node.get("id") == flow.get("sourceRef")), None)
    if source is None:
        return
    if not flow.get("id"):
        flow.set("id", f"{flow.get('sourceRef')}-{flow.get('targetRef')}")
    _listener(doc, source, listener, "take", flow.get("id"))


def _on_process(doc: Document, process: Any, listener: Any) -> None:
    """Run a process's listener at its start events, or at each of its end events."""
    tag = {"start": "startEvent", "end": "endEvent"}.get(listener.get("event") or "")
    nodes = [] if tag is None else process.findall(bpmn(tag))
    script = _script_of(doc, process, listener)
    if script is None:
        return
    for node in nodes:
        if script:
            doc.add_script(node, "enter" if tag == "startEvent" else "leave", script)
    if nodes:
        doc.translated(listener, f"流程监听器 → 各{tag}的脚本 / A script of every {tag}")
    else:
        doc.ignored(listener, f"{listener.get('event')}：这里没有这种时刻 / There is no such moment here")
    doc.remove(listener)
