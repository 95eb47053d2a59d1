"""How many bytes a step makes the database write into its log: the size of the commit that it is compared with."""

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection

from engine.store import Database

WARM_UP = 10
STEPS = 60


def log_bytes(database: Database, step: Callable[[], float]) -> int:
    """Run a step some times and return how many bytes of write-ahead log one of them writes, the median.

    A commit is the time it takes to bring the log to the disk, and the log is what a turn writes altogether: rows,
    indexes, snapshot. SQLite logs whole pages, PostgreSQL records; so the size is measured on each, never assumed.
    The median leaves out what does not belong to a step: whole pages after a checkpoint, the server's own work.
    """
    for _ in range(WARM_UP):
        step()
    with _log_end(database) as log_end:
        sizes = [_growth(step, log_end) for _ in range(STEPS)]
    return int(statistics.median(sizes))


def _growth(step: Callable[[], float], log_end: Callable[[], int]) -> int:
    before = log_end()
    step()
    return log_end() - before


@contextmanager
def _log_end(database: Database) -> Iterator[Callable[[], int]]:
    """Yield what tells the log's end in bytes; nothing may cut the log meanwhile."""
    if database.is_sqlite:
        with _without_checkpoints(database):
            log = Path(f"{database.address.database}-wal")
            yield lambda: log.stat().st_size
        return
    with database.sql.connect() as connection:
        position = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"
        yield lambda: int(connection.exec_driver_sql(position).scalar_one())


@contextmanager
def _without_checkpoints(database: Database) -> Iterator[None]:
    """Empty SQLite's log and let it only grow: its file is then as long as what was written."""

    def keep_log(connection: DBAPIConnection, *_: object) -> None:
        connection.cursor().execute("PRAGMA wal_autocheckpoint=0")

    event.listen(database.sql, "checkout", keep_log)
    raw = database.sql.raw_connection()
    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    raw.close()
    try:
        yield
    finally:
        event.remove(database.sql, "checkout", keep_log)
        database.sql.dispose()  # new connections have their checkpoints again
