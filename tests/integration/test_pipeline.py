"""Statements sent together fail as they would have failed one by one, on both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from engine.store import Database, Setting, insert_rows
from engine.store.pipeline import RowCounts, pipelined
from tests.support.databases import PostgresFactory

Block = Callable[[Session, RowCounts], None]


def send(database: Database, block: Block) -> None:
    with database.write() as session, pipelined(session) as counts:
        block(session, counts)


def put(session: Session, **values: str) -> None:
    insert_rows(session, Setting, [{"key": key, "value": value} for key, value in values.items()])


def settings(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {row.key: row.value for row in session.scalars(select(Setting))}


def test_all_of_a_block_is_written(database: Database) -> None:
    def block(session: Session, counts: RowCounts) -> None:
        put(session, a="1", b="2")
        counts.expect(session.connection().execute(update(Setting).values(value="3")), 2, "Setting")

    send(database, block)
    assert settings(database) == {"a": "3", "b": "3"}


def test_a_violated_constraint_is_the_error_that_it_always_was(database: Database) -> None:
    def block(session: Session, counts: RowCounts) -> None:
        put(session, a="1")
        put(session, a="2")
        put(session, b="2")

    with pytest.raises(IntegrityError):
        send(database, block)
    assert settings(database) == {}


def test_a_row_that_is_gone_is_noticed_at_the_end(database: Database) -> None:
    def block(session: Session, counts: RowCounts) -> None:
        gone = update(Setting).values(value="3").where(Setting.key == "gone")
        counts.expect(session.connection().execute(gone), 1, "Setting")
        put(session, a="1")

    with pytest.raises(StaleDataError, match="Setting"):
        send(database, block)
    assert settings(database) == {}


def test_an_error_of_the_block_itself_is_not_hidden(database: Database) -> None:
    def block(session: Session, counts: RowCounts) -> None:
        put(session, a="1")
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        send(database, block)
    assert settings(database) == {}


def test_a_lock_that_is_not_given_can_be_told_from_other_errors(postgres_factory: PostgresFactory) -> None:
    def block(session: Session, counts: RowCounts) -> None:
        session.connection().exec_driver_sql("SET LOCAL lock_timeout = 50")
        session.connection().execute(update(Setting).values(value="3"))

    database = Database(postgres_factory.create())
    with database.write() as session:
        put(session, a="1")
    with database.sql.begin() as blocker:
        blocker.execute(update(Setting).values(value="2"))
        with pytest.raises(OperationalError) as caught:
            send(database, block)
    assert getattr(caught.value.orig, "sqlstate", None) == "55P03"
    assert settings(database) == {"a": "2"}
    database.close()
    postgres_factory.discard(database.url)
