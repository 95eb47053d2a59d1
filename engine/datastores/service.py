"""Data stores from outside the diagrams: what is in them, for pages, reports and operators."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.datastores.models import DataStoreRow


def rows_of(session: Session, store: str, *, after: str = "", limit: int = 1000) -> dict[str, Mapping[str, Any]]:
    """Return a store's rows by key, in the order of the keys, beginning after one of them."""
    query = select(DataStoreRow.key, DataStoreRow.value).where(DataStoreRow.store == store, DataStoreRow.key > after)
    return {row.key: row.value for row in session.execute(query.order_by(DataStoreRow.key).limit(limit))}


def count_rows(session: Session) -> dict[str, int]:
    """Return how many rows each store has."""
    query = select(DataStoreRow.store, func.count()).group_by(DataStoreRow.store).order_by(DataStoreRow.store)
    return {row[0]: row[1] for row in session.execute(query)}
