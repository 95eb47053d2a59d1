"""Forms that are drawn inside a diagram: generated forms of Camunda, Flowable and Camunda 8 become form-js files."""

import json
import re
from typing import Any

from engine.definitions.foreign.document import Document, bpmn, local, shortened, untranslatable
from engine.definitions.foreign.expressions import is_template, to_feel
from engine.definitions.foreign.syntax import Untranslatable
from engine.definitions.foreign.vendors import ZEEBE_NS

_TYPES = {
    "string": "textfield", "long": "number", "integer": "number", "int": "number", "double": "number",
    "float": "number", "boolean": "checkbox", "date": "datetime", "datetime": "datetime", "enum": "select",
    "textarea": "textarea", "text": "textarea", "number": "number",
}  # fmt: skip
_KEY = re.compile(r"[^\W\d]\w*")
_LIMITS = {"min": "min", "max": "max", "minlength": "minLength", "maxlength": "maxLength"}


def translate_forms(doc: Document) -> None:
    """Make a form file for every form that is drawn inside a user task."""
    for node in doc.nodes("userTask"):
        for data in doc.extensions(node, "formData"):
            _make(doc, node, [field for field in data if local(field) == "formField"])
            doc.remove(data)
        properties = doc.extensions(node, "formProperty")
        if properties:
            _make(doc, node, properties)
            for one in properties:
                doc.remove(one)
    for node in doc.nodes("startEvent"):
        for data in doc.extensions(node, "formData", "formProperty"):
            doc.ignored(node, "启动表单：启动时直接给变量 / A start form: variables are given when it is started")
            doc.remove(data)
    _embedded(doc)


def _make(doc: Document, node: Any, fields: list[Any]) -> None:
    components = [_component(doc, node, field) for field in fields]
    if not components:
        return
    name = form_name(node)
    form = {"schemaVersion": 19, "type": "default", "id": name, "components": components}
    doc.files[f"{name}.form"] = (json.dumps(form, ensure_ascii=False, indent=2) + "\n").encode()
    doc.set_house(node, "form", name)
    doc.translated(node, f"表单写入 {name}.form（{len(components)} 项） / The form is in {name}.form")


def form_name(node: Any) -> str:
    """Return the name of the form that is made for a task: the process's and the task's id."""
    process = node
    while local(process) != "process":
        process = process.getparent()
    return re.sub(r"[^\w.-]+", "-", f"{process.get('id') or 'process'}-{node.get('id')}")


def _component(doc: Document, node: Any, field: Any) -> dict[str, Any]:
    """Return the form-js component of a ``formField`` or ``formProperty``."""
    key = field.get("id") or field.get("variable") or "field"
    kind = (field.get("type") or "string").lower()
    if kind not in _TYPES:
        doc.ignored(node, f"字段“{key}”的类型 {kind} 当作文本 / The type {kind} is taken for text")
    label = field.get("label") or field.get("name") or key
    if is_template(label):
        doc.ignored(node, f"字段名“{shortened(label)}”按原样显示 / The label is shown as it is")
    found: dict[str, Any] = {
        "type": _TYPES.get(kind, "textfield"),
        "id": f"field_{key}",
        "key": key if _KEY.fullmatch(key) else re.sub(r"\W", "_", key),
        "label": label,
    }
    if found["type"] == "datetime":
        found["subtype"] = "datetime" if kind == "datetime" else "date"
    if options := _options(field):
        found["values"] = options
    found |= _default(doc, node, field, found["type"])
    if rules := _rules(field):
        found["validate"] = rules
    if field.get("writable") == "false" or "readonly" in _constraints(field):
        found["readonly"] = True
    return found


def _options(field: Any) -> list[dict[str, str]]:
    values = [one for one in field if local(one) == "value" and one.get("id")]
    return [{"value": one.get("id"), "label": one.get("name") or one.get("id")} for one in values]


def _constraints(field: Any) -> dict[str, str]:
    blocks = [one for one in field if local(one) == "validation"]
    return {c.get("name"): c.get("config") or "true" for block in blocks for c in block if c.get("name")}


def _rules(field: Any) -> dict[str, Any]:
    constraints = _constraints(field)
    rules: dict[str, Any] = {}
    if field.get("required") == "true" or constraints.get("required", "false").lower() == "true":
        rules["required"] = True
    for name, rule in _LIMITS.items():
        limit = constraints.get(name, "")
        if re.fullmatch(r"-?\d+", limit):
            rules[rule] = int(limit)
    return rules


def _default(doc: Document, node: Any, field: Any, kind: str) -> dict[str, Any]:
    text = field.get("defaultValue") or field.get("default")
    if not text:
        return {}
    if is_template(text):
        try:
            doc.add_mapping(node, "in", field.get("id"), to_feel(doc, text))
        except Untranslatable as problem:
            doc.refused(node, untranslatable("默认值 / The default", text, problem, "FEEL"))
        return {}
    if kind == "checkbox":
        return {"defaultValue": text.lower() == "true"}
    if kind == "number":
        return (
            {"defaultValue": float(text) if "." in text else int(text)} if re.fullmatch(r"-?\d+(\.\d+)?", text) else {}
        )
    return {"defaultValue": text}


def _embedded(doc: Document) -> None:
    """Camunda 8 keeps form-js forms in the process and names them by ``camunda-forms:bpmn:id``."""
    forms = {}
    for process in doc.root.findall(bpmn("process")):
        for form in doc.extensions(process, "userTaskForm", namespaces=(ZEEBE_NS,)):
            forms[form.get("id")] = form
    for node in doc.nodes("userTask", "startEvent"):
        for reference in doc.extensions(node, "formDefinition", namespaces=(ZEEBE_NS,)):
            named = (reference.get("formKey") or "").rpartition(":")[2]
            name = reference.get("formId") or named
            form = forms.get(named)
            if form is not None and _is_form(form.text or ""):
                doc.files[f"{name}.form"] = (form.text or "").strip().encode()
            if name and local(node) == "userTask":
                doc.set_house(node, "form", name)
                doc.translated(node, f"表单 {name} / The form is {name}")


def _is_form(text: str) -> bool:
    try:
        return isinstance(json.loads(text).get("components"), list)
    except (ValueError, AttributeError):
        return False
