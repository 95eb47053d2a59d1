"""The append-only record and its hash chain."""

from engine.history.models import HistoryLine, Visit
from engine.history.record import BrokenPlace, Line, append, verify, verify_everything
from engine.history.visits import ElementTimes, element_times

__all__ = [
    "BrokenPlace",
    "ElementTimes",
    "HistoryLine",
    "Line",
    "Visit",
    "append",
    "element_times",
    "verify",
    "verify_everything",
]
