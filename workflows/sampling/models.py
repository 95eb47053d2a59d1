"""The table of draws: enough to draw the same sample again."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime, new_id


class Draw(Base):
    """A sample of a campaign's units.

    ``strata`` holds for every stratum its candidates, those left out with the reason, how many were wanted and
    who was drawn, in the order of the draw.
    """

    __tablename__ = "draw"
    __table_args__ = (Index("ix_draw_campaign_id", "campaign_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    instance_id: Mapped[int] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(80))
    seed: Mapped[str] = mapped_column(String(200))
    strata: Mapped[list[Any]] = mapped_column(Json)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
