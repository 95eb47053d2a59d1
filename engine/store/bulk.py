"""Many rows in one statement, by the shortest way."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from engine.store.base import Base


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows into a model's table in the session's transaction; every row has the same keys.

    It goes past the unit of work: its bulk insert groups rows by which values are null, a statement a group, and
    costs twice the time of the plain statement.
    """
    table = model.__table__
    assert isinstance(table, Table)
    session.connection().execute(insert(table), list(rows))
