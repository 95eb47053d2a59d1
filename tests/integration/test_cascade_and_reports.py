"""Plans of units and their reports, level by level, on both databases."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from engine.calendars import SHANGHAI
from engine.instances.models import Instance
from engine.store import Database
from tests.support.levels import LevelWorld, level_world
from workflows.campaigns.models import Campaign
from workflows.cascade.overview import roll_up
from workflows.organisation.models import Unit
from workflows.reporting.models import ReportFiling
from workflows.reporting.overview import Standing, standings
from workflows.reporting.service import add_up, is_late, late_times


@pytest.fixture
def world(database: Database) -> LevelWorld:
    return level_world(database)


def test_a_unit_may_tighten_but_not_loosen_what_is_above_it(world: LevelWorld) -> None:
    world.file("east", 1, "2026-11-01", 94, 3)
    assert world.plan("east") is None
    assert world.problems("east", 1) == "完成日期不得晚于 2026-10-31；覆盖率不得低于 95%；事故不得高于 2起"
    world.file("east", 1, "2026-10-31", 95, 2)
    kept = world.plan("east")
    assert kept is not None
    assert (kept.days, kept.targets, kept.superior_id) == (
        {"finish": "2026-10-31"}, {"coverage": 95, "accidents": 2}, None,
    )  # fmt: skip
    assert kept.approved_at is None


def test_units_below_are_held_against_the_unit_above_once_its_plan_is_approved(world: LevelWorld) -> None:
    world.file("east", 1, "2026-09-30", 98, 1)
    assert world.open("unit_plan_2") == 0
    world.do("unit_plan_1_reviewed", "east")
    assert world.open("unit_plan_2") == 2
    world.file("e1", 2, "2026-10-15", 96, 2)
    assert world.problems("e1", 2) == "完成日期不得晚于 2026-09-30；覆盖率不得低于 98%；事故不得高于 1起"
    world.file("e1", 2, "2026-09-01", 99, 0)
    kept = world.plan("e1")
    assert kept is not None
    assert kept.superior_id == world.units["east"]


def test_reports_go_up_level_by_level_and_are_added_up(world: LevelWorld) -> None:
    assert world.open("monthly_file") == 3
    world.do("monthly_file", "e1", {"done": 3})
    world.do("monthly_file", "e2", {"done": 4})
    assert world.open("monthly_file_2") == 0
    world.do("monthly_file", "w1", {"done": 5})
    assert world.open("monthly_file_2") == 2
    world.do("monthly_file_2", "east", {"done": 7})
    world.do("monthly_file_2", "west", {"done": 5})
    assert world.open("monthly_consolidate") == 1
    with world.engine.db.read() as session:
        campaign = session.get_one(Campaign, world.campaign.id)
        below, rows = add_up(session, campaign=campaign, report="monthly", period="2026-03", below=world.units["east"])
        towns, _ = add_up(session, campaign=campaign, report="monthly", period="2026-03", kinds=["town"])
        root = session.get_one(Instance, world.campaign.instance_id)
        assert (below, len(rows), towns) == ({"done": 7}, 2, {"done": 12})
        consolidating = session.scalars(select(Instance).where(Instance.process_id == "monthly_rounds_process")).one()
        assert consolidating.variables["sums"] == {"done": 12}
        assert (consolidating.variables["filed_count"], consolidating.variables["late_count"]) == (2, 0)
        assert root.status == "running"


def test_a_late_report_is_counted_while_it_is_missing_and_after_it_came(world: LevelWorld) -> None:
    world.do("monthly_file", "e1", {"done": 3})
    world.go_to("2026-03-21T09:00")
    now = world.clock.now()
    with world.engine.db.read() as session:
        rows = list(session.scalars(select(ReportFiling)))
        viewer = world.logins["leader"]
        (standing,) = standings(session, campaign_id=world.campaign.id, viewer_id=viewer, at=now)
        assert (standing.expected, standing.filed, standing.late, standing.missing) == (3, 1, 0, 2)
        assert standing.lamp(now) == "red"
        assert sum(is_late(row, now) for row in rows) == 2
    world.do("monthly_file", "w1", {"done": 5})
    with world.engine.db.read() as session:
        campaign_id, unit_id = world.campaign.id, world.units["w1"]
        assert late_times(session, campaign_id=campaign_id, unit_id=unit_id, now=world.clock.now()) == 1
        assert late_times(session, campaign_id=campaign_id, unit_id=world.units["e1"], now=world.clock.now()) == 0


def test_the_lamp_is_yellow_within_a_day_of_the_due_time() -> None:
    due = datetime(2026, 3, 20, 23, 59, tzinfo=SHANGHAI)
    standing = Standing("monthly", "2026-03", 3, 1, 0, 2, due)
    assert standing.lamp(datetime(2026, 3, 18, 9, tzinfo=SHANGHAI)) == "green"
    assert standing.lamp(datetime(2026, 3, 20, 9, tzinfo=SHANGHAI)) == "yellow"
    assert standing.lamp(datetime(2026, 3, 21, 9, tzinfo=SHANGHAI)) == "red"
    assert Standing("monthly", "2026-03", 3, 3, 1, 0, due).lamp(datetime(2026, 4, 1, tzinfo=SHANGHAI)) == "green"


def test_plans_and_reports_roll_up_the_tree_of_units(world: LevelWorld) -> None:
    world.file("east", 1, "2026-10-31", 95, 2)
    world.do("unit_plan_1_reviewed", "east")
    world.file("e1", 2, "2026-10-31", 95, 2)
    world.go_to("2026-03-21T09:00")
    branches = world.branches()
    assert [(one.name, one.level) for one in branches.values()] == [
        ("东镇", 0), ("东一村", 1), ("东二村", 1), ("西镇", 0), ("西一村", 1),
    ]  # fmt: skip
    assert (branches["东镇"].plans_filed, branches["东镇"].reports_missing, branches["东镇"].reports_late) == (2, 2, 2)
    assert (branches["西镇"].plans_filed, branches["西镇"].reports_missing) == (0, 1)


def test_the_roll_up_costs_the_same_whatever_the_number_of_units(world: LevelWorld) -> None:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(str(arguments[2]))

    with world.engine.db.read() as session:
        campaign = session.get_one(Campaign, world.campaign.id)
        assert session.scalars(select(Unit.id)).all()
        event.listen(world.engine.db.sql, "before_cursor_execute", note)
        roll_up(session, campaign, world.clock.now())
        event.remove(world.engine.db.sql, "before_cursor_execute", note)
    assert len(statements) == 5
