"""Findings on their way, inspections, targets, rosters, checklists, polls, pledges, meetings: on both databases."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.errors import InvalidInput, NotFound
from engine.store import Database
from tests.support.parts import PartWorld, part_world
from workflows.findings.models import Finding, FindingState
from workflows.opinions.models import Ballot
from workflows.organisation.models import Group, GroupMember, Holding, Post
from workflows.rosters.models import CheckResult, Duty
from workflows.sampling.inspections import visible_inspections
from workflows.sampling.models import Inspection

LEADERS = ["unit", "section", "leader"]
PLAN = {
    "ledger": {
        "limits": {"general": "{days}", "key": "15 working days"},
        "extensions": 1,
        "recheck": "30 days",
        "ladder": [
            {"code": "circular", "name": "通报", "overdue": 1},
            {"code": "interview", "name": "约谈", "overdue": 5},
            {"code": "accountability", "name": "问责", "urged": 2, "levels": ["key", "severe"]},
        ],
        "accountability": [
            {"found_by": ["company", "mine-head"], "liable": [*LEADERS]},
            {"found_by": ["section"], "liable": ["unit"]},
        ],
    },
    "targets": [
        {"code": "drills", "target": 4, "weight": 100},
        {"code": "accidents", "target": 0, "direction": "at_most", "veto": True},
    ],
    "rosters": [
        {"code": "guard", "people": "group(guards)", "shifts": [{"code": "day", "from": "08:00", "to": "20:00"}]}
    ],
    "checklists": [
        {
            "code": "room",
            "items": [
                {"code": "cups", "every": "day"},
                {"code": "nails", "every": "week"},
                {"code": "extra", "kinds": ["hospital"]},
            ],
        }
    ],
    "polls": [{"code": "satisfied", "questions": [{"code": "q", "scale": {"yes": 100, "no": 0}}], "least": 2}],
}


@pytest.fixture
def world(database: Database) -> Iterator[PartWorld]:
    with Session(database.sql) as session:
        yield part_world(database, session, PLAN, {"u1": "ward", "u2": "ward", "u3": "hospital"}, {"days": 5})
        session.rollback()


def _finding(world: PartWorld, level: str = "general") -> Finding:
    world.submit("check", findings=[{"text": "漏签", "level": level}])
    ids = world.call("findings.open", element="check", unit="u1", source="hotline")["finding_ids"]
    world.variables["finding_id"] = ids[-1]
    return world.session.get_one(Finding, ids[-1])


def test_the_limit_follows_the_level(world: PartWorld) -> None:
    general, key = _finding(world), _finding(world, "key")
    assert (general.due, key.level) == (world.at.replace(day=14, hour=15, minute=59, second=59), "major")
    assert key.due is not None
    assert key.due.date().isoformat() == "2026-09-28"


def test_an_extension_is_given_once_from_the_old_end(world: PartWorld) -> None:
    _finding(world)
    assert world.call("finding.extend", limit="3 working days") == {"finding_due": "2026-09-17", "finding_extended": 1}
    with pytest.raises(InvalidInput, match="最多延期 1 次"):
        world.call("finding.extend")


def test_overdue_working_days_lead_up_the_ladder_and_never_down(world: PartWorld) -> None:
    _finding(world)
    steps = []
    for days in (7, 8, 9, 15):
        world.at += timedelta(days=days) - timedelta(days=(world.at.day - 7))
        steps.append(world.call("finding.escalate")["finding_step"])
    assert steps == ["", "circular", "", "interview"]


def test_a_key_finding_urged_twice_leads_to_accountability_s2_17(world: PartWorld) -> None:
    _finding(world, "key")
    assert world.call("finding.urge")["finding_urged"] == 1
    assert world.call("finding.escalate")["finding_step"] == ""
    world.call("finding.urge")
    assert world.call("finding.escalate")["finding_step"] == "accountability"


def test_who_found_it_decides_who_is_liable_s0_05(world: PartWorld) -> None:
    _finding(world)
    assert world.call("finding.accountable", found_by="mine-head")["finding_liable"] == LEADERS
    assert world.call("finding.accountable", found_by="section")["finding_liable"] == ["unit"]
    assert world.call("finding.accountable", found_by="nobody")["finding_liable_count"] == 0


def test_a_recurrence_at_the_look_back_is_a_finding_of_its_own(world: PartWorld) -> None:
    first = _finding(world)
    with pytest.raises(InvalidInput, match="尚未销号"):
        world.call("finding.plan_recheck")
    first.state = FindingState.CLOSED
    assert world.call("finding.plan_recheck")["finding_recheck_due"] == "2026-10-07"
    world.at += timedelta(days=40)
    assert world.call("findings.rechecks")["recheck_count"] == 1
    found = world.call("finding.recheck", holds=False, text="又漏签")
    again = world.session.get_one(Finding, found["recurrence_id"])
    assert (again.recurrence_of, again.number, again.source) == (first.id, first.number + 1, "recheck")
    assert world.call("findings.rechecks")["recheck_count"] == 0


def _members(world: PartWorld, code: str, *logins: str) -> list[int]:
    group = Group(code=code, name=code, campaign_id=world.campaign.id)
    world.session.add(group)
    world.session.flush()
    ids = [world.person(login) for login in logins]
    world.session.add_all(
        GroupMember(group_id=group.id, person_id=one, position=number) for number, one in enumerate(ids)
    )
    world.session.flush()
    return ids


def _head_of(world: PartWorld, unit: str) -> int:
    post = Post(code=f"head-{unit}", name="负责人", leads=True)
    world.session.add(post)
    world.session.flush()
    person_id = world.person(f"{unit}-head")
    world.session.add(Holding(person_id=person_id, unit_id=world.units[unit].id, post_id=post.id))
    world.session.flush()
    return person_id


def test_an_unannounced_inspection_is_hidden_from_the_unit_until_it_starts(world: PartWorld) -> None:
    team, head = _members(world, "experts", "e1", "e2", "e3"), _head_of(world, "u1")
    planned = world.call(
        "inspection.plan",
        unit_ids=[world.units["u1"].id],
        inspectors="group(experts)",
        announced=False,
        starts="2026-09-10",
        seed="2026",
    )
    assert (planned["inspection_count"], planned["inspection_short"]) == (1, 0)

    def seen(viewer: int, days: int) -> int:
        at = world.at + timedelta(days=days)
        found = visible_inspections(world.session, campaign_id=world.campaign.id, viewer_id=viewer, at=at)
        return len(found)

    row = world.session.scalars(select(Inspection)).one()
    chosen = [one for one in team if one in row.team]
    assert len(chosen) == 2
    assert (seen(world.person("office"), 0), seen(head, 0), seen(head, 4)) == (1, 0, 1)
    stranger = world.person("stranger")
    with pytest.raises(NotFound):
        seen(stranger, 4)


def test_the_next_round_sends_other_inspectors(world: PartWorld) -> None:
    _members(world, "experts", "e1", "e2", "e3", "e4")
    inputs = {"unit_ids": [world.units["u1"].id], "inspectors": "group(experts)", "seed": "s"}
    first = world.call("inspection.plan", **inputs)["inspection_teams"][0]["logins"]
    world.at += timedelta(days=30)
    second = world.call("inspection.plan", **inputs)["inspection_teams"][0]["logins"]
    assert not set(first) & set(second)


def test_one_inspector_alone_is_refused_s2_08(world: PartWorld) -> None:
    _members(world, "experts", "e1", "e2")
    with pytest.raises(InvalidInput, match="至少 2 人"):
        world.call("inspection.plan", unit_ids=[world.units["u1"].id], inspectors="group(experts)", team_size=1)


def test_targets_reported_and_verified_from_forms(world: PartWorld) -> None:
    world.submit("report", drills="4", accidents="")
    world.call("target.report", element="report", unit="u1")
    assert world.call("target.check", unit="u1")["targets_blank"] == ["accidents"]
    world.submit("verify", targets=[{"code": "drills", "value": 3}, {"code": "accidents", "value": 0}])
    world.call("target.verify", element="verify", unit="u1")
    checked = world.call("target.check", unit="u1")
    assert (checked["targets_missed"], checked["targets_differing"], checked["target_score"]) == (
        ["drills"],
        ["drills"],
        75.0,
    )
    world.call("target.verify", values=[{"code": "accidents", "value": 1}], unit="u1")
    assert world.call("target.check", unit="u1")["target_score"] == 0


def test_roster_goes_on_where_it_ended_and_hands_over(world: PartWorld) -> None:
    _members(world, "guards", "g1", "g2", "g3")
    assert world.call("roster.make", roster="guard", **{"from": "2026-09-07", "to": "2026-09-08"})["duty_count"] == 2
    world.call("roster.make", roster="guard", **{"from": "2026-09-08", "to": "2026-09-10"})
    logins = [
        world.call("roster.today", roster="guard", day=f"2026-09-{day:02d}")["duty_login"] for day in range(7, 11)
    ]
    assert logins == ["g1", "g2", "g3", "g1"]
    assert world.call("roster.handover", roster="guard", note="钥匙在传达室")["duty_next_login"] == "g2"
    with pytest.raises(InvalidInput, match="已经交接"):
        world.call("roster.handover", roster="guard")
    assert world.call("roster.swap", roster="guard", day="2026-09-09", person="g1")["duty_login"] == "g1"
    assert world.session.scalars(select(Duty.swapped_from).where(Duty.swapped_from.is_not(None))).one()


def test_no_due_item_may_be_left_out_when_the_group_leaves_s2_05(world: PartWorld) -> None:
    with pytest.raises(InvalidInput, match="还有 1 项没有检查"):
        world.call("checklist.record", checklist="room", unit="u1", answers={"cups": "ok"}, complete=True)
    done = world.call(
        "checklist.record", checklist="room", unit="u1", answers={"cups": "ok", "nails": "fail"}, complete=True
    )
    assert (done["checklist_failed"], done["checklist_complete"]) == (["nails"], True)
    assert world.call("checklist.due", checklist="room", unit="u1", day="2026-09-08")["checklist_due"] == ["cups"]
    assert world.call("checklist.due", checklist="room", unit="u1", day="2026-09-14")["checklist_due"] == [
        "cups",
        "nails",
    ]
    assert world.call("checklist.due", checklist="room", unit="u3")["checklist_due"] == ["cups", "nails", "extra"]


def test_two_rounds_of_a_day_are_both_kept_and_a_correction_replaces_its_own(world: PartWorld) -> None:
    first = CheckResult.instance_id == world.root.id
    for result in ("fail", "ok"):
        world.call("checklist.record", checklist="room", unit="u1", answers={"cups": result})
    assert world.session.scalars(select(CheckResult.result).where(first)).all() == ["ok"]
    world.session.execute(update(CheckResult).values(instance_id=world.root.id + 1))
    world.call("checklist.record", checklist="room", unit="u1", answers={"cups": "fail"})
    assert sorted(world.session.scalars(select(CheckResult.result))) == ["fail", "ok"]


def test_poll_names_nobody_and_takes_one_answer_each(world: PartWorld) -> None:
    world.call("poll.cast", poll="satisfied", rows=[{"q": "yes", "voter": "a"}, {"q": "no", "voter": "b"}])
    with pytest.raises(InvalidInput, match="已经答过"):
        world.call("poll.cast", poll="satisfied", answers={"q": "yes"}, voter="a")
    counted = world.call("poll.count", poll="satisfied", electorate=4)
    assert (counted["poll_turnout"], counted["poll_score"], counted["poll_valid"]) == (50.0, 50.0, True)
    assert all(len(voter) == 64 for voter in world.session.scalars(select(Ballot.voter)))


def test_pledges_are_compared_with_what_was_done_s4_16(world: PartWorld) -> None:
    assert world.call("pledge.make", unit="u1", texts=["每月下基层一次", "帮扶一户", ""])["pledge_count"] == 2
    reviewed = world.call("pledge.review", unit="u1", rows=[{"outcome": "kept"}])
    assert reviewed == {"pledges_kept": 1, "pledges_broken": 0, "pledges_open": 1}


def test_attendance_rate_of_a_meeting_s4_17(world: PartWorld) -> None:
    _members(world, "party", *(f"m{number}" for number in range(20)))
    world.submit("signin", absent="m7")
    held = world.call("meeting.record", element="signin", people="group(party)", meeting="五月党日")
    assert (held["meeting_rate"], held["meeting_absent"]) == (95.0, ["m7"])
