"""Fresh databases in milliseconds: a template with all tables is made once and copied for each test."""

import itertools
import shutil
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from engine.store import Base, Database
from engine.store.migrate import import_models
from scripts.servers import PostgresServer

COPIES_FILES = (15,)
"""Since this PostgreSQL a database is copied through the log; copying its files takes a fifteenth of the time here."""


def create_tables(database: Database) -> None:
    """Create every table of engine, workflows and web as the models describe them."""
    import_models("engine", "workflows", "web")
    Base.metadata.create_all(database.sql)


class SqliteFactory:
    """Database files in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._numbers = itertools.count(1)
        self._template = folder / "template.db"
        database = Database(f"sqlite:///{self._template}")
        create_tables(database)
        with database.sql.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.exec_driver_sql("BEGIN")
        database.close()

    def create(self) -> str:
        path = self._folder / f"test-{next(self._numbers)}.db"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    def discard(self, url: str) -> None:
        path = make_url(url).database
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


class PostgresFactory:
    """Databases in one cluster."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._numbers = itertools.count(1)
        self._admin = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
        self._execute("CREATE DATABASE duban_template")
        database = Database(server.url("duban_template"))
        create_tables(database)
        with database.sql.connect() as connection:
            self._copying = "STRATEGY FILE_COPY" if connection.dialect.server_version_info >= COPIES_FILES else ""
        database.close()

    def create(self, *, empty: bool = False) -> str:
        name = f"test_{next(self._numbers)}"
        template = "template0" if empty else "duban_template"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} {self._copying}")
        return self._server.url(name)

    def discard(self, url: str) -> None:
        self._execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))
