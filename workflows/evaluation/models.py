"""The table of ratings; what they add up to is kept on the campaign's unit with its reasons."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, UtcDateTime, new_id
from engine.wording import say


class Grade(StrEnum):
    """Grades that a group gives (优、良、中、差)."""

    EXCELLENT = "excellent"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


GRADE_NAMES = {Grade.EXCELLENT: say("优"), Grade.GOOD: say("良"), Grade.FAIR: say("中"), Grade.POOR: say("差")}


class Award(StrEnum):
    """What follows from a score: commended (表彰) or named in the circular and to rectify in time (通报)."""

    COMMENDED = "commended"
    POOR = "poor"


class Rating(Base):
    """One group's grade for one unit, with the submission that it comes from."""

    __tablename__ = "rating"
    __table_args__ = (Index("ix_rating_campaign_id_unit_id", "campaign_id", "unit_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    instance_id: Mapped[int] = mapped_column(Id)
    element_id: Mapped[str] = mapped_column(String(200))
    submission_id: Mapped[int] = mapped_column(Id)
    group_code: Mapped[str] = mapped_column(String(80))
    grade: Mapped[str] = mapped_column(String(12))
    points: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    reason: Mapped[str] = mapped_column(Text, default="")
    rated_by: Mapped[int] = mapped_column(Id)
    rated_at: Mapped[datetime] = mapped_column(UtcDateTime)
