"""Reads the parts of a flow node: attributes, event definitions, loops, mappings."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from engine.definitions.correlation import correlation_key
from engine.definitions.model import EventDefinition, MultiInstance, NodeScript
from engine.definitions.vocabulary import BPMN, PREFIXES

_TIMER_PARTS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}
_SCRIPT_TYPES = {
    "text/javascript": "javascript",
    "application/javascript": "javascript",
    "text/ecmascript": "javascript",
    "application/ecmascript": "javascript",
    "text/feel": "feel",
    "application/feel": "feel",
}
"""Languages of scripts by their media types, which BPMN 2.0.2 (10.3.3) asks for."""

_NOT_TRANSLATED = {
    "taskListener": "listeners",
    "executionListener": "listeners",
    "connector": "connector",
    "formData": "formData",
    "field": "fields",
    "untranslated": "untranslated",
}


def local_name(element: Any) -> str:
    """Return the tag without its namespace."""
    return _local(element.tag)


@lru_cache(maxsize=1024)
def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def prefix_of(element: Any) -> str:
    """Return the house's prefix of the element's namespace (``camunda``, ``duban`` …), empty for others."""
    return PREFIXES.get(str(element.tag).rpartition("}")[0][1:], "")


def children(element: Any, tag: str) -> list[Any]:
    """Return the direct BPMN children with this tag."""
    return list(element.findall(f"{{{BPMN}}}{tag}"))


def text_of(element: Any, tag: str) -> str | None:
    """Return the text of the first such child, stripped; None where it is absent or empty."""
    found = element.find(f"{{{BPMN}}}{tag}")
    if found is None:
        return None
    return "".join(found.itertext()).strip() or None


def attributes_of(element: Any) -> dict[str, str]:
    """Return BPMN's own attributes by name, extension attributes by ``prefix:name``; ids and names are elsewhere."""
    result = {}
    for key, value in element.attrib.items():
        namespace, _, name = key.rpartition("}")
        if not namespace:
            if name not in ("id", "name"):
                result[name] = value
        elif prefix := PREFIXES.get(namespace[1:]):
            result[f"{prefix}:{name}"] = value
    return result


class RootElements:
    """Messages, signals, errors, escalations and event definitions of the document, by id."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._links: dict[str, Any] | None = None
        self._by_id = {
            element.get("id"): element
            for element in root
            if isinstance(element.tag, str) and element.get("id") and local_name(element) != "process"
        }

    def find(self, reference: str, tag: str | None = None) -> Any:
        """Return the element that a QName refers to, or None."""
        found = self._by_id.get(reference)
        if found is None:
            found = self._by_id.get(reference.rpartition(":")[2])
        return found if found is not None and (tag is None or local_name(found) == tag) else None

    def link_name(self, definition: Any) -> str:
        """Return the name of a link: of one that refers to its target by id, the target's."""
        if self._links is None:
            links = self._root.iter(f"{{{BPMN}}}linkEventDefinition")
            self._links = {link.get("id"): link for link in links if link.get("id")}
        target = self._links.get((text_of(definition, "target") or "").rpartition(":")[2], definition)
        return target.get("name") or ""


def event_definitions(element: Any, roots: RootElements) -> tuple[EventDefinition, ...]:
    """Return the event definitions of an event, inline or by reference, and the message of a send or receive task."""
    found = []
    for child in element:
        tag = local_name(child)
        if tag == "eventDefinitionRef":
            reference = (child.text or "").strip()
            target = roots.find(reference)
            if target is None:
                found.append(EventDefinition("unknown", {"ref": reference, "missing": "true"}))
            else:
                found.append(_event_definition(target, roots))
        elif tag.endswith("EventDefinition"):
            found.append(_event_definition(child, roots))
    if local_name(element) in ("sendTask", "receiveTask") and element.get("messageRef"):
        found.append(EventDefinition("message", _reference(element, "message", roots)))
    key = correlation_key(element)
    return tuple(found if key is None else [_keyed(event, key) for event in found])


def _keyed(event: EventDefinition, key: str) -> EventDefinition:
    """A key written on the element goes before that of its message."""
    return EventDefinition(event.kind, {**event.details, "correlationKey": key}) if event.kind == "message" else event


def _event_definition(element: Any, roots: RootElements) -> EventDefinition:
    kind = local_name(element).removesuffix("EventDefinition")
    details: dict[str, str] = {}
    if kind == "timer":
        for tag, key in _TIMER_PARTS.items():
            text = text_of(element, tag)
            if text is not None:
                details[key] = text
    elif kind in ("message", "signal", "error", "escalation"):
        details = _reference(element, kind, roots)
        for key, value in attributes_of(element).items():
            name = key.partition(":")[2]
            if name.endswith("Variable"):
                details[name] = value
    elif kind == "conditional":
        details = {"condition": text_of(element, "condition") or ""}
    elif kind == "link":
        details = {"name": roots.link_name(element)}
    elif kind == "compensate":
        details = {key: text for key in ("activityRef", "waitForCompletion") if (text := element.get(key))}
    return EventDefinition(kind, details)


def _reference(element: Any, kind: str, roots: RootElements) -> dict[str, str]:
    """Resolve ``messageRef`` and its like to name and code; a dangling one is marked ``missing``."""
    reference = element.get(f"{kind}Ref")
    if not reference:
        return {}
    target = roots.find(reference, kind)
    if target is None:
        return {"ref": reference, "missing": "true"}
    details = {"ref": reference, "name": target.get("name") or target.get("id")}
    if kind == "message" and (key := correlation_key(element) or correlation_key(target)):
        details["correlationKey"] = key
    if kind in ("error", "escalation"):
        details["code"] = target.get(f"{kind}Code") or target.get("name") or target.get("id")
    return details


def multi_instance(element: Any) -> MultiInstance | None:
    """Return the multi-instance characteristics of an activity, in the standard's or Camunda's spelling."""
    loop = next(iter(children(element, "multiInstanceLoopCharacteristics")), None)
    if loop is None:
        return None
    attributes = attributes_of(loop)
    return MultiInstance(
        sequential=loop.get("isSequential") == "true",
        collection=_attribute(attributes, "collection") or text_of(loop, "loopDataInputRef"),
        cardinality=text_of(loop, "loopCardinality"),
        item_name=_attribute(attributes, "elementVariable") or _item_name(loop, "inputDataItem"),
        completion_condition=text_of(loop, "completionCondition"),
        output_collection=_attribute(attributes, "outputCollection") or text_of(loop, "loopDataOutputRef"),
        output_item=_attribute(attributes, "outputElement") or _item_name(loop, "outputDataItem"),
    )


def _attribute(attributes: dict[str, str], name: str) -> str | None:
    return attributes.get(f"duban:{name}") or attributes.get(f"camunda:{name}")


def _item_name(loop: Any, tag: str) -> str | None:
    item = next(iter(children(loop, tag)), None)
    return None if item is None else item.get("name") or item.get("id")


def properties_of(element: Any, attributes: dict[str, str]) -> dict[str, str]:
    """Return the texts nested in a flow node, under the names of :class:`Node`."""
    result = {
        "script": text_of(element, "script"),
        "scriptFormat": _SCRIPT_TYPES.get((element.get("scriptFormat") or "").lower(), element.get("scriptFormat")),
        "resultVariable": _attribute(attributes, "resultVariable"),
        "decisionRef": _attribute(attributes, "decisionRef"),
        "mapDecisionResult": _attribute(attributes, "mapDecisionResult"),
        "documentation": text_of(element, "documentation"),
    }
    found = {key: value for key, value in result.items() if value is not None}
    return {**found, **standard_loop(element), **gateway_or_scope_conditions(element)}


def standard_loop(element: Any) -> dict[str, str]:
    """Return ``standardLoop`` with ``loopCondition``, ``loopMaximum`` and ``testBefore`` of a looping activity."""
    loop = next(iter(children(element, "standardLoopCharacteristics")), None)
    if loop is None:
        return {}
    parts = {
        "standardLoop": "true",
        "loopCondition": text_of(loop, "loopCondition"),
        "loopMaximum": loop.get("loopMaximum"),
        "testBefore": loop.get("testBefore"),
    }
    return {key: value for key, value in parts.items() if value is not None}


def gateway_or_scope_conditions(element: Any) -> dict[str, str]:
    """Return the ``activationCondition`` of a complex gateway, the ``completionCondition`` of an ad-hoc subprocess."""
    tag = {"complexGateway": "activationCondition", "adHocSubProcess": "completionCondition"}.get(local_name(element))
    text = text_of(element, tag) if tag else None
    return {tag: text} if tag and text else {}


def mappings(element: Any) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return inputs, outputs (name -> FEEL) and further properties of the extension elements.

    ``passAll`` and ``returnAll`` stand for ``variables="all"`` of camunda:in and camunda:out. A business key is passed
    on as the variable ``businessKey``. What the interpreter
    has no meaning for (listeners, connectors, nested scripts) is named in a property for the lint to refuse.
    """
    inputs: dict[str, str] = {}
    outputs: dict[str, str] = {}
    extra: dict[str, str] = {}
    for extension in children(element, "extensionElements"):
        for child in extension:
            if isinstance(child.tag, str) and prefix_of(child) in ("camunda", "duban"):
                _extension(child, inputs, outputs, extra)
    return inputs, outputs, extra


def scripts_of(element: Any) -> tuple[NodeScript, ...]:
    """Return the scripts beside an element (``duban:script``), in their order."""
    return tuple(
        NodeScript(child.get("on") or "", (child.text or "").strip(), child.get("flow") or "")
        for extension in children(element, "extensionElements")
        for child in extension
        if isinstance(child.tag, str) and prefix_of(child) == "duban" and local_name(child) == "script"
    )


def _extension(child: Any, inputs: dict[str, str], outputs: dict[str, str], extra: dict[str, str]) -> None:
    tag = local_name(child)
    if tag == "inputOutput":
        _parameters(child, inputs, outputs, extra)
    elif tag in ("in", "out"):
        if child.get("businessKey") is not None:
            inputs["businessKey"] = child.get("businessKey")
        if child.get("variables") == "all":
            extra["passAll" if tag == "in" else "returnAll"] = "true"
        elif child.get("target"):
            expression = child.get("sourceExpression") or child.get("source") or ""
            (inputs if tag == "in" else outputs)[child.get("target")] = expression
    elif tag == "properties":
        for entry in child:
            extra[f"property:{entry.get('name')}"] = entry.get("value") or ""
    elif tag == "failedJobRetryTimeCycle":
        extra["retry"] = (child.text or "").strip()
    elif tag in _NOT_TRANSLATED:
        extra[_NOT_TRANSLATED[tag]] = "true"


def _parameters(block: Any, inputs: dict[str, str], outputs: dict[str, str], extra: dict[str, str]) -> None:
    parameters: Iterable[Any] = block
    for parameter in parameters:
        target = inputs if local_name(parameter) == "inputParameter" else outputs
        if len(parameter):
            extra["nestedParameter"] = parameter.get("name") or ""
        target[parameter.get("name") or ""] = (parameter.text or "").strip()
