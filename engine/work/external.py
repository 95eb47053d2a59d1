"""Calls to the outside in two phases: lease and commit, call, fenced commit.

Inside the database a result counts once; outside the call may be made again after a crash, always with the same
idempotency key. A kind of service that must not be repeated says ``at_most_once``.
"""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from engine.instances.models import Instance
from engine.work.models import Errand, Work
from engine.work.service import recompute_next_due

if TYPE_CHECKING:
    from engine.runtime import Engine
    from engine.work.drain import Performer

LEASE: Final = timedelta(seconds=60)
HEARTBEAT_SECONDS: Final = 20.0

log = logging.getLogger(__name__)


class ExternalCall(Protocol):
    """A prepared call: it holds its inputs and its idempotency key, and no database session."""

    @property
    def at_most_once(self) -> bool:
        """Whether a lost answer is an incident instead of a repetition."""

    def run(self) -> Mapping[str, Any]:
        """Make the call and return its result, a mapping of JSON values."""


def lease(session: Session, work: Work, now: datetime) -> Work:
    """Mark the work as being called until the lease runs out; the new attempt is the fence of its result."""
    work.attempt += 1
    session.execute(
        update(Work).where(Work.id == work.id).values(attempt=work.attempt, due=now + LEASE),
        execution_options={"synchronize_session": False},
    )
    return work


def carry_out(engine: "Engine", performer: "Performer", work: Work, call: ExternalCall) -> None:
    """Make a leased call outside any transaction and bring its result in, if the lease is still ours."""
    result: Mapping[str, Any] | Exception
    with heartbeat(engine, work):
        try:
            result = call.run()
        except Exception as error:
            log.warning("external call of work %d failed: %s", work.id, error)
            result = error
    _bring_in(engine, performer, work, result)


def _bring_in(engine: "Engine", performer: "Performer", work: Work, result: Mapping[str, Any] | Exception) -> None:
    with engine.db.write() as session:
        instance = session.scalars(
            select(Instance).where(Instance.id == work.instance_id).with_for_update()
        ).one_or_none()
        if instance is None or not _redeem(session, work):
            log.warning("the result of work %d came too late and was dropped", work.id)
            return
        performer.finish_external(engine, session, instance, work, result)
        recompute_next_due(session, instance)


def _redeem(session: Session, work: Work) -> bool:
    """Delete the leased row, unless somebody leased it again or dropped it meanwhile."""
    deleted = session.execute(
        delete(Work).where(Work.id == work.id, Work.attempt == work.attempt),
        execution_options={"synchronize_session": False},
    )
    return bool(deleted.rowcount)  # type: ignore[attr-defined]


@contextmanager
def heartbeat(engine: "Engine", leased: Work | Errand) -> Iterator[None]:
    """Prolong the lease while the call lasts, so that a slow answer is not mistaken for a dead worker."""
    over, model = threading.Event(), type(leased)

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            try:
                with engine.db.write() as session:
                    session.execute(
                        update(model)
                        .where(model.id == leased.id, model.attempt == leased.attempt)
                        .values(due=engine.clock.now() + LEASE)
                    )
            except SQLAlchemyError as error:
                log.warning("could not prolong the lease of %s %d: %s", model.__tablename__, leased.id, error)

    thread = threading.Thread(target=beat, name=f"lease-{leased.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
