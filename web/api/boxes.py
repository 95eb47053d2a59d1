"""The boxes of the inbox and their numbers."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, get_args

from flask import Response, jsonify, request
from marshmallow import fields

from engine import tasks as human_tasks
from engine.tasks.boxes import Box
from web.api.problems import READING
from web.api.room import Room
from web.api.shared import CursorSchema
from web.api.values import Flag, Identifier, Instant, Schema, Text, about
from web.context import person, running_engine
from workflows.access.service import Scope

boxes = Room("box", "The caller's own boxes: to do, acted for others, overseen, done, started, copies")

NAMES = get_args(Box)


class BoxSchema(CursorSchema):
    """Which rows of a box."""

    search = Text(most=100, load_default="")
    process_definition_key = Text(most=80, load_default=None)
    overdue = Flag(load_default=False)
    unread = Flag(load_default=False)


class BoxRowSchema(Schema):
    """One row of a box."""

    task_id = Identifier(attribute="slot_id", allow_none=True)
    process_instance_id = Identifier(attribute="instance_id", required=True)
    task_definition_key = fields.String(attribute="element_id", allow_none=True)
    title = fields.String(required=True)
    step = fields.String(allow_none=True)
    process_name = fields.String()
    initiator_name = fields.String()
    opened_at = Instant(required=True)
    due = Instant(allow_none=True)
    lamp = fields.String(allow_none=True)
    unread = fields.Boolean()
    progress = fields.List(fields.Integer(), allow_none=True, metadata=about("Agreed, and of how many"))
    attachments = fields.Integer()
    comments = fields.Integer()
    state = fields.String()
    outcome = fields.String(allow_none=True)
    copy_id = Identifier(allow_none=True)
    batch = fields.Boolean(metadata=about("Whether many may be agreed to at once"))
    holder = fields.String()


class BoxPageSchema(Schema):
    """A page of a box; ``next`` is the cursor of the one behind it, null at the end."""

    rows = fields.List(fields.Nested(BoxRowSchema), required=True)
    next = fields.String(allow_none=True)


class CountersSchema(Schema):
    """The numbers on the boxes."""

    todo = fields.Integer(required=True)
    unread = fields.Integer(required=True)
    overdue = fields.Integer(required=True)
    mine = fields.Integer(required=True)
    copies = fields.Integer(required=True)
    notices = fields.Integer(required=True)
    proxy = fields.Integer(required=True)


@boxes.operation(
    "GET", f"/boxes/<any({', '.join(NAMES)}):box>", scope=Scope.TASKS_READ, query=BoxSchema, gives=BoxPageSchema,
    operationId="getBox",
)  # fmt: skip
def show(query: Mapping[str, Any], box: str) -> human_tasks.InboxPage:
    """Get a page of a box: 待办, 代我办, 督办, 已办, 我发起, 抄送."""
    running = running_engine()
    with running.db.read() as session:
        return human_tasks.inbox(
            running, session, person_id=person().id, box=box, search=query["search"],
            package_key=query["process_definition_key"], overdue=query["overdue"], unread=query["unread"],
            limit=query["max_results"], before=query["cursor"],
        )  # fmt: skip


@boxes.operation(
    "GET", "/counters", scope=Scope.TASKS_READ, gives=CountersSchema, operationId="getCounters",
    problems=(*READING, 304),
)  # fmt: skip
def counters() -> Response:
    """Get the numbers on the boxes; with If-None-Match 304 while nothing has changed."""
    running = running_engine()
    with running.db.read() as session:
        found = human_tasks.counters(running, session, person_id=person().id)
    response = jsonify(CountersSchema().dump(found))
    response.set_etag(sha256(response.get_data()).hexdigest()[:16])
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response.make_conditional(request)
