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
from tests.bench.bare import bare_step
from tests.bench.campaigns import LINEAR_TASKS, campaign_step, engine_on, turn_step
from tests.bench.measure import Ratio, pair
from tests.bench.pages import http_step

SIZE_OF_A_TURN = 8 * 1024  # bytes: snapshot, history lines, activation, slot and submission of one plain step


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


def measure(database: Database, kind: str, *, rounds: int, units: int) -> list[Ratio]:
    """Measure everything on one database."""
    engine = engine_on(database)
    bare = bare_step(database, LINEAR_TASKS, SIZE_OF_A_TURN)
    wide, narrow = campaign_step(engine, units), campaign_step(engine, 10)
    # A campaign of 10 units has 40 plain steps in it, which bounds the number of paired rounds.
    return [
        pair(f"task-through-turn/{kind}", turn_step(engine), bare, goal=4, rounds=rounds),
        pair(f"task-through-http/{kind}", http_step(engine), bare, goal=40, rounds=rounds),
        pair(f"step-{units}-units-against-10/{kind}", wide, narrow, goal=1.2, rounds=35),
    ]


def main() -> int:
    """Run the benchmarks and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds: under five minutes")
    arguments = parser.parse_args()
    rounds = 100 if arguments.quick else 1000
    results: list[Ratio] = []
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as opened:
        for kind, database in opened.items():
            results += measure(database, kind, rounds=rounds, units=1000)
    form = "quick" if arguments.quick else "full"
    sys.stdout.write(json.dumps({"form": form, "results": [result.as_json() for result in results]}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
