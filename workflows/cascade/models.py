"""Plans of units."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime


class UnitPlan(Base):
    """A unit's own plan under a campaign (分解计划): its days (ISO) and target values by code, what it adds in words.

    ``superior_id`` is the unit whose plan it was held against, None for the campaign's own.
    """

    __tablename__ = "unit_plan"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    superior_id: Mapped[int | None] = mapped_column(Id)
    days: Mapped[dict[str, Any]] = mapped_column(Json)
    targets: Mapped[dict[str, Any]] = mapped_column(Json)
    measures: Mapped[str] = mapped_column(String(5000), default="")
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    filed_by: Mapped[int | None] = mapped_column(Id)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    instance_id: Mapped[int | None] = mapped_column(Id)
