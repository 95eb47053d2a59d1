"""Tasks as they are read: the list with its filters, one task with what may be done to it, its form and remarks."""

from collections.abc import Mapping
from typing import Any

from flask import Response
from marshmallow import fields

from engine import tasks as human_tasks
from engine.errors import NotFound
from engine.tasks.listing import ORDERS
from engine.tasks.models import OPEN_STATES, Attachment
from web.api.address import VERSIONED
from web.api.room import Room
from web.api.shared import CountSchema, PartSchema
from web.api.values import Choice, Flag, Identifier, Instant, Schema, Text, Variables, about
from web.context import person, running_engine
from web.downloads import attachment as as_download
from web.language import side
from workflows.access.service import Scope

tasks = Room("task", "Human tasks: what waits for somebody, with what may be done to it and why not")

READ = Scope.TASKS_READ

VERB_OF = {
    "give_opinion": "resolve",
    "comment": "comment/create",
    "attach": "attachment/create",
    "save_draft": "draft",
}
"""Verbs of actions that Camunda calls otherwise; the others are their names with hyphens."""


class TaskFilterSchema(Schema):
    """Which open tasks. Of tasks that the caller has nothing to do with nobody learns."""

    process_instance_id = Identifier(load_default=None)
    process_definition_id = Identifier(load_default=None)
    process_definition_key = Text(most=80, load_default=None)
    task_definition_key = Text(most=200, load_default=None, metadata=about("The element's id in the diagram"))
    assignee = Identifier(load_default=None, metadata=about("The person's id"))
    candidate_user = Identifier(load_default=None, metadata=about("Pooled tasks that this person may claim"))
    unassigned = Flag(load_default=False)
    state = Choice([one.value for one in OPEN_STATES], load_default=None)
    name = Text(most=300, load_default=None)
    name_like = Text(most=100, load_default="", metadata=about("A part of the name"))
    title_like = Text(most=100, load_default="", metadata=about("A part of the instance's title"))
    due_before = Instant(load_default=None)
    due_after = Instant(load_default=None)
    created_before = Instant(load_default=None)
    created_after = Instant(load_default=None)


class TaskListSchema(TaskFilterSchema, PartSchema):
    """Which open tasks, in which order, and which part of them."""

    sort_by = Choice(list(ORDERS), load_default="created")
    sort_order = Choice(["asc", "desc"], load_default="asc")


class TaskSchema(Schema):
    """One task: a person's part in one entry of the process into a human node."""

    id = Identifier(required=True)
    name = fields.String(required=True)
    title = fields.String(required=True)
    assignee = Identifier(allow_none=True)
    assignee_name = fields.String()
    state = fields.String(required=True)
    kind = fields.String(metadata=about("`approval`, `work` or `extension`"))
    policy = fields.String()
    round = fields.Integer()
    created = Instant(required=True)
    due = Instant(allow_none=True)
    read_at = Instant(allow_none=True)
    form_key = fields.String(allow_none=True)
    task_definition_key = fields.String()
    process_instance_id = Identifier(required=True)
    process_definition_id = Identifier()
    process_definition_key = fields.String(allow_none=True)
    process_id = fields.String()
    suspended = fields.Boolean()
    version = fields.Integer(required=True, metadata=about("Of the instance; sent back with an operation"))


class ActionSchema(Schema):
    """An operation, whether it is allowed now, and why not."""

    name = fields.String(required=True)
    allowed = fields.Boolean(required=True)
    reason = fields.String(required=True, metadata=about("Why it is not allowed, empty when it is"))
    href = fields.String(required=True, metadata=about("Where to POST it"))


class SignerSchema(Schema):
    """One of those who sign, with the answer."""

    person = fields.String()
    state = fields.String()
    opinion = fields.String(allow_none=True)


class TaskDetailSchema(TaskSchema):
    """One task with everything that a decision needs."""

    lamp = fields.String(allow_none=True, metadata=about("`green`, `yellow` or `red`"))
    available_actions = fields.List(fields.Nested(ActionSchema), data_key="available_actions", required=True)
    electorate = fields.List(fields.Nested(SignerSchema))
    rights = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata=about("`edit`, `read` or `hidden` by field")
    )


class TimelineSchema(Schema):
    """One step: done, current or predicted."""

    kind = fields.String(required=True)
    name = fields.String(required=True)
    people = fields.List(fields.String())
    operation = fields.String(allow_none=True)
    opinion = fields.String(allow_none=True)
    at = Instant(allow_none=True)
    seconds = fields.Integer(allow_none=True)
    task_definition_key = fields.String()
    round = fields.Integer()


class ReturnTargetSchema(Schema):
    """A node that a task may be returned to, and how it may come back."""

    element_id = fields.String(required=True)
    name = fields.String(required=True)
    person = fields.String()
    modes = fields.List(fields.String(), metadata=about("`direct`, `again`"))


class CommentSchema(Schema):
    """A remark; never an opinion."""

    id = Identifier(required=True)
    user_id = Identifier(required=True)
    user_name = fields.String()
    message = fields.String(required=True)
    time = Instant(required=True)


class AttachmentSchema(Schema):
    """A file of a field."""

    id = Identifier(required=True)
    name = fields.String(required=True)
    field = fields.String(required=True)
    type = fields.String()
    size = fields.Integer()
    digest = fields.String(metadata=about("SHA-256 of its bytes"))
    created = Instant()
    submitted = fields.Boolean(metadata=about("Whether it is evidence already"))


class VariablesSchema(Schema):
    """Variables by name."""

    variables = Variables(required=True)


@tasks.operation("GET", "/task", scope=READ, query=TaskListSchema, gives=TaskSchema(many=True), operationId="getTasks")
def list_tasks(query: dict[str, Any]) -> list[Mapping[str, Any]]:
    """List open tasks."""
    running = running_engine()
    order = {"order": query.pop("sort_by"), "descending": query.pop("sort_order") == "desc"}
    part = {"first": query.pop("first_result"), "most": query.pop("max_results")}
    with running.db.read() as session:
        wanted = _filter(query, **order)
        found = human_tasks.find_tasks(running, session, person_id=person().id, wanted=wanted, **part)
        return [_row(one) for one in found]


@tasks.operation(
    "GET", "/task/count", scope=READ, query=TaskFilterSchema, gives=CountSchema, operationId="getTasksCount"
)
def count_tasks(query: dict[str, Any]) -> Mapping[str, Any]:
    """Count open tasks."""
    running = running_engine()
    with running.db.read() as session:
        found = human_tasks.count_tasks(running, session, person_id=person().id, wanted=_filter(query))
        return {"count": found}


@tasks.operation("GET", "/task/<id:task_id>", scope=READ, gives=TaskDetailSchema, operationId="getTask")
def get_task(task_id: int) -> Mapping[str, Any]:
    """Get one task with what may be done to it."""
    running = running_engine()
    found = _detail(task_id)
    with running.db.read() as session:
        wanted = found.slot.owner_id
        owner = running.people.names(session, [wanted]).get(wanted, "") if wanted is not None else ""
        package = running.packages.get(session, found.instance.package_version_id)
    row = human_tasks.TaskRow(found.slot, found.activation, found.instance, package.key, package.version, owner)
    return {
        **_row(row),
        "lamp": found.lamp,
        "available_actions": [
            {
                "name": one.name,
                "allowed": one.allowed,
                "reason": side(one.reason),
                "href": f"{VERSIONED}/task/{task_id}/{VERB_OF.get(one.name, one.name.replace('_', '-'))}",
            }
            for one in found.actions
        ],
        "electorate": found.electorate,
        "rights": found.rights,
    }


@tasks.operation(
    "GET", "/task/<id:task_id>/form-variables", scope=READ, gives=VariablesSchema, operationId="getFormVariables"
)
def get_form_variables(task_id: int) -> Mapping[str, Any]:
    """Get the form's values with the caller's draft over them; hidden fields are left out."""
    return {"variables": _detail(task_id).data}


@tasks.operation(
    "GET", "/task/<id:task_id>/timeline", scope=READ, gives=TimelineSchema(many=True), operationId="getTaskTimeline"
)
def get_timeline(task_id: int) -> list[Mapping[str, Any]]:
    """Get what was done, what is waited for, and what is predicted."""
    return timeline_rows(_detail(task_id).timeline)


@tasks.operation(
    "GET", "/task/<id:task_id>/return-targets", scope=READ, gives=ReturnTargetSchema(many=True),
    operationId="getReturnTargets",
)  # fmt: skip
def get_return_targets(task_id: int) -> list[human_tasks.ReturnTarget]:
    """Get the nodes that the task may be returned to, the latest first."""
    return _detail(task_id).return_targets


@tasks.operation(
    "GET", "/task/<id:task_id>/comment", scope=READ, gives=CommentSchema(many=True), operationId="getTaskComments"
)
def get_comments(task_id: int) -> list[Mapping[str, Any]]:
    """Get the remarks on the task's instance."""
    running = running_engine()
    found = _detail(task_id).comments
    with running.db.read() as session:
        names = running.people.names(session, sorted({one.person_id for one in found}))
    return [
        {
            "id": one.id,
            "user_id": one.person_id,
            "user_name": names.get(one.person_id, ""),
            "message": one.text,
            "time": one.created_at,
        }
        for one in found
    ]


@tasks.operation(
    "GET", "/task/<id:task_id>/attachment", scope=READ, gives=AttachmentSchema(many=True),
    operationId="getAttachments",
)  # fmt: skip
def get_attachments(task_id: int) -> list[Mapping[str, Any]]:
    """Get the files of the task's instance; those of hidden fields are left out."""
    found = _detail(task_id)
    shown = [one for field, ones in found.attachments.items() if found.rights.get(field) != "hidden" for one in ones]
    return [attachment_row(one) for one in shown]


@tasks.operation(
    "GET", "/task/<id:task_id>/attachment/<id:attachment_id>/data", scope=READ, operationId="getAttachmentData",
)  # fmt: skip
def get_attachment_data(task_id: int, attachment_id: int) -> Response:
    """Get a file's bytes."""
    found = _detail(task_id)
    row, content = human_tasks.download(running_engine(), attachment_id=attachment_id, person_id=person().id)
    if row.instance_id != found.instance.id or found.rights.get(row.field) == "hidden":
        raise NotFound("没有这个附件 / There is no such attachment")
    return as_download(content, filename=row.filename, media_type=row.media_type)


def attachment_row(one: Attachment) -> Mapping[str, Any]:
    """Return a file for :class:`AttachmentSchema`."""
    return {
        "id": one.id,
        "name": one.filename,
        "field": one.field,
        "type": one.media_type,
        "size": one.size,
        "digest": one.digest,
        "created": one.uploaded_at,
        "submitted": one.submission_id is not None,
    }


def timeline_rows(entries: list[human_tasks.TimelineEntry]) -> list[Mapping[str, Any]]:
    """Return steps for :class:`TimelineSchema`."""
    return [
        {
            "kind": one.kind,
            "name": one.name,
            "people": one.person_names,
            "operation": one.operation,
            "opinion": one.opinion,
            "at": one.at,
            "seconds": None if one.duration is None else int(one.duration.total_seconds()),
            "task_definition_key": one.element_id,
            "round": one.round,
        }
        for one in entries
    ]


def _detail(task_id: int) -> human_tasks.TaskDetail:
    running = running_engine()
    with running.db.read() as session:
        return human_tasks.task_detail(running, session, slot_id=task_id, person_id=person().id)


def _filter(query: Mapping[str, Any], **order: Any) -> human_tasks.TaskFilter:
    return human_tasks.TaskFilter(
        instance_id=query["process_instance_id"],
        version_id=query["process_definition_id"],
        package_key=query["process_definition_key"],
        element_id=query["task_definition_key"],
        candidate=query["candidate_user"],
        **{
            name: query[name]
            for name in (
                "assignee", "unassigned", "state", "name", "name_like", "title_like", "due_before", "due_after",
                "created_before", "created_after",
            )
        },
        **order,
    )  # fmt: skip


def _row(one: human_tasks.TaskRow) -> dict[str, Any]:
    slot, activation, instance = one.slot, one.activation, one.instance
    return {
        "id": slot.id,
        "name": activation.name,
        "title": activation.title or instance.title,
        "assignee": slot.owner_id,
        "assignee_name": one.owner,
        "state": slot.state,
        "kind": activation.kind,
        "policy": activation.policy,
        "round": activation.round,
        "created": slot.opened_at,
        "due": activation.due,
        "read_at": slot.read_at,
        "form_key": activation.form,
        "task_definition_key": activation.element_id,
        "process_instance_id": instance.id,
        "process_definition_id": instance.package_version_id,
        "process_definition_key": one.package_key,
        "process_id": instance.process_id,
        "suspended": instance.status == "suspended",
        "version": instance.version,
    }
