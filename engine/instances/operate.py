"""What reaches an instance from outside any of its tasks: a message."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.instances.turns import lock_instance
from engine.instances.writer import TurnWriter

if TYPE_CHECKING:
    from engine.runtime import Engine


def deliver_message(
    engine: "Engine", *, instance_id: int, name: str, payload: Mapping[str, Any], token: str | None = None
) -> None:
    """Hand a message to an instance that waits for it."""
    with engine.db.write() as session, session.no_autoflush:
        instance = lock_instance(session, instance_id)
        writer = TurnWriter(engine, session, engine.clock.now())
        writer.work(instance, "message", writer.at, {"name": name, "payload": dict(payload)}, token)
        writer.write()
    engine.bell.ring()
