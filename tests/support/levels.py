"""A campaign over two levels of units: towns and villages with plans of their own and a monthly report."""

from sqlalchemy import select

from engine.instances.models import Instance
from engine.store import Database
from tests.support.campaigns import Launched, launched
from workflows.campaigns.models import Campaign
from workflows.cascade.models import UnitPlan
from workflows.cascade.overview import Branch, roll_up

PLAN = """
name: 试验行动
launch: {parameters: [{name: year, type: integer, required: true}]}
units: {kinds: [town, village]}
roles: [{code: head, name: 负责人, rule: post(head)}]
cascade:
  who: head
  review: initiator
  levels: [town, village]
  due: --03-10
  days: [{code: finish, name: 完成日期, date: --10-31}]
  targets:
    - {code: coverage, name: 覆盖率, unit: "%", value: 95}
    - {code: accidents, name: 事故, unit: 起, value: 2, better: lower}
reports:
  - code: monthly
    name: 进度表
    who: head
    levels: [village, town]
    to: initiator
    every: {period: month, days: [20], months: [3]}
    fields: [{key: done, label: 完成数, type: integer}]
"""
UNITS = [
    {"kind": "town", "names": {"east": "东镇", "west": "西镇"}, "posts": ["head"]},
    {"kind": "village", "parent": "east", "names": {"e1": "东一村", "e2": "东二村"}, "posts": ["head"]},
    {"kind": "village", "parent": "west", "names": {"w1": "西一村"}, "posts": ["head"]},
]


class LevelWorld(Launched):
    """A launched campaign with two towns and three villages."""

    def file(self, unit: str, level: int, finish: str, coverage: float, accidents: float) -> None:
        data = {"finish": finish, "coverage": coverage, "accidents": accidents, "measures": "本单位措施"}
        self.do(f"unit_plan_{level}", unit, data)

    def plan(self, unit: str) -> UnitPlan | None:
        with self.engine.db.read() as session:
            return session.get(UnitPlan, (self.campaign.id, self.units[unit]))

    def problems(self, unit: str, level: int) -> str:
        with self.engine.db.read() as session:
            query = select(Instance.variables).where(
                Instance.process_id == f"cascade_{level}_process", Instance.unit_id == self.units[unit]
            )
            return str(session.scalars(query).one().get("cascade_problems"))

    def branches(self) -> dict[str, Branch]:
        with self.engine.db.read() as session:
            campaign = session.get_one(Campaign, self.campaign.id)
            return {row.name: row for row in roll_up(session, campaign, self.clock.now())}


def level_world(database: Database) -> LevelWorld:
    """Return the campaign as it was launched."""
    return LevelWorld(**vars(launched(database, PLAN, UNITS)))


def half_way(database: Database) -> LevelWorld:
    """Return it with a plan in effect, one that came back, and a village that is late with its report."""
    world = level_world(database)
    world.file("east", 1, "2026-09-30", 98, 1)
    world.do("unit_plan_1_reviewed", "east")
    world.file("west", 1, "2026-11-30", 90, 5)
    for unit, done in (("e1", 3), ("e2", 4)):
        world.do("monthly_file", unit, {"done": done})
    world.go_to("2026-03-21T09:00")
    return world
