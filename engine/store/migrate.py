"""Bring a database's tables to this version, and back."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from engine.store.base import Base
from engine.store.database import Database

FOLDER = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x647562616E
"""Number of PostgreSQL's advisory lock: "duban" in ASCII."""


def import_models(*packages: str) -> None:
    """Import every ``models`` module below the named packages, so that their tables hang on the base.

    The rooms above the engine name themselves here: the engine doesn't know them.
    """
    for package in packages:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if module.name.endswith(".models"):
                importlib.import_module(module.name)


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the tables up to a revision, in one transaction; several processes may try at once."""
    with database.sql.begin() as connection:
        _wait_for_turn(connection)
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str = "base") -> None:
    """Take the tables back to a revision, in one transaction; ``base`` is an empty database."""
    with database.sql.begin() as connection:
        _wait_for_turn(connection)
        command.downgrade(_config(connection), revision)


def current_revision(database: Database) -> str | None:
    """Return the revision of the tables, None for an empty database."""
    with database.sql.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """Return the revision that this version of the code needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def differences(database: Database) -> list[Any]:
    """Return what distinguishes the tables from the imported models (see :func:`import_models`)."""
    with database.sql.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, Base.metadata))


def draft(database: Database, message: str, revision_id: str, *, batch: bool = True) -> None:
    """Write a new revision from what distinguishes the database from the imported models (for developers).

    ``batch`` writes changes of tables so that SQLite, which alters little, can copy them.
    """
    with database.sql.begin() as connection:
        config = _config(connection)
        config.attributes["batch"] = batch
        command.revision(config, message, autogenerate=True, rev_id=revision_id)


def _wait_for_turn(connection: Connection) -> None:
    # On SQLite BEGIN IMMEDIATE has waited already.
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = Base.metadata
    return config
