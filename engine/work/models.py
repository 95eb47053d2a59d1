"""The tables of work: what is to be done for an instance, and between instances, now or at a due time."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from engine.store import Base, Id, Json, SentenceText, UtcDateTime, new_id

ADMINISTRATIVE = ("cancel-children", "children", "batch", "batch-member", "errand")
"""Kinds of work that operators cause: done for instances that are suspended or over too. An errand is one to repeat."""


class Work(Base):
    """One piece of work. Timers, deadlines, reminders, service calls and spawning are all rows of this table.

    ``token`` names the wait it belongs to, so that cancelling a wait drops its work in one statement.
    ``attempt`` is the fence of external calls: a result with an older attempt is dropped.
    """

    __tablename__ = "work"
    __table_args__ = (
        Index("ix_work_instance_id_due", "instance_id", "due"),
        Index("ix_work_instance_id_token", "instance_id", "token"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    kind: Mapped[str] = mapped_column(String(40))
    token: Mapped[str | None] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    due: Mapped[datetime] = mapped_column(UtcDateTime)
    attempt: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Errand(Base):
    """One piece of work that belongs to no instance: a message on its way, a broadcast, a start at a due time.

    Its transaction locks this row first and then one instance at most, so errands never wait for each other.
    ``instance_id`` is the instance that it comes from; ``subject`` names what it is about, so that all of it can be
    dropped. An errand that failed has no due time and says why in ``problem``. One that calls the ``outside`` is the
    courier's (:mod:`engine.work.outside`), never the drain's; ``attempt`` is the fence of its calls.
    """

    __tablename__ = "errand"
    __table_args__ = (Index("ix_errand_outside_due", "outside", "due"), Index("ix_errand_subject", "subject"))

    id: Mapped[int] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    instance_id: Mapped[int | None] = mapped_column(Id)
    subject: Mapped[str | None] = mapped_column(String(120))
    outside: Mapped[bool] = mapped_column(default=False, server_default=false())
    attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    payload: Mapped[dict[str, Any]] = mapped_column(Json)
    due: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(SentenceText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
