"""The shape of BPMN documents: which elements stand where, their attributes and how many of each there may be.

A compact table of the serialisation described in chapters 8 to 11 of BPMN 2.0.2. One line is
``element < base | attributes | children``: an attribute is ``name``, ``name!`` where it is required, with its type
(``:bool``, ``:int`` or ``:A,B`` for an enumeration); a child is ``name``, ``@group`` for any of a group, and its number
``?``, ``*`` or ``+``. Lines whose name is in the set of abstract elements only pass on what they have.
"""

from dataclasses import dataclass, field
from functools import cache

_GROUPS = """
task: task userTask manualTask serviceTask scriptTask businessRuleTask sendTask receiveTask
subProcess: subProcess adHocSubProcess transaction
activity: @task @subProcess callActivity
gateway: exclusiveGateway parallelGateway inclusiveGateway eventBasedGateway complexGateway
event: startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent implicitThrowEvent
choreographyActivity: choreographyTask subChoreography callChoreography
flowNode: @activity @gateway @event @choreographyActivity
item: dataObject dataObjectReference dataStoreReference
flowElement: @flowNode @item sequenceFlow
artifact: association group textAnnotation
loop: standardLoopCharacteristics multiInstanceLoopCharacteristics
resourceRole: resourceRole performer humanPerformer potentialOwner
expression: expression formalExpression
conversationNode: conversation subConversation callConversation
collaboration: collaboration choreography globalChoreographyTask globalConversation
globalTask: globalTask globalUserTask globalManualTask globalScriptTask globalBusinessRuleTask
eventDefinition: cancelEventDefinition compensateEventDefinition conditionalEventDefinition errorEventDefinition escalationEventDefinition linkEventDefinition messageEventDefinition signalEventDefinition terminateEventDefinition timerEventDefinition
rootElement: @collaboration @globalTask @eventDefinition process category correlationProperty dataStore endPoint error escalation interface itemDefinition message partnerEntity partnerRole resource signal
owner: @flowElement @artifact @collaboration @globalTask @conversationNode process participant messageFlow lane error escalation interface itemDefinition message signal resource correlationProperty correlationKey dataStore category partnerEntity partnerRole conversationLink
"""  # noqa: E501


def _groups() -> dict[str, frozenset[str]]:
    """Read the groups; ``@name`` stands for the members of a group before."""
    result: dict[str, frozenset[str]] = {}
    for line in _GROUPS.strip().splitlines():
        name, members = line.split(": ")
        parts = [result[one[1:]] if one.startswith("@") else {one} for one in members.split()]
        result[name] = frozenset().union(*parts)
    return result


GROUPS = _groups()
ACTIVITY_TAGS = GROUPS["activity"]
EVENT_TAGS = GROUPS["event"]
FLOW_NODE_TAGS = GROUPS["flowNode"]
OWNER_TAGS = GROUPS["owner"]
"""What a finding names: drawn elements and those that a modeller has a list of."""

_TABLE = """
baseElement | id | documentation* extensionElements?
documentation | id textFormat |
extensionElements | |
definitions < baseElement | name targetNamespace expressionLanguage typeLanguage exporter exporterVersion | import* extension* @rootElement* relationship*
import | namespace! location! importType! |
extension | definition mustUnderstand:bool | documentation*
relationship < baseElement | type! direction:None,Forward,Backward,Both | source+ target+
category < baseElement | name | categoryValue*
categoryValue < baseElement | value |
endPoint < baseElement | |
error < baseElement | name errorCode structureRef |
escalation < baseElement | name escalationCode structureRef |
signal < baseElement | name structureRef |
message < baseElement | name itemRef |
itemDefinition < baseElement | structureRef isCollection:bool itemKind:Information,Physical |
resource < baseElement | name! | resourceParameter*
resourceParameter < baseElement | name type isRequired:bool |
partnerEntity < baseElement | name | participantRef*
partnerRole < baseElement | name | participantRef*
interface < baseElement | name! implementationRef | operation+
operation < baseElement | name! implementationRef | inMessageRef outMessageRef? errorRef*
itemAware < baseElement | itemSubjectRef | dataState?
dataState < baseElement | name |
dataStore < itemAware | name capacity:int isUnlimited:bool |
correlationProperty < baseElement | name type | correlationPropertyRetrievalExpression+
correlationPropertyRetrievalExpression < baseElement | messageRef! | messagePath
correlationPropertyBinding < baseElement | correlationPropertyRef! | dataPath
correlationSubscription < baseElement | correlationKeyRef! | correlationPropertyBinding*
correlationKey < baseElement | name | correlationPropertyRef*
collaboration < baseElement | name isClosed:bool | participant* messageFlow* @artifact* @conversationNode* conversationAssociation* participantAssociation* messageFlowAssociation* correlationKey* choreographyRef* conversationLink*
globalConversation < collaboration | |
choreography < collaboration | | @flowElement*
globalChoreographyTask < choreography | initiatingParticipantRef |
participant < baseElement | name processRef | interfaceRef* endPointRef* participantMultiplicity?
participantMultiplicity < baseElement | minimum:int maximum:int |
participantAssociation < baseElement | | innerParticipantRef outerParticipantRef
messageFlow < baseElement | name sourceRef! targetRef! messageRef |
messageFlowAssociation < baseElement | innerMessageFlowRef! outerMessageFlowRef! |
conversationNode < baseElement | name | participantRef* messageFlowRef* correlationKey*
conversation < conversationNode | |
subConversation < conversationNode | | @conversationNode*
callConversation < conversationNode | calledCollaborationRef | participantAssociation*
conversationAssociation < baseElement | innerConversationNodeRef! outerConversationNodeRef! |
conversationLink < baseElement | name sourceRef! targetRef! |
callableElement < baseElement | name | supportedInterfaceRef* ioSpecification? ioBinding*
process < callableElement | processType:None,Public,Private isClosed:bool isExecutable:bool definitionalCollaborationRef | auditing? monitoring? property* laneSet* @flowElement* @artifact* @resourceRole* correlationSubscription* supports*
globalTask < callableElement | | @resourceRole*
globalUserTask < globalTask | implementation | rendering*
globalManualTask < globalTask | |
globalScriptTask < globalTask | scriptLanguage | script?
globalBusinessRuleTask < globalTask | implementation |
auditing < baseElement | |
monitoring < baseElement | |
rendering < baseElement | |
laneSet < baseElement | name | lane*
childLaneSet < laneSet | |
lane < baseElement | name partitionElementRef | partitionElement? flowNodeRef* childLaneSet?
partitionElement < baseElement | |
flowElement < baseElement | name | auditing? monitoring? categoryValueRef*
sequenceFlow < flowElement | sourceRef! targetRef! isImmediate:bool | conditionExpression?
flowNode < flowElement | | incoming* outgoing*
activity < flowNode | isForCompensation:bool startQuantity:int completionQuantity:int default | ioSpecification? property* dataInputAssociation* dataOutputAssociation* @resourceRole* @loop*
task < activity | |
userTask < task | implementation | rendering*
manualTask < task | |
serviceTask < task | implementation operationRef |
sendTask < task | implementation messageRef operationRef |
receiveTask < task | implementation instantiate:bool messageRef operationRef |
scriptTask < task | scriptFormat | script?
businessRuleTask < task | implementation |
callActivity < activity | calledElement |
subProcess < activity | triggeredByEvent:bool | laneSet* @flowElement* @artifact*
transaction < subProcess | method |
adHocSubProcess < subProcess | cancelRemainingInstances:bool ordering | completionCondition?
choreographyActivity < flowNode | initiatingParticipantRef! loopType:None,Standard,MultiInstanceSequential,MultiInstanceParallel | participantRef+ correlationKey*
choreographyTask < choreographyActivity | | messageFlowRef+
subChoreography < choreographyActivity | | @flowElement* @artifact*
callChoreography < choreographyActivity | calledChoreographyRef | participantAssociation*
gateway < flowNode | gatewayDirection:Unspecified,Converging,Diverging,Mixed |
exclusiveGateway < gateway | default |
inclusiveGateway < gateway | default |
complexGateway < gateway | default | activationCondition?
parallelGateway < gateway | |
eventBasedGateway < gateway | instantiate:bool eventGatewayType:Exclusive,Parallel |
catchEvent < flowNode | parallelMultiple:bool | property* dataOutput* dataOutputAssociation* outputSet? @eventDefinition* eventDefinitionRef*
throwEvent < flowNode | | property* dataInput* dataInputAssociation* inputSet? @eventDefinition* eventDefinitionRef*
startEvent < catchEvent | isInterrupting:bool |
intermediateCatchEvent < catchEvent | |
boundaryEvent < catchEvent | cancelActivity:bool attachedToRef! |
intermediateThrowEvent < throwEvent | |
implicitThrowEvent < throwEvent | |
event < throwEvent | |
endEvent < throwEvent | |
cancelEventDefinition < baseElement | |
compensateEventDefinition < baseElement | waitForCompletion:bool activityRef |
conditionalEventDefinition < baseElement | | condition
errorEventDefinition < baseElement | errorRef |
escalationEventDefinition < baseElement | escalationRef |
linkEventDefinition < baseElement | name! | source* target?
messageEventDefinition < baseElement | messageRef | operationRef?
signalEventDefinition < baseElement | signalRef |
terminateEventDefinition < baseElement | |
timerEventDefinition < baseElement | | timeDate? timeDuration? timeCycle?
standardLoopCharacteristics < baseElement | testBefore:bool loopMaximum:int | loopCondition?
multiInstanceLoopCharacteristics < baseElement | isSequential:bool behavior:None,One,All,Complex oneBehaviorEventRef noneBehaviorEventRef | loopCardinality? loopDataInputRef? loopDataOutputRef? inputDataItem? outputDataItem? complexBehaviorDefinition* completionCondition?
complexBehaviorDefinition < baseElement | | condition event?
property < itemAware | name |
dataInput < itemAware | name isCollection:bool |
dataOutput < itemAware | name isCollection:bool |
inputDataItem < dataInput | |
outputDataItem < dataOutput | |
dataObject < flowElement | itemSubjectRef isCollection:bool | dataState?
dataObjectReference < flowElement | itemSubjectRef dataObjectRef | dataState?
dataStoreReference < flowElement | itemSubjectRef dataStoreRef | dataState?
ioSpecification < baseElement | | dataInput* dataOutput* inputSet+ outputSet+
ioBinding < baseElement | operationRef! inputDataRef! outputDataRef! |
inputSet < baseElement | name | dataInputRefs* optionalInputRefs* whileExecutingInputRefs* outputSetRefs*
outputSet < baseElement | name | dataOutputRefs* optionalOutputRefs* whileExecutingOutputRefs* inputSetRefs*
dataAssociation < baseElement | | sourceRef* targetRef transformation? assignment*
dataInputAssociation < dataAssociation | |
dataOutputAssociation < dataAssociation | |
assignment < baseElement | | from to
resourceRole < baseElement | name | resourceRef? resourceParameterBinding* resourceAssignmentExpression?
performer < resourceRole | |
humanPerformer < resourceRole | |
potentialOwner < resourceRole | |
resourceParameterBinding < baseElement | parameterRef! | @expression
resourceAssignmentExpression < baseElement | | @expression
association < baseElement | sourceRef! targetRef! associationDirection:None,One,Both |
group < baseElement | categoryValueRef |
textAnnotation < baseElement | textFormat | text?
anyExpression < baseElement | language evaluatesToTypeRef |
"""  # noqa: E501

_EXPRESSIONS = (
    "expression formalExpression conditionExpression completionCondition activationCondition condition timeDate"
    " timeDuration timeCycle loopCondition loopCardinality messagePath dataPath transformation from to"
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: whether it is required, and its values where the standard lists them."""

    required: bool
    type: str


@dataclass(frozen=True, slots=True)
class Child:
    """A child or group of children, and how often it may stand: at least ``least`` times, at most ``most``."""

    tags: frozenset[str]
    name: str
    least: int
    most: float


@dataclass(frozen=True, slots=True)
class Shape:
    """Attributes by name and children of one element, and what follows from them."""

    attributes: dict[str, Attribute]
    children: tuple[Child, ...]
    required: tuple[str, ...] = field(init=False)
    counted: tuple[Child, ...] = field(init=False)
    allowed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        needed = (name for name, attribute in self.attributes.items() if attribute.required)
        object.__setattr__(self, "required", tuple(needed))
        bounded = (child for child in self.children if child.least or child.most < float("inf"))
        object.__setattr__(self, "counted", tuple(bounded))
        object.__setattr__(self, "allowed", frozenset().union(*(child.tags for child in self.children)))


@cache
def shapes() -> dict[str, Shape]:
    """Return the shape of every element by tag; texts such as ``script`` and references have none."""
    result: dict[str, Shape] = {}
    for line in _TABLE.strip().splitlines():
        head, attributes, children = (part.strip() for part in line.split("|"))
        name, _, base = (part.strip() for part in head.partition("<"))
        inherited = result[base] if base else Shape({}, ())
        result[name] = Shape(
            {**inherited.attributes, **dict(map(_attribute, attributes.split()))},
            inherited.children + tuple(map(_child, children.split())),
        )
    for name in _EXPRESSIONS.split():
        result[name] = result["anyExpression"]
    for name in ("anyExpression", "itemAware", "callableElement", "conversationNode", "dataAssociation"):
        del result[name]
    return result


def _attribute(text: str) -> tuple[str, Attribute]:
    name, _, kind = text.partition(":")
    return name.rstrip("!"), Attribute(name.endswith("!"), kind)


def _child(text: str) -> Child:
    least, most = {"?": (0, 1.0), "*": (0, float("inf")), "+": (1, float("inf"))}.get(text[-1], (1, 1.0))
    name = text.rstrip("?*+")
    tags = GROUPS[name[1:]] if name.startswith("@") else frozenset({name})
    return Child(tags, name.lstrip("@"), least, most)
