"""Values that go into elements and come out of them: inputOutput, in and out, connectors' and services' fields."""

import json
from functools import partial
from typing import Any

from engine.definitions.foreign.document import Document, bpmn, duban, local, shortened, text_of
from engine.definitions.foreign.expressions import is_template, to_feel, to_value, value_of
from engine.definitions.foreign.scripts import assignment, condition_of, is_native, language_of, translate_script
from engine.definitions.foreign.syntax import Name, Untranslatable
from engine.definitions.foreign.vendors import Vendor

_THROWING = frozenset({"endEvent", "intermediateThrowEvent"})
_OF_ERRORS = frozenset({"errorCode", "errorMessage"})
_EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})


def translate_mappings(doc: Document) -> None:
    """Translate the mappings of every flow node."""
    for node in doc.nodes():
        for block in doc.extensions(node, "inputOutput"):
            for parameter in list(block):
                _parameter(doc, node, parameter)
        for mapping in doc.extensions(node, "in", "out"):
            if local(node) in _EVENTS:
                _of_event(doc, node, mapping)
            else:
                _in_or_out(doc, node, mapping)
        for definition in [child for child in node if local(child).endswith("EventDefinition")]:
            for mapping in doc.extensions(definition, "in"):
                _payload(doc, node, mapping)
        if local(node) == "callActivity":
            _inherited(doc, node)


def _parameter(doc: Document, node: Any, parameter: Any) -> None:
    """Give an input or output parameter its FEEL: of a text, a script, a list or a map."""
    name = parameter.get("name") or ""
    shown = shortened(text_of(parameter)) or "null"
    found = doc.attempt(parameter, f"参数 {name} / Parameter {name} ", shown, lambda: _value(doc, parameter))
    if found is None:
        script = next((child for child in parameter if local(child) == "script"), None)
        if script is not None:
            _as_script(doc, node, parameter, script)
        return
    for child in list(parameter):
        parameter.remove(child)
    parameter.text = found


def _value(doc: Document, element: Any) -> str:
    """Return FEEL for what a parameter, an entry or a list item holds."""
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        text = (element.text or "").strip()
        return to_value(doc, text) if text else "null"
    first = children[0]
    kind = local(first)
    if kind == "list":
        return f"[{', '.join(_item(doc, item) for item in first)}]"
    if kind == "map":
        entries = (f'"{entry.get("key")}": {_value(doc, entry)}' for entry in first if local(entry) == "entry")
        return "{" + ", ".join(entries) + "}"
    if kind == "script":
        return condition_of(language_of(first.get("scriptFormat")), text_of(first))
    raise Untranslatable(f"不认识 {kind} / {kind} is unknown")


def _item(doc: Document, item: Any) -> str:
    if local(item) == "script":
        return condition_of(language_of(item.get("scriptFormat")), text_of(item))
    return _value(doc, item)


def _as_script(doc: Document, node: Any, parameter: Any, script: Any) -> None:
    """Run a parameter's script, which does more than compute, when the element is entered or left."""
    language, text, name = language_of(script.get("scriptFormat")), text_of(script), parameter.get("name")
    try:
        written = translate_script(language, text, name)
    except Untranslatable:
        if not is_native(language):
            return
        written = as_result(text, name)
    doc.notes.pop()
    doc.add_script(node, "enter" if local(parameter) == "inputParameter" else "leave", written)
    doc.translated(parameter, f"参数 {name} 的脚本在进入或离开时运行 / Its script runs on entering or leaving")
    doc.remove(parameter)


def as_result(text: str, name: str) -> str:
    """Let a variable take the value of a script's last expression."""
    return f"variables[{json.dumps(name, ensure_ascii=False)}] = eval({json.dumps(text, ensure_ascii=False)});"


def _in_or_out(doc: Document, node: Any, mapping: Any) -> None:
    tag = local(mapping)
    if (key := mapping.attrib.pop("businessKey", None)) is not None:
        mapping.set("sourceExpression", key)
        mapping.set("target", "businessKey")
    if mapping.get("variables") == "all":
        return
    expression = mapping.get("sourceExpression")
    if expression is None and not mapping.get("source"):
        return
    text = expression or mapping.get("source")
    if expression is not None or is_template(text):
        found = doc.attempt(node, f"{tag} ", text, lambda: to_feel(doc, text))
        if found is not None:
            mapping.attrib.pop("source", None)
            mapping.set("sourceExpression", found)
    if (target := mapping.get("targetExpression")) is not None:
        doc.refused(node, f"目标“{shortened(target)}”是表达式 / The target is an expression → name a variable")


def _payload(doc: Document, node: Any, mapping: Any) -> None:
    """Give a thrown signal the values that stand inside its definition."""
    text, target = mapping.get("sourceExpression") or mapping.get("source") or "", mapping.get("target")
    if not text or not target or local(node) not in _THROWING:
        doc.ignored(node, "信号只带写明的变量 / A signal carries the values that are named")
        return
    found = doc.attempt(node, "in ", text, partial(to_feel, doc, text))
    if found is not None:
        doc.add_mapping(node, "in", target, found)


def _of_event(doc: Document, node: Any, mapping: Any) -> None:
    """Give what is thrown its payload, and keep what comes with the caught: the signs of Flowable's in and out."""
    text, target = mapping.get("sourceExpression") or mapping.get("source") or "", mapping.get("target")
    doc.remove(mapping)
    if not text or not target:
        return
    error = next(iter(node.findall(bpmn("errorEventDefinition"))), None)
    if error is not None and text in _OF_ERRORS:
        error.set(duban(f"{text}Variable"), target)
        doc.translated(node, f"{text} → {target}")
        return
    found = doc.attempt(node, f"{local(mapping)} ", text, lambda: to_feel(doc, text))
    if found is None:
        return
    if local(node) in _THROWING and error is not None:
        doc.add_script(node, "enter", assignment(target, value_of(doc, text) if is_template(text) else Name(text)))
    else:
        doc.add_mapping(node, "in" if local(node) in _THROWING else "out", target, found)
    doc.translated(node, f"{target} ← {shortened(found)}")


def _inherited(doc: Document, node: Any) -> None:
    """Say with our words that a called process gets or gives back every variable."""
    block_in = doc.attribute(node, "inheritVariables") == "true" or doc.vendor is Vendor.SPIFF
    block_out = doc.attribute(node, "useLocalScopeForOutParameters") is None and doc.vendor is Vendor.SPIFF
    if node.find(bpmn("ioSpecification")) is not None:
        return
    for wanted, tag in ((block_in, "in"), (block_out, "out")):
        if wanted:
            _pass_all(doc, node, tag)


def _pass_all(doc: Document, node: Any, tag: str) -> None:
    doc.add(doc.extension_block(node), duban(tag), variables="all")
    doc.translated(node, f"{tag}：全部变量 / {tag}: all variables")
