"""One instance as an operator sees it: where it stands, what it knows, what is below it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.definitions.models import PackageVersion
from engine.errors import NotFound
from engine.instances.models import Instance
from engine.interpreter.waits import LiveToken, live_tokens
from engine.work.models import Work

if TYPE_CHECKING:
    from engine.runtime import Engine


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token with its element's name and type, how deep it is inside scopes, and when its timer is due."""

    token: str
    element_id: str
    element: str
    type: str
    inside: str | None
    depth: int
    state: str
    wait: str
    listens: bool
    values: Mapping[str, Any]
    due: datetime | None


@dataclass(frozen=True, slots=True)
class InstanceView:
    """An instance with its tokens. ``children`` counts what is below it by state; ``version`` is the package's."""

    id: int
    title: str
    status: str
    outcome: str | None
    turn: int
    package_key: str
    package_name: str
    package_name_en: str
    version: int
    version_id: int
    process_id: str
    parent_id: int | None
    created_at: datetime
    suspended_at: datetime | None
    ended_at: datetime | None
    open_incidents: int
    variables: Mapping[str, Any]
    tokens: tuple[TokenView, ...]
    children: Mapping[str, int]

    @property
    def over(self) -> bool:
        return self.ended_at is not None

    def as_json(self) -> dict[str, Any]:
        """Return it for programs; identifiers are texts."""
        parent = None if self.parent_id is None else str(self.parent_id)
        return {**asdict(self), "id": str(self.id), "version_id": str(self.version_id), "parent_id": parent}


def instance_view(engine: "Engine", session: Session, instance_id: int) -> InstanceView:
    """Return an instance for an operator. Raises NotFound."""
    instance = session.get(Instance, instance_id)
    if instance is None:
        raise NotFound("没有这个流程实例 / There is no such instance")
    version = session.get_one(PackageVersion, instance.package_version_id)
    below = select(Instance.status, func.count()).where(Instance.parent_id == instance_id).group_by(Instance.status)
    return InstanceView(
        id=instance.id,
        title=instance.title,
        status=instance.status,
        outcome=instance.outcome,
        turn=instance.version,
        package_key=version.key,
        package_name=version.name,
        package_name_en=version.name_en,
        version=version.version,
        version_id=version.id,
        process_id=instance.process_id,
        parent_id=instance.parent_id,
        created_at=instance.created_at,
        suspended_at=instance.suspended_at,
        ended_at=instance.ended_at,
        open_incidents=instance.open_incidents,
        variables=dict(instance.variables),
        tokens=() if instance.ended_at is not None else _tokens(engine, session, instance),
        children=Counter({row[0]: row[1] for row in session.execute(below)}),
    )


def _tokens(engine: "Engine", session: Session, instance: Instance) -> tuple[TokenView, ...]:
    process = engine.packages.get(session, instance.package_version_id).process(instance.process_id)[1]
    timers = select(Work.token, Work.due).where(Work.instance_id == instance.id, Work.kind == "timer")
    dues = {row.token: row.due for row in session.execute(timers)}
    found = []
    inside: dict[str | None, list[LiveToken]] = {}
    for one in live_tokens(instance.snapshot):
        inside.setdefault(one.inside, []).append(one)
    for depth, one in _nested(inside, None):
        node = process.nodes[one.element_id]
        found.append(_view(one, node.name or node.id, node.type, depth, dues.get(one.token)))
    return tuple(found)


def _nested(
    inside: Mapping[str | None, Sequence[LiveToken]], scope: str | None, depth: int = 0
) -> Iterator[tuple[int, LiveToken]]:
    """Return tokens with their depth, what is inside a scope right after it."""
    for one in inside.get(scope, ()):
        yield depth, one
        yield from _nested(inside, one.token, depth + 1)


def _view(one: LiveToken, name: str, kind: str, depth: int, due: datetime | None) -> TokenView:
    return TokenView(
        one.token, one.element_id, name, kind, one.inside, depth, one.state, one.wait, one.listens, one.values, due
    )
