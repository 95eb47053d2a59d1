"""Instances go over to another drawing: which element stands for which, what it means, and doing it."""

from engine.interpreter.migration.mapping import Finding, check_mapping, generate_mapping
from engine.interpreter.migration.planning import Crossing
from engine.interpreter.migration.remap import examine, remap

__all__ = ["Crossing", "Finding", "check_mapping", "examine", "generate_mapping", "remap"]
