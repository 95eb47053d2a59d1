"""Errors of data stores."""

from engine.errors import NotAllowed


class StoreFull(NotAllowed):
    """A data store has as many rows as it may have."""

    code = "data-store-full"
