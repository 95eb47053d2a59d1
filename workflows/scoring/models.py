"""Tables of scoring: entries as people give them, results with their lines, appeals."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, SentenceJson, UtcDateTime
from workflows.parts.models import EXACT, OfSubject


class AppealState(StrEnum):
    """States of an appeal (申诉): open, upheld (the entry no longer counts), amended (other points), rejected."""

    OPEN = "open"
    UPHELD = "upheld"
    AMENDED = "amended"
    REJECTED = "rejected"


class ScoreEntry(OfSubject, Base):
    """One mark on a sheet, with who gave it, why and the evidence.

    ``amount`` means what the item says: points given, times something was found, a measured value. A veto has none.
    """

    __tablename__ = "score_entry"
    __table_args__ = (Index("ix_score_entry_campaign_id_scheme_subject", "campaign_id", "scheme", "subject"),)

    scheme: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(20), default="")
    round: Mapped[int] = mapped_column(default=1)
    item: Mapped[str] = mapped_column(String(80))
    amount: Mapped[Decimal | None] = mapped_column(EXACT)
    reason: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[list[Any]] = mapped_column(Json, default=list)
    instance_id: Mapped[int] = mapped_column(Id)
    element_id: Mapped[str] = mapped_column(String(200))
    entered_by: Mapped[int | None] = mapped_column(Id)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Score(OfSubject, Base):
    """A computed result. ``value`` is none where a part was missing; ``lines`` say how it came about."""

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("campaign_id", "scheme", "period", "subject"),)

    scheme: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(20), default="")
    category: Mapped[str] = mapped_column(String(80), default="")
    value: Mapped[Decimal | None] = mapped_column(EXACT)
    full: Mapped[Decimal] = mapped_column(EXACT)
    grade: Mapped[str] = mapped_column(String(40), default="")
    veto: Mapped[str] = mapped_column(String(80), default="")
    lines: Mapped[list[Any]] = mapped_column(SentenceJson)
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Appeal(OfSubject, Base):
    """An objection to an entry, to be raised ``until`` an instant and decided by somebody."""

    __tablename__ = "score_appeal"
    __table_args__ = (Index("ix_score_appeal_campaign_id_state", "campaign_id", "state"),)

    entry_id: Mapped[int] = mapped_column(Id)
    scheme: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default=AppealState.OPEN)
    answer: Mapped[str] = mapped_column(Text, default="")
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
