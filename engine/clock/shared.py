"""Clocks that every process on one database agrees about."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from engine.store.database import Database
from engine.store.settings import get_setting, put_setting

DEMONSTRATION_OFFSET: Final = "demonstration-clock-offset"
SKEW_KEPT_SECONDS: Final = 60.0
OFFSET_KEPT_SECONDS: Final = 1.0


class DatabaseClock:
    """The database's clock.

    Servers whose own clocks are wrong must not fire timers early. On PostgreSQL the difference between the two
    clocks is measured once a minute and added to the machine's time, so that asking the time costs no statement.
    SQLite lives on the same machine: its clock is the machine's.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._skew = _Remembered(self._measure, SKEW_KEPT_SECONDS)

    def now(self) -> datetime:
        """Return the instant, aware and in UTC."""
        return datetime.now(UTC) + (timedelta(0) if self._db.is_sqlite else self._skew.value())

    def _measure(self) -> timedelta:
        with self._db.sql.connect() as connection:
            before = datetime.now(UTC)
            theirs: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
            after = datetime.now(UTC)
        return theirs - (before + (after - before) / 2)


class DemonstrationClock:
    """The database's clock, moved forward by an offset that is kept in the database (demonstration only)."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._base = DatabaseClock(db)
        self._offset = _Remembered(self._load, OFFSET_KEPT_SECONDS)

    def now(self) -> datetime:
        """Return the shifted instant; a move by another process shows within a second."""
        return self._base.now() + self._offset.value()

    def advance(self, by: timedelta) -> None:
        """Move forward by ``by`` for every process on this database; moving back is refused."""
        if by < timedelta(0):
            raise ValueError("time does not run backwards")
        with self._db.write() as session:
            # Read inside the transaction: two people who move the clock at once must not lose a step.
            offset = _seconds(get_setting(session, DEMONSTRATION_OFFSET, lock=True)) + by
            put_setting(session, DEMONSTRATION_OFFSET, str(offset.total_seconds()))
        self._offset.forget()

    def advance_to(self, instant: datetime) -> None:
        """Move forward to ``instant``; the clock runs on by itself, so one that has passed meanwhile is reached."""
        self.advance(max(instant - self.now(), timedelta(0)))

    def _load(self) -> timedelta:
        with self._db.read() as session:
            return _seconds(get_setting(session, DEMONSTRATION_OFFSET))


class _Remembered:
    """A value that is asked for again when it is older than ``seconds``."""

    def __init__(self, load: Callable[[], timedelta], seconds: float) -> None:
        self._load = load
        self._seconds = seconds
        self._lock = threading.Lock()
        self._value = timedelta(0)
        self._until = float("-inf")

    def value(self) -> timedelta:
        if time.monotonic() < self._until:
            return self._value
        loaded = self._load()
        with self._lock:
            self._value, self._until = loaded, time.monotonic() + self._seconds
        return loaded

    def forget(self) -> None:
        with self._lock:
            self._until = float("-inf")


def _seconds(text: str | None) -> timedelta:
    return timedelta(seconds=float(text or 0))
