"""Rows written by the shortest way: new ones many at once, changed ones by one plain statement each."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ClauseElement, Insert, Table, Update, bindparam, insert, inspect, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstanceState, Mapper, Session

from engine.store.base import Base
from engine.store.pipeline import RowCounts

_KEY, _FENCE = "row_key", "row_version"


def insert_rows(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows into a model's table in the session's transaction; every row has the same keys.

    It goes past the unit of work: its bulk insert groups rows by which values are null, a statement a group, and
    costs twice the time of the plain statement.
    """
    session.connection().execute(_insert_of(model), list(rows))


def insert_once(session: Session, model: type[Base], values: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is there; False when it is, or has just been committed by another transaction."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    table = _table_of(inspect(model))
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key)
    return session.connection().execute(statement).one_or_none() is not None


def update_changed(session: Session, counts: RowCounts) -> None:
    """Write the rows of a session that changed, each by a plain UPDATE; ``session.flush()`` does the rest.

    A flush costs three times as much. What is left to it is not plain: new and deleted rows, rows whose key has
    several columns, values that are SQL expressions. As in a flush, a row that is gone, or whose version another
    transaction has moved, raises :class:`StaleDataError`, here when the counts are checked.
    """
    if not session.new and not session.deleted:
        _update_plain_rows(session, counts)


def fill_defaults(row: Base) -> None:
    """Give a new row its column defaults now instead of at its INSERT."""
    values = row.__dict__
    for key, default in _defaults_of(type(row)):
        if key not in values:
            values[key] = default()


def values_of(row: Base) -> dict[str, Any]:
    """Return a row's column values."""
    values = row.__dict__
    return {key: values.get(key) for key, _ in _defaults_of(type(row))}


def _update_plain_rows(session: Session, counts: RowCounts) -> None:
    """Write changed rows, those of a table with the same columns together, and take them for clean.

    Always in the same order, so that two transactions wait for each other's rows instead of blocking each other.
    """
    states: list[InstanceState[Any]] = [inspect(row) for row in session.dirty]
    groups: dict[tuple[Mapper[Any], frozenset[str]], list[dict[str, Any]]] = defaultdict(list)
    for state in sorted(states, key=lambda state: (_table_of(state.mapper).name, state.identity)):
        values = _changed(state)
        if len(state.mapper.primary_key) == 1 and not any(
            isinstance(value, ClauseElement) for value in values.values()
        ):
            if values:
                groups[state.mapper, frozenset(values)].append({**_identity(state), **values})
            state._commit_all(state.dict, session.identity_map)  # what a flush does at its end
    for (mapper, _), rows in groups.items():
        counts.expect(session.connection().execute(_update_of(mapper), rows), len(rows), mapper.class_.__name__)


def _identity(state: InstanceState[Any]) -> dict[str, Any]:
    """Return what an UPDATE looks a row up by: its key and the version that was loaded."""
    assert state.identity is not None
    found: dict[str, Any] = {_KEY: state.identity[0]}
    if state.mapper.version_id_col is not None:
        version = str(state.mapper.version_id_col.key)
        found[_FENCE] = state.committed_state.get(version, state.dict[version])
    return found


def _changed(state: InstanceState[Any]) -> dict[str, Any]:
    """Return the columns whose values are not those that were loaded."""
    values = state.dict
    return {key: values[key] for key, loaded in state.committed_state.items() if _differ(values[key], loaded)}


def _differ(value: Any, loaded: Any) -> bool:
    return isinstance(value, ClauseElement) or (value is not loaded and value != loaded)


@cache
def _table_of(mapper: Mapper[Any]) -> Table:
    table = mapper.local_table
    assert isinstance(table, Table)
    return table


@cache
def _insert_of(model: type[Base]) -> Insert:
    return insert(_table_of(inspect(model)))


@cache
def _update_of(mapper: Mapper[Any]) -> Update:
    """Return the UPDATE of one row by its key and, where the table has one, its version; values come with it."""
    statement = update(_table_of(mapper)).where(mapper.primary_key[0] == bindparam(_KEY))
    fence = mapper.version_id_col
    return statement if fence is None else statement.where(fence == bindparam(_FENCE))


@cache
def _defaults_of(model: type[Base]) -> tuple[tuple[str, Callable[[], Any]], ...]:
    """Return every column of a model with what makes its default."""
    return tuple((column.key, _default_of(column.default)) for column in _table_of(inspect(model)).columns)


def _default_of(default: Any) -> Callable[[], Any]:
    if default is None:
        return lambda: None
    return (lambda: default.arg(None)) if default.is_callable else (lambda: default.arg)
