"""Open tasks by what they are, for programs: filters, an order, and a part of the list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import eq, gt, lt
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.instances.models import OPEN_STATUSES, Instance
from engine.tasks.models import OPEN_STATES, Activation, Slot, SlotCandidate
from engine.tasks.waiting import of_people

if TYPE_CHECKING:
    from engine.runtime import Engine

MOST_ROWS = 200
ORDERS: Mapping[str, Any] = {
    "created": Slot.opened_at,
    "dueDate": Slot.due,
    "name": Activation.name,
    "assignee": Slot.owner_id,
}


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks; what is None or empty does not count.

    ``name_like`` and ``title_like`` are parts of the text. ``order`` is a key of :data:`ORDERS`.
    """

    slot_id: int | None = None
    instance_id: int | None = None
    package_key: str | None = None
    version_id: int | None = None
    element_id: str | None = None
    assignee: int | None = None
    candidate: int | None = None
    unassigned: bool = False
    state: str | None = None
    name: str | None = None
    name_like: str = ""
    title_like: str = ""
    due_before: datetime | None = None
    due_after: datetime | None = None
    created_before: datetime | None = None
    created_after: datetime | None = None
    order: str = "created"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One open task with where it belongs."""

    slot: Slot
    activation: Activation
    instance: Instance
    package_key: str
    package_version: int
    owner: str


def find_tasks(
    engine: "Engine", session: Session, *, person_id: int, wanted: TaskFilter, first: int = 0, most: int = 50
) -> list[TaskRow]:
    """Return a part of the open tasks that a person may see, in two statements.

    Those are one's own and one's pools', those of people for whom one acts, and everything open in what one started;
    administrators see all.
    """
    order = ORDERS[wanted.order]
    query = _query(engine, session, person_id, wanted, Slot, Activation, Instance, PackageVersion)
    query = query.order_by(order.desc() if wanted.descending else order, Slot.id)
    rows = session.execute(query.offset(first).limit(max(0, min(most, MOST_ROWS)))).all()
    people = sorted({row[0].owner_id for row in rows if row[0].owner_id is not None})
    names = engine.people.names(session, people) if people else {}
    return [
        TaskRow(slot, activation, instance, version.key, version.version, names.get(slot.owner_id or 0, ""))
        for slot, activation, instance, version in rows
    ]


def count_tasks(engine: "Engine", session: Session, *, person_id: int, wanted: TaskFilter) -> int:
    """Return how many open tasks a person sees by a filter."""
    return session.scalar(_query(engine, session, person_id, wanted, func.count(Slot.id))) or 0


def _query(engine: "Engine", session: Session, person_id: int, wanted: TaskFilter, *columns: Any) -> Select[Any]:
    query: Any = (
        select(*columns)
        .select_from(Slot)
        .join(Activation, Activation.id == Slot.activation_id)
        .join(Instance, Instance.id == Slot.instance_id)
        .join(PackageVersion, PackageVersion.id == Instance.package_version_id)
        .where(Slot.state.in_(OPEN_STATES), Instance.status.in_(OPEN_STATUSES))
    )
    conditions: Sequence[tuple[Any, Callable[[Any, Any], Any], Any]] = (
        (Slot.id, eq, wanted.slot_id),
        (Slot.instance_id, eq, wanted.instance_id),
        (Slot.owner_id, eq, wanted.assignee),
        (Slot.state, eq, wanted.state),
        (PackageVersion.key, eq, wanted.package_key),
        (PackageVersion.id, eq, wanted.version_id),
        (Activation.element_id, eq, wanted.element_id),
        (Activation.name, eq, wanted.name),
        (Activation.name, _contains, wanted.name_like or None),
        (Instance.title, _contains, wanted.title_like or None),
        (Slot.due, lt, wanted.due_before),
        (Slot.due, gt, wanted.due_after),
        (Slot.opened_at, lt, wanted.created_before),
        (Slot.opened_at, gt, wanted.created_after),
    )
    for column, matches, value in conditions:
        if value is not None:
            query = query.where(matches(column, value))
    if wanted.unassigned:
        query = query.where(Slot.owner_id.is_(None))
    if wanted.candidate is not None:
        pools = select(SlotCandidate.slot_id).where(SlotCandidate.person_id == wanted.candidate)
        query = query.where(Slot.owner_id.is_(None), Slot.id.in_(pools))
    if not engine.people.is_administrator(session, person_id):
        query = query.where(_seen(engine, session, person_id))
    found: Select[Any] = query
    return found


def _contains(column: Any, part: str) -> Any:
    return column.icontains(part, autoescape=True)


def _seen(engine: "Engine", session: Session, person_id: int) -> Any:
    at = engine.clock.now()
    principals = engine.people.principals(session, person_id, at, None)
    deputed: Any = false()
    if principals:
        query = select(Instance.process_id).join(Slot, Slot.instance_id == Instance.id).distinct()
        processes = session.scalars(query.where(Slot.id.in_(of_people(principals)))).all()
        for process in processes:
            people = sorted(engine.people.principals(session, person_id, at, process))
            deputed |= (Instance.process_id == process) & Slot.id.in_(of_people(people))
    return or_(
        Slot.id.in_(of_people([person_id])), Instance.initiator_id == person_id, deputed
    )  # fmt: skip
