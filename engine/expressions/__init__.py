"""FEEL, scripts and decisions: the only evaluator there is, inside a bounded sandbox."""

from engine.expressions.errors import ExpressionError
from engine.expressions.evaluator import Evaluator, evaluator

__all__ = ["Evaluator", "ExpressionError", "evaluator"]
