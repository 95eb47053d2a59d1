"""Data stores in one transaction: read once, seen with what it writes, written when everything else is."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.datastores.errors import StoreFull
from engine.datastores.models import DataStoreRow
from engine.interpreter.contract import Environment, StoreWritten
from engine.store import insert_once
from engine.store.locks import lock_name

Row = Mapping[str, Any]


class Stored(Protocol):
    """Where rows come from."""

    def stored(self, store: str, key: str | None = None) -> Mapping[str, Row]: ...


class TurnStores:
    """What one transaction reads of data stores and writes to them.

    What was read stays as it was read, so that a turn sees one state; a row that is read by its key in a process which
    writes its store is locked, so that what is computed from it is not computed from an old one. Rows are written at
    the end, sorted, so that two turns wait for each other's rows instead of blocking each other; a row's other fields
    are what the last one that committed left of them.
    """

    def __init__(self, session: Session, at: datetime) -> None:
        self._session = session
        self._at = at
        self._read: dict[str, dict[str, Row]] = {}
        self._whole: set[str] = set()
        self._locked: set[str] = set()
        self._writes: list[tuple[StoreWritten, int]] = []

    def lock(self, stores: Collection[str]) -> None:
        """Lock the rows of these stores when they are read by their key."""
        self._locked.update(stores)

    def stored(self, store: str, key: str | None = None) -> Mapping[str, Row]:
        """Return rows by key: all of a store, or the one of a key if it is there."""
        known = self._read.setdefault(store, {})
        if store not in self._whole and (key is None or key not in known):
            query = select(DataStoreRow.key, DataStoreRow.value).where(DataStoreRow.store == store)
            if key is not None:
                query = query.where(DataStoreRow.key == key)
                query = query.with_for_update() if store in self._locked else query
            for row in self._session.execute(query):
                known.setdefault(row.key, row.value)
            if key is None:
                self._whole.add(store)
        rows = self._with_writes(store, known)
        return rows if key is None else {one: row for one, row in rows.items() if one == key}

    def write(self, effect: StoreWritten, instance_id: int) -> None:
        """Take a change; it is seen at once and written by :meth:`flush`."""
        self._writes.append((effect, instance_id))

    def flush(self) -> None:
        """Write the changes. Raises :class:`StoreFull` when others filled a store meanwhile; nothing is kept then."""
        changes, self._writes = self._writes, []
        self._read.clear()
        self._whole.clear()
        for effect, instance_id in sorted(changes, key=lambda change: (change[0].store, change[0].key)):
            self._write_row(effect, instance_id)
        limits = {one.store: one.capacity for one, _ in changes if one.capacity is not None and one.values is not None}
        for store, capacity in sorted(limits.items()):
            self._check_room(store, capacity)

    def _with_writes(self, store: str, known: Mapping[str, Row]) -> dict[str, Row]:
        rows = dict(known)
        for effect, _ in self._writes:
            if effect.store != store:
                continue
            if effect.values is None:
                rows.pop(effect.key, None)
            else:
                rows[effect.key] = {**rows.get(effect.key, {}), **effect.values}
        return rows

    def _write_row(self, effect: StoreWritten, instance_id: int) -> None:
        session, place = self._session, (effect.store, effect.key)
        if effect.values is None:
            session.execute(delete(DataStoreRow).where(DataStoreRow.store == place[0], DataStoreRow.key == place[1]))
            return
        values = {"value": dict(effect.values), "version": 1, "instance_id": instance_id, "written_at": self._at}
        if insert_once(session, DataStoreRow, {"store": place[0], "key": place[1], **values}):
            return
        row = session.get_one(DataStoreRow, place, with_for_update=True, populate_existing=True)
        row.value = {**row.value, **effect.values}
        row.version += 1
        row.instance_id, row.written_at = instance_id, self._at
        session.flush()

    def _check_room(self, store: str, capacity: int) -> None:
        """Count under a lock: two turns that each add the last row don't both find room."""
        lock_name(self._session, f"data-store:{store}")
        count = self._session.scalar(select(func.count()).where(DataStoreRow.store == store)) or 0
        if count > capacity:
            raise StoreFull(f"数据存储“{store}”最多 {capacity} 行 / {store} holds {capacity} rows at most")


class StoreEnvironment:
    """A package's environment that knows the rows of data stores."""

    def __init__(self, inner: Environment, rows: Stored) -> None:
        self.evaluate = inner.evaluate
        self.run_script = inner.run_script
        self.replace_script = inner.replace_script
        self.decide = inner.decide
        self.due = inner.due
        self.stored = rows.stored
