"""Writing and claiming errands: work between instances, done by whichever worker comes first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.work.models import Errand


def add_errand(
    session: Session,
    *,
    kind: str,
    due: datetime,
    at: datetime,
    payload: Mapping[str, Any],
    instance_id: int | None = None,
    subject: str | None = None,
) -> None:
    """Write an errand in the transaction of what causes it.

    Parameters
    ----------
    kind
        What :func:`engine.messages.work.perform_errand` is to do.
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
            problem=None,
        )
    )  # fmt: skip


def drop_errands(session: Session, subject: str) -> None:
    """Take back every errand about something."""
    session.flush()
    session.execute(delete(Errand).where(Errand.subject == subject), execution_options={"synchronize_session": False})


def claim_errand(session: Session, now: datetime) -> Errand | None:
    """Lock the errand that has waited longest, leaving out those that others hold, and delete its row.

    The deletion counts when the caller's transaction commits, together with what the errand does.
    """
    query = select(Errand).where(Errand.due <= now).order_by(Errand.due, Errand.id).limit(1)
    errand = session.scalars(query.with_for_update(skip_locked=True)).one_or_none()
    if errand is not None:
        session.expunge(errand)
        session.execute(delete(Errand).where(Errand.id == errand.id))
    return errand
