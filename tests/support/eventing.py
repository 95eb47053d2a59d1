"""Event definitions as text, and the messages, signals, errors and escalations that they refer to."""

from tests.support.drawing import node

ROOTS = (
    '<message id="msg" name="report"/><message id="msg2" name="reply"/>'
    '<signal id="sig" name="stop"/><signal id="sig2" name="go"/>'
    '<error id="err" name="refused" errorCode="E1"/><error id="err2" name="other" errorCode="E2"/>'
    '<escalation id="esc" name="delay" escalationCode="L1"/><escalation id="esc2" name="other" escalationCode="L2"/>'
)
MESSAGE = '<messageEventDefinition messageRef="msg"/>'
REPLY = '<messageEventDefinition messageRef="msg2"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
GO = '<signalEventDefinition signalRef="sig2"/>'
ERROR = '<errorEventDefinition errorRef="err"/>'
OTHER_ERROR = '<errorEventDefinition errorRef="err2"/>'
ANY_ERROR = "<errorEventDefinition/>"
ESCALATION = '<escalationEventDefinition escalationRef="esc"/>'
OTHER_ESCALATION = '<escalationEventDefinition escalationRef="esc2"/>'
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
