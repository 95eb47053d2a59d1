"""The sweeper: finds work whose bell was lost, and fires timers on time."""

import logging
import random
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Final

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


class Sweeper:
    """A thread that sleeps until the next due time, at most a second, and drains."""

    def __init__(self, engine: "Engine") -> None:
        self._engine = engine
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweeper", daemon=True)

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
            due = next_due(self._engine)
            now = self._engine.clock.now()
            if due is not None and due <= now:
                drain(self._engine, stop=self._stop)
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
    columns = (Instance.next_due, Errand.due, EarlyMessage.expires_at, MessageReceipt.expires_at)
    with engine.db.read() as session:
        dues = session.execute(select(*[select(func.min(column)).scalar_subquery() for column in columns])).one()
    return min((due for due in dues if due is not None), default=None)
