"""The table of indicator values."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime
from workflows.parts.models import EXACT, OfSubject


class TargetValue(OfSubject, Base):
    """An indicator (指标) of a subject in a period: ``actual`` as reported (自评), ``verified`` (核验)."""

    __tablename__ = "target_value"
    __table_args__ = (UniqueConstraint("campaign_id", "target", "period", "subject"),)

    target: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(20), default="")
    baseline: Mapped[Decimal | None] = mapped_column(EXACT)
    goal: Mapped[Decimal | None] = mapped_column(EXACT)
    actual: Mapped[Decimal | None] = mapped_column(EXACT)
    verified: Mapped[Decimal | None] = mapped_column(EXACT)
    note: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[list[Any]] = mapped_column(Json, default=list)
    reported_by: Mapped[int | None] = mapped_column(Id)
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verified_by: Mapped[int | None] = mapped_column(Id)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
