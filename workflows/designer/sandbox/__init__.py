"""Dry runs of a draft on the real engine: in memory, with invented people and a clock that obeys.

What is done is kept as the steps of a scenario. So a dry run survives a restart, goes on in another process, can be
taken back step by step, and becomes a scenario by writing the steps down.
"""

from workflows.designer.sandbox.recording import record
from workflows.designer.sandbox.service import begin, end, look, step, undo

__all__ = ["begin", "end", "look", "record", "step", "undo"]
