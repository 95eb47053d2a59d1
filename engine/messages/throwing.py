"""What a process throws: an errand written in the turn, done after its commit."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from engine.interpreter.contract import Thrown
from engine.messages.message import Message
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
    yield Message(
        name=thrown.name,
        correlation=thrown.correlation,
        payload=thrown.payload,
        ttl=run.engine.message_ttl,
        sender_id=run.instance.id,
    )


def _errand(run: "Run", thrown: Thrown, kind: str, payload: Mapping[str, object]) -> None:
    run.writer.add(
        Errand(
            kind=kind, instance_id=run.instance.id, payload={**payload, "element_id": thrown.element_id}, due=run.at,
            created_at=run.at,
        )
    )  # fmt: skip
