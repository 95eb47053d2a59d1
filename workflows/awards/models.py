"""Tables of ranks, awards, money, pools and public notices."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, SentenceJson, SentenceText, UtcDateTime
from workflows.parts.models import EXACT, OfCampaign, OfSubject


class AwardState(StrEnum):
    """States of an award: proposed (拟), confirmed (确定) by whoever approves, cancelled (撤销)."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class ObjectionState(StrEnum):
    """States of an objection to a public notice."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


class RankingRow(OfSubject, Base):
    """A place in a ranking of a period; ``previous`` is the rank in the period before, none for newcomers."""

    __tablename__ = "ranking_row"
    __table_args__ = (UniqueConstraint("campaign_id", "ranking", "period", "subject"),)

    ranking: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(20), default="")
    category: Mapped[str] = mapped_column(String(80), default="")
    value: Mapped[Decimal] = mapped_column(EXACT)
    rank: Mapped[int]
    of: Mapped[int]
    tied: Mapped[bool]
    previous: Mapped[int | None]
    position: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Grant(OfSubject, Base):
    """An award or a penalty of a subject: red flag, title, circular of criticism; with the reason in words.

    Grants of all campaigns together are the subject's history that the yearly appraisal reads (``year``).
    """

    __tablename__ = "award_grant"
    __table_args__ = (
        UniqueConstraint("campaign_id", "award", "period", "subject"),
        Index("ix_award_grant_subject_year", "subject", "year"),
    )

    award: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    period: Mapped[str] = mapped_column(String(20), default="")
    year: Mapped[int]
    rank: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(12), default=AwardState.PROPOSED)
    reason: Mapped[str] = mapped_column(SentenceText, default="")
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MoneyLine(OfSubject, Base):
    """An amount to pay (positive) or to take (negative), in yuan, with the rule that it follows.

    ``beneficiary`` is the share's name where an amount is divided. ``pool`` is the pool that pays or receives it.
    """

    __tablename__ = "money_line"
    __table_args__ = (Index("ix_money_line_campaign_id_code_subject", "campaign_id", "code", "subject"),)

    code: Mapped[str] = mapped_column(String(80))
    period: Mapped[str] = mapped_column(String(20), default="")
    beneficiary: Mapped[str] = mapped_column(String(120), default="")
    amount: Mapped[Decimal] = mapped_column(EXACT)
    pool: Mapped[str] = mapped_column(String(80), default="")
    reason: Mapped[str] = mapped_column(SentenceText, default="")
    instance_id: Mapped[int] = mapped_column(Id)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PublicNotice(OfCampaign, Base):
    """A public notice (公示) of a list, open for objections until an instant."""

    __tablename__ = "public_notice"
    __table_args__ = (Index("ix_public_notice_campaign_id", "campaign_id"),)

    title: Mapped[str] = mapped_column(String(300))
    award: Mapped[str] = mapped_column(String(80), default="")
    period: Mapped[str] = mapped_column(String(20), default="")
    rows: Mapped[list[Any]] = mapped_column(SentenceJson)
    opens: Mapped[datetime] = mapped_column(UtcDateTime)
    closes: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Objection(OfCampaign, Base):
    """An objection to a public notice; who raised it is kept, but shown only to those who decide."""

    __tablename__ = "notice_objection"
    __table_args__ = (Index("ix_notice_objection_notice_id", "notice_id"),)

    notice_id: Mapped[int] = mapped_column(Id)
    subject: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text)
    raised_by: Mapped[int | None] = mapped_column(Id)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(12), default=ObjectionState.OPEN)
    answer: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
