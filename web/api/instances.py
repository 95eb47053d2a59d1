"""Process instances: starting, reading, what was done in them, what will be."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks as human_tasks
from engine.definitions.models import PackageVersion
from engine.errors import NotFound
from engine.history import HistoryLine
from engine.instances.models import Instance, InstanceStatus
from engine.instances.overview import InstanceFilter, InstanceRow, count_instances, list_instances
from web.api.definitions import version_of
from web.api.room import Room
from web.api.shared import CountSchema, KeySchema, PartSchema
from web.api.tasks import TimelineSchema, timeline_rows
from web.api.values import Choice, Flag, Identifier, Instant, Items, Schema, Text, Variables, about
from web.context import person, running_engine
from web.instances.access import seen_instance
from workflows.access.service import Scope
from workflows.campaigns.launch import start_package

instances = Room("process-instance", "Instances: what the caller started, or has to do with; administrators see all")
history = Room("history", "The append-only record")

READ, WRITE = Scope.INSTANCES_READ, Scope.INSTANCES_WRITE


class StartSchema(Schema):
    """What an instance starts with."""

    variables = Variables(load_default=dict)
    title = Text(most=300, load_default="")
    unit_ids = Items(
        Identifier(), most=10_000, load_default=None, allow_none=True,
        metadata=about("Of a campaign: the units that take part; all that its plan allows unless given"),
    )  # fmt: skip


class InstanceSchema(Schema):
    """An instance."""

    id = Identifier(required=True)
    title = fields.String(required=True)
    definition_id = Identifier(required=True)
    definition_key = fields.String(required=True)
    process_id = fields.String(required=True)
    status = fields.String(required=True)
    ended = fields.Boolean(required=True)
    suspended = fields.Boolean(required=True)
    outcome = fields.String(allow_none=True)
    open_incidents = fields.Integer()
    parent_id = Identifier(allow_none=True)
    created = Instant(required=True)
    ended_at = Instant(allow_none=True)
    version = fields.Integer(allow_none=True, metadata=about("Its turns; null in lists"))


class InstanceFilterSchema(Schema):
    """Which instances."""

    process_definition_key = Text(most=80, load_default=None)
    process_definition_id = Identifier(load_default=None)
    status = Choice([one.value for one in InstanceStatus], load_default=None)
    parent_id = Identifier(load_default=None)
    with_incident = Flag(load_default=False)
    root_process_instances = Flag(load_default=False, metadata=about("Without those that others called"))
    title_like = Text(most=100, load_default="")


class InstanceListSchema(InstanceFilterSchema, PartSchema):
    """Which instances, and which part of them."""


class PredictedSchema(Schema):
    """A step to come."""

    element_id = fields.String(required=True)
    name = fields.String(required=True)
    policy = fields.String()
    people = fields.List(fields.String())
    person_ids = fields.List(Identifier())
    rule = fields.String(metadata=about("The rule that finds the people"))
    certain = fields.Boolean(metadata=about("False behind what nobody can know yet"))


class LineSchema(Schema):
    """One line of the record."""

    sequence = fields.Integer(required=True)
    at = Instant(required=True)
    operation = fields.String(required=True)
    element_id = fields.String(allow_none=True)
    round = fields.Integer(allow_none=True)
    actor_id = Identifier(allow_none=True)
    actor = fields.String(allow_none=True)
    principal_id = Identifier(allow_none=True)
    rule = fields.String(allow_none=True)
    from_state = fields.String(allow_none=True)
    to_state = fields.String(allow_none=True)
    opinion = fields.String(allow_none=True)
    digest = fields.String(metadata=about("Chains it to the line before"))


class HistoryQuerySchema(PartSchema):
    """Whose record, and which part of it."""

    process_instance_id = Identifier(required=True)


@instances.operation(
    "POST", "/process-definition/key/<string(maxlength=80):key>/start", scope=WRITE, headers=KeySchema,
    body=StartSchema, gives=InstanceSchema, operationId="startProcessInstanceByKey",
)  # fmt: skip
def start_by_key(headers: Mapping[str, Any], body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Start an instance of a live package; a package with phases starts its campaign."""
    return _start(key, headers, body)


@instances.operation(
    "POST", "/process-definition/<id:definition_id>/start", scope=WRITE, headers=KeySchema, body=StartSchema,
    gives=InstanceSchema, operationId="startProcessInstance",
)  # fmt: skip
def start_version(headers: Mapping[str, Any], body: Mapping[str, Any], definition_id: int) -> Mapping[str, Any]:
    """Start an instance of a live version; an older one starts nothing any more."""
    with running_engine().db.read() as session:
        found = version_of(session, definition_id)
    if not found.live:
        raise NotFound("这个版本已不再发起 / This version is not started any more")
    return _start(found.key, headers, body)


@instances.operation(
    "POST", "/process-definition/key/<string(maxlength=80):key>/forecast", scope=READ, body=StartSchema,
    gives=PredictedSchema(many=True), operationId="forecastStart",
)  # fmt: skip
def forecast_start(body: Mapping[str, Any], key: str) -> list[human_tasks.Predicted]:
    """Predict the steps and signers of an instance that is not started yet."""
    running = running_engine()
    with running.db.read() as session:
        return human_tasks.forecast_start(
            running, session, package_key=key, variables=body["variables"], initiator_id=person().id
        )


@instances.operation(
    "GET", "/process-instance", scope=READ, query=InstanceListSchema, gives=InstanceSchema(many=True),
    operationId="getProcessInstances",
)  # fmt: skip
def list_them(query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """List instances, the newest first: one's own; administrators see all."""
    with running_engine().db.read() as session:
        part = {"limit": query["max_results"], "first": query["first_result"]}
        return [_row(one) for one in list_instances(session, _filter(query), **part).rows]


@instances.operation(
    "GET", "/process-instance/count", scope=READ, query=InstanceFilterSchema, gives=CountSchema,
    operationId="getProcessInstancesCount",
)  # fmt: skip
def count_them(query: Mapping[str, Any]) -> Mapping[str, Any]:
    """Count instances."""
    with running_engine().db.read() as session:
        return {"count": count_instances(session, _filter(query))}


@instances.operation(
    "GET", "/process-instance/<id:instance_id>", scope=READ, gives=InstanceSchema, operationId="getProcessInstance"
)
def get_instance(instance_id: int) -> Mapping[str, Any]:
    """Get one instance."""
    with running_engine().db.read() as session:
        return instance_row(session, seen_instance(session, instance_id).instance)


@instances.operation(
    "GET", "/process-instance/<id:instance_id>/timeline", scope=READ, gives=TimelineSchema(many=True),
    operationId="getProcessInstanceTimeline",
)  # fmt: skip
def get_timeline(instance_id: int) -> list[Mapping[str, Any]]:
    """Get what was done, what is waited for, and what is predicted."""
    with running_engine().db.read() as session:
        return timeline_rows(seen_instance(session, instance_id).timeline)


@instances.operation(
    "GET", "/process-instance/<id:instance_id>/forecast", scope=READ, gives=PredictedSchema(many=True),
    operationId="forecastProcessInstance",
)  # fmt: skip
def forecast(instance_id: int) -> list[human_tasks.Predicted]:
    """Predict the steps and signers to come."""
    running = running_engine()
    with running.db.read() as session:
        instance = seen_instance(session, instance_id).instance
        return human_tasks.forecast(running, session, instance=instance)


@instances.operation(
    "GET", "/task/<id:task_id>/forecast", scope=Scope.TASKS_READ, gives=PredictedSchema(many=True),
    operationId="forecastTask",
)  # fmt: skip
def forecast_task(task_id: int) -> list[human_tasks.Predicted]:
    """Predict the steps and signers behind a task."""
    running = running_engine()
    with running.db.read() as session:
        found = human_tasks.task_detail(running, session, slot_id=task_id, person_id=person().id)
        return human_tasks.forecast(running, session, instance=found.instance)


@history.operation(
    "GET", "/history/user-operation", scope=READ, query=HistoryQuerySchema, gives=LineSchema(many=True),
    operationId="getUserOperations",
)  # fmt: skip
def lines(query: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Get who did what in an instance, the oldest first."""
    running = running_engine()
    with running.db.read() as session:
        seen_instance(session, query["process_instance_id"])
        found = session.scalars(
            select(HistoryLine)
            .where(
                HistoryLine.instance_id == query["process_instance_id"],
                HistoryLine.operation.not_in(("enter", "leave")),
            )
            .order_by(HistoryLine.sequence)
            .offset(query["first_result"])
            .limit(query["max_results"])
        ).all()
        names = running.people.names(session, sorted({one.actor_id for one in found if one.actor_id is not None}))
        return [_line(one, names) for one in found]


@history.operation(
    "GET", "/history/process-instance/<id:instance_id>", scope=READ, gives=InstanceSchema,
    operationId="getHistoricProcessInstance",
)  # fmt: skip
def get_historic(instance_id: int) -> Mapping[str, Any]:
    """Get one instance, running or over: nothing is ever moved away."""
    return get_instance(instance_id)


def instance_row(session: Session, one: Instance) -> Mapping[str, Any]:
    """Return an instance for :class:`InstanceSchema`."""
    package = session.get_one(PackageVersion, one.package_version_id)
    return {
        "id": one.id,
        "title": one.title,
        "definition_id": one.package_version_id,
        "definition_key": package.key,
        "process_id": one.process_id,
        "status": one.status,
        "ended": one.ended_at is not None,
        "suspended": one.status == InstanceStatus.SUSPENDED,
        "outcome": one.outcome,
        "open_incidents": one.open_incidents,
        "parent_id": one.parent_id,
        "created": one.created_at,
        "ended_at": one.ended_at,
        "version": one.version,
    }


def _start(key: str, headers: Mapping[str, Any], body: Mapping[str, Any]) -> Mapping[str, Any]:
    running = running_engine()
    started = start_package(
        running, package_key=key, variables=body["variables"], initiator_id=person().id, title=body["title"].strip(),
        key=headers["key"], unit_ids=body["unit_ids"],
    )  # fmt: skip
    with running.db.read() as session:
        return instance_row(session, session.get_one(Instance, started))


def _filter(query: Mapping[str, Any]) -> InstanceFilter:
    return InstanceFilter(
        package_key=query["process_definition_key"],
        version_id=query["process_definition_id"],
        status=query["status"],
        incident=query["with_incident"],
        roots_only=query["root_process_instances"],
        parent_id=query["parent_id"],
        search=query["title_like"],
        initiator_id=None if person().is_administrator else person().id,
    )


def _row(one: InstanceRow) -> Mapping[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "definition_id": one.version_id,
        "definition_key": one.package_key,
        "process_id": one.process_id,
        "status": one.status,
        "ended": one.ended_at is not None,
        "suspended": one.status == InstanceStatus.SUSPENDED,
        "outcome": one.outcome,
        "open_incidents": one.open_incidents,
        "parent_id": one.parent_id,
        "created": one.created_at,
        "ended_at": one.ended_at,
        "version": None,
    }


def _line(one: HistoryLine, names: Mapping[int, str]) -> Mapping[str, Any]:
    shown = (
        "sequence", "at", "operation", "element_id", "round", "actor_id", "principal_id", "rule", "from_state",
        "to_state", "opinion", "digest",
    )  # fmt: skip
    actor = None if one.actor_id is None else names.get(one.actor_id)
    return {name: getattr(one, name) for name in shown} | {"actor": actor}
