"""Empty databases in memory, lent out and taken back: making one anew costs more than running a small diagram in it."""

import threading
from collections import deque
from typing import Any

from engine.store import Base, Database
from engine.store.migrate import import_models

KEPT = 4
"""Databases that wait to be lent again."""


class Shelf:
    """Lends databases that hold every table of some rooms and no row; what is given back is emptied."""

    def __init__(self, *rooms: str) -> None:
        self._rooms = rooms
        self._lock = threading.Lock()
        self._idle: list[Database] = []
        self._returned: deque[Database] = deque()
        self._empty: bytes | None = None

    def lend(self) -> Database:
        """Return an empty database."""
        with self._lock:
            self._put_away()
            if self._idle:
                return self._idle.pop()
            database = Database("sqlite://")
            if self._empty is None:
                import_models(*self._rooms)
                Base.metadata.create_all(database.sql)
                self._empty = bytes(driver_of(database).serialize())
            else:
                driver_of(database).deserialize(self._empty)
            return database

    def take_back(self, database: Database) -> None:
        """Take a database that nobody uses any more.

        The garbage collector calls this wherever it happens to run, in the midst of :meth:`lend` too: so it takes no
        lock and touches no database. The next one who borrows puts away what came back.
        """
        self._returned.append(database)

    def _put_away(self) -> None:
        while self._returned:
            database = self._returned.popleft()
            if self._empty is None or len(self._idle) >= KEPT:
                database.close()
            else:
                driver_of(database).deserialize(self._empty)
                self._idle.append(database)


def driver_of(database: Database) -> Any:
    """Return the one connection that a database in memory has, as Python's driver gives it."""
    lent = database.sql.raw_connection()
    try:
        return lent.driver_connection
    finally:
        lent.close()


shelf = Shelf("engine")
"""The process's own."""
