"""What a process throws: an errand written in the turn, done after its commit."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.definitions.collaboration import message_name
from engine.definitions.model import Definition, Process
from engine.interpreter.contract import Thrown
from engine.messages.message import Message, Target
from engine.messages.search import MESSAGE, SIGNAL
from engine.work.models import Errand

if TYPE_CHECKING:
    from engine.instances.run import Run

SEND, BROADCAST = "send", "broadcast"


def throw(run: "Run", thrown: Thrown) -> None:
    """Let a message or a signal go once this turn is committed; an escalation stays in the house."""
    if thrown.kind == SIGNAL:
        signal = {"name": thrown.name, "payload": dict(thrown.payload), "at": run.at.isoformat()}
        _errand(run, thrown, BROADCAST, signal)
    elif thrown.kind == MESSAGE:
        for message in _messages(run, thrown):
            _errand(run, thrown, SEND, {"message": message.stored()})


def _messages(run: "Run", thrown: Thrown) -> Iterator[Message]:
    """Return one message for each message flow that leads to a pool of the house, else one for whoever waits for it."""
    message = Message(
        name=thrown.name,
        correlation=thrown.correlation,
        payload=thrown.payload,
        ttl=run.engine.message_ttl,
        sender_id=run.instance.id,
    )
    ends = list(_ends(run, thrown))
    if not ends:
        yield message
        return
    if run.instance.conversation_id is None:
        run.instance.conversation_id = run.instance.id
    for target, name in ends:
        yield replace(message, name=name, target=target, conversation_id=run.instance.conversation_id)


def _ends(run: "Run", thrown: Thrown) -> Iterator[tuple[Target, str]]:
    """Return where the thrower's message flows lead, and what the message is called there."""
    definition = run.definition
    collaboration = definition.collaboration
    sources = {thrown.element_id} | {
        one.id for one in collaboration.participants.values() if one.process_id == run.process.id
    }
    for flow in collaboration.flows:
        if flow.source not in sources or not flow.target:
            continue
        pool = collaboration.participants.get(flow.target)
        process = definition.processes.get(pool.process_id or "") if pool else _process_of(definition, flow.target)
        if process is None or not process.executable:
            continue
        name = thrown.name if pool else message_name(process.nodes[flow.target]) or thrown.name
        if flow.source == thrown.element_id or name == thrown.name:
            element_id = None if pool else flow.target
            yield Target(version_id=run.package.version_id, process_id=process.id, element_id=element_id), name


def _process_of(definition: Definition, element_id: str) -> Process | None:
    return next((one for one in definition.processes.values() if element_id in one.nodes), None)


def _errand(run: "Run", thrown: Thrown, kind: str, payload: Mapping[str, object]) -> None:
    run.writer.add(
        Errand(
            kind=kind, instance_id=run.instance.id, payload={**payload, "element_id": thrown.element_id}, due=run.at,
            created_at=run.at,
        )
    )  # fmt: skip
