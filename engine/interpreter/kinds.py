"""Which behaviour a BPMN element has."""

from engine.interpreter import activities, adhoc, calls, events, gateways, throwing
from engine.interpreter.specs import NodeSpec, ProcessSpec

KINDS: dict[str, type[NodeSpec]] = {
    "task": activities.PassingTask,
    "userTask": activities.WaitingTask,
    "manualTask": activities.ManualTask,
    "serviceTask": activities.ServiceTask,
    "scriptTask": activities.ScriptTask,
    "businessRuleTask": activities.BusinessRuleTask,
    "sendTask": activities.SendTask,
    "receiveTask": activities.ReceiveTask,
    "subProcess": activities.SubProcess,
    "transaction": activities.Transaction,
    "adHocSubProcess": adhoc.AdHocSubProcess,
    "callActivity": calls.CallActivity,
    "exclusiveGateway": gateways.ExclusiveGateway,
    "parallelGateway": gateways.ParallelGateway,
    "inclusiveGateway": gateways.InclusiveGateway,
    "complexGateway": gateways.ComplexGateway,
    "eventBasedGateway": gateways.EventBasedGateway,
    "startEvent": events.StartEvent,
    "endEvent": throwing.EndEvent,
    "intermediateCatchEvent": events.CatchEvent,
    "intermediateThrowEvent": throwing.ThrowEvent,
    "boundaryEvent": events.BoundaryEvent,
}

ProcessSpec.kinds.update(KINDS)
