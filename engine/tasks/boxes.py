"""The boxes of the inbox and their numbers: a fixed count of statements whatever a page holds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.errors import InvalidInput
from engine.instances.models import OPEN_STATUSES, Instance
from engine.tasks import waiting
from engine.tasks.deadlines import Lamp, lamp
from engine.tasks.models import (
    OPEN_STATES,
    Activation,
    Attachment,
    Comment,
    Copy,
    Notice,
    Slot,
    SlotState,
)
from engine.tasks.paging import BY_DUE, Newest, Order
from engine.wording import named, say

if TYPE_CHECKING:
    from engine.runtime import Engine

Box = Literal["todo", "proxy", "supervise", "done", "mine", "copies"]
MAX_LIMIT = 200


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One row of a box.

    ``slot_id`` is None in 我发起; ``progress`` is (agreed, total) of a countersignature; ``batch`` says that the
    designer allows agreeing to many at once; ``holder`` is whose turn it is.
    """

    slot_id: int | None
    instance_id: int
    activation_id: int | None
    element_id: str | None
    title: str
    step: str | None
    process_name: str
    initiator_name: str
    unit_id: int | None
    opened_at: datetime
    due: datetime | None
    lamp: Lamp | None
    unread: bool
    progress: tuple[int, int] | None
    attachments: int
    comments: int
    state: str
    outcome: str | None
    copy_id: int | None = None
    batch: bool = False
    holder: str = ""


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of rows, and the cursor of the next one (None at the end)."""

    rows: list[InboxRow]
    next: str | None


@dataclass(frozen=True, slots=True)
class Counters:
    """The numbers on the boxes."""

    todo: int
    unread: int
    overdue: int
    mine: int
    copies: int
    notices: int
    proxy: int = 0


def inbox(
    engine: "Engine",
    session: Session,
    *,
    person_id: int,
    box: str,
    search: str = "",
    package_key: str | None = None,
    overdue: bool = False,
    unread: bool = False,
    limit: int = 50,
    before: str | None = None,
) -> InboxPage:
    """Return a page of a box.

    Parameters
    ----------
    box
        ``todo`` (待办), ``proxy`` (代我办: of the people for whom this one acts), ``supervise`` (督办: what others owe
        in what this person started or oversees), ``done`` (已办), ``mine`` (我发起) or ``copies`` (抄送).
    before
        The cursor of the page before. Open tasks are ordered by overdue, due, arrival; the others newest first.

    """
    now = engine.clock.now()
    limit = max(1, min(limit, MAX_LIMIT))
    wanted = _Wanted(box, search, package_key, overdue, unread, now, before)
    order: Order = BY_DUE
    if make_open := _OPEN.get(box):
        queries = make_open(engine, session, person_id)
        if not queries:
            return InboxPage([], None)
        query = _base().where(Slot.id.in_(waiting.first(queries, wanted.of_slots, order.columns, limit + 1)))
    elif make := _QUERIES.get(box):
        query, order = make(person_id)
        query = wanted.of_rows(query, order)
    else:
        raise InvalidInput(say("没有这个信箱"))
    found = session.execute(query.order_by(*order.columns).limit(limit + 1)).all()
    rows = _rows(engine, session, found[:limit], now, of_others=box in ("proxy", "supervise"))
    return InboxPage(rows, order.cursor(found[limit - 1]) if len(found) > limit else None)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which rows of a box are asked for."""

    box: str
    search: str
    package_key: str | None
    overdue: bool
    unread: bool
    now: datetime
    before: str | None

    def of_slots(self, query: waiting.Open) -> waiting.Open:
        """Narrow a query over open slots; it reads other tables only for what they alone know."""
        if self.search or self.package_key:
            query = query.join(Instance, Instance.id == Slot.instance_id)
        if self.search:
            query = query.join(Activation, Activation.id == Slot.activation_id).where(self._words)
        if self.package_key:
            query = query.where(Instance.package_version_id.in_(self._versions))
        if self.overdue:
            query = query.where(Slot.due < self.now)
        if self.unread:
            query = query.where(Slot.read_at.is_(None))
        return query.where(BY_DUE.after(self.before)) if self.before else query

    def of_rows(self, query: "_Rows", order: Order) -> "_Rows":
        """Narrow a query over whole rows."""
        if self.search:
            query = query.where(self._words)
        if self.package_key:
            query = query.where(Instance.package_version_id.in_(self._versions))
        if self.overdue and self.box != "mine":
            query = query.where(Activation.due < self.now)
        if self.unread:
            query = query.where(Copy.read_at.is_(None) if self.box == "copies" else Slot.read_at.is_(None))
        return query.where(order.after(self.before)) if self.before else query

    @property
    def _words(self) -> ColumnElement[bool]:
        escaped = self.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        titles = [Instance.title] if self.box in ("mine", "copies") else [Instance.title, Activation.title]
        return or_(*(title.ilike(f"%{escaped}%", escape="\\") for title in titles))

    @property
    def _versions(self) -> Select[int]:
        return select(PackageVersion.id).where(PackageVersion.key == self.package_key)


def counters(engine: "Engine", session: Session, person_id: int) -> Counters:
    """Return the numbers on the boxes: a fixed count of statements."""
    now = engine.clock.now()
    todo = waiting.count(session, waiting.of_person(person_id), now)
    proxy = waiting.count(session, waiting.of_principals(engine, session, person_id), now)
    mine = select(func.count(Instance.id)).where(
        Instance.initiator_id == person_id, Instance.status.in_(OPEN_STATUSES), Instance.parent_id.is_(None)
    )
    copies = select(func.count(Copy.id)).where(Copy.person_id == person_id, Copy.read_at.is_(None))
    notices = select(func.count(Notice.id)).where(Notice.person_id == person_id, Notice.read_at.is_(None))
    rest = session.execute(select(mine.scalar_subquery(), copies.scalar_subquery(), notices.scalar_subquery())).one()
    return Counters(todo.all, todo.unread, todo.overdue, int(rest[0]), int(rest[1]), int(rest[2]), proxy=proxy.all)


_Rows = Select[Slot, Activation, Instance, str, str, Copy]


def _base() -> _Rows:
    return (
        select(Slot, Activation, Instance, PackageVersion.name, PackageVersion.name_en, Copy)
        .select_from(Slot)
        .join(Activation, Activation.id == Slot.activation_id)
        .join(Instance, Instance.id == Slot.instance_id)
        .join(PackageVersion, PackageVersion.id == Instance.package_version_id)
        .outerjoin(Copy, Copy.id == -1)
    )


def _done(person_id: int) -> tuple[_Rows, Order]:
    return _base().where(Slot.owner_id == person_id, Slot.closed_at.is_not(None)), Newest(Slot.closed_at, Slot.id, 0)


def _mine(person_id: int) -> tuple[_Rows, Order]:
    query = (
        select(Slot, Activation, Instance, PackageVersion.name, PackageVersion.name_en, Copy)
        .select_from(Instance)
        .join(PackageVersion, PackageVersion.id == Instance.package_version_id)
        .outerjoin(Slot, Slot.id == -1)
        .outerjoin(Activation, Activation.id == -1)
        .outerjoin(Copy, Copy.id == -1)
        .where(Instance.initiator_id == person_id, Instance.parent_id.is_(None))
    )
    return query, Newest(Instance.created_at, Instance.id, 2)


def _copies(person_id: int) -> tuple[_Rows, Order]:
    query = (
        select(Slot, Activation, Instance, PackageVersion.name, PackageVersion.name_en, Copy)
        .select_from(Copy)
        .join(Instance, Instance.id == Copy.instance_id)
        .join(PackageVersion, PackageVersion.id == Instance.package_version_id)
        .outerjoin(Activation, Activation.id == Copy.activation_id)
        .outerjoin(Slot, Slot.id == -1)
        .where(Copy.person_id == person_id)
    )
    return query, Newest(Copy.created_at, Copy.id, 4)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What a page of rows was asked about at once."""

    now: datetime
    names: Mapping[int, str]
    attachments: Mapping[int, int]
    comments: Mapping[int, int]
    progress: Mapping[int, tuple[int, int]]
    of_others: bool


_OPEN: Mapping[str, Callable[["Engine", Session, int], list[waiting.Open]]] = {
    "todo": lambda _engine, _session, person_id: waiting.of_person(person_id),
    "proxy": waiting.of_principals,
    "supervise": waiting.of_others,
}
"""Boxes of open slots, by due time."""

_QUERIES: Mapping[str, Callable[[int], tuple[_Rows, Order]]] = {"done": _done, "mine": _mine, "copies": _copies}
"""The other boxes, newest first."""


def _rows(
    engine: "Engine", session: Session, found: Iterable[Any], now: datetime, *, of_others: bool
) -> list[InboxRow]:
    found = list(found)
    instances = {row[2].id for row in found}
    people = {row[2].initiator_id for row in found if row[2].initiator_id is not None}
    people |= {row[0].owner_id for row in found if row[0] is not None and row[0].owner_id is not None}
    names = engine.people.names(session, sorted(people)) if people else {}
    attachments = _counted(session, Attachment, instances)
    comments = _counted(session, Comment, instances)
    progress = _progress(session, {row[1].id for row in found if row[1] is not None and row[1].policy != "single"})
    around = _Surroundings(now, names, attachments, comments, progress, of_others)
    return [_row(row, around) for row in found]


def _row(found: Any, around: _Surroundings) -> InboxRow:
    slot, activation, instance, process, process_en, copy = found
    opened = slot.opened_at if slot else copy.created_at if copy else instance.created_at
    unread = slot.read_at is None and slot.closed_at is None if slot else copy is not None and copy.read_at is None
    return InboxRow(
        slot_id=slot.id if slot else None,
        instance_id=instance.id,
        activation_id=activation.id if activation else None,
        element_id=activation.element_id if activation else None,
        title=(activation.title if activation and activation.title else instance.title),
        step=activation.name if activation else None,
        process_name=named(process, process_en),
        initiator_name=around.names.get(instance.initiator_id or 0, ""),
        unit_id=instance.unit_id,
        opened_at=opened,
        due=activation.due if activation else None,
        lamp=lamp(activation, around.now) if activation else None,
        unread=unread and not around.of_others,
        progress=around.progress.get(activation.id) if activation else None,
        attachments=around.attachments.get(instance.id, 0),
        comments=around.comments.get(instance.id, 0),
        state=slot.state if slot else instance.status,
        outcome=activation.outcome if activation else instance.outcome,
        copy_id=copy.id if copy else None,
        batch=bool(activation and slot and str(activation.settings.get("batch", "")).lower() == "true"),
        holder=around.names.get(slot.owner_id or 0, "") if slot else "",
    )


def _counted(session: Session, model: type[Attachment] | type[Comment], instances: set[int]) -> dict[int, int]:
    if not instances:
        return {}
    query = select(model.instance_id, func.count()).where(model.instance_id.in_(instances)).group_by(model.instance_id)
    return {key: int(number) for key, number in session.execute(query)}


def _progress(session: Session, activations: set[int]) -> dict[int, tuple[int, int]]:
    if not activations:
        return {}
    agreed = func.sum(case((Slot.state == SlotState.AGREED, 1), else_=0))
    counted = Slot.state.in_([*OPEN_STATES, SlotState.AGREED, SlotState.REJECTED, SlotState.COMPLETED])
    query = (
        select(Slot.activation_id, agreed, func.count())
        .where(Slot.activation_id.in_(activations), counted)
        .group_by(Slot.activation_id)
    )
    return {activation: (int(yes), int(total)) for activation, yes, total in session.execute(query)}
