"""The table of draws: enough to draw the same sample again."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, SentenceJson, UtcDateTime, new_id


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
    strata: Mapped[list[Any]] = mapped_column(SentenceJson)
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Inspection(Base):
    """A visit to a unit by a team (督查). An unannounced one is hidden from the unit until it ``starts``.

    ``team`` are ids of people; ``short`` says that fewer inspectors than demanded were free of conflict.
    """

    __tablename__ = "inspection"
    __table_args__ = (Index("ix_inspection_campaign_id_unit_id", "campaign_id", "unit_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80))
    unit_id: Mapped[int] = mapped_column(Id)
    team: Mapped[list[Any]] = mapped_column(Json)
    excluded: Mapped[dict[str, Any]] = mapped_column(SentenceJson)
    short: Mapped[bool]
    announced: Mapped[bool]
    seed: Mapped[str] = mapped_column(String(200))
    starts: Mapped[datetime] = mapped_column(UtcDateTime)
    ends: Mapped[datetime | None] = mapped_column(UtcDateTime)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[str] = mapped_column(Text, default="")
