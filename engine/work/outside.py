"""The courier: errands that call the outside, in threads of their own so that no turn ever waits for a slow receiver.

As with calls of services (:mod:`engine.work.external`): lease and commit, call, fenced commit. A call whose process was
killed is made again when its lease has run out, by the same errand; what it carries as its idempotency key is the same.
"""

import logging
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from engine.work.external import LEASE, ExternalCall, heartbeat
from engine.work.models import Errand

if TYPE_CHECKING:
    from engine.runtime import Engine

BUDGET_SECONDS: Final = 20.0

log = logging.getLogger(__name__)


def send_due(
    engine: "Engine", /, *, stop: threading.Event | None = None, budget_seconds: float = BUDGET_SECONDS
) -> int:
    """Make the calls of all outside errands that are due; safe in any number of threads and processes.

    Returns how many errands were taken up.
    """
    until, taken = time.monotonic() + budget_seconds, 0
    while time.monotonic() < until and not (stop and stop.is_set()):
        if not _one(engine):
            break
        taken += 1
    return taken


def next_due_outside(engine: "Engine", /) -> datetime | None:
    """Return when the next call is due."""
    with engine.db.read() as session:
        return session.scalar(select(func.min(Errand.due)).where(Errand.outside.is_(True)))


def _one(engine: "Engine") -> bool:
    """Take up one errand; False when none is due. A failure of its preparation keeps it for an operator."""
    errand_id = None
    try:
        with engine.db.write() as session:
            errand = _claim(session, engine.clock.now())
            if errand is None:
                return False
            errand_id = errand.id
            call = engine.outside[errand.kind].prepare(engine, session, errand)
            if call is None:
                session.execute(delete(Errand).where(Errand.id == errand.id))
                return True
            _lease(session, errand, engine.clock.now())
    except Exception as error:
        if errand_id is None:
            raise
        log.exception("outside errand %d failed", errand_id)
        with engine.db.write() as session:
            problem = f"{type(error).__name__}: {error}"
            session.execute(update(Errand).where(Errand.id == errand_id).values(due=None, problem=problem))
        return True
    _carry_out(engine, errand, call)
    return True


def _claim(session: Session, now: datetime) -> Errand | None:
    """Lock the outside errand that has waited longest, leaving out those that others hold."""
    query = select(Errand).where(Errand.outside.is_(True), Errand.due <= now).order_by(Errand.due, Errand.id).limit(1)
    errand = session.scalars(query.with_for_update(skip_locked=True)).one_or_none()
    if errand is not None:
        session.expunge(errand)
    return errand


def _lease(session: Session, errand: Errand, now: datetime) -> None:
    errand.attempt += 1
    session.execute(update(Errand).where(Errand.id == errand.id).values(attempt=errand.attempt, due=now + LEASE))


def _carry_out(engine: "Engine", errand: Errand, call: ExternalCall) -> None:
    result: Mapping[str, Any] | Exception
    with heartbeat(engine, errand):
        try:
            result = call.run()
        except Exception as error:
            result = error
    with engine.db.write() as session:
        fence = (Errand.id == errand.id, Errand.attempt == errand.attempt)
        deleted = session.execute(delete(Errand).where(*fence))
        if not deleted.rowcount:  # type: ignore[attr-defined]
            log.warning("the result of outside errand %d came too late and was dropped", errand.id)
            return
        engine.outside[errand.kind].finish(engine, session, errand, result)
