"""The append-only record and its hash chain."""

from engine.history.explain import MadeDecision, decisions_made
from engine.history.models import HistoryLine, Visit
from engine.history.record import BrokenPlace, Line, chain, verify, verify_everything
from engine.history.visits import ElementTimes, element_times

__all__ = [
    "BrokenPlace",
    "ElementTimes",
    "HistoryLine",
    "Line",
    "MadeDecision",
    "Visit",
    "chain",
    "decisions_made",
    "element_times",
    "verify",
    "verify_everything",
]
