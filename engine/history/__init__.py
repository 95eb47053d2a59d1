"""The append-only record and its hash chain."""

from engine.history.models import HistoryLine
from engine.history.record import BrokenPlace, Line, append, verify

__all__ = ["BrokenPlace", "HistoryLine", "Line", "append", "verify"]
