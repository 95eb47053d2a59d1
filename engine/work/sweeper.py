"""The sweeper: finds work whose bell was lost, and fires timers on time."""

import logging
import random
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import func, select

from engine.instances.models import Instance
from engine.messages.models import EarlyMessage, MessageReceipt
from engine.work.drain import drain
from engine.work.models import Errand

if TYPE_CHECKING:
    from engine.runtime import Engine

LONGEST_SLEEP_SECONDS: Final = 1.0
SHORTEST_SLEEP_SECONDS: Final = 0.002
SLEEP_AFTER_FAILURE_SECONDS: Final = 0.5

log = logging.getLogger(__name__)


class NextDue(Protocol):
    """Says when work is due, None for never."""

    def __call__(self, engine: "Engine", /) -> datetime | None: ...


class Worker(Protocol):
    """Does what is due."""

    def __call__(self, engine: "Engine", /, *, stop: threading.Event | None = None) -> Any: ...


class Sweeper:
    """A thread that sleeps until the next due time, at most a second, and works: the engine's own work if not told.

    Parameters
    ----------
    due
        Says when the next work is due.
    work
        Does what is due, until ``stop`` is set.

    """

    def __init__(
        self, engine: "Engine", *, name: str = "sweeper", due: "NextDue | None" = None, work: "Worker | None" = None
    ) -> None:
        self._engine = engine
        self._next_due: NextDue = due or next_due
        self._work: Worker = work or drain
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin to sweep."""
        self._thread.start()

    def stop(self, *, wait_seconds: float = 10.0) -> None:
        """Finish the instance at hand and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(wait_seconds)

    @property
    def alive(self) -> bool:
        """Whether the thread runs (health check)."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._stop.wait(self._sweep())

    def _sweep(self) -> float:
        """Drain if something is due; returns the seconds to sleep."""
        try:
            due = self._next_due(self._engine)
            now = self._engine.clock.now()
            if due is not None and due <= now:
                self._work(self._engine, stop=self._stop)
                return SHORTEST_SLEEP_SECONDS
        except Exception:
            # Whatever is wrong now (the database restarts, a disk is full), the next sweep is the remedy.
            log.exception("a sweep failed")
            return SLEEP_AFTER_FAILURE_SECONDS
        # A little disorder keeps many workers from asking in step.
        longest = LONGEST_SLEEP_SECONDS * random.uniform(0.8, 1.0)  # noqa: S311
        if due is None:
            return longest
        return min(longest, max(SHORTEST_SLEEP_SECONDS, (due - now).total_seconds()))


def next_due(engine: "Engine") -> datetime | None:
    """Return when the earliest work of all is due: of an instance, between instances, or something that expires."""
    columns = (Instance.next_due, EarlyMessage.expires_at, MessageReceipt.expires_at)
    earliest = [select(func.min(column)) for column in columns]
    earliest.append(select(func.min(Errand.due)).where(Errand.outside.is_(False)))
    with engine.db.read() as session:
        dues = session.execute(select(*[query.scalar_subquery() for query in earliest])).one()
    return min((due for due in dues if due is not None), default=None)
