"""The organisation as it is kept, in the shape of a document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflows.directory.document import Key, Row
from workflows.directory.sections import SECTIONS
from workflows.organisation.calendars import hours_text, season_of
from workflows.organisation.models import Absence, Group, GroupMember, GroupUnit, Holding, Person, Post, Unit


@dataclass(slots=True)
class Stored:
    """What is kept: rows by section and key, and the primary keys of those that have one of their own."""

    rows: dict[str, dict[Key, Row]] = field(default_factory=dict)
    ids: dict[str, dict[Key, int]] = field(default_factory=dict)

    def add(self, section: str, row: Row, identifier: int | None = None) -> None:
        """Take a row over."""
        key = tuple(row[part] for part in SECTIONS[section].key)
        self.rows[section][key] = row
        if identifier is not None:
            self.ids[section][key] = identifier


def load(session: Session) -> Stored:
    """Read the whole organisation (without the groups of single campaigns), a statement a table."""
    stored = Stored({name: {} for name in SECTIONS}, {name: {} for name in SECTIONS})
    _units(session, stored)
    for post in session.scalars(select(Post).order_by(Post.position, Post.id)):
        stored.add("posts", {
            "code": post.code, "name": post.name, "nameEn": post.name_en, "leads": post.leads, "duty": post.duty,
            "position": post.position,
        }, post.id)  # fmt: skip
    people = session.execute(
        select(
            Person.id, Person.login, Person.name, Person.name_en, Person.email, Person.is_administrator, Person.active
        ).order_by(Person.id)
    )
    for one in people:
        stored.add("people", {
            "login": one.login, "name": one.name, "nameEn": one.name_en, "email": one.email,
            "administrator": one.is_administrator, "active": one.active,
        }, one.id)  # fmt: skip
    _holdings(session, stored)
    _groups(session, stored)
    _absences(session, stored)
    return stored


def _units(session: Session, stored: Stored) -> None:
    above = aliased(Unit)
    query = select(Unit, above.code).join(above, above.id == Unit.parent_id, isouter=True)
    for unit, parent in session.execute(query.order_by(Unit.position, Unit.id)):
        stored.add("units", {
            "code": unit.code, "name": unit.name, "nameEn": unit.name_en, "kind": unit.kind, "parent": parent,
            "position": unit.position, "active": unit.active,
        }, unit.id)  # fmt: skip
        for day, works in sorted((unit.calendar or {}).items()):
            stored.add("days", {"unit": unit.code, "day": date.fromisoformat(day), "works": bool(works)})
        for season in unit.seasons or ():
            stored.add("seasons", {
                "unit": unit.code, "from": season["from"], "to": season["to"],
                "hours": hours_text(season_of(season).hours),
            })  # fmt: skip


def _holdings(session: Session, stored: Stored) -> None:
    query = (
        select(Holding.id, Person.login, Unit.code, Post.code, Holding.valid_from, Holding.valid_to)
        .join(Person, Person.id == Holding.person_id)
        .join(Unit, Unit.id == Holding.unit_id)
        .join(Post, Post.id == Holding.post_id)
        .order_by(Holding.id)
    )
    for identifier, person, unit, post, first, last in session.execute(query):
        row: Row = {"person": person, "unit": unit, "post": post, "from": first, "to": last}
        stored.add("holdings", row, identifier)


def _groups(session: Session, stored: Stored) -> None:
    own = Group.campaign_id.is_(None)
    for group in session.scalars(select(Group).where(own).order_by(Group.id)):
        row: Row = {"code": group.code, "name": group.name, "nameEn": group.name_en, "kind": group.kind}
        stored.add("groups", row, group.id)
    members = (
        select(Group.code, Person.login, GroupMember.role, GroupMember.position)
        .join(GroupMember, GroupMember.group_id == Group.id)
        .join(Person, Person.id == GroupMember.person_id)
        .where(own)
        .order_by(Group.id, GroupMember.position, Person.id)
    )
    for code, login, role, position in session.execute(members):
        stored.add("members", {"group": code, "person": login, "role": role, "position": position})
    units = (
        select(Group.code, Unit.code, GroupUnit.role, GroupUnit.position)
        .join(GroupUnit, GroupUnit.group_id == Group.id)
        .join(Unit, Unit.id == GroupUnit.unit_id)
        .where(own)
        .order_by(Group.id, GroupUnit.role, GroupUnit.position, Unit.id)
    )
    for code, unit, role, position in session.execute(units):
        stored.add("groupUnits", {"group": code, "unit": unit, "role": role, "position": position})


def _absences(session: Session, stored: Stored) -> None:
    away, deputy = aliased(Person), aliased(Person)
    query = (
        select(Absence, away.login, deputy.login)
        .join(away, away.id == Absence.person_id)
        .join(deputy, deputy.id == Absence.deputy_id)
        .order_by(Absence.valid_from, Absence.id)
    )
    for absence, person, acting in session.execute(query):
        stored.add("absences", {
            "person": person, "deputy": acting, "process": absence.process_id, "from": absence.valid_from,
            "to": absence.valid_to, "reason": absence.reason,
        }, absence.id)  # fmt: skip


def as_json(rows: Mapping[str, Mapping[Key, Row]]) -> dict[str, list[dict[str, Any]]]:
    """Return rows as a JSON document: dates as ISO texts."""
    return {name: [plain(row) for row in section.values()] for name, section in rows.items()}


def plain(row: Row) -> dict[str, Any]:
    """Return a row with JSON values only."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}


def only(stored: Stored, names: Iterable[str]) -> dict[str, dict[Key, Row]]:
    """Return some sections of what is kept."""
    return {name: stored.rows[name] for name in names}
