"""References: every one leads to an element that exists and is of the kind that the standard names."""

from collections.abc import Collection
from typing import Any

from engine.definitions.elements import local_name
from engine.definitions.lint.standard.document import Document
from engine.definitions.lint.standard.reporter import Reporter
from engine.definitions.lint.standard.schema import GROUPS

_ITEMS = GROUPS["item"] | frozenset(
    {"dataStore", "dataInput", "dataOutput", "property", "inputDataItem", "outputDataItem"}
)
_CALLABLE = GROUPS["globalTask"] | {"process"}
_CONVERSES = GROUPS["conversationNode"]
_EXCHANGES = GROUPS["activity"] | GROUPS["event"] | GROUPS["choreographyActivity"] | _CONVERSES | {"participant"}
_ANY: frozenset[str] = frozenset()

_ATTRIBUTES: dict[str, dict[str, frozenset[str]]] = {
    "*": {
        "itemSubjectRef": frozenset({"itemDefinition"}),
        "operationRef": frozenset({"operation"}),
        "messageRef": frozenset({"message"}),
        "categoryValueRef": frozenset({"categoryValue"}),
        "correlationPropertyRef": frozenset({"correlationProperty"}),
        "initiatingParticipantRef": frozenset({"participant"}),
        "evaluatesToTypeRef": frozenset({"itemDefinition"}),
    },
    "message": {"itemRef": frozenset({"itemDefinition"})},
    "error": {"structureRef": frozenset({"itemDefinition"})},
    "escalation": {"structureRef": frozenset({"itemDefinition"})},
    "signal": {"structureRef": frozenset({"itemDefinition"})},
    "association": {"sourceRef": _ANY, "targetRef": _ANY},
    "messageFlow": {"sourceRef": _EXCHANGES, "targetRef": _EXCHANGES},
    "conversationLink": {"sourceRef": _EXCHANGES, "targetRef": _EXCHANGES},
    "errorEventDefinition": {"errorRef": frozenset({"error"})},
    "escalationEventDefinition": {"escalationRef": frozenset({"escalation"})},
    "signalEventDefinition": {"signalRef": frozenset({"signal"})},
    "compensateEventDefinition": {"activityRef": GROUPS["activity"]},
    "boundaryEvent": {"attachedToRef": GROUPS["activity"]},
    "dataObjectReference": {"dataObjectRef": frozenset({"dataObject"})},
    "dataStoreReference": {"dataStoreRef": frozenset({"dataStore"})},
    "participant": {"processRef": frozenset({"process"})},
    "process": {"definitionalCollaborationRef": GROUPS["collaboration"]},
    "correlationProperty": {"type": frozenset({"itemDefinition"})},
    "resourceParameter": {"type": frozenset({"itemDefinition"})},
    "correlationSubscription": {"correlationKeyRef": frozenset({"correlationKey"})},
    "resourceParameterBinding": {"parameterRef": frozenset({"resourceParameter"})},
    "ioBinding": {"inputDataRef": frozenset({"inputSet"}), "outputDataRef": frozenset({"outputSet"})},
    "multiInstanceLoopCharacteristics": {
        "oneBehaviorEventRef": GROUPS["eventDefinition"],
        "noneBehaviorEventRef": GROUPS["eventDefinition"],
    },
    "callConversation": {"calledCollaborationRef": GROUPS["collaboration"]},
    "conversationAssociation": {"innerConversationNodeRef": _CONVERSES, "outerConversationNodeRef": _CONVERSES},
    "messageFlowAssociation": {
        "innerMessageFlowRef": frozenset({"messageFlow"}),
        "outerMessageFlowRef": frozenset({"messageFlow"}),
    },
    "lane": {"partitionElementRef": _ANY},
}
"""Attributes that refer to an element of the document, by tag (``*``: wherever it stands), and what they may mean."""

_CHILDREN: dict[str, frozenset[str]] = {
    "incoming": frozenset({"sequenceFlow"}),
    "outgoing": frozenset({"sequenceFlow"}),
    "flowNodeRef": GROUPS["flowNode"],
    "operationRef": frozenset({"operation"}),
    "inMessageRef": frozenset({"message"}),
    "outMessageRef": frozenset({"message"}),
    "errorRef": frozenset({"error"}),
    "interfaceRef": frozenset({"interface"}),
    "supportedInterfaceRef": frozenset({"interface"}),
    "endPointRef": frozenset({"endPoint"}),
    "participantRef": frozenset({"participant"}),
    "innerParticipantRef": frozenset({"participant"}),
    "outerParticipantRef": frozenset({"participant"}),
    "messageFlowRef": frozenset({"messageFlow"}),
    "correlationPropertyRef": frozenset({"correlationProperty"}),
    "choreographyRef": GROUPS["collaboration"],
    "categoryValueRef": frozenset({"categoryValue"}),
    "resourceRef": frozenset({"resource"}),
    "eventDefinitionRef": GROUPS["eventDefinition"],
    "dataInputRefs": frozenset({"dataInput"}),
    "optionalInputRefs": frozenset({"dataInput"}),
    "whileExecutingInputRefs": frozenset({"dataInput"}),
    "dataOutputRefs": frozenset({"dataOutput"}),
    "optionalOutputRefs": frozenset({"dataOutput"}),
    "whileExecutingOutputRefs": frozenset({"dataOutput"}),
    "inputSetRefs": frozenset({"inputSet"}),
    "outputSetRefs": frozenset({"outputSet"}),
    "loopDataInputRef": _ITEMS,
    "loopDataOutputRef": _ITEMS,
    "sourceRef": _ITEMS,
    "targetRef": _ITEMS,
    "supports": frozenset({"process"}),
}
"""Children whose text refers to an element of the document, and what they may mean."""

_LINKS = frozenset({"linkEventDefinition", "intermediateCatchEvent", "intermediateThrowEvent"})
_DRAWING = frozenset({"incoming", "outgoing", "flowNodeRef", "association"})
"""Where a dangling reference changes nothing in what is executed."""

_VARIABLES = frozenset({"loopDataInputRef", "loopDataOutputRef"})
"""Where a name that is no element's id means a process variable."""

_ELSEWHERE = frozenset({("messageFlow", "sourceRef"), ("messageFlow", "targetRef"), ("boundaryEvent", "attachedToRef")})
"""What rules of their own say of ends that do not exist."""

_TYPES = frozenset({"itemSubjectRef", "structureRef", "itemRef", "evaluatesToTypeRef", "type"})
"""Where a type of XML Schema may stand for an item definition."""

_CODES = frozenset({"errorRef", "escalationRef", "signalRef", "messageRef"})
"""Where an engine's dialect takes a name that is no element's id as the code or name itself."""

_ASIDE = frozenset(
    {
        "dataInputRefs", "optionalInputRefs", "whileExecutingInputRefs", "inputSetRefs",
        "dataOutputRefs", "optionalOutputRefs", "whileExecutingOutputRefs", "outputSetRefs",
        "itemSubjectRef", "structureRef", "itemRef", "evaluatesToTypeRef", "processRef", "sourceRef", "targetRef",
    }
)  # fmt: skip
"""What an engine's dialect writes for its tools only."""


def check_references(lint: Reporter, known_processes: Collection[str] | None) -> None:
    """Check every reference except the ends of sequence flows, which are the business of the flow's own rules."""
    for element in lint.document.elements:
        tag = local_name(element)
        kinds = {**_ATTRIBUTES["*"], **_ATTRIBUTES.get(tag, {})}
        for name in element.attrib:
            if name in kinds:
                _check(lint, element, tag if tag in _DRAWING else name, element.get(name), kinds[name])
        expected = _CHILDREN.get(tag)
        if tag in ("source", "target") and local_name(element.getparent()) == "linkEventDefinition":
            expected = _LINKS
        if expected is not None:
            _check(lint, element, tag, (element.text or "").strip(), expected)
    _check_called(lint, known_processes)


def _check(lint: Reporter, element: Any, name: str, reference: str, expected: frozenset[str]) -> None:
    document = lint.document
    if not reference:
        return
    found = document.resolve(reference)
    if found is None:
        if not _is_understood(document, element, name, reference):
            lint.report(_code("dangling", document, name), element, name=name, reference=reference)
    elif expected and local_name(found) not in expected:
        wanted = "、".join(sorted(expected)[:4])
        code = _code("wrong", document, name)
        lint.report(code, element, name=name, reference=reference, found=local_name(found), expected=wanted)


def _code(problem: str, document: Document, name: str) -> str:
    if name in _DRAWING:
        return f"{problem}-drawing"
    if document.formal or problem == "wrong":
        aside = document.dialect and name in _ASIDE
    else:
        aside = name == "structureRef" or (document.dialect and name in _ASIDE)
    if aside:
        return "loose-reference"
    return f"{problem}-reference"


def _is_understood(document: Document, element: Any, name: str, reference: str) -> bool:
    """Say whether a reference that leads to no element of the document has a meaning, or a rule, of its own."""
    if document.is_external(reference, element) or (name in _VARIABLES and not document.formal):
        return True
    if (local_name(element), name) in _ELSEWHERE:
        return True
    if name in _TYPES:
        return document.is_schema_type(reference, element)
    return document.dialect and name in _CODES


def _check_called(lint: Reporter, known_processes: Collection[str] | None) -> None:
    document = lint.document
    for call in document.of("callActivity"):
        reference = call.get("calledElement") or ""
        called = document.resolve(reference)
        if called is not None and local_name(called) not in _CALLABLE:
            found = local_name(called)
            lint.report(
                "wrong-reference", call, name="calledElement", reference=reference, found=found, expected="process"
            )
        elif called is None and document.formal and reference and reference not in (known_processes or (reference,)):
            lint.report("dangling-reference", call, name="calledElement", reference=reference)
