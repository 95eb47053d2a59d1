"""A message on its way: plain values, the same from a call, a throw event, a send task or the table of early ones."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from engine.messages.keys import comparable


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The other end of a message flow: a process of the sender's own package version, or one element of it."""

    version_id: int
    process_id: str
    element_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent.

    ``correlation`` names the values by which it finds its receiver, ``payload`` becomes variables there. ``ttl`` is
    how long it waits when nobody waits for it; zero lets it go at once. ``sender_id`` is the instance that threw it;
    ``target`` and ``conversation_id`` belong to a message flow.
    """

    name: str
    correlation: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    message_id: str | None = None
    ttl: timedelta = timedelta(0)
    sender_id: int | None = None
    conversation_id: int | None = None
    target: Target | None = None

    @property
    def offered(self) -> dict[str, Any]:
        """The values that keys are looked for among: those given, else the payload's (BPMN 2.0.2, 8.4.2)."""
        return dict(self.correlation) or {name: value for name, value in self.payload.items() if comparable(value)}

    def stored(self) -> dict[str, Any]:
        """Return JSON values for :func:`restored`."""
        return {**asdict(self), "ttl": self.ttl.total_seconds()}


def restored(stored: Mapping[str, Any]) -> Message:
    """Return the message that :meth:`Message.stored` wrote down."""
    target = stored["target"]
    return Message(
        **{
            **stored,
            "ttl": timedelta(seconds=stored["ttl"]),
            "target": None if target is None else Target(**target),
        }
    )
