"""Starting instances: from the outside, inside a transaction, and as children."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.instances.idempotency import once
from engine.instances.models import Instance, InstanceStatus
from engine.instances.run import Run, load_run
from engine.instances.turns import begin
from engine.instances.writer import TurnWriter
from engine.interpreter.values import plain
from engine.store import new_id
from engine.wording import say

if TYPE_CHECKING:
    from engine.runtime import Engine

SYSTEM_ACTOR = 0
"""Stands for the actor of a request that no person made (idempotency keys want one)."""

MAX_TITLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What starts, and with what.

    Parameters
    ----------
    process_id
        The package's main process when None.
    unit_id
        The unit that the instance belongs to, where the variables do not name another one by ``unit_id``.
    root_id
        The instance whose campaign this one belongs to, without being waited for; an instance of its own when None.
    event, event_definition
        The start event that happened, and which of its definitions.
    conversation_id
        That of the message which started it.

    """

    version_id: int
    process_id: str | None = None
    variables: Mapping[str, Any]
    title: str
    initiator_id: int | None
    unit_id: int | None = None
    root_id: int | None = None
    event: str | None = None
    event_definition: int | None = None
    conversation_id: int | None = None


def start_instance(
    engine: "Engine",
    *,
    package_key: str | None = None,
    version_id: int | None = None,
    process_id: str | None = None,
    variables: Mapping[str, Any],
    title: str,
    initiator_id: int | None,
    unit_id: int | None = None,
    key: str | None = None,
    start_event: str | None = None,
) -> int:
    """Start an instance in a transaction of its own; returns its id.

    Parameters
    ----------
    package_key, version_id
        The package's live version, or an exact one. One of them is needed.
    process_id
        The package's main process when not given.
    key
        Idempotency key: the same start again returns the first instance (I5), another request with it raises
        :class:`IdempotencyConflict`.

    """
    variables = plain(variables)
    request = [package_key, version_id, process_id, dict(variables), title, initiator_id, unit_id]

    def act(session: Session) -> dict[str, int]:
        start = Start(
            version_id=_version(engine, session, package_key) if version_id is None else version_id,
            process_id=process_id,
            variables=variables,
            title=title,
            initiator_id=initiator_id,
            unit_id=unit_id,
            event=start_event,
        )
        return {"instance_id": start_in(engine, session, start).id}

    started = once(engine, act, key=key, actor_id=initiator_id or SYSTEM_ACTOR, request=request)
    engine.bell.ring()
    return int(started["instance_id"])


def _version(engine: "Engine", session: Session, package_key: str | None) -> int:
    if package_key is None:
        raise InvalidInput(say("要启动哪个流程包？"))
    return engine.packages.live(session, package_key).id


def start_in(engine: "Engine", session: Session, start: Start) -> Instance:
    """Start an instance inside the caller's transaction; the caller rings the bell after its commit."""
    writer = TurnWriter(engine, session, engine.clock.now())
    with session.no_autoflush:
        instance = start_beside(writer, start)
        writer.write()
    return instance


def start_beside(writer: TurnWriter, start: Start) -> Instance:
    """Start an instance that nobody waits for, as :func:`start_in`; its rows go into the writer.

    So several start together: the caller writes all of them at once, inside ``session.no_autoflush``.
    """
    instance = new_instance(writer, start)
    begin(load_run(writer, instance), start_event=start.event, start_definition=start.event_definition)
    return instance


def start_child(
    writer: TurnWriter,
    parent: Run,
    *,
    process_id: str,
    variables: Mapping[str, Any],
    token: str,
    fanout_id: int,
    item_index: int,
) -> Instance:
    """Start one child of a call activity; its rows go into the writer of the parent's transaction."""
    process = parent.package.process(process_id)[1]
    start = Start(
        version_id=parent.instance.package_version_id,
        process_id=process_id,
        variables=variables,
        title=f"{parent.instance.title} · {process.name}" if process.name else parent.instance.title,
        initiator_id=parent.instance.initiator_id,
        unit_id=parent.instance.unit_id,
        root_id=parent.instance.root_id,
    )
    instance = new_instance(writer, start)
    instance.parent_id = parent.instance.id
    instance.parent_token = token
    instance.fanout_id = fanout_id
    instance.item_index = item_index
    run = load_run(writer, instance)
    title = process.attributes.get("duban:title")
    if title:
        instance.title = str(run.environment.evaluate(title, run.variables) or instance.title)[:MAX_TITLE]
    begin(run)
    return instance


def new_instance(writer: TurnWriter, start: Start) -> Instance:
    """Make the row of an instance; a variable ``unit_id`` says which unit it belongs to."""
    own_unit = start.variables.get("unit_id")
    process_id = start.process_id or writer.engine.packages.get(writer.session, start.version_id).main_process
    identifier = new_id()
    return Instance(
        id=identifier,
        package_version_id=start.version_id,
        process_id=process_id,
        title=start.title[:MAX_TITLE],
        root_id=start.root_id or identifier,
        unit_id=int(own_unit) if own_unit not in (None, "") else start.unit_id,
        initiator_id=start.initiator_id,
        conversation_id=start.conversation_id,
        status=InstanceStatus.RUNNING,
        version=0,
        snapshot=b"",
        variables=plain(start.variables),
        rounds={},
        history_sequence=0,
        history_digest="",
        created_at=writer.at,
    )
