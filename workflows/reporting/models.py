"""Tables of reporting obligations."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime, new_id


class ReportFiling(Base):
    """One report that is expected from somebody for a period (报送); ``filed_at`` is None while it is missing.

    ``unit_id`` is None for a report of the campaign's own office. ``figures`` are the numbers that were filed, from
    which the report of the next level is added up.
    """

    __tablename__ = "report_filing"
    __table_args__ = (
        UniqueConstraint("campaign_id", "report", "period", "unit_id"),
        Index("ix_report_filing_unit_id", "campaign_id", "unit_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    report: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(40), default="")
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    filed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    filed_by: Mapped[int | None] = mapped_column(Id)
    figures: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    instance_id: Mapped[int | None] = mapped_column(Id)
