"""Events: timers in the spellings of the vendors, references that name nothing, events of a registry."""

import re
from decimal import Decimal
from functools import partial
from typing import Any

from engine.definitions.foreign.document import Document, bpmn, local, text_of
from engine.definitions.foreign.expressions import is_template, to_feel
from engine.definitions.foreign.services import service_name
from engine.definitions.foreign.syntax import Untranslatable
from engine.definitions.foreign.vendors import FLOWABLE_NS, JUEL_FAMILY, Vendor

_TIMES = ("timeDate", "timeDuration", "timeCycle")
_ISO_LIKE = re.compile(r"[-+]?P[\dT].*|\d{4}-\d{2}.*|R\d*/.*", re.IGNORECASE)
_AMOUNT = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+(?:\.\d+)?)s)?\s*(?:(\d+)ms)?")
_CRON_EVERY = re.compile(r"(?:0|\*)?/(\d+)")
_REFERENCES = {
    "errorEventDefinition": ("errorRef", "error", "errorCode"),
    "messageEventDefinition": ("messageRef", "message", "name"),
    "signalEventDefinition": ("signalRef", "signal", "name"),
    "escalationEventDefinition": ("escalationRef", "escalation", "escalationCode"),
}
_EVENT_TAGS = ("startEvent", "intermediateCatchEvent", "boundaryEvent")


def translate_timers(doc: Document) -> None:
    """Translate the times of timer events."""
    for time in doc.elements(*_TIMES):
        text = (time.text or "").strip()
        if text:
            found = doc.attempt(time, f"{local(time)} ", text, partial(_time, doc, time, text))
            if found is not None:
                time.text = found
                if local(time) == "timeCycle" and found.startswith("PT"):
                    doc.retag(time, "timeDuration")


def _time(doc: Document, time: Any, text: str) -> str:
    if is_template(text):
        return _time_template(doc, text)
    if _ISO_LIKE.fullmatch(text) or text.startswith("="):
        return text
    if doc.vendor is Vendor.SPIFF:
        return _python_time(doc, text)
    if (amount := _milliseconds(text.lower() if doc.vendor is Vendor.JBPM else text)) is not None:
        kind = local(time)
        return f"R/{amount}" if kind == "timeCycle" and _may_repeat(time) else amount
    if doc.vendor is Vendor.JBPM and "###" in text:
        _, _, every = text.partition("###")
        amount = _milliseconds(every)
        if amount is not None:
            return f"R/{amount}"
    if local(time) == "timeCycle" and (interval := _cron(text)) is not None:
        return interval
    return text


def _time_template(doc: Document, text: str) -> str:
    """Return a time with expressions in it: FEEL, in a cycle for the whole of its text."""
    return "=" + to_feel(doc, text).removeprefix("=")


def _python_time(doc: Document, text: str) -> str:
    """Python's text in quotes is the time itself; anything else is FEEL."""
    found = to_feel(doc, text)
    if found.startswith('"') and found.endswith('"') and found.count('"') == 2:
        return found[1:-1]
    return "=" + found


def _milliseconds(text: str) -> str | None:
    """Return jBPM's ``500ms``, ``2s``, ``1h 30m`` or plain milliseconds as an ISO 8601 duration."""
    if text.isdigit():
        return _seconds(Decimal(text) / 1000)
    match = _AMOUNT.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds, millis = (Decimal(group or 0) for group in match.groups())
    return _seconds(days * 86_400 + hours * 3_600 + minutes * 60 + seconds + millis / 1000)


def _seconds(amount: Decimal) -> str:
    return f"PT{amount.normalize():f}S"


def _may_repeat(time: Any) -> bool:
    """Say whether a cycle repeats at its event: beside an activity or as the start of instances."""
    event = time.getparent().getparent()
    return local(event) == "startEvent" or (local(event) == "boundaryEvent" and event.get("cancelActivity") == "false")


def _cron(text: str) -> str | None:
    """Return a cron text that means every so many seconds, minutes or hours as a repeating interval."""
    fields = text.split()
    if len(fields) not in (5, 6, 7):
        return None
    timed = len(fields) > 5 and all(field in ("*", "?") for field in fields[3:])
    for index, (field, unit) in enumerate(zip(fields, "SMH", strict=False) if timed else ()):
        below = fields[:index]
        above = fields[index + 1 : 3]
        every = _CRON_EVERY.fullmatch(field)
        if all(one == "0" for one in below) and all(one == "*" for one in above):
            if every is not None:
                return f"R/PT{every[1]}{unit}"
            if field == "*":
                return f"R/PT1{unit}"
    raise Untranslatable("这种 cron 不译 / This cron is not translated")


def translate_references(doc: Document) -> None:
    """Make the errors, messages and signals that events name without declaring them, as these engines allow."""
    if doc.vendor not in JUEL_FAMILY | {Vendor.JBPM}:
        return
    known = {element.get("id") for element in doc.root}
    for tag, (attribute, root_tag, naming) in _REFERENCES.items():
        for definition in doc.elements(tag):
            reference = definition.get(attribute)
            if tag != "errorEventDefinition":
                reference = reference or _by_expression(definition, root_tag)
            if reference and reference not in known and reference.rpartition(":")[2] not in known:
                identifier = service_name(reference) if is_template(reference) else reference
                doc.root_element(root_tag, identifier, **{naming: reference})
                definition.set(attribute, identifier)
                known.add(reference)
                doc.translated(
                    definition, f"{attribute}“{reference}”没有声明，当作名称 / It is declared now, by its name"
                )


def _by_expression(definition: Any, root_tag: str) -> str | None:
    """Return the name in Flowable's ``messageExpression`` or ``signalExpression``."""
    for namespace in ("", f"{{{FLOWABLE_NS}}}"):
        if text := definition.get(f"{namespace}{root_tag}Expression"):
            return str(text)
    return None


def translate_registry(doc: Document) -> None:
    """Read events of Flowable's registry as messages of the event type's name."""
    for node in list(doc.nodes()):
        kinds = doc.extensions(node, "eventType")
        if not kinds:
            continue
        kind = text_of(kinds[0])
        tag = local(node)
        if tag in _EVENT_TAGS and not any(local(child).endswith("EventDefinition") for child in node):
            definition = doc.add(node, bpmn("messageEventDefinition"), messageRef=_event_message(doc, kind))
            doc.translated(node, f"事件 {kind} → 消息 / The event {kind} is a message now")
            assert definition is not None
        elif tag in ("serviceTask", "sendTask"):
            doc.set_house(node, "service", service_name(kind))
            doc.translated(node, f"发送事件 {kind} → 服务 / Sending the event {kind} is a service now")


def _event_message(doc: Document, kind: str) -> str:
    identifier = f"Event_{service_name(kind)}"
    doc.root_element("message", identifier, name=kind)
    return identifier


def translate_listening(doc: Document) -> None:
    """Read Flowable's variable listener events as conditional events."""
    for node in list(doc.nodes(*_EVENT_TAGS)):
        for definition in doc.extensions(node, "variableListenerEventDefinition"):
            name = definition.get("variableName") or ""
            conditional = doc.add(node, bpmn("conditionalEventDefinition"))
            doc.add(conditional, bpmn("condition"), f"{name} != null")
            doc.translated(node, f"变量 {name} 变化 → 条件事件 / A condition over {name} now")
            doc.remove(definition)
