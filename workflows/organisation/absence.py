"""Absence and deputies by dates and process (代理)."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from workflows.organisation.models import Absence, Person


def principals(session: Session, *, person_id: int, day: date, process_id: str | None) -> Collection[int]:
    """Return the people for whom this one may act on a day; ``process_id`` None asks for any process."""
    query = select(Absence.person_id).where(Absence.deputy_id == person_id, *_valid(day))
    if process_id is not None:
        query = query.where(or_(Absence.process_id.is_(None), Absence.process_id == process_id))
    return set(session.scalars(query))


def deputy_of(session: Session, *, person_id: int, day: date, process_id: str) -> int | None:
    """Return an active deputy of a person; one named for the process comes before one for all."""
    query = (
        select(Absence.deputy_id)
        .join(Person, Person.id == Absence.deputy_id)
        .where(Absence.person_id == person_id, Person.active, *_valid(day))
        .where(or_(Absence.process_id.is_(None), Absence.process_id == process_id))
        .order_by(Absence.process_id.is_(None), Absence.id)
    )
    return session.scalars(query).first()


def _valid(day: date) -> tuple[ColumnElement[bool], ...]:
    return Absence.valid_from <= day, Absence.valid_to >= day
