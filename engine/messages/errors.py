"""Errors of sending."""

from engine.errors import DubanError


class AmbiguousMessage(DubanError):
    """Several instances wait for the message, or several start events: it was given to none."""

    code = "ambiguous"
    status = 409
