"""Events: which trigger or result may stand where, links, operations (BPMN 2.0.2, 10.5)."""

from typing import Any

from engine.definitions.elements import local_name
from engine.definitions.lint.standard.document import child, flag, parts, texts
from engine.definitions.lint.standard.reporter import Reporter
from engine.definitions.lint.standard.schema import GROUPS

_CATCHES = frozenset({"message", "timer", "conditional", "signal"})
_THROWS = frozenset({"message", "escalation", "compensate", "signal"})
TRIGGERS: dict[str, frozenset[str]] = {
    "start": _CATCHES,
    "event subprocess, interrupting": _CATCHES | {"error", "escalation", "compensate"},
    "event subprocess, not interrupting": _CATCHES | {"escalation"},
    "subprocess": frozenset(),
    "catch": _CATCHES | {"link"},
    "throw": _THROWS | {"link"},
    "boundary, interrupting": _CATCHES | {"error", "escalation", "cancel", "compensate"},
    "boundary, not interrupting": _CATCHES | {"escalation"},
    "end": _THROWS | {"error", "cancel", "terminate"},
}
"""Kinds of event definitions by the place of the event (Tables 10.84 to 10.92 and Table 10.93)."""

_CATCH_ALL = frozenset({"error", "escalation", "compensate"})
_DECLARED = frozenset({"message", "signal"})
_CODED = {"error": "错误", "escalation": "升级"}
_PLACES = {
    "start": ("开始事件", "A start event"),
    "event subprocess, interrupting": ("中断的事件子流程开始", "An interrupting event subprocess start"),
    "event subprocess, not interrupting": ("不中断的事件子流程开始", "A non-interrupting event subprocess start"),
    "subprocess": ("嵌入子流程的开始事件", "The start event of an embedded subprocess"),
    "catch": ("中间捕获事件", "An intermediate catch event"),
    "throw": ("中间抛出事件", "An intermediate throw event"),
    "boundary, interrupting": ("中断的边界事件", "An interrupting boundary event"),
    "boundary, not interrupting": ("不中断的边界事件", "A non-interrupting boundary event"),
    "end": ("结束事件", "An end event"),
}


def check_events(lint: Reporter) -> None:
    """Check every event in every process."""
    for event in lint.document.events:
        if local_name(event) != "implicitThrowEvent" and local_name(event.getparent()) != "complexBehaviorDefinition":
            _check_triggers(lint, event)
    for event in lint.document.of("intermediateCatchEvent", "intermediateThrowEvent"):
        _check_led_to(lint, event)
    for scope in lint.document.of("process", *sorted(GROUPS["subProcess"])):
        _check_handlers(lint, scope)
    _check_links(lint)
    _check_operations(lint)


def place_of(event: Any) -> str:
    """Return where an event stands, as a key of :data:`TRIGGERS`; empty for what the standard does not place."""
    tag = local_name(event)
    if tag == "startEvent":
        parent = event.getparent()
        if local_name(parent) == "subProcess" and flag(parent, "triggeredByEvent"):
            interrupts = flag(event, "isInterrupting", True)
            return f"event subprocess, {'interrupting' if interrupts else 'not interrupting'}"
        return "start" if local_name(parent) == "process" else "subprocess"
    if tag == "boundaryEvent":
        return f"boundary, {'interrupting' if flag(event, 'cancelActivity', True) else 'not interrupting'}"
    return {"intermediateCatchEvent": "catch", "intermediateThrowEvent": "throw", "endEvent": "end"}.get(tag, "")


def kind_of(definition: Any) -> str:
    """Return ``timer``, ``message`` … of an event definition."""
    return local_name(definition).removesuffix("EventDefinition")


def _check_triggers(lint: Reporter, event: Any) -> None:
    place = place_of(event)
    allowed = TRIGGERS.get(place)
    if allowed is None:
        return
    kinds = [kind_of(definition) for definition in lint.document.definitions_of(event)]
    for kind in dict.fromkeys(kinds):
        tolerated = kind == "compensate" and "boundary" in place and not lint.document.formal
        if kind not in allowed and not tolerated:
            lint.report("forbidden-event", event, kind=kind, place=_PLACES[place][0], stands=_PLACES[place][1])


def _check_handlers(lint: Reporter, scope: Any) -> None:
    """Only one interrupting event subprocess of a scope is for the same declared event (10.5.6)."""
    seen: set[tuple[str, str]] = set()
    for handler in parts(scope, "subProcess"):
        for start in parts(handler, "startEvent") if flag(handler, "triggeredByEvent") else ():
            if not flag(start, "isInterrupting", True):
                continue
            for definition in lint.document.definitions_of(start):
                kind = kind_of(definition)
                declared = (kind, definition.get(f"{kind}Ref") or "")
                if declared in seen:
                    lint.report("same-declaration", handler, kind=kind)
                if kind in _CATCH_ALL or (kind in _DECLARED and declared[1]):
                    seen.add(declared)


def _check_led_to(lint: Reporter, event: Any) -> None:
    """In normal flow every intermediate event is led to, except the target of a link (10.5.4)."""
    links = any(kind_of(definition) == "link" for definition in lint.document.definitions_of(event))
    catches_link = links and local_name(event) == "intermediateCatchEvent"
    inside_ad_hoc = local_name(event.getparent()) == "adHocSubProcess"
    if not lint.document.incoming[event.get("id") or ""] and not catches_link and not inside_ad_hoc:
        lint.report("event-without-flow", event)


def _check_links(lint: Reporter) -> None:
    document = lint.document
    for definition in document.of("linkEventDefinition"):
        event = definition.getparent()
        tag = local_name(event)
        identifier = event.get("id") or ""
        if tag == "intermediateCatchEvent" and document.incoming[identifier]:
            lint.report("link-flow", event, side="流入", flow="incoming")
        if tag == "intermediateThrowEvent" and document.outgoing.get(identifier):
            lint.report("link-flow", event, side="流出", flow="outgoing")
        _check_link_pair(lint, definition)


def _check_link_pair(lint: Reporter, definition: Any) -> None:
    """Sources name their target and a target its sources, and both stand on the same level (10.5.5)."""
    document = lint.document
    for element, reference in texts(definition, "source", "target"):
        other = document.resolve(reference) if reference else None
        if other is None or local_name(other) != "linkEventDefinition":
            continue
        back = "source" if local_name(element) == "target" else "target"
        named = [document.resolve(text) for _, text in texts(other, back)]
        if named and all(found is not definition for found in named):
            lint.report("link-pair", definition, name=definition.get("name") or "")
        elif other.getparent().getparent() is not definition.getparent().getparent():
            lint.report("link-level", definition, name=definition.get("name") or "")


def _check_carried(lint: Reporter, event: Any, definition: Any) -> None:
    """Executable events name their message, and what they throw has a code."""
    kind = kind_of(definition)
    if kind == "message" and not definition.get("messageRef"):
        lint.report("no-message-reference", event)
    if kind in _CODED and local_name(event) in ("endEvent", "intermediateThrowEvent"):
        target = lint.document.resolve(definition.get(f"{kind}Ref") or "")
        if target is not None and not target.get(f"{kind}Code"):
            lint.report("no-code", event, kind=_CODED[kind], attribute=f"{kind}Code")


def _check_operations(lint: Reporter) -> None:
    """A message with a declared content needs the operation that carries it (10.5.5, MessageEventDefinition)."""
    document = lint.document
    for event in document.events:
        for definition in document.definitions_of(event):
            _check_carried(lint, event, definition)
    for definition in document.of("messageEventDefinition"):
        message = document.resolve(definition.get("messageRef") or "")
        typed = message is not None and message.get("itemRef")
        if typed and child(definition, "operationRef") is None:
            lint.report("no-operation", definition)
