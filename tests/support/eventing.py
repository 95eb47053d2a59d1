"""Event definitions as text, and the messages, signals, errors and escalations that they refer to."""

from tests.support.drawing import node

ROOTS = (
    '<message id="m" name="report"/><message id="m2" name="reply"/>'
    '<signal id="g" name="stop"/><signal id="g2" name="go"/>'
    '<error id="x" name="refused" errorCode="E1"/><error id="y" name="other" errorCode="E2"/>'
    '<escalation id="u" name="delay" escalationCode="L1"/><escalation id="v" name="other" escalationCode="L2"/>'
)
MESSAGE = '<messageEventDefinition messageRef="m"/>'
REPLY = '<messageEventDefinition messageRef="m2"/>'
SIGNAL = '<signalEventDefinition signalRef="g"/>'
GO = '<signalEventDefinition signalRef="g2"/>'
ERROR = '<errorEventDefinition errorRef="x"/>'
OTHER_ERROR = '<errorEventDefinition errorRef="y"/>'
ANY_ERROR = "<errorEventDefinition/>"
ESCALATION = '<escalationEventDefinition escalationRef="u"/>'
OTHER_ESCALATION = '<escalationEventDefinition escalationRef="v"/>'
ANY_ESCALATION = "<escalationEventDefinition/>"
TERMINATE = "<terminateEventDefinition/>"


def condition(text: str) -> str:
    return f"<conditionalEventDefinition><condition>{text}</condition></conditionalEventDefinition>"


def boundary(host: str, event: str, node_id: str = "b", *, interrupting: bool = True, **more: str) -> str:
    """Return a boundary event on an activity."""
    cancels = "true" if interrupting else "false"
    return node("boundaryEvent", node_id, event, attachedToRef=host, cancelActivity=cancels, **more)


def handler(node_id: str, event: str, inner: str, *, interrupting: bool = True, **more: str) -> str:
    """Return an event subprocess; its start event is ``<node_id>_start``, and ``inner`` the rest of it."""
    start = node("startEvent", f"{node_id}_start", event, isInterrupting="true" if interrupting else "false", **more)
    return node("subProcess", node_id, start + inner, triggeredByEvent="true")
