"""The append-only record: one line per operation and per element entered or left, chained by hash."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime, new_id


class HistoryLine(Base):
    """One line (I6). ``sequence`` counts within the instance; ``digest`` chains it to the line before.

    ``operation`` is a verb of approvals.md (``agree``, ``return``…), or ``enter``, ``leave``, ``timer``, ``warn``,
    ``overdue``, ``decide``, ``service``, ``start``, ``end``, ``incident``. ``actor_id`` clicked, ``principal_id`` is
    for whom, ``rule`` the machine's reason (``system:overdue``). ``detail`` carries the rest.
    """

    __tablename__ = "history_line"
    __table_args__ = (UniqueConstraint("instance_id", "sequence"), Index("ix_history_line_at", "at"))

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[int] = mapped_column(Id)
    sequence: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    operation: Mapped[str] = mapped_column(String(40))
    element_id: Mapped[str | None] = mapped_column(String(200))
    round: Mapped[int | None]
    actor_id: Mapped[int | None] = mapped_column(Id)
    principal_id: Mapped[int | None] = mapped_column(Id)
    rule: Mapped[str | None] = mapped_column(String(80))
    from_state: Mapped[str | None] = mapped_column(String(80))
    to_state: Mapped[str | None] = mapped_column(String(80))
    opinion: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    digest: Mapped[str] = mapped_column(String(64))
