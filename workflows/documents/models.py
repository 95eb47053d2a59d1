"""The table of produced documents."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, deferred, mapped_column

from engine.store import Base, Id, Json, UtcDateTime, new_id


class Document(Base):
    """A file that a campaign produced. ``rows`` are the figures in it with where each comes from."""

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
