"""Data stores as elements see them (BPMN 2.0.2, 10.4.1 and 10.4.2).

A data input association from a store gives the element a variable: the row of the association's key, or without a key
the list of all rows in the order of their keys. A data output association to a store writes when the element is left:
the association's expression, else the variable of its source. A context is one row, a list of contexts several; a row
that is there already keeps the fields that are not written. Its key is the association's (each row's own fields can be
named in it), else the row's field ``key``, else its field ``id``.

The rows come from the environment, with what the step at hand has written on top; writing is an effect.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.interpreter.contract import StoreWritten
from engine.interpreter.errors import ElementFailed
from engine.interpreter.values import plain

if TYPE_CHECKING:
    from engine.definitions.model import DataAssociation, DataStore
    from engine.interpreter.contract import Environment
    from engine.interpreter.tokens import Token

MOST_ROWS = 1000
"""Rows that one association may read; of larger stores single rows are read by their key."""

VALUE = "value"
"""Field of a row that was written as a plain value."""

Row = Mapping[str, Any]


class Stores:
    """The rows of data stores during a step."""

    def __init__(self, environment: "Environment") -> None:
        self._environment = environment
        self._written: dict[str, dict[str, Row | None]] = {}

    def row(self, store: str, key: str) -> Row | None:
        """Return a row, None when there is none of this key."""
        written = self._written.get(store, {})
        return written[key] if key in written else self._environment.stored(store, key).get(key)

    def rows(self, store: str) -> dict[str, Row]:
        """Return all rows by key, in the order of the keys."""
        rows = {**self._environment.stored(store), **self._written.get(store, {})}
        return {key: row for key, row in sorted(rows.items()) if row is not None}

    def write(self, store: str, key: str, values: Row | None) -> None:
        """Update a row, or make it; None takes it away."""
        row = None if values is None else {**(self.row(store, key) or {}), **values}
        self._written.setdefault(store, {})[key] = row


def read(token: "Token", association: "DataAssociation", store: "DataStore") -> Any:
    """Return what comes in from a store.

    Raises :class:`ElementFailed` for a store with more than :data:`MOST_ROWS` rows that is read without a key.
    """
    run = token.run_
    value: Any
    if association.key is not None:
        key = _text(run.evaluate(token, association.key), store)
        row = run.stores.row(store.name, key)
        value = None if row is None else _with_key(key, row)
    else:
        rows = run.stores.rows(store.name)
        if len(rows) > MOST_ROWS:
            raise ElementFailed(
                "data-store-rows",
                f"数据存储“{store.name}”超过 {MOST_ROWS} 行，请按键读取 / {store.name} has more than {MOST_ROWS} rows: "
                "read it by key",
            )
        value = [_with_key(key, row) for key, row in rows.items()]
    if association.expression is not None:
        value = plain(run.evaluate(token, association.expression, {association.target: value}))
    return value


def write_outputs(token: "Token") -> None:
    """Write what an element that is being left gives to data stores; all of it, or, with an error, nothing."""
    changes = [
        (association.store, key, values)
        for association in token.spec.node.data_outputs
        if association.store is not None
        for key, values in _changes(token, association, association.store)
    ]
    _check_capacity(token, changes)
    run = token.run_
    for store, key, values in changes:
        run.stores.write(store.name, key, values)
        run.emit(
            StoreWritten(
                store=store.name, key=key, values=values, element_id=token.spec.node.id, capacity=store.capacity
            )
        )


def _changes(
    token: "Token", association: "DataAssociation", store: "DataStore"
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    run = token.run_
    if association.remove:
        yield _text(run.evaluate(token, association.key or "null"), store), None
        return
    if association.expression is not None:
        value = plain(run.evaluate(token, association.expression))
    else:
        value = run.view(token).get(association.source or "")
    if value is None:
        return
    for row in value if isinstance(value, list) else [value]:
        fields = dict(row) if isinstance(row, Mapping) else {VALUE: row}
        if association.key is not None:
            key = run.evaluate(token, association.key, fields)
        else:
            key = fields.get("key", fields.get("id"))
        yield _text(key, store), fields


def _check_capacity(token: "Token", changes: "list[tuple[DataStore, str, dict[str, Any] | None]]") -> None:
    for store in {store.name: store for store, _, _ in changes if store.capacity is not None}.values():
        keys = set(token.run_.stores.rows(store.name))
        for other, key, values in changes:
            if other.name == store.name:
                (keys.discard if values is None else keys.add)(key)
        if store.capacity is not None and len(keys) > store.capacity:
            raise ElementFailed(
                "data-store-full",
                f"数据存储“{store.name}”最多 {store.capacity} 行 / {store.name} holds {store.capacity} rows at most",
            )


def _with_key(key: str, row: Row) -> dict[str, Any]:
    return {"key": key, **row}


def _text(key: Any, store: "DataStore") -> str:
    value = plain(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise ElementFailed(
            "data-store-key",
            f"数据存储“{store.name}”的键应是文字或数字，得到的是 {value!r} / A row's key has to be a text or a number",
        )
    return str(value)
