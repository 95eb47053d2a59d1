"""Finds people for the engine (``engine.ports.People``)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.definitions.assignment import Term, parse_rule
from engine.ports import AssignmentContext
from engine.wording import named
from workflows.campaigns.models import Campaign, CampaignStatus
from workflows.organisation.absence import deputy_of, principals
from workflows.organisation.finding import find, leader_above
from workflows.organisation.models import Group, GroupKind, GroupMember, GroupRole, Person, Post
from workflows.organisation.tree import LOCAL

LEADING_GROUPS = ("leading", "office")
"""Groups of the organisation that oversee every campaign, beside those that a plan names."""


class Organisation:
    """Implements :class:`engine.ports.People` on the organisation's tables; one statement a term."""

    def find(self, session: Session, rule: str, context: AssignmentContext) -> Sequence[int]:
        """Return active people named by ``rule``, without repetition, in the rule's order."""
        return find(session, parse_rule(rule), context)

    def in_role(self, session: Session, name: str, context: AssignmentContext) -> Sequence[int]:
        """Return who holds the post of this code or name in the instance's unit, else who is in the group."""
        for model, term in ((Post, "post"), (Group, "group")):
            named = or_(model.code == name, model.name == name, model.name_en == name)
            code = session.scalar(select(model.code).where(named).order_by(model.code != name, model.code).limit(1))
            if code is not None and (people := find(session, (Term(term, (code,)),), context)):
                return people
        return []

    def leader_of(self, session: Session, person_id: int, at: datetime) -> int | None:
        """Return the leader of the person's unit; for a leader, the one of the unit it reports to."""
        return next(iter(leader_above(session, person_id, at.astimezone(LOCAL).date())), None)

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
            .where(or_(Group.campaign_id.is_not(None), Group.code.in_(LEADING_GROUPS), Group.kind == GroupKind.LEADING))
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
        rows = session.execute(select(Person.id, Person.name, Person.name_en).where(Person.id.in_(set(ids))))
        return {row.id: named(row.name, row.name_en) for row in rows}

    def is_administrator(self, session: Session, person_id: int) -> bool:
        """Say whether this active person is an administrator."""
        statement = select(Person.id).where(Person.id == person_id, Person.active, Person.is_administrator)
        return session.scalar(statement) is not None
