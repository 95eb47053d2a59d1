"""The tables that the migrations make are the tables of the models, on both databases, up and down."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from engine.store import Database, migrate
from engine.store.settings import database_id

ROOMS = ("engine", "workflows", "web")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
    else:
        factory = request.getfixturevalue("postgres_factory")
        database = Database(factory.create(empty=True))
        yield database
        database.close()
        factory.discard(database.url)


def test_the_first_migration_makes_exactly_the_tables_of_the_models(empty_database: Database) -> None:
    migrate.import_models(*ROOMS)
    assert migrate.current_revision(empty_database) is None
    migrate.upgrade(empty_database)
    assert migrate.current_revision(empty_database) == migrate.head_revision()
    assert migrate.differences(empty_database) == []


def test_down_to_base_leaves_nothing_and_up_again_works(empty_database: Database) -> None:
    migrate.upgrade(empty_database)
    migrate.downgrade(empty_database)
    assert set(inspect(empty_database.sql).get_table_names()) <= {"alembic_version"}
    assert migrate.current_revision(empty_database) is None
    migrate.upgrade(empty_database)
    assert migrate.current_revision(empty_database) == migrate.head_revision()


def test_upgrading_again_changes_nothing(empty_database: Database) -> None:
    migrate.upgrade(empty_database)
    name = database_id(empty_database)
    migrate.upgrade(empty_database)
    assert database_id(empty_database) == name


def test_several_processes_may_upgrade_at_once(empty_database: Database) -> None:
    failures: list[Exception] = []

    def upgrade() -> None:
        try:
            migrate.upgrade(Database(empty_database.url))
        except Exception as error:
            failures.append(error)

    # Alembic's own context is global to a process, so threads stand in for processes one after the other here;
    # the lock that processes wait for is what is observed.
    with empty_database.sql.begin() as connection:
        if not empty_database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": migrate.MIGRATION_LOCK})
        thread = threading.Thread(target=upgrade)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(30)
    assert failures == []
    assert migrate.current_revision(empty_database) == migrate.head_revision()


def test_every_constraint_has_a_name(empty_database: Database) -> None:
    migrate.import_models(*ROOMS)
    unnamed = [
        (table.name, constraint)
        for table in migrate.Base.metadata.tables.values()
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert unnamed == []
