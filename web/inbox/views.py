"""The inbox's list; the task that is open beside it is the business of :mod:`web.tasks`."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import tasks as human_tasks
from engine.definitions.models import PackageVersion
from engine.errors import InvalidInput
from web.context import person, running_engine
from web.language import pick
from workflows.organisation.models import Unit

inbox = Blueprint("inbox", __name__)

BOXES = ("todo", "done", "mine", "copies")
PAGE = 50


def list_context(session: Session, *, selected: int | None = None, box: str | None = None) -> dict[str, Any]:
    """Return what ``inbox/list.html`` needs, with the filters of the address."""
    running = running_engine()
    box = box or request.args.get("box", "todo")
    if box not in BOXES:
        raise InvalidInput(_("没有这个信箱。"))
    search = request.args.get("q", "").strip()[:100]
    package = request.args.get("package") or None
    overdue = request.args.get("overdue") == "1"
    before = request.args.get("before")
    page = human_tasks.inbox(
        running,
        session,
        person_id=person().id,
        box=box,
        search=search,
        package_key=package,
        overdue=overdue,
        limit=PAGE,
        before=before,
    )
    unit_ids = {row.unit_id for row in page.rows if row.unit_id is not None}
    units = session.scalars(select(Unit).where(Unit.id.in_(unit_ids))) if unit_ids else ()
    query = {key: value for key, value in request.args.items() if key in ("q", "package", "overdue") and value}
    if box != "todo":
        query["box"] = box
    live = select(PackageVersion).where(PackageVersion.live).order_by(PackageVersion.name)
    return {
        "section": "inbox",
        "box": box,
        "search": search,
        "package": package,
        "overdue": overdue,
        "page": page,
        "links": [_address(row, query, box) for row in page.rows],
        "more": url_for("inbox.show", **{**query, "before": page.next}) if page.next else "",
        "back": url_for("inbox.show", **query),
        "selected": selected,
        "now": running.clock.now(),
        "units": {unit.id: pick(unit.name, unit.name_en) for unit in units},
        "calendars": {unit_id: running.calendars.of_unit(session, unit_id) for unit_id in unit_ids},
        "processes": [(one.key, pick(one.name, one.name_en)) for one in session.scalars(live)],
        "next_due": None,
    }


def _address(row: Any, query: dict[str, str], box: str) -> str:
    if row.slot_id is not None and box in ("todo", "done"):
        return url_for("tasks.show", slot_id=row.slot_id, **query)
    return url_for("instances.show", instance_id=row.instance_id, **query)


@inbox.get("/inbox")
def show() -> ResponseReturnValue:
    """Show one of the four boxes."""
    with running_engine().db.read() as session:
        return render_template("inbox/page.html", detail=None, **list_context(session))


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
