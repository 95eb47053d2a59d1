"""What can go wrong in an expression, a script or a decision."""

from engine.errors import DubanError


class ExpressionError(DubanError):
    """An expression could not be read, failed, or took more than it may.

    ``code`` is stable: expression-syntax, expression-failed, expression-timeout or expression-memory.
    """

    status = 422

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(message, **details)
        self.code: str = code


class ThrownByScript(ExpressionError):
    """A script threw a BPMN error; ``code`` is the error's, for an error boundary event to catch."""
