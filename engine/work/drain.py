"""Claim what is due and do it: the one loop behind the RQ job, the sweeper and the tests."""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine.errors import DubanError
from engine.instances.models import Instance, InstanceStatus
from engine.messages.early import sweep_expired
from engine.work.errands import claim_errand
from engine.work.errors import LostAnswer
from engine.work.external import ExternalCall, carry_out, lease
from engine.work.models import ADMINISTRATIVE, Errand, Work
from engine.work.service import recompute_next_due

if TYPE_CHECKING:
    from engine.runtime import Engine

SERVICE: Final = "service"
BUDGET_SECONDS: Final = 20.0
ROWS_PER_COMMIT: Final = 50
TRIES_AFTER_CONFLICT: Final = 5
PAUSE_AFTER_CONFLICT_SECONDS: Final = 0.05
TOGETHER: Final = 25
"""Instances of one process under one parent that are moved in one transaction, when all of them are due."""
CALL_FOR_HELP_EVERY: Final = 20
PASSING: Final = (OperationalError, InterfaceError, StaleDataError)
"""Errors of the moment (a lock, a lost connection, a faster turn): the transaction is repeated."""
REPEATED: Final = (*PASSING, IntegrityError)
"""Those, and a row that another transaction wrote first: seen now, the work finds it and goes on with it."""

log = logging.getLogger(__name__)


class Performer(Protocol):
    """Does the work of an instance; the module :mod:`engine.instances.work` is the one that the engine uses."""

    def perform_work(self, engine: "Engine", session: Session, instance: Instance, work: Work) -> None:
        """Do one piece of work in the transaction that locked the instance. The row is already deleted."""

    def may_go_together(self, engine: "Engine", session: Session, instance: Instance, work: Work) -> bool:
        """Say whether a piece of work may share its transaction with that of other instances."""

    def perform_together(self, engine: "Engine", session: Session, due: Sequence[tuple[Instance, Work]]) -> None:
        """Do a piece of work of each of some instances, all or none. The rows are already deleted."""

    def prepare_external(
        self, engine: "Engine", session: Session, instance: Instance, work: Work
    ) -> ExternalCall | None:
        """Return the call to make outside the transaction, None when the work is done inside."""

    def finish_external(
        self,
        engine: "Engine",
        session: Session,
        instance: Instance,
        work: Work,
        result: Mapping[str, Any] | Exception,
    ) -> None:
        """Take the call's result (or its failure) into the instance."""

    def record_failure(self, engine: "Engine", instance_id: int, work_id: int, error: Exception) -> None:
        """Turn work that failed into an incident, in a transaction of its own."""

    def perform_errand(self, engine: "Engine", session: Session, errand: Errand) -> None:
        """Do an errand in the transaction that locked it. The row is already deleted."""

    def record_errand_failure(self, engine: "Engine", errand_id: int, error: Exception) -> None:
        """Turn an errand that failed into an incident, or keep it for an operator."""


def drain(
    engine: "Engine",
    *,
    budget_seconds: float = BUDGET_SECONDS,
    stop: threading.Event | None = None,
    performer: Performer | None = None,
) -> int:
    """Do all work that is due; safe to run any number of times in any number of threads and processes.

    An instance's row is lock and queue entry, so a crash before the commit means that nothing happened. A transaction
    has one instance, or several of one process under one parent (a fan-out's children, a campaign's findings). When
    one of several fails, they are done again one by one: a failing instance gets an incident and does not hold up the
    others. Errands, each a transaction too, take
    turns with the instances; what has expired goes when nothing else is due.

    Parameters
    ----------
    budget_seconds
        No new instance is begun after this time.
    stop
        When set, the drain ends after the instance at hand.
    performer
        Who does the work, for tests; the engine's own when not given.

    Returns
    -------
    int
        How many pieces of work were done.

    """
    return _Drain(engine, performer or _engine_performer(), stop).run(budget_seconds)


def _engine_performer() -> Performer:
    # Turns schedule work and work runs turns: the import is late so that the two rooms don't import each other.
    from engine.instances import work

    return work


class _Drain:
    """One run of :func:`drain`."""

    def __init__(self, engine: "Engine", performer: Performer, stop: threading.Event | None) -> None:
        self._engine = engine
        self._performer = performer
        self._stop = stop
        self._at_hand: tuple[int | None, int] | None = None
        self._conflicts: dict[int, int] = {}
        self._rounds = 0
        self._together = False
        self._alone = 0

    def run(self, budget_seconds: float) -> int:
        until = time.monotonic() + budget_seconds
        done = 0
        while time.monotonic() < until and not (self._stop and self._stop.is_set()):
            count = self._guarded_round()
            if count is None:
                break
            done += count
            self._rounds += 1
            if self._rounds % CALL_FOR_HELP_EVERY == 0:
                self._engine.bell.ring()
        return done

    def _guarded_round(self) -> int | None:
        """Handle one due errand or instance; None when there is none. Failures of its work end here."""
        self._at_hand, self._together = None, False
        try:
            return self._round()
        except Exception as error:
            if self._together:
                log.info("%d instances together failed and are done one by one: %s", TOGETHER, error)
                self._alone = TOGETHER
                return 0
            if self._at_hand is None:
                raise
            instance_id, work_id = self._at_hand
            if isinstance(error, REPEATED) and self._may_repeat(work_id):
                return 0
            if instance_id is None:
                log.exception("errand %d failed", work_id)
                self._performer.record_errand_failure(self._engine, work_id, error)
            else:
                if isinstance(error, DubanError):
                    log.warning("work %d of instance %d was refused: %s", work_id, instance_id, error)
                else:
                    log.exception("work %d of instance %d failed", work_id, instance_id)
                self._performer.record_failure(self._engine, instance_id, work_id, error)
            return 0

    def _may_repeat(self, work_id: int) -> bool:
        conflicts = self._conflicts[work_id] = self._conflicts.get(work_id, 0) + 1
        time.sleep(PAUSE_AFTER_CONFLICT_SECONDS * conflicts)
        return conflicts < TRIES_AFTER_CONFLICT

    def _round(self) -> int | None:
        with self._engine.db.write() as session:
            now = self._engine.clock.now()
            errands_first = self._rounds % 2 == 0
            if errands_first and self._do_errand(session, now):
                return 1
            instance = _claim(session, now)
            if instance is None:
                if not errands_first and self._do_errand(session, now):
                    return 1
                return 0 if sweep_expired(session, now) else None
            if several := self._several(session, instance, now):
                return self._perform_together(session, several)
            done, leased = self._perform_due(session, instance, now)
            recompute_next_due(session, instance)
        if leased is not None:
            work, call = leased
            carry_out(self._engine, self._performer, work, call)
            done += 1
        return done

    def _several(self, session: Session, instance: Instance, now: datetime) -> list[tuple[Instance, Work]]:
        """Return instances like this one with the work that each has first, none where they must be done alone."""
        if self._alone:
            self._alone -= 1
            return []
        if instance.root_id == instance.id:
            return []
        others = _claim_like(session, instance, now)
        if not others:
            return []
        # Units after each other: two workers never wait for each other's rows of units.
        ordered = sorted([instance, *others], key=lambda one: (one.unit_id or 0, one.id))
        first = _first_rows(session, ordered, now)
        found = [(one, first[one.id]) for one in ordered if one.id in first]
        may = partial(self._performer.may_go_together, self._engine, session)
        return found if all(may(*one) for one in found) else []

    def _perform_together(self, session: Session, due: Sequence[tuple[Instance, Work]]) -> int:
        self._together = True
        session.execute(
            delete(Work).where(Work.id.in_([work.id for _, work in due])),
            execution_options={"synchronize_session": False},
        )
        self._performer.perform_together(self._engine, session, due)
        recompute_next_due(session, *[instance for instance, _ in due])
        return len(due)

    def _do_errand(self, session: Session, now: datetime) -> bool:
        """Do the errand that has waited longest; False when none is due."""
        errand = claim_errand(session, now)
        if errand is None:
            return False
        self._at_hand = (None, errand.id)
        self._performer.perform_errand(self._engine, session, errand)
        session.flush()
        return True

    def _perform_due(
        self, session: Session, instance: Instance, now: datetime
    ) -> tuple[int, tuple[Work, ExternalCall] | None]:
        """Do the instance's due rows in order, up to the first call to the outside, which is leased instead."""
        done = 0
        for work in _due_rows(session, instance, now):
            self._at_hand = (instance.id, work.id)
            call = None
            if work.kind == SERVICE:
                call = self._performer.prepare_external(self._engine, session, instance, work)
            if call is not None:
                if call.at_most_once and work.attempt > 0:
                    raise LostAnswer
                # One lease at a time: a call that waits behind another would spend its lease in the queue.
                return done, (lease(session, work, now), call)
            if _take(session, work):
                self._performer.perform_work(self._engine, session, instance, work)
                session.flush()
                done += 1
        return done, None


def _claim(session: Session, now: datetime) -> Instance | None:
    """Lock the instance whose work has waited longest, leaving out those that others hold."""
    return session.scalars(
        select(Instance)
        .where(Instance.next_due <= now)
        .order_by(Instance.next_due)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _claim_like(session: Session, instance: Instance, now: datetime) -> list[Instance]:
    """Lock more due instances of the same process under the same parent."""
    query = (
        select(Instance)
        .where(Instance.next_due <= now, Instance.id != instance.id, Instance.root_id == instance.root_id)
        .where(Instance.process_id == instance.process_id, Instance.parent_id.is_not_distinct_from(instance.parent_id))
        .order_by(Instance.next_due)
        .limit(TOGETHER - 1)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(query))


def _first_rows(session: Session, instances: Sequence[Instance], now: datetime) -> dict[int, Work]:
    """Return the due row that is done first, by instance."""
    ids = [instance.id for instance in instances]
    query = select(Work).where(Work.instance_id.in_(ids), Work.due <= now).order_by(Work.due.desc(), Work.id.desc())
    rows = session.scalars(query).all()
    for row in rows:
        session.expunge(row)
    return {row.instance_id: row for row in rows}


def _due_rows(session: Session, instance: Instance, now: datetime) -> list[Work]:
    """Return what is due; while an instance is suspended only what operators want of it."""
    query = select(Work).where(Work.instance_id == instance.id, Work.due <= now)
    if instance.status == InstanceStatus.SUSPENDED:
        query = query.where(Work.kind.in_(ADMINISTRATIVE))
    rows = session.scalars(query.order_by(Work.due, Work.id).limit(ROWS_PER_COMMIT)).all()
    for row in rows:
        session.expunge(row)
    return list(rows)


def _take(session: Session, work: Work) -> bool:
    """Delete the row before its work is done; False when an earlier turn of this transaction dropped it."""
    result = session.execute(delete(Work).where(Work.id == work.id), execution_options={"synchronize_session": False})
    return bool(result.rowcount)  # type: ignore[attr-defined]
