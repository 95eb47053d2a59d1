"""The index of a campaign's tables counts what each viewer sees without making the tables: on both databases."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.store import Database
from tests.support.levels import half_way
from tests.support.parts import AT, EVERY_PART, PartWorld, fill_every_part, part_world
from workflows.campaigns.models import Campaign
from workflows.campaigns.visibility import view
from workflows.organisation.models import Group, GroupMember, Holding, Post
from workflows.sheets.catalogue import SHEETS, sheets_of
from workflows.sheets.sheet import numbers_seen, rows_seen

PLAN = EVERY_PART | {
    "registers": [{"code": "works", "fields": [], "private": True}, {"code": "bases", "fields": []}],
    "frequencies": [*EVERY_PART["frequencies"], {"code": "care", "at_least": 1, "every": "month", "of": "bases"}],
    "targets": [{"code": "rate", "target": 95}, {"code": "accidents", "target": 0, "direction": "at_most"}],
}
STATEMENTS = 11
"""Who the viewer is: four; the tables with units: one; inspections and draws, which a team sees too: the rest."""


@pytest.fixture
def world(database: Database) -> Iterator[PartWorld]:
    with Session(database.sql) as session:
        world = part_world(database, session, PLAN, {"a": "ward", "b": "ward", "c": "ward"})
        _people(world)
        fill_every_part(world, "a", "b", inspectors="group(checkers)")
        _more(world)
        yield world
        session.rollback()


def _people(world: PartWorld) -> None:
    session = world.session
    post, group = Post(code="head", name="负责人", leads=True), Group(code="checkers", name="检查组")
    session.add_all([post, group])
    session.flush()
    for code in ("a", "b"):
        session.add(Holding(person_id=world.person(f"{code}-head"), unit_id=world.units[code].id, post_id=post.id))
    for position, login in enumerate(("checker", "b-head")):
        session.add(GroupMember(group_id=group.id, person_id=world.person(login), role="member", position=position))
    session.flush()


def _more(world: PartWorld) -> None:
    """Rows of the kinds that count in a way of their own: private, closed, voided, of many periods."""
    for key, unit in (("one", "a"), ("two", "b"), ("three", "b")):
        world.call("register.enter", register="bases", key=key, name="基地", unit=unit)
    world.call("register.update", register="bases", key="three", state="closed")
    world.call("counter.add", counter="late", unit="b", reason="误记", step="wrong")
    world.call("counter.void", counter="late", unit="b")
    for period in ("2026-08", "2026-09"):
        world.call("target.report", unit="b", period=period, values={"rate": "90%", "accidents": "1"}, step=period)
    world.call("poll.cast", poll="sat", rows=[{"q": "好", "voter": "b"}, {"q": "好", "voter": "c"}], unit="b", step="b")


def _numbers(
    session: Session, campaign: Campaign, viewer_id: int, at: Any = AT
) -> tuple[dict[str, int], dict[str, int]]:
    """Return the number of rows of each sheet as counted, and as the sheets have them."""
    who: dict[str, Any] = {
        "seen": view(session, campaign_id=campaign.id, viewer_id=viewer_id, at=at), "viewer_id": viewer_id, "at": at,
    }  # fmt: skip
    codes = [kind.code for kind in SHEETS]
    counted = numbers_seen(session, kinds=SHEETS, **who)
    made = [len(rows_seen(session, kind=kind, **who)) for kind in SHEETS]
    return dict(zip(codes, counted, strict=True)), dict(zip(codes, made, strict=True))


@pytest.mark.parametrize("login", ["office", "a-head", "b-head"])
def test_every_number_is_that_of_the_rows_seen(world: PartWorld, login: str) -> None:
    counted, made = _numbers(world.session, world.campaign, world.person(login))
    assert counted == made


def test_the_office_sees_more_than_a_unit_in_every_table_that_is_not_open(world: PartWorld) -> None:
    office, _ = _numbers(world.session, world.campaign, world.person("office"))
    own, _ = _numbers(world.session, world.campaign, world.person("a-head"))
    assert [code for code, number in office.items() if not number] == ["unit_plans"]
    fewer = {code for code, number in own.items() if number < office[code]}
    assert fewer >= {"scores", "ranks", "registers", "targets", "frequencies", "polls", "inspections", "draws"}
    assert (own["notices"], own["duties"], own["pledges"]) == (office["notices"], office["duties"], office["pledges"])


def test_units_of_a_cascade_count_their_plans_and_reports(database: Database) -> None:
    world = half_way(database)
    with database.read() as session:
        campaign = session.get_one(Campaign, world.campaign.id)
        for login, plans in (("organiser", 5), ("e1-head", 1), ("east-head", 5)):
            counted, made = _numbers(session, campaign, world.logins[login], world.clock.now())
            assert counted == made
            assert counted["unit_plans"] == plans


def test_a_stranger_is_told_of_no_table(world: PartWorld) -> None:
    with pytest.raises(NotFound):
        sheets_of(world.session, campaign=world.campaign, viewer_id=world.person("stranger"), at=AT)


@pytest.mark.parametrize("login", ["office", "a-head"])
def test_the_index_costs_a_few_statements(world: PartWorld, login: str) -> None:
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(str(arguments[2]))

    viewer_id = world.person(login)
    event.listen(world.engine.db.sql, "before_cursor_execute", note)
    found = sheets_of(world.session, campaign=world.campaign, viewer_id=viewer_id, at=AT)
    event.remove(world.engine.db.sql, "before_cursor_execute", note)
    assert len(found) >= 15
    assert len(statements) <= STATEMENTS
