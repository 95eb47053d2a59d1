"""What waits for somebody: open slots, read off the indexes that hold them in the boxes' order.

Everything that a box asks of an open slot stands in the slot itself (``due``, ``paused``, ``root_id``), so that the
first page of a person with thousands of them costs what a short one costs, and counting them reads no table.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, case, exists, func, or_, select, union, union_all
from sqlalchemy.orm import Session

from engine.instances.models import OPEN_STATUSES, Instance
from engine.tasks.models import OPEN_STATES, Copy, Slot, SlotCandidate, SlotState

if TYPE_CHECKING:
    from engine.runtime import Engine

EVERY_PROCESS = ""
"""Asked for this one, :meth:`engine.ports.People.principals` names those for whom one may act whatever the process."""

Open = Select[Any]
"""A query over open slots; what it selects is replaced by what is wanted of them."""

_READY = (Slot.state == SlotState.READY, Slot.paused.is_(False))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Number of open slots of a box, of those nobody has opened yet, and of late ones."""

    all: int
    unread: int
    overdue: int


def of_person(person_id: int) -> list[Open]:
    """Return the open slots that somebody owns, and those of pools that they may claim from: two index scans."""
    return _held([person_id], *_READY)


def of_people(people: Collection[int]) -> CompoundSelect[Any]:
    """Return the ids of everything that is open with people, whose turn it is or not, also in their pools."""
    return _together(_held(people, Slot.state.in_(OPEN_STATES)), Slot.id)


def of_principals(engine: "Engine", session: Session, person_id: int) -> list[Open]:
    """Return the open slots of the people for whom this one acts now (代我办), in the processes agreed on."""
    at = engine.clock.now()
    people = set(engine.people.principals(session, person_id, at, None))
    if not people:
        return []
    everywhere = set(engine.people.principals(session, person_id, at, EVERY_PROCESS))
    found = [_owned(everywhere, *_READY)] if everywhere else []
    if partly := people - everywhere:
        theirs = _owned(partly, *_READY).join(Instance, Instance.id == Slot.instance_id)
        for process_id in session.scalars(theirs.with_only_columns(Instance.process_id).distinct()).all():
            if allowed := partly.intersection(engine.people.principals(session, person_id, at, process_id)):
                in_process = select(Instance.id).where(Instance.process_id == process_id)
                found.append(_owned(allowed, *_READY).where(Slot.instance_id.in_(in_process)))
    return found


def of_others(engine: "Engine", session: Session, person_id: int) -> list[Open]:
    """Return what others owe in what this person started or oversees, with what was escalated to them (督办).

    Only what has a deadline: the rest nobody has to be urged about.
    """
    started = select(Instance.id).where(
        Instance.initiator_id == person_id, Instance.parent_id.is_(None), Instance.status.in_(OPEN_STATUSES)
    )
    overseen = sorted(engine.people.oversees(session, person_id, engine.clock.now()))
    escalated = select(Copy.activation_id).where(Copy.person_id == person_id, Copy.activation_id.is_not(None))
    claimable = exists().where(SlotCandidate.slot_id == Slot.id, SlotCandidate.person_id == person_id)
    others = or_(Slot.owner_id != person_id, Slot.owner_id.is_(None) & ~claimable)
    return [
        select().where(place, Slot.due.is_not(None), others, *_READY)
        for place in (Slot.root_id.in_(started), Slot.root_id.in_(overseen), Slot.activation_id.in_(escalated))
    ]


def first(queries: Sequence[Open], narrow: Callable[[Open], Open], order: Sequence[Any], limit: int) -> Any:
    """Return the ids of the first ones in order: each query gives its own first ones, cheaply, off its index."""
    parts = [
        select(narrow(query.with_only_columns(Slot.id).select_from(Slot)).order_by(*order).limit(limit).subquery())
        for query in queries
    ]
    return union(*parts)


def count(session: Session, queries: Sequence[Open], now: datetime) -> Waiting:
    """Count the slots of queries that have none in common."""
    if not queries:
        return Waiting(0, 0, 0)
    found = _together(queries, Slot.read_at, Slot.due).subquery()
    unread, late = case((found.c.read_at.is_(None), 1), else_=0), case((found.c.due < now, 1), else_=0)
    row = session.execute(select(func.count(), func.sum(unread), func.sum(late)).select_from(found)).one()
    return Waiting(*(int(number or 0) for number in row))


def next_due(session: Session, person_id: int) -> datetime | None:
    """Return when something of this person's will be due next: what an empty inbox says."""
    mine = _held([person_id], Slot.state.in_(OPEN_STATES), Slot.due.is_not(None))
    earliest: datetime | None = session.scalar(select(func.min(_together(mine, Slot.due).subquery().c.due)))
    return earliest


def _held(people: Collection[int], *wanted: ColumnElement[bool]) -> list[Open]:
    candidate = SlotCandidate.slot_id == Slot.id
    pooled = select().join_from(SlotCandidate, Slot, candidate).where(SlotCandidate.person_id.in_(sorted(people)))
    return [_owned(people, *wanted), pooled.where(Slot.owner_id.is_(None), *wanted)]


def _owned(people: Collection[int], *wanted: ColumnElement[bool]) -> Open:
    return select().where(Slot.owner_id.in_(sorted(people)), *wanted)


def _together(queries: Sequence[Open], *columns: Any) -> CompoundSelect[Any]:
    return union_all(*(query.with_only_columns(*columns) for query in queries))
