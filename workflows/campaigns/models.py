"""Tables of campaigns: phases, units and the matrix of both.

The matrix is kept by single UPDATEs inside the turns (``listener.py``), so that a board costs the same few
statements for ten units and for a thousand.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, SentenceJson, UtcDateTime, new_id


class CampaignStatus(StrEnum):
    """States of a campaign (专项行动)."""

    DRAFT = "draft"
    RUNNING = "running"
    COMPLETED = "completed"
    REJECTED = "rejected"
    TERMINATED = "terminated"


class CellState(StrEnum):
    """States of a unit in a phase. ``LATE`` is never stored: it is ``due`` passed without ``done``."""

    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    LATE = "late"


class Campaign(Base):
    """A campaign: one root instance of a package, launched with checked parameters.

    ``findings_numbered`` counts the numbers given to findings; ``moved`` are days that were decided after the launch,
    by the name that the plan has for them (``survey.ends``). ``chosen_units`` are the ids of the units ticked at the
    launch; None is every unit of the plan's kinds.
    """

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), unique=True)
    package_key: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(300))
    year: Mapped[int]
    parameters: Mapped[dict[str, Any]] = mapped_column(Json)
    plan: Mapped[dict[str, Any]] = mapped_column(Json)
    moved: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    chosen_units: Mapped[list[int] | None] = mapped_column(Json, default=None)
    status: Mapped[str] = mapped_column(String(12), default=CampaignStatus.DRAFT)
    initiator_id: Mapped[int | None] = mapped_column(Id)
    findings_numbered: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Phase(Base):
    """A phase: from a day to a day, both inclusive; a boundary day may belong to two.

    A day is None while the course of things has not decided it: an undated phase, an open end.
    """

    __tablename__ = "campaign_phase"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    name_en: Mapped[str] = mapped_column(String(100), default="")
    starts: Mapped[date | None]
    ends: Mapped[date | None]
    position: Mapped[int]


class CampaignUnit(Base):
    """A unit that takes part, with what came out for it.

    ``instance_id`` is its own instance; ``rating`` the grade, ``award`` what follows (commended, poor).
    ``reasons`` are the rows from which the score was computed.
    """

    __tablename__ = "campaign_unit"
    __table_args__ = (Index("ix_campaign_unit_unit_id", "unit_id"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    instance_id: Mapped[int | None] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)
    rating: Mapped[str | None] = mapped_column(String(20))
    score: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    award: Mapped[str | None] = mapped_column(String(20))
    reasons: Mapped[list[Any] | None] = mapped_column(SentenceJson)


class UnitPhase(Base):
    """One cell of the matrix. ``opened`` and ``closed`` count the unit's tasks of this phase."""

    __tablename__ = "campaign_unit_phase"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(Id, primary_key=True)
    phase_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(8), default=CellState.TODO)
    percent: Mapped[int] = mapped_column(default=0)
    opened: Mapped[int] = mapped_column(default=0)
    closed: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PhaseMove(Base):
    """A proposal to move a phase (阶段调整): the new days (None stays), the old ones, who proposed and who decided."""

    __tablename__ = "campaign_phase_move"
    __table_args__ = (Index("ix_campaign_phase_move_campaign_id", "campaign_id", "phase_code"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    phase_code: Mapped[str] = mapped_column(String(40))
    starts: Mapped[date | None]
    ends: Mapped[date | None]
    old_starts: Mapped[date | None]
    old_ends: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(12))
    proposed_by: Mapped[int] = mapped_column(Id)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opinion: Mapped[str] = mapped_column(String(500), default="")
