"""What a dry run shows: tokens, tasks, waits, variables, history; plain values, ids as texts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks
from engine.definitions.model import Process
from engine.errors import DubanError
from engine.history import HistoryLine, Visit
from engine.instances.models import Incident, Instance
from engine.instances.view import instance_view
from engine.messages.models import StartTrigger, Subscription
from engine.testing.observed import open_items
from engine.work.sweeper import next_due
from workflows.designer.sandbox.cast import about
from workflows.designer.sandbox.live import Live
from workflows.designer.sandbox.steps import ACTIONS, all_tickets, words_of
from workflows.designer.trying import plain_value
from workflows.organisation.models import Person
from workflows.scenarios.outside import waiting_services
from workflows.scenarios.world import Ticket, World, local

MOST_INSTANCES = 60
MOST_LINES = 200
MOST_TASKS = 60


def state_of(live: Live, steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return everything that the page of a dry run shows."""
    world = live.world
    with world.engine.db.read() as session:
        rows = list(session.scalars(select(Instance).order_by(Instance.id).limit(MOST_INSTANCES)))
        running = [row for row in rows if row.ended_at is None]
        return {
            "now": local(world.clock.now()),
            "next_due": local(next_due(world.engine)),
            "ended": bool(rows) and not running,
            "steps": [{"number": number, "words": words_of(one)} for number, one in enumerate(steps, start=1)],
            "people": _people(session, live),
            "instances": [_instance(world, session, row) for row in rows],
            "tasks": [_task(world, session, name, ticket) for name, ticket in all_tickets(world)[:MOST_TASKS]],
            "waits": [one for row in running for one in _waits(world, session, row)],
            "messages": _awaited(session, "message"),
            "signals": _awaited(session, "signal"),
            "history": _history(world, session),
        }


def seen_tasks(world: World) -> dict[str, Any]:
    """Return what a recorded step is checked by afterwards: open tasks by element, and states of instances."""
    opens: dict[str, int] = {}
    for _, ticket in all_tickets(world):
        opens[ticket.activation.element_id] = opens.get(ticket.activation.element_id, 0) + 1
    states: dict[str, dict[str, int]] = {}
    with world.engine.db.read() as session:
        for process, status in session.execute(select(Instance.process_id, Instance.status)):
            of_process = states.setdefault(process, {})
            of_process[str(status)] = of_process.get(str(status), 0) + 1
    return {"opens": opens, "states": states}


def _people(session: Session, live: Live) -> list[dict[str, str]]:
    told = about(live.people)
    names = {row.login: row.name for row in session.execute(select(Person.login, Person.name))}
    return [{"login": login, "name": names[login], "about": told.get(login, "")} for login in live.world.logins]


def _instance(world: World, session: Session, row: Instance) -> dict[str, Any]:
    view = instance_view(world.engine, session, row.id)
    lines = session.execute(
        select(HistoryLine.operation, HistoryLine.element_id)
        .where(HistoryLine.instance_id == row.id, HistoryLine.operation.in_(("enter", "leave")))
        .order_by(HistoryLine.sequence)
    ).all()
    path, process = next(
        (path, definition.processes[row.process_id])
        for path, definition in world.package.diagrams.items()
        if row.process_id in definition.processes
    )
    failed = select(Incident).where(Incident.instance_id == row.id, Incident.status == "open")
    visited = select(Visit.element_id).where(Visit.instance_id == row.id, Visit.lasted.is_not(None)).distinct()
    return {
        "id": str(row.id),
        "parent": str(row.parent_id) if row.parent_id else None,
        "process": row.process_id,
        "path": path,
        "title": row.title,
        "state": row.status,
        "outcome": row.outcome,
        "unit": world.unit_code(row.unit_id),
        "tokens": [
            {
                "element": one.element_id,
                "state": "waiting" if one.state == "joining" else one.state,
                "kind": one.wait,
                "due": local(one.due),
            }
            for one in view.tokens
            if not one.listens
        ],
        "done": list(session.scalars(visited)),
        "flows": sorted(_taken(process, [(str(row[0]), str(row[1])) for row in lines])),
        "variables": plain_value(dict(row.variables)),
        "incidents": [
            {"element": one.element_id, "code": one.code, "message": one.message} for one in session.scalars(failed)
        ],
    }


def _taken(process: Process, lines: Sequence[tuple[str, str]]) -> set[str]:
    """Return the flows that tokens took: an element that was left leads to the ones entered after it."""
    flows: dict[tuple[str, str], str] = {(one.source, one.target): one.id for one in process.flows.values()}
    left: dict[str, int] = {}
    taken: set[str] = set()
    for place, (operation, element) in enumerate(lines):
        if operation == "leave":
            left[element] = place
            continue
        before = [(left[source], source) for source, target in flows if target == element and source in left]
        if before:
            taken.add(flows[max(before)[1], element])
    return taken


def _task(world: World, session: Session, name: str, ticket: Ticket) -> dict[str, Any]:
    logins = [login for person in ticket.people if (login := world.login(person))]
    told: dict[str, Any] = {
        "id": name,
        "instance": str(ticket.instance.id),
        "element": ticket.activation.element_id,
        "name": ticket.activation.name or ticket.activation.element_id,
        "title": ticket.activation.title or ticket.instance.title,
        "kind": ticket.activation.kind,
        "unit": world.unit_code(ticket.instance.unit_id),
        "people": logins,
        "owner": world.login(ticket.slot.owner_id),
        "due": local(ticket.activation.due),
        "form": None,
        "data": {},
        "rights": {},
        "actions": [],
        "return_targets": [],
    }
    if not ticket.people:
        return told
    try:
        detail = tasks.task_detail(world.engine, session, slot_id=ticket.slot.id, person_id=ticket.people[0])
    except DubanError:
        return told
    allowed = {action.name for action in detail.actions if action.allowed or ticket.slot.owner_id is None}
    return told | {
        "form": detail.form.schema if detail.form else None,
        "data": plain_value(dict(detail.data)),
        "rights": dict(detail.rights),
        "actions": [action for action in ACTIONS if action in allowed],
        "return_targets": [{"element": one.element_id, "name": one.name} for one in detail.return_targets],
    }


def _waits(world: World, session: Session, row: Instance) -> Iterator[dict[str, Any]]:
    asked = {(one.instance_id, one.token) for one in waiting_services(world)}
    process = world.engine.packages.get(session, row.package_version_id).process(row.process_id)[1]
    for item in open_items(world.engine, session, row):
        if item.kind in ("user task", "call", "manual task"):
            continue
        if item.kind == "service" and (item.instance_id, item.token) not in asked:
            continue
        yield {
            "instance": str(item.instance_id),
            "token": item.token,
            "element": item.element_id,
            "kind": item.kind,
            "name": item.name or process.nodes[item.element_id].name or item.element_id,
            "due": local(item.due),
            "inputs": _inputs(world, session, row, item.element_id, item.scope) if item.kind == "service" else {},
        }


def _inputs(world: World, session: Session, row: Instance, element: str, scope: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that a service would be called with; what cannot be evaluated stands as its sentence."""
    package = world.engine.packages.get(session, row.package_version_id)
    environment = world.engine.packages.environment(package, at=world.clock.now())
    found: dict[str, Any] = {}
    for name, text in package.process(row.process_id)[1].nodes[element].inputs.items():
        try:
            found[name] = plain_value(environment.evaluate(text, {**row.variables, **scope}))
        except DubanError as error:
            found[name] = str(error)
    return found


def _awaited(session: Session, kind: str) -> list[str]:
    waits = select(Subscription.name).where(Subscription.kind == kind)
    starts = select(StartTrigger.name).where(StartTrigger.kind == kind)
    return sorted({*session.scalars(waits), *session.scalars(starts)})


def _history(world: World, session: Session) -> list[dict[str, Any]]:
    query = select(HistoryLine).where(HistoryLine.operation.not_in(("enter", "leave")))
    lines = list(session.scalars(query.order_by(HistoryLine.at.desc(), HistoryLine.id.desc()).limit(MOST_LINES)))
    return [
        {
            "at": local(line.at),
            "instance": str(line.instance_id),
            "element": line.element_id,
            "operation": line.operation,
            "who": world.login(line.actor_id) or "",
            "words": line.opinion or "",
        }
        for line in reversed(lines)
    ]
