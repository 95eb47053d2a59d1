"""The list of notifications; opening one marks it read and goes to what it is about."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select, update

from engine.errors import NotFound
from engine.tasks.models import Notice
from web.context import person, running_engine

notices = Blueprint("notices", __name__)

PAGE = 100


@notices.get("/notices")
def show() -> ResponseReturnValue:
    """Show the newest notifications."""
    running = running_engine()
    query = select(Notice).where(Notice.person_id == person().id).order_by(Notice.id.desc()).limit(PAGE)
    with running.db.read() as session:
        return render_template(
            "notices/page.html", notices=list(session.scalars(query)), now=running.clock.now(), section="notices"
        )


@notices.get("/notices/<int:notice_id>")
def open_one(notice_id: int) -> ResponseReturnValue:
    """Mark one read and go on to its task or instance."""
    running = running_engine()
    with running.db.write() as session:
        found = session.get(Notice, notice_id)
        if found is None or found.person_id != person().id:
            raise NotFound(_("没有这条通知。"))
        found.read_at = found.read_at or running.clock.now()
        if found.slot_id is not None:
            return redirect(url_for("tasks.show", slot_id=found.slot_id))
        if found.instance_id is not None:
            return redirect(url_for("instances.show", instance_id=found.instance_id))
    return redirect(url_for("notices.show"))


@notices.post("/notices/read")
def read_all() -> ResponseReturnValue:
    """Mark everything read."""
    running = running_engine()
    with running.db.write() as session:
        session.execute(
            update(Notice)
            .where(Notice.person_id == person().id, Notice.read_at.is_(None))
            .values(read_at=running.clock.now())
        )
    return redirect(url_for("notices.show"))
