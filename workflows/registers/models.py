"""Tables of registers and of what happened to their entries."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime
from workflows.parts.models import OfCampaign, OfSubject


class RegisterEntry(OfCampaign, Base):
    """An entry of a register: a patient, a licence, a loan, a work handed in.

    ``key`` is unique in the register and names the entry wherever a subject is asked for. ``instance_id`` is the
    instance that handles its case. ``number`` counts within the register.
    """

    __tablename__ = "register_entry"
    __table_args__ = (
        UniqueConstraint("campaign_id", "register", "key"),
        Index("ix_register_entry_campaign_id_key", "campaign_id", "key"),
    )

    register: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(120))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(200), default="")
    category: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[str] = mapped_column(String(40))
    unit_id: Mapped[int | None] = mapped_column(Id)
    fields: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    instance_id: Mapped[int | None] = mapped_column(Id)
    entered_by: Mapped[int | None] = mapped_column(Id)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Event(OfSubject, Base):
    """Something that happened or was missed on a day and counts towards a frequency (频次): a follow-up, a visit."""

    __tablename__ = "register_event"
    __table_args__ = (
        Index("ix_register_event_campaign_id_frequency_subject_day", "campaign_id", "frequency", "subject", "day"),
    )

    frequency: Mapped[str] = mapped_column(String(80))
    day: Mapped[date]
    done: Mapped[bool]
    count: Mapped[int] = mapped_column(default=1)
    note: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[list[Any]] = mapped_column(Json, default=list)
    instance_id: Mapped[int] = mapped_column(Id)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
