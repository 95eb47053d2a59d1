"""The table of produced documents."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from engine.store import Base, Id, Json, UtcDateTime, new_id


class Document(Base):
    """A file that a campaign produced. ``rows`` are the figures in it with where each comes from.

    ``writing`` is what a paper says, for printing it as PDF.
    """

    __tablename__ = "document"
    __table_args__ = (Index("ix_document_campaign_id_kind", "campaign_id", "kind"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    instance_id: Mapped[int] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))
    filename: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rows: Mapped[list[Any]] = mapped_column(Json)
    writing: Mapped[dict[str, Any] | None] = mapped_column(Json)


class Mark(Base):
    """A signature or a seal (盖章) on a document; ``digest`` is that of the file which was signed."""

    __tablename__ = "document_mark"
    __table_args__ = (UniqueConstraint("document_id", "kind", "person_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[int] = mapped_column(Id)
    note: Mapped[str] = mapped_column(String(200), default="")
    digest: Mapped[str] = mapped_column(String(64))
    marked_at: Mapped[datetime] = mapped_column(UtcDateTime)
