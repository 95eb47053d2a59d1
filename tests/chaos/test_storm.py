"""Kill -9 at any point, and Redis lost at any time, lose nothing and repeat nothing (docs/guarantees.md).

Longer: ``pytest tests/chaos --chaos-seconds 600``.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.definitions.publish import publish
from engine.runtime import Engine
from scripts.servers import RedisServer, end_with_parent
from tests.chaos.judge import CALM_SECONDS, check, wait_until_done
from tests.chaos.storm import build, package
from tests.support.databases import PostgresFactory, SqliteFactory

ROOT = Path(__file__).resolve().parents[2]
FEWEST_STARTS = 3  # acknowledged, before a storm may end
NO_REDIS = "redis://127.0.0.1:1/0"


class Fleet:
    """Processes by name; a killed one is started again, as a supervisor would."""

    def __init__(self, folder: Path, url: str, redis_url: str) -> None:
        self.arguments = [str(folder), url, redis_url]
        self.folder = folder
        self.log = folder / "log"
        self.roles: dict[str, str] = {}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, role: str) -> None:
        self.roles[name] = role
        with self.log.open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.process", role, *self.arguments],
                cwd=ROOT, stderr=log, stdout=log, env={**os.environ}, preexec_fn=end_with_parent,  # noqa: PLW1509
            )  # fmt: skip

    def working(self) -> list[str]:
        """Names of the processes that have come up."""
        return [name for name, one in self.processes.items() if (self.folder / f"ready-{one.pid}").exists()]

    def wait_until_working(self, names: int) -> None:
        """Wait until so many processes have come up: killing what only imports proves nothing."""
        until = time.monotonic() + CALM_SECONDS
        while len(self.working()) < names and time.monotonic() < until:
            time.sleep(0.05)

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def kill_and_restart(self, name: str) -> None:
        self.kill(name)
        self.start(name, self.roles[name])

    def kill_all(self) -> None:
        for name in list(self.processes):
            self.kill(name)
        self.processes.clear()


@pytest.fixture
def storm_url(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str]]:
    """Makes a database with all tables by kind."""
    made: list[tuple[SqliteFactory | PostgresFactory, str]] = []

    def make(kind: str) -> str:
        factory = request.getfixturevalue("sqlite_factory" if kind == "sqlite" else "postgres_factory")
        url = factory.create()
        made.append((factory, url))
        return str(url)

    yield make
    for factory, url in made:
        factory.discard(url)


@pytest.fixture
def storm_seconds(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--chaos-seconds"))


@pytest.fixture
def dice() -> random.Random:
    """Random times of the kills; the seed is printed with a failure."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    return random.Random(seed)


def acknowledged(folder: Path) -> int:
    """Count the starts that were acknowledged so far: a storm on a slow machine goes on until it hit something."""
    written = folder / "acknowledged"
    return len(written.read_text().splitlines()) if written.exists() else 0


def prepare(url: str, folder: Path) -> Engine:
    engine = build(url, folder / "calls")
    publish(engine, package())
    return engine


@pytest.mark.timeout(1500)
def test_kill_9_of_the_embedded_process_loses_and_repeats_nothing(
    storm_url: Callable[[str], str], storm_seconds: float, dice: random.Random, tmp_path: Path
) -> None:
    url = storm_url("sqlite")
    engine = prepare(url, tmp_path)
    fleet = Fleet(tmp_path, url, NO_REDIS)
    try:
        fleet.start("all", "everything")
        until = time.monotonic() + storm_seconds
        while time.monotonic() < until or acknowledged(tmp_path) < FEWEST_STARTS:
            fleet.wait_until_working(1)
            time.sleep(dice.uniform(0.2, 2.5))
            fleet.kill_and_restart("all")
        fleet.kill_all()
        fleet.start("calm", "calm-everything")
        wait_until_done(engine.db, fleet.log)
    finally:
        fleet.kill_all()
    check(engine.db, tmp_path)


@pytest.mark.timeout(1500)
def test_kill_9_of_workers_and_web_and_a_lost_redis_lose_and_repeat_nothing(
    storm_url: Callable[[str], str], storm_seconds: float, dice: random.Random, tmp_path: Path
) -> None:
    url = storm_url("postgresql")
    engine = prepare(url, tmp_path)
    redis = RedisServer(tmp_path)
    redis.start()
    fleet = Fleet(tmp_path, url, redis.url)
    try:
        for name, role in (("worker-1", "worker"), ("worker-2", "worker"), ("web", "people")):
            fleet.start(name, role)
        until = time.monotonic() + storm_seconds
        while time.monotonic() < until or acknowledged(tmp_path) < FEWEST_STARTS:
            fleet.wait_until_working(3)
            time.sleep(dice.uniform(0.2, 2.0))
            if dice.random() < 0.3:
                redis.kill()
                redis.start()
            for name in dice.sample(sorted(fleet.processes), k=dice.choice((1, 1, 1, 3))):
                fleet.kill_and_restart(name)
        fleet.kill_all()
        redis.kill()
        fleet.start("worker-1", "worker")
        fleet.start("worker-2", "worker")
        fleet.start("web", "calm-people")
        wait_until_done(engine.db, fleet.log)
    finally:
        fleet.kill_all()
        redis.kill()
    check(engine.db, tmp_path)
