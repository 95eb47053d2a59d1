"""Sending from outside: messages to the one instance that they are meant for, signals to everybody."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.interpreter.values import plain
from engine.messages.correlate import Delivered, correlate
from engine.messages.errors import AmbiguousMessage
from engine.messages.keys import UnusableKey, text_of
from engine.messages.message import Message
from engine.messages.models import MessageReceipt
from engine.messages.throwing import BROADCAST
from engine.store import insert_once
from engine.work.errands import add_errand

if TYPE_CHECKING:
    from engine.runtime import Engine

__all__ = ["AmbiguousMessage", "Delivered", "UnusableKey", "broadcast_signal", "correlate_message"]

RECEIPTS_KEPT = timedelta(days=30)
"""How long an id is remembered at least, after which the same id is another message."""

LONGEST_ID = 200


def correlate_message(
    engine: "Engine",
    *,
    name: str,
    correlation: Mapping[str, Any] | None = None,
    payload: Mapping[str, Any] | None = None,
    message_id: str | None = None,
    ttl: timedelta | None = None,
) -> Delivered:
    """Give a message to the one instance that waits for it, in a transaction of its own.

    When no instance waits, a process of a live version whose message start event has this name is started; when there
    is none either, the message is kept for ``ttl`` and given to the first wait that opens for it.

    Parameters
    ----------
    name
        The message's name, as drawn.
    correlation
        Values by which the receiver is found: texts, numbers or truth values. A wait with a correlation key gets the
        message when its values are among them; a single value counts whatever its name. A wait without a key gets it
        when every one of them is the value of its variable of that name (``businessKey`` is looked up by an index).
        When none is given, the payload's own values are tried on keys, by name.
    payload
        Becomes variables of the receiver.
    message_id
        The same id with the same name has one effect: a repetition changes nothing and returns what the first did.
    ttl
        How long the message waits when nobody does; ``Engine.message_ttl`` when not given, zero lets it go.

    Returns
    -------
    Delivered
        The instance that got it, the one that it started, or ``stored``; none of them when it was let go.

    Raises
    ------
    AmbiguousMessage
        Several instances wait for it (or several processes start with it): nobody got it.
    UnusableKey
        A correlation value is no text, number or truth value.

    """
    message = Message(
        name=_checked(name, message_id, correlation or {}),
        correlation=plain(dict(correlation or {})),
        payload=plain(dict(payload or {})),
        message_id=message_id,
        ttl=engine.message_ttl if ttl is None else ttl,
    )
    with engine.db.write() as session:
        delivered = _once(engine, session, message)
    engine.bell.ring()
    return delivered


def broadcast_signal(engine: "Engine", name: str, payload: Mapping[str, Any] | None = None) -> None:
    """Send a signal to every instance that waits for it now, and start the processes that begin with it.

    The background does it, in chunks: a crash loses nothing and repeats nothing.
    """
    now = engine.clock.now()
    signal = {"name": name, "payload": plain(dict(payload or {})), "at": now.isoformat()}
    with engine.db.write() as session:
        add_errand(session, kind=BROADCAST, due=now, at=now, payload=signal)
    engine.bell.ring()


def _once(engine: "Engine", session: Session, message: Message) -> Delivered:
    """Correlate a message unless its id was there before; two senders of one id wait for each other here."""
    if message.message_id is None:
        return correlate(engine, session, message)
    now = engine.clock.now()
    place = {"name": message.name, "message_id": message.message_id}
    kept = {"outcome": {}, "received_at": now, "expires_at": now + max(message.ttl, RECEIPTS_KEPT)}
    fresh = insert_once(session, MessageReceipt, {**place, **kept})
    receipt = session.get_one(MessageReceipt, tuple(place.values()), populate_existing=True)
    if not fresh:
        return Delivered.from_json(receipt.outcome)
    delivered = correlate(engine, session, message)
    receipt.outcome = delivered.as_json()
    return delivered


def _checked(name: str, message_id: str | None, correlation: Mapping[str, Any]) -> str:
    if not name.strip():
        raise InvalidInput("请写明消息名称 / The message needs a name", {"name": "必填 / Required"})
    if message_id is not None and not 0 < len(message_id) <= LONGEST_ID:
        sentence = f"1 至 {LONGEST_ID} 个字符 / 1 to {LONGEST_ID} characters"
        raise InvalidInput("消息编号不合适 / The message id does not fit", {"message_id": sentence})
    for value in correlation.values():
        text_of(value)
    return name
