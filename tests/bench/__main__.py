"""``make bench``: prints one JSON result of ratios, each measured in one run against its yardstick.

The exit status is 1 when a goal was missed; standard error then names what missed it.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from engine.store import Database
from scripts.servers import PostgresServer
from tests.bench import decisions, interpreters
from tests.bench.bare import bare_step
from tests.bench.campaigns import LINEAR_TASKS, campaign_step, engine_on, turn_step
from tests.bench.crowd import LEADER, engine_of, inbox_times
from tests.bench.logsize import log_bytes
from tests.bench.measure import Ratio, missed, pair
from tests.bench.pages import http_step
from tests.bench.thousand.course import FULL, QUICK, campaign_times
from tests.bench.weight import first_visit
from tests.support.databases import create_tables
from tests.support.rework import snapshot_sizes
from tests.support.web import signed_in_client

PAIRS = ("crowd", "village", "thousand", "ten")


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, Database]]:
    """Open one fresh database of each kind, durable as in production, and pairs of PostgreSQL: inboxes, campaigns."""
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    server = PostgresServer(folder / "postgresql", lasting=True)
    server.start()
    try:
        for name in PAIRS:
            with create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT").connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
        opened = {
            "sqlite": Database(f"sqlite:///{folder / 'bench.db'}"),
            "postgresql": Database(server.url("postgres")),
            **{name: Database(server.url(name)) for name in PAIRS},
        }
        yield opened
        for database in opened.values():
            database.close()
    finally:
        server.stop()


def measure(database: Database, kind: str, *, rounds: int, units: int) -> tuple[int, list[Ratio]]:
    """Measure everything on one database; returns the bytes of log that one turn writes, and the ratios."""
    engine = engine_on(database)
    size = log_bytes(database, turn_step(engine))
    bare = bare_step(database, LINEAR_TASKS, content_for(database, size))
    wide, narrow = campaign_step(engine, units), campaign_step(engine, 10)
    # A campaign of 10 units has 40 plain steps in it, which bounds the number of paired rounds.
    return size, [
        pair(f"task-through-turn/{kind}", turn_step(engine), bare, goal=4, rounds=rounds),
        pair(f"task-through-http/{kind}", http_step(engine), bare, goal=None, rounds=rounds),
        pair(f"step-{units}-units-against-10/{kind}", wide, narrow, goal=1.2, rounds=35),
    ]


def content_for(database: Database, size: int) -> int:
    """Return how large the yardstick's one row must be for its commit to write ``size`` bytes of log.

    Those are the bytes that one of our turns writes on this database, measured in this run. A row of ``size`` bytes
    would be too much: the database adds page and record headers, and they count for the yardstick as for us.
    """
    excess = log_bytes(database, bare_step(database, LINEAR_TASKS, size)) - size
    return size - excess


def main() -> int:
    """Run the benchmarks and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    arguments = parser.parse_args()
    rounds = 100 if arguments.quick else 1000
    sizes: dict[str, int] = {}
    results = [*decisions.ratios(quick=arguments.quick), *interpreters.ratios(quick=arguments.quick)]
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as opened:
        for kind in ("sqlite", "postgresql"):
            sizes[kind], ratios = measure(opened[kind], kind, rounds=rounds, units=1000)
            results += ratios
        for name in ("crowd", "village"):
            create_tables(opened[name])
        inbox = inbox_times(opened["crowd"], opened["village"], rounds=3 * rounds)
        campaign, steps = campaign_times(opened["thousand"], opened["ten"], QUICK if arguments.quick else FULL)
        results += steps
        weight = first_visit(signed_in_client(engine_of(opened["crowd"]), person_id=LEADER))
    form = "quick" if arguments.quick else "full"
    report = {
        "form": form,
        "bytes_of_a_turn": sizes,
        "bytes_of_a_rework_loop": snapshot_sizes((1, 100, 10_000)),
        "inbox": inbox,
        "campaign": campaign,
        "first_phone_visit": weight,
        "results": [result.as_json() for result in results],
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    failed = missed(report)
    for name in failed:
        sys.stderr.write(f"goal missed: {name}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
