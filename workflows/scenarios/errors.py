"""Errors of scenario files and of playing them."""

from engine.errors import DubanError


class ScenarioError(DubanError):
    """The scenario file is wrong, or a step could not be done as it is written; names the line."""

    code = "scenario"
    status = 422
