"""One way to the database: a locked writer, free readers, the same on SQLite and PostgreSQL."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from sqlalchemy import URL, Connection, StaticPool, create_engine, event, make_url
from sqlalchemy import Engine as SqlEngine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "journal_size_limit=67108864",
)
SQLITE_SAFE_WAL = (3, 51, 3)
POSTGRES_OPTIONS = "-c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000"


class Database:
    """A database by URL.

    On SQLite one process has one writer at a time (a lock that also covers COMMIT), because versions below
    3.51.3 can corrupt a write-ahead log with several writers (reliability memo, section 3). PostgreSQL needs
    no lock of ours. A database in memory has a single connection, so readers wait for the writer there, and a
    reader inside a write transaction of its own thread sees what that transaction sees.
    """

    def __init__(self, url: str) -> None:
        self.address = _address(url)
        self.url = self.address.render_as_string(hide_password=False)
        self.is_sqlite = self.address.get_backend_name() == "sqlite"
        self._in_memory = self.is_sqlite and self.address.database in (None, "", ":memory:")
        self.sql: SqlEngine = self._create()
        self._writer = threading.RLock()
        self._thread = threading.local()

    @property
    def hazard(self) -> str | None:
        """What an operator should know about the database library in use, None when there is nothing."""
        if not self.is_sqlite or self._in_memory or sqlite3.sqlite_version_info >= SQLITE_SAFE_WAL:
            return None
        return (
            f"SQLite {sqlite3.sqlite_version} can damage its write-ahead log when several processes write: "
            "run one Duban process on this file (duban serve), or use PostgreSQL"
        )

    def _create(self) -> SqlEngine:
        if not self.is_sqlite:
            return create_engine(
                self.address, pool_pre_ping=True, pool_size=16, connect_args={"options": POSTGRES_OPTIONS}
            )
        pool: dict[str, Any] = {"poolclass": StaticPool} if self._in_memory else {"pool_size": 16, "max_overflow": 32}
        sql = create_engine(self.address, connect_args={"check_same_thread": False, "timeout": 30}, **pool)

        @event.listens_for(sql, "connect")
        def _configure(connection: DBAPIConnection, _record: object) -> None:
            connection.isolation_level = None  # BEGIN is ours, below
            cursor = connection.cursor()
            for pragma in SQLITE_PRAGMAS:
                cursor.execute(f"PRAGMA {pragma}").fetchall()
            cursor.close()

        @event.listens_for(sql, "begin")
        def _begin(connection: Connection) -> None:
            read_only = connection.get_execution_options().get("read_only", False)
            connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

        return sql

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session in one write transaction: commits at the end, rolls back on any exception.

        A second one in the same thread is refused: on SQLite it would wait for itself, and everywhere it would
        tear apart what belongs into one commit.
        """
        if self._current() is not None:
            raise RuntimeError("this thread is already in a transaction: pass its session on")
        with self._exclusive(), Session(self.sql, expire_on_commit=False) as session, session.begin():
            self._thread.session = session
            try:
                yield session
            finally:
                self._thread.session = None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that only reads; what it would write is rolled back."""
        current = self._current() if self._in_memory else None
        if current is not None:
            yield current
            return
        with self._exclusive() if self._in_memory else nullcontext():
            connection = self.sql.connect().execution_options(read_only=True)
            with connection, Session(connection, expire_on_commit=False) as session:
                if self._in_memory:
                    self._thread.session = session
                try:
                    yield session
                finally:
                    if self._in_memory:
                        self._thread.session = None
                    session.expunge_all()  # a rollback would empty what the caller keeps
                    session.rollback()

    def _current(self) -> Session | None:
        return getattr(self._thread, "session", None)

    def _exclusive(self) -> AbstractContextManager[Any]:
        return self._writer if self.is_sqlite else nullcontext()

    def close(self) -> None:
        """Give back every connection."""
        self.sql.dispose()


def _address(url: str) -> URL:
    """Parse a URL; plain ``postgresql://`` means psycopg 3, the only driver that is installed."""
    address = make_url(url)
    return address.set(drivername="postgresql+psycopg") if address.drivername in ("postgresql", "postgres") else address
