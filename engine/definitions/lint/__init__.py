"""What stands against publishing a diagram: element, line, reason and advice."""

from engine.definitions.lint.diagram import Linter, lint_diagram

__all__ = ["Linter", "lint_diagram"]
