"""The table of findings."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnClause, ForeignKey, Index, String, Text, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, SentenceText, UtcDateTime

EMPTY: ColumnClause[str] = literal_column("''")
_ONLY_HELD: Any = dict.fromkeys(("sqlite_where", "postgresql_where"), text("problem IS NOT NULL"))


class FindingState(StrEnum):
    """States of a finding (问题): 待认领 → 整改中 → 待复核 → 已销号; a refused one goes back to 整改中."""

    OPEN = "open"
    RECTIFYING = "rectifying"
    VERIFYING = "verifying"
    CLOSED = "closed"


class FindingSource(StrEnum):
    """By whom a finding came to light."""

    SELF_CHECK = "self-check"
    SPOT_CHECK = "spot-check"
    SUPERVISION = "supervision"
    INSPECTION = "inspection"
    SUPERIOR = "superior"
    REPORT_BOX = "report-box"
    HOTLINE = "hotline"
    RECHECK = "recheck"


class FindingLevel(StrEnum):
    """How grave a finding is: general (一般), key (重点, written ``major``), hard (难点), severe (严重)."""

    GENERAL = "general"
    MAJOR = "major"
    HARD = "hard"
    SEVERE = "severe"


class Finding(Base):
    """A problem of a unit in a campaign, with its owner, measures, evidence and closure.

    ``number`` counts within the campaign. ``origin_*`` name the submission that reported it, ``instance_id`` the
    instance that handles it. Evidence are attachment ids. ``found_rank`` is the rank of whoever found it, from which
    ``liable`` follows; ``recurrence_of`` is the closed finding that came back (反弹), found at a re-check (回头看).
    ``problem`` says why the background could not start its instance, until somebody has it tried again.
    """

    __tablename__ = "finding"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        Index("ix_finding_campaign_id_unit_id_state", "campaign_id", "unit_id", "state"),
        Index("ix_finding_origin_instance_id", "origin_instance_id"),
        Index("ix_finding_instance_id", "instance_id"),
        Index("ix_finding_problem", "campaign_id", "number", **_ONLY_HELD),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[int]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    instance_id: Mapped[int | None] = mapped_column(Id)
    origin_instance_id: Mapped[int] = mapped_column(Id)
    origin_element: Mapped[str] = mapped_column(String(200))
    item: Mapped[str] = mapped_column(String(200), default="")
    level: Mapped[str] = mapped_column(String(12), default=FindingLevel.GENERAL)
    source: Mapped[str] = mapped_column(String(20), default=FindingSource.SELF_CHECK)
    text: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text, default="")
    measures: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[int | None] = mapped_column(Id)
    due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default=FindingState.OPEN)
    returned_count: Mapped[int] = mapped_column(default=0)
    evidence_before: Mapped[list[Any]] = mapped_column(Json, default=list)
    evidence_after: Mapped[list[Any]] = mapped_column(Json, default=list)
    found_by: Mapped[int | None] = mapped_column(Id)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    limit_set_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extended_count: Mapped[int] = mapped_column(default=0, server_default="0")
    urged_count: Mapped[int] = mapped_column(default=0, server_default="0")
    found_rank: Mapped[str] = mapped_column(String(40), default="", server_default=EMPTY)
    liable: Mapped[list[Any] | None] = mapped_column(Json)
    escalation: Mapped[str] = mapped_column(String(40), default="", server_default=EMPTY)
    escalated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recheck_due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rechecked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recurrence_of: Mapped[int | None] = mapped_column(Id)
    problem: Mapped[str | None] = mapped_column(SentenceText)
