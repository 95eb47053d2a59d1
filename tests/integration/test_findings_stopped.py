"""A finding that cannot go on waits for a person by itself: the others go on, on both databases."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import object_session

from engine.errors import Conflict, DubanError, NotAllowed
from engine.instances import suspend
from engine.store import Database
from engine.wording import say
from tests.support.api import api_app
from tests.support.campaigns import Launched
from tests.support.ledgers import LEDGER, PLAN, cures, enter, findings_of, one_chunk, world_of
from tests.support.together import at_once
from tests.support.web import signed_in_client
from workflows.campaigns.models import Campaign
from workflows.findings import starting
from workflows.findings.incidents import FindingIncident, incidents_of, retry_finding, retry_findings
from workflows.findings.models import Finding
from workflows.organisation.models import Holding

BAD = 2
MANY = starting.CHUNK + 5
FIRST_STEP = "      - {service: finding.update, name: 开始整改"
CHOICE = """      - choose: 轻重
        code: weight
        branches:
          - {when: 'if finding_text = "第1条" then "重" else false', name: 重, steps: []}
          - {name: 轻, steps: []}
"""
CHOOSING = (PLAN + LEDGER).replace(FIRST_STEP, CHOICE + FIRST_STEP)


@contextmanager
def _refused(error: Exception | None = None) -> Iterator[None]:
    """Let nothing start the finding with the number BAD: by an error of ours, else by one of the database."""
    known = starting.described

    def described(campaign: Campaign, finding: Finding) -> dict[str, Any]:
        if finding.number == BAD and error is not None:
            raise error
        if finding.number == BAD:
            session = object_session(finding)
            assert session is not None
            session.execute(text("INSERT INTO finding (id) VALUES (1)"))
        return known(campaign, finding)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(starting, "described", described)
        yield


def _stopped(world: Launched) -> list[FindingIncident]:
    with world.engine.db.read() as session:
        found = incidents_of(world.engine, session, session.get_one(Campaign, world.campaign.id))
    assert found.count == len(found.rows)
    return list(found.rows)


def _one(world: Launched) -> Mapping[str, Any]:
    finding = findings_of(world)[BAD - 1]
    return {"campaign_id": world.campaign.id, "finding_id": finding.id, "actor_id": world.logins["organiser"]}


@pytest.mark.parametrize("error", [NotAllowed(say("今天不行")), None], ids=["refused", "broken"])
def test_one_that_cannot_be_started_does_not_hold_the_others(database: Database, error: DubanError | None) -> None:
    world = world_of(database)
    enter(world, MANY)
    with _refused(error):
        world.settle()
    assert [one.number for one in findings_of(world) if one.instance_id is None] == [BAD]
    (stopped,) = _stopped(world)
    assert (stopped.label, stopped.instance_id, stopped.element) == ("2026-002", None, "")
    assert stopped.sentence == str(error) if error else "IntegrityError" in stopped.sentence
    world.settle()
    assert cures(world) == MANY - 1
    retry_finding(world.engine, **_one(world))
    assert _stopped(world) == []
    world.settle()
    assert (cures(world), [one.state for one in findings_of(world)]) == (MANY, ["rectifying"] * MANY)


def test_progress_counts_those_that_cannot_be_started(database: Database) -> None:
    world = world_of(database)
    enter(world, 3)
    with _refused(NotAllowed(say("今天不行"))):
        one_chunk(world)
    with database.read() as session:
        progress = starting.starting(session, session.get_one(Campaign, world.campaign.id))
    assert progress is not None
    assert (progress.done, progress.failed) == (2, 1)


def test_a_condition_that_fails_on_a_row_stops_this_row_alone(database: Database) -> None:
    world = world_of(database, CHOOSING)
    enter(world, MANY)
    world.settle()
    states = [one.state for one in findings_of(world)]
    assert (states[BAD - 1], states.count("rectifying")) == ("open", MANY - 1)
    (stopped,) = _stopped(world)
    assert (stopped.number, stopped.element, "应得出是或否" in stopped.sentence) == (BAD, "轻重", True)
    retry_finding(world.engine, **_one(world))
    assert _stopped(world) == []
    world.settle()
    assert [one.number for one in _stopped(world)] == [BAD]


def test_all_are_tried_again_once_their_cause_is_mended(database: Database) -> None:
    world = world_of(database)
    with database.write() as session:
        posts = session.query(Holding).filter(Holding.unit_id == world.units["c2"]).all()
        held = [(one.person_id, one.post_id) for one in posts]
        for one in posts:
            session.delete(one)
    enter(world, 4)
    world.settle()
    assert [(one.number, one.element) for one in _stopped(world)] == [(2, "落实整改"), (4, "落实整改")]
    with database.write() as session:
        session.add_all(Holding(unit_id=world.units["c2"], person_id=person, post_id=post) for person, post in held)
    office = {"campaign_id": world.campaign.id, "actor_id": world.logins["organiser"]}
    assert retry_findings(world.engine, **office) == 2
    world.settle()
    assert (_stopped(world), world.open("rectify")) == ([], 4)
    assert retry_findings(world.engine, **office) == 0


def test_of_two_who_retry_at_once_one_is_told_that_it_is_done(database: Database) -> None:
    world = world_of(database)
    enter(world, 3)
    with _refused(NotAllowed(say("今天不行"))):
        world.settle()

    def retry() -> str:
        try:
            retry_finding(world.engine, **_one(world))
        except Conflict as error:
            return str(error)
        return ""

    assert sorted(at_once([retry, retry])) == ["", "这条问题没有停住，或者已经有人再试"]
    world.settle()
    assert cures(world) == 3


def test_pages_and_programs_show_what_stands_still_and_try_it_again(database: Database) -> None:
    world = world_of(database, CHOOSING)
    enter(world, 3)
    with _refused(NotAllowed(say("专项行动已经结束"))):
        world.settle()
    office = signed_in_client(world.engine, person_id=world.logins["organiser"])
    address = f"/campaigns/{world.campaign.id}/ledger"
    page = office.get(address).text
    assert "1 条问题停住了，等人处理" in page
    assert "没有发起" in page
    office.set_cookie("lang", "en")
    assert "The campaign is over" in office.get(address).text
    office.delete_cookie("lang")
    head = signed_in_client(world.engine, person_id=world.logins["c1-head"])
    assert "停住了" not in head.get(address).text
    finding_id = _one(world)["finding_id"]
    assert "已安排重试。" in office.post(f"{address}/{finding_id}/retry", follow_redirects=True).text
    assert office.post(f"{address}/{finding_id}/retry").status_code == 409
    world.settle()
    assert "轻重" in office.get(address).text
    assert "已安排重试 1 条问题。" in office.post(f"{address}/retry", follow_redirects=True).text
    world.settle()

    app = api_app(world.engine)
    program, room = world.caller(app, "organiser"), f"{world.address}/finding"
    answer = program.get(f"{room}/incident").json
    assert (answer["count"], answer["rows"][0]["findingId"], answer["rows"][0]["element"]) == (
        1, str(finding_id), "轻重",
    )  # fmt: skip
    assert program.get(f"{room}/incident?firstResult=1").json == {"count": 1, "rows": []}
    assert program.post(f"{room}/{finding_id}/retry").status_code == 204
    assert program.post(f"{room}/{finding_id}/retry").status_code == 409
    world.settle()
    assert program.post(f"{room}/incident/retry").json == {"count": 1}
    for who, status in (("c1-head", 403), ("stranger", 404)):
        other = world.caller(app, who)
        assert other.get(f"{room}/incident").status_code == status
        assert other.post(f"{room}/{finding_id}/retry").status_code == status
    whole = {"instance_id": world.campaign.instance_id, "actor_id": world.logins["admin"], "reason": "汛期"}
    suspend(world.engine, **whole)
    assert program.post(f"{room}/{finding_id}/retry").status_code == 403
