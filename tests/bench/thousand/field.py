"""The organisation in which the campaign runs, and the engine as a server of PostgreSQL has it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, text

from engine.clock import FakeClock
from engine.definitions.packages import Package
from engine.definitions.publish import publish
from engine.runtime import Engine
from engine.store import Database
from tests.support.databases import create_tables
from workflows.application import assemble
from workflows.notifications.config import NotificationSettings
from workflows.organisation.models import Group, GroupMember, GroupRole, Holding, Person, Post, Unit
from workflows.plans.compiler.compile import compile_plan

KEY = "safety-inspection"
LAUNCH_DAY = datetime(2026, 9, 1, 1, tzinfo=UTC)
"""The first day of the plan's first phase: the units' tasks open at once."""
OFFICE, INSPECTOR, LEADER, FIRST_HEAD = 1, 2, 3, 100
"""People; the heads of the units follow each other."""
TOWNSHIPS = 50
FIRST_UNIT = 1000


@dataclass(frozen=True, slots=True)
class Field:
    """An engine on a database whose organisation has so many units."""

    engine: Engine
    clock: FakeClock
    units: int


def field(database: Database, units: int) -> Field:
    """Make an organisation of ``units`` units with a head each, and publish the plan's package there."""
    create_tables(database)
    clock = FakeClock(LAUNCH_DAY)
    engine = assemble(database, clock=clock, notifications=NotificationSettings())
    _people_and_units(database, units)
    plan = (Path(__file__).parent / "plan.yaml").read_bytes()
    publish(engine, Package(key=KEY, files={**compile_plan(plan, KEY), "plan.yaml": plan}), note="benchmark")
    tidy(database)
    return Field(engine, clock, units)


def tidy(database: Database) -> None:
    """Bring the planner's statistics up to date, as autovacuum does in the course of a campaign's days."""
    if database.is_sqlite:
        return
    with database.sql.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _people_and_units(database: Database, units: int) -> None:
    numbers = range(units)
    people = [
        {"id": OFFICE, "login": "office", "name": "行动办公室"},
        {"id": INSPECTOR, "login": "inspector", "name": "检查员"},
        {"id": LEADER, "login": "leader", "name": "组长"},
        *({"id": FIRST_HEAD + n, "login": f"head-{n}", "name": f"负责人{n}"} for n in numbers),
    ]
    townships = [{"id": 1 + n, "code": f"town-{n}", "name": f"乡镇{n}", "kind": "township"} for n in range(TOWNSHIPS)]
    enterprises = [
        {
            "id": FIRST_UNIT + n,
            "code": f"enterprise-{n}",
            "name": f"企业{n:04d}",
            "kind": "enterprise",
            "parent_id": 1 + n % TOWNSHIPS,
            "position": n,
        }
        for n in numbers
    ]
    groups = [
        {"id": 1, "code": "office", "name": "办公室"},
        {"id": 2, "code": "inspectors", "name": "检查组"},
        {"id": 3, "code": "leading", "name": "领导小组"},
    ]
    members = [
        {"group_id": 1, "person_id": OFFICE, "role": GroupRole.HEAD},
        {"group_id": 2, "person_id": INSPECTOR, "role": GroupRole.MEMBER},
        {"group_id": 3, "person_id": LEADER, "role": GroupRole.HEAD},
    ]
    holdings = [{"person_id": FIRST_HEAD + n, "unit_id": FIRST_UNIT + n, "post_id": 1} for n in numbers]
    with database.write() as session:
        session.execute(insert(Person), people)
        session.execute(insert(Unit), townships)
        session.execute(insert(Unit), enterprises)
        session.execute(insert(Post), [{"id": 1, "code": "head", "name": "负责人", "leads": True}])
        session.execute(insert(Group), groups)
        session.execute(insert(GroupMember), members)
        session.execute(insert(Holding), holdings)
