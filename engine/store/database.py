"""One way to the database: a locked writer, free readers, the same on SQLite and PostgreSQL."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy import Engine as SqlEngine
from sqlalchemy import StaticPool, create_engine, event, make_url
from sqlalchemy.orm import Session

SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000")
POSTGRES_OPTIONS = "-c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000"


class Database:
    """A database by URL.

    On SQLite one process has one writer at a time (a lock that also covers COMMIT), because versions below
    3.51.3 can corrupt a write-ahead log with several writers (reliability memo, section 3). PostgreSQL needs
    no lock of ours.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._in_memory = self.is_sqlite and make_url(url).database in (None, "", ":memory:")
        self.sql: SqlEngine = self._create()
        self._writer = threading.RLock() if self.is_sqlite else None

    def _create(self) -> SqlEngine:
        if not self.is_sqlite:
            return create_engine(
                self.url, pool_pre_ping=True, pool_size=16, connect_args={"options": POSTGRES_OPTIONS}
            )
        pool = {"poolclass": StaticPool} if self._in_memory else {}
        sql = create_engine(self.url, connect_args={"check_same_thread": False, "timeout": 30}, **pool)

        @event.listens_for(sql, "connect")
        def _configure(connection, _record):  # type: ignore[no-untyped-def]
            connection.isolation_level = None  # BEGIN is ours, below
            for pragma in SQLITE_PRAGMAS:
                connection.execute(f"PRAGMA {pragma}").fetchall()

        @event.listens_for(sql, "begin")
        def _begin(connection):  # type: ignore[no-untyped-def]
            read_only = connection.get_execution_options().get("read_only", False)
            connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

        return sql

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session in one write transaction: commits at the end, rolls back on any exception."""
        with self._writer or nullcontext(), Session(self.sql, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads; what it would write is rolled back."""
        guard = self._writer if self._in_memory and self._writer else nullcontext()
        with guard:
            connection = self.sql.connect().execution_options(read_only=True)
            with connection, Session(connection, expire_on_commit=False) as session:
                yield session
                session.rollback()

    def close(self) -> None:
        """Give back every connection."""
        self.sql.dispose()
