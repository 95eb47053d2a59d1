"""Errors of definitions."""

from collections.abc import Sequence

from engine.definitions.model import LintFinding
from engine.errors import DubanError


class RefusedDiagram(DubanError):
    """A diagram that is not accepted; ``findings`` say where, why and what to do. Nothing was changed."""

    code = "refused-diagram"
    status = 422

    def __init__(self, message: str, findings: Sequence[LintFinding] = ()) -> None:
        super().__init__(message)
        self.findings = list(findings)
