"""Kill -9 at any point, and Redis lost at any time, lose nothing and repeat nothing (docs/guarantees.md).

Longer: ``pytest tests/chaos --chaos-seconds 600``.
"""

import os
import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.definitions.publish import publish
from engine.history.models import HistoryLine
from engine.instances.models import IdempotencyKey, Incident, Instance, InstanceStatus
from engine.runtime import Engine
from engine.store import Database
from engine.tasks.models import Notice, Slot
from engine.work.models import Work
from scripts.servers import RedisServer, end_with_parent
from tests.chaos.storm import CHILDREN, COUNTED, TIMER_SECONDS, build, package
from tests.support.databases import PostgresFactory, SqliteFactory

ROOT = Path(__file__).resolve().parents[2]
CALM_SECONDS = 45.0
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
        while time.monotonic() < until:
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
        while time.monotonic() < until:
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


def wait_until_done(database: Database, log: Path) -> None:
    """Wait until no instance is open; what hangs is shown with the processes' last words."""
    until = time.monotonic() + CALM_SECONDS
    left = -1
    while time.monotonic() < until:
        with database.read() as session:
            left = session.scalar(
                select(func.count()).select_from(Instance).where(Instance.status != InstanceStatus.COMPLETED)
            ) or 0  # fmt: skip
        if left == 0:
            return
        time.sleep(0.3)
    tail = log.read_text(errors="replace")[-3000:]
    pytest.fail(f"{left} instances never finished\n{tail}")


def check(database: Database, folder: Path) -> None:
    """Judge the database after the storm."""
    with database.read() as session:
        instances = {row.id: row for row in session.scalars(select(Instance))}
        keys = set(session.scalars(select(IdempotencyKey.key).where(IdempotencyKey.key.like("storm-%"))))
        lines = defaultdict(list)
        for line in session.scalars(select(HistoryLine).order_by(HistoryLine.instance_id, HistoryLine.sequence)):
            lines[line.instance_id].append(line)
        counted = Counter(session.scalars(select(Notice.instance_id).where(Notice.kind == COUNTED)))
        slots = Counter(session.scalars(select(Slot.instance_id)))
        assert session.scalars(select(Incident.message)).all() == []
        assert session.scalar(select(func.count()).select_from(Work)) == 0
    roots = [one for one in instances.values() if one.parent_id is None]
    children = [one for one in instances.values() if one.parent_id is not None]
    acknowledged = (folder / "acknowledged").read_text().splitlines()
    assert len(acknowledged) > 0, "the storm let nothing happen"
    assert set(acknowledged) <= keys, "an acknowledged start was lost"
    assert len(roots) == len(keys), "a start was repeated"
    assert len(children) == CHILDREN * len(roots), "children were lost or repeated"
    assert counted == Counter(dict.fromkeys(instances, 1)), "an internal service ran not exactly once"
    assert slots == Counter({child.id: 1 for child in children}), "a task was lost or repeated"
    called = Counter((folder / "calls").read_text().split())
    assert len(called) == len(children), "an external call was lost, or repeated with another key"
    check_histories([lines[one.id] for one in roots])
    check_histories([lines[one.id] for one in children])
    for child in children:
        check_timer(lines[child.id])


def check_histories(histories: list[list[HistoryLine]]) -> None:
    """Every instance of one process has the same lines, numbered without a gap, each element entered once."""
    shapes = Counter(
        tuple(sorted((line.operation, line.element_id or "") for line in history)) for history in histories
    )
    assert len(shapes) == 1, f"histories differ: {shapes}"
    for history in histories:
        assert [line.sequence for line in history] == list(range(1, len(history) + 1))
        for operation in ("enter", "leave"):
            seen = Counter(line.element_id for line in history if line.operation == operation)
            assert set(seen.values()) == {1}, f"{operation} repeated: {seen}"


def check_timer(history: list[HistoryLine]) -> None:
    """The timer never fired early."""
    entered = next(line.at for line in history if (line.operation, line.element_id) == ("enter", "pause"))
    fired = next(line.at for line in history if line.operation == "timer")
    assert fired - entered >= timedelta(seconds=TIMER_SECONDS)
