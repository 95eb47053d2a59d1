"""The append-only record: one line per operation and per element entered or left, chained by hash."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, UtcDateTime, new_id


class HistoryLine(Base):
    """One line (I6). ``sequence`` counts within the instance; ``digest`` chains it to the line before.

    ``operation`` is a verb of approvals.md (``agree``, ``return``…), or ``enter``, ``leave``, ``timer``, ``warn``,
    ``overdue``, ``decide``, ``service``, ``start``, ``end``, ``incident``, ``withdraw``. ``actor_id`` clicked,
    ``principal_id`` is for whom, ``rule`` the machine's reason (``system:overdue``). ``detail`` carries the rest.
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


class Visit(Base):
    """One token at one element: when it came and went. For statistics and repair; the chained record is the proof.

    Instants are milliseconds since 1970 (UTC), so that both databases subtract them alike. ``lasted`` is null while
    the token is there; ``withdrawn`` says that it was taken away instead of leaving. ``version_id`` and ``process_id``
    are the definition's at the time: a migrated instance takes its open visits along.
    """

    __tablename__ = "visit"
    __table_args__ = (
        Index(
            "ix_visit_version_id_process_id_element_id", "version_id", "process_id", "element_id", "withdrawn", "lasted"
        ),
    )

    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), primary_key=True)
    token: Mapped[str] = mapped_column(String(80), primary_key=True)
    element_id: Mapped[str] = mapped_column(String(200))
    version_id: Mapped[int] = mapped_column(Id)
    process_id: Mapped[str] = mapped_column(String(200))
    entered: Mapped[int] = mapped_column(BigInteger)
    lasted: Mapped[int | None] = mapped_column(BigInteger)
    withdrawn: Mapped[bool] = mapped_column(default=False)
