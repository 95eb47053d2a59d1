"""What operators look at: instances and incidents by filter, incidents by what they have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.errors import InvalidInput
from engine.instances.models import Incident, IncidentStatus, Instance, InstanceStatus

if TYPE_CHECKING:
    from engine.runtime import Engine

PAGE = 50
MOST_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class InstanceFilter:
    """Which instances; what is None or empty does not count. ``incident`` means that one is open."""

    package_key: str | None = None
    version_id: int | None = None
    process_id: str | None = None
    status: str | None = None
    incident: bool = False
    roots_only: bool = False
    parent_id: int | None = None
    search: str = ""
    initiator_id: int | None = None

    def apply(self, query: Select[Any]) -> Select[Any]:
        """Narrow a query on instances joined with their versions."""
        equal: Mapping[Any, Any] = {
            PackageVersion.key: self.package_key,
            Instance.package_version_id: self.version_id,
            Instance.process_id: self.process_id,
            Instance.status: self.status,
            Instance.parent_id: self.parent_id,
            Instance.initiator_id: self.initiator_id,
        }
        for column, value in equal.items():
            if value:
                query = query.where(column == value)
        if self.incident:
            query = query.where(Instance.open_incidents > literal_column("0"))
        if self.roots_only:
            query = query.where(Instance.parent_id.is_(None))
        if self.search:
            escaped = self.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            query = query.where(Instance.title.ilike(f"%{escaped}%", escape="\\"))
        return query


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One line of the list of instances."""

    id: int
    title: str
    package_key: str
    package_name: str
    package_name_en: str
    version: int
    version_id: int
    process_id: str
    status: str
    outcome: str | None
    open_incidents: int
    parent_id: int | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the number of the next page (None at the end)."""

    rows: Sequence[Any]
    next: int | None


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents; what is None or empty does not count."""

    package_key: str | None = None
    version_id: int | None = None
    process_id: str | None = None
    element_id: str | None = None
    code: str | None = None
    instance_id: int | None = None
    incident_id: int | None = None
    status: str | None = IncidentStatus.OPEN

    def apply(self, query: Select[Any]) -> Select[Any]:
        """Narrow a query on incidents joined with their instances and versions."""
        equal: Mapping[Any, Any] = {
            PackageVersion.key: self.package_key,
            Instance.package_version_id: self.version_id,
            Instance.process_id: self.process_id,
            Incident.element_id: self.element_id,
            Incident.code: self.code,
            Incident.instance_id: self.instance_id,
            Incident.id: self.incident_id,
            Incident.status: self.status,
        }
        for column, value in equal.items():
            if value:
                query = query.where(column == value)
        return query


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident with where it is. ``element`` is the element's name, or its id where it has none."""

    id: int
    instance_id: int
    title: str
    instance_status: str
    package_name: str
    package_name_en: str
    version: int
    version_id: int
    process_id: str
    element_id: str | None
    element: str
    token: str | None
    code: str
    message: str
    status: str
    created_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class IncidentGroup:
    """Open incidents of one element of one definition with one code; ``message`` is that of the latest."""

    package_name: str
    package_name_en: str
    version: int
    version_id: int
    process_id: str
    element_id: str | None
    element: str
    code: str
    message: str
    count: int
    first: datetime
    last: datetime


def list_instances(
    session: Session, wanted: InstanceFilter, *, page: int = 1, limit: int = PAGE, first: int | None = None
) -> Page:
    """Return a page of instances, the newest first; ``first`` leaves out so many rows instead of whole pages."""
    query: Any = select(Instance, PackageVersion).join(PackageVersion, PackageVersion.id == Instance.package_version_id)
    query = wanted.apply(query).order_by(Instance.created_at.desc(), Instance.id.desc())
    found = session.execute(_slice(query, page, limit, first)).all()
    rows = [
        InstanceRow(
            id=one.id,
            title=one.title,
            package_key=version.key,
            package_name=version.name,
            package_name_en=version.name_en,
            version=version.version,
            version_id=version.id,
            process_id=one.process_id,
            status=one.status,
            outcome=one.outcome,
            open_incidents=one.open_incidents,
            parent_id=one.parent_id,
            created_at=one.created_at,
            ended_at=one.ended_at,
        )
        for one, version in found[:limit]
    ]
    return Page(rows, page + 1 if len(found) > limit else None)


def living_instances(session: Session, wanted: InstanceFilter) -> list[int]:
    """Return the ids of all instances of a filter that are not over, oldest first."""
    query = select(Instance.id).join(PackageVersion, PackageVersion.id == Instance.package_version_id)
    query = wanted.apply(query).where(Instance.ended_at.is_(None)).order_by(Instance.id).limit(MOST_AT_ONCE)
    return list(session.scalars(query))


def list_incidents(
    engine: "Engine", session: Session, wanted: IncidentFilter, *, page: int = 1, limit: int = PAGE,
    first: int | None = None,
) -> Page:  # fmt: skip
    """Return a page of incidents, the newest first; ``first`` leaves out so many rows instead of whole pages."""
    query = wanted.apply(_located(Incident, Instance, PackageVersion))
    query = query.order_by(Incident.created_at.desc(), Incident.id.desc())
    found = session.execute(_slice(query, page, limit, first)).all()
    rows = [
        IncidentRow(
            id=one.id,
            instance_id=instance.id,
            title=instance.title,
            instance_status=instance.status,
            package_name=version.name,
            package_name_en=version.name_en,
            version=version.version,
            version_id=version.id,
            process_id=instance.process_id,
            element_id=one.element_id,
            element=element_name(engine, session, version.id, instance.process_id, one.element_id),
            token=one.token,
            code=one.code,
            message=one.message,
            status=one.status,
            created_at=one.created_at,
            resolved_at=one.resolved_at,
        )
        for one, instance, version in found[:limit]
    ]
    return Page(rows, page + 1 if len(found) > limit else None)


def incident_ids(session: Session, wanted: IncidentFilter) -> list[int]:
    """Return the ids of all incidents of a filter, oldest first."""
    query = wanted.apply(_located(Incident.id)).order_by(Incident.id).limit(MOST_AT_ONCE)
    return list(session.scalars(query))


def group_incidents(engine: "Engine", session: Session, wanted: IncidentFilter | None = None) -> list[IncidentGroup]:
    """Return the open incidents by definition, element and code, the largest group first."""
    keys = (PackageVersion.id, Instance.process_id, Incident.element_id, Incident.code)
    latest = func.max(Incident.id)
    grouped = _located(*keys, func.count(), func.min(Incident.created_at), func.max(Incident.created_at), latest)
    grouped = (wanted or IncidentFilter()).apply(grouped).group_by(*keys)
    rows = session.execute(grouped.order_by(func.count().desc(), latest.desc())).all()
    messages = dict(
        session.execute(select(Incident.id, Incident.message).where(Incident.id.in_([row[-1] for row in rows]))).all()
    )
    versions = {row.id: row for row in session.scalars(_versions({row[0] for row in rows}))}
    return [
        IncidentGroup(
            package_name=versions[version_id].name,
            package_name_en=versions[version_id].name_en,
            version=versions[version_id].version,
            version_id=version_id,
            process_id=process_id,
            element_id=element_id,
            element=element_name(engine, session, version_id, process_id, element_id),
            code=code,
            message=messages[last_id],
            count=count,
            first=first,
            last=last,
        )
        for version_id, process_id, element_id, code, count, first, last, last_id in rows
    ]


def element_name(engine: "Engine", session: Session, version_id: int, process_id: str, element_id: str | None) -> str:
    """Return an element's name, or its id where it has none or is not in the drawing."""
    if element_id is None:
        return ""
    process = engine.packages.get(session, version_id).process(process_id)[1]
    node = process.nodes.get(element_id)
    return (node.name if node else None) or element_id


def _located(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Incident)
        .join(Instance, Instance.id == Incident.instance_id)
        .join(PackageVersion, PackageVersion.id == Instance.package_version_id)
    )


def _versions(ids: set[int]) -> Select[PackageVersion]:
    return select(PackageVersion).where(PackageVersion.id.in_(ids))


def count_instances(session: Session, wanted: InstanceFilter) -> int:
    """Return how many instances a filter finds."""
    query = select(func.count(Instance.id)).join(PackageVersion, PackageVersion.id == Instance.package_version_id)
    return session.scalar(wanted.apply(query)) or 0


def _slice(query: Select[Any], page: int, limit: int, first: int | None = None) -> Select[Any]:
    if page < 1:
        raise InvalidInput("没有这一页 / There is no such page")
    return query.offset((page - 1) * limit if first is None else first).limit(limit + 1)


def require_status(status: str) -> str:
    """Return a state of instances. Raises InvalidInput for an unknown one."""
    if status and status not in list(InstanceStatus):
        raise InvalidInput(f"没有状态“{status}” / There is no state {status}")
    return status
