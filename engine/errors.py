"""Errors that a person may see. Each has a stable code; the web layer maps them to HTTP once."""

from collections.abc import Mapping

from engine.wording import both


class DubanError(Exception):
    """Base of all expected errors; ``str(error)`` is a sentence a person understands (:mod:`engine.wording`)."""

    code = "error"
    status = 400

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(both(message))
        self.details = details


class NotFound(DubanError):
    """It does not exist, or it is none of this person's business: the two look alike on purpose."""

    code = "not-found"
    status = 404


class NotAllowed(DubanError):
    """The person sees it but may not do this now; the sentence says why."""

    code = "not-allowed"
    status = 403


class Conflict(NotAllowed):
    """The person has the right, but not in the state it is in now, which somebody else may just have changed."""

    code = "conflict"
    status = 409


class Stale(DubanError):
    """Somebody was faster: the click carried an old version and changed nothing (I1)."""

    code = "stale"
    status = 409


class IdempotencyConflict(DubanError):
    """The same idempotency key came with another request."""

    code = "idempotency-conflict"
    status = 422


class InvalidInput(DubanError):
    """Fields that the server refuses, by path, each with a sentence. Nothing was changed."""

    code = "invalid-input"
    status = 422

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})
