"""Clocks that processes on one database share, settings and the rules of transactions."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.clock import DatabaseClock, DemonstrationClock
from engine.store import Database, Setting
from engine.store.settings import database_id, get_setting, put_setting


def test_database_id_is_made_once(database: Database) -> None:
    first = database_id(database)
    assert len(first) == 16
    assert database_id(Database(database.url)) == first


def test_a_setting_is_replaced(database: Database) -> None:
    with database.write() as session:
        put_setting(session, "colour", "red")
        put_setting(session, "colour", "green")
    with database.read() as session:
        assert get_setting(session, "colour") == "green"


def test_database_clock_tells_aware_time_of_now(database: Database) -> None:
    assert abs(DatabaseClock(database).now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_moving_the_demonstration_clock_moves_it_for_every_process(database: Database) -> None:
    here, there = DemonstrationClock(database), DemonstrationClock(Database(database.url))
    here.advance(timedelta(days=3))
    assert abs(there.now() - datetime.now(UTC) - timedelta(days=3)) < timedelta(seconds=5)
    here.advance_to(here.now() + timedelta(hours=1))
    assert here.now() - datetime.now(UTC) > timedelta(days=3, minutes=59)


def test_the_demonstration_clock_refuses_to_go_back(database: Database) -> None:
    with pytest.raises(ValueError, match="backwards"):
        DemonstrationClock(database).advance(timedelta(seconds=-1))


def test_an_instant_that_passes_before_the_demonstration_clock_is_moved_to_it_is_reached(database: Database) -> None:
    clock = DemonstrationClock(database)
    just_now = clock.now()
    clock.advance_to(just_now)
    assert timedelta(0) <= clock.now() - just_now < timedelta(seconds=5)


def test_a_write_inside_a_write_is_refused(database: Database) -> None:
    with database.write(), pytest.raises(RuntimeError, match="already in a transaction"), database.write():
        pass
    with database.write() as session:
        put_setting(session, "still", "usable")


def test_a_failed_write_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            put_setting(session, "half", "done")
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as session:
        assert get_setting(session, "half") is None


def test_what_a_reader_writes_is_rolled_back(database: Database) -> None:
    with database.read() as session:
        session.add(Setting(key="reader", value="x"))
    with database.read() as session:
        assert get_setting(session, "reader") is None


def test_in_memory_a_reader_inside_a_write_sees_it() -> None:
    database = Database("sqlite://")
    Setting.metadata.create_all(database.sql, tables=[Setting.__table__])  # type: ignore[list-item]
    with database.write() as session:
        put_setting(session, "inside", "seen")
        with database.read() as reader:
            assert get_setting(reader, "inside") == "seen"
    with database.read() as reader:
        assert get_setting(reader, "inside") == "seen"


def test_plain_postgresql_addresses_mean_psycopg_3() -> None:
    database = Database("postgresql://somebody:secret@db.example/duban")
    assert database.url == "postgresql+psycopg://somebody:secret@db.example/duban"
