"""Tables of answers, pledges and attendance."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime
from workflows.parts.models import EXACT, OfSubject


class PledgeState(StrEnum):
    """States of a pledge: made public, and found kept, partly kept or broken when it was compared with the result."""

    MADE = "made"
    KEPT = "kept"
    PARTLY = "partly"
    BROKEN = "broken"


class Ballot(OfSubject, Base):
    """One answer. ``subject`` is whom it is about, empty for the campaign itself.

    ``voter`` is a digest of the person and the poll: it keeps a second answer out and names nobody.
    """

    __tablename__ = "ballot"
    __table_args__ = (UniqueConstraint("campaign_id", "poll", "subject", "voter", "question"),)

    poll: Mapped[str] = mapped_column(String(80))
    question: Mapped[str] = mapped_column(String(80))
    voters: Mapped[str] = mapped_column(String(80), default="")
    voter: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(200))
    value: Mapped[Decimal | None] = mapped_column(EXACT)
    cast_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Pledge(OfSubject, Base):
    """A public pledge (公开承诺) and what came of it; ``reviewed_at`` is its cancelling (销号) when it was kept."""

    __tablename__ = "pledge"
    __table_args__ = (Index("ix_pledge_campaign_id_subject", "campaign_id", "subject"),)

    text: Mapped[str] = mapped_column(Text)
    made_by: Mapped[int | None] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default=PledgeState.MADE)
    note: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[list[Any]] = mapped_column(Json, default=list)
    reviewed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Attendance(OfSubject, Base):
    """Somebody's attendance at a meeting or course (签到), with proof (notes, reflection)."""

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("campaign_id", "meeting", "subject"),)

    meeting: Mapped[str] = mapped_column(String(120))
    present: Mapped[bool]
    proof: Mapped[list[Any]] = mapped_column(Json, default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
