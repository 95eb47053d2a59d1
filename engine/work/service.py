"""Writing work: a row and the instance's ``next_due``, in the transaction of the change that causes it."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from engine.instances.models import Instance, InstanceStatus
from engine.work.models import ADMINISTRATIVE, Work


def schedule(
    session: Session,
    instance: Instance,
    *,
    kind: str,
    due: datetime,
    payload: Mapping[str, Any],
    token: str | None = None,
    at: datetime | None = None,
) -> Work:
    """Add work to an instance whose row the caller has locked (or just created).

    Parameters
    ----------
    kind
        What :func:`engine.instances.work.perform_work` is to do.
    due
        Not done before this instant; now or earlier means as soon as possible.
    payload
        JSON values for the performer.
    token
        The wait that the work belongs to; :func:`drop` takes the work away with the wait.
    at
        When it was scheduled; the machine's time when not given.

    """
    work = Work(
        instance_id=instance.id,
        kind=kind,
        token=token,
        payload=dict(payload),
        due=due,
        created_at=at or datetime.now(UTC),
    )
    session.add(work)
    if instance.status != InstanceStatus.SUSPENDED and (instance.next_due is None or due < instance.next_due):
        instance.next_due = due
    return work


def drop(session: Session, instance_id: int, token: str | Collection[str]) -> int:
    """Delete the work of a wait (or of several) in one statement; returns how many rows went.

    ``next_due`` may then be earlier than needed: call :func:`recompute_next_due` once at the end of the turn.
    """
    tokens = [token] if isinstance(token, str) else list(token)
    if not tokens:
        return 0
    session.flush()
    result = session.execute(
        delete(Work).where(Work.instance_id == instance_id, Work.token.in_(tokens)),
        execution_options={"synchronize_session": False},
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def recompute_next_due(session: Session, *instances: Instance) -> None:
    """Set ``next_due`` to the earliest due time of the instances' work: while suspended, of operators' work.

    One statement whatever their number; their rows are locked by the caller.
    """
    session.flush()
    counts = or_(Instance.status != InstanceStatus.SUSPENDED, Work.kind.in_(ADMINISTRATIVE))
    earliest = select(func.min(Work.due)).where(Work.instance_id == Instance.id, counts).scalar_subquery()
    statement = (
        update(Instance)
        .where(Instance.id.in_(sorted(instance.id for instance in instances)))
        .values(next_due=earliest)
        .returning(Instance.id, Instance.next_due)
    )
    found = session.execute(statement, execution_options={"synchronize_session": False}).all()
    dues = {row.id: row.next_due for row in found}
    for instance in instances:
        set_committed_value(instance, "next_due", dues[instance.id])


def earliest_due(instance: Instance) -> Select[datetime]:
    """Return the query for the due time of what an instance has to do next."""
    query = select(func.min(Work.due)).where(Work.instance_id == instance.id)
    if instance.status == InstanceStatus.SUSPENDED:
        query = query.where(Work.kind.in_(ADMINISTRATIVE))
    return query
