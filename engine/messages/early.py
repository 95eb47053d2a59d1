"""Messages that come before their receiver: kept for a time, found by the wait that opens, expired by the sweep."""

import logging
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.messages.keys import Key, keys_of
from engine.messages.message import Message, Target
from engine.messages.models import EarlyMessage, EarlyMessageKey, MessageReceipt, Subscription
from engine.messages.search import LOOKED_AT, fits
from engine.store import new_id
from engine.work.errands import add_errand

if TYPE_CHECKING:
    from engine.instances.run import Run
    from engine.runtime import Engine

SWEPT_AT_ONCE = 500

ROUTE = "route"
"""Kind of the errand that looks for waits again once a message is kept."""

log = logging.getLogger(__name__)


def keep(engine: "Engine", session: Session, message: Message) -> None:
    """Keep a message until its time is over, and have waits looked for once more after the commit."""
    now = engine.clock.now()
    row = EarlyMessage(
        id=new_id(),
        name=message.name,
        message_id=message.message_id,
        correlation=dict(message.correlation),
        payload=dict(message.payload),
        sender_id=message.sender_id,
        conversation_id=message.conversation_id,
        target=message.stored()["target"],
        created_at=now,
        expires_at=now + message.ttl,
    )
    session.add(row)
    session.flush()
    session.add_all(
        EarlyMessageKey(early_message_id=row.id, correlation_key=key, name=message.name)
        for key in sorted(keys_of(message.offered))
    )
    add_errand(session, kind=ROUTE, due=now, at=now, payload={"early_id": row.id})
    session.flush()


def message_of(row: EarlyMessage) -> Message:
    """Return the message that a row keeps."""
    return Message(
        name=row.name,
        correlation=row.correlation,
        payload=row.payload,
        message_id=row.message_id,
        ttl=row.expires_at - row.created_at,
        sender_id=row.sender_id,
        conversation_id=row.conversation_id,
        target=None if row.target is None else Target(**row.target),
    )


def take(session: Session, early_id: int) -> bool:
    """Take an early message away, to deliver it in this transaction; False when another one has."""
    statement = delete(EarlyMessage).where(EarlyMessage.id == early_id)
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return bool(result.rowcount)  # type: ignore[attr-defined]


def take_for(run: "Run", subscription: Subscription) -> Message | None:
    """Take the oldest early message that a wait may have; its instance is locked."""
    key = (
        None if subscription.correlation_key is None else Key(subscription.correlation_key, subscription.key_name or "")
    )
    query = select(EarlyMessage).where(EarlyMessage.name == subscription.name, EarlyMessage.expires_at > run.at)
    if key is not None:
        query = query.join(EarlyMessageKey, EarlyMessageKey.early_message_id == EarlyMessage.id).where(
            EarlyMessageKey.name == subscription.name, EarlyMessageKey.correlation_key == key.text
        )
    variables = {**run.variables, **subscription.scope}
    query = query.order_by(EarlyMessage.created_at, EarlyMessage.id).execution_options(yield_per=LOOKED_AT)
    with closing(run.session.scalars(query)) as rows:
        for row in rows:
            message = message_of(row)
            if _is_meant(message, run, subscription) and fits(message, key, variables) and take(run.session, row.id):
                return message
    return None


def _is_meant(message: Message, run: "Run", subscription: Subscription) -> bool:
    """Say whether a message flow leads to this wait, in this instance's conversation."""
    target = message.target
    if target is None:
        return True
    there = target.process_id == subscription.process_id and target.element_id in (None, subscription.element_id)
    return there and run.instance.conversation_id in (None, message.conversation_id)


def sweep_expired(session: Session, now: datetime) -> int:
    """Delete what has expired, a chunk of messages at a time; returns how many rows went."""
    query = select(EarlyMessage.id, EarlyMessage.name).where(EarlyMessage.expires_at <= now)
    messages = session.execute(query.limit(SWEPT_AT_ONCE).with_for_update(skip_locked=True)).all()
    for row in messages:
        log.warning("nobody came for the message %s (%d): its time is over", row.name, row.id)
    if messages:
        session.execute(delete(EarlyMessage).where(EarlyMessage.id.in_([row.id for row in messages])))
    receipts = session.execute(delete(MessageReceipt).where(MessageReceipt.expires_at <= now))
    return len(messages) + int(receipts.rowcount)  # type: ignore[attr-defined]


def waiting(session: Session, *, name: str | None = None, limit: int = 100) -> Sequence[EarlyMessage]:
    """Return early messages that still wait, oldest first (for operators)."""
    query = select(EarlyMessage).order_by(EarlyMessage.created_at, EarlyMessage.id).limit(limit)
    return session.scalars(query if name is None else query.where(EarlyMessage.name == name)).all()


def count_waiting(session: Session) -> dict[str, int]:
    """Return how many early messages wait, by name."""
    query = select(EarlyMessage.name, func.count()).group_by(EarlyMessage.name).order_by(EarlyMessage.name)
    return {row[0]: row[1] for row in session.execute(query)}
