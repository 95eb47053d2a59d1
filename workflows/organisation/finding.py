"""What the words of an assignment rule mean in the organisation (``engine.definitions.assignment``)."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.definitions.assignment import Rule, Term
from engine.ports import AssignmentContext
from workflows.campaigns.models import Campaign
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
from workflows.organisation.tree import LOCAL, ancestors, holds_on

_ROLE_ORDER = case({GroupRole.HEAD: 0, GroupRole.DEPUTY: 1, GroupRole.MEMBER: 2}, value=GroupMember.role, else_=3)


def find(session: Session, rule: Rule, context: AssignmentContext) -> list[int]:
    """Return the active people that a rule names, each once, in the rule's order."""
    found: dict[int, None] = {}
    for term in rule:
        found |= dict.fromkeys(_FINDERS[term.function](session, term, context))
    return list(found)


def leaders(session: Session, unit_id: int, day: date, *, without: int | None = None) -> Sequence[int]:
    """Return who leads a unit: the holders of its highest leading post that is held by anybody else."""
    rows = session.execute(
        _held(day, Post.leads)
        .add_columns(Post.id)
        .where(Holding.unit_id == unit_id, Holding.person_id != (without if without is not None else -1))
    ).all()
    return [row[0] for row in rows if row[1] == rows[0][1]]


def leader_above(session: Session, person_id: int, day: date, *, levels: int = 0) -> list[int]:
    """Return the leaders of the unit that lies ``levels`` above the person's own; further up when there is none.

    The person's own unit is that of the highest post. Whoever leads a unit is led by the unit above it.
    """
    own = session.scalars(
        select(Holding.unit_id)
        .join(Post, Post.id == Holding.post_id)
        .where(Holding.person_id == person_id, *holds_on(day))
        .order_by(Post.position, Holding.id)
    ).first()
    if own is None:
        return []
    for unit_id in ancestors(session, own)[levels:]:
        if person_id not in leaders(session, unit_id, day) and (
            found := leaders(session, unit_id, day, without=person_id)
        ):
            return list(found)
    return []


def _held(day: date, condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> Select[Any]:
    """Select the active people who hold a post of some kind on a day, the highest posts first."""
    return (
        select(Holding.person_id)
        .join(Post, Post.id == Holding.post_id)
        .join(Person, Person.id == Holding.person_id)
        .where(Person.active, condition, *holds_on(day))
        .order_by(Post.position, Post.id, Holding.id)
    )


def _day(context: AssignmentContext) -> date:
    return context.at.astimezone(LOCAL).date()


def _unit(session: Session, term: Term, context: AssignmentContext, place: int) -> int | None:
    """Return the unit that an argument names by its code, else the instance's own."""
    if len(term.arguments) <= place:
        return context.unit_id
    return session.scalar(select(Unit.id).where(Unit.code == term.arguments[place]))


def _initiator(session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
    return [] if context.initiator_id is None else [context.initiator_id]


def _person(session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
    return session.scalars(select(Person.id).where(Person.login == term.arguments[0], Person.active)).all()


def _post(session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
    unit_id = _unit(session, term, context, 1)
    query = _held(_day(context), Post.code == term.arguments[0]).where(Holding.unit_id == unit_id)
    return session.scalars(query).all()


def _leader(session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
    unit_id = _unit(session, term, context, 0)
    return [] if unit_id is None else leaders(session, unit_id, _day(context))


def _on_duty(duty: PostDuty) -> Callable[[Session, Term, AssignmentContext], Sequence[int]]:
    """Return the finder of the nearest holders of such a post: in the unit itself, else further up."""

    def finder(session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
        unit_id = _unit(session, term, context, 0)
        line = [] if unit_id is None else ancestors(session, unit_id)
        query = _held(_day(context), Post.duty == duty).add_columns(Holding.unit_id).where(Holding.unit_id.in_(line))
        rows = session.execute(query).all()
        nearest = min((line.index(row[1]) for row in rows), default=None)
        return [row[0] for row in rows if line.index(row[1]) == nearest]

    return finder


def _initiator_leader(session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
    if context.initiator_id is None:
        return []
    levels = int(str(term.arguments[0])) if term.arguments else 0
    return leader_above(session, context.initiator_id, _day(context), levels=levels)


def _group(session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
    """Find the members of the campaign's own group of this code, else of the organisation's."""
    query = (
        select(Group.campaign_id, GroupMember.person_id)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .join(Person, Person.id == GroupMember.person_id)
        .where(Group.code == term.arguments[0], Person.active, _within(context))
        .order_by(_ROLE_ORDER, GroupMember.position, GroupMember.person_id)
    )
    if len(term.arguments) > 1:
        query = query.where(GroupMember.role == term.arguments[1])
    rows = session.execute(query).all()
    return [row.person_id for row in rows if row.campaign_id is not None] or [row.person_id for row in rows]


def _within(context: AssignmentContext) -> ColumnElement[bool]:
    """Return the condition that a group is the organisation's or the running campaign's own."""
    campaign = select(Campaign.id).where(Campaign.instance_id == context.root_id).scalar_subquery()
    return or_(Group.campaign_id.is_(None), Group.campaign_id == campaign)


def _units_of(role: GroupUnitRole) -> Callable[[Session, Term, AssignmentContext], Sequence[int]]:
    """Return the finder of people in the units that stand beside a group: their leaders, or holders of a post."""

    def finder(session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
        rows = session.execute(
            select(Group.campaign_id, GroupUnit.unit_id)
            .join(GroupUnit, GroupUnit.group_id == Group.id)
            .where(Group.code == term.arguments[0], GroupUnit.role == role, _within(context))
            .order_by(GroupUnit.position, GroupUnit.unit_id)
        ).all()
        units = [row.unit_id for row in rows if row.campaign_id is not None] or [row.unit_id for row in rows]
        day = _day(context)
        if len(term.arguments) == 1:
            return [person for unit in units for person in leaders(session, unit, day)]
        held = _held(day, Post.code == term.arguments[1])
        return [person for unit in units for person in session.scalars(held.where(Holding.unit_id == unit))]

    return finder


def _inspectors(session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
    """Find the inspection teams of the instance's unit, else those of the nearest unit above that has any."""
    line = [] if context.unit_id is None else ancestors(session, context.unit_id)
    rows = session.execute(
        select(GroupUnit.group_id, GroupUnit.unit_id)
        .join(Group, Group.id == GroupUnit.group_id)
        .where(Group.kind == GroupKind.INSPECTION, GroupUnit.role == GroupUnitRole.INSPECTED)
        .where(GroupUnit.unit_id.in_(line), _within(context))
        .order_by(Group.id)
    ).all()
    nearest = min((line.index(row.unit_id) for row in rows), default=None)
    teams = [row.group_id for row in rows if line.index(row.unit_id) == nearest]
    query = (
        select(GroupMember.person_id)
        .join(Person, Person.id == GroupMember.person_id)
        .where(GroupMember.group_id.in_(teams), Person.active)
        .order_by(_ROLE_ORDER, GroupMember.position, GroupMember.person_id)
    )
    return session.scalars(query.where(GroupMember.role == term.arguments[0]) if term.arguments else query).all()


def _chosen(session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
    """Find whom the actor before chose: logins or ids in a variable; only those of the set count, if there is one."""
    value = context.variables.get(str(term.arguments[0]))
    values = value if isinstance(value, list) else [value]
    wanted = [one for one in values if isinstance(one, int | str) and not isinstance(one, bool)]
    rows = session.execute(
        select(Person.id, Person.login).where(
            Person.active,
            or_(
                Person.login.in_([one for one in wanted if isinstance(one, str)]),
                Person.id.in_([one for one in wanted if isinstance(one, int)]),
            ),
        )
    ).all()
    known = {key: row.id for row in rows for key in (row.id, row.login)}
    found = [known[one] for one in wanted if one in known]
    if len(term.arguments) == 1 or not found:
        return found
    rule = term.arguments[1]
    assert not isinstance(rule, str)
    allowed = set(find(session, rule, context))
    return [one for one in found if one in allowed]


_FINDERS: dict[str, Callable[[Session, Term, AssignmentContext], Sequence[int]]] = {
    "initiator": _initiator,
    "person": _person,
    "post": _post,
    "leader": _leader,
    "deputy": _on_duty(PostDuty.DEPUTY),
    "office": _on_duty(PostDuty.OFFICE),
    "initiator_leader": _initiator_leader,
    "group": _group,
    "lead_unit": _units_of(GroupUnitRole.LEAD),
    "assisting_unit": _units_of(GroupUnitRole.ASSISTING),
    "inspectors": _inspectors,
    "chosen": _chosen,
}
