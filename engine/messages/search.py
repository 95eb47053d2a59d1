"""Finding the one instance that waits for a message."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from engine.instances.models import OPEN_STATUSES, Instance, InstanceStatus
from engine.messages.errors import AmbiguousMessage
from engine.messages.keys import BUSINESS_KEY, Key, answers, comparable, keys_of, text_of
from engine.messages.message import Message
from engine.messages.models import Subscription

MESSAGE, SIGNAL = "message", "signal"
LOOKED_AT = 500
"""Rows fetched at a time; only waits without a key are ever looked at one by one."""

LIVING = (*OPEN_STATUSES, InstanceStatus.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Found:
    """A wait that a message fits."""

    subscription_id: int
    instance_id: int


def find_subscriber(session: Session, message: Message) -> Found | None:
    """Return the wait that gets a message, None when nobody waits for it.

    A wait with a key that fits goes before those without. Of several waits of one instance it is the oldest.

    Raises
    ------
    AmbiguousMessage
        Several instances wait for it.

    """
    for circle in _circles(session, message):
        keyed = _only(message, _with_key(session, message, circle))
        found = keyed or _only(message, _without_key(session, message, circle))
        if found is not None:
            return found
    return None


def keys_asked_for(session: Session, name: str) -> set[tuple[int, Key | None]]:
    """Return the instances that wait for a message of this name, each with the key that it asks for."""
    query = select(Subscription.instance_id, Subscription.correlation_key, Subscription.key_name)
    query = query.where(Subscription.name == name, Subscription.kind == MESSAGE)
    return {
        (row.instance_id, None if row.correlation_key is None else Key(row.correlation_key, row.key_name or ""))
        for row in session.execute(query)
    }


def has_partner(session: Session, message: Message) -> bool:
    """Say whether an open instance of the target's process belongs to the message's conversation."""
    if message.target is None:
        return False
    query = select(Instance.id).where(
        Instance.conversation_id == message.conversation_id,
        Instance.process_id == message.target.process_id,
        Instance.status.in_(LIVING),
    )
    return session.scalar(query.limit(1)) is not None


def fits(message: Message, key: Key | None, variables: Mapping[str, Any]) -> bool:
    """Say whether a wait with this key, seeing these variables, is one that a message of its name may reach.

    Without a key every value that was given must be a variable's.
    """
    if key is not None:
        return key.text in keys_of(message.offered) and answers(key, message.offered, by_name=not message.correlation)
    return all(
        comparable(variables.get(name)) and text_of(variables[name]) == text_of(value)
        for name, value in message.correlation.items()
    )


def _circles(session: Session, message: Message) -> Iterator[list[ColumnElement[bool]]]:
    """Return whom to ask, the nearest first: over a message flow the conversation, and strangers if it has nobody."""
    target = message.target
    if target is None:
        yield []
        return
    there = [Subscription.process_id == target.process_id]
    if target.element_id is not None:
        there.append(Subscription.element_id == target.element_id)
    yield [*there, Instance.conversation_id == message.conversation_id]
    if not has_partner(session, message):
        yield [*there, Instance.conversation_id.is_(None)]


def _with_key(session: Session, message: Message, circle: list[ColumnElement[bool]]) -> Iterator[Row[Any]]:
    keys = keys_of(message.offered)
    if not keys:
        return
    for row in session.execute(_waits(message, circle).where(Subscription.correlation_key.in_(sorted(keys)))):
        if fits(message, Key(row.correlation_key, row.key_name or ""), {}):
            yield row


def _without_key(session: Session, message: Message, circle: list[ColumnElement[bool]]) -> Iterator[Row[Any]]:
    query = _waits(message, circle).where(Subscription.correlation_key.is_(None))
    business_key = message.correlation.get(BUSINESS_KEY)
    if comparable(business_key):
        query = query.where(Subscription.business_key == text_of(business_key))
    if not message.correlation:
        yield from session.execute(query.execution_options(yield_per=LOOKED_AT))
        return
    query = query.add_columns(Instance.variables)
    for row in session.execute(query.execution_options(yield_per=LOOKED_AT)):
        if fits(message, None, {**row.variables, **row.scope}):
            yield row


def _waits(message: Message, circle: list[ColumnElement[bool]]) -> Select[Any]:
    return (
        select(
            Subscription.id, Subscription.instance_id, Subscription.correlation_key, Subscription.key_name,
            Subscription.scope, Subscription.created_at,
        )
        .join(Instance, Instance.id == Subscription.instance_id)
        .where(Subscription.name == message.name, Subscription.kind == MESSAGE, Instance.status.in_(LIVING), *circle)
    )  # fmt: skip


def _only(message: Message, rows: Iterator[Row[Any]]) -> Found | None:
    """Return the oldest row, having seen that all are of one instance; the others are looked at no further."""
    seen: list[Row[Any]] = []
    for row in rows:
        if seen and row.instance_id != seen[0].instance_id:
            raise AmbiguousMessage(
                f"不止一个流程实例在等消息“{message.name}”，没有投递；请给出关联值 / "
                f"Several instances wait for the message {message.name}: it was given to none; say which one is meant"
            )
        seen.append(row)
    if not seen:
        return None
    oldest = min(seen, key=lambda row: (row.created_at, row.id))
    return Found(oldest.id, oldest.instance_id)
