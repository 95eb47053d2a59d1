"""Two people at the same instant, or a second click, on what a campaign's people decide: on both databases."""

from collections.abc import Mapping
from datetime import date
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.errors import Conflict
from engine.store import Database
from tests.support.campaigns import Launched
from tests.support.ledgers import world_of
from tests.support.together import at_once
from workflows.awards.models import Objection, PublicNotice
from workflows.awards.notices import decide_objection, object_to, open_notice
from workflows.campaigns.models import Campaign, PhaseMove
from workflows.campaigns.moving import propose_move


@pytest.fixture
def world(database: Database) -> Launched:
    return world_of(database)


@pytest.fixture
def notice_id(world: Launched) -> int:
    """A notice that runs for a week."""
    with world.engine.db.write() as session:
        campaign = session.get_one(Campaign, world.campaign.id)
        at = world.clock.now()
        calendar = world.engine.calendars.of_unit(session, None)
        return open_notice(
            session, campaign=campaign, title="拟表彰公示", lasts="5 working days", at=at, calendar=calendar
        ).id  # fmt: skip


def _object(world: Launched, notice_id: int, who: str) -> int:
    with world.engine.db.write() as session:
        notice = session.get_one(PublicNotice, notice_id)
        person_id = world.logins[who]
        return object_to(session, notice=notice, text="与实际不符", at=world.clock.now(), person_id=person_id).id


def test_of_two_proposals_for_a_phase_at_once_one_waits_for_its_decision(world: Launched) -> None:
    wanted: Mapping[str, object] = {"campaign_id": world.campaign.id, "phase": "study", "starts": None}
    propose = partial(propose_move, world.engine, **wanted, ends=date(2026, 5, 10), reason="台风")
    answers = at_once([partial(propose, actor_id=world.logins[who]) for who in ("organiser", "leader")])
    assert {type(one) for one in answers} == {PhaseMove, Conflict}
    assert [str(one) for one in answers if isinstance(one, Conflict)] == ["这个阶段已有一项调整等待审批"]


def test_a_second_click_raises_no_second_objection(world: Launched, notice_id: int) -> None:
    click = partial(_object, world, notice_id, "c1-head")
    first, second = at_once([click, click])
    assert first == second
    assert _object(world, notice_id, "c2-head") != first
    with world.engine.db.read() as session:
        assert len(session.scalars(select(Objection.id)).all()) == 2


def test_of_two_who_decide_an_objection_at_once_one_is_told_that_it_is_decided(world: Launched, notice_id: int) -> None:
    objection_id = _object(world, notice_id, "c1-head")

    def decide(upheld: bool) -> str:
        with world.engine.db.write() as session:
            return _decided(session, world, objection_id, upheld=upheld)

    answers = at_once([partial(decide, True), partial(decide, False)])
    (state,) = [one for one in answers if isinstance(one, str)]
    assert [str(one) for one in answers if isinstance(one, Conflict)] == ["这条异议已有结论"]
    with world.engine.db.read() as session:
        assert session.get_one(Objection, objection_id).state == state


def _decided(session: Session, world: Launched, objection_id: int, *, upheld: bool) -> str:
    campaign = session.get_one(Campaign, world.campaign.id)
    done = decide_objection(
        session, campaign=campaign, objection_id=objection_id, upheld=upheld, answer="核实", at=world.clock.now()
    )  # fmt: skip
    return str(done.state)
