"""What the administrators' pages show: the tree, people with their places, groups, absences; a few statements each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from engine.errors import NotFound
from engine.instances.models import OPEN_STATUSES, Instance
from engine.tasks.models import OPEN_STATES, Activation, Slot
from workflows.organisation.models import Absence, Group, GroupMember, GroupUnit, Holding, Person, Post, Unit
from workflows.organisation.tree import below, holds_on

PAGE = 50
"""Rows of a page."""


@dataclass(slots=True)
class Branch:
    """A unit with what is below it; ``people`` counts who holds a post in the unit itself."""

    unit: Unit
    people: int
    below: list["Branch"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody's post in a unit; ``current`` on the day that was asked about."""

    holding: Holding
    person: Person
    unit: Unit
    post: Post
    current: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A person of a list, with the posts held now in words."""

    person: Person
    places: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Away:
    """An absence with both people."""

    absence: Absence
    person: Person
    deputy: Person


def pattern_of(words: str) -> str:
    """Return what LIKE looks for, with backslash as its escape."""
    return "%" + words.strip()[:100].replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def tree(session: Session, *, day: date) -> list[Branch]:
    """Return the whole tree, in two statements; a unit whose parent is missing stands at the top."""
    counted = select(Holding.unit_id, func.count(func.distinct(Holding.person_id))).where(*holds_on(day))
    people = {row[0]: row[1] for row in session.execute(counted.group_by(Holding.unit_id))}
    units = session.scalars(select(Unit).order_by(Unit.position, Unit.id)).all()
    branches = {unit.id: Branch(unit, people.get(unit.id, 0)) for unit in units}
    top: list[Branch] = []
    for one in branches.values():
        above = branches.get(one.unit.parent_id or 0)
        (above.below if above is not None else top).append(one)
    return top


def find_units(session: Session, words: str) -> list[Unit]:
    """Return units by name or code."""
    pattern = pattern_of(words)
    named = or_(*(column.ilike(pattern, escape="\\") for column in (Unit.name, Unit.name_en, Unit.code)))
    return list(session.scalars(select(Unit).where(named).order_by(Unit.position, Unit.id).limit(PAGE)))


def unit_of(session: Session, code: str) -> Unit:
    """Return a unit by its code. Raises NotFound."""
    found = session.scalars(select(Unit).where(Unit.code == code)).one_or_none()
    if found is None:
        raise NotFound("没有这个单位 / There is no such unit")
    return found


def holdings(session: Session, *conditions: ColumnElement[bool], day: date) -> list[Held]:
    """Return holdings with their person, unit and post: the current ones first, then by order of posts."""
    rows = session.execute(
        select(Holding, Person, Unit, Post)
        .join(Person, Person.id == Holding.person_id)
        .join(Unit, Unit.id == Holding.unit_id)
        .join(Post, Post.id == Holding.post_id)
        .where(*conditions)
        .order_by(Post.position, Person.id, Holding.valid_from, Holding.id)
    )
    found = [Held(*row, current=_current(row[0], day)) for row in rows]
    return sorted(found, key=lambda one: not one.current)


def _current(holding: Holding, day: date) -> bool:
    first, last = holding.valid_from, holding.valid_to
    return (first is None or first <= day) and (last is None or last >= day)


def find_people(
    session: Session, *, words: str = "", active: bool | None = True, day: date, page: int = 1
) -> tuple[list[Listed], int]:
    """Return a page of people by name, login, e-mail or unit, and how many there are."""
    conditions: list[ColumnElement[bool]] = []
    if active is not None:
        conditions.append(Person.active.is_(active))
    if words.strip():
        pattern = pattern_of(words)
        there = select(Holding.person_id).join(Unit, Unit.id == Holding.unit_id).where(*holds_on(day))
        columns = (Person.name, Person.name_en, Person.login, Person.email)
        named = [column.ilike(pattern, escape="\\") for column in columns]
        conditions.append(or_(*named, Person.id.in_(there.where(Unit.name.ilike(pattern, escape="\\")))))
    total = session.scalar(select(func.count()).select_from(Person).where(*conditions)) or 0
    query = select(Person).where(*conditions).order_by(Person.id).offset((page - 1) * PAGE).limit(PAGE)
    people = session.scalars(query).all()
    places: dict[int, list[Held]] = {}
    if people:
        for one in holdings(session, Holding.person_id.in_([each.id for each in people]), *holds_on(day), day=day):
            places.setdefault(one.person.id, []).append(one)
    return [Listed(one, tuple(places.get(one.id, ()))) for one in people], total


def person_of(session: Session, person_id: int) -> Person:
    """Return a person, active or not. Raises NotFound."""
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound("没有这个人 / There is no such person")
    return found


def seats(session: Session, person_id: int) -> Sequence[tuple[Group, GroupMember]]:
    """Return the organisation's groups that a person is in."""
    rows = session.execute(
        select(Group, GroupMember)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .where(GroupMember.person_id == person_id, Group.campaign_id.is_(None))
        .order_by(Group.id)
    )
    return [(row[0], row[1]) for row in rows]


def open_tasks(session: Session, person_id: int) -> int:
    """Count the open tasks that a person holds."""
    query = (
        select(func.count())
        .select_from(Slot)
        .join(Instance, Instance.id == Slot.instance_id)
        .where(Slot.owner_id == person_id, Slot.state.in_(OPEN_STATES), Instance.status.in_(OPEN_STATUSES))
    )
    return session.scalar(query) or 0


def groups(session: Session, words: str = "") -> list[tuple[Group, int, int]]:
    """Return the organisation's groups with the numbers of their members and units."""
    members = select(func.count()).where(GroupMember.group_id == Group.id).scalar_subquery()
    units = select(func.count()).where(GroupUnit.group_id == Group.id).scalar_subquery()
    query = select(Group, members, units).where(Group.campaign_id.is_(None)).order_by(Group.id)
    if words.strip():
        pattern = pattern_of(words)
        query = query.where(or_(Group.name.ilike(pattern, escape="\\"), Group.code.ilike(pattern, escape="\\")))
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def group_of(session: Session, group_id: int) -> Group:
    """Return a group of the organisation. Raises NotFound."""
    found = session.get(Group, group_id)
    if found is None or found.campaign_id is not None:
        raise NotFound("没有这个小组 / There is no such group")
    return found


def members(session: Session, group_id: int) -> list[tuple[GroupMember, Person]]:
    """Return a group's members."""
    rows = session.execute(
        select(GroupMember, Person)
        .join(Person, Person.id == GroupMember.person_id)
        .where(GroupMember.group_id == group_id)
        .order_by(GroupMember.position, Person.id)
    )
    return [(row[0], row[1]) for row in rows]


def group_units(session: Session, group_id: int) -> list[tuple[GroupUnit, Unit]]:
    """Return the units beside a group."""
    rows = session.execute(
        select(GroupUnit, Unit)
        .join(Unit, Unit.id == GroupUnit.unit_id)
        .where(GroupUnit.group_id == group_id)
        .order_by(GroupUnit.role, GroupUnit.position, Unit.id)
    )
    return [(row[0], row[1]) for row in rows]


def absences(session: Session, *, words: str = "", person_id: int | None = None) -> list[Away]:
    """Return absences, the latest first: all of them, those of people by name, or one person's."""
    away, deputy = aliased(Person), aliased(Person)
    query = (
        select(Absence, away, deputy)
        .join(away, away.id == Absence.person_id)
        .join(deputy, deputy.id == Absence.deputy_id)
        .order_by(Absence.valid_to.desc(), Absence.id.desc())
        .limit(500)
    )
    if person_id is not None:
        query = query.where(Absence.person_id == person_id)
    if words.strip():
        pattern = pattern_of(words)
        columns = (away.name, away.login, deputy.name, deputy.login)
        query = query.where(or_(*(column.ilike(pattern, escape="\\") for column in columns)))
    return [Away(*row) for row in session.execute(query)]


def open_deadlines(session: Session, unit_id: int) -> int:
    """Count the open tasks with a deadline in a unit and the units below it."""
    query = (
        select(func.count())
        .select_from(Activation)
        .join(Instance, Instance.id == Activation.instance_id)
        .where(Activation.closed_at.is_(None), Activation.due.is_not(None), Instance.unit_id.in_(below(unit_id)))
    )
    return session.scalar(query) or 0


def suggestions(session: Session, of: str, words: str) -> Mapping[str, str]:
    """Return codes with names of units, posts, people or groups whose code or name has these words."""
    tables: dict[str, tuple[Any, Any]] = {
        "units": (Unit, Unit.code),
        "posts": (Post, Post.code),
        "people": (Person, Person.login),
        "groups": (Group, Group.code),
    }
    model, code = tables[of]
    pattern = pattern_of(words)
    query = select(code, model.name).where(
        or_(code.ilike(pattern, escape="\\"), model.name.ilike(pattern, escape="\\"))
    )
    if of in ("people", "units"):
        query = query.where(Person.active if of == "people" else Unit.active)
    return {row[0]: row[1] for row in session.execute(query.order_by(model.id).limit(20))}
