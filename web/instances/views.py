"""An instance as a whole: who started it, where it stands, and its diagram."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine import tasks as human_tasks
from engine.errors import NotFound
from web.assets import built_file
from web.context import running_engine, wants_fragment
from web.downloads import document
from web.inbox.views import list_context
from web.instances.access import seen_instance
from web.instances.paper import approval_form
from web.tasks.page import instance_page
from workflows.documents.paper import print_paper

instances = Blueprint("instances", __name__)


@instances.get("/instances/<int:instance_id>")
def show(instance_id: int) -> ResponseReturnValue:
    """Show one instance to somebody who has to do with it."""
    running = running_engine()
    with running.db.read() as session:
        found = seen_instance(session, instance_id)
        page = instance_page(running, session, found)
        context: dict[str, Any] = {"detail": page, "now": running.clock.now(), "title": page.title}
        context["calendar"] = running.calendars.of_unit(session, found.instance.unit_id)
        if wants_fragment():
            return render_template("tasks/detail.html", back=None, **context)
        box = request.args.get("box", "mine")
        return render_template("inbox/page.html", **{**list_context(session, box=box), **context})


def _diagram_of(session: Session, instance_id: int) -> bytes:
    """Return the file that holds the instance's process, as it was published."""
    running = running_engine()
    found = seen_instance(session, instance_id).instance
    loaded = running.packages.get(session, found.package_version_id)
    for path, definition in loaded.diagrams.items():
        if found.process_id in definition.processes:
            return loaded.files[path]
    raise NotFound(_("没有这张流程图。"))


@instances.get("/instances/<int:instance_id>/diagram.bpmn")
def diagram(instance_id: int) -> Response:
    """Return the diagram's XML."""
    with running_engine().db.read() as session:
        return Response(_diagram_of(session, instance_id), mimetype="application/xml")


@instances.get("/instances/<int:instance_id>/diagram.json")
def state(instance_id: int) -> Response:
    """Return what is done, current and broken, by element."""
    running = running_engine()
    with running.db.read() as session:
        seen_instance(session, instance_id)
        return jsonify(human_tasks.diagram_state(running, session, instance_id=instance_id))


@instances.get("/instances/<int:instance_id>/form.pdf")
def paper(instance_id: int) -> Response:
    """Return the approval form (审批单) for printing."""
    running = running_engine()
    with running.db.read() as session:
        found = seen_instance(session, instance_id)
        page = instance_page(running, session, found)
        sheet = approval_form(session, page, found.instance, now=running.clock.now())
    content = print_paper(sheet, font=built_file("fonts/noto-sans-sc.ttf"))
    return document(content, filename=f"{page.title}.pdf", media_type="application/pdf")
