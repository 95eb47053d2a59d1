"""Statements sent one after the other, without waiting for each one's answer (PostgreSQL's pipeline mode).

A turn writes to half a dozen tables. Waited for one by one, the answers cost more than the statements; sent together
they cost one way to the server and back. SQLite answers at once, so nothing changes there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError


class _LastingCursor(psycopg.Cursor[Any]):
    """Stays open when SQLAlchemy is done with it: its answer has not come yet."""

    def close(self) -> None:
        """Keep the cursor for its row count."""


@dataclass(slots=True)
class RowCounts:
    """How many rows statements must have changed; their answers are looked at when all have come."""

    _expected: list[tuple[Any, int, str]] = field(default_factory=list)
    _waits: bool = True

    def expect(self, result: CursorResult[Any], rows: int, what: str) -> None:
        """Say how many rows a statement changes, and of what."""
        answer = result.context.cursor if self._waits else result
        self._expected.append((answer, rows, what))

    def check(self) -> None:
        """Raise :class:`StaleDataError` for the first statement that changed another number of rows."""
        for answer, rows, what in self._expected:
            if answer.rowcount != rows:
                raise StaleDataError(f"{what}: another transaction has changed it")


@contextmanager
def pipelined(session: Session) -> Iterator[RowCounts]:
    """Send the statements of a block together; they must be plain changes whose results nobody reads in the block.

    Raises what the statements themselves would have raised, but at the end of the block, and
    :class:`StaleDataError` where a row count is not the expected one.
    """
    connection = session.connection()
    if connection.dialect.driver != "psycopg" or not psycopg.Pipeline.is_supported():
        counts = RowCounts(_waits=False)
        yield counts
        counts.check()
        return
    counts = RowCounts()
    with _translated_errors(connection.dialect), _together(connection.connection.driver_connection):
        yield counts
    counts.check()


@contextmanager
def _together(driver: Any) -> Iterator[None]:
    usual = driver.cursor_factory
    driver.cursor_factory = _LastingCursor
    try:
        with driver.pipeline():
            yield
    finally:
        driver.cursor_factory = usual


@contextmanager
def _translated_errors(dialect: Any) -> Iterator[None]:
    """Raise the errors of late answers as SQLAlchemy raises those that it waits for."""
    try:
        yield
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error, dialect=dialect) from error
