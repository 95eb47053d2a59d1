"""The append-only record and its hash chain."""

from engine.history.models import HistoryLine
from engine.history.record import BrokenPlace, Line, append, verify, verify_everything

__all__ = ["BrokenPlace", "HistoryLine", "Line", "append", "verify", "verify_everything"]
