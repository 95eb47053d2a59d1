"""Tables of duties and of what checklists found."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime
from workflows.parts.models import OfCampaign, OfSubject


class Duty(OfCampaign, Base):
    """A person's duty in a shift of a day. ``note`` is what is handed over (交接) once ``done_at``."""

    __tablename__ = "duty"
    __table_args__ = (
        UniqueConstraint("campaign_id", "roster", "day", "shift", "position"),
        Index("ix_duty_person_id_day", "person_id", "day"),
    )

    roster: Mapped[str] = mapped_column(String(80))
    day: Mapped[date]
    shift: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    person_id: Mapped[int] = mapped_column(Id)
    starts: Mapped[datetime] = mapped_column(UtcDateTime)
    ends: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    swapped_from: Mapped[int | None] = mapped_column(Id)


class CheckResult(OfSubject, Base):
    """An item of a checklist as it was found: ``ok``, ``fail`` or ``none`` (not applicable)."""

    __tablename__ = "checklist_result"
    __table_args__ = (
        Index("ix_checklist_result_campaign_id_checklist_subject", "campaign_id", "checklist", "subject", "day"),
    )

    checklist: Mapped[str] = mapped_column(String(80))
    item: Mapped[str] = mapped_column(String(80))
    day: Mapped[date]
    result: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[list[Any]] = mapped_column(Json, default=list)
    instance_id: Mapped[int] = mapped_column(Id)
    checked_by: Mapped[int | None] = mapped_column(Id)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
