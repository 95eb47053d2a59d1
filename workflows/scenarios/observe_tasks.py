"""What a scenario can look at in tasks and instances: deadlines, people, notices, variables, history."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks
from engine.history.models import HistoryLine
from engine.instances.models import Incident, Instance
from engine.tasks.models import Activation, Attachment, Notice, Slot, SlotCandidate
from workflows.scenarios.schemas import Strict, TaskSchema, Units, text
from workflows.scenarios.subject import (
    NoArguments,
    Subject,
    in_units,
    instance_unit,
    narrowed,
    number_of,
    one_of,
    same_or_all,
)
from workflows.scenarios.world import World, instant_of, local


class _AnyTask(TaskSchema):
    """A task by element; closed ones count too."""

    round = fields.Integer(load_default=None)


class _Notices(Strict):
    who = text(load_default=None)
    kind = text(load_default=None)
    contains = text(load_default=None)
    since = text(load_default=None)
    unit = Units(load_default=dict)


class _Instances(Strict):
    process = text(required=True)
    status = text(load_default=None)
    unit = Units(load_default=dict)


class _Variable(Strict):
    process = text(required=True)
    name = text(required=True)
    unit = Units(load_default=dict)


class _History(Strict):
    operation = text(required=True)
    task = text(load_default=None)
    unit = Units(load_default=dict)
    rule = text(load_default=None)
    who = text(load_default=None)


class _Box(Strict):
    who = text(required=True)
    box = one_of("todo", "done", "mine", "copies")
    overdue = fields.Boolean(load_default=False)


class _Attachments(Strict):
    field = text(load_default=None)
    task = text(load_default=None)
    unit = Units(load_default=dict)


def _open(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return len(world.tickets(session, task=want["task"], units=want["unit"], who=want["who"], where=want["where"]))


def _activations(world: World, session: Session, want: Mapping[str, Any]) -> list[tuple[Activation, Instance]]:
    query = (
        select(Activation, Instance)
        .join(Instance, Instance.id == Activation.instance_id)
        .where(Activation.element_id == want["task"])
        .order_by(Instance.unit_id, Activation.opened_at, Activation.id)
    )
    query = narrowed(in_units(query, world, want, Instance.unit_id), Activation, want, "round")
    found = [(activation, instance) for activation, instance in session.execute(query)]
    return [
        (activation, instance)
        for activation, instance in found
        if all(str(instance.variables.get(name)) == str(value) for name, value in want["where"].items())
    ]


def _one_or_list(values: list[Any]) -> Any:
    """Return the common value where all are the same, else the different ones in order."""
    different = list(dict.fromkeys(values))
    return different[0] if len(different) == 1 else different


def _due(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    return _one_or_list([local(activation.due) for activation, _ in _activations(world, session, want)])


def _warned(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    return _one_or_list([local(activation.warn_at) for activation, _ in _activations(world, session, want)])


def _opened(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    return _one_or_list([local(activation.opened_at) for activation, _ in _activations(world, session, want)])


def _rounds(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return len(_activations(world, session, want))


def _lamp(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    rows = [activation for activation, _ in _activations(world, session, want) if activation.closed_at is None]
    return _one_or_list([tasks.lamp(activation, world.clock.now()) for activation in rows])


def _routed(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    """Return the logins of those who have the task: owners, or candidates of a pooled one."""
    ids = [activation.id for activation, _ in _activations(world, session, want)]
    slots = session.scalars(select(Slot).where(Slot.activation_id.in_(ids))).all()
    people = {slot.owner_id for slot in slots if slot.owner_id is not None}
    pooled = [slot.id for slot in slots if slot.owner_id is None]
    people |= set(session.scalars(select(SlotCandidate.person_id).where(SlotCandidate.slot_id.in_(pooled))))
    return _one_or_list(sorted(str(world.login(person)) for person in people))


def _notices(world: World, session: Session, want: Mapping[str, Any]) -> int:
    query = in_units(narrowed(select(Notice.id), Notice, want, "kind"), world, want, instance_unit(Notice))
    if want["who"]:
        query = query.where(Notice.person_id == world.person(want["who"]))
    if want["contains"]:
        query = query.where(Notice.title.contains(want["contains"]))
    if want["since"]:
        query = query.where(Notice.created_at >= instant_of(want["since"]))
    return number_of(session, query)


def _select_instances(world: World, session: Session, want: Mapping[str, Any]) -> list[Instance]:
    world.package.process(want["process"])
    query = select(Instance).where(Instance.process_id == want["process"]).order_by(Instance.unit_id, Instance.id)
    return list(session.scalars(in_units(query, world, want, Instance.unit_id)))


def _instances(world: World, session: Session, want: Mapping[str, Any]) -> int:
    rows = _select_instances(world, session, want)
    return sum(want["status"] in (None, row.status) for row in rows)


def _variable(world: World, session: Session, want: Mapping[str, Any]) -> Any:
    return same_or_all([row.variables.get(want["name"]) for row in _select_instances(world, session, want)])


def _history(world: World, session: Session, want: Mapping[str, Any]) -> int:
    query = select(HistoryLine.instance_id).where(HistoryLine.operation == want["operation"])
    query = in_units(narrowed(query, HistoryLine, want, "rule"), world, want, instance_unit(HistoryLine))
    if want["task"]:
        query = query.where(HistoryLine.element_id == want["task"])
    if want["who"]:
        query = query.where(HistoryLine.actor_id == world.person(want["who"]))
    return number_of(session, query)


def _inbox(world: World, session: Session, want: Mapping[str, Any]) -> int:
    page = tasks.inbox(
        world.engine,
        session,
        person_id=world.person(want["who"]),
        box=want["box"],
        overdue=want["overdue"],
        limit=200,
    )
    return len(page.rows)


def _attachments(world: World, session: Session, want: Mapping[str, Any]) -> int:
    query = (
        select(Attachment.id)
        .join(Activation, Activation.id == Attachment.activation_id)
        .where(Attachment.submission_id.is_not(None))
    )
    query = in_units(narrowed(query, Attachment, want, "field"), world, want, instance_unit(Attachment))
    if want["task"]:
        query = query.where(Activation.element_id == want["task"])
    return number_of(session, query)


def _incidents(world: World, session: Session, want: Mapping[str, Any]) -> int:
    return number_of(session, select(Incident.id).where(Incident.status == "open"))


SUBJECTS: Mapping[str, Subject] = {
    "open": Subject(TaskSchema, _open),
    "due": Subject(_AnyTask, _due),
    "warned": Subject(_AnyTask, _warned),
    "opened": Subject(_AnyTask, _opened),
    "rounds": Subject(_AnyTask, _rounds),
    "lamp": Subject(_AnyTask, _lamp),
    "routed": Subject(_AnyTask, _routed),
    "notices": Subject(_Notices, _notices),
    "instances": Subject(_Instances, _instances),
    "variable": Subject(_Variable, _variable),
    "history": Subject(_History, _history),
    "inbox": Subject(_Box, _inbox),
    "attachments": Subject(_Attachments, _attachments),
    "incidents": Subject(NoArguments, _incidents),
}
