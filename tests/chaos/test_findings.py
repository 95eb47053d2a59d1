"""Kill -9 of workers while they start the instances of a workbook's findings: each finding gets exactly one."""

import multiprocessing
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from multiprocessing.context import ForkProcess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.clock import SystemClock
from engine.clock.shared import DatabaseClock
from engine.history.models import HistoryLine
from engine.instances.models import Incident, Instance
from engine.store import Database
from engine.tasks.models import Slot
from engine.work.bell import wire_to
from engine.work.models import Errand, Work
from scripts.servers import RedisServer, end_with_parent
from tests.chaos.judge import check_histories
from tests.support.campaigns import Launched, launched
from tests.support.databases import PostgresFactory
from tests.support.ledgers import LEDGER, PLAN, UNITS, enter
from web.server import connect_bell, start_workers
from workflows.application import assemble
from workflows.campaigns.models import Campaign
from workflows.findings.models import Finding
from workflows.findings.starting import Starting, starting

FINDINGS = 200
WORKERS = 2
LONGEST_LIFE_SECONDS = 0.6
FEWEST_KILLS = 5  # while some findings had their instance and others not
PATIENCE_SECONDS = 90.0
PAUSE_SECONDS = 0.01


@pytest.fixture
def database(postgres_factory: PostgresFactory) -> Iterator[Database]:
    """A database that other processes reach."""
    url = postgres_factory.create()
    database = Database(url)
    yield database
    database.close()
    postgres_factory.discard(url)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()


def _work(url: str, redis_url: str) -> None:
    """Be a worker until killed."""
    end_with_parent()
    database = Database(url)
    engine = assemble(database, clock=DatabaseClock(database))
    wire = wire_to(redis_url)
    connect_bell(engine, wire)
    start_workers(engine, wire)
    threading.Event().wait()


def _worker(database: Database, redis: RedisServer) -> ForkProcess:
    """Start a worker as a copy of this process: one that must import everything first lives too long between kills."""
    process = multiprocessing.get_context("fork").Process(target=_work, args=(database.url, redis.url), daemon=True)
    process.start()
    return process


def _progress(world: Launched) -> Starting | None:
    with world.engine.db.read() as session:
        return starting(session, session.get_one(Campaign, world.campaign.id))


def _is_over(world: Launched) -> bool:
    """Say whether every finding's instance waits for a person."""
    with world.engine.db.read() as session:
        waiting = select(func.count()).where(Finding.state == "open")
        return not session.scalar(waiting) and not session.scalar(select(func.count()).select_from(Work))


def _let_go_on(world: Launched, before: Starting, seconds: float) -> None:
    """Wait so long, or until the next chunk is there: however fast the machine is, a kill comes between chunks."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and _progress(world) == before:
        time.sleep(PAUSE_SECONDS)


@pytest.mark.timeout(300)
def test_kill_9_in_the_middle_of_starting_findings_starts_each_once(database: Database, redis: RedisServer) -> None:
    world = launched(database, PLAN + LEDGER, UNITS, at=SystemClock().now())
    enter(world, FINDINGS)
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    dice, seen, until = random.Random(seed), [_progress(world)], time.monotonic() + PATIENCE_SECONDS
    workers = [_worker(database, redis) for _ in range(WORKERS)]
    try:
        while seen[-1] is not None:
            assert time.monotonic() < until, f"never over: {seen[-1]}"
            _let_go_on(world, seen[-1], dice.uniform(0, LONGEST_LIFE_SECONDS))
            seen.append(_progress(world))
            for place in dice.sample(range(WORKERS), dice.randint(1, WORKERS)):
                workers[place].kill()
                workers[place].join()
                workers[place] = _worker(database, redis)
        while not _is_over(world):
            assert time.monotonic() < until, "the instances never came to their tasks"
            time.sleep(PAUSE_SECONDS)
    finally:
        for worker in workers:
            worker.kill()
            worker.join()
    done = [one.done for one in seen if one is not None]
    assert done == sorted(done), "progress went back"
    assert sum(0 < one < FINDINGS for one in done) >= FEWEST_KILLS, f"the kills hit nothing: {done}"
    assert _progress(world) is None
    _judge(database)


def _judge(database: Database) -> None:
    """Read what the storm left: one instance a finding, one task an instance, the same history for each."""
    with database.read() as session:
        findings = session.scalars(select(Finding)).all()
        cures = set(session.scalars(select(Instance.id).where(Instance.process_id == "cure")))
        slots = Counter(session.scalars(select(Slot.instance_id).where(Slot.instance_id.in_(cures))))
        histories = defaultdict(list)
        lines = select(HistoryLine).where(HistoryLine.instance_id.in_(cures)).order_by(HistoryLine.sequence)
        for line in session.scalars(lines):
            histories[line.instance_id].append(line)
        assert session.scalars(select(Incident.message)).all() == []
        assert session.scalars(select(Errand.problem)).all() == []
    assert Counter(one.instance_id for one in findings) == Counter(dict.fromkeys(cures, 1))
    assert (len(findings), {one.state for one in findings}) == (FINDINGS, {"rectifying"})
    assert slots == Counter(dict.fromkeys(cures, 1))
    check_histories(list(histories.values()))
