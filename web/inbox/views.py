"""The inbox's list; the task that is open beside it is the business of :mod:`web.tasks`."""

import secrets
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks as human_tasks
from engine.definitions.models import PackageVersion
from engine.errors import InvalidInput
from web.context import person, running_engine, wants_fragment
from web.inbox.saved import address_of_view
from web.language import pick
from workflows.organisation.models import Unit
from workflows.saved_views.service import views_of

inbox = Blueprint("inbox", __name__)

BOXES = ("todo", "proxy", "supervise", "done", "mine", "copies", "drafts")
PAGE = 50


def list_context(session: Session, *, selected: int | None = None, box: str | None = None) -> dict[str, Any]:
    """Return what ``inbox/list.html`` needs, with the filters of the address."""
    running = running_engine()
    box = box or request.args.get("box", "todo")
    if box not in BOXES:
        raise InvalidInput(_("没有这个信箱。"))
    views = views_of(session, person().id)
    search = request.args.get("q", "").strip()[:100]
    package = request.args.get("package") or None
    overdue = request.args.get("overdue") == "1"
    unread = request.args.get("unread") == "1"
    before = request.args.get("before")
    if box == "drafts":
        return {**_drafts(session), "views": views}
    page = human_tasks.inbox(
        running,
        session,
        person_id=person().id,
        box=box,
        search=search,
        package_key=package,
        overdue=overdue,
        unread=unread,
        limit=PAGE,
        before=before,
    )
    unit_ids = {row.unit_id for row in page.rows if row.unit_id is not None}
    units = session.scalars(select(Unit).where(Unit.id.in_(unit_ids))) if unit_ids else ()
    query = {
        key: value for key, value in request.args.items() if key in ("q", "package", "overdue", "unread") and value
    }
    if box != "todo" or any(one.is_default for one in views):
        query["box"] = box
    live = select(PackageVersion).where(PackageVersion.live).order_by(PackageVersion.name)
    return {
        "section": "inbox",
        "box": box,
        "search": search,
        "package": package,
        "overdue": overdue,
        "unread": unread,
        "views": views,
        "query": {**query, "box": box},
        "drafts": [],
        "page": page,
        "links": [_address(row, query, box) for row in page.rows],
        "more": url_for("inbox.show", **{**query, "before": page.next}) if page.next else "",
        "back": url_for("inbox.show", **query),
        "selected": selected,
        "now": running.clock.now(),
        "units": {unit.id: pick(unit.name, unit.name_en) for unit in units},
        "calendars": {unit_id: running.calendars.of_unit(session, unit_id) for unit_id in unit_ids},
        "processes": [(one.key, pick(one.name, one.name_en)) for one in session.scalars(live)],
        "next_due": human_tasks.next_due(session, person().id) if box == "todo" else None,
    }


def _drafts(session: Session) -> dict[str, Any]:
    """Return what the list needs to show what was prepared and not started (草稿箱)."""
    live = {one.key: one for one in session.scalars(select(PackageVersion).where(PackageVersion.live))}
    found = human_tasks.start_drafts(session, person_id=person().id)
    return {
        "section": "inbox",
        "box": "drafts",
        "search": "",
        "package": None,
        "overdue": False,
        "unread": False,
        "drafts": [(one, live.get(one.package_key)) for one in found],
        "page": human_tasks.InboxPage([], None),
        "links": [],
        "more": "",
        "back": url_for("inbox.show", box="drafts"),
        "selected": None,
        "now": running_engine().clock.now(),
        "units": {},
        "calendars": {},
        "processes": [],
        "query": {"box": "drafts"},
        "next_due": None,
    }


def _address(row: Any, query: dict[str, str], box: str) -> str:
    if row.slot_id is not None and box in ("todo", "proxy", "supervise", "done"):
        return url_for("tasks.show", slot_id=row.slot_id, **query)
    return url_for("instances.show", instance_id=row.instance_id, **query)


@inbox.get("/inbox")
def show() -> ResponseReturnValue:
    """Show one of the boxes; without any filter, the view that opens by itself."""
    with running_engine().db.read() as session:
        chosen = next((one for one in views_of(session, person().id) if one.is_default), None)
        if chosen is not None and not request.args:
            return redirect(address_of_view(chosen))
        template = "inbox/list.html" if wants_fragment() else "inbox/page.html"
        return render_template(template, detail=None, **list_context(session))


@inbox.post("/inbox/drafts/<int:draft_id>/delete")
def delete_draft(draft_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    human_tasks.delete_start_draft(running_engine(), person_id=person().id, draft_id=draft_id)
    flash(_("草稿已删除。"))
    return redirect(url_for("inbox.show", box="drafts"))


@inbox.route("/inbox/agree", methods=["GET", "POST"])
def agree_to_many() -> ResponseReturnValue:
    """List what was chosen with one opinion, then agree to it and say what became of each (批量同意)."""
    running = running_engine()
    chosen = [int(text) for text in request.values.getlist("slot") if text.isdigit()]
    results = None
    if request.method == "POST":
        results = human_tasks.batch_agree(
            running,
            slot_ids=chosen,
            actor_id=person().id,
            opinion=request.form.get("opinion", "").strip(),
            key=request.form.get("key", "")[:80] or None,
        )
    with running.db.read() as session:
        todo = human_tasks.inbox(running, session, person_id=person().id, box="todo", limit=200)
    offered = [row for row in todo.rows if row.batch and (not chosen or row.slot_id in chosen)]
    template = "inbox/agree_form.html" if wants_fragment() else "inbox/agree.html"
    return render_template(
        template, rows=offered, results=results, key=secrets.token_hex(12), section="inbox", chosen=chosen
    )


@inbox.get("/inbox/count")
def count() -> ResponseReturnValue:
    """Return the number on the inbox; 304 while nothing changed."""
    running = running_engine()
    with running.db.read() as session:
        known = human_tasks.counters(running, session, person_id=person().id)
    response = Response(str(known.todo or ""))
    response.set_etag(f"todo-{known.todo}")
    response.cache_control.no_cache = True
    return response.make_conditional(request)
