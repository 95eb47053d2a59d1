"""Repeating intervals of timers (ISO 8601): ``R3/PT1H``, ``R/2026-09-07T09:00:00+08:00/P1W``, ``R/P1D/2026-12-31``.

A duration alone, as some editors write it, is an interval that does not repeat. A start or end may be empty: a computed
text has none when its variable has no value.
"""

import re
from dataclasses import dataclass

_CYCLE = re.compile(
    r"R(?P<count>-1|\d{0,9})/(?:(?P<start>\d{4}-?\d{2}[^/]*)?/)?(?P<every>[^/]+)(?:/(?P<end>\d{4}-?\d{2}[^/]*)?)?"
)

_DURATION = re.compile(r"P(?=\w)[\w.,]*")


@dataclass(frozen=True, slots=True)
class Cycle:
    """How often a timer repeats. ``every`` is a duration (working time too); ``count`` is None for no end."""

    count: int | None
    every: str
    start: str | None = None
    end: str | None = None


def parse_cycle(text: str) -> Cycle | None:
    """Return the repeating interval that a text means, None when it means none. Cron expressions mean none."""
    text = text.strip()
    match = _CYCLE.fullmatch(text)
    if match is None:
        return Cycle(1, text) if _DURATION.fullmatch(text) else None
    count = match["count"]
    return Cycle(int(count) if count and count != "-1" else None, match["every"].strip(), match["start"], match["end"])
