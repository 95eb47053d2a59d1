"""Plays ``scenario.yaml`` of a process package on the real engine (docs/scenarios.md)."""

from workflows.scenarios.player import play
from workflows.scenarios.report import Check, Result

__all__ = ["Check", "Result", "play"]
