"""What does not move a task: remarks, files, drafts, having read it."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from engine import tasks as human_tasks
from engine.errors import InvalidInput
from web.api import operation_schemas as schemas
from web.api.parsing import require_clean
from web.api.problems import CHANGING
from web.api.room import Room, nothing
from web.api.shared import KeySchema, ResultSchema, result_of
from web.api.tasks import AttachmentSchema, attachment_row
from web.context import person, running_engine
from workflows.access.service import Scope

remarks = Room("task-remarks", "Remarks, files and drafts of a task")

WRITE = Scope.TASKS_WRITE
MAX_FIELD = 200


@remarks.operation(
    "POST", "/task/<id:task_id>/comment/create", scope=WRITE, headers=KeySchema, body=schemas.CommentTextSchema,
    gives=ResultSchema, operationId="createComment",
)  # fmt: skip
def comment(headers: Mapping[str, Any], body: Mapping[str, Any], task_id: int) -> Mapping[str, Any]:
    """Remark on the task's instance; it is never an opinion."""
    done = human_tasks.add_comment(
        running_engine(), slot_id=task_id, actor_id=person().id, text=body["message"], key=headers["key"]
    )
    return result_of(done, dry_run=False)


@remarks.operation(
    "POST", "/task/<id:task_id>/attachment/create", scope=WRITE, gives=AttachmentSchema,
    operationId="addAttachment", problems=CHANGING,
    requestBody={
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["field", "content"],
                    "properties": {
                        "field": {"type": "string", "maxLength": MAX_FIELD, "description": "Key of the form's field"},
                        "content": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    },
)  # fmt: skip
def attach(task_id: int) -> Mapping[str, Any]:
    """Upload a file to a field of the form; it is evidence once a submission names its id."""
    field, upload = request.form.get("field", ""), request.files.get("content")
    require_clean(field, "field")
    if upload is None or not field or len(field) > MAX_FIELD:
        wrong = {"content": "请上传文件 / Upload a file"} if upload is None else {"field": "无效 / Not valid"}
        raise InvalidInput("请求内容有误 / The request is not valid", wrong)
    stored = human_tasks.attach(
        running_engine(), slot_id=task_id, actor_id=person().id, field=field, filename=upload.filename or "",
        content=upload.stream.read(),
    )  # fmt: skip
    return attachment_row(stored)


@remarks.operation(
    "DELETE", "/task/<id:task_id>/attachment/<id:attachment_id>", scope=WRITE, status=204,
    operationId="deleteAttachment",
)  # fmt: skip
def detach(task_id: int, attachment_id: int) -> Response:
    """Take back a file that no submission has named yet."""
    human_tasks.detach(running_engine(), slot_id=task_id, actor_id=person().id, attachment_id=attachment_id)
    return nothing()


@remarks.operation(
    "PUT", "/task/<id:task_id>/draft", scope=WRITE, body=schemas.DraftSchema, gives=schemas.DraftVersionSchema,
    operationId="saveDraft",
)  # fmt: skip
def save_draft(body: Mapping[str, Any], task_id: int) -> Mapping[str, Any]:
    """Keep what is typed; an older draftVersion is refused: somebody has the task open twice."""
    version = human_tasks.save_draft(
        running_engine(), slot_id=task_id, actor_id=person().id, data=body["variables"],
        draft_version=body["draft_version"],
    )  # fmt: skip
    return {"draft_version": version}


@remarks.operation("POST", "/task/<id:task_id>/read", scope=WRITE, status=204, operationId="readTask")
def read(task_id: int) -> Response:
    """Note that the caller has seen the task."""
    human_tasks.mark_read(running_engine(), slot_id=task_id, actor_id=person().id)
    return nothing()
