"""One clock for everything; tests and the demonstration replace it."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from engine.clock.shared import DatabaseClock, DemonstrationClock

__all__ = ["Clock", "DatabaseClock", "DemonstrationClock", "FakeClock", "SystemClock"]


class Clock(Protocol):
    """Tells the instant, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FakeClock:
    """A clock that stands still until it is told to move (tests, scenarios, dry runs)."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by ``by``; moving back is refused."""
        if by < timedelta(0):
            raise ValueError("time does not run backwards")
        self._now += by

    def advance_to(self, instant: datetime) -> None:
        """Move forward to ``instant``."""
        self.advance(instant - self._now)
