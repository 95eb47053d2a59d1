"""The table of the standard's rules: code, severity, sentence, advice and the place in BPMN 2.0.2 that demands it."""

from dataclasses import dataclass

EVERYWHERE = "everywhere"
PLAIN = "plain"
"""In plain BPMN: an engine's dialect has its own way there, which is executed."""
FORMAL = "formal"
"""In plain BPMN that declares its expression language: others leave this out, and it is plain what they mean."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    ``message`` and ``advice`` are Chinese " / " English with places for words in braces. ``severity`` is ``error`` for
    what the standard forbids or what would be executed otherwise than drawn, ``warning`` for style. ``within`` says in
    which documents it holds, ``beyond`` what it is in others: a ``warning``, or nothing.
    """

    code: str
    source: str
    message: str
    advice: str
    severity: str = "error"
    within: str = EVERYWHERE
    beyond: str = ""


_STRUCTURE = (
    Rule(
        "duplicate-id",
        "8.3.1 BaseElement",
        "编号“{id}”用了两次 / The id {id} is used twice",
        "给每个元素不同的编号 / Give every element its own id",
    ),
    Rule(
        "duplicate-inner-id",
        "8.3.1 BaseElement",
        "编号“{id}”用了两次 / The id {id} is used twice",
        "给每个元素不同的编号 / Give every element its own id",
        severity="warning",
    ),
    Rule(
        "no-id",
        "8.3.1 BaseElement, id",
        "“{tag}”没有编号 / The {tag} has no id",
        "写上编号 / Give it an id",
        within=FORMAL,
    ),
    Rule(
        "misplaced-element",
        "8 to 10, contents of each element",
        "“{tag}”不能放在“{parent}”里 / {tag} may not stand in {parent}",
        "移到标准允许的位置，或删除 / Move it to where the standard allows it, or remove it",
    ),
    Rule(
        "missing-child",
        "8 to 10, contents of each element",
        "“{parent}”缺少“{tag}” / {parent} lacks its {tag}",
        "补上 / Add it",
    ),
    Rule(
        "too-many-children",
        "8 to 10, contents of each element",
        "“{parent}”里的“{tag}”太多 / {parent} has more {tag} than allowed",
        "只留一个 / Keep one",
    ),
    Rule(
        "unknown-attribute",
        "8 to 10, attributes of each element",
        "“{tag}”没有属性“{name}” / {tag} has no attribute {name}",
        "更正拼写，或用带前缀的扩展属性 / Correct its name, or use an extension attribute with a prefix",
        within=FORMAL,
        beyond="warning",
    ),
    Rule(
        "missing-attribute",
        "8 to 10, attributes of each element",
        "“{tag}”缺少属性“{name}” / {tag} lacks its attribute {name}",
        "补上 / Add it",
    ),
    Rule(
        "invalid-value",
        "8 to 10, attributes of each element",
        "{name}=“{value}”不是允许的值 / {name} may not be “{value}”",
        "可用：{allowed} / Use one of these",
    ),
    Rule(
        "choreography-in-process",
        "8.4.8 FlowElementsContainer; 10.3.5 Sub-Process",
        "流程里不能有编排活动 {tag} / A process may not hold the choreography activity {tag}",
        "改用任务或子流程 / Use a task or subprocess",
    ),
    Rule(
        "dangling-reference",
        "8 to 10, model associations",
        "{name}“{reference}”不存在 / {name} refers to {reference}, which does not exist",
        "重新选择 / Choose again",
    ),
    Rule(
        "wrong-reference",
        "8 to 10, model associations",
        "{name}“{reference}”是 {found}，应为 {expected} / {name} refers to a {found} instead of {expected}",
        "重新选择 / Choose again",
    ),
    Rule(
        "loose-reference",
        "8 to 10, model associations",
        "{name}“{reference}”不存在或不是所要的元素 / {name} refers to {reference}, which is not what it should be",
        "重新选择，或删除 / Choose again, or remove it",
        severity="warning",
    ),
    Rule(
        "dangling-drawing",
        "8.4.7 FlowNode; 10.8 Lanes",
        "{name}“{reference}”不存在 / {name} refers to {reference}, which does not exist",
        "在编辑器里重新保存 / Save it again in an editor",
        within=FORMAL,
        beyond="warning",
    ),
    Rule(
        "wrong-drawing",
        "8.4.7 FlowNode; 10.8 Lanes",
        "{name}“{reference}”是 {found}，应为 {expected} / {name} refers to a {found} instead of {expected}",
        "在编辑器里重新保存 / Save it again in an editor",
        within=FORMAL,
        beyond="warning",
    ),
    Rule(
        "not-immediate",
        "8.4.13 SequenceFlow",
        "可执行流程的连线不能是 isImmediate=false / In an executable process isImmediate may not be false",
        "删除 isImmediate / Remove isImmediate",
        within=FORMAL,
    ),
    Rule(
        "start-without-end",
        "10.5.3 End Event",
        "有开始事件，却没有结束事件 / There is a start event but no end event",
        "加上结束事件 / Add an end event",
        within=FORMAL,
    ),
    Rule(
        "end-without-start",
        "10.5.2 Start Event",
        "有结束事件，却没有开始事件 / There is an end event but no start event",
        "加上开始事件 / Add a start event",
        within=FORMAL,
    ),
    Rule(
        "leads-nowhere",
        "10.3 Sequence Flow Connections; 10.5.3 End Event",
        "没有流出，这一层却有结束事件 / It leads nowhere although the level has an end event",
        "连到结束事件 / Connect it to an end event",
        within=FORMAL,
    ),
    Rule(
        "lonely-condition",
        "8.4.13 SequenceFlow, conditional flow",
        "唯一的流出不能有条件 / The only outgoing flow of an activity may not have a condition",
        "加上另一条连线，例如默认流向 / Add another flow, for example a default one",
        within=FORMAL,
    ),
    Rule(
        "condition-after-start",
        "10.5.2 Sequence Flow Connections",
        "开始事件之后的连线不能有条件 / A flow that leaves a start event has no condition",
        "用网关 / Use a gateway",
        within=FORMAL,
    ),
    Rule(
        "default-condition",
        "8.4.13 SequenceFlow; 10.3 Activity, default",
        "默认流向的条件不会被计算 / The condition of a default flow is not evaluated",
        "删除条件 / Remove it",
        severity="warning",
    ),
)

_TEXTS = (
    Rule(
        "informal-expression",
        "8.4.6 Expression, FormalExpression",
        "{tag}“{text}”是文字说明，不是可执行的表达式 / {tag} is a text, not an expression that can be executed",
        "写上 xsi:type=“tFormalExpression” / Give it xsi:type=“tFormalExpression”",
        within=FORMAL,
    ),
    Rule(
        "not-boolean",
        "8.4.6 Expressions; 10.3.8 ComplexBehaviorDefinition",
        "{tag}“{text}”不是条件：它不是真也不是假 / {tag} is no condition: it is neither true nor false",
        "写成比较式 / Write a comparison",
    ),
    Rule(
        "not-a-time",
        "10.5.5 TimerEventDefinition",
        "{tag}“{text}”不是 ISO 8601 时间 / {tag} is not a time of ISO 8601",
        "例如 PT1H；变量写成 ={text} / For example PT1H; a variable is written ={text}",
        within=FORMAL,
    ),
    Rule(
        "not-a-uri",
        "8.2.1 Definitions; 8.4.6 FormalExpression; 10.3.5 Transaction",
        "{name}=“{value}”不是有效的 URI / {name} is not a valid URI",
        "更正或删除 / Correct it or remove it",
    ),
    Rule(
        "not-a-media-type",
        "8.3.2 Documentation; 8.4.1 Text Annotation",
        "{name}=“{value}”不是媒体类型 / {name} is not a media type",
        "例如 text/plain / For example text/plain",
    ),
    Rule(
        "no-script-format",
        "10.3.3 Script Task",
        "脚本没有写明格式，按 FEEL 执行 / The script does not name its format and is taken as FEEL",
        "写上 scriptFormat / Set scriptFormat",
        within=FORMAL,
    ),
    Rule(
        "script-format",
        "10.3.3 Script Task, scriptFormat",
        "脚本格式“{value}”不是媒体类型 / The script format {value} is not a media type",
        "例如 text/javascript / For example text/javascript",
        within=FORMAL,
    ),
    Rule(
        "missing-import",
        "8.2.2 Import",
        "导入的文件“{location}”不在流程包里 / The imported file {location} is not in the package",
        "放进流程包，或删除导入 / Put it into the package, or remove the import",
        within=PLAIN,
    ),
)

_EVENTS = (
    Rule(
        "forbidden-event",
        "10.5.2 to 10.5.4, triggers and results by position",
        "{place}不能是 {kind} 事件 / {stands} may not be of the kind {kind}",
        "换一种事件 / Choose another kind",
    ),
    Rule(
        "link-flow",
        "10.5.4 Link",
        "链接的这一端不能有{side} / This end of a link has no {flow} sequence flow",
        "删除连线 / Remove the flow",
    ),
    Rule(
        "link-pair",
        "10.5.5 LinkEventDefinition",
        "链接“{name}”的两端互不相认 / The two ends of the link do not name each other",
        "更正 source 和 target / Correct source and target",
    ),
    Rule(
        "link-level",
        "10.5.4 Link",
        "链接“{name}”的两端不在同一层次 / The two ends of the link are on different levels",
        "画在同一层次 / Draw both on the same level",
    ),
    Rule(
        "no-operation",
        "10.5.5 MessageEventDefinition, operationRef",
        "消息有内容定义，却没有操作 / The message has a defined content but no operation",
        "写上 operationRef，或去掉消息的 itemRef / Name the operation, or remove itemRef from the message",
        within=PLAIN,
    ),
    Rule(
        "no-message-reference",
        "10.5.5 MessageEventDefinition, messageRef",
        "消息事件没有指明消息 / The message event names no message",
        "写上 messageRef / Name the message",
        within=FORMAL,
    ),
    Rule(
        "no-code",
        "8.4.3 Error, errorCode; 8.4.4 Escalation, escalationCode",
        "抛出的{kind}没有代码 / What is thrown has no {attribute}",
        "写上 {attribute} / Set {attribute}",
        within=FORMAL,
    ),
    Rule(
        "event-without-flow",
        "10.5.4 Sequence Flow Connections",
        "中间事件没有流入 / Nothing leads to the intermediate event",
        "连上前序 / Connect it",
        within=FORMAL,
    ),
    Rule(
        "same-declaration",
        "10.5.6 Handling Events",
        "同一层次的另一个事件子流程已经处理这个 {kind} 事件 / Another one of this level handles this {kind} event",
        "只留一个 / Keep one",
    ),
)

_GATEWAYS = (
    Rule(
        "gateway-direction",
        "8.4.9 Gateway, gatewayDirection",
        "方向 {direction} 与 {incoming} 进 {outgoing} 出不符 / {direction} with {incoming} in and {outgoing} out",
        "改方向或连线 / Change the direction or the flows",
        within=PLAIN,
        beyond="warning",
    ),
    Rule(
        "pointless-gateway",
        "10.6.1 Sequence Flow Considerations",
        "网关既不分支也不合并 / The gateway neither splits nor merges",
        "删除网关，或连上另一条连线 / Remove it, or connect another flow",
        within=FORMAL,
        beyond="warning",
    ),
    Rule(
        "event-gateway-single",
        "10.6.6 Event-Based Gateway",
        "事件网关至少要有两个流出 / An event-based gateway has at least two outgoing flows",
        "加上另一个事件，或删除网关 / Add another event, or remove the gateway",
    ),
    Rule(
        "event-gateway-mixed",
        "10.6.6 Event-Based Gateway",
        "接收任务和消息事件不能混用 / Receive tasks and message events may not be mixed",
        "都用消息事件 / Use message events only",
    ),
)

_ACTIVITIES = (
    Rule(
        "quantity",
        "10.3 Activity, startQuantity and completionQuantity",
        "{name}=“{value}”应至少为 1 / {name} must be at least 1",
        "改为 1 或删除 / Make it 1 or remove it",
    ),
    Rule(
        "behavior-event",
        "10.3.8 MultiInstanceLoopCharacteristics",
        "behavior={behavior} 需要 {needed} / behavior {behavior} needs {needed}",
        "补上，或改为 All / Add it, or use All",
    ),
    Rule(
        "subprocess-data",
        "10.4.1 InputOutputSpecification",
        "嵌入子流程不能有自己的 ioSpecification / An embedded subprocess has no ioSpecification",
        "直接用外层的数据 / Use the data around it",
        within=PLAIN,
    ),
    Rule(
        "resource-choice",
        "10.3.1 Resource Assignment",
        "资源和分配表达式只能用一种 / A role has either a resource or an assignment expression",
        "只留一种 / Keep one",
    ),
    Rule(
        "resource-parameter",
        "10.3.1 Resource Assignment",
        "参数不属于所引用的资源 / The parameter does not belong to the resource referred to",
        "更正 resourceRef 或 parameterRef / Correct resourceRef or parameterRef",
    ),
    Rule(
        "resource-unbound",
        "10.3.1 Resource Assignment, isRequired",
        "资源的必填参数没有值 / A parameter that the resource requires has no value",
        "写上 resourceParameterBinding / Bind it",
        within=FORMAL,
    ),
    Rule(
        "task-data",
        "10.3.3 Service, Send and Receive Task",
        "{side} 数据与消息不符：{number} 个数据、{sets} 个集合 / The data{side} do not fit the task's message",
        "恰用一个数据和一个集合 / Use exactly one of each",
        within=PLAIN,
    ),
    Rule(
        "task-data-type",
        "10.3.3 Service, Send and Receive Task",
        "任务的 {side} 数据与消息“{message}”的类型不同 / The data{side} of the task and its message differ in type",
        "用同一个 itemDefinition / Use the same item definition",
        within=PLAIN,
    ),
)

_DATA = (
    Rule(
        "collection",
        "10.4.1 DataObject, DataInput, DataOutput; isCollection",
        "isCollection 与类型“{item}”不同 / isCollection differs from that of its type {item}",
        "两处写成一样 / Make both the same",
        within=PLAIN,
    ),
    Rule(
        "not-in-a-set",
        "10.4.1 InputSet, OutputSet",
        "数据“{name}”不在任何 {side} 集合里 / {name} is in no set",
        "加进集合 / Add it to a set",
        within=PLAIN,
    ),
    Rule(
        "foreign-member",
        "10.4.1 InputSet, OutputSet",
        "“{reference}”不是这里的数据 / {reference} is not among the data of this element",
        "选自己的数据 / Choose its own data",
        within=PLAIN,
    ),
    Rule(
        "set-member",
        "10.4.1 InputSet, OutputSet",
        "{name}“{reference}”不在同一集合的 data{side}Refs 里 / {reference} is not among the set's data{side}Refs",
        "加进 data{side}Refs / Add it there",
    ),
    Rule(
        "several-sources",
        "10.4.1 DataAssociation",
        "数据关联有几个来源，却没有转换 / A data association with several sources needs a transformation",
        "写上 transformation / Write it",
    ),
    Rule(
        "process-data",
        "10.4.1 Data Input, Data Output",
        "流程自己的 {side} 不能这样连接 / The {side} of a process may not be connected like this",
        "改用数据对象 / Use a data object",
    ),
    Rule(
        "association-end",
        "10.4.1 DataInputAssociation, DataOutputAssociation",
        "数据关联的{side}不属于这个元素 / The {end} of the data association does not belong to this element",
        "改用元素自己的数据 / Use the element's own data",
        within=PLAIN,
    ),
    Rule(
        "association-types",
        "10.4.1 DataAssociation",
        "数据关联的两端类型不同，又没有转换 / The ends of the data association differ in type",
        "写上 transformation，或用同一类型 / Write a transformation or use one type",
        within=PLAIN,
    ),
    Rule(
        "state-name",
        "10.4.1 Data Object References",
        "数据对象引用“{name}”应叫“{expected}” / The reference {name} should be called {expected}",
        "改名 / Rename it",
        within=PLAIN,
    ),
    Rule(
        "object-state",
        "10.4.1 Data Object",
        "数据对象没有状态，它的引用才有 / A data object has no state, only a reference to it has",
        "把 dataState 移到引用里 / Move dataState into the reference",
        within=PLAIN,
    ),
    Rule(
        "reference-item",
        "10.4.1 Data Object References",
        "数据对象引用不能有自己的类型 / A reference to a data object has no item definition of its own",
        "写在数据对象上 / Give it to the data object",
        within=PLAIN,
    ),
    Rule(
        "no-data-object",
        "10.4.1 Data Object References, dataObjectRef",
        "引用没有指明数据对象 / The reference names no data object",
        "写上 dataObjectRef / Set dataObjectRef",
        within=FORMAL,
    ),
    Rule(
        "event-data",
        "10.5.1 Data Modeling and Events",
        "事件有 {definitions} 个定义，却有 {number} 个数据 / {definitions} event definitions but {number} data",
        "每个定义一个数据 / One for each definition",
        within=PLAIN,
    ),
    Rule(
        "event-data-type",
        "10.5.1 Data Modeling and Events",
        "事件的数据“{name}”与其定义的类型不同 / {name} differs in type from what the event carries",
        "用同一个 itemDefinition / Use the same item definition",
        within=PLAIN,
    ),
    Rule(
        "not-a-collection",
        "10.3.8 MultiInstanceLoopCharacteristics",
        "“{name}”不是集合 / {name} is not a collection",
        "设 isCollection=true / Set isCollection",
        within=PLAIN,
    ),
    Rule(
        "item-type",
        "10.3.8 MultiInstanceLoopCharacteristics",
        "项类型“{item}”不是集合“{collection}”的成员类型 / {item} is not the type of the members of {collection}",
        "更正类型 / Correct the types",
        within=PLAIN,
    ),
    Rule(
        "no-binding",
        "10.4.1 InputOutputBinding",
        "支持接口却没有 ioBinding / It supports an interface but has no ioBinding",
        "写上 ioBinding，或去掉接口 / Add it, or remove the interface",
        within=PLAIN,
    ),
    Rule(
        "call-data",
        "10.3.6 Call Activity",
        "调用的 {side} 与被调用者不同 / The {side} of the call differ from those of what is called",
        "写成一样 / Make them the same",
        within=PLAIN,
    ),
)

_COLLABORATION = (
    Rule(
        "multiplicity",
        "9.3.1 ParticipantMultiplicity",
        "参与者数量 {least} 到 {most} 不成立 / A multiplicity of {least} to {most} is impossible",
        "最小不大于最大，最大至少 1 / At most the maximum, which is at least 1",
    ),
    Rule(
        "message-flow-end",
        "9.4 Message Flow; 10.5.2, 10.5.3 Message Flow Connections",
        "{tag} 不能是消息流的{side} / A {tag} may not be the {end} of a message flow",
        "连到消息事件、任务或泳池 / Connect it to a message event, a task or a pool",
    ),
    Rule(
        "message-flow-inside",
        "9.4 Message Flow",
        "消息流应连接两个泳池 / A message flow connects two pools",
        "泳池内用连线 / Use a sequence flow inside a pool",
    ),
    Rule(
        "message-flow-result",
        "10.5.3, 10.5.4 Message Flow Connections",
        "发出消息流的 {tag} 应是消息事件 / A {tag} that sends a message flow is a message event",
        "改为消息事件 / Make it a message event",
        within=FORMAL,
        beyond="warning",
    ),
    Rule(
        "conversation-link",
        "9.5.6 Conversation Link",
        "会话链接连接一个会话和一个参与者 / A conversation link joins a conversation and a participant",
        "重新连接 / Connect it again",
    ),
    Rule(
        "conversation-parties",
        "9.5.1 Conversation Node",
        "会话至少有两个参与者 / A conversation has at least two participants",
        "写上 participantRef / Add them",
        within=PLAIN,
    ),
    Rule(
        "global-conversation",
        "9.5.5 Global Conversation",
        "全局会话里不能有 {tag} / A global conversation holds no {tag}",
        "改用协作 / Use a collaboration",
    ),
    Rule(
        "public-executable",
        "10.1 Process, isExecutable",
        "公共流程不能执行 / A public process is not executable",
        "改为 Private，或不执行 / Make it private, or not executable",
        within=PLAIN,
    ),
)

_UNEXECUTED = (
    Rule(
        "unexecuted-quantity",
        "10.3 Activity, startQuantity and completionQuantity",
        "不执行 {name}=“{value}”：每个标记单独开始 / {name} is not executed: every token starts the activity",
        "改为 1，用并行网关汇合 / Make it 1 and join the flows by a parallel gateway",
    ),
    Rule(
        "unexecuted-behavior",
        "10.3.8 MultiInstanceLoopCharacteristics, behavior",
        "不执行 behavior={behavior}：多实例全部完成才继续 / behavior {behavior} is not executed: all are awaited",
        "改为 All，或写完成条件 / Use All, or a completion condition",
    ),
    Rule(
        "unexecuted-method",
        "10.3.5 Transaction, method",
        "不执行事务方法“{method}”，只执行补偿 / The transaction's method is not executed; transactions are compensated",
        "改为 ##Compensate 或删除 / Use ##Compensate or remove it",
    ),
)

STANDARD = {
    "structure": _STRUCTURE,
    "texts": _TEXTS,
    "events": _EVENTS,
    "gateways": _GATEWAYS,
    "activities": _ACTIVITIES,
    "data": _DATA,
    "collaboration": _COLLABORATION,
    "unexecuted": _UNEXECUTED,
}
"""The rules by concept; ``unexecuted`` are those parts of the standard that are refused because nothing runs them."""

RULES = {rule.code: rule for rules in STANDARD.values() for rule in rules}
