"""Runs BPMN: the only room that imports SpiffWorkflow. Snapshot and stimulus in, snapshot and effects out."""

from engine.interpreter.errors import ElementFailed, InterpreterError, UnknownToken
from engine.interpreter.step import apply, catches, start

__all__ = ["ElementFailed", "InterpreterError", "UnknownToken", "apply", "catches", "start"]
