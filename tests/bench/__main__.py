"""``make bench``: prints one JSON result of ratios, each measured in one run against its yardstick."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.store import Database
from scripts.servers import PostgresServer
from tests.bench import decisions, interpreters
from tests.bench.bare import bare_step
from tests.bench.campaigns import LINEAR_TASKS, campaign_step, engine_on, turn_step
from tests.bench.logsize import log_bytes
from tests.bench.measure import Ratio, pair
from tests.bench.pages import http_step
from tests.support.rework import snapshot_sizes


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, Database]]:
    """Open one fresh database of each kind, durable as in production."""
    folder.chmod(0o755)  # PostgreSQL runs as a user of its own when we are root
    server = PostgresServer(folder / "postgresql", lasting=True)
    server.start()
    try:
        opened = {
            "sqlite": Database(f"sqlite:///{folder / 'bench.db'}"),
            "postgresql": Database(server.url("postgres")),
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
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under five minutes")
    arguments = parser.parse_args()
    rounds = 100 if arguments.quick else 1000
    sizes: dict[str, int] = {}
    results = [*decisions.ratios(quick=arguments.quick), *interpreters.ratios(quick=arguments.quick)]
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as opened:
        for kind, database in opened.items():
            sizes[kind], ratios = measure(database, kind, rounds=rounds, units=1000)
            results += ratios
    form = "quick" if arguments.quick else "full"
    report = {
        "form": form,
        "bytes_of_a_turn": sizes,
        "bytes_of_a_rework_loop": snapshot_sizes((1, 100, 10_000)),
        "results": [result.as_json() for result in results],
    }
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
