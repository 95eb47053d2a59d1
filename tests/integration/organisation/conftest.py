"""An invented district: three levels of units, a leading group with lead and assisting units, an inspection team."""

import pytest
from sqlalchemy.orm import Session

from engine.store import Database
from workflows.organisation.models import (
    Group,
    GroupKind,
    GroupMember,
    GroupRole,
    GroupUnit,
    GroupUnitRole,
    Holding,
    Person,
    Post,
    PostDuty,
    Unit,
)

UNITS = (("district", None), ("town", "district"), ("village", "town"), ("bureau", "district"))
POSTS = (
    ("head", True, PostDuty.NONE),
    ("vice", True, PostDuty.NONE),
    ("deputy", False, PostDuty.DEPUTY),
    ("office", False, PostDuty.OFFICE),
    ("clerk", False, PostDuty.NONE),
)
HELD = (
    ("chief", "district", "head"),
    ("district-office", "district", "office"),
    ("mayor", "town", "head"),
    ("vice-mayor", "town", "vice"),
    ("in-charge", "town", "deputy"),
    ("elder", "village", "head"),
    ("clerk", "village", "clerk"),
    ("director", "bureau", "head"),
    ("expert", "bureau", "clerk"),
    ("gone", "village", "clerk"),
)


def _rows(session: Session) -> None:
    units: dict[str, Unit] = {}
    for code, parent in UNITS:
        units[code] = Unit(code=code, name=code, kind=code, parent_id=units[parent].id if parent else None)
        session.add(units[code])
        session.flush()
    posts = {
        code: Post(code=code, name=code, leads=leads, duty=duty, position=position)
        for position, (code, leads, duty) in enumerate(POSTS)
    }
    people = {login: Person(login=login, name=login, active=login != "gone") for login, _, _ in HELD}
    leading = Group(code="flood", name="防汛", kind=GroupKind.LEADING)
    team = Group(code="team", name="检查组", kind=GroupKind.INSPECTION)
    session.add_all([*posts.values(), *people.values(), leading, team])
    session.flush()
    for login, unit, post in HELD:
        session.add(Holding(person_id=people[login].id, unit_id=units[unit].id, post_id=posts[post].id))
    members = ((leading, "chief", GroupRole.HEAD), (team, "expert", GroupRole.HEAD), (team, "clerk", GroupRole.MEMBER))
    session.add_all(GroupMember(group_id=one.id, person_id=people[who].id, role=role) for one, who, role in members)
    beside = (
        (leading, "bureau", GroupUnitRole.LEAD),
        (leading, "village", GroupUnitRole.ASSISTING),
        (leading, "town", GroupUnitRole.ASSISTING),
        (team, "town", GroupUnitRole.INSPECTED),
    )
    session.add_all(
        GroupUnit(group_id=one.id, unit_id=units[unit].id, role=role, position=position)
        for position, (one, unit, role) in enumerate(beside)
    )


@pytest.fixture
def district(database: Database) -> Database:
    """A database with the district in it."""
    with database.write() as session:
        _rows(session)
    return database
