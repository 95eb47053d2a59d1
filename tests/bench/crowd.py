"""An inbox in a large organisation: many people, very many open slots, a few leaders who owe thousands."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from sqlalchemy import text

from engine import tasks
from engine.clock import FakeClock
from engine.runtime import Engine
from engine.store import Database
from workflows.organisation.calendars import UnitCalendars
from workflows.organisation.people import Organisation

GOAL_MS = 50
LEADER = 1
"""One of the people who hold thousands."""
POOLS = 500
POOL_SIZE = 20
NOW = datetime(2026, 9, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Numbers of open slots: of leaders, of pools that their members may claim from, and of everybody else."""

    people: int
    leaders: int
    leading: int
    pooled: int
    spread: int

    @property
    def slots(self) -> int:
        return self.leading + self.pooled + self.spread


def crowd(slots: int, people: int) -> Crowd:
    """Return a crowd in which one in a hundred leads, and leaders hold a quarter of what is open."""
    leading, pooled = slots // 4, slots // 20
    return Crowd(people, max(1, people // 100), leading, pooled, slots - leading - pooled)


def crowded_engine(database: Database, size: Crowd) -> Engine:
    """Return an engine with the real organisation on a database, with this crowd in it."""
    fill(database, size)
    return engine_of(database)


def engine_of(database: Database) -> Engine:
    """Return an engine on a database that has its crowd; its clock stands still at their hour."""
    return Engine(db=database, clock=FakeClock(NOW), people=Organisation(), calendars=UnitCalendars(), services={})


_FILL = """
INSERT INTO package_version (id, key, version, name, name_en, digest, main_process, live, note, published_at)
SELECT n, 'process-' || n, 1, '流程' || n, '', 'd' || n, 'p' || n, true, '', :now FROM generate_series(1, 20) n;

INSERT INTO unit (id, code, name, name_en, kind, parent_id)
SELECT n, 'u' || n, '单位' || n, '', 'office', CASE WHEN n > 1 THEN 1 + n / 20 END FROM generate_series(1, 300) n
ORDER BY n;

INSERT INTO person (id, login, name, name_en, active, is_administrator)
SELECT n, 'person-' || n, '人员' || n, '', true, false FROM generate_series(1, :people) n;

INSERT INTO instance (id, package_version_id, process_id, title, root_id, unit_id, initiator_id, status, version,
                      snapshot, variables, rounds, open_incidents, history_sequence, history_digest, created_at)
SELECT n, 1 + n % 20, 'p' || (1 + n % 20), '第' || n || '号申请', n, 1 + n % 300, 1 + (n * 7919) % :people,
       CASE WHEN n % 50 = 0 THEN 'suspended' ELSE 'running' END, 1, ''::bytea, '{}'::bytea, '{}'::bytea, 0, 1, '',
       CAST(:now AS timestamptz) - n % 86400 * interval '1 minute'
FROM generate_series(1, CAST(:slots / 2 AS bigint)) n;

INSERT INTO activation (id, instance_id, token, element_id, name, title, kind, policy, round, settings, scope,
                        opened_at, warn_at, due, data_version)
SELECT n, (n + 1) / 2, 't' || n, 'approve', '审批', '', 'approval', 'single', 1, '{}'::bytea, '{}'::bytea, opened,
       opened + interval '2 days', CASE WHEN n % 5 > 0 THEN opened + n % 40 * interval '1 day' END, 0
FROM (SELECT n, CAST(:now AS timestamptz) - n % 43200 * interval '1 minute' AS opened
      FROM generate_series(1, CAST(:slots AS bigint)) n) made;

INSERT INTO slot (id, activation_id, instance_id, root_id, paused, owner_id, state, position, claimed, veto, found_by,
                  due, opened_at, read_at, urges)
SELECT id, id, instance_id, instance_id, instance_id % 50 = 0,
       CASE WHEN id <= :leading THEN 1 + id % :leaders
            WHEN id <= :leading + :pooled THEN NULL
            ELSE 1 + (id * 104729) % :people END,
       'ready', 0, false, false, '', due, opened_at, CASE WHEN id % 3 = 0 THEN opened_at END, 0
FROM activation;

INSERT INTO slot_candidate (slot_id, person_id)
SELECT slot.id, 1 + (slot.id % :pools * 13 + member) % :people
FROM slot, generate_series(1, :pool_size) member WHERE owner_id IS NULL;

INSERT INTO slot (id, activation_id, instance_id, root_id, paused, owner_id, state, position, claimed, veto, found_by,
                  opened_at, read_at, closed_at, urges, actor_id)
SELECT id + 10000000000, id, instance_id, instance_id, false, 1 + (id * 15485863) % :people, 'agreed', 0, false, false,
       '', opened_at, opened_at, opened_at + interval '1 hour', 0, 1 + (id * 15485863) % :people
FROM activation WHERE id % 4 = 0;

INSERT INTO comment (id, instance_id, person_id, text, created_at)
SELECT n, 1 + n % (:slots / 2), 1 + n % :people, '知悉', :now FROM generate_series(1, 10 * :people) n;

INSERT INTO attachment (id, instance_id, activation_id, field, filename, media_type, size, digest, uploaded_by,
                        uploaded_at)
SELECT n, (n + 1) / 2, n, 'proof', 'proof.pdf', 'application/pdf', 1000, 'd' || n, 1 + n % :people, :now
FROM generate_series(1, 10 * :people) n;

INSERT INTO notice (id, person_id, kind, title, path, created_at, read_at)
SELECT n, 1 + n % :people, 'warned', '即将到期', '', :now, CASE WHEN n % 3 > 0 THEN CAST(:now AS timestamptz) END
FROM generate_series(1, 20 * :people) n;

INSERT INTO copy (id, instance_id, person_id, note, created_at, read_at)
SELECT n, 1 + n % (:slots / 2), 1 + n % :people, '', :now, CASE WHEN n % 4 > 0 THEN CAST(:now AS timestamptz) END
FROM generate_series(1, 10 * :people) n;
"""


def fill(database: Database, size: Crowd) -> None:
    """Write the crowd into empty tables of a PostgreSQL database, as production would hold it."""
    values = {
        "now": NOW, "people": size.people, "slots": size.slots, "leading": size.leading, "leaders": size.leaders,
        "pooled": size.pooled, "pools": POOLS, "pool_size": POOL_SIZE,
    }  # fmt: skip
    with database.sql.begin() as connection:
        for statement in _FILL.split(";\n"):
            if statement.strip():
                used = {name: value for name, value in values.items() if f":{name}" in statement}
                connection.execute(text(statement.strip()), used)
    with database.sql.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def visits(engine: Engine, size: Crowd) -> Callable[[], float]:
    """Return a function that opens the inbox of one person after another, every tenth time of a leader.

    It returns the seconds that the first page and the counters took on the server.
    """
    numbers = count()

    def visit() -> float:
        number = next(numbers)
        person = 1 + (number % size.leaders if number % 10 == 0 else number * 7919 % size.people)
        begun = time.perf_counter()
        with engine.db.read() as session:
            tasks.inbox(engine, session, person_id=person, box="todo")
            tasks.counters(engine, session, person)
        return time.perf_counter() - begun

    return visit


def inbox_times(big: Database, small: Database, *, rounds: int) -> dict[str, object]:
    """Measure the inbox at 1,000,000 open slots of 10,000 people beside the one at a hundredth of both.

    Milliseconds are of this machine at this hour; the ratio of the 95th percentiles is what can be compared. The goal,
    50 ms for the first page with the counters, is the issue's.
    """
    sizes = crowd(1_000_000, 10_000), crowd(10_000, 100)
    sides = [visits(crowded_engine(database, size), size) for database, size in zip((big, small), sizes, strict=True)]
    for _ in range(20):
        for visit in sides:
            visit()
    times = [tuple(visit() * 1e3 for visit in sides) for _ in range(rounds)]
    large, little = (statistics.quantiles(side, n=20)[18] for side in zip(*times, strict=True))
    return {
        "open_slots": sizes[0].slots, "people": sizes[0].people, "rounds": rounds, "p95_ms": round(large, 2),
        "goal_ms": GOAL_MS, "within_goal": large <= GOAL_MS, "p95_ms_at_a_hundredth": round(little, 2),
        "ratio": round(large / little, 3),
    }  # fmt: skip
