"""Transactions that PostgreSQL gave up for another one's sake are done again: that is nobody's fault."""

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy.exc import OperationalError

_Result = TypeVar("_Result")

TRIES: Final = 3
PASSING_STATES: Final = frozenset({"40P01", "40001"})
"""PostgreSQL's deadlock and serialisation failures."""


def repeated(transaction: Callable[[], _Result]) -> _Result:
    """Do a whole transaction, again when the database gave it up; returns its result or raises what it raises."""
    for _ in range(TRIES - 1):
        try:
            return transaction()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in PASSING_STATES:
                raise
    return transaction()
