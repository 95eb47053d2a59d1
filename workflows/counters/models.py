"""Tables of what was counted and of the measures that followed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime
from workflows.parts.models import EXACT, OfSubject


class CounterEntry(OfSubject, Base):
    """One occurrence with its amount (1, or demerit points), on a day that decides the period it counts in."""

    __tablename__ = "counter_entry"
    __table_args__ = (
        Index("ix_counter_entry_campaign_id_counter_subject_day", "campaign_id", "counter", "subject", "day"),
    )

    counter: Mapped[str] = mapped_column(String(80))
    day: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(EXACT)
    reason: Mapped[str] = mapped_column(Text, default="")
    found_by: Mapped[str] = mapped_column(String(80), default="")
    evidence: Mapped[list[Any]] = mapped_column(Json, default=list)
    instance_id: Mapped[int] = mapped_column(Id)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Measure(OfSubject, Base):
    """A measure that a count led to: talk, circular, suspension ``until`` an instant (it may run over the year end)."""

    __tablename__ = "counter_measure"
    __table_args__ = (Index("ix_counter_measure_counter_subject", "counter", "subject"),)

    counter: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(20), default="")
    code: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200), default="")
    total: Mapped[Decimal] = mapped_column(EXACT)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
