"""Finds people for the engine (``engine.ports.People``) and calendars for units."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, case, or_, select
from sqlalchemy.orm import Session

from engine.calendars import WorkingCalendar
from engine.ports import AssignmentContext
from workflows.campaigns.models import Campaign, CampaignStatus
from workflows.organisation.absence import deputy_of, principals
from workflows.organisation.models import Group, GroupMember, GroupRole, Holding, Person, Post, Unit
from workflows.organisation.rules import Term, parse_rule

LOCAL = ZoneInfo("Asia/Shanghai")
LEADING_GROUPS = ("leading", "office")
"""Groups of the organisation that oversee every campaign, beside those that a plan names."""

MOST_LEVELS_UP = 8
"""How far up the units an escalation looks for a leader."""

_ROLE_ORDER = case({GroupRole.HEAD: 0, GroupRole.DEPUTY: 1, GroupRole.MEMBER: 2}, value=GroupMember.role, else_=3)


def holds_on(day: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a holding is valid on a day."""
    return (
        or_(Holding.valid_from.is_(None), Holding.valid_from <= day),
        or_(Holding.valid_to.is_(None), Holding.valid_to >= day),
    )


class Organisation:
    """Implements :class:`engine.ports.People` on the organisation's tables; one statement a term."""

    def find(self, session: Session, rule: str, context: AssignmentContext) -> Sequence[int]:
        """Return active people named by ``rule``, without repetition, in the rule's order."""
        found: dict[int, None] = {}
        for term in parse_rule(rule):
            for person_id in self._term(session, term, context):
                found.setdefault(person_id)
        return list(found)

    def _term(self, session: Session, term: Term, context: AssignmentContext) -> Sequence[int]:
        match term:
            case Term("initiator", ()):
                return [] if context.initiator_id is None else [context.initiator_id]
            case Term("person", (login,)):
                return session.scalars(select(Person.id).where(Person.login == login, Person.active)).all()
            case Term("post", (post,)):
                if context.unit_id is None:
                    return []
                return session.scalars(_holders(post, context).where(Holding.unit_id == context.unit_id)).all()
            case Term("post", (post, unit)):
                statement = _holders(post, context).join(Unit, Unit.id == Holding.unit_id).where(Unit.code == unit)
                return session.scalars(statement).all()
            case Term("group", (group, *role)):
                return _members(session, group, role[0] if role else None, context.root_id)
        return []

    def in_role(self, session: Session, name: str, context: AssignmentContext) -> Sequence[int]:
        """Return who holds the post of this code or name in the instance's unit, else who is in the group."""
        for model, term in ((Post, "post"), (Group, "group")):
            named = or_(model.code == name, model.name == name, model.name_en == name)
            code = session.scalar(select(model.code).where(named).order_by(model.code != name, model.code).limit(1))
            if code is not None and (people := self._term(session, Term(term, (code,)), context)):
                return list(people)
        return []

    def leader_of(self, session: Session, person_id: int, at: datetime) -> int | None:
        """Return the leader of the person's unit; for a leader, the one of the unit it reports to."""
        day = at.astimezone(LOCAL).date()
        unit_id = session.scalars(
            select(Holding.unit_id)
            .join(Post, Post.id == Holding.post_id)
            .where(Holding.person_id == person_id, *holds_on(day))
            .order_by(Post.position, Holding.id)
        ).first()
        for _ in range(MOST_LEVELS_UP):
            if unit_id is None:
                return None
            leader = session.scalars(
                select(Holding.person_id)
                .join(Post, Post.id == Holding.post_id)
                .join(Person, Person.id == Holding.person_id)
                .where(Holding.unit_id == unit_id, Post.leads, Person.active)
                .where(Holding.person_id != person_id, *holds_on(day))
                .order_by(Post.position, Holding.id)
            ).first()
            leads_itself = _leads(session, person_id, unit_id, day)
            if leader is not None and not leads_itself:
                return leader
            unit_id = session.scalar(select(Unit.parent_id).where(Unit.id == unit_id))
        return None

    def principals(self, session: Session, person_id: int, at: datetime, process_id: str | None) -> Collection[int]:
        """Return the people for whom this one may act now (代理)."""
        return principals(session, person_id=person_id, day=at.astimezone(LOCAL).date(), process_id=process_id)

    def substitute(self, session: Session, person_id: int, at: datetime, process_id: str) -> int | None:
        """Return the person's deputy for this process, else the leader (O4)."""
        day = at.astimezone(LOCAL).date()
        deputy = deputy_of(session, person_id=person_id, day=day, process_id=process_id)
        return deputy if deputy is not None else self.leader_of(session, person_id, at)

    def oversees(self, session: Session, person_id: int, at: datetime) -> Collection[int]:
        """Return the running campaigns that this person leads or runs the office of.

        Heads, deputies and offices of a campaign's own groups, and of the organisation's leading groups.
        """
        roles = (GroupRole.HEAD, GroupRole.DEPUTY, GroupRole.OFFICE)
        statement = (
            select(Campaign.instance_id)
            .join(Group, or_(Group.campaign_id == Campaign.id, Group.campaign_id.is_(None)))
            .join(GroupMember, GroupMember.group_id == Group.id)
            .where(GroupMember.person_id == person_id, GroupMember.role.in_(roles))
            .where(Campaign.status == CampaignStatus.RUNNING)
            .where(or_(Group.campaign_id.is_not(None), Group.code.in_(LEADING_GROUPS)))
        )
        return set(session.scalars(statement))

    def gone(self, session: Session, ids: Sequence[int]) -> Collection[int]:
        """Return those of these people who are deactivated or unknown."""
        active = set(session.scalars(select(Person.id).where(Person.id.in_(set(ids)), Person.active)))
        return [one for one in ids if one not in active]

    def names(self, session: Session, ids: Sequence[int]) -> Mapping[int, str]:
        """Return display names of the people that exist."""
        if not ids:
            return {}
        rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(set(ids))))
        return {row.id: row.name for row in rows}

    def is_administrator(self, session: Session, person_id: int) -> bool:
        """Say whether this active person is an administrator."""
        statement = select(Person.id).where(Person.id == person_id, Person.active, Person.is_administrator)
        return session.scalar(statement) is not None


def _holders(post: str, context: AssignmentContext) -> Select[int]:
    day = context.at.astimezone(LOCAL).date()
    return (
        select(Holding.person_id)
        .join(Post, Post.id == Holding.post_id)
        .join(Person, Person.id == Holding.person_id)
        .where(Post.code == post, Person.active, *holds_on(day))
        .order_by(Holding.id)
    )


def _members(session: Session, code: str, role: str | None, root_id: int) -> Sequence[int]:
    campaign = select(Campaign.id).where(Campaign.instance_id == root_id).scalar_subquery()
    statement = (
        select(Group.campaign_id, GroupMember.person_id)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .join(Person, Person.id == GroupMember.person_id)
        .where(Group.code == code, Person.active)
        .where(or_(Group.campaign_id.is_(None), Group.campaign_id == campaign))
        .order_by(_ROLE_ORDER, GroupMember.position, GroupMember.person_id)
    )
    if role is not None:
        statement = statement.where(GroupMember.role == role)
    rows = session.execute(statement).all()
    own = [row.person_id for row in rows if row.campaign_id is not None]
    return own or [row.person_id for row in rows]


def _leads(session: Session, person_id: int, unit_id: int, day: date) -> bool:
    statement = (
        select(Holding.id)
        .join(Post, Post.id == Holding.post_id)
        .where(Holding.unit_id == unit_id, Holding.person_id == person_id, Post.leads)
        .where(*holds_on(day))
    )
    return session.scalars(statement).first() is not None


class UnitCalendars:
    """Implements :class:`engine.ports.Calendars`: the national calendar with the unit's own exceptions."""

    def __init__(self) -> None:
        self._national = WorkingCalendar()

    def of_unit(self, session: Session, unit_id: int | None) -> WorkingCalendar:
        """Return the unit's working calendar."""
        if unit_id is None:
            return self._national
        own = session.scalar(select(Unit.calendar).where(Unit.id == unit_id))
        if not own:
            return self._national
        return WorkingCalendar(exceptions={date.fromisoformat(day): bool(works) for day, works in own.items()})
