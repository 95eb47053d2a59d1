"""The words of BPMN and of the attribute dialects, as the parser and the lint know them."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"

PREFIXES = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://operaton.org/schema/1.0/bpmn": "camunda",
    "http://flowable.org/bpmn": "camunda",
    "http://activiti.org/bpmn": "camunda",
    "http://camunda.org/schema/zeebe/1.0": "zeebe",
    "https://duban.dev/bpmn/1.0": "duban",
}
"""Prefix under which an attribute of a namespace is kept, whatever the file calls it."""

ACTIVITIES = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "scriptTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
        "subProcess",
        "adHocSubProcess",
        "transaction",
        "callActivity",
    }
)
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
EXECUTED = ACTIVITIES | GATEWAYS | EVENTS

SCOPES = frozenset({"subProcess", "adHocSubProcess", "transaction"})
"""Elements that have flow nodes inside."""

NO_TOKENS = frozenset(
    {
        "documentation",
        "extensionElements",
        "laneSet",
        "sequenceFlow",
        "incoming",
        "outgoing",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "association",
        "textAnnotation",
        "group",
        "category",
        "ioSpecification",
        "property",
        "auditing",
        "monitoring",
        "supports",
        "correlationSubscription",
        "resourceRole",
        "performer",
        "humanPerformer",
        "potentialOwner",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "dataInputAssociation",
        "dataOutputAssociation",
        "completionCondition",
    }
)
"""Children of a process or subprocess that never hold a token: drawing, documentation, and the scope's own settings."""
