"""What can go wrong in an expression, a script or a decision."""

from typing import Literal

from engine.errors import DubanError

ErrorCode = Literal["expression-syntax", "expression-failed", "expression-timeout", "expression-memory"]


class ExpressionError(DubanError):
    """An expression could not be read, failed, or took more than it may. ``code`` is stable."""

    status = 422

    def __init__(self, code: ErrorCode, message: str, **details: object) -> None:
        super().__init__(message, **details)
        self.code = code
