"""Giving a message to the one that waits for it, in the transaction at hand; keeping it when nobody does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.instances.models import OPEN_STATUSES, Instance, InstanceStatus
from engine.instances.run import Run, load_run
from engine.instances.turns import advance, lock_instance
from engine.instances.writer import TurnWriter
from engine.interpreter.contract import MessageArrived
from engine.messages import early, starts
from engine.messages.message import Message
from engine.messages.models import EarlyMessage, Subscription
from engine.messages.search import Found, find_subscriber, has_partner
from engine.messages.subscriptions import COLLECT

if TYPE_CHECKING:
    from engine.runtime import Engine


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a message: the instance that got it, or that it started, or that it is kept for later."""

    instances: tuple[int, ...] = ()
    started: tuple[int, ...] = ()
    stored: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return JSON values, for the receipt."""
        return {"instances": list(self.instances), "started": list(self.started), "stored": self.stored}

    @classmethod
    def from_json(cls, outcome: Mapping[str, Any]) -> "Delivered":
        """Return what :meth:`as_json` wrote."""
        return cls(tuple(outcome["instances"]), tuple(outcome["started"]), bool(outcome["stored"]))


def correlate(engine: "Engine", session: Session, message: Message) -> Delivered:
    """Give a message to the instance that waits for it, else start a process with it, else keep it.

    The wait is looked for without any lock and looked at again under the instance's: when something else ended it in
    between, the search begins anew.

    Raises
    ------
    AmbiguousMessage
        Several instances wait for it, or several start events; nothing was changed.

    """
    while (found := find_subscriber(session, message)) is not None:
        instance = lock_instance(session, found.instance_id)
        if instance.status == InstanceStatus.SUSPENDED:
            _collect_when_resumed(engine, session, instance, found)
            return _keep(engine, session, message)
        if deliver(engine, session, instance, found, message):
            return Delivered(instances=(instance.id,))
    started = None if _is_for_a_partner(session, message) else starts.start_by_message(engine, session, message)
    return Delivered(started=(started,)) if started is not None else _keep(engine, session, message)


def deliver(engine: "Engine", session: Session, instance: Instance, found: Found, message: Message) -> bool:
    """Run the turn of a message in an instance that is locked; False when its wait is over."""
    subscription = session.get(Subscription, found.subscription_id, populate_existing=True)
    if subscription is None or instance.status not in OPEN_STATUSES:
        return False
    with session.no_autoflush:
        writer = TurnWriter(engine, session, engine.clock.now())
        receive(load_run(writer, instance), subscription, message)
        writer.write()
    return True


def receive(run: Run, subscription: Subscription, message: Message) -> None:
    """Apply a message to the wait that it was found for."""
    if message.conversation_id is not None and run.instance.conversation_id is None:
        run.instance.conversation_id = message.conversation_id
    detail: dict[str, Any] = {"name": message.name, "correlation": dict(message.correlation)}
    if message.sender_id is not None:
        detail["sender"] = str(message.sender_id)
    if message.message_id is not None:
        detail["message_id"] = message.message_id
    run.writer.line(run.instance, "message", element_id=subscription.element_id, detail=detail)
    arrived = MessageArrived(at=run.at, name=message.name, payload=dict(message.payload), token=subscription.token)
    advance(run, [arrived])


def route_early(engine: "Engine", session: Session, early_id: int) -> None:
    """Look for a wait once more, now that the early message is there for everybody to see."""
    row = session.get(EarlyMessage, early_id)
    if row is None or row.expires_at <= engine.clock.now():
        return
    message = early.message_of(row)
    found = find_subscriber(session, message)
    if found is None:
        return
    instance = lock_instance(session, found.instance_id)
    if instance.status == InstanceStatus.SUSPENDED:
        _collect_when_resumed(engine, session, instance, found)
    elif session.get(Subscription, found.subscription_id, populate_existing=True) and early.take(session, early_id):
        deliver(engine, session, instance, found, message)


def _is_for_a_partner(session: Session, message: Message) -> bool:
    """A message flow to a pool whose instance is already in the conversation waits for that instance."""
    return message.target is not None and message.target.element_id is None and has_partner(session, message)


def _collect_when_resumed(engine: "Engine", session: Session, instance: Instance, found: Found) -> None:
    """Let a suspended instance look for early messages; its work's due times move by the time it stands still."""
    subscription = session.get(Subscription, found.subscription_id, populate_existing=True)
    if subscription is None:
        return
    with session.no_autoflush:
        writer = TurnWriter(engine, session, engine.clock.now())
        due = instance.suspended_at or writer.at
        writer.work(instance, COLLECT, due, {"element_id": subscription.element_id}, subscription.token)
        writer.write()


def _keep(engine: "Engine", session: Session, message: Message) -> Delivered:
    if not message.ttl:
        return Delivered()
    early.keep(engine, session, message)
    return Delivered(stored=True)
