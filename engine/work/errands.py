"""Writing and claiming errands: work between instances, done by whichever worker comes first."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.work.models import Errand

if TYPE_CHECKING:
    from engine.runtime import Engine


def add_errand(
    session: Session,
    *,
    kind: str,
    due: datetime,
    at: datetime,
    payload: Mapping[str, Any],
    instance_id: int | None = None,
    subject: str | None = None,
    outside: bool = False,
) -> None:
    """Write an errand in the transaction of what causes it.

    Parameters
    ----------
    kind
        What :func:`engine.messages.work.perform_errand` is to do, or, ``outside``, one of the engine's outside kinds.
    due
        Not done before this instant.
    at
        Now.
    instance_id
        Where it comes from; an errand that fails becomes an incident there.
    subject
        What it is about, for :func:`drop_errands`.

    """
    session.add(
        Errand(
            kind=kind, due=due, created_at=at, payload=dict(payload), instance_id=instance_id, subject=subject,
            problem=None, outside=outside,
        )
    )  # fmt: skip


def drop_errands(session: Session, subject: str) -> None:
    """Take back every errand about something."""
    session.flush()
    session.execute(delete(Errand).where(Errand.subject == subject), execution_options={"synchronize_session": False})


def stuck_errands(session: Session, *, limit: int = 100) -> list[Errand]:
    """Return errands that failed and came from no instance, oldest first, each with its ``problem`` (for operators)."""
    query = select(Errand).where(Errand.due.is_(None)).order_by(Errand.created_at, Errand.id)
    return list(session.scalars(query.limit(limit)))


def retry_errand(engine: "Engine", errand_id: int) -> None:
    """Do a failed errand again, as soon as possible. Raises :class:`NotFound`."""
    with engine.db.write() as session:
        errand = session.get(Errand, errand_id, with_for_update=True)
        if errand is None or errand.due is not None:
            raise NotFound("没有这个失败的任务 / There is no such failed errand")
        errand.due, errand.problem = engine.clock.now(), None
    engine.bell.ring()


def claim_errand(session: Session, now: datetime) -> Errand | None:
    """Lock the errand that has waited longest, leaving out those that others hold, and delete its row.

    The deletion counts when the caller's transaction commits, together with what the errand does.
    """
    query = select(Errand).where(Errand.outside.is_(False), Errand.due <= now).order_by(Errand.due, Errand.id).limit(1)
    errand = session.scalars(query.with_for_update(skip_locked=True)).one_or_none()
    if errand is not None:
        session.expunge(errand)
        session.execute(delete(Errand).where(Errand.id == errand.id))
    return errand
