"""Starts without a person: by a message, a signal or a timer, of the version that is live."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.definitions.errors import RefusedDiagram
from engine.definitions.model import EventDefinition, LintFinding, Node, Process
from engine.definitions.packages import LoadedPackage
from engine.errors import DubanError
from engine.instances.models import Instance
from engine.instances.start import Start, start_in
from engine.interpreter import timers
from engine.interpreter.contract import Environment
from engine.interpreter.starting import instantiating_gateway
from engine.messages.errors import AmbiguousMessage
from engine.messages.keys import key_of
from engine.messages.message import Message
from engine.messages.models import KeyedStart, StartTrigger
from engine.messages.search import LIVING, MESSAGE, SIGNAL
from engine.store import insert_once
from engine.work.errands import add_errand, drop_errands

if TYPE_CHECKING:
    from engine.runtime import Engine

TIMER = "timer"
START_BY_TIMER = "start-timer"
TRIGGERS = frozenset({MESSAGE, SIGNAL, TIMER})
MOST_PASSED = 1000
"""Rounds before the publishing that are counted one by one."""


def register_starts(engine: "Engine", session: Session, package: LoadedPackage, at: datetime) -> None:
    """Let the start events of a version that has just become live be set off; its predecessor's no longer are.

    A date that is over is not made up for: the version that was live then has seen to it. Raises
    :class:`RefusedDiagram` for a timer whose time depends on variables, which nobody has yet.
    """
    subject = f"start:{package.key}"
    drop_errands(session, subject)
    session.execute(delete(StartTrigger).where(StartTrigger.package_key == package.key))
    environment = engine.packages.environment(package, partial(engine.calendars.of_unit, session, None), at=at)
    for process, node, index in _start_events(package):
        event = node.events[index]
        trigger = StartTrigger(
            package_key=package.key, version_id=package.version_id, process_id=process.id, element_id=node.id,
            definition=index, kind=event.kind, name=event.details.get("name", ""), rounds=0, created_at=at,
        )  # fmt: skip
        session.add(trigger)
        session.flush()
        if event.kind == TIMER:
            try:
                occurrence = _first(environment, event, at)
            except DubanError as error:
                raise _without_time(process, node, error) from error
            _schedule(session, trigger, occurrence, at)


def _without_time(process: Process, node: Node, error: DubanError) -> RefusedDiagram:
    message = f"启动定时没有时间：{error} / The timer that starts “{process.id}” has no time"
    advice = "启动之前没有变量：写固定的时间 / Before the start there are no variables: write a fixed time"
    finding = LintFinding("start-timer", "error", node.id, node.name, node.line, message, advice)
    return RefusedDiagram(message, [finding])


def start_by_message(engine: "Engine", session: Session, message: Message) -> int | None:
    """Start a process with a message, unless no start event waits for it or its key's instance is still open.

    Raises
    ------
    AmbiguousMessage
        Start events of several processes wait for it.

    """
    starts = _starts_of(engine, session, message)
    if len({start[:2] for start in starts}) > 1:
        raise AmbiguousMessage(
            f"消息“{message.name}”能启动不止一个流程，没有投递 / Several processes start with {message.name}"
        )
    if not starts:
        return None
    version_id, process_id, element_id, definition = starts[0]
    key = _start_key(engine, session, version_id, process_id, element_id, message)
    keyed = None if key is None else _reserve(session, process_id, message.name, key)
    if key is not None and keyed is None:
        return None
    instance = start_by_event(
        engine, session, version_id=version_id, process_id=process_id, element_id=element_id,
        definition=definition, variables=message.payload, conversation_id=message.conversation_id,
    )  # fmt: skip
    if keyed is not None:
        keyed.instance_id = instance.id
    return instance.id


def signal_starts(session: Session, name: str) -> list[StartTrigger]:
    """Return the start events that a signal sets off."""
    query = select(StartTrigger).where(StartTrigger.kind == SIGNAL, StartTrigger.name == name)
    return list(session.scalars(query.order_by(StartTrigger.id)))


def start_by_event(
    engine: "Engine",
    session: Session,
    *,
    version_id: int,
    process_id: str,
    element_id: str,
    definition: int,
    variables: Mapping[str, Any],
    conversation_id: int | None = None,
) -> Instance:
    """Start an instance at a start event, with what the event brought as its first variables.

    It belongs to the campaign that :attr:`Engine.homes` finds for it, whose variables it knows too.
    """
    package = engine.packages.get(session, version_id)
    process = package.process(process_id)[1]
    home = engine.homes.of_start(session, package.key, process_id, variables) if engine.homes else None
    start = Start(
        version_id=version_id,
        process_id=process_id,
        variables={**variables, **home.variables} if home else variables,
        title=process.name or process.id,
        initiator_id=None,
        root_id=home.root_id if home else None,
        event=element_id,
        event_definition=definition,
        conversation_id=conversation_id,
    )
    return start_in(engine, session, start)


def timer_is_due(engine: "Engine", session: Session, trigger_id: int, due: datetime) -> None:
    """Start an instance whose timer is due, and set the timer's next round."""
    trigger = session.get(StartTrigger, trigger_id)
    if trigger is None:
        return
    start_by_event(
        engine, session, version_id=trigger.version_id, process_id=trigger.process_id, element_id=trigger.element_id,
        definition=trigger.definition, variables={},
    )  # fmt: skip
    package = engine.packages.get(session, trigger.version_id)
    event = package.process(trigger.process_id)[1].nodes[trigger.element_id].events[trigger.definition]
    now = engine.clock.now()
    last = timers.Occurrence(due, trigger.rounds)
    environment = engine.packages.environment(package, partial(engine.calendars.of_unit, session, None), at=now)
    _schedule(session, trigger, timers.following(environment, event.details, {}, last, now), now)


def _start_events(package: LoadedPackage) -> Iterator[tuple[Process, Node, int]]:
    """Return everything that starts a process by being triggered, with the index of the event definition."""
    for _, process in package.processes.values():
        if process.executable:
            for node in process.nodes.values():
                if _starts(process, node):
                    yield from (
                        (process, node, index) for index, event in enumerate(node.events) if event.kind in TRIGGERS
                    )


def _starts(process: Process, node: Node) -> bool:
    if node.parent != process.id:
        return False
    if node.type == "receiveTask":
        return node.attributes.get("instantiate") == "true" or instantiating_gateway(process, node) is not None
    return node.type == "startEvent" or (
        node.type == "intermediateCatchEvent" and instantiating_gateway(process, node) is not None
    )


def _starts_of(engine: "Engine", session: Session, message: Message) -> list[tuple[int, str, str, int]]:
    """Return version, process, element and event definition of what a message may start."""
    if message.target is None:
        query = select(StartTrigger).where(StartTrigger.kind == MESSAGE, StartTrigger.name == message.name)
        rows = session.scalars(query.order_by(StartTrigger.id))
        return [(row.version_id, row.process_id, row.element_id, row.definition) for row in rows]
    target = message.target
    return [
        (target.version_id, process.id, node.id, index)
        for process, node, index in _start_events(engine.packages.get(session, target.version_id))
        if process.id == target.process_id
        and target.element_id in (None, node.id)
        and (node.events[index].kind, node.events[index].details.get("name")) == (MESSAGE, message.name)
    ]


def _start_key(  # noqa: PLR0917
    engine: "Engine", session: Session, version_id: int, process_id: str, element_id: str, message: Message
) -> str | None:
    package = engine.packages.get(session, version_id)
    node = package.process(process_id)[1].nodes[element_id]
    expression = next((e.details["correlationKey"] for e in node.events if "correlationKey" in e.details), None)
    if expression is None:
        return None
    environment = engine.packages.environment(package, at=engine.clock.now())
    value = environment.evaluate(expression, dict(message.payload))
    key = key_of(value if isinstance(value, Mapping) else {"": value})
    return key.text if key else None


def _reserve(session: Session, process_id: str, name: str, key: str) -> KeyedStart | None:
    """Take a key for an instance to come, until this transaction ends; None while another one's is open."""
    place = {"process_id": process_id, "name": name, "correlation_key": key}
    fresh = insert_once(session, KeyedStart, {**place, "instance_id": None})
    row = session.get_one(KeyedStart, tuple(place.values()), with_for_update=True, populate_existing=True)
    if fresh or row.instance_id is None:
        return row
    status = session.scalar(select(Instance.status).where(Instance.id == row.instance_id))
    return None if status in LIVING else row


def _first(environment: Environment, event: EventDefinition, at: datetime) -> timers.Occurrence | None:
    """Return when a timer is due first; what would have been due before the publishing is over."""
    occurrence: timers.Occurrence | None = timers.first(environment, event.details, {}, at)
    for _ in range(MOST_PASSED):
        if occurrence is None or occurrence.due > at:
            return occurrence
        occurrence = timers.following(environment, event.details, {}, occurrence, occurrence.due)
    return None if occurrence is None else timers.following(environment, event.details, {}, occurrence, at)


def _schedule(session: Session, trigger: StartTrigger, occurrence: timers.Occurrence | None, at: datetime) -> None:
    if occurrence is None:
        session.delete(trigger)
        return
    trigger.rounds = occurrence.left
    add_errand(
        session, kind=START_BY_TIMER, due=occurrence.due, at=at, subject=f"start:{trigger.package_key}",
        payload={"trigger_id": trigger.id, "due": occurrence.due.isoformat()},
    )  # fmt: skip
