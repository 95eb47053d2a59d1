"""Whom the words of assignment rules find (approvals.md, "Assignment")."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine.ports import AssignmentContext
from engine.store import Database
from workflows.organisation.models import Person, Unit
from workflows.organisation.people import Organisation


def found(
    database: Database,
    rule: str,
    *,
    unit: str | None = "village",
    initiator: str = "clerk",
    variables: Mapping[str, Any] | None = None,
) -> list[str]:
    """Return the logins that a rule finds for an instance of a unit."""
    with database.read() as session:
        people = {row.id: row.login for row in session.execute(select(Person.id, Person.login))}
        context = AssignmentContext(
            at=datetime(2026, 9, 7, 1, tzinfo=UTC),
            instance_id=1,
            root_id=1,
            unit_id=session.scalar(select(Unit.id).where(Unit.code == unit)),
            initiator_id=next(one for one, login in people.items() if login == initiator),
            variables=variables or {},
        )
        return [people[one] for one in Organisation().find(session, rule, context)]


@pytest.mark.parametrize(
    ("rule", "people"),
    [
        ("leader()", ["elder"]),
        ("leader(town)", ["mayor"]),
        ("leader(nowhere)", []),
        ("deputy()", ["in-charge"]),
        ("deputy(bureau)", []),
        ("office()", ["district-office"]),
        ("post(clerk)", ["clerk"]),
        ("post(clerk, bureau)", ["expert"]),
        ("initiator_leader()", ["elder"]),
        ("initiator_leader(1)", ["mayor"]),
        ("initiator_leader(2)", ["chief"]),
        ("initiator_leader(3)", []),
        ("lead_unit(flood)", ["director"]),
        ("lead_unit(flood, clerk)", ["expert"]),
        ("assisting_unit(flood)", ["elder", "mayor"]),
        ("inspectors()", ["expert", "clerk"]),
        ("inspectors(head)", ["expert"]),
        ("group(flood, head) | leader() | group(flood)", ["chief", "elder"]),
    ],
)
def test_a_rule_finds_people_by_their_places(district: Database, rule: str, people: list[str]) -> None:
    assert found(district, rule) == people


def test_whoever_leads_a_unit_is_led_by_the_unit_above(district: Database) -> None:
    assert found(district, "initiator_leader()", initiator="elder") == ["mayor"]
    assert found(district, "initiator_leader()", initiator="vice-mayor") == ["mayor"]
    assert found(district, "initiator_leader()", initiator="mayor") == ["chief"]
    assert found(district, "initiator_leader()", initiator="chief") == []


def test_without_a_unit_nobody_is_found_by_the_unit(district: Database) -> None:
    for rule in ("leader()", "deputy()", "office()", "inspectors()", "post(clerk)"):
        assert found(district, rule, unit=None) == []


@pytest.mark.parametrize(
    ("value", "people"),
    [
        ("expert", ["expert"]),
        (["expert", "clerk", "expert"], ["expert", "clerk"]),
        (["mayor", "expert"], ["expert"]),
        ("mayor", []),
        ("gone", []),
        (True, []),
        (None, []),
        ({"login": "expert"}, []),
    ],
)
def test_only_people_of_the_set_can_be_chosen(district: Database, value: object, people: list[str]) -> None:
    assert found(district, "chosen(next, group(team))", variables={"next": value}) == people


def test_a_person_can_be_chosen_by_number_and_without_a_set(district: Database) -> None:
    with district.read() as session:
        mayor = session.scalars(select(Person.id).where(Person.login == "mayor")).one()
    assert found(district, "chosen(next)", variables={"next": mayor}) == ["mayor"]
