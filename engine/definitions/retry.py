"""Retry policies of service tasks: how often a failed call is repeated, and how long to wait in between.

``R3/PT10M``
    Three attempts in all, ten minutes apart. Camunda 7 counts so too: the first failure uses up one of the retries,
    and ``R0`` and ``R1`` mean that nothing is repeated.
``R5/PT1M*2``
    Five attempts; the wait doubles each time (1, 2, 4, 8 minutes). Ours alone.
``PT1M,PT10M,PT1H``
    The waits one by one: four attempts (Camunda 7).
"""

import re
from dataclasses import dataclass
from datetime import timedelta

import isodate

from engine.errors import InvalidInput

MOST_ATTEMPTS = 100
LONGEST_WAIT = timedelta(days=7)
"""No wait grows beyond this, however often it was multiplied."""

MOST_FACTOR = 100

_CYCLE = re.compile(r"R(?P<attempts>\d{1,4})/(?P<wait>P[^*]+?)(?:\*(?P<factor>\d{1,3}(?:\.\d{1,3})?))?")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The waits between attempts; without any a failure is an incident at once."""

    waits: tuple[timedelta, ...] = ()

    @property
    def attempts(self) -> int:
        """How often it is tried in all."""
        return len(self.waits) + 1

    def wait_after(self, failures: int) -> timedelta | None:
        """Return how long to wait after so many failures, None when it is not tried again."""
        return self.waits[failures - 1] if 1 <= failures <= len(self.waits) else None


def parse_retry(text: str) -> RetryPolicy:
    """Read a policy. Raises :class:`InvalidInput` for anything but the forms that the module names."""
    text = text.strip()
    match = _CYCLE.fullmatch(text)
    if match is None:
        return RetryPolicy(tuple(_wait(part, text) for part in text.split(",")))
    attempts, factor = int(match["attempts"]), float(match["factor"] or 1)
    if attempts > MOST_ATTEMPTS or not 1 <= factor <= MOST_FACTOR:
        raise _unreadable(text)
    first = _wait(match["wait"], text)
    waits = []
    for _ in range(attempts - 1):
        waits.append(first)
        first = min(first * factor, LONGEST_WAIT)
    return RetryPolicy(tuple(waits))


def _wait(text: str, whole: str) -> timedelta:
    try:
        value = isodate.parse_duration(text.strip())
    except (isodate.ISO8601Error, TypeError, ValueError, OverflowError) as error:
        raise _unreadable(whole) from error
    if not isinstance(value, timedelta) or not timedelta(0) <= value <= LONGEST_WAIT:
        raise _unreadable(whole)
    return value


def _unreadable(text: str) -> InvalidInput:
    return InvalidInput(f"“{text}”不是重试规则，例如 R3/PT10M / Not a retry policy such as R3/PT10M: {text}")
