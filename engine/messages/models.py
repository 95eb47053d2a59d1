"""Tables of messages: who waits for one, which came too early, which starts a process, which was sent before."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime, new_id

KEY_LENGTH = 200
"""Characters of a correlation key; longer ones are kept as their SHA-256."""


class Subscription(Base):
    """An open wait of an instance for a message or a signal, written and removed by the turn that opens and ends it.

    ``kind`` is ``message`` (receive tasks too) or ``signal``. ``correlation_key`` is what a message must carry
    (:mod:`engine.messages.keys`), null when any of its name will do; ``key_name`` the name of a key of one value.
    ``business_key`` is the instance's variable ``businessKey`` when the wait was opened, ``scope`` the values of the
    multi-instance item around it.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        Index("ix_subscription_name_correlation_key_business_key", "name", "correlation_key", "business_key"),
        Index("ix_subscription_name_instance_id", "name", "instance_id"),
        Index("ix_subscription_instance_id_token", "instance_id", "token"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    process_id: Mapped[str] = mapped_column(String(200))
    element_id: Mapped[str] = mapped_column(String(200))
    token: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(300))
    correlation_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    key_name: Mapped[str | None] = mapped_column(String(200))
    business_key: Mapped[str | None] = mapped_column(String(KEY_LENGTH))
    scope: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EarlyMessage(Base):
    """A message that nobody waited for when it came; it waits itself, until ``expires_at``.

    ``target`` limits who may have it (a message flow's other end), ``conversation_id`` says in whose conversation.
    """

    __tablename__ = "early_message"
    __table_args__ = (
        Index("ix_early_message_name_created_at", "name", "created_at"),
        Index("ix_early_message_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(300))
    message_id: Mapped[str | None] = mapped_column(String(200))
    correlation: Mapped[dict[str, Any]] = mapped_column(Json)
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    sender_id: Mapped[int | None] = mapped_column(Id)
    conversation_id: Mapped[int | None] = mapped_column(Id)
    target: Mapped[dict[str, Any] | None] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EarlyMessageKey(Base):
    """One of the keys under which a wait may ask for an early message."""

    __tablename__ = "early_message_key"
    __table_args__ = (Index("ix_early_message_key_name_correlation_key", "name", "correlation_key"),)

    early_message_id: Mapped[int] = mapped_column(ForeignKey("early_message.id", ondelete="CASCADE"), primary_key=True)
    correlation_key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    name: Mapped[str] = mapped_column(String(300))


class MessageReceipt(Base):
    """What became of a message with an id, for whoever sends it again; kept until ``expires_at``."""

    __tablename__ = "message_receipt"
    __table_args__ = (Index("ix_message_receipt_expires_at", "expires_at"),)

    name: Mapped[str] = mapped_column(String(300), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    outcome: Mapped[dict[str, Any]] = mapped_column(Json)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StartTrigger(Base):
    """A start event of a live version that a message, a signal or a timer sets off.

    ``definition`` is the index of its event definition. ``rounds`` counts how often a timer fires after the next time,
    -1 without end; when that is stands in its errand.
    """

    __tablename__ = "start_trigger"
    __table_args__ = (
        Index("ix_start_trigger_kind_name", "kind", "name"),
        Index("ix_start_trigger_package_key", "package_key"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    package_key: Mapped[str] = mapped_column(String(80))
    version_id: Mapped[int] = mapped_column(ForeignKey("package_version.id"))
    process_id: Mapped[str] = mapped_column(String(200))
    element_id: Mapped[str] = mapped_column(String(200))
    definition: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(300))
    rounds: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KeyedStart(Base):
    """The last instance that a message started under a correlation key: while it is open no other is started so."""

    __tablename__ = "keyed_start"

    process_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(300), primary_key=True)
    correlation_key: Mapped[str] = mapped_column(String(KEY_LENGTH), primary_key=True)
    instance_id: Mapped[int | None] = mapped_column(Id)
