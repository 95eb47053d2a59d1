"""What pages ask about people: where somebody works, in which groups, and how to say it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflows.organisation.models import Group, GroupMember, GroupRole, Holding, Person, Post, Unit
from workflows.organisation.tree import LOCAL, holds_on

ROLE_NAMES = {
    GroupRole.HEAD: ("组长", "head"),
    GroupRole.DEPUTY: ("副组长", "deputy head"),
    GroupRole.MEMBER: ("成员", "member"),
    GroupRole.OFFICE: ("工作人员", "office"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A post of somebody: unit and post with their names."""

    unit_id: int
    unit_code: str
    unit_name: str
    unit_name_en: str
    post_code: str
    post_name: str
    post_name_en: str
    leads: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's part in a group."""

    group_id: int
    group_code: str
    group_name: str
    group_name_en: str
    role: str
    campaign_id: int | None


@dataclass(frozen=True, slots=True)
class Account:
    """A person with places and seats, as the account chooser and the profile show them."""

    id: int
    login: str
    name: str
    name_en: str
    is_administrator: bool
    places: tuple[Place, ...]
    seats: tuple[Seat, ...]

    def describe(self, locale: str = "zh") -> str:
        """Return units, posts and group roles in one line."""
        english = locale.startswith("en")
        parts = []
        for place in self.places:
            unit = place.unit_name_en if english and place.unit_name_en else place.unit_name
            post = place.post_name_en if english and place.post_name_en else place.post_name
            parts.append(f"{unit}, {post}" if english else f"{unit}{post}")
        for seat in self.seats:
            group = seat.group_name_en if english and seat.group_name_en else seat.group_name
            role = ROLE_NAMES[GroupRole(seat.role)][1 if english else 0]
            parts.append(f"{group}, {role}" if english else f"{group}{role}")
        if self.is_administrator:
            parts.append("administrator" if english else "系统管理员")
        return "; ".join(parts) if english else "、".join(parts)


def accounts(session: Session, *, at: datetime, ids: list[int] | None = None) -> list[Account]:
    """Return active people (all, or those of ``ids``) with their places and seats, in three statements."""
    people = select(Person).where(Person.active).order_by(Person.id)
    places = (
        select(Holding.person_id, Unit, Post)
        .join(Unit, Unit.id == Holding.unit_id)
        .join(Post, Post.id == Holding.post_id)
        .where(*holds_on(at.astimezone(LOCAL).date()))
        .order_by(Post.position, Holding.id)
    )
    seats = (
        select(GroupMember, Group)
        .join(Group, Group.id == GroupMember.group_id)
        .order_by(GroupMember.group_id, GroupMember.position)
    )
    if ids is not None:
        people = people.where(Person.id.in_(ids))
        places = places.where(Holding.person_id.in_(ids))
        seats = seats.where(GroupMember.person_id.in_(ids))
    places_of: dict[int, list[Place]] = {}
    for person_id, unit, post in session.execute(places):
        place = Place(unit.id, unit.code, unit.name, unit.name_en, post.code, post.name, post.name_en, post.leads)
        places_of.setdefault(person_id, []).append(place)
    seats_of: dict[int, list[Seat]] = {}
    for member, group in session.execute(seats):
        seat = Seat(group.id, group.code, group.name, group.name_en, member.role, group.campaign_id)
        seats_of.setdefault(member.person_id, []).append(seat)
    return [
        Account(
            person.id,
            person.login,
            person.name,
            person.name_en,
            person.is_administrator,
            tuple(places_of.get(person.id, ())),
            tuple(seats_of.get(person.id, ())),
        )
        for person in session.scalars(people)
    ]


def account(session: Session, *, person_id: int, at: datetime) -> Account | None:
    """Return one active person, or None."""
    found = accounts(session, at=at, ids=[person_id])
    return found[0] if found else None


def find_accounts(
    session: Session, *, words: str, at: datetime, chosen: frozenset[int], without: int, limit: int
) -> list[Account]:
    """Find active people by name, login, unit or post; those already chosen come first and are always there.

    Parameters
    ----------
    words
        What was typed; empty finds the first people in the organisation's order.
    without
        The person who asks.

    """
    query = select(Person.id).where(Person.active, Person.id != without)
    text = words.strip()[:100]
    if text:
        pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        places = (
            select(Holding.person_id)
            .join(Unit, Unit.id == Holding.unit_id)
            .join(Post, Post.id == Holding.post_id)
            .where(*holds_on(at.astimezone(LOCAL).date()))
            .where(or_(Unit.name.ilike(pattern, escape="\\"), Post.name.ilike(pattern, escape="\\")))
        )
        query = query.where(
            or_(
                Person.name.ilike(pattern, escape="\\"),
                Person.name_en.ilike(pattern, escape="\\"),
                Person.login.ilike(pattern, escape="\\"),
                Person.id.in_(places),
            )
        )
    ids = [*sorted(chosen - {without}), *session.scalars(query.order_by(Person.id).limit(limit))]
    found = {one.id: one for one in accounts(session, at=at, ids=ids)}
    return [found[one] for one in dict.fromkeys(ids) if one in found]
