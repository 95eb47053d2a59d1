"""The kinds of events that people choose channels for."""

from collections.abc import Mapping
from enum import StrEnum


class Event(StrEnum):
    """What a person may be told of. The order is that of the preferences' page."""

    TASK = "task"
    WARNED = "warned"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    URGED = "urged"
    RETURNED = "returned"
    COPIED = "copied"
    MENTIONED = "mentioned"
    DECIDED = "decided"
    FINISHED = "finished"
    OTHER = "other"


class Timing(StrEnum):
    """How soon a channel carries an event."""

    NOW = "now"
    DIGEST = "digest"
    OFF = "off"


URGENT = frozenset({Event.OVERDUE, Event.ESCALATED, Event.URGED})
"""What may pass through quiet hours, where the person lets it."""

WAITING = frozenset({Event.TASK, Event.WARNED, Event.OVERDUE, Event.URGED, Event.RETURNED})
"""What nobody needs to hear once the task is done."""

DEFAULTS: Mapping[Event, Timing] = {
    Event.TASK: Timing.NOW,
    Event.WARNED: Timing.NOW,
    Event.OVERDUE: Timing.NOW,
    Event.ESCALATED: Timing.NOW,
    Event.URGED: Timing.NOW,
    Event.RETURNED: Timing.NOW,
    Event.COPIED: Timing.DIGEST,
    Event.MENTIONED: Timing.NOW,
    Event.DECIDED: Timing.OFF,
    Event.FINISHED: Timing.NOW,
    Event.OTHER: Timing.DIGEST,
}

_OF_NOTICE: Mapping[str, Event] = {
    "turn": Event.TASK,
    "transfer": Event.TASK,
    "delegated": Event.TASK,
    "added": Event.TASK,
    "extension": Event.TASK,
    "warn": Event.WARNED,
    "overdue": Event.OVERDUE,
    "remind": Event.OVERDUE,
    "escalated": Event.ESCALATED,
    "urge": Event.URGED,
    "returned": Event.RETURNED,
    "copy": Event.COPIED,
    "mention": Event.MENTIONED,
}


def event_of(notice_kind: str) -> Event:
    """Return the event that a notice of the engine belongs to."""
    return _OF_NOTICE.get(notice_kind, Event.OTHER)


def notice_kinds(event: Event) -> list[str]:
    """Return the kinds of notices that belong to an event."""
    return [kind for kind, of in _OF_NOTICE.items() if of == event]


KNOWN_KINDS = tuple(_OF_NOTICE)
