"""Who designs: members of the organisation's group ``designers``, owners of packages, administrators.

A head or deputy of the group reviews what the others drew, and publishes; so does an administrator, and the owner of a
package for that package. Everybody else is a stranger, to whom the designer does not exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.errors import NotFound
from workflows.designer.models import DesignedPackage
from workflows.organisation.models import Group, GroupMember, GroupRole, Person

GROUP = "designers"
REVIEWING = (GroupRole.HEAD, GroupRole.DEPUTY)


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do with a package: ``publish`` without a review, ``review`` what others ask for."""

    edit: bool = False
    publish: bool = False
    review: bool = False
    own: bool = False
    """Hand it to another owner, delete it."""


def rights(session: Session, person_id: int, package: DesignedPackage | None = None) -> Rights:
    """Return what a person may do, with one package or (without one) in the designer at all."""
    person = session.get(Person, person_id)
    if person is None or not person.active:
        return Rights()
    role = session.scalar(
        select(GroupMember.role)
        .join(Group, Group.id == GroupMember.group_id)
        .where(Group.code == GROUP, Group.campaign_id.is_(None), GroupMember.person_id == person_id)
    )
    owns = package is not None and package.owner_id == person_id
    leads = person.is_administrator or role in REVIEWING
    return Rights(
        edit=leads or owns or role is not None,
        publish=leads or owns,
        review=leads or owns,
        own=person.is_administrator or owns,
    )


def require_designer(session: Session, person_id: int, package: DesignedPackage | None = None) -> Rights:
    """Return the rights of a designer; to a stranger nothing is there."""
    found = rights(session, person_id, package)
    if not found.edit:
        raise NotFound("没有这个页面，或者它与您无关 / It does not exist, or it is none of your business")
    return found


def designs_anything(session: Session, person: Person) -> bool:
    """Say whether the designer is shown to a person at all, in one statement at most."""
    if person.is_administrator:
        return True
    seated = (
        select(GroupMember.person_id)
        .join(Group, Group.id == GroupMember.group_id)
        .where(Group.code == GROUP, Group.campaign_id.is_(None), GroupMember.person_id == person.id)
    )
    owning = select(DesignedPackage.key).where(DesignedPackage.owner_id == person.id)
    return bool(session.scalar(select(or_(seated.exists(), owning.exists()))))


def designers(session: Session) -> Sequence[Person]:
    """Return everybody who may design: the group's members and administrators."""
    seated = (
        select(GroupMember.person_id)
        .join(Group, Group.id == GroupMember.group_id)
        .where(Group.code == GROUP, Group.campaign_id.is_(None))
    )
    may = or_(Person.id.in_(seated), Person.is_administrator)
    return session.scalars(select(Person).where(Person.active, may).order_by(Person.id)).all()


def reviewers(session: Session, package: DesignedPackage, *, without: int) -> Sequence[Person]:
    """Return who may review a package, except who asks: four eyes see more than two."""
    leading = (
        select(GroupMember.person_id)
        .join(Group, Group.id == GroupMember.group_id)
        .where(Group.code == GROUP, Group.campaign_id.is_(None), GroupMember.role.in_(REVIEWING))
    )
    may = or_(Person.id.in_(leading), Person.is_administrator, Person.id == package.owner_id)
    return session.scalars(select(Person).where(Person.active, may, Person.id != without).order_by(Person.id)).all()
