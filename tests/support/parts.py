"""A campaign with invented units and the plan's sections that a test is about, and its services to call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.clock import FakeClock
from engine.definitions.models import PackageVersion
from engine.instances.models import Instance
from engine.ports import ServiceCall
from engine.runtime import Engine
from engine.store import Database, new_id
from engine.tasks.models import Activation, Slot, Submission
from workflows.application import assemble
from workflows.campaigns.launch import prepare
from workflows.campaigns.models import Campaign
from workflows.organisation.models import Person, Unit
from workflows.plans.schema import read_plan

AT = datetime(2026, 9, 7, 1, 0, tzinfo=UTC)
"""Monday 7 September 2026, 09:00 in Shanghai."""


EVERY_PART: dict[str, Any] = {
    "scoring": [
        {
            "code": "check",
            "name": "月度检查",
            "every": "month",
            "items": [{"code": "order", "points": 60}, {"code": "clean", "points": 40, "per": 0.5}],
        }
    ],
    "rankings": [{"code": "monthly", "scheme": "check"}],
    "awards": [
        {"code": "best", "name": "先进", "ranking": "monthly", "top": 1, "money": 300, "split": {"集体": 2, "个人": 1}}
    ],
    "targets": [{"code": "rate", "target": 95}],
    "rosters": [
        {"code": "guard", "people": "initiator", "shifts": [{"code": "night", "from": "18:00", "to": "08:00"}]}
    ],
    "frequencies": [{"code": "visit", "at_least": 2, "every": "month"}],
    "registers": [{"code": "works", "fields": [], "private": True}],
    "counters": [{"code": "late", "measures": [{"code": "talk", "name": "约谈", "from": 1}]}],
    "polls": [{"code": "sat", "questions": [{"code": "q", "scale": {"好": 100}}]}],
    "checklists": [{"code": "room", "items": [{"code": "cups"}]}],
}
"""Sections of a plan: something of every part."""


@dataclass
class PartWorld:
    """An engine, a campaign, and the instant of the next call."""

    engine: Engine
    session: Session
    campaign: Campaign
    root: Instance
    units: Mapping[str, Unit]
    at: datetime = AT
    variables: dict[str, Any] = field(default_factory=dict)

    def call(self, kind: str, *, step: str = "step", unit: str = "", **inputs: Any) -> dict[str, Any]:
        """Call a service kind as a step of the root instance; its results become variables as in a turn."""
        if unit:
            inputs["unit_id"] = self.units[unit].id
        self.root.variables = dict(self.variables)
        call = ServiceCall(self.engine, self.session, self.root, step, "t", inputs, self.at, f"{kind}-{step}")
        result = dict(self.engine.services[kind].run(call))
        self.variables |= result
        return result

    def submit(self, element: str, person: str = "", **data: Any) -> Submission:
        """Hand in a form of the root instance."""
        person_id = self.person(person or "office")
        shared = {"instance_id": self.root.id, "opened_at": self.at, "closed_at": self.at}
        activation = Activation(
            token=f"t{new_id()}", element_id=element, name=element, kind="work", settings={}, scope={}, **shared
        )
        self.session.add(activation)
        self.session.flush()
        slot = Slot(activation_id=activation.id, root_id=self.root.id, owner_id=person_id, state="completed", **shared)
        self.session.add(slot)
        self.session.flush()
        submission = Submission(
            instance_id=self.root.id,
            activation_id=activation.id,
            slot_id=slot.id,
            element_id=element,
            person_id=person_id,
            data=data,
            submitted_at=self.at,
        )
        self.session.add(submission)
        self.session.flush()
        return submission

    def person(self, login: str) -> int:
        """Return the id of a person, made when there is none."""
        found = self.session.query(Person).filter(Person.login == login).one_or_none()
        if found is None:
            found = Person(login=login, name=f"人员 {login}")
            self.session.add(found)
            self.session.flush()
        return found.id


def part_world(
    database: Database,
    session: Session,
    plan: Mapping[str, Any],
    units: Mapping[str, str],
    parameters: Mapping[str, Any] | None = None,
) -> PartWorld:
    """Make a campaign; ``units`` are codes with their kinds."""
    engine = assemble(database, clock=FakeClock(AT))
    rows = {code: Unit(code=code, name=f"单位{code}", kind=kind) for code, kind in units.items()}
    session.add_all(rows.values())
    office = Person(login="office", name="办公室")
    version = PackageVersion(
        key="p", version=1, name="p", digest="0" * 64, main_process="p", published_at=AT, published_by=None
    )
    session.add_all([office, version])
    session.flush()
    root = Instance(
        package_version_id=version.id,
        process_id="p",
        title="t",
        root_id=0,
        snapshot=b"",
        variables={},
        rounds={},
        created_at=AT,
        initiator_id=office.id,
    )
    session.add(root)
    session.flush()
    root.root_id = root.id
    kinds = list(dict.fromkeys(units.values()))
    names = [{"name": name} for name in parameters or {}]
    written = {"units": {"kinds": kinds}, "launch": {"parameters": names}, **plan}
    campaign = Campaign(
        instance_id=root.id,
        package_key="p",
        title="2026年专项行动",
        year=2026,
        parameters=dict(parameters or {}),
        plan=read_plan(written),
        initiator_id=office.id,
        created_at=AT,
    )
    session.add(campaign)
    session.flush()
    prepare(session, campaign)
    return PartWorld(engine, session, campaign, root, rows)


def fill_every_part(world: PartWorld, first: str, second: str, *, inspectors: str = "initiator") -> None:
    """Let something happen in every part of a campaign with :data:`EVERY_PART`, to two of its units."""
    for code in (first, second):
        world.call(
            "score.enter",
            scheme="check",
            unit=code,
            period="2026-09",
            step=code,
            marks=[{"item": "order", "amount": 55}],
        )
    world.call("score.compute", scheme="check", period="2026-09")
    world.call("rank.make", ranking="monthly", period="2026-09")
    world.call("awards.give", award="best", period="2026-09")
    world.call("notice.open", title="拟表彰公示", award="best", period="2026-09", lasts="60 days")
    world.call("target.report", unit=first, values={"rate": "93.5%"})
    world.call("roster.make", roster="guard", **{"from": "2026-09-14", "to": "2026-09-16"})
    world.call("frequency.record", frequency="visit", unit=first)
    world.call("register.enter", register="works", key="w1", name="保密作品", unit=first)
    world.call("counter.add", counter="late", unit=first, reason="逾期")
    world.call("poll.cast", poll="sat", rows=[{"q": "好", "voter": "a"}], unit=first)
    world.call("checklist.record", checklist="room", unit=first, answers={"cups": "fail"})
    world.call("pledge.make", unit=first, texts=["三分钟内回报"])
    world.call("meeting.record", meeting="动员会", subjects=[first])
    world.call(
        "inspection.plan",
        unit_ids=[world.units[first].id],
        inspectors=inspectors,
        announced=False,
        starts="2027-01-04",
    )
    world.call("appeal.open", unit=second, scheme="check", reason="记录有误", limit="60 days")
    world.call("sample.draw", count=1, seed="公布的种子", name="spot", exclude_members=False)
    world.call("report.expect", report="monthly", period="2026-09", due="2026-09-20")
