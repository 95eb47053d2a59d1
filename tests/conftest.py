"""Databases, Redis and clocks for every test. What is missing is an error with a sentence, never a skip."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, settings

from engine.clock import FakeClock
from engine.store import Database
from scripts.servers import PostgresServer, RedisServer
from tests.support.databases import PostgresFactory, SqliteFactory

MONDAY_MORNING = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
"""Monday 7 September 2026, 09:00 in Shanghai: a plain working day."""

ROOM_IN_MEMORY = 6 * 1024**3
"""Bytes that must be free in memory for the servers' files; a container's usual 64 MB are too few."""

settings.register_profile("same", max_examples=100, derandomize=True, deadline=None, database=None)
settings.register_profile(
    "wide", max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
# The same examples in every run; ``--hypothesis-profile wide`` looks for others, for as long as that takes.
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the length of the crash tests."""
    parser.addoption(
        "--chaos-seconds", type=float, default=5.0, help="seconds of each storm in tests/chaos (default: 5)"
    )


def _memory() -> Path | None:
    """Return a file system in memory with room enough, if there is one: PostgreSQL has many small files."""
    place = Path("/dev/shm")
    roomy = place.is_dir() and os.access(place, os.W_OK) and shutil.disk_usage(place).free > ROOM_IN_MEMORY
    return place if roomy else None


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    """A folder that the servers' user may enter (pytest's own is closed to everybody else)."""
    folder = Path(tempfile.mkdtemp(prefix="duban-test-", dir=_memory()))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(servers_folder: Path) -> Iterator[PostgresServer]:
    """A private PostgreSQL cluster for this test process."""
    server = PostgresServer(servers_folder / "postgres")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_factory(postgres_server: PostgresServer) -> PostgresFactory:
    """Makes databases with all tables by copying a template."""
    return PostgresFactory(postgres_server)


@pytest.fixture(scope="session")
def sqlite_factory(servers_folder: Path) -> SqliteFactory:
    """Makes database files with all tables by copying a template."""
    return SqliteFactory(servers_folder / "sqlite")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh database with all tables, once on SQLite (a file) and once on PostgreSQL."""
    factory = request.getfixturevalue("sqlite_factory" if request.param == "sqlite" else "postgres_factory")
    url = factory.create()
    yield url
    factory.discard(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database with all tables, once on SQLite and once on PostgreSQL."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def sqlite_database(sqlite_factory: SqliteFactory) -> Iterator[Database]:
    """A fresh SQLite database with all tables, for tests in which the database plays no part."""
    database = Database(sqlite_factory.create())
    yield database
    database.close()
    sqlite_factory.discard(database.url)


@pytest.fixture(scope="session")
def redis_server(servers_folder: Path) -> Iterator[RedisServer]:
    """A private Redis for this test process."""
    folder = servers_folder / "redis"
    folder.mkdir()
    server = RedisServer(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of an empty Redis."""
    if redis_server.process is None or redis_server.process.poll() is not None:
        redis_server.start()
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands at a Monday morning until the test moves it."""
    return FakeClock(MONDAY_MORNING)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own DUBAN_ settings out of the tests."""
    for name in [name for name in os.environ if name.startswith("DUBAN_")]:
        monkeypatch.delenv(name)
