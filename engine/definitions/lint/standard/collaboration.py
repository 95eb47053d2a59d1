"""Collaborations: pools, message flows, conversations (BPMN 2.0.2, chapter 9)."""

from typing import Any

from engine.definitions.elements import local_name
from engine.definitions.lint.standard.document import flag, parts
from engine.definitions.lint.standard.events import kind_of
from engine.definitions.lint.standard.reporter import Reporter
from engine.definitions.lint.standard.schema import GROUPS

_NEVER_SENDS = frozenset({"startEvent", "boundaryEvent"})
_NEVER_RECEIVES = frozenset({"endEvent"})
_PARTIES = GROUPS["activity"] | GROUPS["event"] | {"participant"}


def check_collaboration(lint: Reporter) -> None:
    """Check pools, message flows, conversations and public processes."""
    for multiplicity in lint.document.of("participantMultiplicity"):
        _check_multiplicity(lint, multiplicity)
    for flow in lint.document.of("messageFlow"):
        _check_message_flow(lint, flow)
    for link in lint.document.of("conversationLink"):
        _check_conversation_link(lint, link)
    for conversation in lint.document.of(*sorted(GROUPS["conversationNode"])):
        if len(parts(conversation, "participantRef")) < 2:
            lint.report("conversation-parties", conversation)
    for conversation in lint.document.of("globalConversation"):
        forbidden = parts(
            conversation,
            *GROUPS["conversationNode"],
            *GROUPS["artifact"],
            "messageFlowAssociation",
            "participantAssociation",
            "conversationAssociation",
            "choreographyRef",
        )
        if forbidden:
            lint.report("global-conversation", forbidden[0], tag=local_name(forbidden[0]))
    for process in lint.document.of("process"):
        if process.get("processType") == "Public" and flag(process, "isExecutable"):
            lint.report("public-executable", process)


def _check_multiplicity(lint: Reporter, multiplicity: Any) -> None:
    try:
        least, most = (int(multiplicity.get(name, default)) for name, default in (("minimum", 0), ("maximum", 1)))
    except ValueError:
        return
    if least < 0 or most < 1 or least > most:
        lint.report("multiplicity", multiplicity, least=least, most=most)


def _check_message_flow(lint: Reporter, flow: Any) -> None:
    document = lint.document
    source, target = (document.resolve(flow.get(name) or "") for name in ("sourceRef", "targetRef"))
    if source is None or target is None:
        return
    if local_name(source) in _NEVER_SENDS:
        lint.report("message-flow-end", flow, tag=local_name(source), side="起点", end="source")
    if local_name(target) in _NEVER_RECEIVES:
        lint.report("message-flow-end", flow, tag=local_name(target), side="终点", end="target")
    if local_name(source) in ("endEvent", "intermediateThrowEvent"):
        _check_sender(lint, flow, source)
    pools = [_pool(lint, end) for end in (source, target)]
    if pools[0] is not None and pools[0] is pools[1]:
        lint.report("message-flow-inside", flow)


def _check_sender(lint: Reporter, flow: Any, source: Any) -> None:
    kinds = [kind_of(definition) for definition in lint.document.definitions_of(source)]
    if "message" not in kinds:
        lint.report("message-flow-result", flow, tag=local_name(source))


def _pool(lint: Reporter, element: Any) -> Any:
    """Return the process that stands for a pool: a participant without process is a pool of its own."""
    if local_name(element) != "participant":
        return lint.document.process_of(element)
    process = lint.document.resolve(element.get("processRef") or "")
    return element if process is None else process


def _check_conversation_link(lint: Reporter, link: Any) -> None:
    document = lint.document
    ends = [document.resolve(link.get(name) or "") for name in ("sourceRef", "targetRef")]
    if any(end is None for end in ends):
        return
    conversations = sum(local_name(end) in GROUPS["conversationNode"] for end in ends)
    parties = sum(local_name(end) in _PARTIES for end in ends)
    if (conversations, parties) != (1, 1):
        lint.report("conversation-link", link)
