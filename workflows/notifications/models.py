"""Tables of notifications: channels, preferences, deliveries."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, SentenceText, UtcDateTime, new_id


class ChannelKind(StrEnum):
    """By what means a channel reaches somebody."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    DINGTALK = "dingtalk"
    WECOM = "wecom"
    FEISHU = "feishu"


class ChannelState(StrEnum):
    """``failing`` is tried further; ``dead`` is not, until a test message arrives or the address is changed."""

    NEW = "new"
    WORKING = "working"
    FAILING = "failing"
    DEAD = "dead"


class DeliveryState(StrEnum):
    """What became of one message: ``collected`` waits for its digest, ``bundled`` went out in one."""

    WAITING = "waiting"
    COLLECTED = "collected"
    BUNDLED = "bundled"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Channel(Base):
    """A way to reach a person. ``sealed`` holds address and secret, readable with the server's key alone.

    ``shown`` is what pages may show of the address. The e-mail channel has nothing sealed: its address is the
    person's. ``salt`` makes a webhook's signing secret, which is derived and never stored.
    """

    __tablename__ = "notification_channel"
    __table_args__ = (Index("ix_notification_channel_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[int] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(12))
    label: Mapped[str] = mapped_column(String(80), default="")
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    shown: Mapped[str] = mapped_column(String(200), default="")
    salt: Mapped[str] = mapped_column(String(32), default="")
    state: Mapped[str] = mapped_column(String(12), default=ChannelState.NEW)
    failures: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(SentenceText, default="")
    last_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Preference(Base):
    """What a person chose. ``choices`` is channel id -> event -> timing; what is not there follows the defaults.

    Times of day are minutes after midnight in the organisation's time zone; ``digest_day`` 0 is Monday, null every day.
    """

    __tablename__ = "notification_preference"

    person_id: Mapped[int] = mapped_column(Id, primary_key=True)
    language: Mapped[str] = mapped_column(String(5), default="zh")
    choices: Mapped[dict[str, Any]] = mapped_column(Json)
    quiet_from: Mapped[int | None]
    quiet_to: Mapped[int | None]
    urgent_passes: Mapped[bool] = mapped_column(default=True)
    working_days_only: Mapped[bool] = mapped_column(default=False)
    digest_at: Mapped[int] = mapped_column(default=8 * 60)
    digest_day: Mapped[int | None]
    content: Mapped[str] = mapped_column(String(12), default="title")


class Delivery(Base):
    """One message on one channel. ``source`` names what caused it, so that the same cause is told once a channel."""

    __tablename__ = "notification_delivery"
    __table_args__ = (
        UniqueConstraint("source", "channel_id"),
        Index("ix_notification_delivery_channel_id_state", "channel_id", "state"),
        Index("ix_notification_delivery_state_created_at", "state", "created_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    channel_id: Mapped[int] = mapped_column(ForeignKey("notification_channel.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(SentenceText, default="")
    slot_id: Mapped[int | None] = mapped_column(Id)
    instance_id: Mapped[int | None] = mapped_column(Id)
    state: Mapped[str] = mapped_column(String(12), default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(SentenceText, default="")
    digest_id: Mapped[int | None] = mapped_column(Id, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
