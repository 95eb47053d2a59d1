"""Reading and deciding one task. Every POST redirects; nothing here needs JavaScript."""

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks as human_tasks
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, Stale
from engine.tasks.desk import open_desk
from engine.tasks.models import Attachment, AttachmentContent, Slot
from web.context import person, rehearsing, running_engine, wants_fragment, wants_json
from web.downloads import LOOKED_AT, attachment, looked_at
from web.inbox.views import list_context
from web.instances.access import seen_instance
from web.language import side
from web.tasks import fields as form_fields
from web.tasks.fields import Values
from web.tasks.page import TaskPage, feel, task_page

tasks = Blueprint("tasks", __name__)

DECISIONS = ("agree", "reject", "abstain", "complete")


@tasks.get("/tasks/<int:slot_id>")
def show(slot_id: int) -> ResponseReturnValue:
    """Show a task beside the inbox; to htmx only the task."""
    return render_task(slot_id)


def render_task(
    slot_id: int,
    *,
    data: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    sentence: str = "",
    status: int = 200,
) -> tuple[str, int]:
    """Render a task as it is now, with what was typed and the sentence that refused it."""
    running = running_engine()
    with running.db.read() as session:
        found = human_tasks.task_detail(running, session, slot_id=slot_id, person_id=person().id)
        unread = found.slot.read_at is None and found.slot.closed_at is None
    if unread and request.method == "GET":
        human_tasks.mark_read(running, slot_id=slot_id, actor_id=person().id)
    with running.db.read() as session:
        found = human_tasks.task_detail(running, session, slot_id=slot_id, person_id=person().id)
        page = task_page(running, session, found, data=data, errors=errors)
        page.urge_address = url_for("tasks.urge", slot_id=slot_id)
        shown = {one.key for one in page.fields if one.error}
        context: dict[str, Any] = {
            "detail": page,
            "title": page.title,
            "now": running.clock.now(),
            "calendar": running.calendars.of_unit(session, found.instance.unit_id),
            "sentence": sentence,
            "tone": "plain" if status == Stale.status else "bad",
            "loose_errors": [words for key, words in (errors or {}).items() if key not in shown],
            "opinion": request.form.get("opinion", ""),
        }
        if wants_fragment():
            return render_template("tasks/detail.html", back=None, **context), status
        return render_template("inbox/page.html", **{**list_context(session, selected=slot_id), **context}), status


def _page(session: Session, slot_id: int) -> TaskPage:
    running = running_engine()
    found = human_tasks.task_detail(running, session, slot_id=slot_id, person_id=person().id)
    return task_page(running, session, found)


def _version() -> int:
    text = request.form.get("version", "")
    if not text.isdigit():
        raise InvalidInput(_("页面缺少版本号，请刷新后重试。"))
    return int(text)


def operation_guard(slot_id: int) -> dict[str, Any]:
    """Return what every operation carries: who, on which slot, having seen which version, under which key."""
    return {
        "slot_id": slot_id,
        "actor_id": person().id,
        "version": _version(),
        "key": request.form.get("key", "")[:100] or None,
    }


@tasks.post("/tasks/<int:slot_id>")
def decide(slot_id: int) -> ResponseReturnValue:
    """Carry out the button that was pressed: decide, save, claim, or change the form's rows and files."""
    operation = request.form.get("operation", "")
    running = running_engine()
    if operation in ("claim", "unclaim"):
        getattr(human_tasks, operation)(running, **operation_guard(slot_id))
        flash(_("已领取。") if operation == "claim" else _("已放回待领。"))
        return redirect(url_for("tasks.show", slot_id=slot_id) if operation == "claim" else url_for("inbox.show"))
    with running.db.read() as session:
        page = _page(session, slot_id)
    data = form_fields.read(page.schema, request.form) if page.schema else {}
    try:
        if page.can_act and not rehearsing():
            data = _with_uploads(slot_id, page, data)
        if operation.startswith(("add-row:", "remove-row:")):
            return _save(slot_id, page, form_fields.change_rows(data, operation))
        if operation.startswith("detach:"):
            return _detach(slot_id, page, data, operation.partition(":")[2])
        if operation == "save":
            return _save(slot_id, page, data)
        _decide(slot_id, operation, data if page.schema and page.can_act else None)
    except (InvalidInput, Stale, Conflict) as error:
        if wants_json():
            raise
        fields = error.fields if isinstance(error, InvalidInput) else {}
        return render_task(slot_id, data=data, errors=fields, sentence=side(str(error)), status=error.status)
    return decided(slot_id, decision_words(operation, page.title))


def _decide(slot_id: int, operation: str, data: dict[str, Any] | None) -> None:
    """Take the decision, or rehearse it; what is too late is not rehearsed, so that its opinion is kept (P4)."""
    if operation not in DECISIONS:
        raise InvalidInput(_("不认识的操作。"))
    picture = request.files.get("signature")
    given: dict[str, Any] = {
        **operation_guard(slot_id),
        "opinion": request.form.get("opinion", "").strip(),
        "signature": picture.stream.read() if picture is not None and picture.filename else None,
        **({} if operation == "abstain" else {"data": data}),
    }
    operate = getattr(human_tasks, operation)
    try:
        operate(running_engine(), dry_run=rehearsing(), **given)
    except Stale:
        if not rehearsing():
            raise
        operate(running_engine(), **given)


def decision_words(operation: str, title: str) -> str:
    """Say what has been decided."""
    return {
        "agree": _("已同意“%(title)s”", title=title),
        "reject": _("已表示不同意“%(title)s”", title=title),
        "abstain": _("已对“%(title)s”弃权", title=title),
        "complete": _("已提交“%(title)s”", title=title),
        "return": _("已退回“%(title)s”", title=title),
    }[operation]


def decided(slot_id: int, words: str) -> ResponseReturnValue:
    """Answer a decision that was taken (or rehearsed) in the form that was asked for."""
    if rehearsing() or wants_json():
        return jsonify(sentence=words)
    flash(words)
    return redirect(_next_task(slot_id))


def _with_uploads(slot_id: int, page: TaskPage, data: dict[str, Any]) -> dict[str, Any]:
    """Store the files that came with the form first; they become evidence only when the form is submitted."""
    editable = {one.key for one in page.fields if one.kind == "file" and not one.readonly}
    for field in editable:
        for upload in request.files.getlist(f"{form_fields.PREFIX}{field}.upload"):
            if not upload.filename:
                continue
            stored = human_tasks.attach(
                running_engine(),
                slot_id=slot_id,
                actor_id=person().id,
                field=field,
                filename=upload.filename,
                content=upload.stream.read(),
            )
            data[field] = [*data.get(field, []), str(stored.id)]
    return data


def _draft_version() -> int:
    text = request.form.get("draft_version", "")
    return int(text) if text.isdigit() else 0


def _save(slot_id: int, page: TaskPage, data: dict[str, Any]) -> ResponseReturnValue:
    if not page.can_act or page.schema is None:
        raise NotAllowed(_("这里没有可以保存的内容。"))
    human_tasks.save_draft(
        running_engine(), slot_id=slot_id, actor_id=person().id, data=data, draft_version=_draft_version()
    )
    flash(_("草稿已保存。"))
    return redirect(url_for("tasks.show", slot_id=slot_id))


def _detach(slot_id: int, page: TaskPage, data: dict[str, Any], attachment_id: str) -> ResponseReturnValue:
    if not attachment_id.isdigit():
        raise NotFound(_("没有这个附件。"))
    human_tasks.detach(running_engine(), slot_id=slot_id, actor_id=person().id, attachment_id=int(attachment_id))
    kept = {
        key: [one for one in value if one != attachment_id] if isinstance(value, list) else value
        for key, value in data.items()
    }
    return _save(slot_id, page, kept)


def _next_task(slot_id: int) -> str:
    """Return where to go after a decision: the next task, or the empty inbox that says so."""
    running = running_engine()
    with running.db.read() as session:
        waiting = human_tasks.inbox(running, session, person_id=person().id, box="todo", limit=2)
    following = [row.slot_id for row in waiting.rows if row.slot_id != slot_id]
    return url_for("tasks.show", slot_id=following[0]) if following else url_for("inbox.show")


@tasks.post("/tasks/<int:slot_id>/draft")
def draft(slot_id: int) -> ResponseReturnValue:
    """Save what is typed, and answer which fields hide and what computed ones show."""
    running = running_engine()
    with running.db.read() as session:
        page = _page(session, slot_id)
    if not page.can_act or page.schema is None:
        raise NotAllowed(_("这里没有可以保存的内容。"))
    data = form_fields.read(page.schema, request.form)
    version = human_tasks.save_draft(
        running, slot_id=slot_id, actor_id=person().id, data=data, draft_version=_draft_version()
    )
    shown = form_fields.present(page.schema, Values(data=data, evaluate=feel(running)))
    return jsonify(
        version=version,
        saved=_("草稿已保存"),
        hidden={one.key: one.hidden for one in shown if one.key},
        computed={one.key: one.shown for one in shown if one.kind == "computed"},
    )


@tasks.post("/tasks/<int:slot_id>/urge")
def urge(slot_id: int) -> ResponseReturnValue:
    """Remind whoever holds this task."""
    human_tasks.urge(running_engine(), **operation_guard(slot_id))
    flash(_("已催办。"))
    return redirect(request.referrer if request.referrer else url_for("inbox.show", box="mine"))


@tasks.post("/tasks/<int:slot_id>/files")
def upload(slot_id: int) -> ResponseReturnValue:
    """Take one file of a form while it is filled in, and return its tile; it counts once the form is submitted."""
    with running_engine().db.read() as session:
        human_tasks.task_detail(running_engine(), session, slot_id=slot_id, person_id=person().id)
    given = request.files.get("file")
    if given is None or not given.filename:
        raise InvalidInput(_("请选择文件。"))
    field = request.form.get("field", "")[:100]
    stored = human_tasks.attach(
        running_engine(),
        slot_id=slot_id,
        actor_id=person().id,
        field=field,
        filename=given.filename,
        content=given.stream.read(),
    )
    return render_template("tasks/uploaded.html", file=stored, name=f"{form_fields.PREFIX}{field}")


@tasks.get("/tasks/<int:slot_id>/pulse")
def pulse(slot_id: int) -> ResponseReturnValue:
    """Say whether the task has changed since the page was made (``version``)."""
    running = running_engine()
    with running.db.read() as session:
        desk = open_desk(running, session, slot_id=slot_id, actor_id=person().id, lock=False)
        seen = request.args.get("version", "")
        return jsonify(changed=str(desk.instance.version) != seen)


@tasks.get("/attachments/<int:attachment_id>")
def download(attachment_id: int) -> Response:
    """Download a file of an instance that the person sees."""
    found, content = _file(attachment_id)
    return attachment(content, filename=found.filename, media_type=found.media_type)


@tasks.get("/attachments/<int:attachment_id>/look")
def look(attachment_id: int) -> Response:
    """Show a picture, a PDF or a text within the page."""
    found, content = _file(attachment_id)
    if found.media_type not in LOOKED_AT:
        raise NotFound(_("这种文件只能下载。"))
    return looked_at(content, media_type=found.media_type)


def _file(attachment_id: int) -> tuple[Attachment, bytes]:
    with running_engine().db.read() as session:
        found = session.get(Attachment, attachment_id)
        if found is None:
            raise NotFound(_("没有这个附件。"))
        seen_instance(session, found.instance_id)
        return found, session.get_one(AttachmentContent, found.digest).content


@tasks.get("/instances/<int:instance_id>/signatures/<digest>.png")
def signature(instance_id: int, digest: str) -> Response:
    """Show a handwritten signature of an instance that the person sees."""
    with running_engine().db.read() as session:
        seen_instance(session, instance_id)
        query = select(Slot.id).where(Slot.instance_id == instance_id, Slot.signature == digest)
        if session.scalar(query.limit(1)) is None:
            raise NotFound(_("没有这个签名。"))
        return looked_at(session.get_one(AttachmentContent, digest).content, media_type="image/png")
